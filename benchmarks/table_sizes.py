"""Measures how many bytes a row of the tables that grow with members takes on PostgreSQL, with its indexes.

    python -m benchmarks.table_sizes

It starts a PostgreSQL of its own and fills each table with made-up rows: Discord's ids, films of the starter
catalogue, and with every fifth rating a review of about 140 characters. docs/scaling.md reckons with the result.
"""

import argparse
import asyncio
import random
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, String, Table, Text, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.core.database import engine
from bot.core.database.columns import metadata
from bot.services import PERSONAL_DATA
from tests import postgres

ROWS, BATCH = 100_000, 5_000
FIRST_ID = 800_000_000_000_000_000
MEMBERS_OF_A_SERVER, FILMS = 200, 3_400
REVIEW = (
    "Slow, sad and beautiful; the last half hour is worth the wait, and the music stayed with me for days. " * 2
)
TABLES = (
    "ratings", "rating_totals", "viewings", "helpful_votes", "replies", "server_members", "watchlist",
    "liked_films", "subscriptions", "pick_rsvps", "night_rsvps",
)  # fmt: skip
"""The tables with the most rows: those of members, and the totals of films in servers."""
OVERRIDES: Mapping[str, Any] = {"answer": "yes", "half_stars": 8, "stars": 8}
"""Values of columns that allow only some."""
NOW = datetime(2026, 1, 1, tzinfo=UTC)
assert PERSONAL_DATA  # imports every feature, and with them the tables


def build_rows(table: Table, count: int) -> Iterator[dict[str, Any]]:
    """Yield made-up rows that differ in each key."""
    random_source = random.Random(table.name)
    films_of_a_member = 12 if "film_id" in table.columns else 1
    for number in range(count):
        server, rest = divmod(number, MEMBERS_OF_A_SERVER * films_of_a_member)
        member, film = divmod(rest, films_of_a_member)
        ids = {
            "server_id": FIRST_ID + server * 4_194_304,
            "member_id": FIRST_ID + (server * MEMBERS_OF_A_SERVER + member) * 1_000_003,
            "film_id": f"a-film-of-{1900 + film}-{(member * 31 + film * 277) % FILMS}",
        }
        yield {
            column.name: ids[column.name] if column.name in ids else _make_value(column, number, random_source)
            for column in table.columns
            if not (column.primary_key and column.name == "id")
        }


def _make_value(column: Column[Any], number: int, random_source: random.Random) -> Any:
    if column.name in OVERRIDES:
        return OVERRIDES[column.name]
    if column.nullable and not isinstance(column.type, Text | Date):
        return None
    match column.type:
        case Text():
            return REVIEW[: random_source.randint(40, 240)] if number % 5 == 0 or not column.nullable else None
        case String():
            return f"value {number}"[: column.type.length]
        case Boolean():
            return False
        case BigInteger():
            return FIRST_ID + number
        case Integer():
            return number if column.primary_key or column.foreign_keys else 1
        case Date():
            return (NOW - timedelta(days=number % 700)).date()
    return NOW - timedelta(minutes=number)


async def measure(connection: AsyncConnection, table: Table, count: int) -> tuple[float, float]:
    """Return the bytes of a row, and of its part of the indexes."""
    rows = list(build_rows(table, count))
    for start in range(0, count, BATCH):
        await connection.execute(insert(table), rows[start : start + BATCH])
    sizes = text("SELECT pg_table_size(CAST(:name AS regclass)), pg_indexes_size(CAST(:name AS regclass))")
    table_size, index_size = (await connection.execute(sizes, {"name": table.name})).one()
    return table_size / count, index_size / count


async def print_sizes(url: str, count: int) -> None:
    """Print a line for each table."""
    await (await engine.Database.open(url)).close()  # the tables are made
    database = create_async_engine(url)
    print("table              row  indexes  in all (bytes)")
    try:
        for name in TABLES:
            async with database.connect() as connection, connection.begin():
                # Films, servers and the like need not be there.
                await connection.execute(text("SET LOCAL session_replication_role = replica"))
                row, indexes = await measure(connection, metadata.tables[name], count)
            print(f"{name:16} {row:5.0f}  {indexes:7.0f}  {row + indexes:6.0f}", flush=True)
    finally:
        await database.dispose()


def main() -> None:
    """Print the sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of each table (default: %(default)s)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        folder = Path(name) / "postgres"
        folder.mkdir()
        url = postgres.start(folder)
        try:
            asyncio.run(print_sizes(url, arguments.rows))
        finally:
            postgres.stop(folder)


if __name__ == "__main__":
    main()
