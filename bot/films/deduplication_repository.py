"""Films that two sources tell of, as the database has them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database
from bot.films.deduplication import Known, keys, united
from bot.films.models import Film, Job, RegionalTitle
from bot.films.people import name_key
from bot.films.repository import FilmStore
from bot.films.tables import credits, film_ids, films, people, titles

IDS_AT_ONCE = 500


async def known_films(database: Database, source: str) -> list[Known]:
    """Give all films that are not `source`'s own, with their ids there."""
    others = films.c.source != source
    directed = (
        select(credits.c.film_id, people.c.name)
        .join(people, people.c.id == credits.c.person_id)
        .join(films, films.c.id == credits.c.film_id)
        .where(others, credits.c.job == Job.DIRECTOR)
    )
    called = select(titles.c.film_id, titles.c.title).join(films, films.c.id == titles.c.film_id).where(others)
    numbered = select(film_ids.c.film_id, film_ids.c.value).where(film_ids.c.source == source)
    async with database.read() as connection:
        directors, also = await _grouped(connection, directed), await _grouped(connection, called)
        ids = await _grouped(connection, numbered.join(films, films.c.id == film_ids.c.film_id).where(others))
        columns = (films.c.id, films.c.title, films.c.original_title, films.c.year)
        rows = (await connection.execute(select(*columns).where(others))).all()
    return [
        Known(
            film_id=row.id,
            year=row.year,
            titles=(row.title, row.original_title, *also[row.id]),
            directors=tuple(directors[row.id]),
            other_id=next(iter(ids[row.id]), None),
        )
        for row in rows
    ]


async def _grouped(connection: AsyncConnection, statement: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, value in (await connection.execute(statement)).all():
        found[key].append(value)
    return found


async def own_films(database: Database, ids: Sequence[str]) -> set[str]:
    """Give those of the ids under which a film is in the catalogue."""
    found: set[str] = set()
    async with database.read() as connection:
        for start in range(0, len(ids), IDS_AT_ONCE):
            some = films.c.id.in_(ids[start : start + IDS_AT_ONCE])
            found |= set((await connection.execute(select(films.c.id).where(some))).scalars())
    return found


async def adopted(database: Database, store: FilmStore, source: str, batch: Iterable[Film]) -> list[Film]:
    """Give films about to be stored as they are to be stored beside `source`'s.

    One that has gained titles and ids from there keeps them; a new one whose twin is in the catalogue
    already goes under the twin's id, which members' ratings hang on.
    """
    async with database.read() as connection:
        any_there = select(film_ids.c.film_id).where(film_ids.c.source == source)
        if (await connection.execute(any_there.limit(1))).first() is None:
            return list(batch)
    return [await _adopted(database, store, source, film) for film in batch]


async def _adopted(database: Database, store: FilmStore, source: str, film: Film) -> Film:
    there = await store.get(film.id)
    if there is not None:
        return united(film, there.regional, there.ids) if source in there.ids else film
    for film_id in await _like(database, source, film):
        twin = await store.get(film_id)
        if twin is None:
            continue
        by_id = source in film.ids and film.ids[source] == twin.ids.get(source)
        if by_id or (source not in film.ids and keys(twin.titles) & keys(film.titles)):
            gained = (*(RegionalTitle(title) for title in twin.titles), *twin.regional)
            return replace(united(film, gained, twin.ids), id=twin.id)
    return film


async def _like(database: Database, source: str, film: Film) -> list[str]:
    """Give the ids of films with the same id at `source`, else of the same year and a director of that name."""
    if source in film.ids:
        same = (film_ids.c.source == source) & (film_ids.c.value == film.ids[source])
        statement = select(film_ids.c.film_id).where(same)
    else:
        named = people.c.name_key.in_([name_key(name) for name in film.directors])
        statement = (
            select(credits.c.film_id)
            .join(people, people.c.id == credits.c.person_id)
            .join(films, films.c.id == credits.c.film_id)
            .join(film_ids, film_ids.c.film_id == films.c.id)
            .where(named, credits.c.job == Job.DIRECTOR, films.c.year == film.year, film_ids.c.source == source)
            .distinct()
        )
    async with database.read() as connection:
        return list((await connection.execute(statement)).scalars())


async def people_of_films(database: Database, ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Give id and name of all who have a part in each of those films."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    async with database.read() as connection:
        for start in range(0, len(ids), IDS_AT_ONCE):
            statement = (
                select(credits.c.film_id, people.c.id, people.c.name)
                .join(people, people.c.id == credits.c.person_id)
                .where(credits.c.film_id.in_(ids[start : start + IDS_AT_ONCE]))
            )
            for film_id, person_id, name in (await connection.execute(statement)).all():
                found[film_id].append((person_id, name))
    return found
