"""A query's misspelt words corrected by titles that are known, for asking a source that forgives less."""

from rapidfuzz import fuzz, process

from bot.core.text.folding import fold, transliterate
from bot.search.index import TitleIndex

NEAR_TITLES = 25
ALIKE = 72.0
"""Words at least this alike are one word misspelt."""
SHORT = 3
"""Words up to this many letters are left as they are: too many are alike."""


def corrected(text: str, index: TitleIndex) -> str:
    """Give `text` with each longer word replaced by the one most like it among the nearest titles' words."""
    words = fold(text).split()
    near = [*index.search(text, NEAR_TITLES), *index.nearest(text, NEAR_TITLES)]
    for word in words:  # a title of one misspelt word among others is near to that word alone
        near += index.search(word, NEAR_TITLES) if len(word) > SHORT else []
    known = sorted({part for match in near for part in transliterate(fold(match.matched)).split()})
    better = [_nearest(word, known) for word in words]
    return " ".join(better) if better != words else text


def _nearest(word: str, known: list[str]) -> str:
    if len(word) <= SHORT or not word.isascii() or word in known:
        return word
    found = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=ALIKE)
    return found[0] if found else word
