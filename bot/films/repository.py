"""Reads and writes films with their titles, credits, ids and availability, and people with their films."""

import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice
from typing import Any

from cachetools import TTLCache
from sqlalchemy import Select, String, and_, bindparam, delete, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.schema import Table

from bot.core.caches import CacheUse
from bot.core.database.engine import Database, acquire_locks, upsert
from bot.core.database.executors import AnyRow
from bot.core.database.key_value import CATALOGUE_VERSION, set_value
from bot.films.models import (
    Availability,
    Credit,
    CreditJob,
    Film,
    FilmographyEntry,
    Person,
    RegionalTitle,
    name_key,
)
from bot.films.tables import availability, credits, film_changes, film_ids, films, people, person_ids, titles
from bot.search.index import TitleEntry

AFTER_ANY_KEY = "\x7f"
"""Sorts behind every character of a name key, which is ASCII."""
UPDATE_FILM_COUNTS = (
    "UPDATE people SET (film_count, fame) = (SELECT count(*), coalesce(sum(films.fame), 0) FROM films"
    " WHERE films.id IN (SELECT film_id FROM credits WHERE credits.person_id = people.id)) WHERE "
)
"""Counts people's films and adds up their fame; a condition on `people` has to follow."""
_CATALOGUE_LOCK = 0
"""The catalogue's number among the locks (bot.core.database.engine); no server or member has it."""
BATCH = 500
"""Films written or read by one statement: large enough for speed, small enough for SQLite's variable limit."""
ENTRIES_BATCH = 5_000
"""Films read at once while all are streamed."""
MANY_CHANGES = 500
"""With more films changed in one transaction, indexes are rebuilt instead of updated."""
CACHED_FILMS, CACHED_SECONDS = 4_096, 60.0
"""Films kept in memory, and the seconds for which another process's change may stay unseen."""
_TITLES = select(titles.c.film_id, titles.c.title, titles.c.region, titles.c.language)
_DIRECTORS = (
    select(credits.c.film_id, people.c.name)
    .join(people, people.c.id == credits.c.person_id)
    .where(credits.c.job == CreditJob.DIRECTOR)
)
_ENTRIES = select(
    films.c.id,
    films.c.title,
    films.c.original_title,
    films.c.year,
    films.c.fame,
    films.c.languages,
    films.c.countries,
    films.c.genres,
)
LEADING_CAST, KNOWN_FAME = 10, 40.0
"""Of how many of the cast title search knows the names, in films of at least that fame (some 400 votes)."""
_CAST = (
    select(credits.c.film_id, people.c.name)
    .join(people, people.c.id == credits.c.person_id)
    .join(films, films.c.id == credits.c.film_id)
    .where(credits.c.job == CreditJob.CAST, credits.c.position < LEADING_CAST, films.c.fame >= KNOWN_FAME)
)
_COLUMNS = tuple(column.name for column in films.columns if column.name != "id")
_FILM_ID = bindparam("film_id", type_=String)
_PARTS = {
    "titles": select(titles).where(titles.c.film_id == _FILM_ID).order_by(titles.c.position),
    "credits": select(credits.c.job, credits.c.role, credits.c.person_id, people.c.name, people.c.fame)
    .join(people, people.c.id == credits.c.person_id)
    .where(credits.c.film_id == _FILM_ID)
    .order_by(credits.c.job, credits.c.position),
    "ids": select(film_ids).where(film_ids.c.film_id == _FILM_ID).order_by(film_ids.c.source),
    "availability": select(availability)
    .where(availability.c.film_id == _FILM_ID)
    .order_by(availability.c.service),
}
"""The statement that reads each part of a film."""
_FILM_WITH_PARTS = (select(films).where(films.c.id == _FILM_ID), *_PARTS.values())


