"""People and their filmographies, out of the database."""

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

from sqlalchemy import Select, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, lock
from bot.core.database.read_executor import AnyRow
from bot.films.models import Job
from bot.films.people import FilmographyEntry, Person
from bot.films.tables import credits, films, people

AT_ONCE = 500
"""People in one statement: below SQLite's limit of variables."""
AFTER_ANY_KEY = "\x7f"
"""Sorts behind every character of a name's key, which is ASCII."""
RECOUNT = (
    "UPDATE people SET (film_count, fame) = (SELECT count(*), coalesce(sum(films.fame), 0) FROM films"
    " WHERE films.id IN (SELECT film_id FROM credits WHERE credits.person_id = people.id)) WHERE "
)
"""Counts people's films anew; a condition on `people` follows."""
_CATALOGUE = 0
"""What stands for the catalogue among PostgreSQL's locks, whose other numbers are servers' ids."""


class PersonStore:
    """Reads people. Only those with a film in the catalogue are there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, person_id: str) -> Person | None:
        """Give the person of that id, or None."""
        found = await self._select(_people().where(people.c.id == person_id))
        return found[0] if found else None

    async def best_known(self, limit: int) -> list[Person]:
        """Give at most `limit` people, the best known first."""
        return await self._select(_people().order_by(people.c.fame.desc()).limit(limit))

    async def named(self, key: str, limit: int) -> list[Person]:
        """Give at most `limit` people whose name's key begins with `key`: the very name first, then by fame."""
        begins = (people.c.name_key >= key) & (people.c.name_key < key + AFTER_ANY_KEY)
        order = (people.c.name_key != key, people.c.fame.desc(), people.c.id)
        return await self._select(_people().where(begins).order_by(*order).limit(limit))

    async def _select(self, statement: Any) -> list[Person]:
        return list(map(Person._make, await self._database.rows(statement)))

    async def filmography(self, person_id: str) -> list[FilmographyEntry]:
        """Give the person's films, newest first, those without a year last."""
        statement = (
            select(films.c.id, films.c.title, films.c.original_title, films.c.year, credits.c.job, credits.c.role)
            .join(credits, credits.c.film_id == films.c.id)
            .where(credits.c.person_id == person_id)
            .order_by(films.c.year.desc().nulls_last(), films.c.id, credits.c.position)
        )
        rows = await self._database.rows(statement)
        parts: dict[str, list[AnyRow]] = {}
        for row in rows:
            parts.setdefault(row.id, []).append(row)
        return [_entry(group) for group in parts.values()]


def _people() -> Select[*tuple[Any, ...]]:
    """Give the statement for people, with a column for each of Person's fields."""
    fields = (people.c.id, people.c.name, people.c.film_count, people.c.fame, people.c.name_key)
    return select(*fields).where(people.c.film_count > 0)


def _entry(rows: list[AnyRow]) -> FilmographyEntry:
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


async def people_of(connection: AsyncConnection, film_ids: Collection[str]) -> set[str]:
    """Give the ids of all who have a part in those films."""
    statement = select(credits.c.person_id).where(credits.c.film_id.in_(film_ids)).distinct()
    return set((await connection.execute(statement)).scalars())


async def lock_catalogue(connection: AsyncConnection) -> None:
    """Let nobody else change films and people, whose films are counted, until the transaction ends."""
    await lock(connection, _CATALOGUE)


async def recount(connection: AsyncConnection, person_ids: Iterable[str]) -> None:
    """Count those people's films, and add up their fame, anew: whoever changes credits calls it.

    The catalogue must be locked.
    """
    statement = text(RECOUNT + "id IN :ids").bindparams(bindparam("ids", expanding=True))
    remaining = iter(sorted(person_ids))
    while batch := list(islice(remaining, AT_ONCE)):
        await connection.execute(statement, {"ids": batch})
