"""Which names are worth a close look for a query: found by their letters, some dozens of all."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.search.arrays import BLOCK, Arrays, best_of, query_grams
from bot.search.asked import FAME_WEIGHT, Asked, Names
from bot.search.heads import SORTED, span
from bot.search.initials import FEWEST, MOST, initials, initials_hash
from bot.search.normalisation import BREAK
from bot.search.query import TitleQuery
from bot.search.slips import begun_alike, worded_alike
from bot.search.sounds import filed_under

BUDGET, BUDGET_SHARE = 16_000, 0.01
"""Postings read for one query at most, rare ones first, and more of them for each name there is: bounds the
time, and common trigrams tell little."""
DECIDED = 4_000
"""Postings read where what is meant is found otherwise: what else is shown matters little."""
HOLDING, HOLDING_UNLIKE = 24, 6
"""Names taken that hold a number, and in how many letters they may differ from the query."""
BEGINNINGS = 40
"""Names taken that begin with the query, and names in which a word does."""
ENDINGS = 25
"""Names taken that end with the query from a word on, the most asked for first: all that autocomplete shows."""
ENDED, WORD_ENDS, WITHIN_WORD = 500, " " + BREAK, 4.0
"""Names looked at for what follows the query where a space was typed, what follows a word, and what it counts if a
name goes on without it: as if a 16th as many asked for the film."""
MANY = 2_000
"""Names whose length is looked at, where more begin alike: those most asked for."""
SIMILAR = 20
"""Names taken for the share of the query's trigrams in them, and for the share of theirs in the query."""
KEPT = 250
"""Names looked at whose share of the query's trigrams is greatest."""
SOUNDING, SOUNDING_UNLIKE = 150, 9
"""Names taken for their sound, and in how many letters they may differ: others only fell into the same bucket."""
WEIGHT_BITS, STEPS = 10, 40
"""Bits that a trigram's weight takes, and steps of one bit of information."""
TELLING = 4
"""Trigrams of which a name must share two."""
_TRUE, _FALSE, _ZERO = np.ones(1, np.bool_), np.zeros(1, np.bool_), np.zeros(1, np.uint32)


def candidates(asked: Asked) -> Names:
    """Give the names to look at, ascending, none twice.

    Fewer trigrams are read where a name of the very letters, in whatever order, tells what is meant.
    """
    arrays, query = asked.arrays, asked.query
    if not arrays.names or query.empty:
        return np.zeros(0, np.int64)
    found, decided = _beginning(asked)
    if not decided:
        found += [begun_alike(asked), worded_alike(asked)]
    sounding = _sounding(asked)
    decided = decided or bool((asked.unlike(sounding) == 0).any())
    found += [sounding, *_similar(arrays, query, DECIDED if decided else _budget(arrays))]
    names = asked.meant(np.concatenate(found))
    names.sort()
    return names[np.concatenate((_TRUE, names[1:] != names[:-1]))] if len(names) else names


def _beginning(asked: Asked) -> tuple[list[Names], bool]:
    """Give names that begin with the query or a word of which does, and whether it is all there is of one."""
    arrays, joined = asked.arrays, asked.query.joined
    low, high = span(joined, arrays.name_heads, arrays.names, arrays.joined)
    whole = low < high and arrays.joined(low) == joined
    end = bisect_right(range(high), joined, low, key=arrays.joined) if whole else low
    if high - low <= MANY:
        found = _begun(asked, np.arange(low, high), None, end - low)
    else:
        often = _most_asked_for(arrays.rank[low:high], MANY) + low
        found = [_most_famous(arrays, np.arange(low, end)), _best_beginnings(asked, often, None)]
    return found + _word_beginning(asked), whole


def _word_beginning(asked: Asked) -> list[Names]:
    """Give names a word of which begins with the query, other than the first."""
    arrays, joined = asked.arrays, asked.query.joined
    letters = joined[:SORTED]
    low, high = span(letters, arrays.word_heads, len(arrays.word_names), arrays.from_word)
    if low == high or high - low > _budget(arrays):
        return []
    end = bisect_right(range(high), letters, low, key=arrays.from_word) if letters == joined else low
    return _begun(asked, arrays.word_names[low:high].astype(np.int64), arrays.word_places[low:high], end - low)


