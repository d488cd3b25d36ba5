"""Diaries, profiles and rankings read from the database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database
from bot.core.database.executors import AnyRow
from bot.core.paging import clamp_page
from bot.films.models import CreditJob
from bot.films.tables import credits, films, people
from bot.reviews.diary import DIARY_PAGE_SIZE, DiaryPage, Profile, Viewing, rank_favourites
from bot.reviews.models import NotRatedError, RecordedViewing, find_same_viewing
from bot.reviews.repository import read_prior
from bot.reviews.stars import StarTotals
from bot.reviews.tables import rating_totals, ratings, viewings
from bot.reviews.top import TOP_LIMIT, RankedFilm, TopQuery

FAVOURITES_LIMIT, KINDS_LIMIT = 5, 3
"""Favourite films of a profile, and favourite genres, decades and directors each."""
YEARS_PER_DECADE = 10
# A viewing without a day is listed by when it was rated.
_LATEST_FIRST = (
    func.coalesce(viewings.c.watched_on, func.date(viewings.c.created_at)).desc(),
    viewings.c.id.desc(),
)


async def add_viewing(
    connection: AsyncConnection, server_id: int, member_id: int, film_id: str, watched_on: date, now: datetime
) -> int | None:
    """Add a viewing without stars to the member's diary, unless it has that one; return its id if it is new.

    Member and server must be locked.
    """
    of_film = and_(
        viewings.c.server_id == server_id, viewings.c.member_id == member_id, viewings.c.film_id == film_id
    )
    rows = (await connection.execute(select(viewings).where(of_film).order_by(viewings.c.id.desc()))).all()
    recorded = [RecordedViewing(row.id, row.watched_on, row.created_at) for row in rows]
    if find_same_viewing(recorded, watched_on, now) is not None:
        return None
    row = {
        "server_id": server_id, "member_id": member_id, "film_id": film_id, "watched_on": watched_on,
        "stars": None, "is_rewatch": bool(rows), "created_at": now,
    }  # fmt: skip
    viewing_id: int = (
        await connection.execute(insert(viewings).values(**row).returning(viewings.c.id))
    ).scalar_one()
    return viewing_id


async def remove_viewing(connection: AsyncConnection, server_id: int, member_id: int, viewing_id: int) -> bool:
    """Delete the member's viewing; return whether it was there. Member and server must be locked."""
    statement = delete(viewings).where(_is_viewing(server_id, member_id, viewing_id))
    return (await connection.execute(statement)).rowcount > 0


