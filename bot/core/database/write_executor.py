"""Runs steps on the database's driver itself: sqlite3 in its own thread, asyncpg on a connection kept open."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.core.database.transaction_script import CompiledOnce, Steps

Result = TypeVar("Result")


class DatabaseRefusedError(Exception):
    """What PostgreSQL refused, by name and code alone: its own words quote the row, and what a member wrote."""


class Direct(Protocol):
    """One writer. Whoever calls sees to it that only one transaction runs at a time."""

    async def run(self, steps: Steps[Result], servers: Sequence[int]) -> Result:
        """Run the steps in a transaction of their own, with these servers' ratings locked."""
        ...

    async def close(self) -> None:
        """Close its connection."""
        ...


class SqliteDirect:
    """A connection that is used by one thread alone, a whole transaction at a time.

    Every statement sent through aiosqlite waits for its thread and back again; this waits once for all.
    """

    def __init__(self, dialect: Dialect, connect: Callable[[], sqlite3.Connection]) -> None:
        self._statements = CompiledOnce(dialect)
        self._connect = connect
        self._connection: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="marquee-writes")

    async def run(self, steps: Steps[Result], servers: Sequence[int]) -> Result:
        """Run the steps in the thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(self._run, steps))

    def _run(self, steps: Steps[Result]) -> Result:
        if self._connection is None:
            self._connection = self._connect()
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = self._drive(connection, steps)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return result

    def _drive(self, connection: sqlite3.Connection, steps: Steps[Result]) -> Result:
        try:
            step = next(steps)
            while True:
                compiled = self._statements.of(step.statements)
                answer: list[Any] = []
                for values in step.rows:
                    for number, text in enumerate(compiled.texts):
                        found = connection.execute(text, compiled.arguments(number, values))
                        if number == 0 and compiled.returns:
                            answer += map(compiled.row, found.fetchall())
                step = steps.send(answer)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    async def close(self) -> None:
        """Close the connection in the thread that opened it, and end the thread."""
        if self._connection is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
            self._connection = None
        self._thread.shutdown(wait=False)


class PostgresDirect:
    """A connection of the pool's that stays out of it, so that no rating waits for one to be made or looked at."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._statements = CompiledOnce(engine.dialect)
        self._held: AsyncConnection | None = None
        self._driver: Any = None

    async def run(self, steps: Steps[Result], servers: Sequence[int]) -> Result:
        """Run the steps, one message to the server for each, and one each for the locks and the commit."""
        # The ids are numbers, and only so can one message begin the transaction and lock.
        locks = "".join(f"; SELECT pg_advisory_xact_lock({int(each)})" for each in sorted(set(servers)))
        await self._begin(f"BEGIN{locks}")
        try:
            result = await self._drive(steps)
            await self._driver.execute("COMMIT")
        except BaseException as error:
            await self._give_up()
            if (code := getattr(error, "sqlstate", None)) is not None:
                raise DatabaseRefusedError(f"{type(error).__name__} ({code})") from None
            raise
        return result

    async def _begin(self, beginning: str) -> None:
        for may_try_again in (True, False):
            if self._held is None:
                self._held = await self._engine.connect()
                self._driver = (await self._held.get_raw_connection()).driver_connection
            try:
                await self._driver.execute(beginning)
                return
            except BaseException:
                # Nothing is lost yet where the server had closed the connection while it lay idle.
                lost = self._driver.is_closed()
                await self._give_up()
                if not (lost and may_try_again):
                    raise

    async def _drive(self, steps: Steps[Result]) -> Result:
        try:
            step = next(steps)
            while True:
                compiled = self._statements.of(step.statements)
                arguments = [compiled.all_arguments(values) for values in step.rows]
                if len(arguments) == 1:
                    found = await self._driver.fetch(compiled.together, *arguments[0])
                else:
                    found = await self._driver.fetchmany(compiled.together, arguments)
                step = steps.send([compiled.row(each) for each in found] if compiled.returns else [])
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    async def _give_up(self) -> None:
        """Drop the connection and whatever it was in the middle of."""
        held, self._held, self._driver = self._held, None, None
        if held is not None:
            await held.invalidate()
            await held.close()

    async def close(self) -> None:
        """Give the connection back."""
        if self._held is not None:
            await self._held.close()
            self._held = None
