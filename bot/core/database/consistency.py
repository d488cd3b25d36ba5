"""What is stored although it follows from other rows, such as totals: how it is checked and repaired."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistencyCheck:
    """One kind of rows that must agree with others.

    `name` says what is checked, and `problem` what is wrong with that many rows, with a placeholder `{count}`.
    `find` returns the keys of wrong rows. `repair` stores what the rows of these keys should be, in transactions
    that hold the locks of what they change; it computes anew what that is, for the bot may be running.
    """

    name: str
    problem: Callable[[int], str]
    find: Callable[[AsyncConnection], Awaitable[Sequence[Any]]]
    repair: Callable[[Database, Sequence[Any]], Awaitable[None]]

    def describe(self, count: int) -> str:
        """Return a sentence about that many wrong rows."""
        return self.problem(count).format(count=f"{count:,}")


async def find_problems(
    database: Database, checks: Sequence[ConsistencyCheck]
) -> list[tuple[ConsistencyCheck, Sequence[Any]]]:
    """Return the checks that fail, each with the keys of the wrong rows, as of one moment."""
    async with database.read() as connection:
        results = [(check, await check.find(connection)) for check in checks]
    return [(check, keys) for check, keys in results if keys]
