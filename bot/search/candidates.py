"""Candidates: some dozens of names, out of a million, that a query may mean.

They come from prefixes (prefix_index.py), shared trigrams, typo-tolerant comparison of letter signatures, and
hashes of sounds, letters and initials (phonetic.py).
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA

from bot.search.features import compute_similarities
from bot.search.index import BLOCK_SIZE, IndexArrays, NameIds, extract_trigrams, find_top_positions
from bot.search.normalisation import remove_spaces
from bot.search.phonetic import MAX_INITIALS, MIN_INITIALS, hash_initials, hash_name, list_initials
from bot.search.prefix_index import (
    PREFIX_LENGTH,
    compute_posting_budget,
    find_names_by_prefix,
    find_prefix_candidates,
    find_words_by_prefix,
)
from bot.search.query import QueryContext

SMALL_POSTING_BUDGET = 4_000
"""Trigram postings read if the title is found otherwise: what else is shown matters little then."""
FAME_WEIGHT = 0.012 / 12
"""What a step of the stored rank by fame counts beside a similarity from 0 to 1."""
TRIGRAM_MATCHES = 20
"""Names taken for the share of the query's trigrams in them, and for the share of theirs in the query."""
TRIGRAM_FINALISTS = 250
"""Names compared among those that share most of the query's trigrams."""
TRIGRAM_WEIGHT_BITS, TRIGRAM_WEIGHT_STEPS = 10, 40
"""Bits for the weight of a trigram, and steps for one bit of information."""
TWO_SHARED_FROM = 4
"""From so many trigrams read on, a name must share two of them."""
TYPO_QUERY_LENGTH, TYPO_PREFIX_LENGTH = 6, 4
"""Letters a query needs to be looked up by its first half, and that such a half, or a word, needs."""
MAX_SAME_PREFIX, MAX_SAME_WORD = 30_000, 6_000
"""More names are not compared: those with one prefix lie side by side, those with one word do not."""
TYPO_MATCHES, TYPO_DIFFERENCES = 16, 7
"""Names taken that share a prefix or a word with the query, and in how many letters they may differ."""
TYPO_FAME_WEIGHT = 1 / 80
"""Different letters that a step of the stored rank by fame makes up for."""
SCAN_DIFFERENCES, SCAN_COMPARED, SCAN_MATCHES = 5, 800, 24
"""In a scan of all names: how many letters may differ, how many names are compared, how many taken."""
SCAN_SIMILARITY = np.float32(0.6)
"""How similar these must be, as 1 - edits / letters: of five letters two may be wrong."""
PHONETIC_MATCHES, PHONETIC_DIFFERENCES = 150, 9
"""Names taken from hash buckets, and in how many letters they may differ: others only share a bucket by chance."""
DIGIT_MATCHES, DIGIT_DIFFERENCES = 24, 6
"""Names taken that contain a number, and in how many letters they may differ from the query."""
_NO_NAMES = np.zeros(0, np.int64)
_TRUE, _FALSE, _ZERO = np.ones(1, np.bool_), np.zeros(1, np.bool_), np.zeros(1, np.uint32)


def find_candidates(context: QueryContext) -> NameIds:
    """Return the names a query may mean, ascending, each once.

    Fewer trigrams are read if a name has exactly the query's letters, in whatever order: that is what is meant.
    """
    arrays, query = context.arrays, context.query
    if not arrays.name_count or query.is_empty:
        return _NO_NAMES
    candidates, is_title = find_prefix_candidates(context)
    if not is_title:
        candidates += [_find_typos_after_prefix(context), _find_typos_beside_word(context)]
    phonetic = _find_phonetic_candidates(context)
    is_found = is_title or bool((context.count_letter_differences(phonetic) == 0).any())
    budget = SMALL_POSTING_BUDGET if is_found else compute_posting_budget(arrays)
    candidates += [phonetic, *_find_trigram_candidates(context, budget)]
    names = context.filter_readable(np.concatenate(candidates))
    names.sort()
    return names[np.concatenate((_TRUE, names[1:] != names[:-1]))] if len(names) else names


