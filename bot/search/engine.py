"""Title search over millions of titles: an index built once, and the films that changed since, searched as one."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from bot.core.text.folding import transliterate
from bot.search.build import FameScale, build_index
from bot.search.constraints import Constraint, ConstraintKind
from bot.search.features import ROW, Floats
from bot.search.index import (
    TITLE_NUMBER,
    UNMARKED,
    IndexArrays,
    Match,
    MatchKind,
    TitleEntry,
    find_local_title,
    find_title_by_spelling,
    get_title_by_number,
    is_foreign_title,
    list_titles,
    split_items,
)
from bot.search.normalisation import (
    BREAK,
    SHORTEST_ROMANISED,
    create_title_keys,
    fold_title,
    list_numbers,
    remove_spaces,
)
from bot.search.plausibility import KNOWN_RANK, RankedNames, place_by_plausibility
from bot.search.prefix_index import find_names_beginning
from bot.search.query import LAST_YEAR, TitleQuery, parse_query
from bot.search.ranking import is_part_match, rank_names
from bot.search.wordings import loosen_text

MIN_SIMILARITY, MIN_SHORT_SIMILARITY, SHORT_QUERY = 65.0, 75.0, 5
"""A lower similarity is noise: titles that only share letters. Whatever is meant is found with more. In a query of
at most SHORT_QUERY letters one may be wrong."""
MIN_FOREIGN_SIMILARITY, MIN_ROMANISED_SIMILARITY = 80.0, 95.0
"""The same for titles in languages that are not the member's, of which there are many, and in another script."""
GOOD_SIMILARITY, SIMILARITY_GAP = 90.0, 18.0
"""If a title is at least so similar, those less similar by more than the gap are noise, too."""
SAME_TITLE_SIMILARITY = 99.99
"""A similarity from here on is the same title."""
PENDING_LIMIT = 256
"""Changed films that are indexed at each search, in some milliseconds; more become a segment."""
SAME_TITLE_LIMIT = 3
"""Films of one title that may come before other titles, if it is not exactly the title typed."""
POPULAR_CACHE_SIZE = 200
"""Films cached for the empty query."""
RESULT_CACHE_SIZE, TITLE_CACHE_SIZE = 64, 16_384
"""Results cached, and local titles; any film put or discarded clears them."""
NUMBERED_TITLES_CACHED = 4_096
"""Titles of which the numbers are kept."""
YEARS_CACHED = 256
"""Years asked for whose constraint is kept."""
VERY_TITLE_LETTERS = 7
"""Letters from which on a text is surely meant as the title that it is: shorter ones may be initials, too."""
VERY_TITLE_NAMES = 300
"""Names that begin with such a text, or have a word that does: of more none is surely meant."""
OUTSHINING_RANKS = 6 * 12
"""Steps of the stored rank by fame by which a film with a longer title may be meant by the title of another."""
PART_SIMILARITY = 90.0
"""The similarity of a title that has such a text inside."""
CORRECTION_TITLES = 25
CORRECTION_SIMILARITY = 72.0
"""Words at least this similar are one word misspelt."""
CORRECTION_WORD_LENGTH = 4
"""Shorter words are left as they are: too many words are similar to them."""


@dataclass(slots=True, eq=False)
class _Segment:
    """Films indexed together, and which of them were deleted since."""

    arrays: IndexArrays
    deleted: npt.NDArray[np.bool_]
    has_deleted: bool = False

    @classmethod
    def from_arrays(cls, arrays: IndexArrays) -> "_Segment":
        return cls(arrays, np.zeros(arrays.film_count, np.bool_))

    def find_film(self, film_id: str) -> int | None:
        film = self.arrays.find_film(film_id)
        return film if film is not None and not self.deleted[film] else None

    def entries(self) -> Iterator[TitleEntry]:
        return map(self.arrays.get_entry, np.flatnonzero(~self.deleted).tolist())

    def __len__(self) -> int:
        return len(self.deleted) - int(np.count_nonzero(self.deleted))


