from bot.core.database.engine import Database
from bot.core.database.key_value import KeyValueRepository


async def test_a_periodic_job_is_claimed_by_one(database: Database) -> None:
    key_values = KeyValueRepository(database)
    assert await key_values.claim("job", "2026-05-04T04:00", "2026-05-03T16:00")
    assert not await key_values.claim("job", "2026-05-04T04:01", "2026-05-03T16:01")
    assert await key_values.claim("job", "2026-05-05T04:00", "2026-05-04T16:00")
