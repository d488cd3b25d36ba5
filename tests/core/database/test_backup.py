"""Backups of both databases: written while in use, whole, private, and put back."""

import asyncio
import shutil
import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.backups import DailyBackup
from bot.core.database.backup import restore_postgres, restore_sqlite, write_backup
from bot.core.database.engine import Database
from bot.core.database.key_value import KeyValueRepository
from bot.core.errors import InvalidInputError, StorageUnavailableError

NOW = datetime(2026, 5, 1, 4, 0, tzinfo=UTC)


def list_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def read_value(url: str, name: str = "name") -> str | None:
    database = await Database.open(url)
    try:
        return await KeyValueRepository(database).get(name)
    finally:
        await database.close()


async def set_value(url: str, value: str) -> None:
    database = await Database.open(url)
    await KeyValueRepository(database).set("name", value)
    await database.close()


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated: Path) -> str:
    (tmp_path / "data").mkdir()
    return f"sqlite+aiosqlite:///{shutil.copy(migrated, tmp_path / 'data' / 'marquee.db')}"


async def test_a_copy_made_while_the_bot_runs_is_whole_and_private(sqlite_url: str, tmp_path: Path) -> None:
    database = await Database.open(sqlite_url)
    await KeyValueRepository(database).set("name", "kept")
    copy = tmp_path / "copy.db"
    await write_backup(sqlite_url, copy)
    with pytest.raises(StorageUnavailableError, match="bot is running"):
        await restore_sqlite(sqlite_url, copy, NOW)
    await database.close()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with pytest.raises(InvalidInputError, match="already exists"):
        await write_backup(sqlite_url, copy)
    await set_value(sqlite_url, "later")
    kept = await restore_sqlite(sqlite_url, copy, NOW)
    assert await read_value(sqlite_url) == "kept"
    assert kept is not None
    assert await read_value(f"sqlite+aiosqlite:///{kept}") == "later"


class _EndlessConnection(sqlite3.Connection):
    """A connection to a database so large that copying it takes for ever."""

    def execute(self, _statement: str, _params: Any = ()) -> sqlite3.Cursor:
        return super().execute(
            "WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count) SELECT max(n) FROM count"
        )


async def test_a_copy_that_is_cancelled_stops_at_once(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_value(sqlite_url, "kept")
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=_EndlessConnection))
    copying = asyncio.create_task(write_backup(sqlite_url, tmp_path / "copy.db"))
    while not (tmp_path / "copy.db.part").exists():  # noqa: ASYNC110  (a file has no event)
        await asyncio.sleep(0.01)
    copying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await copying
    assert list_names(tmp_path) == ["data"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("x" * 300, "File name too long"), ("copy\udcff.db", "that file name"), ("no/copy", "No such")],
)
async def test_a_copy_that_fails_leaves_nothing(sqlite_url: str, tmp_path: Path, name: str, reason: str) -> None:
    await set_value(sqlite_url, "kept")
    with pytest.raises(StorageUnavailableError, match=reason):
        await write_backup(sqlite_url, tmp_path / name)
    assert list_names(tmp_path) == ["data"]


async def test_only_a_whole_backup_of_a_known_version_is_restored(sqlite_url: str, tmp_path: Path) -> None:
    await set_value(sqlite_url, "kept")
    source = tmp_path / "copy.db"
    with pytest.raises(InvalidInputError, match="isn't a file"):
        await restore_sqlite(sqlite_url, source, NOW)
    source.write_text("something else" * 100)
    with pytest.raises(InvalidInputError, match="isn't a backup"):
        await restore_sqlite(sqlite_url, source, NOW)
    source.unlink()
    await write_backup(sqlite_url, source)
    with sqlite3.connect(source) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(InvalidInputError, match="newer version"):
        await restore_sqlite(sqlite_url, source, NOW)
    assert await read_value(sqlite_url) == "kept"
    assert sorted(name for name in list_names(tmp_path / "data") if "before" in name or "part" in name) == []


async def test_a_damaged_database_is_replaced_and_kept(sqlite_url: str, tmp_path: Path) -> None:
    await set_value(sqlite_url, "kept")
    await write_backup(sqlite_url, tmp_path / "copy.db")
    (tmp_path / "data" / "marquee.db").write_bytes(b"not a database any more" * 200)
    kept = await restore_sqlite(sqlite_url, tmp_path / "copy.db", NOW)
    assert await read_value(sqlite_url) == "kept"
    assert kept is not None
    assert kept.read_bytes().startswith(b"not a database")


@pytest.mark.postgres
async def test_postgresql_is_copied_and_put_back_whole(postgres_url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.dump"
    await set_value(postgres_url, "kept")
    await write_backup(postgres_url, copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    database = await Database.open(postgres_url)
    await KeyValueRepository(database).set("name", "later")
    with pytest.raises(StorageUnavailableError, match="bot is running"):
        await restore_postgres(postgres_url, copy)
    await database.close()
    (tmp_path / "other.dump").write_text("something else")
    with pytest.raises(InvalidInputError, match="isn't a backup"):
        await restore_postgres(postgres_url, tmp_path / "other.dump")
    assert await read_value(postgres_url) == "later"
    await restore_postgres(postgres_url, copy)
    assert await read_value(postgres_url) == "kept"


@pytest.mark.postgres
async def test_no_word_of_the_password_is_told(tmp_path: Path) -> None:
    url = "postgresql+asyncpg://somebody:hunter2@127.0.0.1:1/films"
    with pytest.raises(StorageUnavailableError, match="pg_dump says") as failure:
        await write_backup(url, tmp_path / "copy.dump")
    assert "hunter2" not in str(failure.value)
    assert list_names(tmp_path) == []


async def test_one_process_copies_once_a_day_and_keeps_the_newest(sqlite_url: str, tmp_path: Path) -> None:
    now = NOW
    database = await Database.open(sqlite_url)
    folder = tmp_path / "copies"
    folder.mkdir()
    (folder / "marquee-holiday.db").touch()  # not one of ours
    (folder / "marquee-2025-01-01-000000.db.part").touch()  # the power went
    one, other = (DailyBackup(sqlite_url, folder, 2, KeyValueRepository(database), lambda: now) for _ in range(2))
    names = []
    for _ in range(4):
        target = await one.run_if_due()
        assert target is not None
        names.append(target.name)
        assert await other.run_if_due() is None
        now += timedelta(days=1)
    assert list_names(folder) == [*names[-2:], "marquee-holiday.db"]
    broken = DailyBackup(
        sqlite_url, tmp_path / "data" / "marquee.db", 2, KeyValueRepository(database), lambda: now
    )
    with pytest.raises(OSError, match="exists"):
        await broken.run_if_due()
    assert await one.run_if_due() is not None  # a copy that failed does not count
    await database.close()
