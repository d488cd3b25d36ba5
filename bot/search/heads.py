"""Where in an order of letters something begins: the first letters of every so-manieth entry, as numbers."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

STRIDE = 64
"""One entry in so many has its first letters written down."""
HEAD = 12
"""Letters of a head: more do not fit into 64 bits."""
SORTED = 2 * HEAD
"""Letters by which words are in order."""
_BASE = 37
_DIGITS = {letter: at for at, letter in enumerate("0123456789abcdefghijklmnopqrstuvwxyz", 1)}


def head(letters: str) -> int:
    """Give the first HEAD letters as a number that sorts as they do; what is missing counts as less than any."""
    number = 0
    for letter in letters[:HEAD]:
        number = number * _BASE + _DIGITS[letter]
    return int(number * _BASE ** max(0, HEAD - len(letters)))


def span(
    letters: str, heads: npt.NDArray[np.uint64], count: int, letters_at: Callable[[int], str]
) -> tuple[int, int]:
    """Give from where to where those of `count` sorted entries are that begin with `letters`.

    `letters_at` gives an entry's letters; `heads` are the heads of every STRIDE-th.
    """
    size = len(letters)
    lowest = head(letters)
    bounds = np.array((lowest, lowest + _BASE ** max(0, HEAD - size)), np.uint64)
    first, after = heads.searchsorted(bounds).tolist()
    last = min(count, after * STRIDE)
    upto = min(count, first * STRIDE) if size <= HEAD else last
    entries = range(count)
    low = bisect_left(entries, letters, max(0, (first - 1) * STRIDE), upto, key=letters_at)
    if low == count or not letters_at(low).startswith(letters):
        return low, low
    begin = max(low, (after - 1) * STRIDE) if size <= HEAD else low
    return low, bisect_right(entries, letters, begin, last, key=lambda at: letters_at(at)[:size])