class PersonRepository:
    """People in the database: only those with a film in the catalogue."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, person_id: str) -> Person | None:
        """Return the person of that id, or None."""
        people_found = await self._select(_select_people().where(people.c.id == person_id))
        return people_found[0] if people_found else None

    async def list_best_known(self, limit: int) -> list[Person]:
        """Return at most `limit` people, the most famous first."""
        return await self._select(_select_people().order_by(people.c.fame.desc()).limit(limit))

    async def list_by_name(self, key: str, limit: int) -> list[Person]:
        """Return at most `limit` people whose name key begins with `key`: equal ones first, then by fame."""
        begins = (people.c.name_key >= key) & (people.c.name_key < key + AFTER_ANY_KEY)
        order = (people.c.name_key != key, people.c.fame.desc(), people.c.id)
        return await self._select(_select_people().where(begins).order_by(*order).limit(limit))

    async def _select(self, statement: Any) -> list[Person]:
        return list(map(Person._make, await self._database.fetch_all(statement)))

    async def list_filmography(self, person_id: str) -> list[FilmographyEntry]:
        """Return the person's films, newest first, those without a year last."""
        statement = (
            select(films.c.id, films.c.title, films.c.original_title, films.c.year, credits.c.job, credits.c.role)
            .join(credits, credits.c.film_id == films.c.id)
            .where(credits.c.person_id == person_id)
            .order_by(films.c.year.desc().nulls_last(), films.c.id, credits.c.position)
        )
        rows_by_film: dict[str, list[AnyRow]] = {}
        for row in await self._database.fetch_all(statement):
            rows_by_film.setdefault(row.id, []).append(row)
        return [_filmography_entry(rows) for rows in rows_by_film.values()]

    async def identify(self, source: str, film_credits: Sequence[Credit]) -> tuple[Credit, ...]:
        """Return the credits of a film of the source with our ids of the people, who are remembered by theirs.

        Somebody new at the source is the person of the catalogue with the same name, unless several have the name
        or the source knows that one by another id: then, and where nobody has it, they get an id of their own.
        """
        names = {credit.source_id: credit for credit in film_credits if credit.source_id is not None}
        async with self._database.write(is_upkeep=True) as connection:
            await lock_catalogue(connection)
            is_named = (person_ids.c.source == source) & person_ids.c.value.in_(list(names))
            stored = (await connection.execute(select(person_ids).where(is_named))).all()
            ids: dict[str | None, str] = {row.value: row.person_id for row in stored}
            unknown = {value: credit for value, credit in names.items() if value not in ids}
            people_found = await self._list_similar(connection, source, list(unknown.values()))
            taken = {person.id for person in people_found} | set(ids.values())
            for value, credit in unknown.items():
                namesakes = [person for person in people_found if person.name_key == name_key(credit.name)]
                if len(namesakes) == 1 and not namesakes[0].is_linked and namesakes[0].id not in ids.values():
                    ids[value] = namesakes[0].id
                else:
                    is_free = not namesakes and credit.person_id not in taken
                    ids[value] = credit.person_id if is_free else f"{credit.person_id[:70]}-{value}"
                taken.add(ids[value])
            await _link_people(connection, source, {value: ids[value] for value in unknown})
        return tuple(
            replace(credit, person_id=ids[credit.source_id]) if credit.source_id is not None else credit
            for credit in film_credits
        )

    async def _list_similar(
        self, connection: AsyncConnection, source: str, film_credits: Sequence[Credit]
    ) -> Sequence[AnyRow]:
        """Return the people who share a name or an id with these credits, and whether the source's id is known."""
        links = select(person_ids.c.value).where(
            person_ids.c.source == source, person_ids.c.person_id == people.c.id
        )
        is_similar = or_(
            people.c.name_key.in_({name_key(credit.name) for credit in film_credits}),
            people.c.id.in_({credit.person_id for credit in film_credits}),
        )
        statement = select(people.c.id, people.c.name_key, links.exists().label("is_linked")).where(is_similar)
        return (await connection.execute(statement)).all()

    async def get_source_id(self, source: str, person_id: str) -> str | None:
        """Return the source's id of the person, or None; of several the smallest."""
        statement = (
            select(person_ids.c.value)
            .where(person_ids.c.source == source, person_ids.c.person_id == person_id)
            .order_by(person_ids.c.value)
            .limit(1)
        )
        return next((row.value for row in await self._database.fetch_all(statement)), None)

    async def link(self, source: str, person_ids_by_value: Mapping[str, str]) -> None:
        """Store the source's ids of people, with ours by theirs; those known already stay as they are."""
        async with self._database.write(is_upkeep=True) as connection:
            await _link_people(connection, source, person_ids_by_value)


async def _link_people(connection: AsyncConnection, source: str, ids_by_value: Mapping[str, str]) -> None:
    rows = [{"source": source, "value": value, "person_id": ours} for value, ours in ids_by_value.items()]
    if rows:
        await connection.execute(upsert(connection.dialect.name, person_ids, ("source", "value"), ()), rows)


def _select_people() -> Select[*tuple[Any, ...]]:
    """Return the statement for people, with a column for each of Person's fields."""
    columns = (people.c.id, people.c.name, people.c.film_count, people.c.fame, people.c.name_key)
    return select(*columns).where(people.c.film_count > 0)


