"""Names made of about the query's letters: what is found where postings of trigrams tell too little.

Which letters a name has is kept as 64 bits (arrays.py), so that thousands are compared in microseconds.
"""

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.search.arrays import best_of
from bot.search.asked import FAME_WEIGHT, Asked, Names
from bot.search.heads import HEAD, span
from bot.search.normalisation import remove_spaces

FEWEST, FEWEST_SHARED = 6, 4
"""Letters that a query must have to be looked up by its first half, and that such a half or a word must have."""
AMONG_BEGUN, AMONG_WORDED = 30_000, 6_000
"""More names than these are not compared: those that begin alike lie side by side, those of one word do not."""
CLOSEST, CLOSEST_UNLIKE = 16, 7
"""Names taken of those that share a beginning or a word, and in how many letters they may differ."""
RANK_WEIGHT = 1 / 80
"""Letters that a step of the stored rank by fame makes up for."""
UNLIKE, SCATTERED, SCATTERED_KEPT = 5, 800, 24
"""Letters in which names of about the same letters may differ, how many are compared, how many taken."""
SCATTERED_ALIKE = np.float32(0.6)
"""How alike these must be, as 1 - slips / letters: of five letters two may be wrong."""


def begun_alike(asked: Asked) -> Names:
    """Give the names that begin with the first half of the query and have the letters most like it.

    `american sag` is nearest to `american stag`, whatever else begins so is better known.
    """
    arrays, letters = asked.arrays, asked.query.joined
    if len(letters) < FEWEST:
        return np.zeros(0, np.int64)
    half = letters[: max(FEWEST_SHARED, len(letters) // 2)]
    low, high = span(half, arrays.name_heads, arrays.names, arrays.joined)
    if high - low > AMONG_BEGUN:
        return np.zeros(0, np.int64)
    return _closest(asked.unlike(slice(low, high)), arrays.rank[low:high]) + low


def worded_alike(asked: Asked) -> Names:
    """Give the names that hold the longest word of the query but its first, and have the letters most like it."""
    arrays = asked.arrays
    word = max(asked.query.words[1:], key=len, default="")[:HEAD]
    if len(word) < FEWEST_SHARED:
        return np.zeros(0, np.int64)
    low, high = span(word, arrays.word_heads, len(arrays.word_names), arrays.from_word)
    if high - low > AMONG_WORDED:
        return np.zeros(0, np.int64)
    names = arrays.word_names[low:high].astype(np.int64)
    return names[_closest(asked.unlike(names), arrays.rank[names])]


def _closest(unlike: npt.NDArray[np.uint8], rank: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Give where the names are that differ in the fewest letters, better known ones first where many do."""
    near = np.flatnonzero(unlike <= CLOSEST_UNLIKE)
    return near[best_of(np.float32(-RANK_WEIGHT) * rank[near] - unlike[near], CLOSEST)]


def scattered(asked: Asked) -> Names:
    """Give the names made of about the same letters: dearer than postings, for where these find nothing good."""
    arrays = asked.arrays
    unlike = asked.unlike(slice(None))
    near = np.flatnonzero(unlike <= UNLIKE)
    if len(near) > SCATTERED:
        closest = int(np.searchsorted(np.cumsum(np.bincount(unlike[near])), SCATTERED))
        near = near[unlike[near] <= max(2, closest - 1)][: 2 * SCATTERED]
    near = asked.meant(near)
    if not len(near):
        return near
    spans = zip(arrays.starts[near].tolist(), arrays.starts[near + 1].tolist(), strict=True)
    keys = remove_spaces("\n".join([arrays.text[begin:end] for begin, end in spans])).split("\n")
    edits = process.cdist((asked.query.joined,), keys, scorer=OSA.normalized_similarity, dtype=np.float32)[0]
    alike = np.flatnonzero(edits >= SCATTERED_ALIKE)
    return near[alike[best_of(edits[alike] - FAME_WEIGHT * arrays.rank[near[alike]], SCATTERED_KEPT)]]
