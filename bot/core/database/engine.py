"""The database: SQLite by default, PostgreSQL where DATABASE_URL says so, and the file of a SQLite database."""

import asyncio
import contextlib
import logging
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import ARRAY, BigInteger, bindparam, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql import Executable
from sqlalchemy.sql.schema import Table

from bot.core.database import migrate
from bot.core.database.executors import (
    AnyRow,
    PostgresReadExecutor,
    PostgresWriteExecutor,
    ReadExecutor,
    SqliteReadExecutor,
    SqliteWriteExecutor,
    WriteExecutor,
)
from bot.core.database.failures import (
    CONNECT_ERRORS,
    DatabaseUnavailableError,
    describe_failure,
    describe_unavailable,
    is_operational,
)
from bot.core.database.postgres_url import build_connect_arguments
from bot.core.database.transaction_script import TransactionScript
from bot.core.errors import StorageUnavailableError
from bot.core.tasks import BackgroundTasks, note_commit
from bot.core.text.i18n import _

log = logging.getLogger(__name__)
BUSY_TIMEOUT = 30_000
"""Milliseconds to wait for SQLite's write lock while another process has it."""
CHECKPOINT_TIMEOUT = 250
"""Milliseconds to wait for those who read SQLite's write-ahead log before it is emptied."""
CHECKPOINT_RETRY_DELAY = 1.0
"""Seconds until it is tried again."""
POOL_SIZE = 5
REPORT_INTERVAL = 60.0
"""Seconds until the same failure is logged again: while it lasts, every command meets it."""
DatabaseObserver = Callable[[str, float], None]
"""Called with READ, WRITE or WAIT and the seconds that it took."""
READ, WRITE, WAIT = "read", "write", "wait"
"""A read; a transaction from its request until its commit; the part of that before its first statement."""
NO_PARAMS: Mapping[str, Any] = MappingProxyType({})
Result = TypeVar("Result")


