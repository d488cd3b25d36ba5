"""Opening a database, writing to it, backing it up."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot.core.database.engine import Database
from bot.core.database.key_value import KeyValueRepository, key_values
from bot.core.errors import StorageUnavailableError


async def test_a_failed_write_leaves_nothing(database: Database) -> None:
    async def fail_half_way() -> None:
        async with database.write() as connection:
            await connection.execute(text("INSERT INTO key_values (name, value) VALUES ('half', 'done')"))
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await fail_half_way()
    assert await KeyValueRepository(database).get("half") is None


async def test_all_reads_of_a_connection_see_the_same_state(database: Database) -> None:
    values = KeyValueRepository(database)
    await values.set("light", "on")
    statement = select(key_values.c.value).where(key_values.c.name == "light")
    async with database.read() as connection:
        before = (await connection.execute(statement)).scalar_one()
        await values.set("light", "off")
        assert (await connection.execute(statement)).scalar_one() == before == "on"
    assert await values.get("light") == "off"


async def test_concurrent_writers_all_get_through(database: Database) -> None:
    repository = KeyValueRepository(database)
    await asyncio.gather(*(repository.set(f"fact {number}", str(number)) for number in range(32)))
    assert [await repository.get(f"fact {number}") for number in range(32)] == [
        str(number) for number in range(32)
    ]


async def test_sqlite_is_set_to_survive_a_power_cut(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'marquee.db'}")
    async with database.read() as connection:
        pragmas = [
            (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    await database.close()
    assert pragmas == ["wal", 2, 1]


async def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("not a database, though it is long enough to be looked at " * 50)
    with pytest.raises(StorageUnavailableError, match=r"can't be opened: file is not a database"):
        await Database.open(f"sqlite+aiosqlite:///{path}")


async def test_a_server_that_is_not_there_is_one_sentence_without_the_password() -> None:
    with pytest.raises(StorageUnavailableError, match="can't be opened") as caught:
        await Database.open("postgresql+asyncpg://marquee:hunter2@127.0.0.1:1/marquee")
    assert "hunter2" not in str(caught.value)


async def test_a_file_that_cannot_be_opened_leaves_no_thread_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver's thread would print a traceback if the event loop were closed before it failed."""
    started: list[str] = []
    start = threading.Thread.start

    def record_start(thread: threading.Thread) -> None:
        started.append(thread.name)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", record_start)
    with pytest.raises(StorageUnavailableError, match="can't be opened"):
        await Database.open(f"sqlite+aiosqlite:///{tmp_path}")  # a folder
    assert not [name for name in started if "connection_worker" in name]


@pytest.mark.postgres
async def test_a_url_may_say_sslmode_as_providers_write_it(postgres_url: str) -> None:
    separator = "&" if "?" in postgres_url else "?"
    database = await Database.open(f"{postgres_url}{separator}sslmode=disable")
    await database.close()