class TitleIndex:
    """Finds films by what somebody typed. Computes in memory: no network, no database, never raises.

    The films are in a few arrays, possibly in a memory-mapped file. Films put or discarded later are kept in small
    segments beside them, so nothing is rebuilt.
    """

    def __init__(self, films: IndexArrays | Iterable[TitleEntry] = ()) -> None:
        self._popular: list[TitleEntry] | None = None
        self._cached_search = lru_cache(RESULT_CACHE_SIZE)(self._rank_films)
        self._cached_local_title = lru_cache(TITLE_CACHE_SIZE)(self._find_local_title)
        self.replace_films(films if isinstance(films, IndexArrays) else build_index(films))

    def replace_films(self, arrays: IndexArrays) -> None:
        """Search these films instead of all films known so far."""
        self._scale = FameScale(arrays.fame)
        self._segments: tuple[_Segment, ...] = (_Segment.from_arrays(arrays),)
        self._pending: dict[str, TitleEntry] = {}
        self._pending_segment: _Segment | None = None
        self._clear_caches()

    def __len__(self) -> int:
        return sum(map(len, self._segments)) + len(self._pending)

    def get(self, film_id: str) -> TitleEntry | None:
        """Return the entry of the film with that id, or None."""
        if (entry := self._pending.get(film_id)) is not None:
            return entry
        for segment in self._segments:
            if (film := segment.find_film(film_id)) is not None:
                return segment.arrays.get_entry(film)
        return None

    def get_local_title(self, film_id: str, locale_keys: tuple[str, ...]) -> str:
        """Return what the film is called in the first of these languages, "" where it is not known.

        The titles are cached: a list names the same films to many readers.
        """
        return self._cached_local_title(film_id, locale_keys)

    def _find_local_title(self, film_id: str, locale_keys: tuple[str, ...]) -> str:
        for segment in self._get_segments():
            if (film := segment.find_film(film_id)) is not None:
                return find_local_title(segment.arrays.get_record(film), locale_keys)
        return ""

    def find_by_title(self, title: str) -> list[TitleEntry]:
        """Return the films of which a title is this one but for case, marks, spaces and punctuation.

        It takes a fraction of a search's time, for whoever has thousands of titles to look up.
        """
        found: dict[str, TitleEntry] = {}
        keys = dict.fromkeys(remove_spaces(key) for key in create_title_keys(title))
        for segment in self._get_segments():
            arrays = segment.arrays
            for key in keys:
                names = range(arrays.name_count)
                first = bisect_left(names, key, key=arrays.get_compact_key)
                after = bisect_right(names, key, first, key=arrays.get_compact_key)
                for film in set(arrays.name_films[first:after].tolist()):
                    if not segment.deleted[film]:
                        entry = arrays.get_entry(film)
                        found[entry.film_id] = entry
        return list(found.values())

    def put(self, entry: TitleEntry) -> None:
        """Add the film, or replace its entry; the next search finds it."""
        self.discard(entry.film_id)
        self._pending = self._pending | {entry.film_id: entry}
        self._pending_segment = None
        if len(self._pending) >= PENDING_LIMIT:
            # They become a segment together with those of about its size, so that there are few segments.
            merged = list(self._pending.values())
            base, *others = self._segments
            while others and len(others[-1]) <= 2 * len(merged):
                merged += others.pop().entries()
            self._segments = (base, *others, _Segment.from_arrays(build_index(merged, self._scale)))
            self._pending = {}

    def discard(self, film_id: str) -> None:
        """Remove the film, if it is known."""
        self._clear_caches()
        if film_id in self._pending:
            self._pending = {known: entry for known, entry in self._pending.items() if known != film_id}
            self._pending_segment = None
        for segment in self._segments:
            if (film := segment.find_film(film_id)) is not None:
                segment.deleted[film] = segment.has_deleted = True

    def _clear_caches(self) -> None:
        self._popular = None
        self._cached_search.cache_clear()
        self._cached_local_title.cache_clear()

    def _get_segments(self) -> list[_Segment]:
        segments = [segment for segment in self._segments if segment.arrays.name_count]
        if self._pending:
            if self._pending_segment is None:
                arrays = build_index(self._pending.values(), self._scale)
                self._pending_segment = _Segment.from_arrays(arrays)
            segments.append(self._pending_segment)
        return segments

    def list_popular(
        self, limit: int = 25, first: Sequence[str] = (), *, locale_keys: tuple[str, ...] = ()
    ) -> list[Match]:
        """Return the most famous films, for an empty query; the films with the ids `first` come before them.

        `locale_keys` as in `search`.
        """
        if self._popular is None or len(self._popular) < limit:
            self._popular = self._find_most_famous(max(POPULAR_CACHE_SIZE, limit))
        wanted = (self.get(film_id) for film_id in dict.fromkeys(first))
        entries = {entry.film_id: entry for entry in (*filter(None, wanted), *self._popular)}
        return [
            Match(
                entry.film_id,
                entry.title,
                entry.original_title,
                entry.year,
                entry.directors,
                score=0.0,
                matched=entry.title,
                kind=MatchKind.PART,
                local_title=self.get_local_title(entry.film_id, locale_keys) if locale_keys else "",
            )
            for entry in list(entries.values())[:limit]
        ]

    def _find_most_famous(self, limit: int) -> list[TitleEntry]:
        entries = list(self._pending.values())
        for segment in self._segments:
            fame = np.where(segment.deleted, -np.inf, segment.arrays.fame)
            best = np.argpartition(-fame, limit)[:limit] if len(fame) > limit else np.arange(len(fame))
            entries += [segment.arrays.get_entry(int(film)) for film in best if not segment.deleted[film]]
        return sorted(entries, key=lambda entry: (-entry.fame, entry.film_id))[:limit]

    def find_nearest(self, text: str, limit: int = 3) -> list[Match]:
        """Return the films whose titles are most similar to `text`, however little that is."""
        matches = {
            match.film_id: match for match in self._rank_films(text, limit, None, is_everything_similar=True)
        }
        if len(matches) < limit:
            matches = {match.film_id: match for match in self.list_popular(2 * limit)} | matches
            return sorted(matches.values(), key=lambda match: -match.score)[:limit]
        return list(matches.values())

    def search(
        self, text: str, limit: int = 25, year: int | None = None, *, locale_keys: tuple[str, ...] = ()
    ) -> list[Match]:
        """Return at most `limit` films, best first, each once; films of `year` are preferred.

        `locale_keys` are the member's languages, best first: matches have the titles in them, and of films that
        are about as well known, those that the text is the local title of come first. The latest results are
        cached: a command comes with the text that its autocomplete was asked for last.
        """
        return [*self._cached_search(text, limit, year, locale_keys=locale_keys)]

    def find_title(self, text: str, limit: int = 25, *, locale_keys: tuple[str, ...] = ()) -> list[Match]:
        """Return the films whose very title the text is, the most famous first, if nothing else can be meant.

        They are followed by films whose title begins with the text or has it inside, and are at most `limit` with
        these. The result is empty if no film of that title is well known, or one with a longer title is by far
        better known: then only a search tells what is meant. `locale_keys` as in `search`.
        """
        query = parse_query(text)
        compact = query.compact
        if not (text.isascii() and compact.isalpha() and len(compact) >= VERY_TITLE_LETTERS):
            return []
        titles: list[tuple[bool, Match, int]] = []
        others: list[tuple[int, IndexArrays, int]] = []
        highest_rank, title_rank = KNOWN_RANK, 255
        for segment in self._get_segments():
            arrays = segment.arrays
            for letters in dict.fromkeys((compact, query.compact_without_article)):
                names = find_names_beginning(arrays, letters, VERY_TITLE_NAMES)
                if names is None:
                    return []
                for name in names[arrays.name_titles[names] < UNMARKED].tolist():
                    if segment.deleted[arrays.name_films.item(name)]:
                        continue
                    key, rank = arrays.get_key(name), arrays.fame_rank.item(name)
                    is_title = remove_spaces(key) == compact
                    if is_title or remove_spaces(query.remove_article(key)) == compact:
                        match = _create_match(
                            arrays, name, text, 100.0, MatchKind.EXACT, query=query.latin, locale_keys=locale_keys
                        )
                        titles.append((is_title, match, rank))
                        if is_title:
                            title_rank = min(title_rank, rank)
                        else:  # `shining` may mean The Shining
                            highest_rank = min(highest_rank, rank)
                    else:
                        others.append((rank, arrays, name))
                        highest_rank = min(highest_rank, rank + OUTSHINING_RANKS)
        if title_rank > highest_rank:
            return []
        titles.sort(key=lambda title: (not title[0], -title[1].fame))
        ranks = {match.film_id: rank for _, match, rank in titles}
        found = {match.film_id: match for _, match, _ in titles}
        found = {match.film_id: match for match in _put_local_first([*found.values()], ranks, query)}
        for _, arrays, name in sorted(others, key=lambda other: other[0]):
            if len(found) >= limit:
                break
            match = _create_match(
                arrays, name, text, PART_SIMILARITY, MatchKind.PART, query=query.latin, locale_keys=locale_keys
            )
            found.setdefault(match.film_id, match)
        return list(found.values())[:limit]

    def correct_spelling(self, text: str) -> str:
        """Return `text` with longer words replaced by the most similar word of the titles closest to it.

        For a source whose own search forgives less.
        """
        words = fold_title(text).split()
        matches = [*self.search(text, CORRECTION_TITLES), *self.find_nearest(text, CORRECTION_TITLES)]
        for word in words:  # a title of one misspelt word among others is close to that word alone
            matches += self.search(word, CORRECTION_TITLES) if len(word) >= CORRECTION_WORD_LENGTH else []
        known = sorted({part for match in matches for part in transliterate(fold_title(match.matched)).split()})
        corrected = []
        for word in words:
            best = None
            if len(word) >= CORRECTION_WORD_LENGTH and word.isascii() and word not in known:
                best = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=CORRECTION_SIMILARITY)
            corrected.append(best[0] if best else word)
        return " ".join(corrected) if corrected != words else text

    def rank(
        self,
        entries: Iterable[TitleEntry],
        text: str,
        limit: int = 25,
        year: int | None = None,
        *,
        locale_keys: tuple[str, ...] = (),
    ) -> list[Match]:
        """Return these films, which need not be in the index, as a search among them alone would: best first.

        Films that are not at all like the text are left out. `locale_keys` as in `search`.
        """
        segment = _Segment.from_arrays(build_index(entries, self._scale))
        segments = [segment] if segment.arrays.name_count else []
        return self._rank_films(text, limit, year, segments=segments, locale_keys=locale_keys)

    def _rank_films(
        self,
        text: str,
        limit: int,
        year: int | None,
        *,
        is_everything_similar: bool = False,
        segments: list[_Segment] | None = None,
        locale_keys: tuple[str, ...] = (),
    ) -> list[Match]:
        ranked = [
            names
            for segment in (self._get_segments() if segments is None else segments)
            for names in rank_names(segment.arrays, segment.deleted if segment.has_deleted else None, text, year)
        ]
        matches: list[Match] = []
        first_parts: list[int] = []
        postponed: list[Match] = []
        ranks: dict[str, int] = {}
        title_counts: defaultdict[tuple[str, float], int] = defaultdict(int)
        for names, position, name, similarity in _sort_names(
            ranked, locale_keys, is_everything_similar=is_everything_similar
        ):
            kind = names.kinds[position] if names.kinds else None
            unmet = names.unmet[position] if names.unmet else ()
            if kind is not MatchKind.INITIALS:
                unmet += _find_unmet_numbers(names, name, similarity)
            if kind is None:
                is_part = is_part_match(names.candidates.features[:, position])
                kind = MatchKind.PART if is_part else MatchKind.FORGIVEN
            match = _create_match(
                names.arrays,
                name,
                text,
                similarity,
                kind,
                unmet,
                query=names.query.latin,
                typed="" if names.unmet is None else names.query.latin,
                locale_keys=locale_keys,
            )
            fame_rank = ranks[match.film_id] = names.arrays.fame_rank.item(name)
            left_out = names.candidates.features.item(ROW["article left out"], position)
            title = names.candidates.compact_keys[position], left_out
            title_counts[title] += 1
            is_repeated = title_counts[title] > SAME_TITLE_LIMIT and match.kind is not MatchKind.EXACT
            if not is_repeated and _is_first_part(names, position, fame_rank):
                first_parts.append(len(matches))
            (postponed if is_repeated else matches).append(match)
            if len(matches) >= limit:
                break
        if first_parts[:1] == [0]:
            earliest_first = sorted((matches[at] for at in first_parts), key=lambda match: match.year or LAST_YEAR)
            for at, match in zip(first_parts, earliest_first, strict=True):
                matches[at] = match
        matches = (matches + postponed)[:limit]
        return _put_local_first(matches, ranks, ranked[0].query) if locale_keys and ranked else matches


