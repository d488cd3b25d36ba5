"""Which settings apply to members, what others may see of them, and who is still in a server.

The ratings of members who left don't count in a server until they come back. Discord reports departures only to
bots with a privileged intent, which Marquee does without. Instead, whenever a server uses it, Marquee looks up a
few members, those not looked up for longest, and each at most once a day.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import discord
from cachetools import LRUCache

from bot.core.tasks import SingleFlight
from bot.members.models import CountryPreference, CountrySource, Privacy
from bot.members.repository import (
    MembershipRepository,
    PreferenceRepository,
    PrivacyRepository,
    ServerSettingsRepository,
)

log = logging.getLogger(__name__)
CHECK_INTERVAL = timedelta(days=1)
HINTED_MEMBERS = 50_000
"""Members of whom it is known without reading it that they were told how to set their country, the last ones."""
LOOKUP_LIMIT = 3
"""Members looked up at a time: each is one request to Discord."""


class MembershipService:
    """Keeps track of who is still in a server. `now` returns the current time."""

    def __init__(self, repository: MembershipRepository, now: Callable[[], datetime]) -> None:
        self._repository = repository
        self._now = now
        self._lookups: SingleFlight[int, None] = SingleFlight()
        self.departure_listeners: list[Callable[[int, int], Awaitable[None]]] = []
        """Called with a server and a member who was found to have left it."""

    async def refresh_members(self, guild: discord.Guild) -> None:
        """Look up the members of this server who have not been looked up for longest, on most days nobody.

        Calls while a look-up in the server is under way wait for it instead of starting another.
        """
        await self._lookups.run(guild.id, lambda: self._look_up(guild))

    async def list_servers(self, member_id: int) -> list[int]:
        """Return the ids of the servers in which the member is, as far as they have left something there."""
        return await self._repository.list_servers(member_id)

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
                for listener in self.departure_listeners:
                    await listener(guild.id, member_id)
            except discord.HTTPException as error:
                log.info("members could not be looked up: Discord says %d", error.status)
                return
            else:
                await self._repository.mark_present(guild.id, [member_id], self._now())


class PreferenceService:
    """Combines members' preferences, which `repository` reads and writes, with the servers' settings."""

    def __init__(self, repository: PreferenceRepository, server_settings: ServerSettingsRepository) -> None:
        self.repository = repository
        self._server_settings = server_settings
        self._hinted: LRUCache[int, bool] = LRUCache(HINTED_MEMBERS)

    async def claim_country_hint(self, member_id: int) -> bool:
        """Return whether to tell the member how to set their country, which is done once."""
        if member_id in self._hinted:
            return False
        self._hinted[member_id] = True
        return await self.repository.claim_country_hint(member_id)

    async def get_locale(self, member_id: int) -> str | None:
        """Return the language of the member's Discord client, or None where none was remembered."""
        return (await self.repository.list_locales([member_id])).get(member_id)

    async def remember_locale(self, member_id: int, locale: str) -> None:
        """Store the language of the member's Discord client, where it has changed."""
        if await self.get_locale(member_id) != locale:
            await self.repository.set_locale(member_id, locale)

    async def get_country(self, member_id: int, server_id: int | None) -> CountryPreference | None:
        """Return the country that applies to the member in the server, or None if neither has set one."""
        if (country := await self.repository.get_country(member_id)) is not None:
            return CountryPreference(country, CountrySource.MEMBER)
        if server_id is not None:
            country = (await self._server_settings.get(server_id)).country
        return CountryPreference(country, CountrySource.SERVER) if country is not None else None

    async def get_country_code(self, member_id: int, server_id: int | None) -> str | None:
        """Return the code (ISO 3166-1 alpha-2) of the country that applies, or None if neither has set one."""
        preference = await self.get_country(member_id, server_id)
        return preference.code if preference is not None else None


class PrivacyService:
    """Applies what members decide about their data; `repository` exports it."""

    def __init__(self, repository: PrivacyRepository) -> None:
        self.repository = repository

    async def get_privacy(self, member_id: int) -> Privacy:
        """Return what others may see of the member."""
        return (await self.list_privacy([member_id]))[member_id]

    async def list_privacy(self, member_ids: Iterable[int]) -> dict[int, Privacy]:
        """Return what others may see of these members, by member; the defaults for those who chose nothing."""
        member_ids = set(member_ids)
        chosen = await self.repository.list_privacy(member_ids)
        return {member_id: chosen.get(member_id, Privacy()) for member_id in member_ids}

    async def set_name_hidden(self, member_id: int, is_name_hidden: bool) -> list[int]:
        """Store whether lists leave the member's name out; return the servers with a message that names them."""
        await self.repository.change_privacy(
            member_id, lambda before: replace(before, is_name_hidden=is_name_hidden)
        )
        return await self.repository.list_announced_servers(member_id)

    async def set_diary_public(self, member_id: int, is_diary_public: bool) -> None:
        """Store whether others may read the member's diary."""
        await self.repository.change_privacy(
            member_id, lambda before: replace(before, is_diary_public=is_diary_public)
        )

    async def delete_data(self, member_id: int) -> list[int]:
        """Delete everything stored about the member; return the servers with a message that names them."""
        announced = await self.repository.delete_data(member_id)
        await self.repository.erase_deleted()
        return announced
