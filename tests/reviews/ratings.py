"""Drafts of ratings by members of two servers, and a check of the totals."""

from datetime import UTC, datetime

from sqlalchemy import select

from bot.core.database.engine import Database
from bot.films.models import Film
from bot.films.repository import FilmRepository
from bot.reviews.models import Draft
from bot.reviews.repository import ReviewRepository, totals_from_row
from bot.reviews.stars import StarTotals
from bot.reviews.tables import rating_totals, ratings
from tests.repositories import review_repository

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
HERE, THERE = 100, 200
MINA, JONAS, SAM, NOOR = 1, 2, 3, 4
FILMS = ("night-bus-1994", "glass-harbour-2003", "salt-2011")


async def create_review_repository(database: Database) -> ReviewRepository:
    """Return a repository of a database with films to rate."""
    await FilmRepository(database).save_many(
        [Film(id=film_id, title=film_id, original_title=film_id, year=2000) for film_id in FILMS]
    )
    return review_repository(database)


def draft(member: int = MINA, film: str = FILMS[0], stars: int = 8, server: int = HERE, **more: object) -> Draft:
    return Draft(server, member, film, stars, **more)  # type: ignore[arg-type]


async def check_totals(database: Database) -> None:
    """Check every stored total against the ratings themselves."""
    async with database.read() as connection:
        rows = (await connection.execute(select(ratings).where(ratings.c.is_counted))).all()
        stored = (await connection.execute(select(rating_totals))).all()
    expected: dict[tuple[int, str], list[int]] = {}
    for row in rows:
        expected.setdefault((row.server_id, row.film_id), []).append(row.stars)
    for row in stored:
        stars = expected.pop((row.server_id, row.film_id), [])
        assert totals_from_row(row) == StarTotals.from_ratings(stars)
        assert (row.rating_count, row.half_star_sum) == (len(stars), sum(stars))
    assert not expected
