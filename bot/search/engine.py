"""Title look-up for millions of titles: an index built once and films that changed since, searched as one."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.core.text.folding import fold
from bot.search.arrays import ITEM, Arrays, spelled_as, spelled_in
from bot.search.build import FameScale, build
from bot.search.features import AT
from bot.search.index import Match, MatchKind, TitleEntry
from bot.search.ranking import in_part
from bot.search.weighing import Weighed, weighed

CUTOFF = 50.0
"""Likeness below it is noise: two random titles of ten letters seldom share more."""
SAME = 99.99
"""Likeness from here on is the same title."""
TAIL = 256
"""Changed films that are indexed anew at the next search, in some milliseconds; more are put aside."""
SAME_NAMED = 3
"""Films of one title that may stand before other titles, where it is not the title typed."""
POPULAR = 200
"""Films kept ready for the empty query."""
ANSWERS = 64
"""Answers kept; a film that comes or goes clears them all."""


@dataclass(slots=True, eq=False)
class _Segment:
    """Films indexed together, and which of them are no longer there."""

    arrays: Arrays
    gone: npt.NDArray[np.bool_]
    any_gone: bool = False

    def film(self, film_id: str) -> int | None:
        film = self.arrays.find_film(film_id)
        return film if film is not None and not self.gone[film] else None

    def entries(self) -> Iterator[TitleEntry]:
        return map(self.arrays.entry, np.flatnonzero(~self.gone).tolist())

    def __len__(self) -> int:
        return len(self.gone) - int(np.count_nonzero(self.gone))


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
        self._answers: dict[tuple[str, int, int | None], list[Match]] = {}

    def replace_base(self, arrays: Arrays) -> None:
        """Search these films instead of all that were known."""
        other = FastTitleIndex(arrays)
        self._scale, self._segments, self._tail = other._scale, other._segments, {}
        self._tail_segment = None
        self._forget_answers()

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
        self._forget_answers()
        if film_id in self._tail:
            self._tail = {known: entry for known, entry in self._tail.items() if known != film_id}
            self._tail_segment = None
        for segment in self._segments:
            if (film := segment.film(film_id)) is not None:
                segment.gone[film] = segment.any_gone = True

    def _forget_answers(self) -> None:
        """Work everything out anew from now on: a film has come or gone."""
        self._popular = None
        self._answers.clear()

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
        return [_popular_match(entry) for entry in list(entries.values())[:limit]]

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
        """Give at most `limit` films, best first, none twice; `year` prefers films of that year.

        The latest answers are kept: a command comes with the text that its autocomplete was asked with last.
        """
        asked = (text, limit, year)
        if (answer := self._answers.get(asked)) is None:
            answer = self._ranked(text, limit, year, CUTOFF)
            if len(self._answers) >= ANSWERS:
                del self._answers[next(iter(self._answers))]
            self._answers[asked] = answer
        return [*answer]

    def _ranked(self, text: str, limit: int, year: int | None, cutoff: float) -> list[Match]:
        found = [
            names
            for segment in self._all_segments()
            for names in weighed(segment.arrays, segment.gone if segment.any_gone else None, text, year)
        ]
        matches: list[Match] = []
        later: list[Match] = []
        seen: set[str] = set()
        named: Counter[tuple[str, bool]] = Counter()
        for names, at, likeness, held in _in_order(found, cutoff):
            otherwise = MatchKind.INITIALS if names.called else MatchKind.PART if held else MatchKind.FORGIVEN
            match = _match(names.arrays, names.near.names.item(at), text, likeness, otherwise)
            if match.film_id in seen:
                continue
            seen.add(match.film_id)
            key = names.near.joined[at], bool(names.near.table[AT["article"], at])
            named[key] += 1
            (later if named[key] > SAME_NAMED and match.kind is not MatchKind.EXACT else matches).append(match)
            if len(matches) >= limit:
                break
        return (matches + later)[:limit]


def _in_order(found: list[Weighed], cutoff: float) -> Iterator[tuple[Weighed, int, float, float]]:
    """Give each name not below the cutoff, best first: where it is, how alike it is, and whether as a part."""
    if not found:
        return
    logits = np.concatenate([names.logits for names in found])
    alike = np.concatenate([names.likeness for names in found])
    fame = np.concatenate([names.fame for names in found])
    held = np.concatenate([in_part(names.near.table) for names in found])
    places = [(names, at) for names in found for at in range(len(names.near.joined))]
    order = np.lexsort((-fame, -logits))
    order = order[alike[order] >= cutoff]
    for which, likeness, part in zip(order.tolist(), alike[order].tolist(), held[order].tolist(), strict=True):
        yield *places[which], likeness, part


def _segment(arrays: Arrays) -> _Segment:
    return _Segment(arrays, np.zeros(arrays.films, np.bool_))


def _kind(text: str, spelled: str, alike: float, otherwise: MatchKind) -> MatchKind:
    if alike < SAME:
        return otherwise
    same = text.isascii() or spelled.isascii() or fold(text).startswith(fold(spelled))
    return MatchKind.EXACT if same else MatchKind.FORGIVEN


def _match(arrays: Arrays, name: int, text: str, alike: float, otherwise: MatchKind) -> Match:
    """Give the film as one found by this name."""
    film = arrays.require_film.item(name)
    record = arrays.record(film)
    film_id, shown, original, directors, _ = record
    at = arrays.title_of.item(name)
    spelled = spelled_in(record, at) if alike < SAME or text.isascii() else spelled_as(record, at, fold(text))
    return Match(
        film_id,
        shown,
        original or shown,
        arrays.year.item(film) or None,
        tuple(directors.split(ITEM)) if directors else (),
        min(100.0, alike),
        spelled,
        _kind(text, spelled, alike, otherwise),
    )


def _popular_match(entry: TitleEntry) -> Match:
    return Match(
        entry.film_id,
        entry.title,
        entry.original_title,
        entry.year,
        entry.directors,
        0.0,
        entry.title,
        MatchKind.PART,
    )
