"""SQL for watchlists."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, exists, func, select

from bot.core.database.engine import Database, upsert
from bot.core.database.transaction_script import param
from bot.core.paging import clamp_page
from bot.films.models import FilmGoneError, ListedTitle
from bot.films.tables import films
from bot.members.personal_data import PersonalData, export_table
from bot.members.repository import MembershipRepository, is_present_member
from bot.members.tables import server_members
from bot.reviews.posting_repository import RatedFilmRemoval
from bot.watchlists.models import (
    FILMS_PER_PAGE,
    WATCHLIST_LIMIT,
    CommonFilm,
    WantedFilm,
    WatchlistFilm,
    WatchlistFullError,
    WatchlistPage,
)
from bot.watchlists.tables import watchlist

_IS_RATED_FILM = and_(
    watchlist.c.server_id == param(watchlist.c.server_id),
    watchlist.c.member_id == param(watchlist.c.member_id),
    watchlist.c.film_id == param(watchlist.c.film_id),
    watchlist.c.is_kept.is_(False),
)
RATED_FILM_REMOVAL = RatedFilmRemoval(
    is_listed=exists().where(_IS_RATED_FILM), remove=delete(watchlist).where(_IS_RATED_FILM)
)
"""Films leave a watchlist when the member rates them, unless the member keeps them there."""


class WatchlistRepository:
    """Reads and writes watchlists."""

    def __init__(self, database: Database, membership: MembershipRepository) -> None:
        self._database = database
        self._membership = membership

    async def add_film(
        self, server_id: int, member_id: int, film_id: str, *, is_kept: bool, now: datetime
    ) -> bool:
        """Add the film to the member's list and return whether it is new there.

        A film on the list becomes one that is kept, but not the other way round. Raises WatchlistFullError,
        FilmGoneError.
        """
        of_member = and_(watchlist.c.server_id == server_id, watchlist.c.member_id == member_id)
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            await self._membership.record_activity(connection, server_id, member_id, now)
            if not (await connection.execute(select(films.c.id).where(films.c.id == film_id))).all():
                raise FilmGoneError
            existing = select(watchlist.c.film_id).where(of_member, watchlist.c.film_id == film_id)
            is_new = (await connection.execute(existing)).one_or_none() is None
            if is_new:
                count = select(func.count()).select_from(watchlist).where(of_member)
                if (await connection.execute(count)).scalar_one() >= WATCHLIST_LIMIT:
                    raise WatchlistFullError
            row = {
                "server_id": server_id,
                "member_id": member_id,
                "film_id": film_id,
                "added_at": now,
                "is_kept": is_kept,
            }
            updated = ("is_kept",) if is_kept else ()
            keys = ("server_id", "member_id", "film_id")
            await connection.execute(upsert(self._database.dialect, watchlist, keys, updated), [row])
        return is_new

    async def remove_film(self, server_id: int, member_id: int, film_id: str) -> bool:
        """Remove the film from the member's list and return whether it was there."""
        statement = delete(watchlist).where(
            watchlist.c.server_id == server_id,
            watchlist.c.member_id == member_id,
            watchlist.c.film_id == film_id,
        )
        async with self._database.write(member_ids=[member_id]) as connection:
            return (await connection.execute(statement)).rowcount > 0

    async def get_page(self, server_id: int, member_id: int, page: int = 0) -> WatchlistPage[WatchlistFilm]:
        """Return a page of the member's list, latest first; for one past the end, the last page."""
        of_member = and_(watchlist.c.server_id == server_id, watchlist.c.member_id == member_id)
        statement = (
            select(watchlist, films.c.title, films.c.year)
            .join(films, films.c.id == watchlist.c.film_id)
            .where(of_member)
            .order_by(watchlist.c.added_at.desc(), watchlist.c.film_id)
        )
        async with self._database.read() as connection:
            counted = select(func.count()).select_from(watchlist).where(of_member)
            count = (await connection.execute(counted)).scalar_one()
            page = _clamp_page(page, count)
            rows = (await connection.execute(_limit_to_page(statement, page))).all()
        listed = tuple(WatchlistFilm(row.film_id, row.title, row.year, row.added_at, row.is_kept) for row in rows)
        return WatchlistPage(listed, count, page)

    async def list_film_ids(self, server_id: int, member_id: int) -> list[str]:
        """Return the ids of all films on the member's list, latest first."""
        statement = (
            select(watchlist.c.film_id)
            .where(watchlist.c.server_id == server_id, watchlist.c.member_id == member_id)
            .order_by(watchlist.c.added_at.desc(), watchlist.c.film_id)
        )
        return [row.film_id for row in await self._database.fetch_all(statement)]

    async def list_common_films(
        self, server_id: int, member_ids: Collection[int], limit: int
    ) -> list[CommonFilm]:  # fmt: skip
        """Return the films on the lists of at least two of these members, on most lists first."""
        members = func.count().label("members")
        statement = (
            select(watchlist.c.film_id, films.c.title, films.c.year, members)
            .join(films, films.c.id == watchlist.c.film_id)
            .where(watchlist.c.server_id == server_id, watchlist.c.member_id.in_(sorted(member_ids)))
            .group_by(watchlist.c.film_id, films.c.title, films.c.year)
            .having(members > 1)
            # Equal ones by their main titles, so that pages and limits are the same in every language.
            .order_by(members.desc(), films.c.title, watchlist.c.film_id)
            .limit(limit)
        )
        rows = await self._database.fetch_all(statement)
        return [CommonFilm(row.film_id, row.title, row.year, row.members) for row in rows]

    async def list_titles(self, server_id: int, member_id: int) -> list[ListedTitle]:
        """Return the titles of all films on the member's list, latest first."""
        statement = (
            select(films.c.id, films.c.title, films.c.original_title, films.c.year)
            .join(watchlist, films.c.id == watchlist.c.film_id)
            .where(watchlist.c.server_id == server_id, watchlist.c.member_id == member_id)
            .order_by(watchlist.c.added_at.desc(), watchlist.c.film_id)
        )
        rows = await self._database.fetch_all(statement)
        return [ListedTitle(row.id, row.title, row.original_title, row.year) for row in rows]

    async def get_server_page(self, server_id: int, page: int = 0) -> WatchlistPage[WantedFilm]:
        """Return a page of the films on the lists of the server's present members, on most lists first."""
        is_present = is_present_member(watchlist.c.server_id, watchlist.c.member_id)
        in_server = watchlist.c.server_id == server_id
        members = func.count().label("members")
        statement = (
            select(watchlist.c.film_id, films.c.title, films.c.year, members)
            .join(films, films.c.id == watchlist.c.film_id)
            .join(server_members, is_present)
            .where(in_server)
            .group_by(watchlist.c.film_id, films.c.title, films.c.year)
            # Equal ones by their main titles, so that pages and limits are the same in every language.
            .order_by(members.desc(), films.c.title, watchlist.c.film_id)
        )
        counted = select(func.count(watchlist.c.film_id.distinct())).join(server_members, is_present)
        async with self._database.read() as connection:
            count = (await connection.execute(counted.where(in_server))).scalar_one()
            page = _clamp_page(page, count)
            rows = (await connection.execute(_limit_to_page(statement, page))).all()
            members_by_film: dict[str, list[int]] = {row.film_id: [] for row in rows}
            listed = (
                select(watchlist.c.film_id, watchlist.c.member_id)
                .join(server_members, is_present)
                .where(in_server, watchlist.c.film_id.in_(list(members_by_film)))
                .order_by(watchlist.c.added_at, watchlist.c.member_id)
            )
            for row in await connection.execute(listed):
                members_by_film[row.film_id].append(row.member_id)
        wanted = (
            WantedFilm(row.film_id, row.title, row.year, tuple(members_by_film[row.film_id])) for row in rows
        )
        return WatchlistPage(tuple(wanted), count, page)


def _clamp_page(page: int, count: int) -> int:
    return clamp_page(page, count, FILMS_PER_PAGE)


def _limit_to_page(statement: Select[Any], page: int) -> Select[Any]:
    return statement.limit(FILMS_PER_PAGE).offset(page * FILMS_PER_PAGE)


PERSONAL_DATA = PersonalData(exported_rows=(export_table(watchlist, 70),), deleted_tables=(watchlist,))
