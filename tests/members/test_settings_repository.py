from dataclasses import replace

from bot.core.database.engine import Database
from bot.members.preferences import CountrySource, PreferenceService
from bot.members.server_settings import ServerSettings
from bot.members.settings_repository import MemberSettingsRepository, ServerSettingsRepository

MINA, CLUB = 11, 1_100_000_000_000_000_000


async def test_a_members_country_counts_before_the_servers(database: Database) -> None:
    server_settings = ServerSettingsRepository(database)
    preferences = PreferenceService(MemberSettingsRepository(database), server_settings)
    assert await preferences.resolve_country(MINA, CLUB) is None
    await server_settings.change(CLUB, lambda before: replace(before, country="KR"))
    assert await preferences.resolve_country(MINA, CLUB) == ("KR", CountrySource.SERVER)
    assert await preferences.resolve_country(MINA, None) is None
    await preferences.repository.set_country(MINA, "DE")
    assert await preferences.resolve_country(MINA, CLUB) == ("DE", CountrySource.MEMBER)
    await preferences.repository.set_country(MINA, None)
    assert await preferences.resolve_country(MINA, CLUB) == ("KR", CountrySource.SERVER)


async def test_it_is_there_for_the_next_process(database: Database) -> None:
    await ServerSettingsRepository(database).change(CLUB, lambda before: replace(before, country="KR"))
    await MemberSettingsRepository(database).set_member_country(MINA, "DE")
    assert await ServerSettingsRepository(database).get(CLUB) == ServerSettings(country="KR")
    assert await MemberSettingsRepository(database).member_country(MINA) == "DE"
