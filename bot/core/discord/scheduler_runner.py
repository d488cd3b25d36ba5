"""Runs a feature's scheduler in the bot: does what is due, and sleeps until something is due again."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import discord
from discord.ext import tasks

from bot.core.discord.error_handler import log_errors
from bot.core.scheduler import Scheduler
from bot.core.text.i18n import use_locale

RETRY_DELAY = timedelta(minutes=1)
"""How long the scheduler sleeps after it has failed."""


class SchedulerRunner:
    """Runs the scheduler for the servers that this process serves.

    `refresh` takes over what moved in a server, by its id; `run_due_jobs` does the server's jobs. Both speak the
    language of `get_locale`. In the log the scheduler is called `name`, and what a server has `subject`.
    """

    def __init__(
        self,
        client: discord.Client,
        scheduler: Scheduler[Any, Any],
        *,
        refresh: Callable[[int], Awaitable[None]],
        run_due_jobs: Callable[[discord.Guild], Awaitable[None]],
        get_locale: Callable[[discord.Guild], str],
        name: str,
        subject: str,
    ) -> None:
        self._client = client
        self._scheduler = scheduler
        self._refresh = refresh
        self._run_due_jobs = run_due_jobs
        self._get_locale = get_locale
        self._name = name
        self._subject = subject
        self._is_woken = False

    def start(self) -> None:
        """Start, unless it runs already. The client must know its servers."""
        if not self._run.is_running():
            self._run.start()

    def wake(self) -> None:
        """Look at once for what is due, since that may have changed."""
        self._is_woken = True
        self._run.change_interval(seconds=0)

    def stop(self) -> None:
        """Stop."""
        self._run.cancel()

    @tasks.loop(seconds=1)
    async def _run(self) -> None:
        self._is_woken = False
        listed_at, wait = self._scheduler.now(), RETRY_DELAY
        with log_errors(self._name):
            for server_id in await self._scheduler.list_due_servers():
                await self._run_server(server_id)
            # Something more may have become due while these servers were served.
            wait = await self._scheduler.get_wait(listed_at)
        # What changed meanwhile is looked at without a wait.
        self._run.change_interval(seconds=0 if self._is_woken else wait.total_seconds())

    async def _run_server(self, server_id: int) -> None:
        """Move one server forward to now and do its jobs, if this process serves that server."""
        guild = self._client.get_guild(server_id)
        if guild is None or guild.unavailable:
            return
        with use_locale(self._get_locale(guild)), log_errors(f"{self._subject} of server {server_id}"):
            if await self._scheduler.advance(server_id):
                await self._refresh(server_id)
            await self._run_due_jobs(guild)
