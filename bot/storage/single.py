"""Runs what reads little and is waited for: one SELECT or a few, the quickest way there is on either database."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.row import Row
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql import Executable

from bot.storage.steps import CompiledOnce

AnyRow = Row[*tuple[Any, ...]]
"""A row whose columns the type checker does not follow."""
READERS = 2
"""Threads that read a SQLite file at a time: most reads are over before a third one would help."""


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
    """Reads in a thread of its own.

    Through aiosqlite a SELECT waits for the driver's thread and back again four times, and twice more for the
    transaction around it; this waits once.
    """

    def __init__(self, url: URL, configure: Callable[[Any, Any], None]) -> None:
        # What begins a transaction here ends it, so there is nothing to roll back when a connection returns.
        self._engine = create_engine(
            url.set(drivername="sqlite"), pool_size=READERS, hide_parameters=True, skip_autocommit_rollback=True
        )
        event.listen(self._engine, "connect", configure)
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
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._together, statements, parameters)

    def _together(
        self, statements: tuple[Executable, ...], parameters: Mapping[str, Any]
    ) -> list[Sequence[AnyRow]]:
        """Ask the driver itself: SQLAlchemy's way there and back takes longer than SQLite's answer."""
        pooled = self._engine.raw_connection()
        driver: Any = pooled.driver_connection
        try:
            driver.execute("BEGIN")
            try:
                return [self._read(driver, statement, parameters) for statement in statements]
            finally:
                driver.execute("ROLLBACK")
        finally:
            pooled.close()

    def _read(self, driver: Any, statement: Executable, parameters: Mapping[str, Any]) -> list[AnyRow]:
        compiled = self._compiled.of((statement,))
        found = driver.execute(compiled.texts[0], compiled.arguments(0, parameters))
        return [compiled.row(each) for each in found]

    async def close(self) -> None:
        """Close its connections and end its threads."""
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