def _find_trigram_candidates(context: QueryContext, budget: float) -> list[NameIds]:
    """Return the names that share most trigrams with the query, the rarest trigrams read first within the budget.

    A trigram weighs log2(names / names with it), as in inverse document frequency.
    """
    arrays, query = context.arrays, context.query
    codes = extract_trigrams(query.compact)
    blocks = arrays.block_count
    bounds = arrays.trigram_starts[(codes * blocks)[:, None] + np.arange(blocks + 1)].astype(np.int64)
    counts = bounds[:, -1] - bounds[:, 0]
    read = counts.argsort(kind="stable")
    spent = counts[read].cumsum()
    read = read[: spent.searchsorted(budget, "right")]
    if not len(read) or not spent[len(read) - 1]:
        return []
    weights = np.log2(arrays.name_count / np.maximum(counts[read], 1)) + 0.5
    bounds = bounds[read]
    in_block = np.concatenate([arrays.trigram_names[start:end] for start, end in bounds[:, [0, -1]].tolist()])
    # A name and a weight are packed into one number, so that one short sort brings each name's weights together.
    dtype: Any = np.uint32 if arrays.name_count < 1 << 32 - TRIGRAM_WEIGHT_BITS else np.uint64
    block_starts = np.arange(blocks) * (BLOCK_SIZE << TRIGRAM_WEIGHT_BITS)
    offsets = (block_starts + (weights * TRIGRAM_WEIGHT_STEPS).astype(np.int64)[:, None]).astype(dtype)
    packed = in_block.astype(dtype)
    packed <<= dtype(TRIGRAM_WEIGHT_BITS)
    packed += offsets.ravel().repeat(np.diff(bounds).ravel())
    packed.sort()
    ids = packed >> dtype(TRIGRAM_WEIGHT_BITS)
    packed &= dtype((1 << TRIGRAM_WEIGHT_BITS) - 1)
    sums = np.concatenate((_ZERO, packed.cumsum(dtype=np.uint32)))
    repeats = np.concatenate((_FALSE, ids[1:] == ids[:-1], _FALSE))
    if len(read) >= TWO_SHARED_FROM:
        first, last = np.flatnonzero(repeats[1:] > repeats[:-1]), np.flatnonzero(repeats[1:] < repeats[:-1])
    else:
        first, last = np.flatnonzero(~repeats[:-1]), np.flatnonzero(~repeats[1:])
    if not len(first):
        return []
    totals = sums[last + 1] - sums[first]
    kept = np.flatnonzero(totals >= _estimate_threshold(totals, TRIGRAM_FINALISTS))
    names = ids[last[kept]].astype(np.int64)
    contained = totals[kept] * np.float32(1 / TRIGRAM_WEIGHT_STEPS / weights.sum())
    lengths = (arrays.starts[names + 1] - arrays.starts[names]).astype(np.float32)
    relative_length = np.maximum(lengths * np.float32(1 / len(query.latin)), np.float32(0.5))
    similarity = 2 * contained / (1 + relative_length)
    fame = arrays.fame_rank[names] * np.float32(FAME_WEIGHT)
    return [names[find_top_positions(score - fame, TRIGRAM_MATCHES)] for score in (contained, similarity)]


