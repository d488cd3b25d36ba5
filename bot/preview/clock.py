"""The try page's clock: it follows the real one, or outruns it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import simcord

from bot.client import Marquee
from bot.core.database.key_value import FactStore
from bot.preview.turns import Turns

TICK, QUICK_TICK = 5.0, 1.0
"""Seconds between two looks at the real clock, and where it is outrun by far. Each takes a moment that who acts
has to wait for, the longer the more time there is to live through."""
QUICK = 600.0
PAUSE = timedelta(seconds=3)
"""How long the clock lets somebody be who has just typed, chosen or pressed something."""
CLOCK_FACT = "try clock"


class PreviewClock:
    """The simulated clock, `speed` times as fast as the real one."""

    def __init__(self, env: simcord.Env, bot: Marquee, speed: float) -> None:
        self._env = env
        self._bot = bot
        self._facts = FactStore(bot.services.database)
        self._speed = speed
        self._tick = TICK if speed < QUICK else QUICK_TICK
        self._began = self._began_there = datetime.now(UTC)
        self._acted = self._began - PAUSE

    async def start(self) -> None:
        """Set the clock to the real time, or to where it was where that is later, before the bot starts.

        A bot that was there already would live through all that time, minute by minute.
        """
        shown = await self._facts.get(CLOCK_FACT)
        if shown is not None:
            self._began_there = max(self._began_there, datetime.fromisoformat(shown))
        self._env.backend.advance_clock(self._behind())
        self._bot.add_listener(self._somebody_acts, "on_interaction")

    async def _somebody_acts(self, _: discord.Interaction[Any]) -> None:
        self._acted = datetime.now(UTC)

    async def follow(self, turns: Turns) -> None:
        """Keep the clock going, in turn with who acts; who has just acted is waited for."""
        while True:
            looked = datetime.now(UTC)
            await asyncio.sleep(self._tick)
            if datetime.now(UTC) - self._acted < PAUSE:
                if self._speed > 1:
                    self._began += datetime.now(UTC) - looked  # there it stands still meanwhile
                continue
            await turns.take(lambda: self._env.advance_time(self._leap()))
            if self._speed > 1:
                await self._facts.put(CLOCK_FACT, self._env.now().isoformat())

    def _leap(self) -> float:
        """Give the seconds to go on by, no more than one look is worth: each would take longer than the last."""
        return min(self._behind(), self._tick * self._speed) if self._speed > 1 else self._behind()

    def _behind(self) -> float:
        """Give the seconds by which the simulated clock is behind."""
        there = self._began_there + (datetime.now(UTC) - self._began) * self._speed
        return max(0.0, (there - self._env.now()).total_seconds())