def _filmography_entry(rows: list[AnyRow]) -> FilmographyEntry:
    film = rows[0]
    jobs = {CreditJob(row.job) for row in rows}
    return FilmographyEntry(
        film_id=film.id,
        title=film.title,
        original_title=film.original_title,
        year=film.year,
        jobs=tuple(job for job in CreditJob if job in jobs),
        roles=tuple(row.role for row in rows if row.role),
    )


async def list_person_ids(connection: AsyncConnection, film_ids: Collection[str]) -> set[str]:
    """Return the ids of all who have a part in those films."""
    statement = select(credits.c.person_id).where(credits.c.film_id.in_(film_ids)).distinct()
    return set((await connection.execute(statement)).scalars())


async def lock_catalogue(connection: AsyncConnection) -> None:
    """Keep others from changing films and people until the transaction ends, since people's films are counted."""
    await acquire_locks(connection, [_CATALOGUE_LOCK])


async def update_film_counts(connection: AsyncConnection, person_ids: Iterable[str]) -> None:
    """Count those people's films and add up their fame; whoever changes credits calls it.

    The catalogue must be locked.
    """
    statement = text(UPDATE_FILM_COUNTS + "id IN :ids").bindparams(bindparam("ids", expanding=True))
    remaining = iter(sorted(person_ids))
    while batch := list(islice(remaining, BATCH)):
        await connection.execute(statement, {"ids": batch})


@dataclass(frozen=True, slots=True)
class NewFilm:
    """A film to be added, whose own id is ignored, and the ids it may get; the last is taken if none is free."""

    film: Film
    id_candidates: tuple[str, ...]


class FilmRepository:
    """Films in the database. This process sees its own writes at once, those of others within a minute."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.cache_use = CacheUse()
        self._cache: TTLCache[str, Film] = TTLCache(CACHED_FILMS, CACHED_SECONDS)
        self._write_count = 0

    async def get(self, film_id: str) -> Film | None:
        """Return the film of that id, or None."""
        cached = self._cache.get(film_id)
        self.cache_use.count(is_hit=cached is not None)
        if cached is not None:
            return cached
        write_count = self._write_count
        rows, *parts = await self._database.fetch_snapshot(_FILM_WITH_PARTS, {"film_id": film_id})
        if not rows:
            return None
        film = _film(rows[0], dict(zip(_PARTS, parts, strict=True)))
        if write_count == self._write_count:  # otherwise the rows may be from before a write
            self._cache[film_id] = film
        return film

    async def find_by_ids(self, ids: Mapping[str, str]) -> str | None:
        """Return the id of the film that a source has under one of these ids (by source), or None."""
        statement = select(film_ids).where(tuple_(film_ids.c.source, film_ids.c.value).in_(list(ids.items())))
        rows = await self._database.fetch_all(statement) if ids else ()
        by_source = {row.source: str(row.film_id) for row in rows}
        return next((by_source[source] for source in ids if source in by_source), None)

    async def find_film_ids(self, source: str, values: Sequence[str]) -> dict[str, str]:
        """Return the ids of the films that a source has under these ids, by the source's id."""
        statement = select(film_ids).where(film_ids.c.source == source, film_ids.c.value.in_(values))
        return {row.value: row.film_id for row in await self._database.fetch_all(statement)} if values else {}

    async def add_source_id(self, film_id: str, source: str, value: str) -> None:
        """Store a film's id at a source, as `link_source_id` does."""
        async with self._database.write(is_upkeep=True) as connection:
            await link_source_id(connection, film_id, source, value)
        self._write_count += 1
        self._cache.pop(film_id, None)

    async def save_many(self, batch: Sequence[Film]) -> None:
        """Store the films, each with all its parts, in one transaction; existing ones are replaced."""
        async with self._database.write(is_upkeep=True) as connection:
            await lock_catalogue(connection)
            person_ids: set[str] = set()
            for start in range(0, len(batch), BATCH):
                person_ids |= await _save(connection, batch[start : start + BATCH])
            if len(batch) >= BATCH and not self._database.is_sqlite:
                # For tables that were empty a moment ago, PostgreSQL would read all credits for each person.
                await connection.execute(text("ANALYZE films, credits, people"))
            await update_film_counts(connection, person_ids)
            await record_changes(connection, {film.id for film in batch})
        self._write_count += 1
        for film in batch:
            self._cache.pop(film.id, None)

    async def add_many(self, new_films: Sequence[NewFilm]) -> list[str]:
        """Store new films in one transaction, each under the first of its ids that is free; return these ids.

        If a film with one of the ids at a source exists by then, it is not stored again and that film's id is
        returned.
        """
        source_ids = [item for new in new_films for item in new.film.ids.items()]
        has_same_id = tuple_(film_ids.c.source, film_ids.c.value).in_(source_ids)
        candidates = [candidate for new in new_films for candidate in new.id_candidates]
        added: list[str] = []
        stored: list[Film] = []
        async with self._database.write(is_upkeep=True) as connection:
            await lock_catalogue(connection)
            rows = (await connection.execute(select(film_ids).where(has_same_id))).all() if source_ids else ()
            existing = {(row.source, row.value): str(row.film_id) for row in rows}
            statement = select(films.c.id).where(films.c.id.in_(candidates))
            taken = set((await connection.execute(statement)).scalars())
            for new in new_films:
                film_id = next((existing[item] for item in new.film.ids.items() if item in existing), None)
                if film_id is None:
                    film_id = next(
                        (each for each in new.id_candidates if each not in taken), new.id_candidates[-1]
                    )
                    taken.add(film_id)
                    stored.append(replace(new.film, id=film_id))
                    existing |= dict.fromkeys(new.film.ids.items(), film_id)
                added.append(film_id)
            if stored:
                await update_film_counts(connection, await _save(connection, stored))
                await record_changes(connection, {film.id for film in stored})
        self._write_count += 1
        for film_id in added:
            self._cache.pop(film_id, None)
        return added

    async def stream_entries(self, ids: Collection[str] | None = None) -> AsyncIterator[TitleEntry]:
        """Yield what title search needs of every film, or of those with these ids.

        A catalogue of any size is streamed in batches, each read in a transaction of its own.
        """
        last_id = ""
        remaining = sorted(ids) if ids is not None else None
        while remaining is None or remaining:
            batch = _ENTRIES
            if remaining is None:
                batch = batch.where(films.c.id > last_id).order_by(films.c.id).limit(ENTRIES_BATCH)
            else:
                batch = batch.where(films.c.id.in_(remaining[:BATCH]))
                remaining = remaining[BATCH:]
            async with self._database.read() as connection:
                rows = (await connection.execute(batch)).all()
                for entry in await _read_entries(connection, rows, is_range=ids is None):
                    yield entry
            if remaining is None:
                if len(rows) < ENTRIES_BATCH:
                    return
                last_id = rows[-1].id


