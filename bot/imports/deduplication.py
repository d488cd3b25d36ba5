"""Films that the catalogue has already under another id: found among those staged, and kept as one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from bot.core.database.engine import Database
from bot.films.deduplication import Candidate, Known, find_twins, keys, same_people, united
from bot.films.deduplication_repository import known_films, own_films, people_of_films
from bot.films.models import RegionalTitle
from bot.films.repository import FilmStore
from bot.imports.staging import Staging

FILMS_AT_ONCE = 500
_YEAR_AND_FAME = "SELECT year, coalesce(fame, 0.0) FROM films LEFT JOIN votes ON film_id = id WHERE id = ?"
_DIRECTORS = (
    "SELECT n.name FROM credits c JOIN names n ON n.person_id = c.person_id WHERE film_id = ? AND job = 'director'"
)
_PARTING = (
    "DELETE FROM films WHERE id = ?",
    "DELETE FROM titles WHERE film_id = ?",
    "DELETE FROM credits WHERE film_id = ?",
)


class Twins:
    """What the catalogue knows of films that are not `source`'s own, and what they gain."""

    def __init__(self, database: Database, source: str, known: list[Known]) -> None:
        self._database = database
        self._source = source
        self._known = known
        self._gains: dict[str, tuple[str, list[RegionalTitle]]] = {}
        self.people: set[str] = set()
        """Those whose films are not all staged, as a twin is among them."""
        self.directors = keys(name for film in known if film.other_id is None for name in film.directors)
        """The unordered keys of the names that a film's director must have for it to be a twin."""

    @classmethod
    async def among(cls, database: Database, source: str) -> "Twins":
        """Take in what the catalogue has."""
        return cls(database, source, await known_films(database, source))

    async def part(self, staging: Staging) -> None:
        """Take the twins out of what is staged, and have people known from them go by their known ids."""
        pairs = find_twins(
            self._known, _candidates(staging, filter(None, (film.other_id for film in self._known)))
        )
        # Where both are in the catalogue as films of their own, members may have rated either.
        apart = await own_films(self._database, [other for other, ours in pairs.items() if other != ours])
        pairs = {other: ours for other, ours in pairs.items() if other not in apart}
        people = await people_of_films(self._database, list(pairs.values()))
        known_as: dict[str, set[str]] = defaultdict(set)
        for other, ours in pairs.items():
            theirs = staging.ask(
                "SELECT c.person_id, n.name FROM credits c JOIN names n ON n.person_id = c.person_id"
                " WHERE film_id = ?",
                other,
            )
            self.people.update(person for person, _ in theirs)
            for person, known_id in same_people(people[ours], [(row[0], row[1]) for row in theirs]).items():
                known_as[known_id].add(person)
            self._gains[ours] = (other, _titles(staging, other))
            for statement in _PARTING:
                staging.change(statement, [(other,)])
        # A name that two people share, each known from another film, stays theirs under their own ids.
        same = [(one, known_id) for known_id, ids in known_as.items() if len(ids) == 1 for one in ids]
        same = [(one, known_id) for one, known_id in same if one != known_id]
        staging.change("INSERT OR IGNORE INTO same VALUES (?, ?)", same)
        if same:
            staging.change(
                "UPDATE credits SET person_id = (SELECT known_id FROM same WHERE same.person_id ="
                " credits.person_id) WHERE person_id IN (SELECT person_id FROM same)"
            )
        self.people.update(known_id for _, known_id in same)

    async def unite(self, store: FilmStore) -> int:
        """Store what the catalogue's films gain; give how many they are."""
        gains = list(self._gains.items())
        for start in range(0, len(gains), FILMS_AT_ONCE):
            films = []
            for film_id, (other, titles) in gains[start : start + FILMS_AT_ONCE]:
                if (film := await store.get(film_id)) is not None:
                    films.append(united(film, titles, {self._source: other}))
            await store.put_many(films)
        return len(gains)


def _candidates(staging: Staging, ids: Iterable[str]) -> Iterator[Candidate]:
    """Give the staged films of those ids, and those by somebody called like a director of the catalogue's."""
    suspected = staging.ask(
        "SELECT DISTINCT c.film_id FROM credits c JOIN suspects s ON s.person_id = c.person_id"
        " WHERE c.job = 'director'"
    )
    for film_id in {film_id for (film_id,) in suspected}.union(ids):
        for year, fame in staging.ask(_YEAR_AND_FAME, film_id):
            yield Candidate(
                id=film_id,
                year=year,
                titles=tuple(title.title for title in _titles(staging, film_id)),
                directors=tuple(name for (name,) in staging.ask(_DIRECTORS, film_id)),
                fame=fame,
            )


def _titles(staging: Staging, film_id: str) -> list[RegionalTitle]:
    own = staging.ask("SELECT title, original_title FROM films WHERE id = ?", film_id)
    places = "SELECT DISTINCT title, region, language FROM titles WHERE film_id = ? ORDER BY place"
    return [
        *(RegionalTitle(title) for row in own for title in dict.fromkeys(row)),
        *(RegionalTitle(*row) for row in staging.ask(places, film_id)),
    ]
