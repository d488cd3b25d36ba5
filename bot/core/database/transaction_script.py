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

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Executable
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.schema import Column

Result = TypeVar("Result")
Params = Mapping[str, Any]
"""The values of bind parameters by name."""


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
