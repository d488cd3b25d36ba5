"""Runs transaction scripts directly on the driver: sqlite3 in a thread, asyncpg on a reserved connection."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.core.database.transaction_script import CompiledCache, TransactionScript

Result = TypeVar("Result")


class DatabaseRefusedError(Exception):
    """PostgreSQL rejected a statement. Holds its name and code only: its message quotes members' texts."""


class WriteExecutor(Protocol):
    """Runs transaction scripts. The caller ensures that only one runs at a time."""

    async def run(self, script: TransactionScript[Result], servers: Sequence[int]) -> Result:
        """Run a script in its own transaction, with the ratings of `servers` locked, and return its result."""
        ...

    async def close(self) -> None:
        """Close its connection."""
        ...


class SqliteWriteExecutor:
    """Runs each script in a single call to the thread that owns the connection.

    Through aiosqlite every statement would switch to the thread and back.
    """

    def __init__(self, dialect: Dialect, connect: Callable[[], sqlite3.Connection]) -> None:
        self._statements = CompiledCache(dialect)
        self._connect = connect
        self._connection: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="marquee-writes")

    async def run(self, script: TransactionScript[Result], servers: Sequence[int]) -> Result:
        """Run a script in the writer thread. SQLite has one writer, so `servers` need no lock."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(self._run, script))

    def _run(self, script: TransactionScript[Result]) -> Result:
        if self._connection is None:
            self._connection = self._connect()
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = self._run_script(connection, script)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return result

    def _run_script(self, connection: sqlite3.Connection, script: TransactionScript[Result]) -> Result:
        try:
            step = next(script)
            while True:
                compiled = self._statements.get(step.statements)
                answer: list[Any] = []
                for values in step.rows:
                    for number, text in enumerate(compiled.texts):
                        found = connection.execute(text, compiled.arguments(number, values))
                        if number == 0 and compiled.returns:
                            answer += map(compiled.row, found.fetchall())
                step = script.send(answer)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    async def close(self) -> None:
        """Close the connection in the thread that opened it, and end the thread."""
        if self._connection is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
            self._connection = None
        self._thread.shutdown(wait=False)


class PostgresWriteExecutor:
    """Runs scripts on a reserved connection of the pool, so that no rating waits for a new or checked one."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._statements = CompiledCache(engine.dialect)
        self._connection: AsyncConnection | None = None
        self._driver: Any = None

    async def run(self, script: TransactionScript[Result], servers: Sequence[int]) -> Result:
        """Run a script with one round trip for each step, one for BEGIN with the locks, and one for COMMIT."""
        # Several statements in one message can't have parameters; int() makes the ids safe to format.
        locks = "".join(f"; SELECT pg_advisory_xact_lock({int(each)})" for each in sorted(set(servers)))
        await self._begin(f"BEGIN{locks}")
        try:
            result = await self._run_script(script)
            await self._driver.execute("COMMIT")
        except BaseException as error:
            await self._discard_connection()
            if (code := getattr(error, "sqlstate", None)) is not None:
                raise DatabaseRefusedError(f"{type(error).__name__} ({code})") from None
            raise
        return result

    async def _begin(self, begin_sql: str) -> None:
        for can_retry in (True, False):
            if self._connection is None:
                self._connection = await self._engine.connect()
                self._driver = (await self._connection.get_raw_connection()).driver_connection
            try:
                await self._driver.execute(begin_sql)
                return
            except BaseException:
                # If the server closed the idle connection, no work is lost: retry once on a new one.
                lost = self._driver.is_closed()
                await self._discard_connection()
                if not (lost and can_retry):
                    raise

    async def _run_script(self, script: TransactionScript[Result]) -> Result:
        try:
            step = next(script)
            while True:
                compiled = self._statements.get(step.statements)
                arguments = [compiled.all_arguments(values) for values in step.rows]
                if len(arguments) == 1:
                    found = await self._driver.fetch(compiled.combined, *arguments[0])
                else:
                    found = await self._driver.fetchmany(compiled.combined, arguments)
                step = script.send([compiled.row(each) for each in found] if compiled.returns else [])
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    async def _discard_connection(self) -> None:
        """Discard the connection together with its transaction."""
        connection, self._connection, self._driver = self._connection, None, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()

    async def close(self) -> None:
        """Return the connection to the pool."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