class Database:
    """An open, migrated database.

    `dialect` is SQLAlchemy's name of it, "sqlite" or "postgresql". `observers` are told how long reads, writes and
    waits took.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.observers: list[DatabaseObserver] = []
        self._engine = engine
        self._snapshot_engine = engine
        self._write_lock = asyncio.Lock()
        self._background = BackgroundTasks()
        self._is_erasing = False
        self._report_again_at: dict[str, float] = {}
        self._file: DatabaseFile | None = None
        self.dialect = engine.dialect.name
        self.is_sqlite = self.dialect == "sqlite"
        self._read_executor: ReadExecutor
        self._write_executor: WriteExecutor
        if self.is_sqlite:
            self._file = DatabaseFile(Path(str(engine.url.database)))
            # A new connection would create a new file in the place of one that is gone.
            event.listen(engine.sync_engine, "do_connect", self._check_file)
            connect = partial(self._connect_sqlite, engine.url)
            self._read_executor = SqliteReadExecutor(engine.url, connect)
            self._write_executor = SqliteWriteExecutor(engine.dialect, connect)
        else:
            # PostgreSQL's default shows each statement what was committed by then.
            self._snapshot_engine = engine.execution_options(isolation_level="REPEATABLE READ")
            self._read_executor = PostgresReadExecutor(engine)
            self._write_executor = PostgresWriteExecutor(engine)

    @classmethod
    async def open(cls, url: str, pool_size: int = POOL_SIZE) -> "Database":
        """Return the database of that SQLAlchemy URL, opened, with its schema up to date.

        `pool_size` connections to PostgreSQL stay open. Raises StorageUnavailableError if it can't be reached, is
        no database, or was migrated by a newer version of Marquee.
        """
        try:
            engine = create_database_engine(url, pool_size)
            # If this failed in aiosqlite, its thread would print a traceback after the event loop is closed.
            if engine.dialect.name == "sqlite" and await asyncio.to_thread(_is_up_to_date, engine.url):
                return cls(engine)
        except (ArgumentError, ValueError, ImportError, OSError, sqlite3.Error) as error:
            raise describe_unavailable(url, error) from error
        try:
            async with engine.connect() as connection:
                await connection.run_sync(migrate.upgrade)
                await connection.commit()
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            await engine.dispose()
            raise describe_unavailable(url, error) from error
        except BaseException:
            await engine.dispose()
            raise
        return cls(engine)

    async def fetch_all(self, statement: Executable) -> Sequence[AnyRow]:
        """Return the rows of one SELECT, run outside of any transaction, in a fraction of the time of `read`."""
        with self._report_failures(*CONNECT_ERRORS), self._measure_read():
            return await self._read_executor.fetch_all(statement)

    async def fetch_snapshot(
        self, statements: tuple[Executable, ...], params: Mapping[str, Any] = NO_PARAMS
    ) -> list[Sequence[AnyRow]]:
        """Return the rows of each SELECT; all of them see the same state of the database.

        This is the quickest way to read. The statements are module-level constants: they are compiled once and
        kept. `params` are the values of their bind parameters by name.
        """
        with self._report_failures(*CONNECT_ERRORS), self._measure_read():
            return await self._read_executor.fetch_snapshot(statements, params)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection whose reads all see the same state of the database."""
        with self._measure_read():
            async with self._connect(self._snapshot_engine) as connection:
                yield connection

    @asynccontextmanager
    async def write(
        self, *, member_ids: Iterable[int] = (), server_ids: Iterable[int] = (), is_upkeep: bool = False
    ) -> AsyncIterator[AsyncConnection]:
        """Yield a connection in a transaction that is committed at the end, or rolled back on an error.

        The transaction holds the locks of these members and servers from before its first statement on. Raises
        DatabaseFileGoneError if SQLite's file is no longer there, before the transaction or after it.

        On SQLite the writers of this process queue up here, and each transaction takes the write lock when it
        begins, so that none fails half-way. `is_upkeep` is for what is stored for Marquee's own sake, such as a
        cache: a member is not told that it is saved.
        """
        started = time.perf_counter()
        if not self.is_sqlite:
            async with self._connect(self._engine) as connection, connection.begin():
                await acquire_locks(connection, get_lock_keys(member_ids, server_ids))
                self._observe(WAIT, started)
                yield connection
        else:
            async with self._write_lock, self._connect(self._engine) as connection:
                self._check_file()
                await connection.execution_options(marquee_write=True)
                async with connection.begin():
                    self._observe(WAIT, started)
                    yield connection
                self._check_file()
        self._observe(WRITE, started)
        if not is_upkeep:
            note_commit()

    async def run_script(
        self,
        script: TransactionScript[Result],
        *,
        member_ids: Iterable[int] = (),
        server_ids: Iterable[int] = (),
        is_upkeep: bool = False,
    ) -> Result:
        """Run the script in one transaction that holds the locks of these members and servers.

        Return its result. This is quicker than the same statements in `write`; `is_upkeep` and what it raises are
        as there.
        """
        started = time.perf_counter()
        async with self._write_lock:
            self._observe(WAIT, started)
            self._check_file()
            with self._report_failures(*CONNECT_ERRORS):
                result = await self._write_executor.run(script, get_lock_keys(member_ids, server_ids))
            self._check_file()
        self._observe(WRITE, started)
        if not is_upkeep:
            note_commit()
        return result

    @property
    def busy_connections(self) -> int:
        """How many connections of the pool are in use."""
        return int(self._engine.pool.checkedout())  # type: ignore[attr-defined]

    def _observe(self, operation: str, started: float) -> None:
        seconds = time.perf_counter() - started
        for observer in self.observers:
            observer(operation, seconds)

    @contextmanager
    def _measure_read(self) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self._observe(READ, started)

    @asynccontextmanager
    async def _connect(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        with self._report_failures():
            # An OSError inside the block may be the caller's own.
            with self._report_failures(*CONNECT_ERRORS):
                connection = await engine.connect()
            try:
                yield connection
            finally:
                await connection.close()

    @contextmanager
    def _report_failures(self, *operational: type[Exception]) -> Iterator[None]:
        """Log, in one line, why the database can't be used, and raise DatabaseUnavailableError.

        Errors of the classes `operational` always mean that; others of the database where their code says so.
        Every other error goes on as it is.
        """
        try:
            yield
        except Exception as error:
            if not isinstance(error, operational) and not is_operational(error):
                raise
            reason = describe_failure(self._engine.url.render_as_string(hide_password=False), error)
            now = time.monotonic()
            if now >= self._report_again_at.get(reason, now):
                self._report_again_at = {reason: now + REPORT_INTERVAL}
                log.error("%s", reason)
            raise DatabaseUnavailableError from error

    def _check_file(self, *_: object) -> None:
        """Raise DatabaseFileGoneError if SQLite's file was deleted, moved or replaced. It takes microseconds."""
        if self._file is not None:
            self._file.check()

    def _connect_sqlite(self, url: URL) -> sqlite3.Connection:
        self._check_file()
        return _connect_sqlite(url)

    async def erase_deleted(self) -> None:
        """Empty SQLite's write-ahead log, which holds what was deleted until it is written over.

        While somebody reads an older state, it is tried again in the background. PostgreSQL's VACUUM does its part
        by itself. Raises nothing: what was deleted is deleted.
        """
        if self.is_sqlite and not self._is_erasing and not await asyncio.to_thread(self._empty_log):
            self._is_erasing = True
            self._background.start(self._empty_log_later(), name="empty the write-ahead log")

    def _empty_log(self) -> bool:
        """Return whether the log is empty now."""
        try:
            with closing(self._connect_sqlite(self._engine.url)) as connection:
                connection.execute(f"PRAGMA busy_timeout={CHECKPOINT_TIMEOUT}")
                is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except (sqlite3.Error, DatabaseFileGoneError):
            return False
        return not is_busy

    async def _empty_log_later(self) -> None:
        while self._is_erasing:
            await asyncio.sleep(CHECKPOINT_RETRY_DELAY)
            self._is_erasing = not await asyncio.to_thread(self._empty_log)

    async def close(self) -> None:
        """Close all connections."""
        await self._background.close()
        await self._write_executor.close()
        await self._read_executor.close()
        await self._engine.dispose()


def create_database_engine(url: str, pool_size: int = POOL_SIZE) -> AsyncEngine:
    """Return an engine for that SQLAlchemy URL, without connections yet; a SQLite file is created with its folder.

    `pool_size` connections to PostgreSQL stay open. Raises what SQLAlchemy raises for a URL that it can't use, and
    OSError if the file can't be created.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        parsed, connect_args = build_connect_arguments(parsed)
        # pool_pre_ping: after a restart of the server at night no command fails in the morning.
        return create_async_engine(
            parsed, pool_size=pool_size, pool_pre_ping=True, hide_parameters=True, connect_args=connect_args
        )
    if parsed.database:
        prepare_database_file(Path(parsed.database))
    engine = create_async_engine(parsed, pool_size=POOL_SIZE, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _configure_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _connect_sqlite(url: URL) -> sqlite3.Connection:
    # Only the thread that opens it uses it; another one may close it when the process ends.
    connection = sqlite3.connect(str(url.database), check_same_thread=False)
    _configure_sqlite(connection, None)
    return connection


def _is_up_to_date(url: URL) -> bool:
    with closing(_connect_sqlite(url)) as connection:
        return migrate.is_up_to_date(connection)


def _configure_sqlite(connection: Any, _record: object) -> None:
    """Let acknowledged writes survive a power cut, write over what is deleted, and leave BEGIN to us."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={BUSY_TIMEOUT}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    is_write = connection.get_execution_options().get("marquee_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")


@contextmanager
def storage_failures(url: str) -> Iterator[None]:
    """Raise StorageUnavailableError for errors inside the block that an operator can do something about.

    Other errors of the database, such as a statement that it does not understand, are Marquee's own and go on.
    """
    try:
        yield
    except DatabaseUnavailableError as error:
        # Its own message is for members.
        raise describe_unavailable(url, error.__cause__ or error) from error
    except Exception as error:
        if not is_operational(error):
            raise
        raise describe_unavailable(url, error) from error


# Locks keep others from changing what was read until what depends on it is written. They are advisory: each is
# only a number that transactions agree on. Every transaction that writes something about a member holds the
# member's lock, and one that changes what members share in a server, such as totals, the server's. They are
# acquired in one order, members by their ids and then servers by theirs, so that no two transactions wait for each
# other. A statement sees what was committed when it began: what a write depends on is read after the locks are
# acquired. SQLite, with its single writer, needs none.

_ACQUIRE_LOCKS = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key").bindparams(
    bindparam("keys", type_=ARRAY(BigInteger))
)


