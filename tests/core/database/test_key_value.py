import asyncio

from bot.core.database.engine import Database
from bot.core.database.key_value import KeyValueRepository


async def test_a_periodic_job_is_claimed_by_one(database: Database) -> None:
    key_values = KeyValueRepository(database)
    assert await key_values.claim("job", "2026-05-04T04:00", "2026-05-03T16:00")
    assert not await key_values.claim("job", "2026-05-04T04:01", "2026-05-03T16:01")
    assert await key_values.claim("job", "2026-05-05T04:00", "2026-05-04T16:00")


async def test_one_of_several_claims_at_once_succeeds(database: Database) -> None:
    key_values = KeyValueRepository(database)
    for now, before in (("2026-11-20", "2026-11-19"), ("2026-11-21", "2026-11-21")):
        claims = await asyncio.gather(*(key_values.claim("job", now, before) for _ in range(4)))
        assert sorted(claims) == [False, False, False, True]
    assert await key_values.get("job") == "2026-11-21"


async def test_a_unique_value_stays_once_it_is_set(database: Database) -> None:
    key_values = KeyValueRepository(database)
    await key_values.set_random_if_missing("id")
    unique = await key_values.get("id")
    await key_values.set_random_if_missing("id")
    assert await key_values.get("id") == unique
    await key_values.set_random_if_missing("another")
    assert await key_values.get("another") not in (None, unique)
