from bot.core.database.engine import Database
from bot.members.preferences import CountrySource, PreferenceService
from bot.members.preferences_repository import PreferenceStore

MINA, CLUB = 11, 1_100_000_000_000_000_000


async def test_a_members_country_counts_before_the_servers(database: Database) -> None:
    preferences = PreferenceService(PreferenceStore(database))
    assert await preferences.country(MINA, CLUB) is None
    await preferences.set_server_country(CLUB, "KR")
    assert await preferences.country(MINA, CLUB) == ("KR", CountrySource.SERVER)
    assert await preferences.country(MINA, None) is None
    await preferences.set_member_country(MINA, "DE")
    assert await preferences.country(MINA, CLUB) == ("DE", CountrySource.MEMBER)
    await preferences.set_member_country(MINA, None)
    assert await preferences.country(MINA, CLUB) == ("KR", CountrySource.SERVER)


async def test_it_is_there_for_the_next_process(database: Database) -> None:
    await PreferenceStore(database).set_server_country(CLUB, "KR")
    await PreferenceStore(database).set_member_country(MINA, "DE")
    fresh = PreferenceStore(database)
    assert (await fresh.server_country(CLUB), await fresh.member_country(MINA)) == ("KR", "DE")
