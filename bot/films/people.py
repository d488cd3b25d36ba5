"""People who make films, found by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from rapidfuzz import fuzz, process

from bot.films.film import Job
from bot.films.titles.normalise import fold, transliterate

CUTOFF = 70.0
"""Names less alike than this are somebody else's."""
SURE = 80.0
"""From here on a name is taken for the one that was meant."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who took part in `credits` films of the catalogue, with those films' summed `fame`."""

    id: str
    name: str
    credits: int = 0
    fame: float = 0.0


@dataclass(frozen=True, slots=True)
class FilmographyEntry:
    """One film of a person: what they did there, with their roles."""

    film_id: str
    title: str
    original_title: str
    year: int | None
    jobs: tuple[Job, ...]
    roles: tuple[str, ...] = ()


class PeopleStore(Protocol):
    """Where people are kept."""

    async def get(self, person_id: str) -> Person | None:
        """Give the person of that id, or None."""
        ...

    async def filmography(self, person_id: str) -> list[FilmographyEntry]:
        """Give the person's films, newest first."""
        ...

    async def everybody(self) -> list[Person]:
        """Give all people."""
        ...


class People:
    """Finds people by name, whatever the order of its parts."""

    def __init__(self, store: PeopleStore) -> None:
        self._store = store
        self._people: list[Person] = []
        self._keys: list[str] = []

    async def load(self) -> None:
        """Take in all names; to be called again when the catalogue has changed."""
        self.take(await self._store.everybody())

    def take(self, people: Iterable[Person]) -> None:
        """Take in these people, the best known first."""
        self._people = sorted(people, key=lambda person: (-person.fame, person.name))
        self._keys = [_key(person.name) for person in self._people]

    def search(self, text: str, limit: int = 25) -> list[Person]:
        """Give at most `limit` people whose name is like `text`, best first; the best known for an empty text."""
        asked = _key(text)
        if not asked:
            return self._people[:limit]
        found = process.extract(asked, self._keys, scorer=_likeness, limit=limit, score_cutoff=CUTOFF)
        return [self._people[index] for _, _, index in found]

    async def get(self, person_id: str) -> Person | None:
        """Give the person of that id, or None."""
        return await self._store.get(person_id)

    async def find(self, text: str) -> Person | None:
        """Give the person picked (`text` is their id) or meant, or None where no name is close enough."""
        if (person := await self._store.get(text)) is not None:
            return person
        found = self.search(text, 1) if _key(text) else []
        return found[0] if found and _likeness(_key(text), _key(found[0].name)) >= SURE else None

    async def filmography(self, person_id: str) -> list[FilmographyEntry]:
        """Give the person's films, newest first."""
        return await self._store.filmography(person_id)


def _key(name: str) -> str:
    return transliterate(fold(name))


def _likeness(asked: str, name: str, *, score_cutoff: float | None = None) -> float:
    """Give 0 to 100: alike as a whole, in another order of the parts, or as a beginning of any part."""
    score: float = max(fuzz.ratio(asked, name), 0.99 * fuzz.token_sort_ratio(asked, name))
    if name.startswith(asked) or f" {asked}" in name:
        score = max(score, 92.0 + 8.0 * len(asked) / len(name))
    if " " not in asked:
        score = max(score, *(0.95 * fuzz.ratio(asked, part) for part in name.split()))
    return score if score_cutoff is None or score >= score_cutoff else 0.0
