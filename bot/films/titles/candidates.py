"""Which names are worth a close look for a query: found by their letters in postings, some hundreds of all."""

from bisect import bisect_left, bisect_right
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.films.titles.arrays import BLOCK, Arrays, query_grams, signature, without_spaces
from bot.films.titles.query import TitleQuery
from bot.films.titles.sounds import bucket_hash, name_sounds

BUDGET, BUDGET_SHARE = 16_000, 0.01
"""Postings read for one query at most, rare ones first, and more of them for each name there is: bounds the
time, and common trigrams tell little."""
BEGINNINGS = 40
"""Names taken that begin with the query, and names in which a word begins with it."""
SIMILAR = 32
"""Names taken for the share of the query's trigrams in them, and for the share of theirs in the query."""
KEPT = 1_000
"""Names looked at whose share of the query's trigrams is greatest."""
WEIGHT_BITS, STEPS = 10, 40
"""Bits that a trigram's weight takes, and steps of one bit of information."""
_TRUE = np.ones(1, np.bool_)
UNLIKE, SCATTERED, SCATTERED_KEPT = 5, 800, 24
"""Letters in which names of about the same letters may differ, how many are compared, how many taken."""
SORTED_LETTERS = 24
"""Letters by which words are in order."""
FAME_WEIGHT = 0.012 / 12
Names = npt.NDArray[np.int64]


def candidates(arrays: Arrays, query: TitleQuery) -> Names:
    """Give the names to look at closely, ascending, none twice."""
    if not arrays.names or query.empty:
        return np.zeros(0, np.int64)
    found = [_beginning(arrays, query.joined), _sounding(arrays, query), _similar(arrays, query)]
    return np.unique(np.concatenate(found))


def _beginning(arrays: Arrays, joined: str) -> Names:
    """Give names that begin with the query, and names a later word of which does."""
    names = range(arrays.names)
    low = bisect_left(names, joined, key=arrays.joined)
    high = bisect_right(names, joined, lo=low, key=lambda name: arrays.joined(name)[: len(joined)])
    whole = _best_beginnings(arrays, np.arange(low, high), len(joined))
    low, high = word_range(arrays, joined)
    if high - low > _budget(arrays):
        return whole
    words = arrays.word_names[low:high].astype(np.int64)
    return np.concatenate((whole, _best_beginnings(arrays, words, len(joined))))


def word_range(arrays: Arrays, letters: str) -> tuple[int, int]:
    """Give where the words that begin with these letters (or run on into them) are in the words' order."""
    letters = letters[:SORTED_LETTERS]
    places = range(len(arrays.word_names))
    low = bisect_left(places, letters, key=arrays.from_word)
    high = bisect_right(places, letters, lo=low, key=lambda at: arrays.from_word(at)[: len(letters)])
    return low, high


def _best_beginnings(arrays: Arrays, names: Names, typed: int) -> Names:
    if len(names) <= BEGINNINGS:
        return names
    lengths = (arrays.starts[names + 1] - arrays.starts[names]).astype(np.float32)
    cost = arrays.rank[names] / 12.0 + 1.5 * np.abs(np.log2(lengths * (0.62 / typed)))
    return names[np.argpartition(cost, BEGINNINGS)[:BEGINNINGS]]


def _sounding(arrays: Arrays, query: TitleQuery) -> Names:
    """Give the names that sound like the query or, where it is short, differ in one letter."""
    mask = len(arrays.sound_starts) - 2
    buckets = {bucket_hash(sound) & mask for sound in name_sounds(query.latin)}
    found = [arrays.sound_names[arrays.sound_starts[at] : arrays.sound_starts[at + 1]] for at in buckets]
    return np.concatenate(found).astype(np.int64)


