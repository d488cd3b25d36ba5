"""Short wordings of well-known films: initials, numbers without `part`, the part before or after a colon.

`gotg 2`, `lotr`, `nwh`, `star wars 5` and `john wick 3` are looked up by a hash of the wording (build.py), for the
most famous films alone: among a million titles any three letters are somebody's initials.
"""

from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from itertools import product, zip_longest
from zlib import crc32

from bot.search.normalisation import BREAK, SHORT_FORMS

KEYS_CACHED, LOOSE_TEXTS_CACHED = 2_048, 8_192
"""Titles whose short wordings are kept, and texts whose loose form is: readings have titles in common."""
FAMOUS_FILMS = 8_192
"""Films that are found by a short wording: so many of the most famous."""
MIN_INITIALS, MAX_INITIALS = 3, 12
"""Letters and digits that initials have; two are enough if one is a digit: `t3`."""
MAX_PARTS = 4
"""Parts of a title that are combined."""
ARTICLES = frozenset(("the", "a", "an"))
_COUNTING_WORDS = frozenset(("part", "pt", "vol", "volume", "chapter", "episode", "ep"))
_LEFT_OUT = ARTICLES | {"and"}
_LOOSENED = _LEFT_OUT | _COUNTING_WORDS | SHORT_FORMS.keys()
"""Words without which a text is its own loose form."""


class Wording(Enum):
    """How a text words a title.

    cost: in bits, see plausibility.py. similarity: the least that a name worded so has, of 100.
    """

    SAME = 0.0, 100.0
    ARTICLE_LEFT_OUT = 0.5, 100.0
    ARTICLE_ADDED = 2.5, 100.0
    LOOSE = 1.0, 97.0
    """The title but for articles, `and` and words that announce a number: `quiet place 2`."""
    NUMBERED_PART = 1.5, 95.0
    """The beginning up to a colon, with a number: `john wick 3`."""
    FIRST_PART = 2.0, 94.0
    LATER_PART = 3.0, 94.0
    NUMBERED_INITIALS = 4.5, 90.0
    BEGINNING = 5.0, 0.0
    INITIALS = 6.0, 90.0
    INNER_WORDS = 6.5, 0.0
    UNENDED_BEGINNING = 9.5, 0.0
    """The title begins as the text does, but a space typed at its end is inside a word."""
    INNER_BEGINNING = 9.0, 80.0
    """A word after the first begins as the text does."""

    def __init__(self, cost: float, similarity: float) -> None:
        self.cost, self.similarity = cost, similarity


INITIALS = frozenset((Wording.INITIALS, Wording.NUMBERED_INITIALS))


def loosen(words: list[str]) -> list[str]:
    """Return the words without articles, `and` and words that announce a number; numerals are digits.

    The last word stays: `a night a` is the beginning of another title than `a night`.
    """
    kept = []
    is_counted = False
    for word, following in zip_longest(words, words[1:]):
        if is_counted and word == "i":
            word = "1"
        is_counted = word in _COUNTING_WORDS and (following == "i" or _is_number(following))
        if not is_counted and (word not in _LEFT_OUT or following is None):
            kept.append(SHORT_FORMS.get(word, word))
    return kept


def _is_number(word: str | None) -> bool:
    return word is not None and SHORT_FORMS.get(word, word).isdigit()


def loosen_text(text: str) -> str:
    """Return a query or a part of a key in its loose form, without spaces."""
    if _LOOSENED.isdisjoint(text.split(" ")):
        return text.replace(" ", "")
    return _loosen_words(text)


@lru_cache(LOOSE_TEXTS_CACHED)
def _loosen_words(text: str) -> str:
    return "".join(loosen(text.split(" ")))


@lru_cache(LOOSE_TEXTS_CACHED)
def loosen_parts(key: str) -> tuple[str, ...]:
    """Return the parts of a key in their loose form, without spaces."""
    if _LOOSENED.isdisjoint(key.replace(BREAK, " ").split(" ")):
        return tuple(key.replace(" ", "").split(BREAK))
    return tuple(map(loosen_text, key.split(BREAK)))


@lru_cache(KEYS_CACHED)
def list_wordings(key: str) -> Mapping[str, Wording]:
    """Return the short wordings of a title by its key, without spaces."""
    parts = key.split(BREAK)[:MAX_PARTS]
    loose = [loosen(part.split(" ")) for part in parts]
    wordings: dict[str, Wording] = {}
    for count in range(len(parts), 0, -1):
        text = "".join("".join(words) for words in loose[:count])
        kind = Wording.NUMBERED_PART if text[-1:].isdigit() else Wording.FIRST_PART
        wordings.setdefault(text, Wording.LOOSE if count == len(parts) else kind)
    for start in range(1, len(parts)):
        wordings.setdefault("".join("".join(words) for words in loose[start:]), Wording.LATER_PART)
    initials = [_list_initials(part) for part in parts]
    for count in range(1, len(parts) + 1):
        for combined in product(*initials[:count]):
            _add_initials(wordings, "".join(combined))
    for start in range(1, len(parts)):
        for letters in initials[start]:
            _add_initials(wordings, letters)
    wordings.pop("", None)
    return wordings


def _add_initials(wordings: dict[str, Wording], letters: str) -> None:
    has_digit = any(map(str.isdigit, letters))
    if MIN_INITIALS - has_digit <= len(letters) <= MAX_INITIALS and not letters.isdigit():
        wordings.setdefault(letters, Wording.NUMBERED_INITIALS if has_digit else Wording.INITIALS)


def _list_initials(part: str) -> list[str]:
    """Return the initials of a part of a title: with and without its article, and `and`; numbers as digits."""
    words = part.split(" ")
    results = []
    for start in (0, 1) if words[0] in ARTICLES and len(words) > 1 else (0,):
        for without_and in (False, True):
            letters = [
                numeral if (numeral := SHORT_FORMS.get(word, word)).isdigit() else word[:1]
                for word in words[start:]
                if word not in _COUNTING_WORDS and not (without_and and word == "and")
            ]
            results.append("".join(letters))
    return list(dict.fromkeys(results))


def list_query_wordings(words: list[str]) -> dict[str, bool]:
    """Return the forms of a query that may be a short wording, and whether they may be initials.

    `gotg vol 2` is `gotg2`, `f&f 7` is `ff7`; `the dip` is a loose form of titles, but not the initials `dip`.
    """
    initials = "".join(SHORT_FORMS.get(word, word) for word in words if word not in _COUNTING_WORDS | {"and"})
    texts = dict.fromkeys(("".join(loosen(words)),), False) | {initials: True}
    return {text: is_initials for text, is_initials in texts.items() if len(text) > 1}


def hash_wording(text: str) -> int:
    """Return the 32-bit hash under which names with this short wording are indexed."""
    return crc32(f"{text} wording".encode())
