"""Titles and queries brought to one form, so that what a member means and what is stored compare equal."""

import re
import unicodedata
from collections.abc import Callable

from anyascii import anyascii

NUMERALS = {
    "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10",
    "xi": "11", "xii": "12", "xiii": "13",
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
}  # fmt: skip
ONE_WORD = {
    **NUMERALS,
    "doctor": "dr", "mister": "mr", "saint": "st", "versus": "vs", "part": "pt", "volume": "vol", "episode": "ep",
}  # fmt: skip
"""Words and the shorter form of each that means the same."""
QUERY_LIMIT = 200
"""Characters of a query or a title that are looked at; no film has a longer title that needs more."""
LETTERS_KNOWN = 20_000
"""Characters of which it is kept what they are as letters: whoever types all of Unicode fills no memory."""
BREAK = "|"
"""Stands in a key where the title falls into parts: at a colon, a dash, a bracket."""
_APOSTROPHES = frozenset("'’‘`´ʼʻ")
_NOT_ASCII_LETTERS = re.compile(r"[^a-z0-9]+")
_BREAKS = re.compile(r"\s*[:：–—/(（\[|·]\s*|\s+-+\s+")
_DIGIT_WITHIN = re.compile(r"\b[a-z]+(?:[013457]+[a-z]+)+\b")
_LETTER_LIKE = str.maketrans("013457", "oieasv")
_LATIN_LIKE = ("LATIN", "GREEK", "CYRILLIC")


def fold(text: str) -> str:
    """Give `text` in lower case, without marks, punctuation or apostrophes, with `&` as `and`.

    Marks of Latin, Greek and Cyrillic letters go (`Amélie` becomes `amelie`); those that make another
    letter in other scripts (kana's voicing, Devanagari's vowels) stay.
    """
    return _fold(text[:QUERY_LIMIT])


def _fold(text: str) -> str:
    if text.isascii():
        text = text.lower().replace("&", " and ").replace("'", "").replace("`", "")
        return _NOT_ASCII_LETTERS.sub(" ", text).strip()
    text = unicodedata.normalize("NFKC", text).casefold().replace("&", " and ")
    return " ".join(text.translate(_LETTERS_ALONE).split())


class _Each(dict[int, str]):
    """What becomes of each character, reckoned once: titles are made of few of them."""

    def __init__(self, becomes: Callable[[str], str]) -> None:
        self._becomes = becomes

    def __missing__(self, code: int) -> str:
        letters = self._becomes(chr(code))
        if len(self) < LETTERS_KNOWN:
            self[code] = letters
        return letters


def _letter(character: str) -> str:
    """Give the character without marks, a space where it is no letter, nothing where it is but a part of one."""
    category = unicodedata.category(character)
    if character in _APOSTROPHES or category == "Cf" or "\u0300" <= character <= "\u036f":
        return ""
    # Vowel signs of Indic and Arabic scripts are letters here, or words would fall apart at them.
    if category in ("Mn", "Mc"):
        return character
    if not character.isalnum():
        return " "
    name = unicodedata.name(character, "")
    if not name.startswith(_LATIN_LIKE):
        return character
    decomposed = unicodedata.normalize("NFKD", character)
    return "".join(part for part in decomposed if not unicodedata.combining(part))


def _unmarked(character: str) -> str:
    if unicodedata.category(character)[0] == "M":
        return " "
    parts = unicodedata.normalize("NFKD", character)
    return unicodedata.normalize("NFC", "".join(part for part in parts if unicodedata.category(part)[0] != "M"))


_LETTERS_ALONE, _UNMARKED = _Each(_letter), _Each(_unmarked)


def transliterate(folded: str) -> str:
    """Give a folded text in Latin letters, whatever script it was in."""
    return folded if folded.isascii() else _fold(anyascii(folded))


def skeleton(text: str) -> str:
    """Give `text` without any mark: Indic consonants without their vowel signs, kana without their voicing.

    Who types a script by hand leaves these out or confuses them first. A space stands where a sign stood by
    itself, as it does where signs were taken for punctuation.
    """
    return text.translate(_UNMARKED)


def keys_of(title: str) -> tuple[str, ...]:
    """Give the forms of a title that are compared, in lower-case Latin letters and digits.

    Words stand apart by a space, parts of the title by BREAK. A title whose script writes vowels or voicing
    as marks has a second form without them. No form where the title has no letter or digit.
    """
    title = title[:QUERY_LIMIT]
    key = _key(title)
    if title.isascii():
        return (key,) if key else ()
    bare = _key(skeleton(title))
    return tuple(dict.fromkeys(form for form in (key, bare) if form))


def _key(text: str) -> str:
    parts = _BREAKS.split(text)
    if len(parts) == 1:
        return transliterate(_fold(text))
    return BREAK.join(filter(None, [transliterate(_fold(part)) for part in parts]))


def in_letters(key: str) -> str:
    """Give a key with digits that stand for letters within a word as these: `se7en` is typed `seven`."""
    return _DIGIT_WITHIN.sub(lambda word: word[0].translate(_LETTER_LIKE), key)


def canonical(key: str) -> str:
    """Give a key with each word in its shortest form: `rocky ii` and `rocky two` are `rocky 2`."""
    return " ".join([ONE_WORD.get(word, word) for word in key.split(" ")])
