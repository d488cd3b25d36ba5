"""The database: SQLite by default, PostgreSQL if DATABASE_URL says so."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql import Executable
from sqlalchemy.sql.schema import Table

from bot.core.database import migrate
from bot.core.database.read_executor import AnyRow, PostgresReadExecutor, ReadExecutor, SqliteReadExecutor
from bot.core.database.transaction_script import TransactionScript
from bot.core.database.write_executor import PostgresWriteExecutor, SqliteWriteExecutor, WriteExecutor
from bot.core.errors import StorageUnavailableError

BUSY_TIMEOUT = 30_000
"""Milliseconds that a connection of another process may hold SQLite's write lock before we give up."""
POOL_SIZE = 5
Result = TypeVar("Result")


class Database:
    """An open, migrated database. Reads and writes are transactions; close it when done."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._read_executor = _read_executor(engine)
        self._write_lock = asyncio.Lock()
        self.dialect = engine.dialect.name
        self.is_sqlite = self.dialect == "sqlite"
        self._write_executor: WriteExecutor = _write_executor(engine)

    @classmethod
    async def open(cls, url: str) -> "Database":
        """Open the database at the SQLAlchemy URL `url` and upgrade its schema.

        Raise StorageUnavailableError if it can't be reached, isn't a database, or is newer than this version of
        Marquee.
        """
        try:
            engine = _create_engine(url)
            if engine.dialect.name == "sqlite":
                # aiosqlite's thread would fail only after the event loop is closed, with a traceback.
                (await asyncio.to_thread(_connect_sqlite, engine.url)).close()
        except (ArgumentError, ValueError, ImportError, OSError, sqlite3.Error) as error:
            raise StorageUnavailableError(_describe_failure(url, error)) from error
        try:
            async with engine.connect() as connection:
                await connection.run_sync(migrate.upgrade)
                await connection.commit()
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            await engine.dispose()
            raise StorageUnavailableError(_describe_failure(url, error)) from error
        except TypeError as error:  # an option in the URL that the driver doesn't know
            await engine.dispose()
            raise StorageUnavailableError(f"DATABASE_URL has an option that can't be used: {error}.") from error
        except BaseException:
            await engine.dispose()
            raise
        return cls(engine)

    async def fetch_all(self, statement: Executable) -> Sequence[AnyRow]:
        """Return the rows of one SELECT without a transaction, which takes a fraction of the time of `read`."""
        return await self._read_executor.fetch_all(statement)

    async def fetch_snapshot(
        self, statements: tuple[Executable, ...], **parameters: Any
    ) -> list[Sequence[AnyRow]]:
        """Return the rows of each SELECT, all read from one snapshot of the database: the fastest way to read.

        The statements must be module-level constants, because compiled statements are cached by identity.
        """
        return await self._read_executor.fetch_snapshot(statements, parameters)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection whose reads all see one snapshot of the database."""
        async with self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection in a transaction that is committed at the end, or rolled back on an error.

        On SQLite, writers of this process wait for one another here, and BEGIN IMMEDIATE takes the write lock
        at once, so that no transaction fails half-way.
        """
        if not self.is_sqlite:
            async with self._engine.begin() as connection:
                yield connection
            return
        async with self._write_lock, self._engine.connect() as connection:
            await connection.execution_options(marquee_write=True)
            async with connection.begin():
                yield connection

    async def run(self, script: TransactionScript[Result], servers: Iterable[int]) -> Result:
        """Run a script in one transaction, faster than `write`, with the ratings of `servers` locked."""
        async with self._write_lock:
            return await self._write_executor.run(script, sorted(set(servers)))

    async def backup(self, target: Path) -> None:
        """Copy a SQLite database to the new file `target`, consistently and while it is in use.

        Raise StorageUnavailableError if the file can't be written, or for PostgreSQL, which has pg_dump.
        """
        if not self.is_sqlite:
            raise StorageUnavailableError("Back PostgreSQL up with pg_dump; this command copies SQLite files.")
        async with self._engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver: Any = raw.driver_connection
            # VACUUM INTO can't run in a transaction, so it goes to the driver itself.
            try:
                await driver.execute("VACUUM INTO ?", (str(target),))
            except sqlite3.Error as error:
                raise StorageUnavailableError(f"{target} can't be written: {error}.") from error

    async def close(self) -> None:
        """Close all connections."""
        await self._write_executor.close()
        await self._read_executor.close()
        await self._engine.dispose()


def _create_engine(url: str) -> AsyncEngine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        # libpq's sslmode, as providers write it, is called ssl in asyncpg and takes the same values.
        if (mode := parsed.query.get("sslmode")) is not None:
            parsed = parsed.difference_update_query(("sslmode",)).update_query_dict({"ssl": mode})
        # pool_pre_ping: after a restart of the server no member's command fails on a dead connection.
        return create_async_engine(parsed, pool_size=POOL_SIZE, pool_pre_ping=True, hide_parameters=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(parsed, pool_size=POOL_SIZE, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _configure_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _write_executor(engine: AsyncEngine) -> WriteExecutor:
    if engine.dialect.name != "sqlite":
        return PostgresWriteExecutor(engine)
    return SqliteWriteExecutor(engine.dialect, partial(_connect_sqlite, engine.url))


def _read_executor(engine: AsyncEngine) -> ReadExecutor:
    if engine.dialect.name != "sqlite":
        return PostgresReadExecutor(engine)
    return SqliteReadExecutor(engine.url, partial(_connect_sqlite, engine.url))


def _connect_sqlite(url: URL) -> sqlite3.Connection:
    # Only the thread that opens a connection uses it, but another one may close it when the process ends.
    connection = sqlite3.connect(str(url.database), check_same_thread=False)
    _configure_sqlite(connection, None)
    return connection


def _configure_sqlite(connection: Any, _record: object) -> None:
    """Make acknowledged writes survive a power cut, and let Database issue BEGIN itself."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("marquee_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _describe_failure(url: str, error: Exception) -> str:
    """Return a sentence for the operator about a failure to open `url`, without its password."""
    try:
        place = make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        # The error's message may quote a part of the password.
        return "DATABASE_URL is no address of a database: write postgresql://user:password@host:port/database."
    reason = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()
    return f"The database {place} can't be opened: {reason[0] if reason else type(error).__name__}."


async def lock(connection: AsyncConnection, number: int) -> None:
    """Acquire the advisory lock `number`, and hold it until the transaction ends.

    Serialises transactions whose writes depend on their reads. SQLite, with its single writer, needs no lock.
    """
    if connection.dialect.name != "sqlite":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


async def lock_servers(connection: AsyncConnection, server_ids: Iterable[int]) -> None:
    """Lock the ratings, settings and picks of servers against other processes until the transaction ends."""
    for server_id in sorted(set(server_ids)):
        await lock(connection, server_id)


def upsert(
    dialect: str,
    table: Table,
    keys: tuple[str, ...],
    change: tuple[str, ...],
    values: Mapping[str, Any] | None = None,
) -> Executable:
    """Return an INSERT that updates the columns `change` if a row with the same `keys` exists."""
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    if values is not None:
        insert = insert.values(values)
    if not change:
        return insert.on_conflict_do_nothing(index_elements=list(keys))
    return insert.on_conflict_do_update(
        index_elements=list(keys), set_={column: insert.excluded[column] for column in change}
    )