def _put_local_first(matches: list[Match], ranks: Mapping[str, int], query: TitleQuery) -> list[Match]:
    """Return the matches with those first that the query is the title of in the member's language.

    `Es` is Stephen King's It to a German. A film stays behind one that is by far better known; `ranks` are the
    stored ranks by fame of their films.
    """
    local: list[Match] = []
    others: list[Match] = []
    for match in matches:
        title = match.local_title
        is_local = bool(title) and query.compact in map(remove_spaces, create_title_keys(title))
        (local if is_local else others).append(match)
    for match in sorted(local, key=lambda match: ranks[match.film_id], reverse=True):
        limit = ranks[match.film_id] - OUTSHINING_RANKS
        at = next((at for at, other in enumerate(others) if ranks[other.film_id] >= limit), len(others))
        others.insert(min(at, matches.index(match)), match)
    return others


class _SortedName(NamedTuple):
    """A film of a search's result: by which of its reading's names, where that is, and how similar it is."""

    names: RankedNames
    position: int
    name: int
    similarity: float


def _is_first_part(names: RankedNames, position: int, fame_rank: int) -> bool:
    """Return whether the query is the part of a well-known title before a colon: that of a whole series.

    Which of its films is meant nobody can tell, so the series begins with its first.
    """
    key = names.candidates.keys[position]
    if BREAK not in key or fame_rank > KNOWN_RANK or names.query.year is not None or names.unmet is not None:
        return False
    return loosen_text(key.partition(BREAK)[0]) == names.query.loose