async def _read_entries(
    connection: AsyncConnection, rows: Sequence[AnyRow], *, is_range: bool
) -> list[TitleEntry]:
    """Return the entries of these films, with their directors, leading cast and further titles.

    `is_range`: there is no other film between the first and the last of them, so one range reads all parts.
    """
    other_titles: dict[str, list[RegionalTitle]] = defaultdict(list)
    directors: dict[str, list[str]] = defaultdict(list)
    cast: dict[str, list[str]] = defaultdict(list)
    ids = [row.id for row in rows]
    batches = [ids] if is_range else [ids[start : start + BATCH] for start in range(0, len(ids), BATCH)]

    def of_batch(statement: Select[Any], table: Table, batch: list[str]) -> Select[Any]:
        film_id = table.c.film_id
        condition = film_id.between(batch[0], batch[-1]) if is_range else film_id.in_(batch)
        return statement.where(condition).order_by(film_id, table.c.position)

    for batch in filter(None, batches):
        for film_id, *title in await connection.execute(of_batch(_TITLES, titles, batch)):
            other_titles[film_id].append(RegionalTitle(*title))
        for film_id, name in await connection.execute(of_batch(_DIRECTORS, credits, batch)):
            directors[film_id].append(name)
        for film_id, name in await connection.execute(of_batch(_CAST, credits, batch)):
            cast[film_id].append(name)
    languages = {film_id: list_title_languages(of_film) for film_id, of_film in other_titles.items()}
    return [
        TitleEntry(
            row.id,
            row.title,
            row.original_title,
            row.year,
            tuple(directors[row.id]) if row.id in directors else (),
            tuple(languages.get(row.id, ())),
            row.fame,
            title_languages=tuple(languages[row.id].values()) if any(languages.get(row.id, {}).values()) else (),
            languages=tuple(row.languages),
            countries=tuple(row.countries),
            genres=tuple(row.genres),
            cast=tuple(cast[row.id]) if row.id in cast else (),
        )
        for row in rows
    ]


