"""Title look-up for millions of titles: an index built once and films that changed since, searched as one."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

from bot.films.titles.arrays import Arrays
from bot.films.titles.build import FameScale, build
from bot.films.titles.candidates import candidates, scattered
from bot.films.titles.features import NAMES, Floats, features
from bot.films.titles.index import Match, MatchKind, TitleEntry
from bot.films.titles.normalise import fold
from bot.films.titles.query import TitleQuery, parse, split_year, without_marks
from bot.films.titles.ranking import in_part, likeness, rank

CUTOFF = 50.0
"""Likeness below it is noise: two random titles of ten letters seldom share more."""
SAME = 99.99
"""Likeness from here on is the same title."""
TAIL = 256
"""Changed films that are indexed anew at the next search, in some milliseconds; more are put aside."""
SAME_NAMED = 3
"""Films of one title that may stand before other titles, where it is not the title typed."""
SCRIPT_WEIGHT, SCRIPT_NAMES = 6.0, 40
"""What letters of the title's own script count, and for how many of the best."""
YEAR_WEIGHT = 4.0
"""What the very year asked for counts beside what was learned: more than any fame."""
POPULAR = 200
"""Films kept ready for the empty query."""
SHORT_QUERY, POOR = 16, 84.0
"""Short queries that find nothing more alike than this are looked up by their letters in any order, too."""


@dataclass(frozen=True, slots=True, eq=False)
class _Segment:
    """Films indexed together, and which of them are no longer there."""

    arrays: Arrays
    gone: npt.NDArray[np.bool_]

    def film(self, film_id: str) -> int | None:
        film = self.arrays.find_film(film_id)
        return film if film is not None and not self.gone[film] else None

    def entries(self) -> Iterator[TitleEntry]:
        return map(self.arrays.entry, np.flatnonzero(~self.gone).tolist())

    def __len__(self) -> int:
        return len(self.gone) - int(np.count_nonzero(self.gone))


@dataclass(frozen=True, slots=True)
class _Found:
    """Names of one segment, with all that the order depends on."""

    segment: _Segment
    names: npt.NDArray[np.int64]
    logits: Floats
    likeness: Floats
    part: Floats
    fame: Floats


