"""How often each number of stars was given to a film in a server, kept together with the ratings themselves."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Executable

from bot.core.database.engine import lock
from bot.core.database.read_executor import AnyRow
from bot.core.database.transaction_script import param
from bot.reviews.stars import HIGHEST, Prior, Totals
from bot.reviews.tables import HALF_STARS, rating_totals

Change = tuple[int, str, int | None, int | None]
"""Server, film, the half-stars counted before and after; None for no rating that counts."""
_COUNTERS = ("rating_count", "half_star_sum", *HALF_STARS)


async def lock_servers(connection: AsyncConnection, server_ids: Iterable[int]) -> None:
    """Let no other process change these servers' ratings, settings and plans until the transaction ends."""
    for server_id in sorted(set(server_ids)):
        await lock(connection, server_id)


async def change_totals(connection: AsyncConnection, changes: Iterable[Change]) -> None:
    """Bring the totals up to date with ratings that were given, changed or taken away."""
    rows = total_rows(changes)
    if rows:
        await connection.execute(add_to_totals(connection.dialect.name), rows)


def total_rows(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Give what the changes add to the totals, as `add_to_totals` takes it."""
    sums: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0] * HIGHEST)
    for server_id, film_id, before, after in changes:
        if before is not None:
            sums[server_id, film_id][before - 1] -= 1
        if after is not None:
            sums[server_id, film_id][after - 1] += 1
    return [
        {
            "p_server_id": server_id,
            "p_film_id": film_id,
            "p_rating_count": sum(bins),
            "p_half_star_sum": sum(number * stars for stars, number in enumerate(bins, start=1)),
            **{f"p_{name}": number for name, number in zip(HALF_STARS, bins, strict=True)},
        }
        for (server_id, film_id), bins in sums.items()
        if any(bins)
    ]


@cache
def add_to_totals(dialect: str) -> Executable:
    """Give the statement that adds such rows to the totals."""
    table = rating_totals
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    insert = insert.values({column.name: param(column) for column in table.c})
    return insert.on_conflict_do_update(
        index_elements=["server_id", "film_id"],
        set_={name: table.c[name] + insert.excluded[name] for name in _COUNTERS},
    )


def totals_of(row: AnyRow) -> Totals:
    """Give the totals in a row of the table."""
    return Totals(tuple(getattr(row, name) for name in HALF_STARS))


def prior_columns(server_id: int | BindParameter[int]) -> Select[*tuple[Any, ...]]:
    """Give the statement whose one row `prior_from` takes."""
    table = rating_totals
    counted = (
        func.count().label("prior_films"),
        func.sum(table.c.rating_count).label("prior_count"),
        func.sum(table.c.half_star_sum).label("prior_sum"),
    )
    return select(*counted).where(table.c.server_id == server_id, table.c.rating_count > 0)


def prior_from(row: AnyRow) -> Prior:
    """Give what the server expects of a film, out of a row with those columns."""
    return Prior.of(row.prior_films, int(row.prior_count or 0), int(row.prior_sum or 0))


async def prior_of(connection: AsyncConnection, server_id: int) -> Prior:
    """Give what the server expects of a film."""
    return prior_from((await connection.execute(prior_columns(server_id))).one())
