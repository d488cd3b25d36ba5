"""Who is still in a server: the ratings of members who left don't count there until they come back.

Discord reports departures only to bots with a privileged intent, which Marquee does without. Instead, whenever
a server uses it, Marquee looks up a few members, those not looked up for longest, and each at most once a day.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import discord

from bot.core.tasks import SingleFlight
from bot.members.membership_repository import MembershipRepository

log = logging.getLogger(__name__)
CHECK_INTERVAL = timedelta(days=1)
LOOKUP_LIMIT = 3
"""Members looked up at a time: each is one request to Discord."""


class MembershipService:
    """Keeps track of who is still in a server. `now` returns the current time."""

    def __init__(self, repository: MembershipRepository, now: Callable[[], datetime]) -> None:
        self._repository = repository
        self._now = now
        self._lookups: SingleFlight[int, None] = SingleFlight()

    async def refresh_members(self, guild: discord.Guild) -> None:
        """Look up the members of this server who have not been looked up for longest, on most days nobody.

        Calls while a look-up in the server is under way wait for it instead of starting another.
        """
        await self._lookups.run(guild.id, lambda: self._look_up(guild))

    async def close(self) -> None:
        """Cancel look-ups that are still under way."""
        await self._lookups.close()

    async def _look_up(self, guild: discord.Guild) -> None:
        now = self._now()
        unchecked = await self._repository.list_unchecked(
            guild.id, before=now - CHECK_INTERVAL, after=now + CHECK_INTERVAL, limit=LOOKUP_LIMIT
        )
        for member_id in unchecked:
            try:
                await guild.fetch_member(member_id)
            except discord.NotFound:
                await self._repository.mark_departed(guild.id, [member_id], self._now())
            except discord.HTTPException as error:
                log.info("members could not be looked up: Discord says %d", error.status)
                return
            else:
                await self._repository.mark_present(guild.id, [member_id], self._now())
