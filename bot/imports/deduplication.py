"""Films of a source that the catalogue has already: recognised among the staged ones, and merged."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.films.deduplication import (
    CatalogueFilm,
    SourceFilm,
    add_titles_and_ids,
    find_duplicates,
    match_people,
    unordered_keys,
)
from bot.films.models import RegionalTitle
from bot.films.repository import FilmRepository
from bot.imports.repository import ImportRepository
from bot.imports.staging import Staging

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


@dataclass(frozen=True, slots=True)
class _Merge:
    """A film of the source that the catalogue has: its id there, and its titles there."""

    source_id: str
    titles: list[RegionalTitle]


class Deduplicator:
    """Compares the staged films of `source` with the catalogue's films that came from elsewhere."""

    def __init__(self, repository: ImportRepository, source: str, catalogue: list[CatalogueFilm]) -> None:
        self._repository = repository
        self._source = source
        self._catalogue = catalogue
        self._merges: dict[str, _Merge] = {}
        """By the catalogue's film id."""
        self.affected_people: set[str] = set()
        """People with a film that is staged no longer, so that the staged films are not all of theirs."""
        self.director_keys = unordered_keys(
            name for film in catalogue if film.source_id is None for name in film.directors
        )
        """The unordered keys of the names that a film's director must have for it to be a duplicate."""

    @classmethod
    async def load(cls, repository: ImportRepository, source: str) -> "Deduplicator":
        """Return a deduplicator with the catalogue's films, read now."""
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
            self._merges[film_id] = _Merge(source_id, _titles(staging, source_id))
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
            for film_id, merge in merges[start : start + FILMS_PER_BATCH]:
                if (film := await film_repository.get(film_id)) is not None:
                    films.append(add_titles_and_ids(film, merge.titles, {self._source: merge.source_id}))
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
