"""A process that rates without end and is killed again and again, for test_killed.py.

    python tests/core/database/killed_process.py DATABASE_URL FOLDER ROUNDS

It imports once and forks for each round, so that a hundred real processes are killed in seconds. Each child writes
to a log in FOLDER what it is about to store ("try") and what is acknowledged as stored ("ack"), and is killed by
SIGKILL.
"""

import asyncio
import gc
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.core.database.engine import Database, create_database_engine
from bot.reviews.models import Draft
from bot.reviews.repository import ReviewRepository
from bot.watchlists.repository import RATED_FILM_REMOVAL

SERVER, TASKS, FILMS = 7, 4, 12
FIRST_ACK_TIMEOUT = 30.0


async def _rate(reviews: ReviewRepository, log: int, member: int) -> None:
    turn = 0
    while True:
        turn += 1
        film, stars = f"film-{turn % FILMS}", 1 + turn % 10
        line = f"{member} {film} {stars} {turn}\n"
        os.write(log, f"try {line}".encode())
        await reviews.store(Draft(SERVER, member, film, stars, f"turn {turn}"), datetime.now(UTC))
        os.write(log, f"ack {line}".encode())


def _rate_once(url: str, log: Path) -> None:
    """Store one rating and disconnect: what is imported at the first use is there for all children then."""
    member = 1_000 + TASKS  # beside the first child's
    line = f"{member} film-0 1 1\n"
    log.write_text(f"try {line}")
    asyncio.run(_store(url, Draft(SERVER, member, "film-0", 1, "turn 1")))
    log.write_text(f"try {line}ack {line}")


async def _store(url: str, draft: Draft) -> None:
    database = Database(create_database_engine(url))
    await ReviewRepository(database, RATED_FILM_REMOVAL).store(draft, datetime.now(UTC))
    await database.close()


async def _child(reviews: ReviewRepository, log: int, first_member: int) -> None:
    await asyncio.gather(*(_rate(reviews, log, first_member + task) for task in range(TASKS)))


def _fork(reviews: ReviewRepository, log: Path, first_member: int) -> int:
    child = os.fork()
    if child == 0:
        asyncio.run(_child(reviews, os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT), first_member))
    return child


def _wait_for_ack(log: Path) -> None:
    deadline = time.monotonic() + FIRST_ACK_TIMEOUT
    while time.monotonic() < deadline:
        if log.exists() and b"ack" in log.read_bytes():
            return
        time.sleep(0.002)
    raise TimeoutError("nothing was acknowledged")


def main(url: str, folder: str, rounds: int) -> None:
    """Keep processes rating; wait until something of the oldest is acknowledged, then kill it."""
    concurrency = 1 if url.startswith("sqlite") else 3  # SQLite lets one process write at a time anyhow
    random_source = random.Random(20_26)  # noqa: S311
    children: list[tuple[int, Path]] = []
    # The database is migrated already and not connected yet, so that a child is killed while it rates.
    _rate_once(url, Path(folder) / "first")
    reviews = ReviewRepository(Database(create_database_engine(url)), RATED_FILM_REMOVAL)
    gc.freeze()
    try:
        for number in range(rounds + concurrency):
            if number < rounds:
                log = Path(folder) / str(number)
                children.append((_fork(reviews, log, 1_000 * (number + 1)), log))
            if number >= concurrency:
                _wait_for_ack(children[0][1])
                time.sleep(random_source.random() * 0.02)
                _kill(children.pop(0)[0])
    finally:
        for child, _ in children:
            _kill(child)


def _kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
