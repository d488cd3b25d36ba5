"""Folding: text brought to one lower-case form without marks or punctuation, so that spellings compare equal."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from anyascii import anyascii
from rapidfuzz import fuzz

TEXT_LIMIT = 200
"""Characters of a text that are folded; no film title needs more, and whoever sends more costs no time."""
LEAST_LIKENESS = 75.0
"""Of `find_titles`: how alike a misspelled title and one of the list are at least, of 100."""
Item = TypeVar("Item")
_CACHED_CHARACTERS = 20_000
"""Characters whose replacement is cached; a text with all of Unicode in it must not fill the memory."""
_APOSTROPHES = frozenset("'’‘`´ʼʻ")
_NOT_ASCII_LETTERS = re.compile(r"[^a-z0-9]+")
_SCRIPTS_WITH_REMOVABLE_MARKS = ("LATIN", "GREEK", "CYRILLIC")


def fold(text: str, limit: int | None = TEXT_LIMIT) -> str:
    """Return the first `limit` characters of `text` in lower case, without marks, punctuation or apostrophes.

    `&` becomes `and`. Marks of Latin, Greek and Cyrillic letters are removed (`Amélie` becomes `amelie`); marks
    that make another letter in other scripts (kana's voicing, Devanagari's vowels) stay.
    """
    text = text[:limit]
    if text.isascii():
        text = text.lower().replace("&", " and ").replace("'", "").replace("`", "")
        return _NOT_ASCII_LETTERS.sub(" ", text).strip()
    text = unicodedata.normalize("NFKC", text).casefold().replace("&", " and ")
    return " ".join(text.translate(_FOLDED_CHARACTERS).split())


def find_titles(
    typed: str, items: Iterable[Item], get_titles: Callable[[Item], Iterable[str]], limit: int = 25
) -> list[Item]:
    """Return the items of a short list, such as a member's own films, whose titles fit what is typed.

    Each word typed must begin a word of one of the item's titles, in whatever case, with or without marks; where
    no item fits so, one may be misspelled. Items keep their order, those that begin with the text first.
    """
    query = transliterate(fold(typed))
    if not query:
        return list(items)[:limit]
    folded = [(item, [transliterate(fold(title)) for title in get_titles(item)]) for item in items]
    words = query.split()
    found = [
        (not any(title.startswith(query) for title in titles), number, item)
        for number, (item, titles) in enumerate(folded)
        if any(_begins_words(words, title.split()) for title in titles)
    ]
    if not found:
        likeness = [
            (max((fuzz.partial_ratio(query, title) for title in titles if title), default=0.0), number, item)
            for number, (item, titles) in enumerate(folded)
        ]
        near = [(-score, number, item) for score, number, item in likeness if score >= LEAST_LIKENESS]
        return [item for *_, item in sorted(near, key=lambda each: each[:2])][:limit]
    return [item for *_, item in sorted(found, key=lambda each: each[:2])][:limit]


def _begins_words(typed: Sequence[str], words: Sequence[str]) -> bool:
    return all(any(word.startswith(each) for word in words) for each in typed)


def transliterate(folded: str) -> str:
    """Return a folded text in Latin letters, whatever script it is in."""
    return folded if folded.isascii() else fold(anyascii(folded), None)


def strip_marks(text: str) -> str:
    """Return `text` without any mark: Indic consonants without vowel signs, kana without voicing.

    People who type such a script by hand leave marks out or confuse them first. A mark on its own becomes a space.
    """
    return text.translate(_UNMARKED_CHARACTERS)


class _CharacterCache(dict[int, str]):
    """A table for `str.translate` that computes each character's replacement once."""

    def __init__(self, replace: Callable[[str], str]) -> None:
        self._replace = replace

    def __missing__(self, code: int) -> str:
        replacement = self._replace(chr(code))
        if len(self) < _CACHED_CHARACTERS:
            self[code] = replacement
        return replacement


def _fold_character(character: str) -> str:
    category = unicodedata.category(character)
    if character in _APOSTROPHES or category == "Cf" or "\u0300" <= character <= "\u036f":
        return ""
    # Vowel signs of Indic and Arabic scripts count as letters, or words would be split at them.
    if category in ("Mn", "Mc"):
        return character
    if not character.isalnum():
        return " "
    if not unicodedata.name(character, "").startswith(_SCRIPTS_WITH_REMOVABLE_MARKS):
        return character
    decomposed = unicodedata.normalize("NFKD", character)
    return "".join(part for part in decomposed if not unicodedata.combining(part))


def _strip_marks_of_character(character: str) -> str:
    if unicodedata.category(character)[0] == "M":
        return " "
    parts = unicodedata.normalize("NFKD", character)
    return unicodedata.normalize("NFC", "".join(part for part in parts if unicodedata.category(part)[0] != "M"))


_FOLDED_CHARACTERS = _CharacterCache(_fold_character)
_UNMARKED_CHARACTERS = _CharacterCache(_strip_marks_of_character)
