"""How many ratings a film has of each number of stars in a server, changed together with the ratings."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Executable

from bot.core.database.transaction_script import StatementBatch, TransactionScript, param
from bot.reviews.stars import MAX_HALF_STARS
from bot.reviews.tables import HALF_STARS, rating_totals, ratings

Change = tuple[int, str, int | None, int | None]
"""Server, film, the half-stars counted before and after; None for no rating that counts."""
_COUNTERS = ("rating_count", "half_star_sum", *HALF_STARS)
_IS_MISCOUNTED = and_(
    ratings.c.server_id == param(ratings.c.server_id),
    ratings.c.member_id == param(ratings.c.member_id),
    ratings.c.is_counted != param(ratings.c.is_counted),
)
_SELECT_MISCOUNTED = select(ratings.c.film_id, ratings.c.stars).where(_IS_MISCOUNTED)
_SET_COUNTED = update(ratings).where(_IS_MISCOUNTED).values(is_counted=param(ratings.c.is_counted))


def set_member_counted(dialect: str, server_id: int, member_id: int, is_counted: bool) -> TransactionScript[None]:
    """Count a member's ratings in the server's totals from now on, or no longer. The server must be locked."""
    values = {"p_server_id": server_id, "p_member_id": member_id, "p_is_counted": is_counted}
    miscounted = yield StatementBatch((_SELECT_MISCOUNTED,), [values])
    yield StatementBatch((_SET_COUNTED,), [values])
    changes = (
        (server_id, row.film_id, None, row.stars) if is_counted else (server_id, row.film_id, row.stars, None)
        for row in miscounted
    )
    yield StatementBatch((add_to_totals(dialect),), total_rows(changes))


async def change_totals(connection: AsyncConnection, changes: Iterable[Change]) -> None:
    """Update the totals for ratings that were posted, changed or deleted."""
    rows = total_rows(changes)
    if rows:
        await connection.execute(add_to_totals(connection.dialect.name), rows)


def total_rows(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Return what the changes add to the totals, as parameters of `add_to_totals`."""
    sums: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0] * MAX_HALF_STARS)
    for server_id, film_id, before, after in changes:
        if before is not None:
            sums[server_id, film_id][before - 1] -= 1
        if after is not None:
            sums[server_id, film_id][after - 1] += 1
    return [
        {
            "p_server_id": server_id,
            "p_film_id": film_id,
            "p_rating_count": sum(counts),
            "p_half_star_sum": sum(count * half_stars for half_stars, count in enumerate(counts, start=1)),
            **{f"p_{name}": count for name, count in zip(HALF_STARS, counts, strict=True)},
        }
        for (server_id, film_id), counts in sums.items()
        if any(counts)
    ]


@cache
def add_to_totals(dialect: str) -> Executable:
    """Return the statement that adds such rows to the totals."""
    table = rating_totals
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    insert = insert.values({column.name: param(column) for column in table.c})
    return insert.on_conflict_do_update(
        index_elements=["server_id", "film_id"],
        set_={name: table.c[name] + insert.excluded[name] for name in _COUNTERS},
    )
