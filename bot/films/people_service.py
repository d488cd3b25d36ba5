"""Finds people by name, whatever the order of its parts and however it is spelt."""

import asyncio
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise
from operator import attrgetter

import numpy as np
import numpy.typing as npt
from cachetools import TTLCache
from rapidfuzz import fuzz, process

from bot.films.metadata import MetadataSource, PersonDetails, SourceError, SourceGoneError
from bot.films.models import Person, PersonGoneError, name_key
from bot.films.repository import PersonRepository

CACHED_DETAILS, DETAILS_SECONDS = 2_000, 24 * 60 * 60
"""People whose photo and years are kept in memory, and for how long."""
DETAILS_TIMEOUT = 1.5
"""Seconds that a card waits for them."""
MIN_SIMILARITY = 70.0
"""Names less similar than this are somebody else's."""
SURE_SIMILARITY = 80.0
"""From here on a name is taken for the one that was meant."""
EXACT_SIMILARITY, BEGUN_SIMILARITY = 100.0, 92.0
"""What a name counts that is typed whole, and from where on one counts of which a part begins so."""
PART_WEIGHT = 0.95
"""What a similarity to one part of a name counts, against one to the whole."""
REORDERED_WEIGHT = 0.99
"""What a similarity counts if the parts of the name are in another order."""
PEOPLE_IN_MEMORY = 30_000
"""People kept in memory, where 30,000 cost 6 to 9 ms of a core a search and 15 MB (`benchmarks/people.py`)."""
CANDIDATES_LIMIT = 200
"""People fetched to be compared with a name that is not in memory."""
LONGEST_PARTICLE = 3
"""Letters of a part of a name that is often written together with the next: de, van, Mac."""
MIN_HALF_LENGTH = 3
"""Letters that half a name must have for people to be fetched by it."""


