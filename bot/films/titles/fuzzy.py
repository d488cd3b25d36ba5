"""Title look-up by RapidFuzz over normalised titles, for catalogues of some thousand films."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process, utils

from bot.films.titles.index import Match, MatchKind, TitleEntry
from bot.films.titles.normalise import bare, fold, transliterate
from bot.films.titles.query import TitleQuery, parse, split_year

Scores = npt.NDArray[np.float32]
CUTOFF = 58.0
"""Scores below it are noise: two random titles of ten letters seldom share more."""
SURE = 99.5
"""From here on the query and the title are the same."""
FAME_WEIGHT = 0.04
"""Points of score that one point of fame is worth: enough to break ties, too little to beat a letter."""
YEAR_BONUS, NEAR_YEAR_BONUS, OTHER_YEAR_PENALTY = 12.0, 6.0, 12.0
"""Points for a film of the year asked for, of one beside it, and against any other."""


class FuzzyTitleIndex:
    """A TitleIndex that compares the query with every title.

    Cost grows with the number of titles: about 1 ms per thousand on one core.
    """

    def __init__(self, entries: Iterable[TitleEntry] = ()) -> None:
        self._films: dict[str, TitleEntry] = {entry.film_id: entry for entry in entries}
        self._arrange()

    def _arrange(self) -> None:
        """Lay the keys of all titles out side by side, as RapidFuzz takes them."""
        rows = [row for entry in self._films.values() for row in _rows(entry)]
        self._ids = [film_id for film_id, _, _ in rows]
        self._spelled = [spelled for _, spelled, _ in rows]
        self._keys = [key for _, _, key in rows]
        self._joined = [key.replace(" ", "") for key in self._keys]
        self._popular = sorted(self._films.values(), key=lambda entry: (-entry.fame, entry.film_id))

    def __len__(self) -> int:
        return len(self._films)

    def get(self, film_id: str) -> TitleEntry | None:
        """Give what is known of the film of that id."""
        return self._films.get(film_id)

    def put(self, entry: TitleEntry) -> None:
        """Add the film, or replace what was known of it."""
        self._films[entry.film_id] = entry
        self._arrange()

    def discard(self, film_id: str) -> None:
        """Forget the film, if it is known."""
        if self._films.pop(film_id, None) is not None:
            self._arrange()

    def popular(self, limit: int = 25) -> list[Match]:
        """Give the films most asked for."""
        return [_match(entry, entry.title, 0.0, MatchKind.PART) for entry in self._popular[:limit]]

    def nearest(self, text: str, limit: int = 3) -> list[Match]:
        """Give the films whose titles are least unlike `text`, however unlike that is."""
        query = parse(text)
        if query.empty or not self._keys:
            return self.popular(limit)
        scores = self._similarities(query)
        best: dict[str, Match] = {}
        for row in np.argsort(-scores, kind="stable"):
            entry = self._films[self._ids[row]]
            found = _match(entry, self._spelled[row], float(scores[row]), MatchKind.FORGIVEN)
            best.setdefault(entry.film_id, found)
            if len(best) == limit:
                break
        return list(best.values())

    def search(self, text: str, limit: int = 25, year: int | None = None) -> list[Match]:
        """Give at most `limit` films, best first."""
        queries = [parse(text, year)]
        if year is None:
            title, found = split_year(text)
            if found is not None:  # `2012` may be a title and `blade runner 2049` too: try both readings
                queries.append(parse(title, found))
        best: dict[str, tuple[float, float, str]] = {}
        for query in queries:
            if query.empty:
                continue
            for film_id, rank, score, spelled in self._scored(query):
                if film_id not in best or best[film_id][0] < rank:
                    best[film_id] = (rank, score, spelled)
        ranked = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))[:limit]
        return [
            _match(self._films[film_id], spelled, min(score, 100.0), _kind(text, spelled, score))
            for film_id, (_, score, spelled) in ranked
        ]

    def _scored(self, query: TitleQuery) -> Iterator[tuple[str, float, float, str]]:
        """Give film id, rank (score with fame and year), score and title of each title near the query."""
        if not self._keys:
            return
        scores = self._similarities(query)
        for row in np.flatnonzero(scores >= CUTOFF):
            entry = self._films[self._ids[row]]
            score = float(scores[row])
            rank = score + FAME_WEIGHT * entry.fame + _year_points(query.year, entry.year)
            yield entry.film_id, rank, score, self._spelled[row]

    def _similarities(self, query: TitleQuery) -> Scores:
        """Give each title's likeness to the query, 0 to 100: as a whole, joined, shuffled and as a beginning."""
        joined = query.latin.replace(" ", "")

        def compare(asked: str, scorer: Any, keys: list[str]) -> Scores:
            return np.asarray(process.cdist([asked], keys, scorer=scorer, dtype=np.float32)[0])

        scores: Scores = compare(query.latin, fuzz.ratio, self._keys)
        scores = np.maximum(scores, compare(query.bare, fuzz.ratio, self._keys))
        scores = np.maximum(scores, 0.98 * compare(joined, fuzz.ratio, self._joined))
        if " " in query.latin:
            scores = np.maximum(scores, 0.95 * compare(query.latin, fuzz.token_sort_ratio, self._keys))
            scores = np.maximum(scores, 0.90 * compare(query.latin, fuzz.token_set_ratio, self._keys))
        if joined:
            begins = np.fromiter((key.startswith(joined) for key in self._joined), bool, len(self._joined))
            scores = np.maximum(scores, np.where(begins, 90.0, 0.0).astype(np.float32))
        if len(joined) >= 5:
            scores = np.maximum(scores, 0.88 * compare(query.latin, fuzz.partial_ratio, self._keys))
        return scores


def _rows(entry: TitleEntry) -> Iterator[tuple[str, str, str]]:
    """Give film id, title as spelled and key, for each form of each title that is compared."""
    seen = set()
    for spelled in dict.fromkeys((entry.title, entry.original_title, *entry.also)):
        latin = transliterate(fold(spelled))
        for key in (latin, bare(latin)):
            if key and key not in seen:
                seen.add(key)
                yield entry.film_id, spelled, key


def _year_points(asked: int | None, year: int | None) -> float:
    if asked is None or year is None:
        return 0.0
    if asked == year:
        return YEAR_BONUS
    return NEAR_YEAR_BONUS if abs(asked - year) == 1 else -OTHER_YEAR_PENALTY


def _kind(text: str, spelled: str, score: float) -> MatchKind:
    if score >= SURE:
        return MatchKind.EXACT
    asked = utils.default_process(text)
    whole = utils.default_process(spelled)
    return MatchKind.PART if asked and asked in whole else MatchKind.FORGIVEN


def _match(entry: TitleEntry, spelled: str, score: float, kind: MatchKind) -> Match:
    return Match(
        film_id=entry.film_id,
        title=entry.title,
        original_title=entry.original_title,
        year=entry.year,
        directors=entry.directors,
        score=score,
        matched=spelled,
        kind=kind,
    )
