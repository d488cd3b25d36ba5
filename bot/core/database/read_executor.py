"""Runs short SELECTs that a member waits for in the fastest way on each database."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, cast

from sqlalchemy import create_engine
from sqlalchemy.engine import URL
from sqlalchemy.engine.row import Row
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql import Executable

from bot.core.database.transaction_script import CompiledCache

AnyRow = Row[*tuple[Any, ...]]
"""A row whose columns the type checker can't know."""
READER_THREADS = 2
"""Threads that read a SQLite file; most reads end before a third thread would help."""
SLOW_READ = 0.005
"""Seconds after which an inline read must have waited for the disk, and blocked the event loop."""
THREADS_ONLY_AFTER_SLOW_READ = 10.0
"""Seconds for which all reads run in threads after a slow inline read."""


class ReadExecutor(Protocol):
    """Runs SELECTs outside write transactions, any number of them concurrently."""

    async def fetch_all(self, statement: Executable) -> Sequence[AnyRow]:
        """Return the rows of `statement`."""
        ...

    async def fetch_snapshot(
        self, statements: tuple[Executable, ...], parameters: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        """Return the rows of each statement, all read from one snapshot of the database.

        The statements must be module-level constants; `parameters` are their bind parameters by name.
        """
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


class SqliteReadExecutor:
    """Reads inline on the event loop while SQLite answers from memory, else in threads.

    Through aiosqlite a SELECT switches threads four times, and twice more for its transaction. One call to a
    thread of our own switches once, which still takes ten times as long as reading a few rows by key from memory.
    """

    def __init__(self, url: URL, connect: Callable[[], sqlite3.Connection]) -> None:
        # Transactions always end here, so there is nothing to roll back when a connection returns to the pool.
        self._engine = create_engine(
            url.set(drivername="sqlite"),
            creator=connect,
            pool_size=READER_THREADS,
            hide_parameters=True,
            skip_autocommit_rollback=True,
        )
        self._connect = connect
        self._inline_connection: sqlite3.Connection | None = None
        self._threads_only_until = 0.0
        self._compiled = CompiledCache(self._engine.dialect)
        self._threads = ThreadPoolExecutor(READER_THREADS, thread_name_prefix="marquee-reads")

    async def fetch_all(self, statement: Executable) -> Sequence[AnyRow]:
        """Return the rows of `statement`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._fetch_all, statement)

    def _fetch_all(self, statement: Executable) -> Sequence[AnyRow]:
        with self._engine.connect() as connection:
            return connection.execute(statement).all()

    async def fetch_snapshot(
        self, statements: tuple[Executable, ...], parameters: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        """Return the rows of each statement, all read from one snapshot of the database."""
        started = time.perf_counter()
        if started >= self._threads_only_until:
            try:
                found = self._fetch_inline(statements, parameters)
            except sqlite3.OperationalError:
                pass  # locked or unreadable: a thread waits for the lock, or raises the error
            else:
                if (now := time.perf_counter()) - started > SLOW_READ:
                    self._threads_only_until = now + THREADS_ONLY_AFTER_SLOW_READ
                return found
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._fetch_in_thread, statements, parameters)

    def _fetch_inline(
        self, statements: tuple[Executable, ...], parameters: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        if self._inline_connection is None:
            self._inline_connection = self._connect()
            self._inline_connection.execute("PRAGMA busy_timeout=0")
        return self._fetch_snapshot(self._inline_connection, statements, parameters)

    def _fetch_in_thread(
        self, statements: tuple[Executable, ...], parameters: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        pooled = self._engine.raw_connection()
        try:
            return self._fetch_snapshot(cast(sqlite3.Connection, pooled.driver_connection), statements, parameters)
        finally:
            pooled.close()

    def _fetch_snapshot(
        self, driver: sqlite3.Connection, statements: tuple[Executable, ...], parameters: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        """Call the driver directly: SQLAlchemy's overhead is larger than SQLite's time to answer."""
        if len(statements) == 1:
            return [self._read(driver, statements[0], parameters)]
        driver.execute("BEGIN")
        try:
            return [self._read(driver, statement, parameters) for statement in statements]
        finally:
            driver.execute("ROLLBACK")

    def _read(
        self, driver: sqlite3.Connection, statement: Executable, parameters: Mapping[str, Any]
    ) -> list[AnyRow]:
        compiled = self._compiled.get((statement,))
        found = driver.execute(compiled.texts[0], compiled.arguments(0, parameters))
        return [compiled.row(each) for each in found]

    async def close(self) -> None:
        """Close the connections and end the threads."""
        if self._inline_connection is not None:
            self._inline_connection.close()
            self._inline_connection = None
        await asyncio.get_running_loop().run_in_executor(self._threads, self._engine.dispose)
        self._threads.shutdown(wait=False)


class PostgresReadExecutor:
    """Reads on pooled connections without BEGIN and ROLLBACK, each of which takes a round trip."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._snapshot_engine = engine.execution_options(isolation_level="REPEATABLE READ")
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def fetch_all(self, statement: Executable) -> Sequence[AnyRow]:
        """Return the rows of `statement`."""
        async with self._engine.connect() as connection:
            return (await connection.execute(statement)).all()

    async def fetch_snapshot(
        self, statements: tuple[Executable, ...], parameters: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        """Return the rows of each statement, all read from one snapshot of the database."""
        engine = self._snapshot_engine if len(statements) > 1 else self._engine
        async with engine.connect() as connection:
            return [(await connection.execute(statement, parameters)).all() for statement in statements]

    async def close(self) -> None:
        """Do nothing: the caller owns the pool."""