def _begun(asked: Asked, names: Names, places: npt.NDArray[np.uint8] | None, ended: int) -> list[Names]:
    """Give the best of the names that begin with the query from a word on, which is at these places in their keys.

    None: it is the first word. The first `ended` end with the query, too.
    """
    if len(names) <= BEGINNINGS:
        return [names]
    return [_most_famous(asked.arrays, names[:ended]), _best_beginnings(asked, names, places)]


def _most_famous(arrays: Arrays, names: Names) -> Names:
    """Give the ENDINGS names that are most asked for."""
    return names if len(names) <= ENDINGS else names[np.argpartition(arrays.rank[names], ENDINGS)[:ENDINGS]]


def _best_beginnings(asked: Asked, names: Names, places: npt.NDArray[np.uint8] | None) -> Names:
    """Give the BEGINNINGS names that are most asked for and whose length is likeliest, of those that begin so."""
    if len(names) <= BEGINNINGS:
        return names
    arrays, latin = asked.arrays, asked.query.latin
    starts = arrays.starts[names]
    lengths = (arrays.starts[names + 1] - starts).astype(np.float32)
    share = lengths * np.float32(0.62 / len(asked.query.joined))
    cost = arrays.rank[names] / np.float32(12) + np.float32(1.5) * np.abs(np.log2(share))
    if asked.query.ended:
        best = best_of(-cost, ENDED)
        ends = starts[best] + np.uint32(len(latin)) + (0 if places is None else places[best])
        after = [arrays.text[at : at + 1] for at in ends.tolist()]
        cost[best] -= [WITHIN_WORD if letter in WORD_ENDS else 0.0 for letter in after]
    return names[best_of(-cost, BEGINNINGS)]


