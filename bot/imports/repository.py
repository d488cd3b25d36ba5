"""What imports read from the catalogue to recognise films and people."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database
from bot.films.deduplication import CatalogueFilm
from bot.films.models import CreditJob, Film, name_key
from bot.films.tables import credits, film_ids, films, people, titles

IDS_PER_QUERY = 500


class ImportRepository:
    """Reads the catalogue's films and people in bulk."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_films_of_other_sources(self, source: str) -> list[CatalogueFilm]:
        """Return all films that did not come from `source`, with their ids there."""
        is_other = films.c.source != source
        directed = (
            select(credits.c.film_id, people.c.name)
            .join(people, people.c.id == credits.c.person_id)
            .join(films, films.c.id == credits.c.film_id)
            .where(is_other, credits.c.job == CreditJob.DIRECTOR)
        )
        titled = (
            select(titles.c.film_id, titles.c.title).join(films, films.c.id == titles.c.film_id).where(is_other)
        )
        identified = (
            select(film_ids.c.film_id, film_ids.c.value)
            .join(films, films.c.id == film_ids.c.film_id)
            .where(film_ids.c.source == source, is_other)
        )
        columns = (films.c.id, films.c.title, films.c.original_title, films.c.year)
        async with self._database.read() as connection:
            directors = await _values_by_film(connection, directed)
            further_titles = await _values_by_film(connection, titled)
            source_ids = await _values_by_film(connection, identified)
            rows = (await connection.execute(select(*columns).where(is_other))).all()
        return [
            CatalogueFilm(
                film_id=row.id,
                year=row.year,
                titles=(row.title, row.original_title, *further_titles[row.id]),
                directors=tuple(directors[row.id]),
                source_id=next(iter(source_ids[row.id]), None),
            )
            for row in rows
        ]

    async def find_existing_ids(self, ids: Sequence[str]) -> set[str]:
        """Return those of the ids under which a film is in the catalogue."""
        async with self._database.read() as connection:
            return await find_existing_ids(connection, ids)

    async def list_people_by_film(self, ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """Return id and name of everybody with a credit, by the film's id."""
        people_by_film: dict[str, list[tuple[str, str]]] = defaultdict(list)
        async with self._database.read() as connection:
            for some in slice_ids(ids):
                statement = (
                    select(credits.c.film_id, people.c.id, people.c.name)
                    .join(people, people.c.id == credits.c.person_id)
                    .where(credits.c.film_id.in_(some))
                )
                for film_id, person_id, name in (await connection.execute(statement)).all():
                    people_by_film[film_id].append((person_id, name))
        return people_by_film

    async def has_ids_of(self, source: str) -> bool:
        """Return whether any film has an id at `source`."""
        statement = select(film_ids.c.film_id).where(film_ids.c.source == source).limit(1)
        async with self._database.read() as connection:
            return (await connection.execute(statement)).first() is not None

    async def find_similar_films(self, film: Film, source: str) -> list[str]:
        """Return the ids of the films that may be `film`, among those with an id at `source`.

        These have the same id there or, where `film` has none, the same year and a director of the same name.
        """
        if source in film.ids:
            same = (film_ids.c.source == source) & (film_ids.c.value == film.ids[source])
            statement = select(film_ids.c.film_id).where(same)
        else:
            is_director = people.c.name_key.in_([name_key(name) for name in film.directors])
            statement = (
                select(credits.c.film_id)
                .join(people, people.c.id == credits.c.person_id)
                .join(films, films.c.id == credits.c.film_id)
                .join(film_ids, film_ids.c.film_id == films.c.id)
                .where(
                    is_director,
                    credits.c.job == CreditJob.DIRECTOR,
                    films.c.year == film.year,
                    film_ids.c.source == source,
                )
                .distinct()
            )
        async with self._database.read() as connection:
            return list((await connection.execute(statement)).scalars())


async def find_existing_ids(connection: AsyncConnection, ids: Sequence[str]) -> set[str]:
    """Return those of the ids under which a film is in the catalogue."""
    existing: set[str] = set()
    for some in slice_ids(ids):
        existing |= set((await connection.execute(select(films.c.id).where(films.c.id.in_(some)))).scalars())
    return existing


def slice_ids(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the ids in parts that one statement takes."""
    return (ids[start : start + IDS_PER_QUERY] for start in range(0, len(ids), IDS_PER_QUERY))


async def _values_by_film(connection: AsyncConnection, statement: Any) -> dict[str, list[str]]:
    """Return the values of a statement of two columns, film id and value, by the film id."""
    values: dict[str, list[str]] = defaultdict(list)
    for film_id, value in (await connection.execute(statement)).all():
        values[film_id].append(value)
    return values
