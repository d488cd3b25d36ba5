"""Runs what reads little and is waited for: one SELECT or a few, the quickest way there is on either database."""

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

from bot.core.database.transaction_script import CompiledOnce

AnyRow = Row[*tuple[Any, ...]]
"""A row whose columns the type checker does not follow."""
READERS = 2
"""Threads that read a SQLite file at a time: most reads are over before a third one would help."""
SLOW = 0.005
"""Seconds beyond which an answer was not at hand: the disk was asked, and others waited meanwhile."""
AWAY = 10.0
"""Seconds for which threads wait for the disk then."""


class Single(Protocol):
    """Runs single SELECTs, any number of them at a time."""

    async def rows(self, statement: Executable) -> Sequence[AnyRow]:
        """Give the statement's rows."""
        ...

    async def together(
        self, statements: tuple[Executable, ...], parameters: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        """Give the rows of each statement; all see one state of the database.

        The statements are module-level constants, whose parameters are named as given.
        """
        ...

    async def close(self) -> None:
        """Close its connections."""
        ...


class SqliteSingle:
    """Reads in threads of its own, and right here what SQLite has at hand.

    Through aiosqlite a SELECT waits for the driver's thread and back again four times, and twice more for the
    transaction around it; a thread of our own waits once, which still takes ten times as long as to find a few
    rows by their keys in memory.
    """

    def __init__(self, url: URL, connect: Callable[[], sqlite3.Connection]) -> None:
        # What begins a transaction here ends it, so there is nothing to roll back when a connection returns.
        self._engine = create_engine(
            url.set(drivername="sqlite"),
            creator=connect,
            pool_size=READERS,
            hide_parameters=True,
            skip_autocommit_rollback=True,
        )
        self._connect = connect
        self._here: sqlite3.Connection | None = None
        self._away_until = 0.0
        self._compiled = CompiledOnce(self._engine.dialect)
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="marquee-reads")

    async def rows(self, statement: Executable) -> Sequence[AnyRow]:
        """Give the statement's rows."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._rows, statement)

    def _rows(self, statement: Executable) -> Sequence[AnyRow]:
        with self._engine.connect() as connection:
            return connection.execute(statement).all()

    async def together(
        self, statements: tuple[Executable, ...], parameters: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        """Give the rows of each statement; all see one state of the database."""
        began = time.perf_counter()
        if began >= self._away_until:
            try:
                found = self._at_hand(statements, parameters)
            except sqlite3.OperationalError:
                pass  # locked, or not to be read: a thread has the patience, or says what it is
            else:
                if (now := time.perf_counter()) - began > SLOW:
                    self._away_until = now + AWAY
                return found
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._in_thread, statements, parameters)

    def _at_hand(
        self, statements: tuple[Executable, ...], parameters: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        if self._here is None:
            self._here = self._connect()
            self._here.execute("PRAGMA busy_timeout=0")
        return self._together(self._here, statements, parameters)

    def _in_thread(
        self, statements: tuple[Executable, ...], parameters: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        pooled = self._engine.raw_connection()
        try:
            return self._together(cast(sqlite3.Connection, pooled.driver_connection), statements, parameters)
        finally:
            pooled.close()

    def _together(
        self, driver: sqlite3.Connection, statements: tuple[Executable, ...], parameters: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        """Ask the driver itself: SQLAlchemy's way there and back takes longer than SQLite's answer."""
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
        compiled = self._compiled.of((statement,))
        found = driver.execute(compiled.texts[0], compiled.arguments(0, parameters))
        return [compiled.row(each) for each in found]

    async def close(self) -> None:
        """Close its connections and end its threads."""
        if self._here is not None:
            self._here.close()
            self._here = None
        await asyncio.get_running_loop().run_in_executor(self._threads, self._engine.dispose)
        self._threads.shutdown(wait=False)


class PostgresSingle:
    """Reads on the pool's connections without BEGIN and ROLLBACK, each a message to the server and back."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._whole = engine.execution_options(isolation_level="REPEATABLE READ")
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def rows(self, statement: Executable) -> Sequence[AnyRow]:
        """Give the statement's rows."""
        async with self._engine.connect() as connection:
            return (await connection.execute(statement)).all()

    async def together(
        self, statements: tuple[Executable, ...], parameters: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        """Give the rows of each statement; all see one state of the database."""
        engine = self._whole if len(statements) > 1 else self._engine
        async with engine.connect() as connection:
            return [(await connection.execute(statement, parameters)).all() for statement in statements]

    async def close(self) -> None:
        """Leave the pool to who made it."""
