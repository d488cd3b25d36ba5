"""Diaries, profiles and lists of the best, out of the database."""

from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database
from bot.films.models import Job
from bot.films.tables import credits, films, people
from bot.reviews.diary import VIEWINGS_ON_PAGE, DiaryPage, Profile, RankedFilm, TopQuery, Viewing
from bot.reviews.stars import Prior, Totals
from bot.reviews.tables import rating_totals, ratings, viewings
from bot.reviews.totals_repository import prior_of

FAVOURITES, DIRECTORS = 5, 5
DECADE = 10


class DiaryStore:
    """Reads what members saw and what it comes to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, server_id: int, member_id: int, page: int) -> DiaryPage:
        """Give a page of the member's diary, latest first; one past the end is the last."""
        theirs = and_(viewings.c.server_id == server_id, viewings.c.member_id == member_id)
        # What was rated without a day is listed by when it was rated.
        when = func.coalesce(viewings.c.watched_on, func.date(viewings.c.created_at))
        statement = (
            select(viewings, films.c.title, films.c.year)
            .join(films, films.c.id == viewings.c.film_id)
            .where(theirs)
            .order_by(when.desc(), viewings.c.id.desc())
        )
        async with self._database.read() as connection:
            count = (
                await connection.execute(select(func.count()).select_from(viewings).where(theirs))
            ).scalar_one()
            page = min(page, max(0, -(-count // VIEWINGS_ON_PAGE) - 1))
            on_page = statement.limit(VIEWINGS_ON_PAGE).offset(page * VIEWINGS_ON_PAGE)
            rows = (await connection.execute(on_page)).all()
        found = tuple(
            Viewing(
                row.id, row.film_id, row.title, row.year, row.watched_on, row.stars, row.is_rewatch, row.created_at
            )
            for row in rows
        )
        return DiaryPage(found, count, page)

    async def profile(self, server_id: int, member_id: int) -> Profile:
        """Give what the member's ratings come to; their favourites are the highest rated, latest first."""
        theirs = and_(ratings.c.server_id == server_id, ratings.c.member_id == member_id)
        seen = and_(viewings.c.server_id == server_id, viewings.c.member_id == member_id)
        best = (
            select(ratings.c.film_id, ratings.c.stars, films.c.title, films.c.year)
            .join(films, films.c.id == ratings.c.film_id)
            .where(theirs)
            .order_by(
                ratings.c.stars.desc(),
                func.coalesce(ratings.c.edited_at, ratings.c.created_at).desc(),
                ratings.c.id,
            )
            .limit(FAVOURITES)
        )
        watched = func.count(ratings.c.film_id.distinct()).label("watched")
        directed = (
            select(people.c.name, watched)
            .join(credits, credits.c.person_id == people.c.id)
            .join(ratings, ratings.c.film_id == credits.c.film_id)
            .where(theirs, credits.c.job == Job.DIRECTOR)
            .group_by(people.c.id, people.c.name)
            .order_by(watched.desc(), func.avg(ratings.c.stars).desc(), people.c.name)
            .limit(DIRECTORS)
        )
        async with self._database.read() as connection:
            stars = (await connection.execute(select(ratings.c.stars).where(theirs))).scalars().all()
            count = (await connection.execute(select(func.count()).select_from(viewings).where(seen))).scalar_one()
            favourites = (await connection.execute(best)).all()
            directors = (await connection.execute(directed)).all()
        return Profile(
            totals=Totals.of(stars),
            viewings=count,
            favourites=tuple(
                RankedFilm(row.film_id, row.title, row.year, 1, row.stars, row.stars / 2) for row in favourites
            ),
            directors=tuple((row.name, row.watched) for row in directors),
        )

    async def top(self, server_id: int, query: TopQuery, limit: int) -> list[RankedFilm]:
        """Give the server's best films by Bayesian average, best first."""
        async with self._database.read() as connection:
            prior = await prior_of(connection, server_id)
            rows = await _counted(connection, server_id, query)
        ranked = [
            RankedFilm(row.id, row.title, row.year, row.raters, row.halves, prior.average(row.raters, row.halves))
            for row in rows
        ]
        return sorted(ranked, key=lambda film: (-film.average, -film.count, film.title, film.film_id))[:limit]

    async def prior(self, server_id: int) -> Prior:
        """Give what the server expects of a film."""
        async with self._database.read() as connection:
            return await prior_of(connection, server_id)


async def _counted(connection: AsyncConnection, server_id: int, query: TopQuery) -> list[Any]:
    """Give the films asked for with the number of their raters and the sum of the half-stars."""
    asked: list[ColumnElement[bool]] = []
    if query.decade is not None:
        asked.append(films.c.year.between(query.decade, query.decade + DECADE - 1))
    if query.genre is not None:
        # Genres are a JSON list of words; a word is found between its quotation marks.
        asked.append(
            func.lower(cast(films.c.genres, String)).contains(f'"{query.genre.lower()}"', autoescape=True)
        )
    if query.since is None:
        count, total = rating_totals.c.rating_count, rating_totals.c.half_star_sum
        statement = (
            select(films.c.id, films.c.title, films.c.year, count.label("raters"), total.label("halves"))
            .join(rating_totals, rating_totals.c.film_id == films.c.id)
            .where(rating_totals.c.server_id == server_id, count >= max(1, query.minimum_raters), *asked)
        )
    else:
        raters = func.count()
        statement = (
            select(
                films.c.id, films.c.title, films.c.year, raters.label("raters"),
                func.sum(ratings.c.stars).label("halves"),
            )
            .join(ratings, ratings.c.film_id == films.c.id)
            .where(
                ratings.c.server_id == server_id,
                ratings.c.is_counted,
                func.coalesce(ratings.c.edited_at, ratings.c.created_at) >= query.since,
                *asked,
            )
            .group_by(films.c.id, films.c.title, films.c.year)
            .having(raters >= max(1, query.minimum_raters))
        )  # fmt: skip
    return list((await connection.execute(statement)).all())
