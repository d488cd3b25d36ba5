"""Diaries, profiles and rankings read from the database."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, String, and_, cast, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database
from bot.core.database.read_executor import AnyRow
from bot.core.paging import clamp_page
from bot.films.models import CreditJob
from bot.films.tables import credits, films, people
from bot.reviews.diary import DIARY_PAGE_SIZE, DiaryPage, Profile, Viewing
from bot.reviews.models import RecordedViewing, find_same_viewing
from bot.reviews.repository import read_prior
from bot.reviews.stars import StarTotals
from bot.reviews.tables import rating_totals, ratings, viewings
from bot.reviews.top import TOP_LIMIT, RankedFilm, TopQuery

FAVOURITES_LIMIT, DIRECTORS_LIMIT = 5, 5
YEARS_PER_DECADE = 10


async def add_viewing(
    connection: AsyncConnection, server_id: int, member_id: int, film_id: str, watched_on: date, now: datetime
) -> bool:
    """Add a viewing without stars to the member's diary, unless it has that one; return whether it is new.

    Member and server must be locked.
    """
    of_film = and_(
        viewings.c.server_id == server_id, viewings.c.member_id == member_id, viewings.c.film_id == film_id
    )
    rows = (await connection.execute(select(viewings).where(of_film).order_by(viewings.c.id.desc()))).all()
    recorded = [RecordedViewing(row.id, row.watched_on, row.created_at) for row in rows]
    if find_same_viewing(recorded, watched_on, now) is not None:
        return False
    row = {
        "server_id": server_id, "member_id": member_id, "film_id": film_id, "watched_on": watched_on,
        "stars": None, "is_rewatch": bool(rows), "created_at": now,
    }  # fmt: skip
    await connection.execute(insert(viewings).values(**row))
    return True


class DiaryRepository:
    """Reads what members watched and how their ratings add up."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_page(self, server_id: int, member_id: int, page: int = 0) -> DiaryPage:
        """Return a page of the member's diary, latest viewing first; a page past the end is the last one."""
        of_member = and_(viewings.c.server_id == server_id, viewings.c.member_id == member_id)
        # A viewing without a day is listed by when it was rated.
        day = func.coalesce(viewings.c.watched_on, func.date(viewings.c.created_at))
        async with self._database.read() as connection:
            count = select(func.count()).select_from(viewings).where(of_member)
            viewing_count = (await connection.execute(count)).scalar_one()
            page = clamp_page(page, viewing_count, DIARY_PAGE_SIZE)
            statement = (
                select(viewings, films.c.title, films.c.year)
                .join(films, films.c.id == viewings.c.film_id)
                .where(of_member)
                .order_by(day.desc(), viewings.c.id.desc())
                .limit(DIARY_PAGE_SIZE)
                .offset(page * DIARY_PAGE_SIZE)
            )
            rows = (await connection.execute(statement)).all()
        on_page = tuple(
            Viewing(
                row.id, row.film_id, row.title, row.year, row.watched_on, row.stars, row.is_rewatch, row.created_at
            )
            for row in rows
        )
        return DiaryPage(on_page, viewing_count, page)

    async def get_profile(self, server_id: int, member_id: int) -> Profile:
        """Return what the member's ratings add up to; favourites are the highest rated, latest first."""
        rated_by_member = and_(ratings.c.server_id == server_id, ratings.c.member_id == member_id)
        favourites = (
            select(ratings.c.film_id, ratings.c.stars, films.c.title, films.c.year)
            .join(films, films.c.id == ratings.c.film_id)
            .where(rated_by_member)
            .order_by(
                ratings.c.stars.desc(),
                func.coalesce(ratings.c.edited_at, ratings.c.created_at).desc(),
                ratings.c.id,
            )
            .limit(FAVOURITES_LIMIT)
        )
        film_count = func.count(ratings.c.film_id.distinct()).label("film_count")
        directors = (
            select(people.c.name, film_count)
            .join(credits, credits.c.person_id == people.c.id)
            .join(ratings, ratings.c.film_id == credits.c.film_id)
            .where(rated_by_member, credits.c.job == CreditJob.DIRECTOR)
            .group_by(people.c.id, people.c.name)
            .order_by(film_count.desc(), func.avg(ratings.c.stars).desc(), people.c.name)
            .limit(DIRECTORS_LIMIT)
        )
        viewing_count = (
            select(func.count())
            .select_from(viewings)
            .where(viewings.c.server_id == server_id, viewings.c.member_id == member_id)
        )
        async with self._database.read() as connection:
            stars = (await connection.execute(select(ratings.c.stars).where(rated_by_member))).scalars().all()
            return Profile(
                totals=StarTotals.from_ratings(stars),
                viewing_count=(await connection.execute(viewing_count)).scalar_one(),
                favourites=tuple(
                    RankedFilm(row.film_id, row.title, row.year, 1, row.stars, row.stars / 2)
                    for row in await connection.execute(favourites)
                ),
                directors=tuple((row.name, row.film_count) for row in await connection.execute(directors)),
            )

    async def list_top_films(self, server_id: int, query: TopQuery, limit: int = TOP_LIMIT) -> list[RankedFilm]:
        """Return the server's best films by Bayesian average, best first."""
        async with self._database.read() as connection:
            prior = await read_prior(connection, server_id)
            rows = await _read_film_totals(connection, server_id, query)
        ranked = [
            RankedFilm(
                row.id,
                row.title,
                row.year,
                row.rating_count,
                row.half_star_sum,
                prior.bayesian_average(row.rating_count, row.half_star_sum),
            )
            for row in rows
        ]
        return sorted(ranked, key=lambda film: (-film.average, -film.rating_count, film.title, film.film_id))[
            :limit
        ]


async def _read_film_totals(connection: AsyncConnection, server_id: int, query: TopQuery) -> Sequence[AnyRow]:
    """Return the films of the query with the number of their ratings and the sum of the half-stars."""
    conditions: list[ColumnElement[bool]] = []
    if query.decade is not None:
        conditions.append(films.c.year.between(query.decade, query.decade + YEARS_PER_DECADE - 1))
    if query.genre is not None:
        # Genres are a JSON list of strings; each is found between its quotation marks.
        conditions.append(
            func.lower(cast(films.c.genres, String)).contains(f'"{query.genre.lower()}"', autoescape=True)
        )
    if query.since is None:
        statement = (
            select(
                films.c.id, films.c.title, films.c.year,
                rating_totals.c.rating_count, rating_totals.c.half_star_sum,
            )
            .join(rating_totals, rating_totals.c.film_id == films.c.id)
            .where(
                rating_totals.c.server_id == server_id,
                rating_totals.c.rating_count >= max(1, query.minimum_raters),
                *conditions,
            )
        )  # fmt: skip
        return (await connection.execute(statement)).all()
    rating_count = func.count()
    of_period = (
        select(
            films.c.id, films.c.title, films.c.year,
            rating_count.label("rating_count"), func.sum(ratings.c.stars).label("half_star_sum"),
        )
        .join(ratings, ratings.c.film_id == films.c.id)
        .where(
            ratings.c.server_id == server_id,
            ratings.c.is_counted,
            func.coalesce(ratings.c.edited_at, ratings.c.created_at) >= query.since,
            *conditions,
        )
        .group_by(films.c.id, films.c.title, films.c.year)
        .having(rating_count >= max(1, query.minimum_raters))
    )  # fmt: skip
    return (await connection.execute(of_period)).all()
