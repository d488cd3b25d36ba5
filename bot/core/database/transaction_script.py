"""Transaction scripts: transactions written as generators that yield batches of statements.

Storing a rating takes half a dozen statements, some of which depend on the rows of others. A script yields a batch
and is sent its rows:

    def rename(id: int) -> TransactionScript[bool]:
        rows = yield StatementBatch((SELECT_NAME,), [{"p_id": id}])
        if not rows:
            return False
        yield StatementBatch((UPDATE_NAME,), [{"p_id": id, "p_name": rows[0].name.title()}])
        return True

So the same script runs on either database in the way that is quickest there: on SQLite the whole transaction takes
one trip to the writing thread, on PostgreSQL each batch is one message to the server, however many statements and
rows it has.
"""

import re
from collections import namedtuple
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Executable
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.schema import Column

Result = TypeVar("Result")
Params = Mapping[str, Any]
"""The values of bind parameters by name."""
_PLACEHOLDER = re.compile(r"\$(\d+)")


@dataclass(frozen=True, slots=True)
class StatementBatch:
    """Statements that are run once for each of `params`. The rows that come back are the first statement's.

    The statements are module-level constants: they are compiled once and kept. On PostgreSQL all statements of a
    batch see the database as it was before the batch, and not one another's changes.
    """

    statements: tuple[Executable, ...]
    params: Sequence[Params]


TransactionScript = Generator[StatementBatch, list[Any], Result]
"""Yields batches, is sent the rows of each, and returns the result of the transaction."""


def param(column: Column[Any], name: str = "") -> BindParameter[Any]:
    """Return a bind parameter of the column's type, named `p_` and the column's name or `name`.

    The prefix keeps it apart from the parameters that SQLAlchemy names after the columns of an INSERT or UPDATE.
    """
    return BindParameter(f"p_{name or column.name}", type_=column.type)


async def run_script(connection: AsyncConnection, script: TransactionScript[Result]) -> Result:
    """Run the script in a transaction that is open already, statement by statement; return its result."""
    try:
        batch = next(script)
        while True:
            rows: list[Any] = []
            for params in batch.params:
                for index, statement in enumerate(batch.statements):
                    result = await connection.execute(statement, dict(params))
                    if index == 0 and result.returns_rows:
                        rows += result.all()
            batch = script.send(rows)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


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
