"""People and their filmographies, out of the database."""

from typing import Any

from sqlalchemy import func, select

from bot.films.film import Job
from bot.films.people import FilmographyEntry, Person
from bot.storage.database import AnyRow, Database
from bot.storage.schema import credits, films, people


class PersonStore:
    """Reads people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, person_id: str) -> Person | None:
        """Give the person of that id, or None."""
        found = await self._select(people.c.id == person_id)
        return found[0] if found else None

    async def everybody(self) -> list[Person]:
        """Give all who have a part in a film."""
        return await self._select()

    async def _select(self, *conditions: Any) -> list[Person]:
        statement = (
            select(
                people.c.id,
                people.c.name,
                func.count(credits.c.film_id.distinct()).label("credits"),
                func.sum(films.c.fame).label("fame"),
            )
            .join(credits, credits.c.person_id == people.c.id)
            .join(films, films.c.id == credits.c.film_id)
            .where(*conditions)
            .group_by(people.c.id, people.c.name)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).all()
        return [Person(row.id, row.name, row.credits, float(row.fame)) for row in rows]

    async def filmography(self, person_id: str) -> list[FilmographyEntry]:
        """Give the person's films, newest first, those without a year last."""
        statement = (
            select(films.c.id, films.c.title, films.c.original_title, films.c.year, credits.c.job, credits.c.role)
            .join(credits, credits.c.film_id == films.c.id)
            .where(credits.c.person_id == person_id)
            .order_by(films.c.year.desc().nulls_last(), films.c.id, credits.c.position)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).all()
        parts: dict[str, list[AnyRow]] = {}
        for row in rows:
            parts.setdefault(row.id, []).append(row)
        return [_entry(group) for group in parts.values()]


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
