"""One way to the database: SQLite by default, PostgreSQL where DATABASE_URL says so."""

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
from bot.core.database.read_executor import AnyRow, PostgresSingle, Single, SqliteSingle
from bot.core.database.transaction_script import Steps
from bot.core.database.write_executor import Direct, PostgresDirect, SqliteDirect
from bot.core.errors import StorageUnavailableError

BUSY_TIMEOUT = 30_000
"""Milliseconds that a connection of another process may hold SQLite's write lock before we give up."""
POOL_SIZE = 5
Result = TypeVar("Result")


class Database:
    """An open, migrated database. Reads and writes are transactions; close it when done."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._single = _single(engine)
        self._writer = asyncio.Lock()
        self.dialect = engine.dialect.name
        self.is_sqlite = self.dialect == "sqlite"
        self._direct: Direct = _direct(engine)

    @classmethod
    async def open(cls, url: str) -> "Database":
        """Open the database of that SQLAlchemy URL and bring its schema up to date.

        Raises StorageUnavailableError where it can't be reached, isn't a database, or is newer than this
        version of Marquee.
        """
        try:
            engine = _engine(url)
            if engine.dialect.name == "sqlite":
                # Where this fails aiosqlite's thread would, after the event loop is closed, with a traceback.
                (await asyncio.to_thread(_connect_sqlite, engine.url)).close()
        except (ArgumentError, ValueError, ImportError, OSError, sqlite3.Error) as error:
            raise StorageUnavailableError(_sentence(url, error)) from error
        try:
            async with engine.connect() as connection:
                await connection.run_sync(migrate.upgrade)
                await connection.commit()
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            await engine.dispose()
            raise StorageUnavailableError(_sentence(url, error)) from error
        except TypeError as error:  # the driver was handed an option, by its name, that it doesn't take
            await engine.dispose()
            raise StorageUnavailableError(f"DATABASE_URL has an option that can't be used: {error}.") from error
        except BaseException:
            await engine.dispose()
            raise
        return cls(engine)

    async def rows(self, statement: Executable) -> Sequence[AnyRow]:
        """Give the rows of one SELECT outside any transaction, which takes a fraction of the time of `read`.

        A single statement sees one state of the database as it is.
        """
        return await self._single.rows(statement)

    async def together(self, statements: tuple[Executable, ...], **parameters: Any) -> list[Sequence[AnyRow]]:
        """Give the rows of one SELECT or several, which all see one state of the database: the quickest way.

        The statements are module-level constants, compiled once and found again by themselves.
        """
        return await self._single.together(statements, parameters)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection whose reads all see one state of the database."""
        async with self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection in a transaction that is committed at the end, or rolled back on an error.

        On SQLite writers of this process queue up here, and the transaction takes the write lock at its
        beginning, so that none fails half-way.
        """
        if not self.is_sqlite:
            async with self._engine.begin() as connection:
                yield connection
            return
        async with self._writer, self._engine.connect() as connection:
            await connection.execution_options(marquee_write=True)
            async with connection.begin():
                yield connection

    async def run(self, steps: Steps[Result], servers: Iterable[int]) -> Result:
        """Run the steps in one transaction, quicker than `write` would, with these servers' ratings locked."""
        async with self._writer:
            return await self._direct.run(steps, sorted(set(servers)))

    async def backup(self, target: Path) -> None:
        """Copy a SQLite database, whole and consistent, to the new file `target` while it is in use.

        Raises StorageUnavailableError where the file can't be written, and for PostgreSQL, whose own pg_dump
        does this better.
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
        await self._direct.close()
        await self._single.close()
        await self._engine.dispose()


def _engine(url: str) -> AsyncEngine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        # What libpq and the addresses that providers give call sslmode is ssl to asyncpg, with the same words.
        if (mode := parsed.query.get("sslmode")) is not None:
            parsed = parsed.difference_update_query(("sslmode",)).update_query_dict({"ssl": mode})
        # pool_pre_ping: a server restarted at night costs nobody a reply in the morning.
        return create_async_engine(parsed, pool_size=POOL_SIZE, pool_pre_ping=True, hide_parameters=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(parsed, pool_size=POOL_SIZE, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _configure_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _direct(engine: AsyncEngine) -> Direct:
    if engine.dialect.name != "sqlite":
        return PostgresDirect(engine)
    return SqliteDirect(engine.dialect, partial(_connect_sqlite, engine.url))


def _single(engine: AsyncEngine) -> Single:
    if engine.dialect.name != "sqlite":
        return PostgresSingle(engine)
    return SqliteSingle(engine.url, partial(_connect_sqlite, engine.url))


def _connect_sqlite(url: URL) -> sqlite3.Connection:
    # Only the thread that opens it uses it, but for what closes it when the process ends.
    connection = sqlite3.connect(str(url.database), check_same_thread=False)
    _configure_sqlite(connection, None)
    return connection


def _configure_sqlite(connection: Any, _record: object) -> None:
    """Set what makes an acknowledged write survive a power cut, and leave BEGIN to us."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("marquee_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _sentence(url: str, error: Exception) -> str:
    """Say in one sentence what can't be opened, without the password in the URL."""
    try:
        place = make_url(url).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        # The reason may quote a part of the password.
        return "DATABASE_URL is no address of a database: write postgresql://user:password@host:port/database."
    reason = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()
    return f"The database {place} can't be opened: {reason[0] if reason else type(error).__name__}."


async def lock(connection: AsyncConnection, number: int) -> None:
    """Wait until no other transaction holds the lock of that number, and hold it until this one ends.

    What is written depends on what was read, so that both must be one. SQLite has a single writer anyhow.
    """
    if connection.dialect.name != "sqlite":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


async def lock_servers(connection: AsyncConnection, server_ids: Iterable[int]) -> None:
    """Lock these servers' ratings, settings and plans against other processes until the transaction ends."""
    for server_id in sorted(set(server_ids)):
        await lock(connection, server_id)


def upsert(
    dialect: str,
    table: Table,
    keys: tuple[str, ...],
    change: tuple[str, ...],
    values: Mapping[str, Any] | None = None,
) -> Executable:
    """Give an INSERT that, where a row with these `keys` is there, sets the columns `change` of it instead."""
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    if values is not None:
        insert = insert.values(values)
    if not change:
        return insert.on_conflict_do_nothing(index_elements=list(keys))
    return insert.on_conflict_do_update(
        index_elements=list(keys), set_={column: insert.excluded[column] for column in change}
    )
