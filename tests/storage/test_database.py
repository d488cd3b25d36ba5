import asyncio
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from bot.films.errors import StorageUnavailableError
from bot.storage.database import Database
from bot.storage.facts import FactStore
from bot.storage.schema import metadata


async def test_migrations_lead_to_the_schema(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_opening_again_keeps_what_is_there(database_url: str) -> None:
    for expected in (None, "kept"):
        database = await Database.open(database_url)
        assert await FactStore(database).get("name") == expected
        await FactStore(database).put("name", "kept")
        await database.close()


async def test_several_processes_may_migrate_at_once(database_url: str) -> None:
    databases = await asyncio.gather(*(Database.open(database_url) for _ in range(4)))
    for database in databases:
        assert await FactStore(database).get("anything") is None
        await database.close()


async def test_a_database_of_a_newer_version_is_refused(database_url: str) -> None:
    database = await Database.open(database_url)
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.close()
    with pytest.raises(StorageUnavailableError, match="newer version"):
        await Database.open(database_url)


async def test_a_failed_write_leaves_nothing(database: Database) -> None:
    async def fail_half_way() -> None:
        async with database.write() as connection:
            await connection.execute(text("INSERT INTO facts (name, value) VALUES ('half', 'done')"))
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        await fail_half_way()
    assert await FactStore(database).get("half") is None


async def test_a_single_select_sees_what_was_committed_and_holds_nobody_up(database: Database) -> None:
    asked = text("SELECT value FROM facts WHERE name = :name")
    async with database.write() as connection:
        await connection.execute(text("INSERT INTO facts (name, value) VALUES ('answer', '42')"))
        assert await database.rows(asked, name="answer") == []
    for _ in range(20):  # more than there are connections: each must have been given back
        assert [row.value for row in await database.rows(asked, name="answer")] == ["42"]
    # A transaction left open on any of them would keep the old value in sight.
    await FactStore(database).put("answer", "43")
    seen = await asyncio.gather(*(database.rows(asked, name="answer") for _ in range(20)))
    assert {rows[0].value for rows in seen} == {"43"}


async def test_selects_that_go_together_see_one_state(database: Database) -> None:
    facts = FactStore(database)
    await facts.put("left", "0")
    await facts.put("right", "0")
    asked = [text(f"SELECT value FROM facts WHERE name = '{name}'") for name in ("left", "right")]

    async def move() -> None:
        for number in range(1, 40):
            async with database.write() as connection:
                for name in ("left", "right"):
                    changed = text("UPDATE facts SET value = :value WHERE name = :name")
                    await connection.execute(changed, {"value": str(number), "name": name})

    moving = asyncio.create_task(move())
    seen = []
    while not moving.done():
        left, right = await database.together(asked)
        seen.append((left[0].value, right[0].value))
    await moving
    assert all(left == right for left, right in seen)
    assert await database.together(asked) == [[("39",)], [("39",)]]
    with pytest.raises(DBAPIError):
        await database.together([*asked, text("SELECT nothing FROM nowhere")])
    assert len(await database.together(asked)) == 2


async def test_concurrent_writers_all_get_through(database: Database) -> None:
    facts = FactStore(database)
    await asyncio.gather(*(facts.put(f"fact {number}", str(number)) for number in range(32)))
    assert [await facts.get(f"fact {number}") for number in range(32)] == [str(number) for number in range(32)]


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


async def test_a_backup_is_a_whole_copy(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'marquee.db'}")
    await FactStore(database).put("name", "kept")
    await database.backup(tmp_path / "copy.db")
    await database.close()
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        assert copy.execute("SELECT value FROM facts").fetchall() == [("kept",)]
    copy.close()


@pytest.mark.postgres
async def test_postgresql_is_not_backed_up_by_us(postgres_url: str, tmp_path: Path) -> None:
    database = await Database.open(postgres_url)
    with pytest.raises(StorageUnavailableError, match="pg_dump"):
        await database.backup(tmp_path / "copy.db")
    await database.close()
