import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import String, bindparam, column, make_url, select, table, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from bot.core.database import migrate
from bot.core.database.columns import metadata
from bot.core.database.engine import Database
from bot.core.database.key_value import KeyValueRepository
from bot.core.database.key_value_table import key_values
from bot.core.database.migrations.run import script_directory
from bot.core.database.read_executor import SqliteReadExecutor
from bot.core.errors import StorageUnavailableError


async def test_migrations_lead_to_the_schema(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_opening_again_keeps_what_is_there(empty_database_url: str) -> None:
    for expected in (None, "kept"):
        database = await Database.open(empty_database_url)
        assert await KeyValueRepository(database).get("name") == expected
        await KeyValueRepository(database).put("name", "kept")
        await database.close()


async def test_several_processes_may_migrate_at_once(empty_database_url: str) -> None:
    databases = await asyncio.gather(*(Database.open(empty_database_url) for _ in range(4)))
    for database in databases:
        assert await KeyValueRepository(database).get("anything") is None
        await database.close()


def test_the_last_migration_by_its_number_is_the_last_of_the_chain() -> None:
    assert script_directory(migrate.MIGRATIONS).get_current_head() == migrate.newest_revision()


async def test_a_database_of_a_newer_version_is_refused(empty_database_url: str) -> None:
    database = await Database.open(empty_database_url)
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.close()
    with pytest.raises(StorageUnavailableError, match="newer version"):
        await Database.open(empty_database_url)


async def test_a_failed_write_leaves_nothing(database: Database) -> None:
    async def fail_half_way() -> None:
        async with database.write() as connection:
            await connection.execute(text("INSERT INTO key_values (name, value) VALUES ('half', 'done')"))
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await fail_half_way()
    assert await KeyValueRepository(database).get("half") is None


async def test_a_single_select_sees_what_was_committed_and_holds_nobody_up(database: Database) -> None:
    asked = select(key_values.c.value).where(key_values.c.name == "answer")
    async with database.write() as connection:
        await connection.execute(text("INSERT INTO key_values (name, value) VALUES ('answer', '42')"))
        assert await database.fetch_all(asked) == []
    for _ in range(20):  # more than there are connections: each must have been given back
        assert [row.value for row in await database.fetch_all(asked)] == ["42"]
    # A transaction left open on any of them would keep the old value in sight.
    await KeyValueRepository(database).put("answer", "43")
    seen = await asyncio.gather(*(database.fetch_all(asked) for _ in range(20)))
    assert {rows[0].value for rows in seen} == {"43"}


LEFT, RIGHT = (select(key_values.c.value).where(key_values.c.name == name) for name in ("left", "right"))
NAMED = (select(key_values.c.value).where(key_values.c.name == bindparam("name", type_=String)),)


async def test_selects_that_go_together_see_one_state(database: Database) -> None:
    store = KeyValueRepository(database)
    await store.put("left", "0")
    await store.put("right", "0")

    async def move() -> None:
        for number in range(1, 40):
            async with database.write() as connection:
                for name in ("left", "right"):
                    changed = text("UPDATE key_values SET value = :value WHERE name = :name")
                    await connection.execute(changed, {"value": str(number), "name": name})

    moving = asyncio.create_task(move())
    seen = []
    while not moving.done():
        left, right = await database.fetch_snapshot((LEFT, RIGHT))
        seen.append((left[0].value, right[0].value))
        await asyncio.sleep(0)
    await moving
    assert all(left == right for left, right in seen)
    assert await database.fetch_snapshot((LEFT, RIGHT)) == [[("39",)], [("39",)]]
    assert await database.fetch_snapshot(NAMED, name="left") == [[("39",)]]
    with pytest.raises((DBAPIError, sqlite3.Error)):
        await database.fetch_snapshot((LEFT, select(column("nothing")).select_from(table("nowhere"))))
    assert len(await database.fetch_snapshot((LEFT, RIGHT))) == 2


async def test_a_file_that_another_process_has_locked_is_waited_for_by_a_thread(tmp_path: Path) -> None:
    path = tmp_path / "marquee.db"
    database = await Database.open(f"sqlite+aiosqlite:///{path}")
    await KeyValueRepository(database).put("answer", "42")
    await database.close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    try:
        executor = SqliteReadExecutor(make_url(f"sqlite:///{path}"), lambda: _patient(path))
        asked = asyncio.create_task(executor.fetch_snapshot(NAMED, {"name": "answer"}))
        await asyncio.sleep(0.05)
        assert not asked.done()  # and this line was reached: nobody else was held up
        other.execute("ROLLBACK")
    finally:
        other.close()
    assert await asked == [[("42",)]]
    await executor.close()


def _patient(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)


async def test_while_the_disk_is_slow_threads_wait_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'marquee.db'}")
    await KeyValueRepository(database).put("answer", "42")
    connections: list[sqlite3.Connection] = []

    def connect() -> sqlite3.Connection:
        connections.append(_patient(tmp_path / "marquee.db"))
        return connections[-1]

    executor = SqliteReadExecutor(make_url(f"sqlite:///{tmp_path / 'marquee.db'}"), connect)
    monkeypatch.setattr("bot.core.database.read_executor.SLOW_READ", 60.0)
    for _ in range(3):
        assert await executor.fetch_snapshot(NAMED, {"name": "answer"}) == [[("42",)]]
    assert len(connections) == 1
    monkeypatch.setattr("bot.core.database.read_executor.SLOW_READ", -1.0)
    for _ in range(3):
        assert await executor.fetch_snapshot(NAMED, {"name": "answer"}) == [[("42",)]]
    assert len(connections) == 2  # the second one is a thread's
    await executor.close()
    await database.close()


async def test_concurrent_writers_all_get_through(database: Database) -> None:
    store = KeyValueRepository(database)
    await asyncio.gather(*(store.put(f"fact {number}", str(number)) for number in range(32)))
    assert [await store.get(f"fact {number}") for number in range(32)] == [str(number) for number in range(32)]


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


async def test_a_file_that_cannot_be_opened_leaves_no_thread_to_complain_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver's thread tells of its failure in a traceback where the event loop is closed before."""
    started: list[str] = []
    start = threading.Thread.start

    def noted(thread: threading.Thread) -> None:
        started.append(thread.name)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", noted)
    with pytest.raises(StorageUnavailableError, match="can't be opened"):
        await Database.open(f"sqlite+aiosqlite:///{tmp_path}")  # a folder
    assert not [name for name in started if "connection_worker" in name]


@pytest.mark.postgres
async def test_an_address_may_say_sslmode_as_providers_write_it(postgres_url: str) -> None:
    separator = "&" if "?" in postgres_url else "?"
    database = await Database.open(f"{postgres_url}{separator}sslmode=disable")
    await database.close()


async def test_a_backup_is_a_whole_copy(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'marquee.db'}")
    await KeyValueRepository(database).put("name", "kept")
    await database.backup(tmp_path / "copy.db")
    await database.close()
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        assert copy.execute("SELECT value FROM key_values").fetchall() == [("kept",)]
    copy.close()


@pytest.mark.postgres
async def test_postgresql_is_not_backed_up_by_us(postgres_url: str, tmp_path: Path) -> None:
    database = await Database.open(postgres_url)
    with pytest.raises(StorageUnavailableError, match="pg_dump"):
        await database.backup(tmp_path / "copy.db")
    await database.close()