def _similar(arrays: Arrays, query: TitleQuery) -> Names:
    grams = query_grams(query.joined)
    blocks = arrays.blocks
    bounds = arrays.gram_starts[(grams * blocks)[:, None] + np.arange(blocks + 1)].astype(np.int64)
    counts = bounds[:, -1] - bounds[:, 0]
    grams_read = np.argsort(counts, kind="stable")
    spent = np.cumsum(counts[grams_read])
    grams_read = grams_read[: max(1, int(np.searchsorted(spent, _budget(arrays), "right")))]
    if not len(grams_read) or not spent[len(grams_read) - 1]:
        return np.zeros(0, np.int64)
    weights = np.log2(arrays.names / np.maximum(counts[grams_read], 1)) + 0.5
    known = weights.sum()
    bounds = bounds[grams_read]
    in_block = np.concatenate([arrays.gram_names[begin:end] for begin, end in bounds[:, [0, -1]].tolist()])
    # A name and a weight go into one number, so that one small sort brings what belongs together together.
    high = (np.arange(blocks, dtype=np.uint64) * BLOCK << WEIGHT_BITS) + (weights * STEPS).astype(np.uint64)[
        :, None
    ]
    wide: Any = np.uint32 if arrays.names < 1 << 32 - WEIGHT_BITS else np.uint64
    packed = in_block.astype(wide) << WEIGHT_BITS
    packed += np.repeat(high.ravel().astype(wide), np.diff(bounds, axis=1).ravel())
    packed.sort()
    ids = packed >> WEIGHT_BITS
    first = np.flatnonzero(np.concatenate((_TRUE, ids[1:] != ids[:-1])))
    summed = np.cumsum(packed & wide((1 << WEIGHT_BITS) - 1), dtype=np.uint32)
    sums = np.diff(summed[np.append(first[1:], len(summed)) - 1], prepend=np.uint32(0))
    kept = sums >= _threshold(sums, KEPT)
    names, sums = ids[first[kept]].astype(np.int64), sums[kept] / STEPS
    contained = sums / known
    lengths = arrays.starts[names + 1] - arrays.starts[names]
    alike = 2 * contained / (1 + np.maximum(lengths / len(query.latin), 0.5))
    fame = FAME_WEIGHT * arrays.rank[names]
    return np.concatenate([names[_best(score - fame, SIMILAR)] for score in (contained, alike)])


def scattered(arrays: Arrays, query: TitleQuery) -> Names:
    """Give the names made of about the same letters: dearer than postings, for where these find nothing good."""
    unlike = np.bitwise_count(arrays.signatures ^ signature(query.joined))
    near = np.flatnonzero(unlike <= UNLIKE)
    if len(near) > SCATTERED:
        closest = int(np.searchsorted(np.cumsum(np.bincount(unlike[near])), SCATTERED))
        near = near[unlike[near] <= max(2, closest - 1)][: 2 * SCATTERED]
    if not len(near):
        return near
    spans = zip(arrays.starts[near].tolist(), arrays.starts[near + 1].tolist(), strict=True)
    keys = without_spaces("\n".join([arrays.text[begin:end] for begin, end in spans])).split("\n")
    edits = process.cdist((query.joined,), keys, scorer=OSA.normalized_similarity, dtype=np.float32)[0]
    return near[_best(edits - FAME_WEIGHT * arrays.rank[near], SCATTERED_KEPT)]


def _budget(arrays: Arrays) -> float:
    return BUDGET + BUDGET_SHARE * arrays.names


def _threshold(values: npt.NDArray[Any], wanted: int) -> float:
    """Give about the value that so many are above, from a sample."""
    step = max(1, len(values) // 4096)
    sample = values[::step]
    wanted //= step
    return (
        float(np.partition(sample, len(sample) - wanted)[len(sample) - wanted])
        if 0 < wanted < len(sample)
        else 0.0
    )


def _best(values: npt.NDArray[Any], wanted: int) -> npt.NDArray[np.int64]:
    if len(values) <= wanted:
        return np.arange(len(values))
    return np.argpartition(values, len(values) - wanted)[len(values) - wanted :]
