"""Look-up by prefix: names that begin with the query, and names in which a later word does.

The arrays hold the first letters of every SAMPLE_STRIDE-th name and word in sorted order, packed into numbers. A
binary search among these narrows a prefix down to few entries, whose letters are compared then.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from bot.search.index import IndexArrays, NameIds, find_top_positions
from bot.search.normalisation import BREAK
from bot.search.query import QueryContext

SAMPLE_STRIDE = 64
"""One entry in so many has its prefix stored."""
PREFIX_LENGTH = 12
"""Letters of a packed prefix: more do not fit into 64 bits."""
WORD_SORT_LENGTH = 2 * PREFIX_LENGTH
"""Letters by which words are sorted."""
PREFIX_BASE = 37
"""Base of a packed prefix: 36 letters and digits, and 0 for none."""
PREFIX_MATCHES = 40
"""Names taken that begin with the query, and names in which a later word does."""
SUFFIX_MATCHES = 25
"""Names taken that end with the query as well, the most famous first: as many as autocomplete shows."""
LARGE_RANGE = 2_000
"""Names whose length is considered, the most famous ones, if more begin alike."""
WORD_END_CHECKS, WORD_ENDS, WORD_END_BONUS = 500, " " + BREAK, 4.0
"""If the query ends with a space: how many names are checked for a word end there, what ends a word, and its bonus
in doublings of the rank by fame, so that a word end outweighs 16 times the fame."""
_LIKELY_TYPED_SHARE = 0.62
"""The share of a title that is typed, most likely, when somebody looks at the list."""
_LETTER_DIGITS = {letter: digit for digit, letter in enumerate("0123456789abcdefghijklmnopqrstuvwxyz", 1)}
_POSTING_BUDGET, _POSTING_BUDGET_SHARE = 16_000, 0.01


def compute_posting_budget(arrays: IndexArrays) -> float:
    """Return how many postings one query may read; it bounds the time of a look-up, and grows with the index."""
    return _POSTING_BUDGET + _POSTING_BUDGET_SHARE * arrays.name_count


def pack_prefix(compact: str) -> int:
    """Return the first PREFIX_LENGTH letters as a number that sorts as they do; a missing letter sorts first."""
    number = 0
    for letter in compact[:PREFIX_LENGTH]:
        number = number * PREFIX_BASE + _LETTER_DIGITS[letter]
    return int(number * PREFIX_BASE ** max(0, PREFIX_LENGTH - len(compact)))


def find_prefix_range(
    prefix: str, sampled_prefixes: npt.NDArray[np.uint64], count: int, letters_at: Callable[[int], str]
) -> tuple[int, int]:
    """Return start and end of the entries, among `count` sorted ones, that begin with `prefix`.

    `letters_at` returns the letters of an entry; `sampled_prefixes` are packed, of every SAMPLE_STRIDE-th entry.
    """
    size = len(prefix)
    packed = pack_prefix(prefix)
    bounds = np.array((packed, packed + PREFIX_BASE ** max(0, PREFIX_LENGTH - size)), np.uint64)
    first, after = sampled_prefixes.searchsorted(bounds).tolist()
    last = min(count, after * SAMPLE_STRIDE)
    low_limit = min(count, first * SAMPLE_STRIDE) if size <= PREFIX_LENGTH else last
    entries = range(count)
    low = bisect_left(entries, prefix, max(0, (first - 1) * SAMPLE_STRIDE), low_limit, key=letters_at)
    if low == count or not letters_at(low).startswith(prefix):
        return low, low
    start = max(low, (after - 1) * SAMPLE_STRIDE) if size <= PREFIX_LENGTH else low
    return low, bisect_right(entries, prefix, start, last, key=lambda entry: letters_at(entry)[:size])


def find_names_by_prefix(arrays: IndexArrays, prefix: str) -> tuple[int, int]:
    """Return start and end of the names that begin with `prefix`, spaces left out."""
    return find_prefix_range(prefix, arrays.name_prefixes, arrays.name_count, arrays.get_compact_key)


def find_words_by_prefix(arrays: IndexArrays, prefix: str) -> tuple[int, int]:
    """Return start and end, in `word_names`, of the words from which on a key begins with `prefix`."""
    count = len(arrays.word_names)
    return find_prefix_range(prefix, arrays.word_prefixes, count, arrays.get_compact_key_from_word)


def find_names_beginning(arrays: IndexArrays, prefix: str, limit: int) -> NameIds | None:
    """Return the names that begin with `prefix`, or have a later word from which on they do; None for too many."""
    low, high = find_names_by_prefix(arrays, prefix)
    first_word, last_word = find_words_by_prefix(arrays, prefix[:WORD_SORT_LENGTH])
    if high - low + last_word - first_word > limit:
        return None
    return np.unique(np.concatenate((np.arange(low, high), arrays.word_names[first_word:last_word])))


def find_prefix_candidates(context: QueryContext) -> tuple[list[NameIds], bool]:
    """Return the best names that begin with the query or have a word that does, and whether any name equals it."""
    arrays, compact = context.arrays, context.query.compact
    low, high = find_names_by_prefix(arrays, compact)
    is_title = low < high and arrays.get_compact_key(low) == compact
    equal_end = bisect_right(range(high), compact, low, key=arrays.get_compact_key) if is_title else low
    if high - low <= LARGE_RANGE:
        candidates = _select_prefix_matches(context, np.arange(low, high), None, equal_end - low)
    else:
        famous = _find_most_famous_positions(arrays.fame_rank[low:high], LARGE_RANGE) + low
        candidates = [
            _select_most_famous(arrays, np.arange(low, equal_end)),
            _select_famous_and_likely_long(context, famous, None),
        ]
    letters = compact[:WORD_SORT_LENGTH]
    low, high = find_words_by_prefix(arrays, letters)
    if low < high and high - low <= compute_posting_budget(arrays):
        equal_end = low
        if letters == compact:
            equal_end = bisect_right(range(high), letters, low, key=arrays.get_compact_key_from_word)
        names = arrays.word_names[low:high].astype(np.int64)
        offsets = arrays.word_offsets[low:high]
        if len(names) <= LARGE_RANGE:
            candidates += _select_prefix_matches(context, names, offsets, equal_end - low)
        else:
            famous = _find_most_famous_positions(arrays.fame_rank[names], LARGE_RANGE)
            candidates += [
                _select_most_famous(arrays, names[: equal_end - low]),
                _select_famous_and_likely_long(context, names[famous], offsets[famous]),
            ]
    return candidates, is_title


def _select_prefix_matches(
    context: QueryContext, names: NameIds, word_offsets: npt.NDArray[np.uint8] | None, equal_count: int
) -> list[NameIds]:
    """Return the best of the names that begin with the query from the word at these offsets of their keys on.

    Offsets of None mean the first word. The first `equal_count` names end with the query as well.
    """
    if len(names) <= PREFIX_MATCHES:
        return [names]
    return [
        _select_most_famous(context.arrays, names[:equal_count]),
        _select_famous_and_likely_long(context, names, word_offsets),
    ]


def _select_most_famous(arrays: IndexArrays, names: NameIds) -> NameIds:
    """Return the SUFFIX_MATCHES most famous names."""
    if len(names) <= SUFFIX_MATCHES:
        return names
    return names[np.argpartition(arrays.fame_rank[names], SUFFIX_MATCHES)[:SUFFIX_MATCHES]]


def _select_famous_and_likely_long(
    context: QueryContext, names: NameIds, word_offsets: npt.NDArray[np.uint8] | None
) -> NameIds:
    """Return the PREFIX_MATCHES names that are best by fame and by how likely so much of them has been typed."""
    if len(names) <= PREFIX_MATCHES:
        return names
    arrays, query = context.arrays, context.query
    starts = arrays.starts[names]
    lengths = (arrays.starts[names + 1] - starts).astype(np.float32)
    relative_length = lengths * np.float32(_LIKELY_TYPED_SHARE / len(query.compact))
    cost = arrays.fame_rank[names] / np.float32(12) + np.float32(1.5) * np.abs(np.log2(relative_length))
    if query.ends_with_space:
        best = find_top_positions(-cost, WORD_END_CHECKS)
        ends = starts[best] + np.uint32(len(query.latin)) + (0 if word_offsets is None else word_offsets[best])
        following = [arrays.text[end : end + 1] for end in ends.tolist()]
        cost[best] -= [WORD_END_BONUS if letter in WORD_ENDS else 0.0 for letter in following]
    return names[find_top_positions(-cost, PREFIX_MATCHES)]


def _find_most_famous_positions(fame_rank: npt.NDArray[np.uint8], count: int) -> NameIds:
    """Return the positions of about `count` of the least ranks, by a threshold from a sample."""
    sample = np.sort(fame_rank[:: max(1, len(fame_rank) // 4096)])
    return np.flatnonzero(fame_rank <= sample[len(sample) * count // len(fame_rank)])
