"""Search keys: titles and queries in the form that is compared, lower-case Latin letters, digits and spaces."""

import re

from bot.core.text.folding import TEXT_LIMIT, fold, strip_marks, transliterate

NUMERALS = {
    "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10",
    "xi": "11", "xii": "12", "xiii": "13",
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
}  # fmt: skip
SHORT_FORMS = {
    **NUMERALS,
    "doctor": "dr", "mister": "mr", "saint": "st", "versus": "vs", "part": "pt", "volume": "vol", "episode": "ep",
}  # fmt: skip
"""Words and the shorter form of each that means the same."""
BREAK = "|"
"""Separates the parts of a title in its key: written for a colon, a dash or a bracket."""
SHORTEST_ROMANISED = 5
"""Letters from which a Latin text may be the very title of a film in another script."""
_BREAKS = re.compile(r"\s*[:：–—/(（\[|·]\s*|\s+-+\s+")
_WORD_WITH_DIGIT_LETTERS = re.compile(r"\b[a-z]+(?:[013457]+[a-z]+)+\b")
_DIGIT_LETTERS = str.maketrans("013457", "oieasv")
_FRENCH_ELISIONS = "c|d|j|l|m|n|s|t|qu|jusqu|lorsqu|presqu|puisqu|quelqu|quoiqu"
_ITALIAN_ELISIONS = (
    "all|anch|bell|cent|coll|com|cos|dall|dell|dov|gl|mezz|nell|nessun|quell|quest|sant|senz|sull|tutt|un"
)
_APOSTROPHE = re.compile("['’‘`´ʼ]")
_ELISION = re.compile(
    rf"(?<!\w)({_FRENCH_ELISIONS}|{_ITALIAN_ELISIONS}){_APOSTROPHE.pattern}(?=[aeiouhyàâäáæéèêëíìîïóòôöœúùûüÿ])",
    re.IGNORECASE,
)
"""A word that has lost its last letter before a vowel, and the apostrophe in its place."""
_NUMBER = re.compile(r"(?<!\d)\d{1,3}(?![a-z\d])")


def fold_title(text: str, limit: int | None = TEXT_LIMIT) -> str:
    """Return a title or a query folded, with French and Italian words apart from those shortened before them.

    `une chute` in `Anatomie d'une chute` is no `dune`; the apostrophe of `Ocean's` only goes.
    """
    text = text[:limit]
    return fold(_ELISION.sub(r"\1 ", text) if _APOSTROPHE.search(text) else text, limit)


def create_title_keys(title: str) -> tuple[str, ...]:
    """Return the keys of a title: words separated by a space, parts of the title by BREAK.

    A title whose script writes vowels or voicing as marks has a second key without them. The result is empty if
    the title has no letter or digit.
    """
    title = title[:TEXT_LIMIT]
    key = _create_key(title)
    if title.isascii():
        return (key,) if key else ()
    unmarked = _create_key(strip_marks(title))
    return tuple(dict.fromkeys(form for form in (key, unmarked) if form))


def _create_key(text: str) -> str:
    parts = _BREAKS.split(text)
    if len(parts) == 1:
        return transliterate(fold_title(text, None))
    return BREAK.join(filter(None, [transliterate(fold_title(part, None)) for part in parts]))


def replace_digit_letters(key: str) -> str:
    """Return a key with digits that stand for letters within a word replaced: `se7en` becomes `seven`."""
    return _WORD_WITH_DIGIT_LETTERS.sub(lambda word: word[0].translate(_DIGIT_LETTERS), key)


def shorten_words(key: str) -> str:
    """Return a key with each word in its shortest form: `rocky ii` and `rocky two` become `rocky 2`."""
    return " ".join([SHORT_FORMS.get(word, word) for word in key.split(" ")])


def list_numbers(latin: str) -> list[str]:
    """Return the numbers in a text in Latin letters, as digits: those of `rocky ii` and `rocky two` are 2."""
    return _NUMBER.findall(shorten_words(latin))


def remove_spaces(key: str) -> str:
    """Return the letters and digits of a key, without spaces and breaks."""
    return key.replace(" ", "").replace(BREAK, "")
