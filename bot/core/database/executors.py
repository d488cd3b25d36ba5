"""Executors: run statements in the quickest way there is on each database.

Read executors run one SELECT or a few. Commands wait for these, so they go past SQLAlchemy's transactions, each of
which costs several trips to another thread or to the server. Write executors run transaction scripts on the
database's driver, sqlite3 in a thread or asyncpg.
"""

import asyncio
import re
import sqlite3
import time
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import Any, ClassVar, Protocol, TypeVar, cast

from sqlalchemy import Dialect, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.engine.row import Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql import Executable

from bot.core.database.transaction_script import Params, TransactionScript

AnyRow = Row[*tuple[Any, ...]]
"""A row whose columns the type checker does not know."""
READER_THREADS = 2
"""Threads that read a SQLite file at a time: most reads are over before a third one would help."""
SLOW_READ_SECONDS = 0.005
"""A read on the event loop that takes longer had to wait for the disk, and everybody else with it."""
THREADS_ONLY_SECONDS = 10.0
"""For how long after a slow read all reads go to the threads."""
Result = TypeVar("Result")
_PLACEHOLDER = re.compile(r"\$(\d+)")


class CompiledBatch:
    """The statements of a batch as a driver takes them, with the conversions of values and rows.

    `texts` are the statements in the dialect's SQL; `returns_rows` says whether the first one has any.
    """

    def __init__(self, statements: tuple[Executable, ...], dialect: Dialect) -> None:
        self.texts: list[str] = []
        self._binds: list[list[tuple[str, Any, Any]]] = []
        untyped: Sequence[Any] = statements
        for statement in untyped:
            compiled = statement.compile(dialect=dialect)
            self.texts.append(str(compiled))
            binds = []
            for name in compiled.positiontup or ():
                bind_type = compiled.binds[name].type.dialect_impl(dialect)
                binds.append((name, compiled.params[name], bind_type.bind_processor(dialect)))
            self._binds.append(binds)
        columns = list(getattr(statements[0], "exported_columns", ()))
        self._row_type = _make_row_type([column.key for column in columns])
        self._converters = [
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns
        ]
        self.returns_rows = bool(columns)

    def bind(self, index: int, params: Params) -> list[Any]:
        """Return the positional arguments of the statement of that index."""
        arguments = []
        for name, default, convert in self._binds[index]:
            value = params.get(name, default)
            arguments.append(convert(value) if convert is not None else value)
        return arguments

    def bind_combined(self, params: Params) -> list[Any]:
        """Return the positional arguments of `combined_text`."""
        return [argument for index in range(len(self.texts)) for argument in self.bind(index, params)]

    @cached_property
    def combined_text(self) -> str:
        """All statements as one, which PostgreSQL allows: the others are data-modifying CTEs of the first."""
        renumbered, offset = [], 0
        for text, binds in zip(self.texts, self._binds, strict=True):
            renumbered.append(_renumber_placeholders(text, offset))
            offset += len(binds)
        first, *others = renumbered
        if not others:
            return first
        return "WITH " + ", ".join(f"also_{index} AS ({text})" for index, text in enumerate(others)) + f" {first}"

    def build_row(self, values: Sequence[Any]) -> Any:
        """Return a named tuple of a row's values as the driver returned them."""
        converted = zip(self._converters, values, strict=True)
        return self._row_type(*(value if convert is None else convert(value) for convert, value in converted))


class StatementCompiler:
    """Compiles batches for one dialect, each once in a process: it recognises the statements by their identity."""

    _compiled_by_dialect: ClassVar[dict[type[Dialect], "_Compiled"]] = {}

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._compiled = self._compiled_by_dialect.setdefault(type(dialect), {})

    def compile(self, statements: tuple[Executable, ...]) -> CompiledBatch:
        """Return the statements compiled. Only module-level constants should come here, since they are kept."""
        key = tuple(map(id, statements))
        if key not in self._compiled:
            # The statements are kept too, so that no other object ever gets one of these ids.
            self._compiled[key] = (statements, CompiledBatch(statements, self._dialect))
        return self._compiled[key][1]


_Compiled = dict[tuple[int, ...], tuple[tuple[Executable, ...], CompiledBatch]]


def _make_row_type(names: list[str]) -> Any:
    """Return a named tuple type; it is `Any`, since the type checker can't know its fields."""
    return namedtuple("Row", names)


def _renumber_placeholders(text: str, offset: int) -> str:
    return _PLACEHOLDER.sub(lambda placeholder: f"${int(placeholder[1]) + offset}", text)


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
