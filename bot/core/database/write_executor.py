"""Write executors: run transaction scripts on the database's driver, sqlite3 in a thread or asyncpg."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.core.database.transaction_script import StatementCompiler, TransactionScript

Result = TypeVar("Result")


class StatementFailedError(Exception):
    """PostgreSQL rejected a statement. The message has the error's class and SQLSTATE only: PostgreSQL's own
    message quotes the row, and with it what a member wrote."""

    def __init__(self, kind: str, sqlstate: str) -> None:
        super().__init__(f"{kind} ({sqlstate})")
        self.sqlstate = sqlstate


class WriteExecutor(Protocol):
    """Runs transaction scripts on one connection. The caller makes sure that only one runs at a time."""

    async def run(self, script: TransactionScript[Result], lock_keys: Sequence[int]) -> Result:
        """Run the script in a transaction of its own and return its result.

        The transaction acquires the advisory locks of these numbers, in this order, before the script begins.
        """
        ...

    async def close(self) -> None:
        """Close the connection."""
        ...


class SqliteWriteExecutor:
    """Runs each script as a whole in a thread that alone uses the connection.

    Every statement sent through aiosqlite waits for its thread and back; this waits once for all of them. SQLite
    has a single writer, so that no locks are needed.
    """

    def __init__(self, dialect: Dialect, connect: Callable[[], sqlite3.Connection]) -> None:
        self._compiler = StatementCompiler(dialect)
        self._connect = connect
        self._connection: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="marquee-writes")

    async def run(self, script: TransactionScript[Result], lock_keys: Sequence[int]) -> Result:
        """Run the script in the thread and return its result."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(self._run, script))

    def _run(self, script: TransactionScript[Result]) -> Result:
        if self._connection is None:
            self._connection = self._connect()
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = self._run_batches(connection, script)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return result

    def _run_batches(self, connection: sqlite3.Connection, script: TransactionScript[Result]) -> Result:
        try:
            batch = next(script)
            while True:
                compiled = self._compiler.compile(batch.statements)
                rows: list[Any] = []
                for params in batch.params:
                    for index, text in enumerate(compiled.texts):
                        cursor = connection.execute(text, compiled.bind(index, params))
                        if index == 0 and compiled.returns_rows:
                            rows += map(compiled.build_row, cursor.fetchall())
                batch = script.send(rows)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    async def close(self) -> None:
        """Close the connection in the thread that opened it, and end the thread."""
        if self._connection is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
            self._connection = None
        self._thread.shutdown(wait=False)


class PostgresWriteExecutor:
    """Runs scripts on a connection that stays checked out of the pool, so that none waits for one.

    A script takes one message to the server for each batch, one for BEGIN with the locks, and one for COMMIT.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._compiler = StatementCompiler(engine.dialect)
        self._connection: AsyncConnection | None = None
        self._driver: Any = None

    async def run(self, script: TransactionScript[Result], lock_keys: Sequence[int]) -> Result:
        """Run the script and return its result. Raises StatementFailedError."""
        # The keys are formatted in, since only a statement without parameters can begin and lock in one message.
        keys = ",".join(str(int(key)) for key in lock_keys)
        locks = f"SELECT pg_advisory_xact_lock(key) FROM unnest('{{{keys}}}'::bigint[]) AS key"  # noqa: S608
        try:
            await self._begin(f"BEGIN; {locks}")
            result = await self._run_batches(script)
            await self._driver.execute("COMMIT")
        except BaseException as error:
            await self._discard_connection()
            if (code := getattr(error, "sqlstate", None)) is not None:
                raise StatementFailedError(type(error).__name__, code) from None
            raise
        return result

    async def _begin(self, statement: str) -> None:
        for may_retry in (True, False):
            if self._connection is None:
                self._connection = await self._engine.connect()
                self._driver = (await self._connection.get_raw_connection()).driver_connection
            try:
                await self._driver.execute(statement)
                return
            except BaseException:
                # If the server had closed the connection while it was idle, nothing is lost yet.
                was_closed = self._driver.is_closed()
                await self._discard_connection()
                if not (was_closed and may_retry):
                    raise

    async def _run_batches(self, script: TransactionScript[Result]) -> Result:
        try:
            batch = next(script)
            while True:
                compiled = self._compiler.compile(batch.statements)
                arguments = [compiled.bind_combined(params) for params in batch.params]
                if len(arguments) == 1:
                    records = await self._driver.fetch(compiled.combined_text, *arguments[0])
                else:
                    records = await self._driver.fetchmany(compiled.combined_text, arguments)
                batch = script.send(
                    [compiled.build_row(each) for each in records] if compiled.returns_rows else []
                )
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    async def _discard_connection(self) -> None:
        """Drop the connection with the transaction that it is in."""
        connection, self._connection, self._driver = self._connection, None, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()

    async def close(self) -> None:
        """Return the connection to the pool."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
