"""What servers and members have set for themselves."""

from enum import StrEnum
from typing import Protocol

from bot.members.server_settings_repository import ServerSettingsRepository


class PreferenceStore(Protocol):
    """Where settings are kept."""

    async def member_country(self, member_id: int) -> str | None:
        """Give the member's country (ISO 3166-1 alpha-2), or None."""
        ...

    async def set_member_country(self, member_id: int, country: str | None) -> None:
        """Store it; returns when it is stored."""
        ...


class CountrySource(StrEnum):
    """Whose setting a country comes from."""

    MEMBER = "member"
    SERVER = "server"


class PreferenceService:
    """Answers what holds for a member in a server: their own setting, else the server's."""

    def __init__(self, store: PreferenceStore, server_settings: ServerSettingsRepository) -> None:
        self._store = store
        self._server_settings = server_settings

    async def country(self, member_id: int, server_id: int | None) -> tuple[str, CountrySource] | None:
        """Give the country that holds, and whose setting it is; None where nobody set one."""
        if (country := await self._store.member_country(member_id)) is not None:
            return country, CountrySource.MEMBER
        if server_id is not None:
            country = (await self._server_settings.get(server_id)).country
        return (country, CountrySource.SERVER) if country is not None else None

    async def set_member_country(self, member_id: int, country: str | None) -> None:
        """Store the member's country, or forget it."""
        await self._store.set_member_country(member_id, country)
