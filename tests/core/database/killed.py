"""A process that rates without end and is killed again and again, for test_killed.py.

    python tests/core/database/killed.py DATABASE_URL FOLDER ROUNDS

It imports once and forks for each round, so that a hundred real processes are killed in seconds. Each child notes
in a file of FOLDER what it is about to store ("try") and what it was told is stored ("ack"), then dies by SIGKILL.
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

from bot.core.database.engine import Database, _create_engine
from bot.reviews.models import Draft
from bot.reviews.repository import ReviewRepository
from bot.watchlists.repository import RATED_FILM_REMOVAL

SERVER, TASKS, FILMS = 7, 4, 12
FIRST_ACK_LIMIT = 30.0


async def _rate(store: ReviewRepository, diary: int, member: int) -> None:
    turn = 0
    while True:
        turn += 1
        film, stars = f"film-{turn % FILMS}", 1 + turn % 10
        line = f"{member} {film} {stars} {turn}\n"
        os.write(diary, f"try {line}".encode())
        await store.store(Draft(SERVER, member, film, stars, f"turn {turn}"), datetime.now(UTC))
        os.write(diary, f"ack {line}".encode())


async def _child(store: ReviewRepository, diary: int, first_member: int) -> None:
    await asyncio.gather(*(_rate(store, diary, first_member + task) for task in range(TASKS)))


def _fork(store: ReviewRepository, diary: Path, first_member: int) -> int:
    child = os.fork()
    if child == 0:
        asyncio.run(_child(store, os.open(diary, os.O_WRONLY | os.O_APPEND | os.O_CREAT), first_member))
    return child


def _wait_for_an_ack(diary: Path) -> None:
    until = time.monotonic() + FIRST_ACK_LIMIT
    while time.monotonic() < until:
        if diary.exists() and b"ack" in diary.read_bytes():
            return
        time.sleep(0.002)
    raise TimeoutError("nothing was acknowledged")


def main(url: str, folder: str, rounds: int) -> None:
    """Keep processes rating; wait until the oldest is told that something is stored, then kill it."""
    at_once = 1 if url.startswith("sqlite") else 3  # SQLite lets one process write at a time anyhow
    chance = random.Random(20_26)  # noqa: S311
    alive: list[tuple[int, Path]] = []
    # Migrated before, and not connected yet: a child that only rates is killed while it rates.
    store = ReviewRepository(Database(_create_engine(url)), RATED_FILM_REMOVAL)
    gc.freeze()
    try:
        for number in range(rounds + at_once):
            if number < rounds:
                diary = Path(folder) / str(number)
                alive.append((_fork(store, diary, 1_000 * (number + 1)), diary))
            if number >= at_once:
                _wait_for_an_ack(alive[0][1])
                time.sleep(chance.random() * 0.02)
                _kill(alive.pop(0)[0])
    finally:
        for child, _ in alive:
            _kill(child)


def _kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
