"""Compares ratings stored a second with a bare INSERT and COMMIT loop, and measures the cost of a card's stars.

    python -m benchmarks.ratings                     # SQLite, synchronous=FULL
    python -m benchmarks.ratings --database postgres # a server of its own, fsync on (needs PostgreSQL installed)

A rating counts as stored when `ReviewRepository.store` returns, after its commit has reached the disk. The bare
loop has one row in flight, a server as many as members press at the same time (--at-once).
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.database.engine import Database, create_database_engine
from bot.films.models import Film
from bot.films.repository import FilmRepository
from bot.reviews.embeds import build_stars_embed, create_star_histogram
from bot.reviews.models import Draft
from bot.reviews.repository import ReviewRepository
from bot.reviews.stars import MAX_HALF_STARS, FilmStars
from bot.reviews.tables import HALF_STARS, rating_totals, ratings
from bot.watchlists.repository import RATED_FILM_REMOVAL
from tests import postgres

SERVER, FILMS, CROWD = 1, 200, 100_000
SLICES = 10
"""Short turns into which each round is divided."""
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--ratings", type=int, default=3_000, help="how many to store (default: %(default)s)")
    parser.add_argument("--at-once", type=int, default=32, help="members who post at once (default: %(default)s)")
    parser.add_argument(
        "--rounds", type=int, default=3, help="the median of so many is printed (default: %(default)s)"
    )
    parser.add_argument("--folder", help="where SQLite's file lies (default: the system's temporary folder)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder, _database(arguments.database, folder) as url:
        asyncio.run(measure(url, arguments))


@contextmanager
def _database(kind: str, folder: str) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}"
        return
    with postgres.server(durable=True) as url:
        yield url


async def measure(url: str, arguments: argparse.Namespace) -> None:
    """Measure the loops alternately and print their medians and ratios."""
    database = await Database.open(url)
    bare_engine = create_database_engine(url)
    await FilmRepository(database).save_many(
        [Film(f"film-{number}", f"Film {number}", f"Film {number}", 2000) for number in range(FILMS)]
    )
    store = ReviewRepository(database, RATED_FILM_REMOVAL)
    bare, concurrent, sequential = [], [], []
    count, few = arguments.ratings // SLICES, max(1, arguments.ratings // SLICES // 4)
    for number in range(arguments.rounds * SLICES):
        # In short turns, so that the machine's other load affects all three alike.
        bare.append(await _rate(count, _bare_loop(bare_engine, count)))
        concurrent.append(await _rate(count, _post(store, count, arguments.at_once, number)))
        sequential.append(await _rate(few, _post(store, few, 1, 1_000 + number)))
    bare_rate, concurrent_rate, sequential_rate = map(statistics.median, (bare, concurrent, sequential))
    print(f"bare INSERT+COMMIT loop        {bare_rate:10,.0f} rows/s")
    members = f"ratings, {arguments.at_once:3} members at once"
    share, sequential_share = concurrent_rate / bare_rate, sequential_rate / bare_rate
    print(f"{members}  {concurrent_rate:10,.0f} ratings/s   {share:.2f} of the bare loop")
    print(
        f"ratings, one after the other   {sequential_rate:10,.0f} ratings/s"
        f"   {sequential_share:.2f} of the bare loop"
    )
    await _measure_cards(database, store)
    await bare_engine.dispose()
    await database.close()


async def _rate(count: int, work: Coroutine[None, None, None]) -> float:
    start = time.perf_counter()
    await work
    return count / (time.perf_counter() - start)


async def _bare_loop(engine: AsyncEngine, count: int) -> None:
    """Insert and commit row by row through the database's own driver, without SQLAlchemy."""
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TABLE IF NOT EXISTS bare (member BIGINT, film TEXT, stars INT)"))
        await connection.commit()
        driver = (await connection.get_raw_connection()).driver_connection
        if engine.dialect.name == "sqlite":
            await asyncio.to_thread(_bare_sqlite, str(engine.url.database), count)
            return
        for number in range(count):
            await driver.execute("INSERT INTO bare VALUES ($1, $2, $3)", number, "film-1", 7)


def _bare_sqlite(path: str, count: int) -> None:
    import sqlite3

    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    connection.execute("PRAGMA synchronous=FULL")
    for number in range(count):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bare VALUES (?, ?, ?)", (number, "film-1", 7))
        connection.execute("COMMIT")
    connection.close()


async def _post(store: ReviewRepository, count: int, at_once: int, number: int) -> None:
    drafts = iter(
        Draft(
            SERVER,
            1 + 1_000_000 * number + each // 10,
            f"film-{each % FILMS}",
            1 + each % MAX_HALF_STARS,
            "Some words.",
        )
        for each in range(count)
    )

    async def member() -> None:
        for draft in drafts:
            await store.store(draft, NOW)

    await asyncio.gather(*(member() for _ in range(at_once)))


async def _measure_cards(database: Database, store: ReviewRepository) -> None:
    """Print what a card's stars cost for a film with 100,000 ratings and for one with none."""
    crowded, empty = "film-0", "film-crowdless"
    await FilmRepository(database).save_many([Film(empty, "Nobody", "Nobody", 2000)])
    await _insert_ratings(database, crowded)

    async def stars_of(film_id: str) -> FilmStars:
        return await store.get_film_stars(SERVER, film_id, 1)

    costs = {film_id: await _median(lambda film_id=film_id: stars_of(film_id)) for film_id in (empty, crowded)}
    crowded_stars = await stars_of(crowded)
    start = time.perf_counter()
    build_stars_embed(crowded_stars, "A server")
    create_star_histogram(crowded_stars.totals)
    drawing_seconds = time.perf_counter() - start
    print(f"stars of a card, no rating     {costs[empty] * 1e3:10.2f} ms")
    ratio = costs[crowded] / costs[empty]
    count = f"{crowded_stars.totals.rating_count:,}"
    print(f"stars of a card, {count} ratings {costs[crowded] * 1e3:7.2f} ms   {ratio:.2f} times")
    print(f"drawing its picture, once      {drawing_seconds * 1e3:10.2f} ms, then from memory")


async def _insert_ratings(database: Database, film_id: str) -> None:
    """Insert 100,000 ratings of the film and their totals."""
    from sqlalchemy import delete, func, insert, select

    async with database.write() as connection:
        for start in range(0, CROWD, 5_000):
            rows = [
                {
                    "server_id": SERVER, "member_id": 10**12 + start + each, "film_id": film_id,
                    "stars": 1 + each % MAX_HALF_STARS, "text": None, "is_spoiler": False, "created_at": NOW,
                    "is_counted": True, "helpful_count": 0,
                }
                for each in range(5_000)
            ]  # fmt: skip
            await connection.execute(insert(ratings), rows)
        counted = (
            select(ratings.c.stars, func.count()).where(ratings.c.film_id == film_id).group_by(ratings.c.stars)
        )
        bins: dict[int, int] = {row[0]: row[1] for row in await connection.execute(counted)}
        await connection.execute(delete(rating_totals).where(rating_totals.c.film_id == film_id))
        half_star_sum = sum(half * number for half, number in bins.items())
        total = {"rating_count": sum(bins.values()), "half_star_sum": half_star_sum}
        halves = {name: bins.get(half, 0) for half, name in enumerate(HALF_STARS, start=1)}
        await connection.execute(
            insert(rating_totals).values(server_id=SERVER, film_id=film_id, **total, **halves)
        )
        # PostgreSQL does this by itself a minute after so many new rows.
        await connection.execute(text("ANALYZE"))


async def _median(work: Callable[[], Coroutine[None, None, object]], times: int = 300) -> float:
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        await work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
