"""The try page's clock: it follows real time, or runs faster; actions are run one after the other."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import simcord
from simcord.backend.errors import SetupError

from bot.client import Marquee
from bot.core.database.key_value import KeyValueRepository

TICK_SECONDS, FAST_TICK_SECONDS = 5.0, 1.0
"""Seconds between two advances of the clock, and between two of a fast clock. Visitors wait while the clock
advances, the longer the more simulated time passes."""
FAST_SPEED = 600.0
"""From this speed on the clock is a fast one."""
PAUSE_AFTER_ACTION = timedelta(seconds=3)
"""How long the clock pauses after a visitor typed, chose or pressed something."""
CLOCK_KEY = "try clock"
"""The key under which the database keeps the simulated time."""


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


class PreviewClock:
    """The simulated clock, `speed` times as fast as the real one."""

    def __init__(self, env: simcord.Env, bot: Marquee, speed: float) -> None:
        self._env = env
        self._bot = bot
        self._key_values = KeyValueRepository(bot.services.database)
        self._speed = speed
        self._tick_seconds = TICK_SECONDS if speed < FAST_SPEED else FAST_TICK_SECONDS
        self._real_start = self._simulated_start = datetime.now(UTC)
        self._last_action_at = self._real_start - PAUSE_AFTER_ACTION

    async def start(self) -> None:
        """Set the clock to the real time, or to the simulated time of the last run where that is later.

        Must be called before the bot starts: a running bot would go through all that time minute by minute.
        """
        saved = await self._key_values.get(CLOCK_KEY)
        if saved is not None:
            self._simulated_start = max(self._simulated_start, datetime.fromisoformat(saved))
        self._env.backend.advance_clock(self._seconds_behind())
        self._bot.add_listener(self._record_action, "on_interaction")

    async def _record_action(self, _: discord.Interaction[Any]) -> None:
        self._last_action_at = datetime.now(UTC)

    async def run(self, actions: ActionQueue) -> None:
        """Advance the clock for ever, one advance an action of the queue."""
        while True:
            slept_from = datetime.now(UTC)
            await asyncio.sleep(self._tick_seconds)
            if datetime.now(UTC) - self._last_action_at < PAUSE_AFTER_ACTION:
                if self._speed > 1:
                    self._real_start += datetime.now(UTC) - slept_from  # simulated time stands still meanwhile
                continue
            await actions.run(lambda: self._env.advance_time(self._step_seconds()))
            if self._speed > 1:
                await self._key_values.set(CLOCK_KEY, self._env.now().isoformat())

    def _step_seconds(self) -> float:
        """Return the simulated seconds to advance by.

        A clock that runs faster advances by one tick's worth at most, or each advance would take longer than the
        last.
        """
        if self._speed > 1:
            return min(self._seconds_behind(), self._tick_seconds * self._speed)
        return self._seconds_behind()

    def _seconds_behind(self) -> float:
        """Return the seconds by which the simulated clock is behind."""
        target = self._simulated_start + (datetime.now(UTC) - self._real_start) * self._speed
        return max(0.0, (target - self._env.now()).total_seconds())
