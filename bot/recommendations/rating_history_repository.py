"""What the recommender knows of members, in and out of the database."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Select, and_, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, upsert
from bot.core.database.key_value import CATALOGUE_VERSION
from bot.core.database.key_value_table import key_values
from bot.core.errors import FilmGoneError
from bot.films.tables import films
from bot.members.tables import server_settings
from bot.recommendations.crowd import Rating
from bot.recommendations.rating_history import Changes, History, Lesson, guest_name, home_name
from bot.recommendations.tables import dismissed_films, rating_sets, rating_sharing_members
from bot.reviews.tables import rating_totals, ratings, viewings


class TasteStore:
    """Reads members' stars for the recommender; reads and writes refusals, and which members share their stars."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ground(self) -> Changes:
        """Give what tells whether the catalogue or the ratings sets from outside have changed."""
        version = select(key_values.c.value).where(key_values.c.name == CATALOGUE_VERSION)
        sets = select(rating_sets.c.name, rating_sets.c.imported_at).order_by(rating_sets.c.name)
        async with self._database.read() as connection:
            catalogue = (await connection.execute(version)).scalar_one_or_none()
            return (catalogue, *map(tuple, (await connection.execute(sets)).all()))

    async def changes(self, server_id: int) -> Changes:
        """Give what tells whether the server's lesson has changed."""
        async with self._database.read() as connection:
            own = (await connection.execute(_counted().where(_home(server_id)))).one()
            shared: tuple[object, ...] = ()
            if await _shares(connection, server_id):
                shared = tuple((await connection.execute(_counted().where(_elsewhere(server_id)))).one())
            return (*own, "shared", *shared)

    async def lesson(self, server_id: int) -> Lesson:
        """Give the stars of the server's present members, and those shared with it.

        Who is a member here is not counted a second time for what they gave elsewhere.
        """
        columns = select(ratings.c.member_id, ratings.c.film_id, ratings.c.stars)
        async with self._database.read() as connection:
            own = (await connection.execute(columns.where(_home(server_id)).order_by(ratings.c.id))).all()
            shared = (
                (await connection.execute(columns.where(_elsewhere(server_id)).order_by(ratings.c.id))).all()
                if await _shares(connection, server_id)
                else []
            )
        at_home = {row.member_id for row in own}
        learnt: list[Rating] = [(home_name(row.member_id), row.film_id, row.stars / 2) for row in own]
        learnt += [
            (guest_name(row.member_id), row.film_id, row.stars / 2)
            for row in shared
            if row.member_id not in at_home
        ]
        return Lesson(learnt, frozenset(map(home_name, at_home)))

    async def histories(self, server_id: int, member_ids: Collection[int]) -> dict[int, History]:
        """Give each member's history in that server."""
        own: dict[int, dict[str, float]] = defaultdict(dict)
        seen: dict[int, set[str]] = defaultdict(set)
        refused: dict[int, set[str]] = defaultdict(set)
        async with self._database.read() as connection:
            for row in await connection.execute(
                select(ratings.c.member_id, ratings.c.film_id, ratings.c.stars)
                .where(ratings.c.server_id == server_id, ratings.c.member_id.in_(member_ids))
                .order_by(ratings.c.id)
            ):
                own[row.member_id][row.film_id] = row.stars / 2
            for table, found in ((viewings, seen), (dismissed_films, refused)):
                for entry in await connection.execute(
                    select(table.c.member_id, table.c.film_id)
                    .where(table.c.server_id == server_id, table.c.member_id.in_(member_ids))
                    .distinct()
                ):
                    found[entry.member_id].add(entry.film_id)
        return {
            member: History(own[member], frozenset(seen[member] | own[member].keys()), frozenset(refused[member]))
            for member in member_ids
        }

    async def means(self, server_id: int, film_ids: Iterable[str]) -> dict[str, tuple[float, int]]:
        """Give the mean stars of present members and how many rated, for each film that somebody rated."""
        table = rating_totals
        statement = select(table.c.film_id, table.c.rating_count, table.c.half_star_sum).where(
            table.c.server_id == server_id, table.c.film_id.in_(sorted(set(film_ids))), table.c.rating_count > 0
        )
        rows = await self._database.rows(statement)
        return {film_id: (total / count / 2, count) for film_id, count, total in rows}

    async def refuse(self, server_id: int, member_id: int, film_id: str, now: datetime) -> bool:
        """Store that the member never wants it; tell whether that is new. Raises FilmGoneError."""
        statement = upsert(self._database.dialect, dismissed_films, ("server_id", "member_id", "film_id"), ())
        row = {"server_id": server_id, "member_id": member_id, "film_id": film_id, "created_at": now}
        async with self._database.write() as connection:
            if not (await connection.execute(select(films.c.id).where(films.c.id == film_id))).all():
                raise FilmGoneError
            return (await connection.execute(statement, row)).rowcount > 0

    async def readmit(self, server_id: int, member_id: int, film_id: str) -> bool:
        """Take that back; tell whether it was there."""
        statement = delete(dismissed_films).where(
            dismissed_films.c.server_id == server_id,
            dismissed_films.c.member_id == member_id,
            dismissed_films.c.film_id == film_id,
        )
        async with self._database.write() as connection:
            return (await connection.execute(statement)).rowcount > 0

    async def member_shares(self, member_id: int) -> bool:
        """Tell whether the member lets other servers learn from their stars."""
        statement = select(rating_sharing_members.c.member_id).where(
            rating_sharing_members.c.member_id == member_id
        )
        return bool(await self._database.rows(statement))

    async def set_member_shares(self, member_id: int, shares: bool, now: datetime) -> None:
        """Store it."""
        insert = upsert(self._database.dialect, rating_sharing_members, ("member_id",), ())
        async with self._database.write() as connection:
            if shares:
                await connection.execute(insert, {"member_id": member_id, "created_at": now})
            else:
                is_member = rating_sharing_members.c.member_id == member_id
                await connection.execute(delete(rating_sharing_members).where(is_member))


def _counted() -> Select[tuple[object, ...]]:
    latest = func.max(func.coalesce(ratings.c.edited_at, ratings.c.created_at))
    return select(func.count(), func.sum(ratings.c.stars), func.max(ratings.c.id), latest)


def _home(server_id: int) -> ColumnElement[bool]:
    return and_(ratings.c.server_id == server_id, ratings.c.is_counted)


def _elsewhere(server_id: int) -> ColumnElement[bool]:
    """Give what other servers' members let this one learn from."""
    return and_(
        ratings.c.server_id != server_id,
        ratings.c.is_counted,
        exists().where(_is_sharing_server(ratings.c.server_id)),
        exists().where(rating_sharing_members.c.member_id == ratings.c.member_id),
    )


def _is_sharing_server(server_id: int | Column[int]) -> ColumnElement[bool]:
    return and_(server_settings.c.server_id == server_id, server_settings.c.ratings_shared_at.is_not(None))


async def _shares(connection: AsyncConnection, server_id: int) -> bool:
    statement = select(server_settings.c.server_id).where(_is_sharing_server(server_id))
    return (await connection.execute(statement)).one_or_none() is not None