def _estimate_threshold(values: npt.NDArray[Any], count: int) -> float:
    """Return about the value that `count` values are above, estimated from a sample."""
    step = max(1, len(values) // 4096)
    sample = values[::step]
    count //= step
    if not 0 < count < len(sample):
        return 0.0
    return float(np.partition(sample, len(sample) - count)[len(sample) - count])


def _find_typos_after_prefix(context: QueryContext) -> NameIds:
    """Return the names that begin with the first half of the query and whose letters are most like it.

    `american sag` is closest to `american stag`, however much more famous others with that prefix are.
    """
    arrays, compact = context.arrays, context.query.compact
    if len(compact) < TYPO_QUERY_LENGTH:
        return _NO_NAMES
    low, high = find_names_by_prefix(arrays, compact[: max(TYPO_PREFIX_LENGTH, len(compact) // 2)])
    if high - low > MAX_SAME_PREFIX:
        return _NO_NAMES
    return (
        _find_closest_letters(context.count_letter_differences(slice(low, high)), arrays.fame_rank[low:high]) + low
    )


def _find_typos_beside_word(context: QueryContext) -> NameIds:
    """Return the names with the query's longest word, its first left out, and with the letters most like it."""
    arrays = context.arrays
    word = max(context.query.words[1:], key=len, default="")[:PREFIX_LENGTH]
    if len(word) < TYPO_PREFIX_LENGTH:
        return _NO_NAMES
    low, high = find_words_by_prefix(arrays, word)
    if high - low > MAX_SAME_WORD:
        return _NO_NAMES
    names = arrays.word_names[low:high].astype(np.int64)
    return names[_find_closest_letters(context.count_letter_differences(names), arrays.fame_rank[names])]


def _find_closest_letters(differences: npt.NDArray[np.uint8], fame_rank: npt.NDArray[np.uint8]) -> NameIds:
    """Return the positions with the fewest different letters, the more famous first among many."""
    close = np.flatnonzero(differences <= TYPO_DIFFERENCES)
    scores = np.float32(-TYPO_FAME_WEIGHT) * fame_rank[close] - differences[close]
    return close[find_top_positions(scores, TYPO_MATCHES)]


def scan_for_typos(context: QueryContext) -> NameIds:
    """Return the names, out of all, with about the query's letters: slow, for when nothing else finds any."""
    arrays = context.arrays
    differences = context.count_letter_differences(slice(None))
    close = np.flatnonzero(differences <= SCAN_DIFFERENCES)
    if len(close) > SCAN_COMPARED:
        limit = int(np.searchsorted(np.cumsum(np.bincount(differences[close])), SCAN_COMPARED))
        close = close[differences[close] <= max(2, limit - 1)][: 2 * SCAN_COMPARED]
    close = context.filter_readable(close)
    if not len(close):
        return close
    spans = zip(arrays.starts[close].tolist(), arrays.starts[close + 1].tolist(), strict=True)
    keys = remove_spaces("\n".join([arrays.text[start:end] for start, end in spans])).split("\n")
    similarity = compute_similarities(context.query.compact, keys, OSA.normalized_similarity)
    similar = np.flatnonzero(similarity >= SCAN_SIMILARITY)
    fame = FAME_WEIGHT * arrays.fame_rank[close[similar]]
    return close[similar[find_top_positions(similarity[similar] - fame, SCAN_MATCHES)]]


def _find_phonetic_candidates(context: QueryContext) -> NameIds:
    """Return the names that sound like the query, have its letters, or, if it is short, differ in one letter."""
    arrays, query = context.arrays, context.query
    names = _get_names_in_buckets(arrays, hash_name(query.latin, query.compact))
    differences = context.count_letter_differences(names)
    close = np.flatnonzero(differences <= PHONETIC_DIFFERENCES)
    if len(close) > PHONETIC_MATCHES:
        cost = differences[close] * 24.0 + arrays.fame_rank[names[close]]
        if query.year is not None:
            cost -= 500 * (arrays.years[arrays.name_films[names[close]]] == query.year)
        close = close[np.argpartition(cost, PHONETIC_MATCHES)[:PHONETIC_MATCHES]]
    return names[close].astype(np.int64)


def find_initials_candidates(context: QueryContext) -> NameIds:
    """Return the names of famous films whose initials are the query."""
    arrays, query = context.arrays, context.query
    if not MIN_INITIALS <= len(query.latin) <= MAX_INITIALS or query.compact != query.latin:
        return _NO_NAMES
    names = _get_names_in_buckets(arrays, (hash_initials(query.latin),)).tolist()
    matching = [name for name in names if query.latin in list_initials(arrays.get_key(name))]
    return context.filter_readable(np.array(matching, np.int64))


def _get_names_in_buckets(arrays: IndexArrays, hashes: Iterable[int]) -> npt.NDArray[Any]:
    starts = arrays.bucket_starts
    buckets = {each & len(starts) - 2 for each in hashes}
    return np.concatenate(
        [arrays.bucket_names[starts.item(bucket) : starts.item(bucket + 1)] for bucket in buckets]
    )


def find_candidates_with_digits(context: QueryContext, digits: str) -> NameIds:
    """Return names that may contain `digits`, at least three: those with about the query's letters or its prefix.

    A name may contain all trigrams of the digits and not the digits; the caller checks that.
    """
    arrays = context.arrays
    names, *others = (_get_names_with_trigram(arrays, code) for code in extract_trigrams(digits).tolist())
    for other in others:
        names = np.intersect1d(names, other, assume_unique=True)
    differences = context.count_letter_differences(names)
    close = np.flatnonzero(differences <= DIGIT_DIFFERENCES)
    close = close[np.argsort(differences[close], kind="stable")[:DIGIT_MATCHES]]
    return np.concatenate((names[close], *find_prefix_candidates(context)[0]))


def _get_names_with_trigram(arrays: IndexArrays, code: int) -> NameIds:
    """Return the names that contain a trigram, ascending."""
    blocks = arrays.block_count
    bounds = arrays.trigram_starts[code * blocks + np.arange(blocks + 1)].astype(np.int64)
    block_starts = (np.arange(blocks) * BLOCK_SIZE).repeat(np.diff(bounds))
    return arrays.trigram_names[bounds[0] : bounds[-1]] + block_starts
