"""Lists in the database. Each change is one transaction under the locks of its member and the server."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    delete,
    exists,
    false,
    func,
    insert,
    not_,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, upsert
from bot.core.database.executors import AnyRow
from bot.core.paging import clamp_page
from bot.core.text.folding import fold
from bot.films.models import FilmGoneError, ListedTitle
from bot.films.tables import films
from bot.lists.models import (
    FILMS_LIMIT,
    FILMS_PER_PAGE,
    LISTS_LIMIT,
    OWN_LISTS_LIMIT,
    FilmList,
    ListEntry,
    ListFullError,
    ListGoneError,
    ListNameTakenError,
    ListPage,
    ListProgress,
    NotYourListedFilmError,
    NotYourListToDeleteError,
    NotYourListToFillError,
    TooManyListsError,
)
from bot.lists.tables import film_list_entries, film_lists
from bot.members.personal_data import ExportedRows, PersonalData, export_table
from bot.members.repository import MembershipRepository
from bot.members.tables import member_privacy
from bot.moderation.models import Action, LogEntry
from bot.moderation.repository import require_not_blocked, write_log
from bot.reviews.tables import ratings, viewings

_FILM_COUNT = (
    select(func.count())
    .where(film_list_entries.c.list_id == film_lists.c.id)
    .correlate(film_lists)
    .scalar_subquery()
    .label("film_count")
)
_IS_HIDDEN = and_(film_lists.c.is_shared.is_(False), func.coalesce(member_privacy.c.is_name_hidden, false()))
_LISTS = select(film_lists, _FILM_COUNT, _IS_HIDDEN.label("is_hidden")).join(
    member_privacy, member_privacy.c.member_id == film_lists.c.member_id, isouter=True
)


class ListRepository:
    """Reads and writes lists of films."""

    def __init__(self, database: Database, membership: MembershipRepository) -> None:
        self._database = database
        self._membership = membership

    async def create(
        self, server_id: int, member_id: int, name: str, now: datetime, *, is_shared: bool
    ) -> FilmList:
        """Store a new list and return it. Raises ListNameTakenError, TooManyListsError, BlockedError."""
        in_server = film_lists.c.server_id == server_id
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            await require_not_blocked(connection, server_id, member_id, now)
            await self._membership.record_activity(connection, server_id, member_id, now)
            key = fold(name)
            if (
                await connection.execute(select(film_lists.c.id).where(in_server, film_lists.c.name_key == key))
            ).all():
                raise ListNameTakenError
            own = and_(in_server, film_lists.c.member_id == member_id)
            for condition, limit, is_own in ((in_server, LISTS_LIMIT, False), (own, OWN_LISTS_LIMIT, True)):
                count = select(func.count()).select_from(film_lists).where(condition)
                if (await connection.execute(count)).scalar_one() >= limit:
                    raise TooManyListsError(limit, is_own=is_own)
            row = {
                "server_id": server_id, "member_id": member_id, "name": name, "name_key": key,
                "is_shared": is_shared, "created_at": now,
            }  # fmt: skip
            statement = insert(film_lists).values(**row).returning(film_lists.c.id)
            list_id = (await connection.execute(statement)).scalar_one()
        return FilmList(list_id, server_id, member_id, name, is_shared)

    async def list_all(self, server_id: int) -> list[FilmList]:
        """Return the server's lists by name."""
        statement = _LISTS.where(film_lists.c.server_id == server_id)
        rows = await self._database.fetch_all(statement.order_by(film_lists.c.name_key, film_lists.c.id))
        return [_list_from_row(row) for row in rows]

    async def list_progress(self, server_id: int, member_id: int) -> list[ListProgress]:
        """Return the server's lists by name, with how many of their films the member has seen."""
        seen = (
            select(film_list_entries.c.list_id, func.count().label("seen_count"))
            .join(film_lists, film_lists.c.id == film_list_entries.c.list_id)
            .where(film_lists.c.server_id == server_id, _is_seen(server_id, member_id))
            .group_by(film_list_entries.c.list_id)
        )
        counts = {row.list_id: row.seen_count for row in await self._database.fetch_all(seen)}
        return [ListProgress(each, counts.get(each.id, 0)) for each in await self.list_all(server_id)]

    async def get_page(self, server_id: int, list_id: int, member_id: int, page: int = 0) -> ListPage:
        """Return a page of the list as the member sees it; for one past the end, the last page.

        Raises ListGoneError.
        """
        is_seen, is_seen_here = _is_seen(server_id, member_id), _is_seen(server_id, None)
        in_list = film_list_entries.c.list_id == list_id
        async with self._database.read() as connection:
            film_list = await _require_list(connection, server_id, list_id)
            page = clamp_page(page, film_list.film_count, FILMS_PER_PAGE)
            statement = (
                select(
                    film_list_entries,
                    films.c.title,
                    films.c.year,
                    is_seen.label("is_seen"),
                    is_seen_here.label("is_seen_here"),
                )
                .join(films, films.c.id == film_list_entries.c.film_id)
                .where(in_list)
                .order_by(film_list_entries.c.added_at, film_list_entries.c.film_id)
                .limit(FILMS_PER_PAGE)
                .offset(page * FILMS_PER_PAGE)
            )
            rows = (await connection.execute(statement)).all()
            count = select(func.count()).select_from(film_list_entries).where(in_list)
            seen_count, seen_here_count = [
                (await connection.execute(count.where(condition))).scalar_one()
                for condition in (is_seen, is_seen_here)
            ]
        entries = tuple(
            ListEntry(
                film_id=row.film_id,
                title=row.title,
                year=row.year,
                member_id=row.member_id,
                added_at=row.added_at,
                is_seen=bool(row.is_seen),
                is_seen_here=bool(row.is_seen_here),
            )
            for row in rows
        )
        return ListPage(film_list, entries, page, seen_count, seen_here_count)

    async def list_titles(self, server_id: int, list_id: int) -> list[ListedTitle]:
        """Return the titles of the films on the server's list, those added last first; none if it is gone."""
        statement = (
            select(films.c.id, films.c.title, films.c.original_title, films.c.year)
            .join(film_list_entries, film_list_entries.c.film_id == films.c.id)
            .join(film_lists, film_lists.c.id == film_list_entries.c.list_id)
            .where(film_lists.c.id == list_id, film_lists.c.server_id == server_id)
            .order_by(film_list_entries.c.added_at.desc(), film_list_entries.c.film_id)
        )
        rows = await self._database.fetch_all(statement)
        return [ListedTitle(row.id, row.title, row.original_title, row.year) for row in rows]

    async def list_film_ids(self, server_id: int, list_id: int) -> list[str]:
        """Return the films on the server's list, in the order in which they were added; none if it is gone."""
        statement = (
            select(film_list_entries.c.film_id)
            .join(film_lists, film_lists.c.id == film_list_entries.c.list_id)
            .where(film_list_entries.c.list_id == list_id, film_lists.c.server_id == server_id)
            .order_by(film_list_entries.c.added_at, film_list_entries.c.film_id)
        )
        return [row.film_id for row in await self._database.fetch_all(statement)]

    async def list_unseen(self, server_id: int, list_id: int, member_id: int, limit: int) -> list[str]:
        """Return the first films of the server's list that the member has not seen."""
        statement = (
            select(film_list_entries.c.film_id)
            .join(film_lists, film_lists.c.id == film_list_entries.c.list_id)
            .where(film_lists.c.id == list_id, film_lists.c.server_id == server_id)
            .where(not_(_is_seen(server_id, member_id)))
            .order_by(film_list_entries.c.added_at, film_list_entries.c.film_id)
            .limit(limit)
        )
        return [row.film_id for row in await self._database.fetch_all(statement)]

    async def add_film(
        self,
        server_id: int,
        list_id: int,
        member_id: int,
        film_id: str,
        now: datetime,
        *,
        added_at: datetime | None = None,
    ) -> bool:
        """Add the film to the list; return whether it is new there. `added_at` gives it an earlier place.

        Raises ListGoneError, NotYourListError, ListFullError, FilmGoneError, BlockedError.
        """
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            await require_not_blocked(connection, server_id, member_id, now)
            film_list = await _require_list(connection, server_id, list_id)
            if not film_list.is_shared and film_list.member_id != member_id:
                raise NotYourListToFillError
            await self._membership.record_activity(connection, server_id, member_id, now)
            if (await connection.execute(select(films.c.id).where(films.c.id == film_id))).first() is None:
                raise FilmGoneError
            if film_list.film_count >= FILMS_LIMIT:
                raise ListFullError
            statement = upsert(connection.dialect.name, film_list_entries, ("list_id", "film_id"), ())
            row = {"list_id": list_id, "film_id": film_id, "member_id": member_id, "added_at": added_at or now}
            return (await connection.execute(statement, row)).rowcount > 0

    async def fill(self, film_list: FilmList, film_ids: Sequence[str], now: datetime) -> int:
        """Add films to a list that was just begun, in their order, as far as they fit; return how many.

        They are nobody's if its member has deleted their data since. Raises ListGoneError.
        """
        members = [film_list.member_id] if film_list.member_id is not None else []
        async with self._database.write(member_ids=members, server_ids=[film_list.server_id]) as connection:
            member_id = (await _require_list(connection, film_list.server_id, film_list.id)).member_id
            is_known = films.c.id.in_(film_ids)
            known = set((await connection.execute(select(films.c.id).where(is_known))).scalars())
            chosen = [film_id for film_id in dict.fromkeys(film_ids) if film_id in known][:FILMS_LIMIT]
            rows = [
                {
                    "list_id": film_list.id, "film_id": film_id, "member_id": member_id,
                    "added_at": now + timedelta(microseconds=place),
                }
                for place, film_id in enumerate(chosen)
            ]  # fmt: skip
            if rows:
                await connection.execute(insert(film_list_entries), rows)
        return len(rows)

    async def remove_film(
        self, server_id: int, list_id: int, member_id: int, film_id: str, now: datetime, *, is_moderator: bool
    ) -> datetime | None:
        """Remove the film from the list; return when it was added, None if it wasn't there.

        Whoever added it, whoever began the list, and moderators can, of whom it is logged. Raises ListGoneError,
        NotYourListError.
        """
        is_entry = and_(film_list_entries.c.list_id == list_id, film_list_entries.c.film_id == film_id)
        members = await self._list_concerned(server_id, list_id, member_id)
        async with self._database.write(member_ids=members, server_ids=[server_id]) as connection:
            film_list = await _require_list(connection, server_id, list_id)
            columns = select(film_list_entries.c.member_id, film_list_entries.c.added_at)
            row = (await connection.execute(columns.where(is_entry))).one_or_none()
            if row is None:
                return None
            if not is_moderator and member_id not in (film_list.member_id, row.member_id):
                raise NotYourListedFilmError
            await connection.execute(delete(film_list_entries).where(is_entry))
            if member_id not in (film_list.member_id, row.member_id):
                entry = LogEntry(Action.REMOVE_LISTED, member_id, film_list.member_id, now, film_id=film_id)
                await write_log(connection, server_id, replace(entry, reason=film_list.name))
        added_at: datetime = row.added_at
        return added_at

    async def delete(
        self, server_id: int, list_id: int, member_id: int, now: datetime, *, is_moderator: bool
    ) -> FilmList:
        """Delete the list and return it; where a moderator deletes another's, it is logged.

        Raises ListGoneError, NotYourListError.
        """
        members = await self._list_concerned(server_id, list_id, member_id)
        async with self._database.write(member_ids=members, server_ids=[server_id]) as connection:
            film_list = await _require_list(connection, server_id, list_id)
            if not is_moderator and film_list.member_id != member_id:
                raise NotYourListToDeleteError
            await connection.execute(delete(film_lists).where(film_lists.c.id == list_id))
            if film_list.member_id != member_id:
                entry = LogEntry(Action.DELETE_LIST, member_id, film_list.member_id, now, reason=film_list.name)
                await write_log(connection, server_id, entry)
        return film_list

    async def _list_concerned(self, server_id: int, list_id: int, member_id: int) -> list[int]:
        """Return the member who acts and the one whose list it is, about whom it may be logged."""
        async with self._database.read() as connection:
            owner_id = (await _require_list(connection, server_id, list_id)).member_id
        return [member_id] if owner_id is None or owner_id == member_id else [member_id, owner_id]


