"""Countries and languages by name and by code. Names come from the Unicode CLDR, through Babel."""

from collections.abc import Iterable, Mapping
from functools import cache

from babel import Locale
from rapidfuzz import fuzz, process

from bot.core.errors import InvalidInputError
from bot.core.text.folding import fold, transliterate

_ENGLISH = Locale("en")
_OTHER_NAMES = {
    "uk": "GB", "england": "GB", "britain": "GB", "great britain": "GB", "usa": "US", "america": "US",
    "korea": "KR", "holland": "NL", "czech republic": "CZ", "uae": "AE", "russian federation": "RU",
}  # fmt: skip
CUTOFF = 60.0


class _Names:
    """English names by code, found by what somebody types.

    `others` gives the codes of names that people use besides. With `every_word` what is typed may begin any
    word of a name: Korea is found so.
    """

    def __init__(
        self, noun: str, names: Iterable[tuple[str, str]], others: Mapping[str, str], *, every_word: bool
    ) -> None:
        self.of = dict(sorted(names, key=lambda item: item[1]))
        self._noun = noun
        self._others = others
        self._every_word = every_word
        self._keys = {code: transliterate(fold(name)) for code, name in self.of.items()}
        self._codes = {code.lower(): code for code in self.of}

    def find(self, text: str, limit: int) -> list[str]:
        """Give the codes of what `text` may mean, best first; the first ones for an empty text."""
        asked = transliterate(fold(text))
        if not asked:
            return list(self.of)[:limit]
        begins = [
            code
            for code, key in self._keys.items()
            if key.startswith(asked) or (self._every_word and f" {asked}" in key)
        ]
        alike = process.extract(asked, self._keys, scorer=fuzz.WRatio, limit=limit, score_cutoff=CUTOFF)
        return list(dict.fromkeys([*self._exact(asked), *begins, *(code for _, _, code in alike)]))[:limit]

    def code(self, text: str) -> str:
        """Give the code of what `text` names or is. Raises InvalidInputError where there is none."""
        asked = transliterate(fold(text))
        if meant := [*self._exact(asked), *(code for code, key in self._keys.items() if key == asked)]:
            return meant[0]
        found = self.find(text, 3) if asked else []
        hint = f" Did you mean {', '.join(self.of[code] for code in found)}?" if found else ""
        raise InvalidInputError(f"No {self._noun} is called that.{hint} Pick one of those offered while you type.")

    def _exact(self, asked: str) -> list[str]:
        codes = (self._codes.get(asked), self._others.get(asked))
        return [code for code in codes if code is not None]


@cache
def _countries() -> _Names:
    named = (
        (code, name)
        for code, name in _ENGLISH.territories.items()
        if len(code) == 2 and code.isalpha() and code not in {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
    )
    return _Names("country", named, _OTHER_NAMES, every_word=True)


@cache
def _languages() -> _Names:
    named = ((code, str(name)) for code, name in _ENGLISH.languages.items() if len(code) == 2)
    return _Names("language", named, {}, every_word=False)


def country_names() -> dict[str, str]:
    """Give the English name of every country by its ISO 3166-1 alpha-2 code."""
    return _countries().of


def country_name(code: str) -> str:
    """Give a country's English name, or the code itself where it is unknown."""
    return _countries().of.get(code, code)


def flag(code: str) -> str:
    """Give the country's flag as emoji."""
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in code)


def format_country(code: str) -> str:
    """Return the country's name with its flag, as in `Germany 🇩🇪`."""
    return f"{country_name(code)} {flag(code)}"


def language_name(code: str) -> str:
    """Give a language's English name by its ISO 639-1 code, or the code itself where it is unknown."""
    return str(_ENGLISH.languages.get(code, code))


def find_countries(text: str, limit: int = 25) -> list[str]:
    """Give the codes of the countries that `text` may mean, best first; the first ones for an empty text."""
    return _countries().find(text, limit)


def country_code(text: str) -> str:
    """Give the code of the country that `text` names or is. Raises InvalidInputError where there is none."""
    return _countries().code(text)


def find_languages(text: str, limit: int = 25) -> list[str]:
    """Give the codes of the languages that `text` may mean, best first; the first ones for an empty text."""
    return _languages().find(text, limit)


def language_code(text: str) -> str:
    """Give the code of the language that `text` names or is. Raises InvalidInputError where there is none."""
    return _languages().code(text)
