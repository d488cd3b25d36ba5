"""SQLite's files: private, noticed when they are gone, and free of what was deleted."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from bot.core.database.engine import CHECKPOINT_RETRY_DELAY, Database, DatabaseFileGoneError, prepare_database_file
from bot.core.database.key_value import KeyValueRepository, key_values
from bot.core.database.transaction_script import StatementBatch, TransactionScript

FILES = ("marquee.db", "marquee.db-wal", "marquee.db-shm")
DELETE_ALL = delete(key_values)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "marquee.db"


@pytest.fixture
async def database(path: Path, migrated: Path) -> AsyncIterator[Database]:
    prepare_database_file(path)
    shutil.copyfile(migrated, path)
    database = await Database.open(f"sqlite+aiosqlite:///{path}")
    await KeyValueRepository(database).set("answer", "42")
    yield database
    await database.close()


def read_modes(folder: Path) -> dict[str, int]:
    return {name: (folder / name).stat().st_mode & 0o777 for name in FILES}


def list_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_new_database_and_its_folder_are_their_owners_alone(path: Path) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{path}")
    assert path.parent.stat().st_mode & 0o777 == 0o700
    await KeyValueRepository(database).set("answer", "42")
    assert set(read_modes(path.parent).values()) == {0o600}
    await database.close()


async def test_files_that_others_could_read_become_private(path: Path, database: Database) -> None:
    path.parent.chmod(0o755)
    for name in FILES:
        (path.parent / name).chmod(0o644)
    other = await Database.open(f"sqlite+aiosqlite:///{path}")
    assert set(read_modes(path.parent).values()) == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o755  # it may hold more than Marquee's files
    await other.close()


def delete_file(path: Path) -> None:
    path.unlink()


def replace_file(path: Path) -> None:
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    copy.replace(path)


def delete_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def delete_all() -> TransactionScript[None]:
    yield StatementBatch((DELETE_ALL,), [{}])


@pytest.mark.parametrize("remove", [delete_file, replace_file, delete_folder])
async def test_nothing_is_called_saved_after_the_file_is_gone(
    path: Path, database: Database, caplog: pytest.LogCaptureFixture, remove: Callable[[Path], None]
) -> None:
    await database.run_script(delete_all(), member_ids=(), server_ids=())
    remove(path)
    for _ in range(2):
        with pytest.raises(DatabaseFileGoneError, match=r"I can't save anything right now"):
            await KeyValueRepository(database).set("answer", "43")
        with pytest.raises(DatabaseFileGoneError):
            await database.run_script(delete_all(), member_ids=(), server_ids=())
    assert [record.getMessage() for record in caplog.records if "marquee.db was deleted" in record.getMessage()]
    assert len(caplog.records) == 1


async def test_a_file_that_goes_while_a_write_is_under_way_is_noticed(path: Path, database: Database) -> None:
    async def write() -> None:
        async with database.write() as connection:
            await connection.execute(DELETE_ALL)
            delete_file(path)

    with pytest.raises(DatabaseFileGoneError):
        await write()


async def test_no_empty_database_takes_the_place_of_a_deleted_one(path: Path, database: Database) -> None:
    delete_file(path)
    with pytest.raises(DatabaseFileGoneError):
        await database.fetch_all(select(key_values))
    assert "marquee.db" not in list_names(path.parent)


async def test_a_file_that_is_back_is_written_to_again(path: Path, database: Database) -> None:
    away = path.with_name("away.db")
    shutil.move(path, away)
    with pytest.raises(DatabaseFileGoneError):
        await KeyValueRepository(database).set("answer", "43")
    shutil.move(away, path)
    await KeyValueRepository(database).set("answer", "44")
    assert await KeyValueRepository(database).get("answer") == "44"


DELETED_TEXT = "Ottilie hid the reel behind the third seat."


def holds(path: Path, text: str) -> list[str]:
    """Return the files of the database that have the text somewhere in them."""
    return [name for name in FILES if text.encode() in (path.parent / name).read_bytes()]


async def test_what_was_deleted_is_in_no_file(path: Path, database: Database) -> None:
    repository = KeyValueRepository(database)
    await repository.set("short", DELETED_TEXT)
    await repository.set("long", DELETED_TEXT * 500)
    assert holds(path, DELETED_TEXT)
    await database.erase_deleted()
    assert holds(path, DELETED_TEXT) == ["marquee.db"]
    await database.run_script(delete_all(), member_ids=(), server_ids=())
    await database.erase_deleted()
    assert holds(path, DELETED_TEXT) == []


async def test_what_a_reader_still_sees_is_erased_as_soon_as_it_is_done(path: Path, database: Database) -> None:
    await KeyValueRepository(database).set("short", DELETED_TEXT)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM key_values").fetchall()
    await database.run_script(delete_all(), member_ids=(), server_ids=())
    for _ in range(2):
        await database.erase_deleted()
        assert holds(path, DELETED_TEXT)
    reader.execute("ROLLBACK")
    reader.close()
    for _ in range(20):
        await asyncio.sleep(CHECKPOINT_RETRY_DELAY / 4)
        if not holds(path, DELETED_TEXT):
            break
    assert holds(path, DELETED_TEXT) == []