class FastTitleIndex:
    """A TitleIndex whose films lie in a few arrays, possibly in a memory-mapped file.

    Films put or discarded later lie beside it in segments of their own, so that nothing is built anew.
    """

    def __init__(self, base: Arrays | Iterable[TitleEntry] = ()) -> None:
        arrays = base if isinstance(base, Arrays) else build(base)
        self._scale = FameScale(arrays.fame)
        self._segments: tuple[_Segment, ...] = (_segment(arrays),)
        self._tail: dict[str, TitleEntry] = {}
        self._tail_segment: _Segment | None = None
        self._popular: list[TitleEntry] | None = None

    def replace_base(self, arrays: Arrays) -> None:
        """Search these films instead of all that were known."""
        other = FastTitleIndex(arrays)
        self._scale, self._segments, self._tail = other._scale, other._segments, {}
        self._tail_segment = self._popular = None

    def __len__(self) -> int:
        return sum(map(len, self._segments)) + len(self._tail)

    def get(self, film_id: str) -> TitleEntry | None:
        """Give what is known of the film of that id."""
        if (entry := self._tail.get(film_id)) is not None:
            return entry
        for segment in self._segments:
            if (film := segment.film(film_id)) is not None:
                return segment.arrays.entry(film)
        return None

    def put(self, entry: TitleEntry) -> None:
        """Add the film, or replace what was known of it; found by the next search."""
        self.discard(entry.film_id)
        self._tail = self._tail | {entry.film_id: entry}
        self._tail_segment = None
        if len(self._tail) >= TAIL:
            self._put_aside()

    def discard(self, film_id: str) -> None:
        """Forget the film, if it is known."""
        self._popular = None
        if film_id in self._tail:
            self._tail = {known: entry for known, entry in self._tail.items() if known != film_id}
            self._tail_segment = None
        for segment in self._segments:
            if (film := segment.film(film_id)) is not None:
                segment.gone[film] = True

    def _put_aside(self) -> None:
        """Make a segment of the tail, together with those of about its size: their number stays small."""
        merged = list(self._tail.values())
        base, *others = self._segments
        while others and len(others[-1]) <= 2 * len(merged):
            merged += others.pop().entries()
        self._segments = (base, *others, _segment(build(merged, self._scale)))
        self._tail = {}

    def _all_segments(self) -> list[_Segment]:
        segments = [segment for segment in self._segments if segment.arrays.names]
        if self._tail:
            tail = self._tail_segment or _segment(build(self._tail.values(), self._scale))
            self._tail_segment = tail
            segments.append(tail)
        return segments

    def popular(self, limit: int = 25, first: Sequence[str] = ()) -> list[Match]:
        """Give the films most asked for, those with the ids `first` before them."""
        if self._popular is None or len(self._popular) < limit:
            self._popular = self._most_famous(max(POPULAR, limit))
        wanted = (self.get(film_id) for film_id in dict.fromkeys(first))
        entries = {entry.film_id: entry for entry in (*filter(None, wanted), *self._popular)}
        return [_match(entry, entry.title, 0.0, MatchKind.PART) for entry in list(entries.values())[:limit]]

    def _most_famous(self, limit: int) -> list[TitleEntry]:
        entries = list(self._tail.values())
        for segment in self._segments:
            fame = np.where(segment.gone, -np.inf, segment.arrays.fame)
            best = np.argpartition(-fame, limit)[:limit] if len(fame) > limit else np.arange(len(fame))
            entries += [segment.arrays.entry(int(film)) for film in best if not segment.gone[film]]
        return sorted(entries, key=lambda entry: (-entry.fame, entry.film_id))[:limit]

    def nearest(self, text: str, limit: int = 3) -> list[Match]:
        """Give the films whose titles are least unlike `text`, however unlike that is."""
        found = {match.film_id: match for match in self._ranked(text, limit, None, 0.0)}
        if len(found) < limit:
            found = {match.film_id: match for match in self.popular(2 * limit)} | found
            return sorted(found.values(), key=lambda match: -match.score)[:limit]
        return list(found.values())

    def search(self, text: str, limit: int = 25, year: int | None = None) -> list[Match]:
        """Give at most `limit` films, best first, none twice; `year` prefers films of that year."""
        return self._ranked(text, limit, year, CUTOFF)

    def _ranked(self, text: str, limit: int, year: int | None, cutoff: float) -> list[Match]:
        segments = self._all_segments()
        found = [part for query in _readings(text, year) for part in _look(segments, query)]
        if not found:
            return []
        logits = np.concatenate([part.logits for part in found])
        alike = np.concatenate([part.likeness for part in found])
        held = np.concatenate([part.part for part in found])
        owner = np.repeat(np.arange(len(found)), [len(part.names) for part in found]).tolist()
        names = np.concatenate([part.names for part in found]).tolist()
        matches: list[Match] = []
        later: list[Match] = []
        seen: set[str] = set()
        named: Counter[str] = Counter()
        fame = np.concatenate([part.fame for part in found])
        for at in np.lexsort((-fame, -logits)).tolist():
            if alike[at] < cutoff:
                continue
            arrays = found[owner[at]].segment.arrays
            entry = arrays.entry(int(arrays.film_of[names[at]]))
            if entry.film_id in seen:
                continue
            seen.add(entry.film_id)
            spelled = _spelled(entry, int(arrays.title_of[names[at]]))
            match = _match(entry, spelled, float(alike[at]), _kind(text, spelled, alike[at], held[at]))
            key = arrays.joined(names[at])
            named[key] += 1
            (later if named[key] > SAME_NAMED and match.kind is not MatchKind.EXACT else matches).append(match)
            if len(matches) >= limit:
                break
        return (matches + later)[:limit]


def _segment(arrays: Arrays) -> _Segment:
    return _Segment(arrays, np.zeros(arrays.films, np.bool_))


