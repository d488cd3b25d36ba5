"""The try page's clock: it follows real time, or runs faster; actions are run one after the other."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import discord
import simcord
from simcord.backend.errors import SetupError

from bot.client import Marquee
from bot.core.database.key_value import KeyValueRepository

T = TypeVar("T")
TICK_SECONDS, FAST_TICK_SECONDS = 5.0, 1.0
"""Seconds between two advances of the clock, and between two of a fast clock. Visitors wait while the clock
advances, the longer the more simulated time passes."""
FAST_SPEED = 600.0
"""From this speed on the clock is a fast one."""
PAUSE_AFTER_ACTION = timedelta(seconds=3)
"""How long a fast clock pauses after a visitor typed, chose or pressed something."""
CLOSE_TIMEOUT = 3.0
"""Seconds that an action which runs while the page is stopped has to end."""
CLOCK_KEY = "try clock"
"""The key under which the database keeps the simulated time."""


class ActionQueue:
    """Makes visitors' actions and background actions wait for each other: SimCord refuses two at once."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def run(self, action: Callable[[], Awaitable[T]]) -> T:
        """Run an action once those before it are done, and return what it returns."""
        async with self._lock:
            return await action()

    async def close(self) -> None:
        """Start no further action, and wait a while for the one that runs."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._lock.acquire(), CLOSE_TIMEOUT)

    async def run_in_background(self, action: Callable[[], Awaitable[object]]) -> None:
        """Run an action that nobody waits for: one that takes too long goes on by itself."""
        with contextlib.suppress(SetupError, TimeoutError):
            await self.run(action)


class PreviewClock:
    """The simulated clock, `speed` times as fast as the real one.

    `on_change` is called as a fast clock advances, and when the speed changes.
    """

    def __init__(self, env: simcord.Env, bot: Marquee, speed: float) -> None:
        self._env = env
        self._bot = bot
        self._key_values = KeyValueRepository(bot.services.database)
        self._speed = speed
        self._real_start = self._simulated_start = datetime.now(UTC)
        self._last_action_at = self._real_start - PAUSE_AFTER_ACTION
        self._has_changed = asyncio.Event()
        self.on_change: Callable[[], None] = lambda: None

    @property
    def speed(self) -> float:
        """How many times faster than real time the clock runs; 0 while it stands still."""
        return self._speed

    async def start(self) -> None:
        """Set the clock to the real time, or to the simulated time of the last run where that is later.

        Must be called before the bot starts: a running bot would go through all that time minute by minute.
        """
        saved = await self._key_values.get(CLOCK_KEY)
        if saved is not None:
            self._simulated_start = max(self._simulated_start, datetime.fromisoformat(saved))
        self._env.backend.advance_clock(self._seconds_behind())
        self._bot.add_listener(self._record_action, "on_interaction")

    def change_speed(self, speed: float) -> None:
        """Let the clock run that many times as fast from now on."""
        self._real_start, self._simulated_start = datetime.now(UTC), self._env.now()
        self._speed = speed
        self._has_changed.set()
        self.on_change()

    async def _record_action(self, _: discord.Interaction[Any]) -> None:
        self._last_action_at = datetime.now(UTC)

    async def run(self, actions: ActionQueue) -> None:
        """Advance the clock for ever, one advance an action of the queue."""
        while True:
            slept_from = datetime.now(UTC)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._has_changed.wait(), self._tick_seconds)
                self._has_changed.clear()
                continue
            if self._speed == 0:
                continue
            if self._speed >= FAST_SPEED and datetime.now(UTC) - self._last_action_at < PAUSE_AFTER_ACTION:
                self._real_start += datetime.now(UTC) - slept_from  # simulated time stands still meanwhile
                continue
            await actions.run_in_background(lambda: self._env.advance_time(self._step_seconds()))
            if self._speed > 1:
                await self._key_values.set(CLOCK_KEY, self._env.now().isoformat())
                self.on_change()

    @property
    def _tick_seconds(self) -> float:
        return TICK_SECONDS if self._speed < FAST_SPEED else FAST_TICK_SECONDS

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
