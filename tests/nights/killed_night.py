"""Processes that live through a night and are killed at every step of it, for test_killed.py.

    python tests/nights/killed_night.py DATABASE_URL FILE KILLS

FILE stands for the channel: a line for each message, written at once and never taken back. Each child moves the
night forward and does its jobs, and is killed by SIGKILL at a random moment, KILLS of them at each step. Whoever
claims a job again looks for its message first, as the bot does. Prints how many died before they were done.
"""

import asyncio
import gc
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.core.database.engine import Database, create_database_engine
from bot.core.jobs import LEASE
from bot.nights.scheduler_repository import NightSchedulerRepository
from bot.nights.service import NightScheduler

STEPS = (
    "2026-03-02T12:00", "2026-03-05T19:00", "2026-03-06T19:00", "2026-03-06T20:00", "2026-03-06T22:00",
    "2026-03-07T10:00",
)  # fmt: skip
"""When a night is planned, its ballot opens and is counted, it starts and ends, and the next morning."""


def _is_told(channel: Path, line: str) -> bool:
    return line in channel.read_text()


def _tell(channel: Path, line: str) -> None:
    with channel.open("a") as file:
        file.write(line)


async def _do_all(scheduler: NightScheduler, channel: Path) -> None:
    for server_id in await scheduler.list_due_servers():
        await scheduler.advance(server_id)
        while (job := await scheduler.claim_job(server_id)) is not None:
            line = f"{job.kind} {job.subject_id}\n"
            if not (job.is_reclaimed and _is_told(channel, line)):
                _tell(channel, line)
            await scheduler.repository.settle_job(job)


def _fork(url: str, channel: Path, now: datetime) -> int:
    child = os.fork()
    if child == 0:
        scheduler = NightScheduler(NightSchedulerRepository(Database(create_database_engine(url))), lambda: now)
        asyncio.run(_do_all(scheduler, channel))
        os._exit(0)
    return child


def main(url: str, file: str, kills: int) -> None:
    """Live through the night, with so many deaths at each step; each time the claims of the dead lapse first."""
    source = random.Random(20_26)  # noqa: S311
    channel = Path(file)
    gc.freeze()
    killed = 0
    for step in STEPS:
        now = datetime.fromisoformat(step).replace(tzinfo=UTC)
        for _ in range(kills):
            child = _fork(url, channel, now)
            time.sleep(source.random() * 0.06)
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            killed += os.WIFSIGNALED(status)
            now += LEASE + timedelta(seconds=1)
        for _ in range(2):
            os.waitpid(_fork(url, channel, now), 0)
            now += LEASE + timedelta(seconds=1)
    sys.stdout.write(str(killed))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
