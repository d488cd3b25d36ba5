"""Runs the actions of the try page one after the other: SimCord handles one at a time and rejects others."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import simcord
from simcord.backend.errors import SetupError


class ActionQueue:
    """Makes visitors' actions and background actions wait for each other.

    SimCord rejects a press that arrives while time is being advanced, without a reply, and the page would wait for
    that reply for ever.
    """

    def __init__(self, env: simcord.Env, page: simcord.Preview) -> None:
        self._env = env
        self._page = page
        self._lock = asyncio.Lock()
        self._waiting_visitors = 0
        self._shown_requests = len(env.http_requests)
        self._handle_action: Callable[[str | None, Mapping[str, Any]], Awaitable[dict[str, Any]]] = page._action
        # SimCord has no hook for this: its server calls this method for everything that a visitor does.
        page._action = self._run_visitor_action  # type: ignore[method-assign]

    async def _run_visitor_action(self, context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
        self._waiting_visitors += 1
        try:
            async with self._lock:
                reply = await self._handle_action(context_id, body)
                self._shown_requests = len(self._env.http_requests)
                return reply
        finally:
            self._waiting_visitors -= 1

    async def run(self, action: Callable[[], Awaitable[object]]) -> None:
        """Run a background action, and refresh the page if the bot sent anything meanwhile.

        The page is not refreshed while a visitor's action waits: that action would then belong to an outdated
        page, and the reply to it shows everything anyway.
        """
        async with self._lock:
            with contextlib.suppress(SetupError, TimeoutError):
                await action()
                if len(self._env.http_requests) > self._shown_requests and not self._waiting_visitors:
                    await self._page.refresh()
                    self._shown_requests = len(self._env.http_requests)
