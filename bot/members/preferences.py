"""Which country applies to a member: their own, or the server's."""

from enum import StrEnum

from bot.members.settings_repository import MemberSettingsRepository, ServerSettingsRepository


class CountrySource(StrEnum):
    """Whose setting a country comes from."""

    MEMBER = "member"
    SERVER = "server"


class PreferenceService:
    """Resolves members' preferences: a member's own setting comes before the server's."""

    def __init__(self, repository: MemberSettingsRepository, server_settings: ServerSettingsRepository) -> None:
        self.repository = repository
        self._server_settings = server_settings

    async def resolve_country(self, member_id: int, server_id: int | None) -> tuple[str, CountrySource] | None:
        """Return the country (ISO 3166-1 alpha-2) that applies and whose setting it is, or None if none is set."""
        if (country := await self.repository.get_country(member_id)) is not None:
            return country, CountrySource.MEMBER
        if server_id is not None:
            country = (await self._server_settings.get(server_id)).country
        return (country, CountrySource.SERVER) if country is not None else None

    async def get_country(self, member_id: int, server_id: int | None) -> str | None:
        """Return the country (ISO 3166-1 alpha-2) that applies to the member, or None if none is set."""
        resolved = await self.resolve_country(member_id, server_id)
        return resolved[0] if resolved is not None else None
