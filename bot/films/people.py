"""People who make films, found by name."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from bot.core.text.folding import fold, transliterate
from bot.films.models import Job

CUTOFF = 70.0
"""Names less alike than this are somebody else's."""
SURE = 80.0
"""From here on a name is taken for the one that was meant."""
PART_WEIGHT = 0.95
"""What a likeness to one part of a name counts, against one to the whole."""
IN_MEMORY = 30_000
"""People kept in memory, where 30,000 cost 6 to 9 ms of a core a search and 15 MB (`benchmarks/people.py`)."""
CANDIDATES = 200
"""People fetched to be compared with a name that is not in memory."""
SHORTEST_HALF = 3
"""Letters of a half of a name that are worth fetching people by."""


class Person(NamedTuple):
    """Somebody who took part in `credits` films of the catalogue, with those films' summed `fame`.

    `name_key` is what they are searched by: `name_key()` of their name, where the store has kept it.
    """

    id: str
    name: str
    credits: int = 0
    fame: float = 0.0
    name_key: str = ""


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

    async def best_known(self, limit: int) -> list[Person]:
        """Give at most `limit` people, the best known first."""
        ...

    async def named(self, key: str, limit: int) -> list[Person]:
        """Give at most `limit` people whose name's key begins with `key`: the very name first, then by fame."""
        ...


class PersonService:
    """Finds people by name, whatever the order of its parts.

    The best known are in memory, where autocomplete finds them; the others are asked of the store by the
    beginning of their name once somebody has sent it.
    """

    def __init__(self, store: PeopleStore, in_memory: int = IN_MEMORY) -> None:
        self._store = store
        self._in_memory = in_memory
        self.take(())

    async def load(self) -> None:
        """Take in the best known; to be called again when the catalogue has changed."""
        self.take(await self._store.best_known(self._in_memory))

    def take(self, people: Iterable[Person]) -> None:
        """Take in these people."""
        self._people = sorted(people, key=lambda person: (-person.fame, person.name))
        self._names: _Names | None = None

    def search(self, text: str, limit: int = 25) -> list[Person]:
        """Give at most `limit` people whose name is like `text`, best first; the best known for an empty text.

        Memory alone. It costs 0.2 to 0.3 ms for each thousand people taken in; the first time after they were,
        as long again as six searches.
        """
        asked = name_key(text)
        if not asked or not self._people:
            return self._people[:limit]
        if self._names is None:
            self._names = _Names([person.name_key or name_key(person.name) for person in self._people])
        scores = self._names.scores(asked)
        rows = np.flatnonzero(scores >= CUTOFF)
        return [self._people[row] for row in rows[np.argsort(-scores[rows], kind="stable")][:limit]]

    async def get(self, person_id: str) -> Person | None:
        """Give the person of that id, or None."""
        return await self._store.get(person_id)

    async def find(self, text: str) -> Person | None:
        """Give the person picked (`text` is their id) or meant, or None where no name is close enough."""
        if (person := await self._store.get(text)) is not None:
            return person
        asked = name_key(text)
        if not asked:
            return None
        found = self.search(text, 1)
        if not (found and name_key(found[0].name) == asked):
            found += await self._lesser_known(asked)
        likely = [(likeness(asked, name_key(person.name)), person.fame, person) for person in found]
        best = max(likely, key=lambda each: each[:2], default=None)
        return best[2] if best and best[0] >= SURE else None

    async def _lesser_known(self, asked: str) -> list[Person]:
        """Give people who are not in memory: of that name, begun like it, or failing that half like it."""
        if len(self._people) < self._in_memory:
            return []
        first, *rest = asked.split()
        found = await self._store.named(asked, CANDIDATES)
        if rest:
            found += await self._store.named(" ".join((*rest, first)), CANDIDATES)
            found += await self._store.named(" ".join((rest[-1], first, *rest[:-1])), CANDIDATES)
        if not found and len(asked) >= 2 * SHORTEST_HALF:
            found = await self._store.named(asked[: len(asked) // 2], CANDIDATES)
        return found

    async def filmography(self, person_id: str) -> list[FilmographyEntry]:
        """Give the person's films, newest first."""
        return await self._store.filmography(person_id)


class _Names:
    """The keys of names, compared all at once."""

    def __init__(self, keys: list[str]) -> None:
        self._keys = keys
        self._sorted = [_in_order(key) for key in keys]
        rows_of: dict[str, list[int]] = {}
        for row, key in enumerate(keys):
            for part in key.split():
                rows_of.setdefault(part, []).append(row)
        self._parts, self._rows_of_part = list(rows_of), list(rows_of.values())
        self._joined = "".join(f"\n {key}" for key in keys)
        """Every part of a name stands behind a space, so that one look finds all that begin alike."""
        self._starts = list(accumulate((len(key) + 2 for key in keys), initial=0))

    def scores(self, asked: str) -> npt.NDArray[np.float32]:
        """Give 0 to 100 for each key: `likeness`, or something below CUTOFF where that is below it."""
        whole, in_order = _ratios(asked, self._keys), _ratios(_in_order(asked), self._sorted)
        scores: npt.NDArray[np.float32] = np.maximum(whole, np.float32(0.99) * in_order)
        for row in self._beginning(asked):
            scores[row] = max(scores[row], _beginning_score(asked, self._keys[row]))
        if " " not in asked:
            alike = PART_WEIGHT * _ratios(asked, self._parts)
            for part in np.flatnonzero(alike >= CUTOFF):
                with_it = self._rows_of_part[part]
                scores[with_it] = np.maximum(scores[with_it], alike[part])
        return scores

    def _beginning(self, asked: str) -> Iterator[int]:
        """Give the row of every name of which a part begins with `asked`."""
        at = self._joined.find(f" {asked}")
        while at >= 0:
            row = bisect_right(self._starts, at) - 1
            yield row
            at = self._joined.find(f" {asked}", self._starts[row + 1])


def name_key(name: str) -> str:
    """Give the form of a name that is compared and stored: Latin letters and digits in lower case."""
    return transliterate(fold(name))


def _in_order(key: str) -> str:
    return " ".join(sorted(key.split()))


def _ratios(asked: str, keys: list[str]) -> npt.NDArray[np.float32]:
    scores = process.cdist([asked], keys, scorer=fuzz.ratio, score_cutoff=CUTOFF, dtype=np.float32)
    return np.asarray(scores[0])


def _beginning_score(asked: str, name: str) -> float:
    return 92.0 + 8.0 * len(asked) / len(name)


def likeness(asked: str, name: str) -> float:
    """Give 0 to 100 for two keys: alike as a whole, in another order, or as a beginning of any part."""
    score: float = max(fuzz.ratio(asked, name), 0.99 * fuzz.ratio(_in_order(asked), _in_order(name)))
    if f" {asked}" in f" {name}":
        score = max(score, _beginning_score(asked, name))
    if " " not in asked:
        score = max(score, *(PART_WEIGHT * fuzz.ratio(asked, part) for part in name.split()))
    return score
