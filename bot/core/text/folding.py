"""Folding: text brought to one lower-case form without marks or punctuation, so that spellings compare equal."""

import re
import unicodedata
from collections.abc import Callable

from anyascii import anyascii

TEXT_LIMIT = 200
"""Characters of a text that are folded; no film title needs more, and whoever sends more costs no time."""
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
