"""Reads outside of transactions: consistent, on the event loop where that is quick, in threads where it is not."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import String, bindparam, column, make_url, select, table, text
from sqlalchemy.exc import DBAPIError

from bot.core.database.engine import Database
from bot.core.database.executors import SqliteReadExecutor
from bot.core.database.key_value import KeyValueRepository, key_values

LEFT, RIGHT = (select(key_values.c.value).where(key_values.c.name == name) for name in ("left", "right"))
NAMED = (select(key_values.c.value).where(key_values.c.name == bindparam("name", type_=String)),)


async def test_a_select_sees_what_was_committed_and_returns_its_connection(database: Database) -> None:
    statement = select(key_values.c.value).where(key_values.c.name == "answer")
    async with database.write() as connection:
        await connection.execute(text("INSERT INTO key_values (name, value) VALUES ('answer', '42')"))
        assert await database.fetch_all(statement) == []
    for _ in range(20):  # more than there are connections: each must have been returned
        assert [row.value for row in await database.fetch_all(statement)] == ["42"]
    # A transaction left open on any of them would still see the old value.
    await KeyValueRepository(database).set("answer", "43")
    seen = await asyncio.gather(*(database.fetch_all(statement) for _ in range(20)))
    assert {rows[0].value for rows in seen} == {"43"}


async def test_a_snapshot_sees_one_state(database: Database) -> None:
    repository = KeyValueRepository(database)
    await repository.set("left", "0")
    await repository.set("right", "0")

    async def write() -> None:
        for number in range(1, 40):
            async with database.write() as connection:
                for name in ("left", "right"):
                    update = text("UPDATE key_values SET value = :value WHERE name = :name")
                    await connection.execute(update, {"value": str(number), "name": name})

    writing = asyncio.create_task(write())
    seen = []
    while not writing.done():
        left, right = await database.fetch_snapshot((LEFT, RIGHT))
        seen.append((left[0].value, right[0].value))
        await asyncio.sleep(0)
    await writing
    assert all(left == right for left, right in seen)
    assert await database.fetch_snapshot((LEFT, RIGHT)) == [[("39",)], [("39",)]]
    assert await database.fetch_snapshot(NAMED, {"name": "left"}) == [[("39",)]]
    with pytest.raises((DBAPIError, sqlite3.Error)):
        await database.fetch_snapshot((LEFT, select(column("nothing")).select_from(table("nowhere"))))
    assert len(await database.fetch_snapshot((LEFT, RIGHT))) == 2


async def test_a_thread_waits_for_a_file_that_another_process_has_locked(tmp_path: Path) -> None:
    path = tmp_path / "marquee.db"
    database = await Database.open(f"sqlite+aiosqlite:///{path}")
    await KeyValueRepository(database).set("answer", "42")
    await database.close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    try:
        executor = SqliteReadExecutor(make_url(f"sqlite:///{path}"), lambda: _connect(path))
        read = asyncio.create_task(executor.fetch_snapshot(NAMED, {"name": "answer"}))
        await asyncio.sleep(0.05)
        assert not read.done()  # the event loop went on meanwhile
        other.execute("ROLLBACK")
    finally:
        other.close()
    assert await read == [[("42",)]]
    await executor.close()


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)


async def test_threads_read_while_the_disk_is_slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'marquee.db'}")
    await KeyValueRepository(database).set("answer", "42")
    connections: list[sqlite3.Connection] = []

    def connect() -> sqlite3.Connection:
        connections.append(_connect(tmp_path / "marquee.db"))
        return connections[-1]

    executor = SqliteReadExecutor(make_url(f"sqlite:///{tmp_path / 'marquee.db'}"), connect)
    monkeypatch.setattr("bot.core.database.executors.SLOW_READ_SECONDS", 60.0)
    for _ in range(3):
        assert await executor.fetch_snapshot(NAMED, {"name": "answer"}) == [[("42",)]]
    assert len(connections) == 1
    monkeypatch.setattr("bot.core.database.executors.SLOW_READ_SECONDS", -1.0)
    for _ in range(3):
        assert await executor.fetch_snapshot(NAMED, {"name": "answer"}) == [[("42",)]]
    assert len(connections) == 2  # the second one is a thread's
    await executor.close()
    await database.close()
