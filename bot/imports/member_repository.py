"""Stores members' imports: what was read, film by film, and what is taken of it, a batch a transaction."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, insert, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database
from bot.core.database.executors import AnyRow
from bot.films.tables import film_ids, films
from bot.imports.export_repository import export_files
from bot.imports.history import FilmHistory, NamedFilm, Service
from bot.imports.models import FilmState, Import, ImportGoneError, ImportState, StagedFilm
from bot.imports.plan import Choices, StoredFilm, StoredViewing, history_from_json, history_to_json
from bot.imports.tables import import_films, imported_reviews, imports, liked_films
from bot.members.personal_data import ExportedRows, PersonalData, export_table
from bot.reviews.tables import ratings, viewings
from bot.watchlists.tables import watchlist

DEFAULT_CHOICES = Choices()
_UNDECIDED = (FilmState.DOUBTFUL, FilmState.UNKNOWN)
IDS_PER_QUERY = 500
"""Ids named in one statement: within SQLite's limit."""
ROWS_PER_STATEMENT = 50
"""Rows that an import stores at a time: more keep the event loop busy for milliseconds."""


class MemberImportRepository:
    """Reads and writes imports and their films; `apply_repository` takes them over."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def add(
        self,
        server_id: int,
        member_id: int,
        service: Service,
        film_count: int,
        now: datetime,
        *,
        state: ImportState = ImportState.READING,
        choices: Choices = DEFAULT_CHOICES,
        required: Select[Any] | None = None,
    ) -> int:
        """Store a new import, whose films follow, and return its id.

        Raises ImportGoneError if `required` selects nothing once the member is locked.
        """
        row = {
            "server_id": server_id,
            "member_id": member_id,
            "service": service,
            "state": state,
            "choices": choices.to_json(),
            "film_count": film_count,
            "result": {},
            "created_at": now,
            "updated_at": now,
        }
        async with self.database.write(member_ids=[member_id]) as connection:
            if required is not None and (await connection.execute(required)).first() is None:
                raise ImportGoneError
            result = await connection.execute(insert(imports).values(row).returning(imports.c.id))
            return int(result.scalar_one())

    async def add_films(
        self, import_id: int, member_id: int, staged: Sequence[StagedFilm], histories: Sequence[FilmHistory]
    ) -> None:
        """Store films of an import with what the file says about each.

        Raises ImportGoneError if the member has deleted their data meanwhile.
        """
        own = select(imports.c.id).where(imports.c.id == import_id, imports.c.member_id == member_id)
        rows = [
            {
                "import_id": import_id,
                "number": each.number,
                "state": each.state,
                "title": each.film.title,
                "year": each.film.year,
                "details": _details(each.film),
                "film_id": each.film_id,
                "candidates": list(each.candidates) if each.is_searched else None,
                "entries": history_to_json(history),
                "undo": None,
            }
            for each, history in zip(staged, histories, strict=True)
        ]
        if rows:
            async with self.database.write(member_ids=[member_id]) as connection:
                if (await connection.execute(own)).first() is None:
                    raise ImportGoneError
                for start in range(0, len(rows), ROWS_PER_STATEMENT):
                    await connection.execute(insert(import_films), rows[start : start + ROWS_PER_STATEMENT])

    async def get(self, import_id: int, member_id: int) -> Import | None:
        """Return the member's import of that id, or None."""
        statement = select(imports).where(imports.c.id == import_id, imports.c.member_id == member_id)
        rows = await self.database.fetch_all(statement)
        return import_from_row(rows[0]) if rows else None

    async def list_of_member(self, server_id: int, member_id: int, limit: int) -> list[Import]:
        """Return the member's imports in the server, the latest first, without those only looked at."""
        statement = (
            select(imports)
            .where(
                imports.c.server_id == server_id,
                imports.c.member_id == member_id,
                imports.c.state.not_in((ImportState.READING, ImportState.READY)),
            )
            .order_by(imports.c.id.desc())
            .limit(limit)
        )
        return [import_from_row(row) for row in await self.database.fetch_all(statement)]

    async def find_feed_import(self, server_id: int, member_id: int, since: datetime) -> Import | None:
        """Return the import that collects what the member's feed brings, begun since then, or None."""
        statement = (
            select(imports)
            .where(
                imports.c.server_id == server_id,
                imports.c.member_id == member_id,
                imports.c.service == Service.LETTERBOXD_FEED,
                imports.c.state == ImportState.DONE,
                imports.c.created_at >= since,
            )
            .order_by(imports.c.id.desc())
            .limit(1)
        )
        rows = await self.database.fetch_all(statement)
        return import_from_row(rows[0]) if rows else None

    async def get_last_number(self, import_id: int) -> int:
        """Return the highest number of the import's films, -1 without any."""
        statement = select(func.max(import_films.c.number)).where(import_films.c.import_id == import_id)
        (row,) = await self.database.fetch_all(statement)
        return -1 if row[0] is None else int(row[0])

    async def list_unfinished(self) -> list[Import]:
        """Return all imports that were being taken or undone when their process ended, or still are."""
        states = (ImportState.RUNNING, ImportState.UNDOING)
        statement = select(imports).where(imports.c.state.in_(states)).order_by(imports.c.id)
        return [import_from_row(row) for row in await self.database.fetch_all(statement)]

    async def count_between(self, member_id: int, earliest: datetime, latest: datetime) -> int:
        """Return how many files the member has had read between these times."""
        is_counted = and_(
            imports.c.created_at.between(earliest, latest), imports.c.service != Service.LETTERBOXD_FEED
        )
        statement = select(func.count()).where(imports.c.member_id == member_id, is_counted)
        (row,) = await self.database.fetch_all(statement)
        return int(row[0])

    async def set_state(
        self,
        import_: Import,
        state: ImportState,
        now: datetime,
        *,
        only_from: Collection[ImportState] = (),
    ) -> bool:
        """Store the state; with `only_from` only if it was one of these, and return whether it was."""
        of_import = [imports.c.id == import_.id, imports.c.member_id == import_.member_id]
        if only_from:
            of_import.append(imports.c.state.in_(only_from))
        async with self.database.write(member_ids=[import_.member_id]) as connection:
            changed = await connection.execute(
                update(imports).where(*of_import).values(state=state, updated_at=now)
            )
            return changed.rowcount > 0

    async def set_result(
        self,
        import_: Import,
        state: ImportState,
        result: Counter[str],
        now: datetime,
        *,
        only_from: Collection[ImportState] = (ImportState.READING,),
    ) -> bool:
        """Store the state with what was counted, if it was one of those; return whether it was."""
        of_import = and_(imports.c.id == import_.id, imports.c.state.in_(only_from))
        values = {"state": state, "result": {name: count for name, count in result.items() if count}}
        async with self.database.write(member_ids=[import_.member_id]) as connection:
            changed = await connection.execute(update(imports).where(of_import).values(**values, updated_at=now))
            return changed.rowcount > 0

    async def set_choices(self, import_: Import, choices: Choices) -> None:
        """Store what the member wants of the file."""
        async with self.database.write(member_ids=[import_.member_id]) as connection:
            of_import = update(imports).where(imports.c.id == import_.id)
            await connection.execute(of_import.values(choices=choices.to_json()))

    async def delete(self, import_: Import) -> None:
        """Delete an import with its films; what was taken of it stays."""
        async with self.database.write(member_ids=[import_.member_id]) as connection:
            await connection.execute(delete(imports).where(imports.c.id == import_.id))

    async def delete_expired(self, *, previews_before: datetime, undo_before: datetime) -> int:
        """Delete files that were never taken, and what undoing would have needed; return how many imports."""
        is_preview = imports.c.state.in_((ImportState.READING, ImportState.READY, ImportState.UNDONE))
        is_old = imports.c.state == ImportState.DONE
        expired = or_(
            and_(is_preview, imports.c.updated_at < previews_before),
            and_(is_old, imports.c.updated_at < undo_before),
        )
        async with self.database.write(is_upkeep=True) as connection:
            return int((await connection.execute(delete(imports).where(expired))).rowcount)

    async def count_films(self, import_id: int) -> Counter[FilmState]:
        """Return how many of the import's films are in each state."""
        statement = (
            select(import_films.c.state, func.count())
            .where(import_films.c.import_id == import_id)
            .group_by(import_films.c.state)
        )
        return Counter({FilmState(state): count for state, count in await self.database.fetch_all(statement)})

    async def list_films(
        self, import_id: int, states: Collection[FilmState], limit: int, after: int = -1
    ) -> list[StagedFilm]:
        """Return at most `limit` films in these states, in the file's order, after the one of that number."""
        statement = _select_films(import_id, states, limit, after)
        return [staged_from_row(row) for row in await self.database.fetch_all(statement)]

    async def list_histories(
        self, import_id: int, states: Collection[FilmState], limit: int, after: int = -1
    ) -> list[tuple[StagedFilm, FilmHistory]]:
        """Return films as `list_films` does, each with what the file says about it."""
        rows = await self.database.fetch_all(_select_films(import_id, states, limit, after))
        pairs = ((staged_from_row(row), row.entries) for row in rows)
        return [(staged, history_from_json(staged.film, entries or {})) for staged, entries in pairs]

    async def get_film(self, import_id: int, number: int) -> StagedFilm | None:
        """Return the film of that number, or None."""
        statement = select(import_films).where(
            import_films.c.import_id == import_id, import_films.c.number == number
        )
        rows = await self.database.fetch_all(statement)
        return staged_from_row(rows[0]) if rows else None

    async def set_film(
        self,
        import_: Import,
        number: int,
        state: FilmState,
        film_id: str | None = None,
        candidates: Sequence[str] | None = None,
    ) -> bool:
        """Store what a film that needed a decision is; return False if it was decided before."""
        undecided = import_films.c.state.in_(_UNDECIDED)
        of_film = and_(import_films.c.import_id == import_.id, import_films.c.number == number, undecided)
        values: dict[str, Any] = {"state": state, "film_id": film_id}
        if candidates is not None:
            values["candidates"] = list(candidates)
        async with self.database.write(member_ids=[import_.member_id]) as connection:
            return (await connection.execute(update(import_films).where(of_film).values(values))).rowcount > 0

    async def list_unsearched(self, import_id: int, limit: int, after: int = -1) -> list[StagedFilm]:
        """Return at most `limit` unknown films for which no similar titles were looked for, after that number."""
        statement = _select_films(import_id, (FilmState.UNKNOWN,), limit, after)
        rows = await self.database.fetch_all(statement.where(import_films.c.candidates.is_(null())))
        return [staged_from_row(row) for row in rows]

    async def list_to_search(self, import_id: int, limit: int) -> list[StagedFilm]:
        """Return at most `limit` films to be decided that the metadata source was not asked about."""
        statement = _select_films(import_id, _UNDECIDED, limit, -1)
        rows = await self.database.fetch_all(statement.where(import_films.c.searched_at.is_(None)))
        return [staged_from_row(row) for row in rows]

    async def count_searched(self, import_id: int) -> int:
        """Return how many films of the import the metadata source was asked about."""
        is_searched = and_(import_films.c.import_id == import_id, import_films.c.searched_at.is_not(None))
        (row,) = await self.database.fetch_all(select(func.count()).where(is_searched))
        return int(row[0])

    async def list_searchable(self) -> list[Import]:
        """Return the imports that were taken and have films to ask the metadata source about, oldest first."""
        is_unsearched = exists().where(
            import_films.c.import_id == imports.c.id,
            import_films.c.state.in_(_UNDECIDED),
            import_films.c.searched_at.is_(None),
        )
        statement = select(imports).where(imports.c.state == ImportState.DONE, is_unsearched)
        return [import_from_row(row) for row in await self.database.fetch_all(statement.order_by(imports.c.id))]

    async def set_searched(self, import_: Import, number: int, film_id: str | None, now: datetime) -> None:
        """Store that the source was asked about a film, and which of the catalogue's it is if that is sure now."""
        is_undecided = import_films.c.state.in_(_UNDECIDED)
        of_film = and_(import_films.c.import_id == import_.id, import_films.c.number == number, is_undecided)
        values: dict[str, Any] = {"searched_at": now}
        if film_id is not None:
            values |= {"state": FilmState.SURE, "film_id": film_id}
        async with self.database.write(member_ids=[import_.member_id]) as connection:
            await connection.execute(update(import_films).where(of_film).values(values))

    async def find_by_source_ids(self, ids: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Return our ids of films by each source and its id, as far as they are known; "marquee" is our own."""
        by_source: dict[str, set[str]] = defaultdict(set)
        for source, value in ids:
            by_source[source].add(value)
        found: dict[tuple[str, str], str] = {}
        for source, values in by_source.items():
            for part in slices(sorted(values)):
                if source == "marquee":
                    statement = select(films.c.id, films.c.id.label("value")).where(films.c.id.in_(part))
                else:
                    statement = select(film_ids.c.film_id.label("id"), film_ids.c.value).where(
                        film_ids.c.source == source, film_ids.c.value.in_(part)
                    )
                for row in await self.database.fetch_all(statement):
                    found[source, row.value] = row.id
        return found

    async def list_source_ids(self, ids: Iterable[str]) -> dict[str, dict[str, str]]:
        """Return the ids at IMDb and TMDB of these films of ours."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for part in slices(sorted(set(ids))):
            statement = select(film_ids).where(
                film_ids.c.film_id.in_(part), film_ids.c.source.in_(("imdb", "tmdb"))
            )
            for row in await self.database.fetch_all(statement):
                found[row.film_id][row.source] = row.value
        return found

    async def read_stored(self, server_id: int, member_id: int, ids: Collection[str]) -> dict[str, StoredFilm]:
        """Return what is stored of each of these films for the member."""
        async with self.database.read() as connection:
            return await read_stored(connection, server_id, member_id, ids)


async def read_stored(
    connection: AsyncConnection, server_id: int, member_id: int, ids: Collection[str]
) -> dict[str, StoredFilm]:
    """Return what is stored of each of these films for the member, as the connection's transaction sees it."""

    def of_member(table: Any) -> ColumnElement[bool]:
        return and_(table.c.server_id == server_id, table.c.member_id == member_id, table.c.film_id.in_(ids))

    rated = {row.film_id: row for row in await connection.execute(select(ratings).where(of_member(ratings)))}
    seen: dict[str, list[StoredViewing]] = defaultdict(list)
    columns = [viewings.c[name] for name in ("id", "film_id", "watched_on", "import_id", "created_at")]
    for viewing in await connection.execute(select(*columns).where(of_member(viewings)).order_by(viewings.c.id)):
        stored = StoredViewing(viewing.id, viewing.watched_on, viewing.import_id, viewing.created_at)
        seen[viewing.film_id].append(stored)
    texts: dict[str, set[str]] = defaultdict(set)
    reviews = select(imported_reviews.c.film_id, imported_reviews.c.text).where(of_member(imported_reviews))
    for review in await connection.execute(reviews):
        texts[review.film_id].add(review.text)
    for film_id, row in rated.items():
        texts[film_id].add(row.text or "")
    listed = set((await connection.execute(select(watchlist.c.film_id).where(of_member(watchlist)))).scalars())
    liked = set((await connection.execute(select(liked_films.c.film_id).where(of_member(liked_films)))).scalars())
    return {
        film_id: StoredFilm(
            half_stars=rated[film_id].stars if film_id in rated else None,
            rated_at=(rated[film_id].edited_at or rated[film_id].created_at) if film_id in rated else None,
            viewings=tuple(seen.get(film_id, ())),
            is_on_watchlist=film_id in listed,
            is_liked=rated[film_id].is_liked if film_id in rated else film_id in liked,
            reviews=frozenset(texts.get(film_id, ())),
            is_rating_imported=film_id in rated and rated[film_id].import_id is not None,
        )
        for film_id in ids
    }


def slices(values: Sequence[str]) -> Iterable[Sequence[str]]:
    """Yield the values, as many at a time as one statement names."""
    for start in range(0, len(values), IDS_PER_QUERY):
        yield values[start : start + IDS_PER_QUERY]


def _select_films(import_id: int, states: Collection[FilmState], limit: int, after: int) -> Any:
    return (
        select(import_films)
        .where(
            import_films.c.import_id == import_id,
            import_films.c.state.in_(tuple(states)),
            import_films.c.number > after,
        )
        .order_by(import_films.c.number)
        .limit(limit)
    )


def import_from_row(row: AnyRow) -> Import:
    """Return the import in a row of the table."""
    return Import(
        id=row.id,
        server_id=row.server_id,
        member_id=row.member_id,
        service=Service(row.service),
        state=ImportState(row.state),
        choices=Choices.from_json(row.choices),
        film_count=row.film_count,
        created_at=row.created_at,
        updated_at=row.updated_at,
        result=row.result,
    )


def staged_from_row(row: AnyRow) -> StagedFilm:
    """Return the film in a row of the table, without what the file says about it."""
    details: Mapping[str, Any] = row.details
    film = NamedFilm(
        title=row.title,
        year=row.year,
        ids=details.get("ids", {}),
        directors=tuple(details.get("directors", ())),
        original_title=details.get("original_title", ""),
    )
    is_searched = row.candidates is not None
    return StagedFilm(
        row.number, FilmState(row.state), film, row.film_id, tuple(row.candidates or ()), is_searched
    )


def _details(film: NamedFilm) -> dict[str, Any]:
    """Return what is stored of a film beside its title and year."""
    values = {"ids": dict(film.ids), "directors": list(film.directors), "original_title": film.original_title}
    return {name: value for name, value in values.items() if value}


def _select_films_of_member(member_id: int) -> Any:
    columns = [column for column in import_films.c if column.name not in ("undo", "entries")]
    return (
        select(*columns, import_films.c.entries)
        .join(imports, imports.c.id == import_films.c.import_id)
        .where(imports.c.member_id == member_id)
        .order_by(import_films.c.import_id, import_films.c.number)
    )


PERSONAL_DATA = PersonalData(
    exported_rows=(
        export_table(imports, 400),
        ExportedRows(import_films.name, 410, _select_films_of_member),
        export_table(imported_reviews, 420),
        export_table(liked_films, 430),
    ),
    deleted_tables=(imported_reviews, liked_films, imports),
    export_files=export_files,
)
"""The films of an import go with it."""
