"""A process that does what members and moderators may do, at random, for test_random_operations.py."""

import asyncio
import random

from bot.core.database.engine import Database, create_database_engine
from tests.operations import ARGUMENTS, MEMBERS, NamedOperation, Operations, by, run_at_once

AT_ONCE = 8
NAMES = [*ARGUMENTS, *["rate"] * len(ARGUMENTS)]


def _choose(source: random.Random) -> list[NamedOperation]:
    """Return operations for a batch: what a member does, most of the time, while they delete their data."""
    member = source.choice(MEMBERS)
    chosen: list[NamedOperation] = [("delete_data", (member,))] if source.random() < 0.5 else []
    for name in source.choices(NAMES, k=AT_ONCE):
        operation = name, tuple(source.choice(values) for values in ARGUMENTS[name])
        chosen.append(by(member, operation) if source.random() < 0.7 else operation)
    source.shuffle(chosen)
    return chosen


def main(url: str, seed: int, batches: int) -> None:
    """Run so many batches of operations, each of them at the same time."""
    asyncio.run(_run(url, seed, batches))


async def _run(url: str, seed: int, batches: int) -> None:
    source = random.Random(seed)  # noqa: S311
    database = Database(create_database_engine(url))
    try:
        for _ in range(batches):
            await run_at_once([Operations(database)], _choose(source))
    finally:
        await database.close()
