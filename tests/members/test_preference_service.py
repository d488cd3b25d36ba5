import asyncio
from dataclasses import replace

from bot.core.database.engine import Database
from bot.members.models import CountryPreference, CountrySource
from bot.members.repository import PreferenceRepository, ServerSettingsRepository
from bot.members.server_settings import ServerSettings
from bot.members.service import PreferenceService

MINA, CLUB = 11, 1_100_000_000_000_000_000


async def test_a_members_country_takes_precedence_over_the_servers(database: Database) -> None:
    server_settings = ServerSettingsRepository(database)
    preferences = PreferenceService(PreferenceRepository(database), server_settings)
    assert await preferences.get_country(MINA, CLUB) is None
    await server_settings.change(CLUB, lambda before: replace(before, country="KR"))
    assert await preferences.get_country(MINA, CLUB) == CountryPreference("KR", CountrySource.SERVER)
    assert await preferences.get_country(MINA, None) is None
    await preferences.repository.set_country(MINA, "DE")
    assert await preferences.get_country(MINA, CLUB) == CountryPreference("DE", CountrySource.MEMBER)
    await preferences.repository.set_country(MINA, None)
    assert await preferences.get_country(MINA, CLUB) == CountryPreference("KR", CountrySource.SERVER)


async def test_countries_are_stored_for_the_next_process(database: Database) -> None:
    await ServerSettingsRepository(database).change(CLUB, lambda before: replace(before, country="KR"))
    await PreferenceRepository(database).set_country(MINA, "DE")
    assert await ServerSettingsRepository(database).get(CLUB) == ServerSettings(country="KR")
    assert await PreferenceRepository(database).get_country(MINA) == "DE"


async def test_how_to_set_a_country_is_told_once(database: Database) -> None:
    def start() -> PreferenceService:
        return PreferenceService(PreferenceRepository(database), ServerSettingsRepository(database))

    first, later = start(), start()
    assert await first.claim_country_hint(MINA)
    assert not await first.claim_country_hint(MINA)
    assert not await later.claim_country_hint(MINA)
    await later.repository.set_country(MINA, "DE")
    assert await later.repository.get_country(MINA) == "DE"
    assert not await start().claim_country_hint(MINA)
    claims = [start().claim_country_hint(MINA + 1) for _ in range(3)]
    assert sorted(await asyncio.gather(*claims)) == [False, False, True]