class DiaryRepository:
    """Reads what members watched and how their ratings add up."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_page(self, server_id: int, member_id: int, page: int = 0) -> DiaryPage:
        """Return a page of the member's diary, latest viewing first; a page past the end is the last one."""
        of_member = and_(viewings.c.server_id == server_id, viewings.c.member_id == member_id)
        async with self._database.read() as connection:
            count = select(func.count()).select_from(viewings).where(of_member)
            viewing_count = (await connection.execute(count)).scalar_one()
            page = clamp_page(page, viewing_count, DIARY_PAGE_SIZE)
            statement = (
                _select_viewings(server_id, member_id)
                .order_by(*_LATEST_FIRST)
                .limit(DIARY_PAGE_SIZE)
                .offset(page * DIARY_PAGE_SIZE)
            )
            rows = (await connection.execute(statement)).all()
        return DiaryPage(tuple(map(_viewing_from_row, rows)), viewing_count, page)

    async def get_viewing(self, server_id: int, member_id: int, viewing_id: int) -> Viewing | None:
        """Return a viewing of the member's diary in the server, or None."""
        statement = _select_viewings(server_id, member_id).where(viewings.c.id == viewing_id)
        rows = await self._database.fetch_all(statement)
        return _viewing_from_row(rows[0]) if rows else None

    async def find_server(self, member_id: int, viewing_id: int) -> int | None:
        """Return the id of the server in which a viewing of the member's is, or None."""
        statement = select(viewings.c.server_id).where(
            viewings.c.id == viewing_id, viewings.c.member_id == member_id
        )
        rows = await self._database.fetch_all(statement)
        return rows[0].server_id if rows else None

    async def get_latest_viewing(self, server_id: int, member_id: int, film_id: str) -> Viewing | None:
        """Return the member's viewing of the film that comes first in their diary, or None."""
        statement = _select_viewings(server_id, member_id).where(viewings.c.film_id == film_id)
        rows = await self._database.fetch_all(statement.order_by(*_LATEST_FIRST).limit(1))
        return _viewing_from_row(rows[0]) if rows else None

    async def get_newest_viewing(self, server_id: int, member_id: int, film_id: str) -> Viewing | None:
        """Return the member's viewing of the film that was added to their diary last, or None."""
        statement = _select_viewings(server_id, member_id).where(viewings.c.film_id == film_id)
        rows = await self._database.fetch_all(statement.order_by(viewings.c.id.desc()).limit(1))
        return _viewing_from_row(rows[0]) if rows else None

    async def change_viewing(
        self, server_id: int, member_id: int, viewing_id: int, *, watched_on: date | None, is_rewatch: bool
    ) -> bool:
        """Store when the member's viewing was and whether it was a rewatch; return whether it is there."""
        values = {"watched_on": watched_on, "is_rewatch": is_rewatch}
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            statement = update(viewings).where(_is_viewing(server_id, member_id, viewing_id)).values(values)
            return (await connection.execute(statement)).rowcount > 0

    async def delete_viewing(self, server_id: int, member_id: int, viewing_id: int) -> bool:
        """Delete the member's viewing; return whether it was there. Their rating stays."""
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            return await remove_viewing(connection, server_id, member_id, viewing_id)

    async def add_rewatch(
        self, server_id: int, member_id: int, film_id: str, watched_on: date, now: datetime
    ) -> int:
        """Add a viewing with the stars of the member's rating; return its id. Raises NotRatedError."""
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            half_stars = await _read_half_stars(connection, server_id, member_id, film_id)
            if half_stars is None:
                raise NotRatedError
            viewing = Viewing(0, film_id, "", None, watched_on, half_stars, True, now)
            return await _insert_viewing(connection, server_id, member_id, viewing)

    async def restore_viewing(self, server_id: int, member_id: int, viewing: Viewing) -> int:
        """Add a viewing that was deleted, without its stars if its rating is gone; return its id."""
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            if await _read_half_stars(connection, server_id, member_id, viewing.film_id) is None:
                viewing = replace(viewing, half_stars=None)
            return await _insert_viewing(connection, server_id, member_id, viewing)

    async def get_profile(self, server_id: int, member_id: int) -> Profile:
        """Return what the member's ratings add up to; favourites are the highest rated, liked ones first."""
        rated_by_member = and_(ratings.c.server_id == server_id, ratings.c.member_id == member_id)
        rated = (
            select(ratings.c.film_id, ratings.c.stars, films.c.title, films.c.year, films.c.genres)
            .join(films, films.c.id == ratings.c.film_id)
            .where(rated_by_member)
            .order_by(
                ratings.c.stars.desc(),
                ratings.c.is_liked.desc(),
                func.coalesce(ratings.c.edited_at, ratings.c.created_at).desc(),
                ratings.c.id,
            )
        )
        directed = (
            select(people.c.name, ratings.c.stars)
            .join(credits, credits.c.person_id == people.c.id)
            .join(ratings, ratings.c.film_id == credits.c.film_id)
            .where(rated_by_member, credits.c.job == CreditJob.DIRECTOR)
        )
        watched = (
            select(func.count(), func.sum(films.c.runtime))
            .select_from(viewings.join(films, films.c.id == viewings.c.film_id))
            .where(viewings.c.server_id == server_id, viewings.c.member_id == member_id)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(rated)).all()
            viewing_count, minutes = (await connection.execute(watched)).one()
            director_rows = (await connection.execute(directed)).all()
        totals = StarTotals.from_ratings(row.stars for row in rows)
        mean = 2 * totals.mean
        of_genres = ((genre, row.stars) for row in rows for genre in row.genres or ())
        of_decades = ((row.year // 10 * 10, row.stars) for row in rows if row.year is not None)
        return Profile(
            totals=totals,
            viewing_count=viewing_count,
            minutes_watched=int(minutes or 0),
            favourites=tuple(
                RankedFilm(row.film_id, row.title, row.year, 1, row.stars) for row in rows[:FAVOURITES_LIMIT]
            ),
            genres=rank_favourites(of_genres, mean, KINDS_LIMIT),
            decades=rank_favourites(of_decades, mean, KINDS_LIMIT),
            directors=rank_favourites(
                ((row.name, row.stars) for row in director_rows), mean, KINDS_LIMIT, minimum=2
            ),
        )

    async def count_raters(self, server_id: int) -> int:
        """Return how many members in the server have rated a film there."""
        async with self._database.read() as connection:
            return await read_rater_count(connection, server_id)

    async def list_top_films(self, server_id: int, query: TopQuery, limit: int = TOP_LIMIT) -> list[RankedFilm]:
        """Return the server's best films by Bayesian average, best first.

        Of equal ones the main title decides: places and pages are the same in every reader's language.
        """
        async with self._database.read() as connection:
            prior = await read_prior(connection, server_id)
            rows = await _read_film_totals(connection, server_id, query)
        orders = {row.id: prior.bayesian_average(row.rating_count, row.half_star_sum) for row in rows}
        ranked = [RankedFilm(row.id, row.title, row.year, row.rating_count, row.half_star_sum) for row in rows]
        return sorted(
            ranked, key=lambda film: (-orders[film.film_id], -film.rating_count, film.title, film.film_id)
        )[:limit]


async def read_rater_count(connection: AsyncConnection, server_id: int) -> int:
    """Return how many members in the server have rated a film there."""
    raters = func.count(ratings.c.member_id.distinct())
    statement = select(raters).where(ratings.c.server_id == server_id, ratings.c.is_counted)
    return int((await connection.execute(statement)).scalar_one())


def _select_viewings(server_id: int, member_id: int) -> Select[Any]:
    return (
        select(viewings, films.c.title, films.c.year)
        .join(films, films.c.id == viewings.c.film_id)
        .where(viewings.c.server_id == server_id, viewings.c.member_id == member_id)
    )


def _is_viewing(server_id: int, member_id: int, viewing_id: int) -> ColumnElement[bool]:
    of_member = and_(viewings.c.server_id == server_id, viewings.c.member_id == member_id)
    return and_(of_member, viewings.c.id == viewing_id)


def _viewing_from_row(row: AnyRow) -> Viewing:
    return Viewing(
        row.id, row.film_id, row.title, row.year, row.watched_on, row.stars, row.is_rewatch, row.created_at
    )


async def _read_half_stars(
    connection: AsyncConnection, server_id: int, member_id: int, film_id: str
) -> int | None:
    statement = select(ratings.c.stars).where(
        ratings.c.server_id == server_id, ratings.c.member_id == member_id, ratings.c.film_id == film_id
    )
    return (await connection.execute(statement)).scalar_one_or_none()


async def _insert_viewing(connection: AsyncConnection, server_id: int, member_id: int, viewing: Viewing) -> int:
    row = {
        "server_id": server_id, "member_id": member_id, "film_id": viewing.film_id,
        "watched_on": viewing.watched_on, "stars": viewing.half_stars, "is_rewatch": viewing.is_rewatch,
        "created_at": viewing.created_at,
    }  # fmt: skip
    stored = await connection.execute(viewings.insert().values(row).returning(viewings.c.id))
    return int(stored.scalar_one())


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