def _sort_names(
    ranked: list[RankedNames], locale_keys: Sequence[str], *, is_everything_similar: bool
) -> Iterator[_SortedName]:
    """Yield each film by its best name if that is similar enough, best first.

    With `is_everything_similar` every name is.

    `locale_keys` are the member's languages: titles in others have to be more similar.
    """
    if not ranked:
        return
    similarity = np.concatenate([each.similarity for each in ranked])
    least = _get_least_similarity(ranked[0].query, float(similarity.max(initial=0.0)))
    foreign = [_rate_foreign_titles(each, least, locale_keys) for each in ranked]
    scores = np.concatenate(
        place_by_plausibility(ranked, [each > 0 for each in foreign], len(ranked[0].query.compact))
    )
    fame = np.concatenate([each.fame for each in ranked])
    order = np.lexsort((-fame, -scores))
    if not is_everything_similar:
        is_similar = similarity >= np.maximum(np.concatenate(foreign), least)
        order = order[is_similar[order]]
    starts = [0, *accumulate(len(each.scores) for each in ranked)]
    films = np.concatenate([each.arrays.name_films[each.candidates.names] for each in ranked])[order].tolist()
    seen: set[tuple[int, int]] = set()
    for index, film, score in zip(order.tolist(), films, similarity[order].tolist(), strict=True):
        reading = bisect_right(starts, index) - 1
        names, position = ranked[reading], index - starts[reading]
        key = id(names.arrays), film
        if key not in seen:
            seen.add(key)
            yield _SortedName(names, position, names.candidates.names.item(position), score)


