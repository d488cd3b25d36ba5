"""Keeps what was fetched online within its age. No command; a task that runs nightly."""

import logging
from datetime import time, timedelta

from discord.ext import commands, tasks

from bot.client import Marquee
from bot.core.discord.error_handler import log_errors

log = logging.getLogger(__name__)
NIGHTLY = time(4, 0)
"""In UTC."""
LAST_TIDY = "online data tidied on"


class OnlineCog(commands.Cog, name="Online"):
    """Deletes metadata that is too old."""

    def __init__(self, bot: Marquee) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        """Tidy up behind the start, then nightly."""
        if self.bot.services.periodic:
            self.nightly.start()
        self.at_start.start()

    async def cog_unload(self) -> None:
        """Stop."""
        self.nightly.cancel()
        self.at_start.cancel()

    @tasks.loop(count=1)
    async def at_start(self) -> None:
        """Tidy up if the bot was off at night."""
        await self._tidy()

    @tasks.loop(time=NIGHTLY)
    async def nightly(self) -> None:
        """Tidy up."""
        await self._tidy()

    async def _tidy(self) -> None:
        services = self.bot.services
        with log_errors("the nightly tidying"):
            if await services.claim(LAST_TIDY, services.online.now(), timedelta(hours=12)):
                gone = await services.online.tidy()
                log.info("what was fetched too long ago is deleted: %d films", gone)


async def setup(bot: Marquee) -> None:
    """Add the cog."""
    await bot.add_cog(OnlineCog(bot))