class PersonService:
    """Finds people by name.

    The best known are in memory, for autocomplete; the others are fetched by the beginning of their name once a
    member has sent it.
    """

    def __init__(
        self,
        repository: PersonRepository,
        in_memory: int = PEOPLE_IN_MEMORY,
        *,
        source: MetadataSource | None = None,
    ) -> None:
        self.repository = repository
        self._in_memory = in_memory
        self._source = source
        self._details: TTLCache[str, PersonDetails | None] = TTLCache(CACHED_DETAILS, DETAILS_SECONDS)
        self.set_people(())

    async def load(self) -> None:
        """Read the best known people into memory; to be called again when the catalogue has changed."""
        self.set_people(await self.repository.list_best_known(self._in_memory))

    def set_people(self, people: Iterable[Person]) -> None:
        """Replace the people in memory."""
        # By name and then, as sorting is stable, by fame: half as long as by both at once.
        self._people = sorted(people, key=attrgetter("name"))
        self._people.sort(key=attrgetter("fame"), reverse=True)
        self._names: _NameIndex | None = None

    async def require(self, person_id: str) -> Person:
        """Return the person of that id. Raises PersonGoneError if they are no longer in the catalogue."""
        person = await self.repository.get(person_id)
        if person is None:
            raise PersonGoneError
        return person

    async def get_details(self, person: Person) -> PersonDetails | None:
        """Return what the metadata source knows of the person, None if it can't say within a moment."""
        if self._source is None:
            return None
        if person.id in self._details:
            return self._details[person.id]
        source_id = await self.repository.get_source_id(self._source.name, person.id)
        if source_id is None:
            return None
        try:
            async with asyncio.timeout(DETAILS_TIMEOUT):
                details = await self._source.fetch_person(source_id)
        except SourceGoneError:
            details = None
        except (SourceError, TimeoutError):
            return None
        self._details[person.id] = details
        return details

    def search(self, text: str, limit: int = 25) -> list[Person]:
        """Return at most `limit` people whose name is similar to `text`, best first; for "" the best known.

        From memory alone. It costs 0.2 to 0.3 ms for each thousand people in memory, and six times as much at the
        first search after they were replaced.
        """
        query = name_key(text)
        if not query or not self._people:
            return self._people[:limit]
        if self._names is None:
            self._names = _NameIndex([person.name_key or name_key(person.name) for person in self._people])
        similarity = self._names.compute_similarity(query)
        # Of all whose name has a part that begins so, the best known are meant, not those of the shortest name.
        is_begun = (similarity >= BEGUN_SIMILARITY) & (similarity < EXACT_SIMILARITY)
        similarity = np.where(is_begun, BEGUN_SIMILARITY, similarity)
        rows = np.flatnonzero(similarity >= MIN_SIMILARITY)
        return [self._people[row] for row in rows[np.argsort(-similarity[rows], kind="stable")][:limit]]

    async def lookup(self, text: str) -> Person | None:
        """Return the person picked (`text` is their id) or meant, or None if no name is similar enough."""
        if (person := await self.repository.get(text)) is not None:
            return person
        query = name_key(text)
        if not query:
            return None
        candidates = self.search(text, 1)
        if not (candidates and name_key(candidates[0].name) == query):
            candidates += await self._fetch_candidates(query)
        scored = [(compute_similarity(query, name_key(each.name)), each.fame, each) for each in candidates]
        best = max(scored, key=lambda each: each[:2], default=None)
        return best[2] if best and best[0] >= SURE_SIMILARITY else None

    def list_others(self, text: str, person: Person, limit: int) -> list[Person]:
        """Return others whom a text may mean that was taken for that person; none where it is their whole name."""
        query = name_key(text)
        if text == person.id or query in ("", name_key(person.name)):
            return []
        return [
            each
            for each in self.search(text, limit + 1)
            if each.id != person.id and compute_similarity(query, name_key(each.name)) >= SURE_SIMILARITY
        ][:limit]

    async def _fetch_candidates(self, query: str) -> list[Person]:
        """Return people not in memory whose name begins like the query or, failing that, like half of it."""
        if len(self._people) < self._in_memory:
            return []
        first, *rest = query.split()
        candidates = await self.repository.list_by_name(query, CANDIDATES_LIMIT)
        if rest:
            candidates += await self.repository.list_by_name(" ".join((*rest, first)), CANDIDATES_LIMIT)
            last_first = " ".join((rest[-1], first, *rest[:-1]))
            candidates += await self.repository.list_by_name(last_first, CANDIDATES_LIMIT)
        if not candidates and len(query) >= 2 * MIN_HALF_LENGTH:
            candidates = await self.repository.list_by_name(query[: len(query) // 2], CANDIDATES_LIMIT)
        return candidates


class _NameIndex:
    """Name keys in the forms in which they are compared, all at once."""

    def __init__(self, keys: list[str]) -> None:
        self._keys = keys
        self._sorted_keys = [_sort_words(key) for key in keys]
        rows_by_part: dict[str, list[int]] = {}
        for row, key in enumerate(keys):
            for part in _list_parts(key):
                rows_by_part.setdefault(part, []).append(row)
        self._parts, self._part_rows = list(rows_by_part), list(rows_by_part.values())
        self._text = "".join(f"\n {key}" for key in keys)
        """All keys, each part behind a space, so that one search finds all parts that begin alike."""
        self._starts = list(accumulate((len(key) + 2 for key in keys), initial=0))

    def compute_similarity(self, query: str) -> npt.NDArray[np.float32]:
        """Return for each key what `compute_similarity` does, or less than MIN_SIMILARITY where that is less."""
        similarity: npt.NDArray[np.float32] = np.maximum(
            _compute_ratios(query, self._keys),
            np.float32(REORDERED_WEIGHT) * _compute_ratios(_sort_words(query), self._sorted_keys),
        )
        for row in self._find_rows_beginning_with(query):
            similarity[row] = max(similarity[row], _score_beginning(query, self._keys[row]))
        if " " not in query:
            part_similarity = PART_WEIGHT * _compute_ratios(query, self._parts)
            for part in np.flatnonzero(part_similarity >= MIN_SIMILARITY):
                rows = self._part_rows[part]
                similarity[rows] = np.maximum(similarity[rows], part_similarity[part])
        return similarity

    def _find_rows_beginning_with(self, query: str) -> Iterator[int]:
        """Yield the row of every key of which a part begins with the query."""
        at = self._text.find(f" {query}")
        while at >= 0:
            row = bisect_right(self._starts, at) - 1
            yield row
            at = self._text.find(f" {query}", self._starts[row + 1])


def compute_similarity(query: str, key: str) -> float:
    """Return how similar two name keys are, 0 to 100: as a whole, reordered, or as a beginning of a part."""
    reordered = REORDERED_WEIGHT * fuzz.ratio(_sort_words(query), _sort_words(key))
    similarity: float = max(fuzz.ratio(query, key), reordered)
    if f" {query}" in f" {key}":
        similarity = max(similarity, _score_beginning(query, key))
    if " " not in query:
        similarity = max(similarity, *(PART_WEIGHT * fuzz.ratio(query, part) for part in _list_parts(key)))
    return similarity


def _list_parts(key: str) -> list[str]:
    """Return the parts of a name, also with a short one and the next written together: `deniro` for De Niro."""
    parts = key.split()
    joined = [first + second for first, second in pairwise(parts) if len(first) <= LONGEST_PARTICLE]
    return parts + joined


def _sort_words(key: str) -> str:
    return " ".join(sorted(key.split()))


def _compute_ratios(query: str, keys: list[str]) -> npt.NDArray[np.float32]:
    ratios = process.cdist([query], keys, scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY, dtype=np.float32)
    return np.asarray(ratios[0])


def _score_beginning(query: str, key: str) -> float:
    return BEGUN_SIMILARITY + (EXACT_SIMILARITY - BEGUN_SIMILARITY) * len(query) / len(key)
