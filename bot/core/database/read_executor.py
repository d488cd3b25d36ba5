"""Read executors: run one SELECT or a few in the quickest way there is on each database.

Commands wait for these reads, so they go past SQLAlchemy's transactions, each of which costs several trips to
another thread or to the server.
"""

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

from bot.core.database.transaction_script import StatementCompiler

AnyRow = Row[*tuple[Any, ...]]
"""A row whose columns the type checker does not know."""
READER_THREADS = 2
"""Threads that read a SQLite file at a time: most reads are over before a third one would help."""
SLOW_READ_SECONDS = 0.005
"""A read on the event loop that takes longer had to wait for the disk, and everybody else with it."""
THREADS_ONLY_SECONDS = 10.0
"""For how long after a slow read all reads go to the threads."""


class ReadExecutor(Protocol):
    """Runs SELECTs outside of transactions, any number of them at a time."""

    async def fetch_all(self, statement: Executable) -> Sequence[AnyRow]:
        """Return the rows of the statement."""
        ...

    async def fetch_snapshot(
        self, statements: tuple[Executable, ...], params: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        """Return the rows of each statement; all of them see the same state of the database.

        The statements are module-level constants: they are compiled once and kept. `params` are the values of
        their bind parameters by name.
        """
        ...

    async def close(self) -> None:
        """Close its connections."""
        ...


class SqliteReadExecutor:
    """Reads on the event loop what SQLite has in memory, and in threads of its own what it has to wait for.

    Through aiosqlite a SELECT waits for the driver's thread and back four times, and twice more for the
    transaction around it. A thread of our own waits once, which still takes ten times as long as finding a few
    rows by their keys in memory.
    """

    def __init__(self, url: URL, connect: Callable[[], sqlite3.Connection]) -> None:
        # Each transaction that is begun here is also ended here, so there is nothing to roll back when a
        # connection returns to the pool.
        self._engine = create_engine(
            url.set(drivername="sqlite"),
            creator=connect,
            pool_size=READER_THREADS,
            hide_parameters=True,
            skip_autocommit_rollback=True,
        )
        self._connect = connect
        self._loop_connection: sqlite3.Connection | None = None
        self._threads_only_until = 0.0
        self._compiler = StatementCompiler(self._engine.dialect)
        self._threads = ThreadPoolExecutor(READER_THREADS, thread_name_prefix="marquee-reads")

    async def fetch_all(self, statement: Executable) -> Sequence[AnyRow]:
        """Return the rows of the statement."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._fetch_all, statement)

    def _fetch_all(self, statement: Executable) -> Sequence[AnyRow]:
        with self._engine.connect() as connection:
            return connection.execute(statement).all()

    async def fetch_snapshot(
        self, statements: tuple[Executable, ...], params: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        """Return the rows of each statement; all of them see the same state of the database."""
        started = time.perf_counter()
        if started >= self._threads_only_until:
            try:
                results = self._fetch_on_loop(statements, params)
            except sqlite3.OperationalError:
                pass  # the file is locked or can't be read: a thread can wait, and reports what is wrong
            else:
                if (now := time.perf_counter()) - started > SLOW_READ_SECONDS:
                    self._threads_only_until = now + THREADS_ONLY_SECONDS
                return results
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._fetch_in_thread, statements, params)

    def _fetch_on_loop(
        self, statements: tuple[Executable, ...], params: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        if self._loop_connection is None:
            self._loop_connection = self._connect()
            self._loop_connection.execute("PRAGMA busy_timeout=0")
        return self._fetch(self._loop_connection, statements, params)

    def _fetch_in_thread(
        self, statements: tuple[Executable, ...], params: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        pooled = self._engine.raw_connection()
        try:
            return self._fetch(cast(sqlite3.Connection, pooled.driver_connection), statements, params)
        finally:
            pooled.close()

    def _fetch(
        self, connection: sqlite3.Connection, statements: tuple[Executable, ...], params: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        """Return the statements' rows, read on the driver: SQLAlchemy's part would take longer than SQLite's."""
        if len(statements) == 1:
            return [self._fetch_one(connection, statements[0], params)]
        connection.execute("BEGIN")
        try:
            return [self._fetch_one(connection, statement, params) for statement in statements]
        finally:
            connection.execute("ROLLBACK")

    def _fetch_one(
        self, connection: sqlite3.Connection, statement: Executable, params: Mapping[str, Any]
    ) -> list[AnyRow]:
        compiled = self._compiler.compile((statement,))
        cursor = connection.execute(compiled.texts[0], compiled.bind(0, params))
        return [compiled.build_row(values) for values in cursor]

    async def close(self) -> None:
        """Close its connections and end its threads."""
        if self._loop_connection is not None:
            self._loop_connection.close()
            self._loop_connection = None
        await asyncio.get_running_loop().run_in_executor(self._threads, self._engine.dispose)
        self._threads.shutdown(wait=False)


class PostgresReadExecutor:
    """Reads on the connections of the pool, without the round trips of BEGIN and ROLLBACK where it can."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._autocommit_engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._snapshot_engine = engine.execution_options(isolation_level="REPEATABLE READ")

    async def fetch_all(self, statement: Executable) -> Sequence[AnyRow]:
        """Return the rows of the statement."""
        async with self._autocommit_engine.connect() as connection:
            return (await connection.execute(statement)).all()

    async def fetch_snapshot(
        self, statements: tuple[Executable, ...], params: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        """Return the rows of each statement; all of them see the same state of the database."""
        engine = self._snapshot_engine if len(statements) > 1 else self._autocommit_engine
        async with engine.connect() as connection:
            return [(await connection.execute(statement, params)).all() for statement in statements]

    async def close(self) -> None:
        """Do nothing: the engine that owns the pool closes it."""
