import asyncio
from datetime import datetime, timedelta

from bot.core.database.engine import Database
from bot.core.database.key_value import KeyValueRepository


async def claim(database: Database, now: str) -> bool:
    """Claim a job of every twelve hours or so."""
    moment = datetime.fromisoformat(now)
    stale_before, stale_after = (
        (moment + hours).isoformat() for hours in (-timedelta(hours=12), timedelta(hours=12))
    )
    return await KeyValueRepository(database).claim(
        "job", moment.isoformat(), stale_before=stale_before, stale_after=stale_after
    )


async def test_a_periodic_job_is_claimed_by_one(database: Database) -> None:
    assert await claim(database, "2026-05-04T04:00")
    assert not await claim(database, "2026-05-04T04:01")
    assert await claim(database, "2026-05-05T04:00")


async def test_a_job_claimed_before_the_clock_was_set_back_is_claimed_again(database: Database) -> None:
    assert await claim(database, "2027-05-04T04:00")
    assert await claim(database, "2026-05-04T04:00")
    assert not await claim(database, "2026-05-04T03:59")  # another process's clock may be a little behind


async def test_one_of_several_claims_at_once_succeeds(database: Database) -> None:
    for now in ("2026-11-20T04:00", "2026-11-21T04:00"):
        claims = await asyncio.gather(*(claim(database, now) for _ in range(4)))
        assert sorted(claims) == [False, False, False, True]
    assert await KeyValueRepository(database).get("job") == "2026-11-21T04:00:00"


async def test_a_unique_value_stays_once_it_is_set(database: Database) -> None:
    key_values = KeyValueRepository(database)
    await key_values.set_random_if_missing("id")
    unique = await key_values.get("id")
    await key_values.set_random_if_missing("id")
    assert await key_values.get("id") == unique
    await key_values.set_random_if_missing("another")
    assert await key_values.get("another") not in (None, unique)
