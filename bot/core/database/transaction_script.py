"""Transactions written as steps, each of which asks the database one thing and goes on with what it says.

A rating takes half a dozen statements. Written as a generator that yields them, the same rating runs on either
database the way that is quickest there: on SQLite the whole transaction in one visit to the writing thread, on
PostgreSQL with one message to the server for each step, however many statements and rows the step has.
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
    """Statements to run for each of `rows`. The rows that come back are the first statement's.

    The statements are module-level constants, since each is compiled once and found again by itself. On
    PostgreSQL all of them see the database as it was before the step, and one another's changes not at all.
    """

    statements: tuple[Executable, ...]
    rows: Sequence[Values]


Steps = Generator[Step, list[Any], Result]
"""Yields steps, is sent the rows of each, and returns what came of it all."""


def param(column: Column[Any], name: str = "") -> BindParameter[Any]:
    """Give the parameter with which a step's rows give that column's value: `p_` and its name, or another."""
    return BindParameter(f"p_{name or column.name}", type_=column.type)


async def run_steps(connection: AsyncConnection, steps: Steps[Result]) -> Result:
    """Run the steps in a transaction that is open already, one statement after the other."""
    try:
        step = next(steps)
        while True:
            answer: list[Any] = []
            for values in step.rows:
                for number, statement in enumerate(step.statements):
                    found = await connection.execute(statement, dict(values))
                    if number == 0 and found.returns_rows:
                        answer += found.all()
            step = steps.send(answer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


class Compiled:
    """A step's statements as one dialect's driver takes them, with what turns values and rows into its types."""

    def __init__(self, statements: tuple[Executable, ...], dialect: Dialect) -> None:
        self.texts: list[str] = []
        self._fills: list[list[tuple[str, Any, Any]]] = []
        texts: Sequence[Any] = statements
        for statement in texts:
            compiled = statement.compile(dialect=dialect)
            self.texts.append(str(compiled))
            fill = []
            for name in compiled.positiontup or ():
                kind = compiled.binds[name].type.dialect_impl(dialect)
                fill.append((name, compiled.params[name], kind.bind_processor(dialect)))
            self._fills.append(fill)
        columns = list(getattr(statements[0], "exported_columns", ()))
        self._row = _row_of([column.key for column in columns])
        self._readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self.returns = bool(columns)

    def arguments(self, number: int, values: Values) -> list[Any]:
        """Give what the driver is given for the statement of that number."""
        found = []
        for name, fixed, process in self._fills[number]:
            value = values.get(name, fixed)
            found.append(process(value) if process is not None else value)
        return found

    def all_arguments(self, values: Values) -> list[Any]:
        """Give what the driver is given for `together`."""
        return [each for number in range(len(self.texts)) for each in self.arguments(number, values)]

    @property
    def together(self) -> str:
        """Give all statements as one, in PostgreSQL's manner: the others as WITH of the first."""
        shifted, offset = [], 0
        for text, fill in zip(self.texts, self._fills, strict=True):
            shifted.append(_shifted(text, offset))
            offset += len(fill)
        first, *others = shifted
        if not others:
            return first
        return "WITH " + ", ".join(f"also_{n} AS ({text})" for n, text in enumerate(others)) + f" {first}"

    def row(self, found: Sequence[Any]) -> Any:
        """Give a row that the driver gave, its columns by name."""
        read = zip(self._readers, found, strict=True)
        return self._row(*(each if reader is None else reader(each) for reader, each in read))


class CompiledOnce:
    """What one dialect's driver takes, compiled once and found again by the statements themselves."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._known: dict[tuple[int, ...], tuple[tuple[Executable, ...], Compiled]] = {}

    def of(self, statements: tuple[Executable, ...]) -> Compiled:
        """Give them compiled; they are kept, so none but module-level constants should come here."""
        key = tuple(map(id, statements))
        if key not in self._known:
            # The statements are kept with it, so that no other one ever gets the same id.
            self._known[key] = (statements, Compiled(statements, self._dialect))
        return self._known[key][1]


def _row_of(names: list[str]) -> Any:
    """Give what makes a row with these names; `Any`, since they are not known before."""
    return namedtuple("Row", names)


def _shifted(text: str, by: int) -> str:
    """Give the statement with its parameters numbered from that number on."""
    return _NUMBERED.sub(lambda number: f"${int(number[1]) + by}", text)