def _is_seen(server_id: int, member_id: int | None) -> ColumnElement[bool]:
    """Return whether the member, or with None anybody in the server, has rated the entry's film or logged it."""
    conditions = []
    for table in (ratings, viewings):
        is_film = and_(table.c.server_id == server_id, table.c.film_id == film_list_entries.c.film_id)
        if member_id is not None:
            is_film = and_(is_film, table.c.member_id == member_id)
        conditions.append(exists().where(is_film).correlate(film_list_entries))
    return or_(*conditions)


def _list_from_row(row: AnyRow) -> FilmList:
    return FilmList(
        row.id, row.server_id, row.member_id, row.name, row.is_shared, row.film_count, bool(row.is_hidden)
    )


async def _require_list(connection: AsyncConnection, server_id: int, list_id: int) -> FilmList:
    """Return the server's list of that id. Raises ListGoneError."""
    statement = _LISTS.where(film_lists.c.id == list_id, film_lists.c.server_id == server_id)
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        raise ListGoneError
    return _list_from_row(row)


def _select_servers(member_id: int) -> CompoundSelect[Any]:
    """Return the statement that selects the servers with a list that the member began, or added a film to."""
    added = (
        select(film_lists.c.server_id)
        .join(film_list_entries, film_list_entries.c.list_id == film_lists.c.id)
        .where(film_list_entries.c.member_id == member_id)
    )
    return union(select(film_lists.c.server_id).where(film_lists.c.member_id == member_id), added)


async def _prepare_deletion(connection: AsyncConnection, member_id: int) -> None:
    """Take the member's name off shared lists, which stay, and off the films that they added to them."""
    is_shared = and_(film_lists.c.member_id == member_id, film_lists.c.is_shared)
    await connection.execute(update(film_lists).where(is_shared).values(member_id=None))
    added = update(film_list_entries).where(film_list_entries.c.member_id == member_id)
    await connection.execute(added.values(member_id=None))


def _select_entries(member_id: int) -> Select[Any]:
    return (
        select(film_list_entries, film_lists.c.name.label("list_name"))
        .join(film_lists, film_lists.c.id == film_list_entries.c.list_id)
        .where(film_list_entries.c.member_id == member_id)
        .order_by(film_list_entries.c.list_id, film_list_entries.c.added_at, film_list_entries.c.film_id)
    )


PERSONAL_DATA = PersonalData(
    exported_rows=(
        export_table(film_lists, 227),
        ExportedRows(film_list_entries.name, 228, _select_entries),
    ),
    deleted_tables=(film_lists,),
    prepare_deletion=_prepare_deletion,
    select_further_servers=_select_servers,
)
