"""A database that fails while the bot runs: one sentence for the member, one line in the log, no traceback."""

import asyncio
import logging
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database import engine, failures
from bot.core.database.engine import Database, storage_failures
from bot.core.database.failures import DatabaseUnavailableError
from bot.core.database.group_commit import GroupCommit
from bot.core.database.key_value import KeyValueRepository, key_values
from bot.core.database.transaction_script import StatementBatch, TransactionScript
from bot.core.discord.error_handler import log_errors
from bot.core.errors import StorageUnavailableError
from tests.conftest import World
from tests.responses import require_response

ALL_VALUES = (select(key_values),)
INSERT_VALUE = insert(key_values)
SLEEP = "SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(5)"


def _with_code(code: str) -> Exception:
    error = Exception("x")
    error.sqlstate = code  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionRefusedError(111, "Connection refused"), True),
        (TimeoutError(), True),
        (PermissionError(13, "Permission denied", "/var/lib/marquee.db"), False),
        (_with_code("57P03"), True),  # the server is starting
        (_with_code("53300"), True),  # too many connections
        (_with_code("28P01"), False),  # a wrong password
        (_with_code("3D000"), False),  # no such database
        (_with_code("53100"), False),  # a full disk
    ],
)
def test_a_supervisor_starts_again_what_may_work_by_then(error: BaseException, *, expected: bool) -> None:
    assert failures.is_temporary(error) is expected


def damage(path: Path) -> None:
    """Overwrite all pages of the database but the first, which says that it is one."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with path.open("r+b") as file:
        file.seek(4_096)
        file.write(b"\x5a" * (path.stat().st_size - 4_096))


def write_value() -> TransactionScript[None]:
    yield StatementBatch((INSERT_VALUE,), [{"name": "light", "value": "on"}])


async def fetch_all(database: Database) -> None:
    await database.fetch_all(ALL_VALUES[0])


async def fetch_snapshot(database: Database) -> None:
    await database.fetch_snapshot(ALL_VALUES)


async def read(database: Database) -> None:
    async with database.read() as connection:
        await connection.execute(ALL_VALUES[0])


async def write(database: Database) -> None:
    await KeyValueRepository(database).set("light", "on")


async def run_script(database: Database) -> None:
    await database.run_script(write_value(), member_ids=(), server_ids=())


def get_reports(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == engine.log.name]


@pytest.mark.parametrize("use", [fetch_all, fetch_snapshot, read, write, run_script])
async def test_a_damaged_file_is_one_sentence(
    migrated: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, use: Callable[[Database], Awaitable[None]]
) -> None:
    path = tmp_path / "marquee.db"
    shutil.copy(migrated, path)
    damage(path)
    database = Database(engine.create_database_engine(f"sqlite+aiosqlite:///{path}"))
    for _ in range(3):
        with pytest.raises(DatabaseUnavailableError, match="Try again in a few minutes"):
            await use(database)
    await database.close()
    (report,) = get_reports(caplog)
    assert report.endswith("is damaged. Restore your latest backup.")


@pytest.mark.postgres
async def test_a_statement_timeout_is_one_sentence(postgres_url: str, caplog: pytest.LogCaptureFixture) -> None:
    database = await Database.open(postgres_url)

    async def sleep(connect: Callable[[], AbstractAsyncContextManager[AsyncConnection]]) -> None:
        with storage_failures(postgres_url):
            async with connect() as connection:
                for statement in SLEEP.split("; "):
                    await connection.execute(text(statement))

    for connect in (database.read, database.write):
        with pytest.raises(StorageUnavailableError, match="Raise statement_timeout"):
            await sleep(connect)
    assert len(get_reports(caplog)) == 1
    await database.fetch_snapshot(ALL_VALUES)  # the connections are usable again
    await database.close()


async def test_a_server_that_went_away_is_one_sentence() -> None:
    database = Database(engine.create_database_engine("postgresql+asyncpg://marquee:hunter2@127.0.0.1:1/marquee"))
    for use in (fetch_all, fetch_snapshot, read, write, run_script):
        with pytest.raises(DatabaseUnavailableError):
            await use(database)
    await database.close()


async def test_errors_of_the_statement_or_of_the_caller_stay_what_they_are(database: Database) -> None:
    async def fail(error: Exception | None) -> None:
        async with database.read() as connection:
            if error is not None:
                raise error
            await connection.execute(text("SELECT nonsense FROM nowhere"))

    with pytest.raises(OSError, match="the caller's own"):
        await fail(OSError("the caller's own"))
    with pytest.raises(Exception, match="nowhere") as caught:
        await fail(None)
    assert not failures.is_operational(caught.value)


async def test_a_group_fails_once_not_once_for_each_item() -> None:
    attempts = 0

    async def commit(_: object) -> list[str]:
        nonlocal attempts
        attempts += 1
        raise DatabaseUnavailableError

    group: GroupCommit[int, str] = GroupCommit(commit, key=lambda item: item)
    outcomes = await asyncio.gather(*map(group.submit, range(20)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {DatabaseUnavailableError}
    assert attempts == 2  # the first alone, then those that came meanwhile together


def test_background_work_logs_one_line_for_it(caplog: pytest.LogCaptureFixture) -> None:
    with log_errors("a task"):
        raise DatabaseUnavailableError
    (record,) = caplog.records
    assert "\n" not in record.getMessage()
    assert record.levelno == logging.ERROR


@pytest.mark.expects_errors
async def test_members_read_one_sentence_and_the_log_has_no_traceback(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's cache hides damage from small reads, so that the error is raised here in SQLite's place."""
    monkeypatch.setattr(engine, "REPORT_INTERVAL", 0.0)

    def fail(*_: object) -> None:
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    for executor in (world.services.database._read_executor, world.services.database._write_executor):
        monkeypatch.setattr(executor, "fetch_snapshot" if hasattr(executor, "fetch_snapshot") else "run", fail)
    for command, options in (
        ("film", {"title": "ballerina-2023"}),
        ("rate", {"film": "ballerina-2023", "stars": "4"}),
    ):
        reply = require_response(await world.mina.slash(world.channel, command, **options))
        assert reply.content == "Marquee's database isn't answering right now. Try again in a few minutes."
    assert get_reports(caplog)
    assert not [record for record in caplog.records if "Traceback" in record.getMessage() or record.exc_info]