def _rate_foreign_titles(ranked: RankedNames, least: float, locale_keys: Sequence[str]) -> Floats:
    """Return how similar each name must be that is a title in other languages than English and the member's.

    It is 0 for all others. Names that are less similar than `least` are not looked at.
    """
    arrays, names = ranked.arrays, ranked.candidates.names
    titles = arrays.name_titles[names] & TITLE_NUMBER
    rated = np.zeros(len(names), np.float32)
    for position in np.flatnonzero((titles > 1) & (ranked.similarity >= least)).tolist():
        record, title = arrays.get_record(arrays.name_films.item(names.item(position))), titles.item(position)
        if is_foreign_title(record, title, locale_keys):
            folded = fold_title(get_title_by_number(record, title))
            is_read_otherwise = ranked.query.folded.isascii() and transliterate(folded) != folded
            rated[position] = MIN_ROMANISED_SIMILARITY if is_read_otherwise else MIN_FOREIGN_SIMILARITY
    return rated


def _get_least_similarity(query: TitleQuery, best: float) -> float:
    """Return the similarity below which a name only shares letters with the query; `best` is the greatest."""
    is_short = query.folded.isascii() and len(query.compact) <= SHORT_QUERY
    least = MIN_SHORT_SIMILARITY if is_short else MIN_SIMILARITY
    return max(least, best - SIMILARITY_GAP) if best >= GOOD_SIMILARITY else least


