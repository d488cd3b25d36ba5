"""Transactions written as generators of steps, each step a request to the database.

A rating takes half a dozen statements. As a generator it runs on each database in the fastest way: on SQLite the
whole transaction runs in one call to the writer thread; on PostgreSQL each step takes one round trip, however many
statements and rows it has.
"""

import re
from collections import namedtuple
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Executable
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.schema import Column

Result = TypeVar("Result")
Values = Mapping[str, Any]
_NUMBERED = re.compile(r"\$(\d+)")


@dataclass(frozen=True, slots=True)
class Step:
    """Statements to run once for each of `rows`. The result is the rows that the first statement returns.

    The statements must be module-level constants, because compiled statements are cached by identity. On
    PostgreSQL every statement sees the database as it was before the step, without the others' changes.
    """

    statements: tuple[Executable, ...]
    rows: Sequence[Values]


TransactionScript = Generator[Step, list[Any], Result]
"""Yields steps, receives the rows of each, and returns the result of the transaction."""


def param(column: Column[Any], name: str = "") -> BindParameter[Any]:
    """Return the bind parameter for a value of `column`, named `p_` and `name` or the column's name."""
    return BindParameter(f"p_{name or column.name}", type_=column.type)


async def run_script(connection: AsyncConnection, script: TransactionScript[Result]) -> Result:
    """Run a script within an open transaction, one statement after the other."""
    try:
        step = next(script)
        while True:
            answer: list[Any] = []
            for values in step.rows:
                for number, statement in enumerate(step.statements):
                    found = await connection.execute(statement, dict(values))
                    if number == 0 and found.returns_rows:
                        answer += found.all()
            step = script.send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


class Compiled:
    """The statements of a step compiled for a dialect, with the converters of its parameters and rows."""

    def __init__(self, statements: tuple[Executable, ...], dialect: Dialect) -> None:
        self.texts: list[str] = []
        self._parameters: list[list[tuple[str, Any, Any]]] = []
        texts: Sequence[Any] = statements
        for statement in texts:
            compiled = statement.compile(dialect=dialect)
            self.texts.append(str(compiled))
            parameters = []
            for name in compiled.positiontup or ():
                kind = compiled.binds[name].type.dialect_impl(dialect)
                parameters.append((name, compiled.params[name], kind.bind_processor(dialect)))
            self._parameters.append(parameters)
        columns = list(getattr(statements[0], "exported_columns", ()))
        self._row = _row_class([column.key for column in columns])
        self._readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self.returns = bool(columns)

    def arguments(self, number: int, values: Values) -> list[Any]:
        """Return the driver's arguments for the statement at index `number`."""
        found = []
        for name, fixed, process in self._parameters[number]:
            value = values.get(name, fixed)
            found.append(process(value) if process is not None else value)
        return found

    def all_arguments(self, values: Values) -> list[Any]:
        """Return the driver's arguments for `combined`."""
        return [each for number in range(len(self.texts)) for each in self.arguments(number, values)]

    @property
    def combined(self) -> str:
        """All statements as a single PostgreSQL statement: the first, with the others in its WITH clause."""
        shifted, offset = [], 0
        for text, parameters in zip(self.texts, self._parameters, strict=True):
            shifted.append(_renumber_parameters(text, offset))
            offset += len(parameters)
        first, *others = shifted
        if not others:
            return first
        return "WITH " + ", ".join(f"also_{n} AS ({text})" for n, text in enumerate(others)) + f" {first}"

    def row(self, found: Sequence[Any]) -> Any:
        """Return a row of the driver as a named tuple, with its values converted."""
        read = zip(self._readers, found, strict=True)
        return self._row(*(each if reader is None else reader(each) for reader, each in read))


class CompiledCache:
    """Statements compiled for a dialect, cached by identity."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._compiled: dict[tuple[int, ...], tuple[tuple[Executable, ...], Compiled]] = {}

    def get(self, statements: tuple[Executable, ...]) -> Compiled:
        """Return the compiled statements, which must be module-level constants: they are never dropped."""
        key = tuple(map(id, statements))
        if key not in self._compiled:
            # Keeping a reference to the statements prevents that their ids are reused.
            self._compiled[key] = (statements, Compiled(statements, self._dialect))
        return self._compiled[key][1]


def _row_class(names: list[str]) -> Any:
    """Return a named tuple class; `Any`, because its fields are only known at run time."""
    return namedtuple("Row", names)


def _renumber_parameters(text: str, by: int) -> str:
    """Return the statement with `by` added to the numbers of its parameters."""
    return _NUMBERED.sub(lambda number: f"${int(number[1]) + by}", text)
