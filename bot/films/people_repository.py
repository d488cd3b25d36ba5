"""Reads people and their filmographies; counts people's films again where credits have changed."""

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

from sqlalchemy import Select, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, acquire_lock
from bot.core.database.read_executor import AnyRow
from bot.films.models import Job
from bot.films.people import FilmographyEntry, Person
from bot.films.tables import credits, films, people

BATCH = 500
"""People in one statement: below SQLite's limit of variables."""
AFTER_ANY_KEY = "\x7f"
"""Sorts behind every character of a name key, which is ASCII."""
UPDATE_FILM_COUNTS = (
    "UPDATE people SET (film_count, fame) = (SELECT count(*), coalesce(sum(films.fame), 0) FROM films"
    " WHERE films.id IN (SELECT film_id FROM credits WHERE credits.person_id = people.id)) WHERE "
)
"""Counts people's films and adds up their fame; a condition on `people` has to follow."""
_CATALOGUE_LOCK = 0
"""The catalogue's number among PostgreSQL's advisory locks; the others are servers' ids."""


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


def _select_people() -> Select[*tuple[Any, ...]]:
    """Return the statement for people, with a column for each of Person's fields."""
    columns = (people.c.id, people.c.name, people.c.film_count, people.c.fame, people.c.name_key)
    return select(*columns).where(people.c.film_count > 0)


def _filmography_entry(rows: list[AnyRow]) -> FilmographyEntry:
    film = rows[0]
    jobs = {Job(row.job) for row in rows}
    return FilmographyEntry(
        film_id=film.id,
        title=film.title,
        original_title=film.original_title,
        year=film.year,
        jobs=tuple(job for job in Job if job in jobs),
        roles=tuple(row.role for row in rows if row.role),
    )


async def list_person_ids(connection: AsyncConnection, film_ids: Collection[str]) -> set[str]:
    """Return the ids of all who have a part in those films."""
    statement = select(credits.c.person_id).where(credits.c.film_id.in_(film_ids)).distinct()
    return set((await connection.execute(statement)).scalars())


async def lock_catalogue(connection: AsyncConnection) -> None:
    """Keep others from changing films and people until the transaction ends, since people's films are counted."""
    await acquire_lock(connection, _CATALOGUE_LOCK)


async def update_film_counts(connection: AsyncConnection, person_ids: Iterable[str]) -> None:
    """Count those people's films and add up their fame; whoever changes credits calls it.

    The catalogue must be locked.
    """
    statement = text(UPDATE_FILM_COUNTS + "id IN :ids").bindparams(bindparam("ids", expanding=True))
    remaining = iter(sorted(person_ids))
    while batch := list(islice(remaining, BATCH)):
        await connection.execute(statement, {"ids": batch})