def _create_match(
    arrays: IndexArrays,
    name: int,
    text: str,
    similarity: float,
    otherwise: MatchKind,
    unmet: tuple[Constraint, ...] = (),
    *,
    query: str,
    typed: str = "",
    locale_keys: Sequence[str] = (),
) -> Match:
    """Return the match of a film by one of its names; `otherwise` is its kind unless it is the same title."""
    film = arrays.name_films.item(name)
    record = arrays.get_record(film)
    film_id, title, original_title, directors, *_ = record
    name_title = arrays.name_titles.item(name)
    if similarity < SAME_TITLE_SIMILARITY or text.isascii():
        matched = get_title_by_number(record, name_title)
    else:
        matched = find_title_by_spelling(record, name_title, fold_title(text))
    kind = otherwise
    if similarity >= SAME_TITLE_SIMILARITY:
        is_same = _is_written_so(text, matched)
        kind = MatchKind.EXACT if is_same and not unmet else MatchKind.FORGIVEN
    return Match(
        film_id,
        title,
        original_title or title,
        arrays.years.item(film) or None,
        split_items(directors),
        min(100.0, similarity),
        matched,
        kind,
        unmet,
        arrays.fame.item(film),
        typed,
        find_local_title(record, locale_keys) if locale_keys else "",
        query,
    )


def _is_written_so(text: str, title: str) -> bool:
    """Return whether a text that has the title's letters, possibly transliterated, is that title.

    A few Latin letters that a title in another script is read as are more often a title of their own.
    """
    folded, folded_title = fold_title(text), fold_title(title)
    if text.isascii():
        return transliterate(folded_title) == folded_title or len(text) >= SHORTEST_ROMANISED
    return title.isascii() or folded.startswith(folded_title)


@lru_cache(YEARS_CACHED)
def _create_year_constraint(year: int) -> Constraint:
    return Constraint(ConstraintKind.YEAR, str(year), years=(year, year))


@lru_cache(NUMBERED_TITLES_CACHED)
def _list_numbers_of_title(title: str) -> tuple[str, ...]:
    return tuple(list_numbers(transliterate(fold_title(title))))


def _find_unmet_numbers(names: RankedNames, name: int, similarity: float) -> tuple[Constraint, ...]:
    """Return the query's year, and a number in it that no title of the film has, as far as they don't fit."""
    query = names.query
    numbers = [] if similarity >= SAME_TITLE_SIMILARITY else query.numbers
    if query.year is None and not numbers:
        return ()
    unmet: tuple[Constraint, ...] = ()
    film = names.arrays.name_films.item(name)
    year = names.arrays.years.item(film)
    if query.year is not None and year and query.year != year:
        unmet += (_create_year_constraint(query.year),)
    if numbers and not set(numbers).issubset(list_numbers(names.arrays.get_key(name))):
        titles = set(list_titles(names.arrays.get_record(film)))
        known = {number for title in titles for number in _list_numbers_of_title(title)}
        number = next((number for number in numbers if number not in known), None)
        if number is not None:
            unmet += (Constraint(ConstraintKind.NUMBER, number, number=int(number)),)
    return unmet
