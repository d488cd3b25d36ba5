"""What the recommender learns from, in and out of the database: the films' facts and ratings sets from outside."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import delete, select

from bot.core.database.engine import Database
from bot.core.database.read_executor import AnyRow
from bot.core.text.folding import fold
from bot.films.models import Credit, Film, Job
from bot.films.tables import credits, film_ids, films, people, titles
from bot.recommendations.facts import FilmFacts, facts_of
from bot.recommendations.rating_sets import RatingsSet
from bot.recommendations.tables import rating_set_films, rating_set_members, rating_sets

BATCH = 1_000
"""Rows written by one statement."""
PACKED = np.dtype([("film", "<u4"), ("halves", "u1")])
"""One rating in a member's row: 5 bytes."""


@dataclass(frozen=True, slots=True)
class KnownFilms:
    """Ways to find a film of the catalogue: by a source's id, or by its folded title and its year."""

    by_id: dict[tuple[str, str], str]
    by_title: dict[tuple[str, int], str]

    def find(self, ids: Mapping[str, str], title: str | None, year: int | None) -> str | None:
        """Give the id of the film with one of those ids, else of the one with that very title and year."""
        for source, value in ids.items():
            if (film := self.by_id.get((source, value))) is not None:
                return film
        return None if title is None or year is None else self.by_title.get((fold(title), year))


class RecommendationStore:
    """Reads the films' facts, reads and writes ratings sets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def facts(self, raters: Mapping[str, int] | None = None, most: int = 100_000) -> list[FilmFacts]:
        """Give what may be learnt from of the `most` films that are most famous, by id."""
        chosen = select(films).order_by(films.c.fame.desc(), films.c.id).limit(most).subquery()
        who = (
            select(credits.c.film_id, credits.c.job, credits.c.person_id, people.c.name)
            .join(people, people.c.id == credits.c.person_id)
            .join(chosen, chosen.c.id == credits.c.film_id)
            .where(credits.c.job.in_((Job.DIRECTOR, Job.CAST)))
            .order_by(credits.c.film_id, credits.c.job, credits.c.position)
        )
        made: dict[str, list[Credit]] = defaultdict(list)
        async with self._database.read() as connection:
            rows = (await connection.execute(select(chosen).order_by(chosen.c.id))).all()
            for row in (await connection.execute(who)).all():
                made[row.film_id].append(Credit(row.name, Job(row.job), None, row.person_id))
        return [facts_of(_film(row, tuple(made.get(row.id, ()))), raters) for row in rows]

    async def known_films(self) -> KnownFilms:
        """Give the ways to find every film; a title and year that several films share find none of them."""
        by_title: dict[tuple[str, int], str] = {}
        several: set[tuple[str, int]] = set()
        async with self._database.read() as connection:
            ids = (await connection.execute(select(film_ids))).all()
            rows = (
                await connection.execute(select(films.c.id, films.c.title, films.c.original_title, films.c.year))
            ).all()
            also = (
                await connection.execute(
                    select(films.c.id, titles.c.title, films.c.year).join(titles, titles.c.film_id == films.c.id)
                )
            ).all()
        named = [(row.id, title, row.year) for row in rows for title in {row.title, row.original_title}]
        for film_id, title, year in [*named, *((row.id, row.title, row.year) for row in also)]:
            if year is not None:
                key = fold(title), year
                if by_title.setdefault(key, film_id) != film_id:
                    several.add(key)
        return KnownFilms(
            {(row.source, row.value): row.film_id for row in ids},
            {key: film for key, film in by_title.items() if key not in several},
        )

    async def put_set(self, ratings: RatingsSet, now: datetime) -> None:
        """Store the set in one transaction in place of one of the same name."""
        async with self._database.write() as connection:
            for table in (rating_set_members, rating_set_films):
                await connection.execute(delete(table).where(table.c.set_name == ratings.name))
            await connection.execute(delete(rating_sets).where(rating_sets.c.name == ratings.name))
            row = {
                "name": ratings.name,
                "imported_at": now,
                "member_count": ratings.members,
                "rating_count": len(ratings),
            }
            await connection.execute(rating_sets.insert(), [row])
            numbered = [
                {"set_name": ratings.name, "number": number, "film_id": film}
                for number, film in enumerate(ratings.films)
            ]
            if numbered:
                await connection.execute(rating_set_films.insert(), numbered)
            for batch in _packed(ratings):
                await connection.execute(rating_set_members.insert(), batch)

    async def delete_set(self, name: str) -> bool:
        """Delete the set; tell whether it was there."""
        async with self._database.write() as connection:
            result = await connection.execute(delete(rating_sets).where(rating_sets.c.name == name))
        return bool(result.rowcount)

    async def sets(self) -> list[RatingsSet]:
        """Give every stored set, by name; ratings of films that have left the catalogue are left out."""
        async with self._database.read() as connection:
            names = (await connection.execute(select(rating_sets.c.name).order_by(rating_sets.c.name))).scalars()
            found = []
            for name in list(names):
                of_set = rating_set_films.c.set_name == name
                numbers = (await connection.execute(select(rating_set_films).where(of_set))).all()
                of_set = rating_set_members.c.set_name == name
                rows = (
                    await connection.execute(
                        select(rating_set_members).where(of_set).order_by(rating_set_members.c.member_number)
                    )
                ).all()
                found.append(_unpacked(name, {row.number: row.film_id for row in numbers}, rows))
        return found


def _film(row: AnyRow, made: tuple[Credit, ...]) -> Film:
    return Film(
        id=row.id,
        title=row.title,
        original_title=row.original_title,
        year=row.year,
        runtime=row.runtime,
        countries=tuple(row.countries),
        languages=tuple(row.languages),
        genres=tuple(row.genres),
        fame=row.fame,
        source=row.source,
        credits=made,
    )


def _packed(ratings: RatingsSet) -> Iterator[list[dict[str, object]]]:
    """Give rows of BATCH members at a time, each with its ratings packed."""
    packed = np.empty(len(ratings), dtype=PACKED)
    packed["film"], packed["halves"] = ratings.film, ratings.halves
    starts = np.flatnonzero(np.r_[True, np.diff(ratings.member) != 0]) if len(ratings) else np.zeros(0, np.int64)
    ends = np.r_[starts[1:], len(ratings)]
    batch: list[dict[str, object]] = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=False):
        row = {
            "set_name": ratings.name,
            "member_number": int(ratings.member[start]),
            "ratings": packed[start:end].tobytes(),
        }
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _unpacked(name: str, numbered: dict[int, str], rows: Sequence[AnyRow]) -> RatingsSet:
    packed = [np.frombuffer(row.ratings, dtype=PACKED) for row in rows]
    together = np.concatenate(packed) if packed else np.zeros(0, dtype=PACKED)
    member = np.repeat(
        np.array([row.member_number for row in rows], dtype=np.uint32), [len(part) for part in packed]
    )
    order = sorted(numbered)
    place = np.full(max(order, default=-1) + 2, -1, dtype=np.int64)
    place[order] = np.arange(len(order))
    film = place[np.minimum(together["film"], len(place) - 1)]
    kept = film >= 0
    return RatingsSet(
        name,
        tuple(numbered[number] for number in order),
        member[kept],
        film[kept].astype(np.uint32),
        together["halves"][kept],
    )
