"""Watchlists, in and out of the database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, delete, func, select

from bot.core.database.engine import Database, upsert
from bot.core.database.transaction_script import Step, Steps, param
from bot.core.errors import FilmGoneError
from bot.films.tables import films
from bot.members.membership_repository import MembershipRepository
from bot.members.tables import server_members
from bot.watchlists.service import (
    FILMS_ON_PAGE,
    LIST_LIMIT,
    WantedFilm,
    WatchlistFilm,
    WatchlistFullError,
    WatchlistPage,
)
from bot.watchlists.tables import watchlist

_KEYS = ("server_id", "member_id", "film_id")
_REMOVE_RATED = (
    delete(watchlist)
    .where(*(watchlist.c[name] == param(watchlist.c[name]) for name in _KEYS), watchlist.c.is_kept.is_(False))
    .returning(*(watchlist.c[name] for name in _KEYS))
)


def remove_rated_films(keys: Sequence[tuple[int, int, str]]) -> Steps[set[tuple[int, int, str]]]:
    """Remove films that members have just rated from their lists, unless they keep them there.

    The keys are the ids of server, member and film. Returns those that were removed.
    """
    params = [{"p_server_id": server, "p_member_id": member, "p_film_id": film} for server, member, film in keys]
    return {(row.server_id, row.member_id, row.film_id) for row in (yield Step((_REMOVE_RATED,), params))}


class WatchlistStore:
    """Reads and writes watchlists."""

    def __init__(self, database: Database, membership: MembershipRepository) -> None:
        self._database = database
        self._membership = membership

    async def add(self, server_id: int, member_id: int, film: WatchlistFilm) -> bool:
        """Store it, or whether to keep it; tell whether it is new.

        Raises WatchlistFullError, FilmGoneError.
        """
        theirs = and_(watchlist.c.server_id == server_id, watchlist.c.member_id == member_id)
        async with self._database.write() as connection:
            # It also makes this member's additions wait for each other, so that none slips past the limit.
            await self._membership.record_activity(connection, server_id, member_id, film.added_at)
            if not (await connection.execute(select(films.c.id).where(films.c.id == film.film_id))).all():
                raise FilmGoneError
            known = select(watchlist.c.is_kept).where(theirs, watchlist.c.film_id == film.film_id)
            before = (await connection.execute(known)).scalar_one_or_none()
            if before is None:
                count = select(func.count()).select_from(watchlist).where(theirs)
                if (await connection.execute(count)).scalar_one() >= LIST_LIMIT:
                    raise WatchlistFullError
            row = {
                "server_id": server_id,
                "member_id": member_id,
                "film_id": film.film_id,
                "added_at": film.added_at,
            }
            change = ("is_kept",) if film.is_kept else ()
            statement = upsert(self._database.dialect, watchlist, _KEYS, change)
            await connection.execute(statement, [{**row, "is_kept": film.is_kept}])
        return before is None

    async def remove(self, server_id: int, member_id: int, film_id: str) -> bool:
        """Take it off; tell whether it was there."""
        statement = delete(watchlist).where(
            watchlist.c.server_id == server_id,
            watchlist.c.member_id == member_id,
            watchlist.c.film_id == film_id,
        )
        async with self._database.write() as connection:
            return (await connection.execute(statement)).rowcount > 0

    async def page(self, server_id: int, member_id: int, page: int) -> WatchlistPage[WatchlistFilm]:
        """Give a page of the member's list, latest first; one past the end is the last."""
        theirs = and_(watchlist.c.server_id == server_id, watchlist.c.member_id == member_id)
        statement = (
            select(watchlist, films.c.title, films.c.year)
            .join(films, films.c.id == watchlist.c.film_id)
            .where(theirs)
            .order_by(watchlist.c.added_at.desc(), watchlist.c.film_id)
        )
        async with self._database.read() as connection:
            count = (
                await connection.execute(select(func.count()).select_from(watchlist).where(theirs))
            ).scalar_one()
            page = _last(page, count)
            rows = (await connection.execute(_on_page(statement, page))).all()
        found = tuple(WatchlistFilm(row.film_id, row.title, row.year, row.added_at, row.is_kept) for row in rows)
        return WatchlistPage(found, count, page)

    async def film_ids(self, server_id: int, member_id: int) -> list[str]:
        """Give the ids of all films on the member's list, latest first."""
        statement = (
            select(watchlist.c.film_id)
            .where(watchlist.c.server_id == server_id, watchlist.c.member_id == member_id)
            .order_by(watchlist.c.added_at.desc(), watchlist.c.film_id)
        )
        return [row.film_id for row in await self._database.rows(statement)]

    async def wanted(self, server_id: int, page: int) -> WatchlistPage[WantedFilm]:
        """Give a page of what most present members want to see, most wanted first."""
        there = and_(
            server_members.c.server_id == watchlist.c.server_id,
            server_members.c.member_id == watchlist.c.member_id,
            server_members.c.departed_at.is_(None),
        )
        listed = watchlist.c.server_id == server_id
        members = func.count().label("members")
        statement = (
            select(watchlist.c.film_id, films.c.title, films.c.year, members)
            .join(films, films.c.id == watchlist.c.film_id)
            .join(server_members, there)
            .where(listed)
            .group_by(watchlist.c.film_id, films.c.title, films.c.year)
            .order_by(members.desc(), films.c.title, watchlist.c.film_id)
        )
        distinct = select(func.count(watchlist.c.film_id.distinct())).join(server_members, there).where(listed)
        async with self._database.read() as connection:
            count = (await connection.execute(distinct)).scalar_one()
            page = _last(page, count)
            rows = (await connection.execute(_on_page(statement, page))).all()
            who: dict[str, list[int]] = {row.film_id: [] for row in rows}
            named = (
                select(watchlist.c.film_id, watchlist.c.member_id)
                .join(server_members, there)
                .where(listed, watchlist.c.film_id.in_(list(who)))
                .order_by(watchlist.c.added_at, watchlist.c.member_id)
            )
            for row in await connection.execute(named):
                who[row.film_id].append(row.member_id)
        found = tuple(WantedFilm(row.film_id, row.title, row.year, tuple(who[row.film_id])) for row in rows)
        return WatchlistPage(found, count, page)


def _last(page: int, count: int) -> int:
    return min(page, max(0, -(-count // FILMS_ON_PAGE) - 1))


def _on_page(statement: Select[Any], page: int) -> Select[Any]:
    return statement.limit(FILMS_ON_PAGE).offset(page * FILMS_ON_PAGE)