def list_title_languages(regional_titles: Iterable[RegionalTitle]) -> dict[str, str]:
    """Return the titles, each once, with the languages of each as `TitleEntry.title_languages` has them."""
    languages: dict[str, list[str]] = defaultdict(list)
    for title in regional_titles:
        languages[title.title] += [title.locale] if title.locale else []
    return {title: " ".join(dict.fromkeys(tags)) for title, tags in languages.items()}


async def link_source_id(connection: AsyncConnection, film_id: str, source: str, value: str) -> None:
    """Store a film's id at a source in place of another one there; an id that another film has stays there."""
    statement = upsert(connection.dialect.name, film_ids, ("source", "value"), ())
    row = {"source": source, "value": value, "film_id": film_id}
    if not (await connection.execute(statement, row)).rowcount:
        return
    others = and_(film_ids.c.source == source, film_ids.c.film_id == film_id, film_ids.c.value != value)
    await connection.execute(delete(film_ids).where(others))


async def record_changes(connection: AsyncConnection, ids: Collection[str]) -> None:
    """Record which films the transaction changes, so that title indexes in all processes take the changes over.

    If many change at once, the catalogue gets a new version instead, and indexes are rebuilt.
    """
    if len(ids) > MANY_CHANGES:
        await set_value(connection, CATALOGUE_VERSION, uuid.uuid4().hex)
    elif ids:
        await connection.execute(film_changes.insert(), [{"film_id": film_id} for film_id in ids])


async def _save(connection: AsyncConnection, batch: Sequence[Film]) -> set[str]:
    """Store the films; return the ids of the people whose films have to be counted again."""
    dialect = connection.dialect.name
    ids = [film.id for film in batch]
    person_ids = await list_person_ids(connection, ids)
    for table in (titles, credits, film_ids, availability):
        await connection.execute(delete(table).where(table.c.film_id.in_(ids)))
    await connection.execute(upsert(dialect, films, ("id",), _COLUMNS), [_film_row(film) for film in batch])
    names = {credit.person_id: credit.name for film in batch for credit in film.credits}
    inserts: tuple[tuple[Any, list[dict[str, Any]]], ...] = (
        (upsert(dialect, people, ("id",), ()), [_person_row(*person) for person in names.items()]),
        (titles.insert(), [row for film in batch for row in _title_rows(film)]),
        (credits.insert(), [row for film in batch for row in _credit_rows(film)]),
        (upsert(dialect, film_ids, ("source", "value"), ("film_id",)), _id_rows(batch)),
        (availability.insert(), [row for film in batch for row in _availability_rows(film)]),
    )
    for statement, rows in inserts:
        if rows:
            await connection.execute(statement, rows)
    return person_ids | names.keys()


def _film(row: AnyRow, parts: dict[str, Sequence[AnyRow]]) -> Film:
    return Film(
        id=row.id,
        title=row.title,
        original_title=row.original_title,
        other_titles=tuple(part.title for part in parts["titles"] if not (part.region or part.language)),
        regional_titles=tuple(
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
        keywords=tuple(row.keywords),
        fame=row.fame,
        source=row.source,
        credits=tuple(
            Credit(part.name, CreditJob(part.job), part.role, part.person_id, part.fame)
            for part in parts["credits"]
        ),
        availability=tuple(
            Availability(part.service, tuple(part.countries), part.as_of, part.since)
            for part in parts["availability"]
        ),
        ids={part.source: part.value for part in parts["ids"]},
    )


def _film_row(film: Film) -> dict[str, Any]:
    lists = ("countries", "languages", "genres", "production_companies", "keywords")
    return {
        "id": film.id,
        **{name: getattr(film, name) for name in _COLUMNS if name not in lists},
        **{name: list(getattr(film, name)) for name in lists},
    }


def _person_row(person_id: str, name: str) -> dict[str, Any]:
    return {"id": person_id, "name": name, "name_key": name_key(name), "film_count": 0, "fame": 0.0}


def _title_rows(film: Film) -> list[dict[str, Any]]:
    return [
        {
            "film_id": film.id,
            "position": position,
            "title": title.title,
            "region": title.region,
            "language": title.language,
        }
        for position, title in enumerate(
            (*(RegionalTitle(title) for title in film.other_titles), *film.regional_titles)
        )
    ]


def _credit_rows(film: Film) -> list[dict[str, Any]]:
    positions = {job: count() for job in CreditJob}
    return [
        {
            "film_id": film.id,
            "job": credit.job.value,
            "position": next(positions[credit.job]),
            "person_id": credit.person_id,
            "role": credit.role,
        }
        for credit in film.credits
    ]


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