def _most_asked_for(rank: npt.NDArray[np.uint8], wanted: int) -> Names:
    """Give where about so many of the least ranks are."""
    sample = np.sort(rank[:: max(1, len(rank) // 4096)])
    return np.flatnonzero(rank <= sample[len(sample) * wanted // len(rank)])


def _sounding(asked: Asked) -> Names:
    """Give the names that sound like the query or, where it is short, differ in one letter."""
    arrays = asked.arrays
    names = _filed(arrays, filed_under(asked.query.latin, asked.query.joined))
    unlike = asked.unlike(names)
    near = np.flatnonzero(unlike <= SOUNDING_UNLIKE)
    if len(near) > SOUNDING:
        cost = unlike[near] * 24.0 + arrays.rank[names[near]]
        if asked.query.year is not None:
            cost -= 500 * (arrays.year[arrays.require_film[names[near]]] == asked.query.year)
        near = near[np.argpartition(cost, SOUNDING)[:SOUNDING]]
    return names[near].astype(np.int64)


def _filed(arrays: Arrays, hashes: Iterable[int]) -> npt.NDArray[Any]:
    """Give the names that are in the buckets of these hashes."""
    starts = arrays.sound_starts
    buckets = {each & len(starts) - 2 for each in hashes}
    return np.concatenate([arrays.sound_names[starts.item(at) : starts.item(at + 1)] for at in buckets])


def called(asked: Asked) -> Names:
    """Give the well-known names whose initials are the query."""
    arrays, query = asked.arrays, asked.query
    if not FEWEST <= len(query.latin) <= MOST or query.joined != query.latin:
        return np.zeros(0, np.int64)
    names = _filed(arrays, (initials_hash(query.latin),)).tolist()
    return asked.meant(np.array([name for name in names if query.latin in initials(arrays.key(name))], np.int64))


def _similar(arrays: Arrays, query: TitleQuery, budget: float) -> list[Names]:
    grams = query_grams(query.joined)
    blocks = arrays.blocks
    bounds = arrays.gram_starts[(grams * blocks)[:, None] + np.arange(blocks + 1)].astype(np.int64)
    counts = bounds[:, -1] - bounds[:, 0]
    read = counts.argsort(kind="stable")
    spent = counts[read].cumsum()
    read = read[: spent.searchsorted(budget, "right")]
    if not len(read) or not spent[len(read) - 1]:
        return []
    weights = np.log2(arrays.names / np.maximum(counts[read], 1)) + 0.5
    bounds = bounds[read]
    in_block = np.concatenate([arrays.gram_names[begin:end] for begin, end in bounds[:, [0, -1]].tolist()])
    # A name and a weight go into one number, so that one small sort brings what belongs together together.
    wide: Any = np.uint32 if arrays.names < 1 << 32 - WEIGHT_BITS else np.uint64
    high = (np.arange(blocks) * (BLOCK << WEIGHT_BITS) + (weights * STEPS).astype(np.int64)[:, None]).astype(wide)
    packed = in_block.astype(wide)
    packed <<= wide(WEIGHT_BITS)
    packed += high.ravel().repeat(np.diff(bounds).ravel())
    packed.sort()
    ids = packed >> wide(WEIGHT_BITS)
    packed &= wide((1 << WEIGHT_BITS) - 1)
    summed = np.concatenate((_ZERO, packed.cumsum(dtype=np.uint32)))
    again = np.concatenate((_FALSE, ids[1:] == ids[:-1], _FALSE))
    if len(read) >= TELLING:
        first, last = np.flatnonzero(again[1:] > again[:-1]), np.flatnonzero(again[1:] < again[:-1])
    else:
        first, last = np.flatnonzero(~again[:-1]), np.flatnonzero(~again[1:])
    if not len(first):
        return []
    sums = summed[last + 1] - summed[first]
    kept = np.flatnonzero(sums >= _threshold(sums, KEPT))
    names = ids[last[kept]].astype(np.int64)
    contained = sums[kept] * np.float32(1 / STEPS / weights.sum())
    lengths = (arrays.starts[names + 1] - arrays.starts[names]).astype(np.float32)
    alike = 2 * contained / (1 + np.maximum(lengths * np.float32(1 / len(query.latin)), np.float32(0.5)))
    fame = arrays.rank[names] * np.float32(FAME_WEIGHT)
    return [names[best_of(score - fame, SIMILAR)] for score in (contained, alike)]


def holding(asked: Asked, digits: str) -> Names:
    """Give names that may hold the digits, three at least: those of about the query's letters, and those it is in.

    These begin a word as the query begins; whether any of them holds all the digits is for the caller to see.
    """
    arrays = asked.arrays
    names, *others = (_with_gram(arrays, gram) for gram in query_grams(digits).tolist())
    for more in others:
        names = np.intersect1d(names, more, assume_unique=True)
    unlike = asked.unlike(names)
    near = np.flatnonzero(unlike <= HOLDING_UNLIKE)
    near = near[np.argsort(unlike[near], kind="stable")[:HOLDING]]
    return np.concatenate((names[near], *_beginning(asked)[0]))


def _with_gram(arrays: Arrays, gram: int) -> Names:
    """Give the names that hold a trigram, ascending."""
    bounds = arrays.gram_starts[gram * arrays.blocks + np.arange(arrays.blocks + 1)].astype(np.int64)
    blocks = (np.arange(arrays.blocks) * BLOCK).repeat(np.diff(bounds))
    return arrays.gram_names[bounds[0] : bounds[-1]] + blocks


def _budget(arrays: Arrays) -> float:
    return BUDGET + BUDGET_SHARE * arrays.names


def _threshold(values: npt.NDArray[Any], wanted: int) -> float:
    """Give about the value that so many are above, from a sample."""
    step = max(1, len(values) // 4096)
    sample = values[::step]
    wanted //= step
    if not 0 < wanted < len(sample):
        return 0.0
    return float(np.partition(sample, len(sample) - wanted)[len(sample) - wanted])