def get_lock_keys(member_ids: Iterable[int], server_ids: Iterable[int]) -> list[int]:
    """Return the numbers of these members' and servers' locks in the order in which they are acquired."""
    # Members' are negative, so that none is a server's too.
    return [*(~member_id for member_id in sorted(set(member_ids))), *sorted(set(server_ids))]


async def acquire_locks(connection: AsyncConnection, keys: Iterable[int]) -> None:
    """Wait for the locks of these numbers, in this order, and hold them until the transaction ends."""
    if connection.dialect.name != "sqlite" and (keys := list(keys)):
        await connection.execute(_ACQUIRE_LOCKS, {"keys": keys})


async def lock_servers(connection: AsyncConnection, server_ids: Iterable[int]) -> None:
    """Lock these servers' ratings, settings and plans until the transaction ends.

    The transaction must not hold a server's lock yet. Where the servers are known before it begins, name them to
    `Database.write`.
    """
    await acquire_locks(connection, get_lock_keys((), server_ids))


def upsert(
    dialect: str,
    table: Table,
    keys: tuple[str, ...],
    updates: tuple[str, ...],
    values: Mapping[str, Any] | None = None,
) -> Executable:
    """Return an INSERT that updates the columns `updates` instead if a row with the same `keys` exists.

    Without `updates` it leaves such a row as it is.
    """
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    if values is not None:
        insert = insert.values(values)
    if not updates:
        return insert.on_conflict_do_nothing(index_elements=list(keys))
    return insert.on_conflict_do_update(
        index_elements=list(keys), set_={column: insert.excluded[column] for column in updates}
    )


