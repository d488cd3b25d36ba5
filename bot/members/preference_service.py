"""Which settings apply to a member: their own, else the server's."""

from bot.members.models import CountryPreference, CountrySource
from bot.members.preference_repository import PreferenceRepository
from bot.members.server_settings_repository import ServerSettingsRepository


class PreferenceService:
    """Combines members' preferences, which `repository` reads and writes, with the servers' settings."""

    def __init__(self, repository: PreferenceRepository, server_settings: ServerSettingsRepository) -> None:
        self.repository = repository
        self._server_settings = server_settings

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
