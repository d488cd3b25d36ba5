"""The export of a long log."""

import asyncio
import csv
import io
import time
import zipfile
from datetime import timedelta

import pytest

from bot.core.database.engine import Database
from bot.moderation import embeds
from bot.moderation.embeds import create_log_file
from bot.moderation.models import Action
from bot.moderation.tables import moderation_log
from tests.repositories import moderation_repository
from tests.reviews.ratings import HERE, NOW, SAM, THERE

LONGEST_HOLD = 0.1
"""Seconds of its own time that the event loop may give to an export without a break."""


async def fill_log(database: Database, entry_count: int, server_id: int = HERE) -> None:
    rows = [
        {
            "server_id": server_id, "actor_id": SAM, "action": Action.SETTINGS.value, "subject": "",
            "reason": f"no. {number}", "created_at": NOW + timedelta(seconds=number),
        }
        for number in range(entry_count)
    ]  # fmt: skip
    async with database.write() as connection:
        await connection.execute(moderation_log.insert(), rows)


async def measure_longest_hold(done: asyncio.Event) -> float:
    """Return the most time of the loop's own thread, which other processes don't take, between two turns."""
    longest, before = 0.0, time.thread_time()
    while not done.is_set():
        await asyncio.sleep(0)
        now = time.thread_time()
        longest, before = max(longest, now - before), now
    return longest


async def test_a_long_log_is_exported_whole_and_holds_nobody_up(database: Database) -> None:
    await fill_log(database, 20_001)
    await fill_log(database, 2, THERE)
    done = asyncio.Event()
    hold = asyncio.create_task(measure_longest_hold(done))
    file = await create_log_file(moderation_repository(database).iter_log(HERE))
    done.set()
    assert await hold < LONGEST_HOLD
    assert file is not None
    rows = list(csv.DictReader(io.StringIO(file.fp.read().decode())))
    assert [row["reason"] for row in rows] == [f"no. {number}" for number in range(20_000, -1, -1)]


async def test_a_log_too_large_for_a_message_is_packed_or_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill_log(database, 1_000)
    repository = moderation_repository(database)
    monkeypatch.setattr(embeds, "FILE_SIZE_LIMIT", 20_000)
    file = await create_log_file(repository.iter_log(HERE))
    assert file is not None
    assert file.filename == "moderation-log.zip"
    packed = zipfile.ZipFile(file.fp)
    assert len(packed.read("moderation-log.csv").splitlines()) == 1_001
    monkeypatch.setattr(embeds, "FILE_SIZE_LIMIT", 100)
    assert await create_log_file(repository.iter_log(HERE)) is None