OWNER_ONLY_FILE, OWNER_ONLY_FOLDER = 0o600, 0o700
"""Modes on POSIX systems; others ignore them."""
_OTHERS = 0o077
_SUFFIXES = ("", "-wal", "-shm")


class DatabaseFileGoneError(StorageUnavailableError):
    """The database file was deleted, moved or replaced under the running bot."""

    def __init__(self) -> None:
        super().__init__(
            _("I can't save anything right now: my database file was moved or deleted. Tell the bot's owner.")
        )


def create_private_file(path: Path) -> None:
    """Create an empty file that its owner alone can read. Raise FileExistsError or another OSError."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY_FILE))


def prepare_database_file(path: Path) -> None:
    """Create the database file and its folder where they are missing, and keep others from reading the file.

    A folder that is there stays as it is: it may hold more than Marquee's files. Raises OSError.
    """
    path.parent.mkdir(OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    # A file that is there is not opened here: closing it would end the locks of this process's connections to it.
    with contextlib.suppress(FileExistsError):
        create_private_file(path)
    if os.name == "posix":
        for suffix in _SUFFIXES:
            _remove_rights_of_others(path.with_name(path.name + suffix))


def _remove_rights_of_others(path: Path) -> None:
    """Let only the owner read and write the file; where it is somebody else's, it stays as it is."""
    with contextlib.suppress(FileNotFoundError, PermissionError):
        if path.is_file() and path.stat().st_mode & _OTHERS:
            path.chmod(OWNER_ONLY_FILE)


class DatabaseFile:
    """A database file in use.

    SQLite goes on writing to a file that was deleted or replaced, and loses all of it at the end.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity = _identify(path)
        self._is_gone = False

    def check(self) -> None:
        """Raise DatabaseFileGoneError if the path no longer names the file that was opened."""
        was_gone, self._is_gone = self._is_gone, _identify(self._path) != self._identity
        if self._is_gone:
            if not was_gone:
                log.error(
                    "%s was deleted, moved or replaced while it was in use: nothing is saved until it is back. "
                    "Without the file, stop the bot and put a backup there.",
                    self._path,
                )
            raise DatabaseFileGoneError


def _identify(path: Path) -> tuple[int, int] | None:
    """Return what distinguishes the file from every other one, None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
