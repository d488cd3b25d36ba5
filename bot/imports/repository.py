"""What imports read from the catalogue to recognise films and people, and the merging of films found twice."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database
from bot.films.deduplication import (
    CatalogueFilm,
    SourceFilm,
    add_titles_and_ids,
    find_duplicates,
    match_people,
    unordered_keys,
)
from bot.films.models import Film, Job, RegionalTitle, name_key
from bot.films.repository import FilmRepository
from bot.films.tables import credits, film_ids, films, people, titles
from bot.imports.staging import Staging

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
            .where(is_other, credits.c.job == Job.DIRECTOR)
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
        existing: set[str] = set()
        async with self._database.read() as connection:
            for start in range(0, len(ids), IDS_PER_QUERY):
                some = films.c.id.in_(ids[start : start + IDS_PER_QUERY])
                existing |= set((await connection.execute(select(films.c.id).where(some))).scalars())
        return existing

    async def list_people_by_film(self, ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """Return id and name of everybody with a credit, by the film's id."""
        people_by_film: dict[str, list[tuple[str, str]]] = defaultdict(list)
        async with self._database.read() as connection:
            for start in range(0, len(ids), IDS_PER_QUERY):
                statement = (
                    select(credits.c.film_id, people.c.id, people.c.name)
                    .join(people, people.c.id == credits.c.person_id)
                    .where(credits.c.film_id.in_(ids[start : start + IDS_PER_QUERY]))
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
                    credits.c.job == Job.DIRECTOR,
                    films.c.year == film.year,
                    film_ids.c.source == source,
                )
                .distinct()
            )
        async with self._database.read() as connection:
            return list((await connection.execute(statement)).scalars())


async def _values_by_film(connection: AsyncConnection, statement: Any) -> dict[str, list[str]]:
    """Return the values of a statement of two columns, film id and value, by the film id."""
    values: dict[str, list[str]] = defaultdict(list)
    for film_id, value in (await connection.execute(statement)).all():
        values[film_id].append(value)
    return values


FILMS_PER_BATCH = 500
_YEAR_AND_FAME = (
    "SELECT year, coalesce(fame, 0.0) FROM films LEFT JOIN film_fame ON film_fame.film_id = id WHERE id = ?"
)
_DIRECTORS = (
    "SELECT n.name FROM credits c JOIN names n ON n.person_id = c.person_id WHERE film_id = ? AND job = 'director'"
)
_FILMS_BY_NAMESAKES = (
    "SELECT DISTINCT c.film_id FROM credits c JOIN director_namesakes n ON n.person_id = c.person_id"
    " WHERE c.job = 'director'"
)
_PEOPLE = "SELECT c.person_id, n.name FROM credits c JOIN names n ON n.person_id = c.person_id WHERE film_id = ?"
_REPLACE_PEOPLE = (
    "UPDATE credits SET person_id = (SELECT catalogue_id FROM catalogue_people p"
    " WHERE p.person_id = credits.person_id) WHERE person_id IN (SELECT person_id FROM catalogue_people)"
)
_DELETE_FILM = (
    "DELETE FROM films WHERE id = ?",
    "DELETE FROM titles WHERE film_id = ?",
    "DELETE FROM credits WHERE film_id = ?",
)


class Deduplicator:
    """Compares the staged films of `source` with the catalogue's films that came from elsewhere."""

    def __init__(self, repository: ImportRepository, source: str, catalogue: list[CatalogueFilm]) -> None:
        self._repository = repository
        self._source = source
        self._catalogue = catalogue
        self._merges: dict[str, tuple[str, list[RegionalTitle]]] = {}
        """By the catalogue's film id: the source's id of the same film, and its titles there."""
        self.affected_people: set[str] = set()
        """People with a film that is staged no longer, so that the staged films are not all of theirs."""
        self.director_keys = unordered_keys(
            name for film in catalogue if film.source_id is None for name in film.directors
        )
        """The unordered keys of the names that a film's director must have for it to be a duplicate."""

    @classmethod
    async def load(cls, repository: ImportRepository, source: str) -> "Deduplicator":
        """Read the catalogue's films."""
        return cls(repository, source, await repository.list_films_of_other_sources(source))

    async def remove_duplicates(self, staging: Staging) -> None:
        """Remove from the staged films those that the catalogue has, and give people known from them their ids."""
        known_ids = filter(None, (film.source_id for film in self._catalogue))
        pairs = find_duplicates(self._catalogue, _candidates(staging, known_ids))
        # Where the catalogue has both as films of their own, members may have rated either.
        separate = await self._repository.find_existing_ids(
            [source_id for source_id, film_id in pairs.items() if source_id != film_id]
        )
        pairs = {source_id: film_id for source_id, film_id in pairs.items() if source_id not in separate}
        catalogue_people = await self._repository.list_people_by_film(list(pairs.values()))
        source_ids: dict[str, set[str]] = defaultdict(set)
        for source_id, film_id in pairs.items():
            people = [(row[0], row[1]) for row in staging.query(_PEOPLE, source_id)]
            self.affected_people.update(person_id for person_id, _ in people)
            for person_id, catalogue_id in match_people(catalogue_people[film_id], people).items():
                source_ids[catalogue_id].add(person_id)
            self._merges[film_id] = (source_id, _titles(staging, source_id))
            for statement in _DELETE_FILM:
                staging.execute(statement, [(source_id,)])
        # Where a catalogue's name matched two people, from two films, both keep their own ids.
        matches = [
            (person_id, catalogue_id)
            for catalogue_id, ids in source_ids.items()
            if len(ids) == 1
            for person_id in ids - {catalogue_id}
        ]
        staging.execute("INSERT OR IGNORE INTO catalogue_people VALUES (?, ?)", matches)
        if matches:
            staging.execute(_REPLACE_PEOPLE)
        self.affected_people.update(catalogue_id for _, catalogue_id in matches)

    async def store_merged_films(self, film_repository: FilmRepository) -> int:
        """Add the source's ids and titles to the catalogue's films; return how many films that were."""
        merges = list(self._merges.items())
        for start in range(0, len(merges), FILMS_PER_BATCH):
            films = []
            for film_id, (source_id, source_titles) in merges[start : start + FILMS_PER_BATCH]:
                if (film := await film_repository.get(film_id)) is not None:
                    films.append(add_titles_and_ids(film, source_titles, {self._source: source_id}))
            await film_repository.save_many(films)
        return len(merges)


def _candidates(staging: Staging, source_ids: Iterable[str]) -> Iterator[SourceFilm]:
    """Yield the staged films of those ids, and those directed by a namesake of a catalogue's director."""
    by_namesakes = {film_id for (film_id,) in staging.query(_FILMS_BY_NAMESAKES)}
    for film_id in by_namesakes.union(source_ids):
        for year, fame in staging.query(_YEAR_AND_FAME, film_id):
            yield SourceFilm(
                source_id=film_id,
                year=year,
                titles=tuple(title.title for title in _titles(staging, film_id)),
                directors=tuple(name for (name,) in staging.query(_DIRECTORS, film_id)),
                fame=fame,
            )


def _titles(staging: Staging, film_id: str) -> list[RegionalTitle]:
    main_titles = staging.query("SELECT title, original_title FROM films WHERE id = ?", film_id)
    further = "SELECT DISTINCT title, region, language FROM titles WHERE film_id = ? ORDER BY position"
    return [
        *(RegionalTitle(title) for row in main_titles for title in dict.fromkeys(row)),
        *(RegionalTitle(*row) for row in staging.query(further, film_id)),
    ]
