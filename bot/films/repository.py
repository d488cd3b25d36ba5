"""Films and all that hangs on them, in and out of the database."""

import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from typing import Any

from cachetools import TTLCache
from sqlalchemy import Select, String, bindparam, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.schema import Table

from bot.core.database.engine import Database, upsert
from bot.core.database.key_value import CATALOGUE_VERSION, put_fact
from bot.core.database.read_executor import AnyRow
from bot.films.models import Availability, Credit, Film, Job, RegionalTitle
from bot.films.people import name_key
from bot.films.people_repository import lock_catalogue, people_of, recount
from bot.films.tables import availability, credits, film_changes, film_ids, films, people, titles
from bot.search.index import TitleEntry

BATCH = 500
"""Films written by one statement each: large enough for speed, small enough for SQLite's variable limit."""
ENTRIES = 5_000
"""Films read at once while all stream by."""
MANY_CHANGES = 500
"""Films changed by one transaction from which on indexes are built anew instead of amended."""
CACHED_FILMS, CACHED_SECONDS = 4_096, 60.0
"""Films kept in memory, and for how long another process's change may stay unseen."""
_TITLES = select(titles.c.film_id, titles.c.title)
_DIRECTORS = (
    select(credits.c.film_id, people.c.name)
    .join(people, people.c.id == credits.c.person_id)
    .where(credits.c.job == Job.DIRECTOR)
)
_COLUMNS = tuple(column.name for column in films.columns if column.name != "id")
_FILM_ID = bindparam("film_id", type_=String)
_PARTS = {
    "titles": select(titles).where(titles.c.film_id == _FILM_ID).order_by(titles.c.position),
    "credits": select(credits.c.job, credits.c.role, credits.c.person_id, people.c.name)
    .join(people, people.c.id == credits.c.person_id)
    .where(credits.c.film_id == _FILM_ID)
    .order_by(credits.c.job, credits.c.position),
    "ids": select(film_ids).where(film_ids.c.film_id == _FILM_ID).order_by(film_ids.c.source),
    "availability": select(availability)
    .where(availability.c.film_id == _FILM_ID)
    .order_by(availability.c.service),
}
"""What hangs on a film, a statement for each table."""
_WHOLE = (select(films).where(films.c.id == _FILM_ID), *_PARTS.values())