def _readings(text: str, year: int | None) -> Iterator[TitleQuery]:
    """Give each way to read the text: with and without a year at its end, with and without its script's marks."""
    asked = [parse(text, year)]
    if year is None:
        title, found = split_year(text)
        if found is not None:  # `2012` may be a title and `blade runner 2049` too: try both readings
            asked.append(parse(title, found))
    for query in asked:
        yield query
        if (bare := without_marks(query)) is not None:
            yield bare


def _look(segments: list[_Segment], query: TitleQuery) -> Iterator[_Found]:
    if query.empty:
        return
    for segment in segments:
        names, table = look(segment.arrays, query)
        if len(names):
            kept = ~segment.gone[segment.arrays.film_of[names]]
            if not kept.all():
                names, table = names[kept], table[kept]
        if len(names):
            same_year = table[:, NAMES.index("year same")]
            logits = rank(table) + YEAR_WEIGHT * same_year
            if query.folded.isascii():
                _level(segment.arrays, names, logits, same_year)
            else:
                _weigh_script(segment.arrays, query, names, logits)
            fame = segment.arrays.fame[segment.arrays.film_of[names]]
            yield _Found(segment, names, logits, likeness(table), in_part(table), fame)


def look(arrays: Arrays, query: TitleQuery) -> tuple[npt.NDArray[np.int64], Floats]:
    """Give the names near the query and their features."""
    names = candidates(arrays, query)
    table = features(arrays, query, names) if len(names) else np.zeros((0, len(NAMES)), np.float32)
    if len(query.joined) <= SHORT_QUERY and (not len(names) or likeness(table).max() < POOR):
        more = np.setdiff1d(scattered(arrays, query), names, assume_unique=True)
        if len(more):
            return np.concatenate((names, more)), np.concatenate((table, features(arrays, query, more)))
    return names, table


def readings(
    arrays: Arrays, text: str, year: int | None
) -> Iterator[tuple[TitleQuery, npt.NDArray[np.int64], Floats]]:
    """Give each way to read the text, with the names near it and their features: what the ranking learns from."""
    for query in _readings(text, year):
        if not query.empty:
            names, table = look(arrays, query)
            if len(names):
                yield query, names, table


def _level(arrays: Arrays, names: npt.NDArray[np.int64], logits: Floats, same_year: Floats) -> None:
    """Give names of the same letters the same logit, so that fame alone decides between them, after the year."""
    groups: dict[tuple[str, float], list[int]] = {}
    for at, (name, asked_for) in enumerate(zip(names.tolist(), same_year.tolist(), strict=True)):
        groups.setdefault((arrays.joined(name), asked_for), []).append(at)
    for group in groups.values():
        if len(group) > 1:
            logits[group] = logits[group].max()


def _weigh_script(arrays: Arrays, query: TitleQuery, names: npt.NDArray[np.int64], logits: Floats) -> None:
    """Let letters of the title's own script decide between titles that read alike in Latin letters."""
    for at in np.argsort(-logits)[:SCRIPT_NAMES].tolist():
        name = names[at]
        spelled = _spelled(arrays.entry(int(arrays.film_of[name])), int(arrays.title_of[name]))
        logits[at] += SCRIPT_WEIGHT * (fuzz.ratio(query.folded, fold(spelled)) / 100 - 1)
    logits[np.argsort(-logits)[SCRIPT_NAMES:]] -= SCRIPT_WEIGHT


def _spelled(entry: TitleEntry, at: int) -> str:
    titles = (entry.title, entry.original_title, *entry.also)
    return titles[at] if at < len(titles) else entry.title


def _kind(text: str, spelled: str, alike: float, held: float) -> MatchKind:
    if alike >= SAME and (text.isascii() or spelled.isascii() or fold(text).startswith(fold(spelled))):
        return MatchKind.EXACT
    return MatchKind.PART if held and alike < SAME else MatchKind.FORGIVEN


def _match(entry: TitleEntry, spelled: str, score: float, kind: MatchKind) -> Match:
    return Match(
        film_id=entry.film_id,
        title=entry.title,
        original_title=entry.original_title,
        year=entry.year,
        directors=entry.directors,
        score=min(100.0, score),
        matched=spelled,
        kind=kind,
    )
