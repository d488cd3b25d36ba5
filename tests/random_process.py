"""A process that does what members and moderators may do, at random, for test_random_operations.py.

python tests/random_process.py DATABASE_URL SEED BATCHES
"""

import asyncio
import random
import sys

from bot.core.database.engine import Database, create_database_engine
from tests.operations import ARGUMENTS, NamedOperation, Operations, run_at_once

AT_ONCE = 4
SHARE_OF_DELETIONS = 0.1


def _choose(source: random.Random) -> NamedOperation:
    name = "delete_data" if source.random() < SHARE_OF_DELETIONS else source.choice(list(ARGUMENTS))
    return name, tuple(source.choice(values) for values in ARGUMENTS[name])


async def main(url: str, seed: int, batches: int) -> None:
    """Run so many batches of operations, each of them at the same time."""
    source = random.Random(seed)  # noqa: S311
    database = Database(create_database_engine(url))
    try:
        for _ in range(batches):
            await run_at_once([Operations(database)], [_choose(source) for _ in range(AT_ONCE)])
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
