"""Titles and queries brought to one form, so that what a member means and what is stored compare equal."""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

ARTICLES = frozenset(
    [
        "the",
        "a",
        "an",
        "le",
        "la",
        "les",
        "l",
        "der",
        "die",
        "das",
        "el",
        "los",
        "las",
        "il",
        "lo",
        "gli",
        "un",
        "une",
        "una",
        "o",
        "os",
        "den",
        "det",
    ]
)
NUMERALS = {
    "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10",
    "xi": "11", "xii": "12", "xiii": "13",
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "twelve": "12",
}  # fmt: skip
_APOSTROPHES = re.compile("['’‘`´ʼʻ]")
_NOT_LETTERS = re.compile(r"[\W_]+")
_LATIN_LIKE = ("LATIN", "GREEK", "CYRILLIC")
QUERY_LIMIT = 200
"""Characters of a query that are looked at; no film has a longer title that needs more."""


def fold(text: str) -> str:
    """Give `text` in lower case, without marks, punctuation or apostrophes, with `&` as `and`.

    Marks of Latin, Greek and Cyrillic letters go (`Amélie` becomes `amelie`); those that make another
    letter in other scripts (kana's voicing, Devanagari's vowels) stay.
    """
    return _fold(text[:QUERY_LIMIT])


@lru_cache(maxsize=65_536)
def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold().replace("&", " and ")
    if not text.isascii():
        text = "".join(_without_marks(character) for character in text)
    return _NOT_LETTERS.sub(" ", _APOSTROPHES.sub("", text)).strip()


@lru_cache(maxsize=8_192)
def _without_marks(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf" or "\u0300" <= character <= "\u036f":
        return ""
    # Vowel signs of Indic and Arabic scripts are letters here, or words would fall apart at them.
    if category in ("Mn", "Mc"):
        return character
    name = unicodedata.name(character, "")
    if not name.startswith(_LATIN_LIKE):
        return character
    decomposed = unicodedata.normalize("NFKD", character)
    return "".join(part for part in decomposed if not unicodedata.combining(part))


def transliterate(folded: str) -> str:
    """Give a folded text in Latin letters, whatever script it was in."""
    return folded if folded.isascii() else fold(anyascii(folded))


def bare(folded: str) -> str:
    """Give a folded title without its leading article and with numerals as digits: `rocky ii` is `rocky 2`."""
    words = folded.split()
    if len(words) > 1 and words[0] in ARTICLES:
        words = words[1:]
    return " ".join([*words[:1], *(NUMERALS.get(word, word) for word in words[1:])])