class FilmStore:
    """Reads and writes films. What this process writes it sees at once; other processes' within a minute."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cache: TTLCache[str, Film] = TTLCache(CACHED_FILMS, CACHED_SECONDS)
        self._written = 0

    async def get(self, film_id: str) -> Film | None:
        """Give the film of that id, or None."""
        if (known := self._cache.get(film_id)) is not None:
            return known
        written = self._written
        rows, *parts = await self._database.together(_WHOLE, film_id=film_id)
        if not rows:
            return None
        film = _film(rows[0], dict(zip(_PARTS, parts, strict=True)))
        if written == self._written:  # else it may be as it was before
            self._cache[film_id] = film
        return film

    async def put_many(self, batch: Sequence[Film]) -> None:
        """Store the films, each with all its parts, in one transaction; one that is there is replaced."""
        async with self._database.write() as connection:
            await lock_catalogue(connection)
            for start in range(0, len(batch), BATCH):
                await self._put(connection, batch[start : start + BATCH])
            await record_changes(connection, {film.id for film in batch})
        self._written += 1
        for film in batch:
            self._cache.pop(film.id, None)

    async def put_new(self, film: Film, ids: Sequence[str]) -> str:
        """Store a film that is new under the first of `ids` that is free, else the last, and give that id.

        Where somebody was first, and a film with one of its ids at a source is there, that film's id is given.
        """
        numbered = tuple_(film_ids.c.source, film_ids.c.value).in_(list(film.ids.items()))
        async with self._database.write() as connection:
            await lock_catalogue(connection)
            there = (await connection.execute(select(film_ids.c.film_id).where(numbered))).scalars().first()
            if there is not None:
                return str(there)
            taken = set((await connection.execute(select(films.c.id).where(films.c.id.in_(ids)))).scalars())
            film_id = next((each for each in ids if each not in taken), ids[-1])
            await self._put(connection, [replace(film, id=film_id)])
            await record_changes(connection, {film_id})
        self._written += 1
        self._cache.pop(film_id, None)
        return film_id

    async def _put(self, connection: AsyncConnection, batch: Sequence[Film]) -> None:
        dialect = connection.dialect.name
        ids = [film.id for film in batch]
        touched = await people_of(connection, ids)
        for table in (titles, credits, film_ids, availability):
            await connection.execute(delete(table).where(table.c.film_id.in_(ids)))
        await connection.execute(upsert(dialect, films, ("id",), _COLUMNS), [_film_row(film) for film in batch])
        named = {credit.person_id: credit.name for film in batch for credit in film.credits}
        inserts: tuple[tuple[Any, list[dict[str, Any]]], ...] = (
            (upsert(dialect, people, ("id",), ()), [_person_row(*each) for each in named.items()]),
            (titles.insert(), [row for film in batch for row in _title_rows(film)]),
            (credits.insert(), [row for film in batch for row in _credit_rows(film)]),
            (upsert(dialect, film_ids, ("source", "value"), ("film_id",)), _id_rows(batch)),
            (availability.insert(), [row for film in batch for row in _availability_rows(film)]),
        )
        for statement, rows in inserts:
            if rows:
                await connection.execute(statement, rows)
        await recount(connection, touched | named.keys())

    async def delete(self, film_id: str) -> bool:
        """Delete the film with all its parts; tell whether it was there."""
        async with self._database.write() as connection:
            await lock_catalogue(connection)
            touched = await people_of(connection, [film_id])
            result = await connection.execute(delete(films).where(films.c.id == film_id))
            await recount(connection, touched)
            await record_changes(connection, {film_id})
        self._written += 1
        self._cache.pop(film_id, None)
        return bool(result.rowcount)

    async def entries(self, ids: Collection[str] | None = None) -> AsyncIterator[TitleEntry]:
        """Give what title look-up needs of every film, or of those of these ids, some thousands at a time.

        A catalogue of any size streams by; each piece is read in a transaction of its own.
        """
        last = ""
        wanted = sorted(ids) if ids is not None else None
        while wanted is None or wanted:
            piece = select(films.c.id, films.c.title, films.c.original_title, films.c.year, films.c.fame)
            if wanted is None:
                piece = piece.where(films.c.id > last).order_by(films.c.id).limit(ENTRIES)
            else:
                piece = piece.where(films.c.id.in_(wanted[:BATCH]))
                wanted = wanted[BATCH:]
            async with self._database.read() as connection:
                rows = (await connection.execute(piece)).all()
                for entry in await _entries(connection, rows, all_between=ids is None):
                    yield entry
            if wanted is None:
                if len(rows) < ENTRIES:
                    return
                last = rows[-1].id


async def _entries(connection: AsyncConnection, rows: Sequence[AnyRow], *, all_between: bool) -> list[TitleEntry]:
    """Give the entries of these films, with their directors and further titles.

    `all_between` the first and the last of them there is no other film: then their parts are read at one go.
    """
    also: dict[str, list[str]] = defaultdict(list)
    directors: dict[str, list[str]] = defaultdict(list)
    ids = [row.id for row in rows]
    pieces = [ids] if all_between else [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]
    for piece in filter(None, pieces):
        for film_id, title in await connection.execute(_parts_of(_TITLES, titles, piece, all_between)):
            also[film_id].append(title)
        for film_id, name in await connection.execute(_parts_of(_DIRECTORS, credits, piece, all_between)):
            directors[film_id].append(name)
    return [
        TitleEntry(
            film_id,
            title,
            original_title,
            year,
            tuple(directors[film_id]) if film_id in directors else (),
            tuple(dict.fromkeys(also[film_id])) if film_id in also else (),
            fame,
        )
        for film_id, title, original_title, year, fame in rows
    ]


def _parts_of(statement: Select[Any], table: Table, ids: list[str], all_between: bool) -> Select[Any]:
    film_id = table.c.film_id
    these = film_id.between(ids[0], ids[-1]) if all_between else film_id.in_(ids)
    return statement.where(these).order_by(film_id, table.c.position)


async def record_changes(connection: AsyncConnection, ids: Collection[str]) -> None:
    """Record in the transaction that changes films that it does: an index over all films learns of it.

    Where many change at once, the catalogue counts as another, and indexes are built anew.
    """
    if len(ids) > MANY_CHANGES:
        await put_fact(connection, CATALOGUE_VERSION, uuid.uuid4().hex)
    elif ids:
        await connection.execute(film_changes.insert(), [{"film_id": film_id} for film_id in ids])


def _film(row: AnyRow, parts: dict[str, Sequence[AnyRow]]) -> Film:
    return Film(
        id=row.id,
        title=row.title,
        original_title=row.original_title,
        also=tuple(part.title for part in parts["titles"] if not (part.region or part.language)),
        regional=tuple(
            RegionalTitle(part.title, part.region, part.language)
            for part in parts["titles"]
            if part.region or part.language
        ),
        year=row.year,
        release_date=row.release_date,
        runtime=row.runtime,
        countries=tuple(row.countries),
        languages=tuple(row.languages),
        genres=tuple(row.genres),
        production_companies=tuple(row.production_companies),
        logline=row.logline,
        fame=row.fame,
        source=row.source,
        credits=tuple(Credit(part.name, Job(part.job), part.role, part.person_id) for part in parts["credits"]),
        availability=tuple(
            Availability(part.service, tuple(part.countries), part.as_of, part.since)
            for part in parts["availability"]
        ),
        ids={part.source: part.value for part in parts["ids"]},
    )


def _film_row(film: Film) -> dict[str, Any]:
    lists = ("countries", "languages", "genres", "production_companies")
    return {
        "id": film.id,
        **{name: getattr(film, name) for name in _COLUMNS if name not in lists},
        **{name: list(getattr(film, name)) for name in lists},
    }


def _person_row(person_id: str, name: str) -> dict[str, Any]:
    return {"id": person_id, "name": name, "name_key": name_key(name), "film_count": 0, "fame": 0.0}


def _title_rows(film: Film) -> list[dict[str, Any]]:
    every = (*(RegionalTitle(title) for title in film.also), *film.regional)
    return [
        {"film_id": film.id, "position": at, "title": it.title, "region": it.region, "language": it.language}
        for at, it in enumerate(every)
    ]


def _credit_rows(film: Film) -> list[dict[str, Any]]:
    counted: dict[Job, int] = defaultdict(int)
    rows = []
    for credit in film.credits:
        at = counted[credit.job]
        counted[credit.job] += 1
        rows.append(
            {
                "film_id": film.id,
                "job": credit.job.value,
                "position": at,
                "person_id": credit.person_id,
                "role": credit.role,
            }
        )
    return rows


def _id_rows(batch: Sequence[Film]) -> list[dict[str, Any]]:
    return [
        {"source": source, "value": value, "film_id": film.id}
        for film in batch
        for source, value in film.ids.items()
    ]


def _availability_rows(film: Film) -> list[dict[str, Any]]:
    return [
        {
            "film_id": film.id,
            "service": item.service,
            "countries": list(item.countries),
            "since": item.since,
            "as_of": item.as_of,
        }
        for item in film.availability
    ]
