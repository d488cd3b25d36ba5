"""Countries and languages by name and by code. Names come from the Unicode CLDR, through Babel."""

from functools import cache

from babel import Locale
from rapidfuzz import fuzz, process

from bot.films.errors import InvalidInputError
from bot.films.titles.normalise import fold, transliterate

_ENGLISH = Locale("en")
_OTHER_NAMES = {
    "uk": "GB", "england": "GB", "britain": "GB", "great britain": "GB", "usa": "US", "america": "US",
    "korea": "KR", "holland": "NL", "czech republic": "CZ", "uae": "AE", "russian federation": "RU",
}  # fmt: skip
CUTOFF = 60.0


@cache
def country_names() -> dict[str, str]:
    """Give the English name of every country by its ISO 3166-1 alpha-2 code."""
    return {
        code: name
        for code, name in sorted(_ENGLISH.territories.items(), key=lambda item: item[1])
        if len(code) == 2 and code.isalpha() and code not in {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
    }


@cache
def _keys() -> dict[str, str]:
    return {code: transliterate(fold(name)) for code, name in country_names().items()}


def country_name(code: str) -> str:
    """Give a country's English name, or the code itself where it is unknown."""
    return country_names().get(code, code)


def flag(code: str) -> str:
    """Give the country's flag as emoji."""
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in code)


def language_name(code: str) -> str:
    """Give a language's English name by its ISO 639-1 code, or the code itself where it is unknown."""
    return str(_ENGLISH.languages.get(code, code))


def find_countries(text: str, limit: int = 25) -> list[str]:
    """Give the codes of the countries that `text` may mean, best first; all of them for an empty text."""
    asked = transliterate(fold(text))
    if not asked:
        return list(country_names())[:limit]
    exact = [code for code in (asked.upper(), _OTHER_NAMES.get(asked, "")) if code in country_names()]
    begins = [code for code, key in _keys().items() if key.startswith(asked) or f" {asked}" in key]
    alike = process.extract(asked, _keys(), scorer=fuzz.WRatio, limit=limit, score_cutoff=CUTOFF)
    return list(dict.fromkeys([*exact, *begins, *(code for _, _, code in alike)]))[:limit]


def country_code(text: str) -> str:
    """Give the code of the country that `text` names or is. Raises InvalidInputError where there is none."""
    asked = transliterate(fold(text))
    for code in (asked.upper(), _OTHER_NAMES.get(asked, "")):
        if code in country_names():
            return code
    for code, key in _keys().items():
        if key == asked:
            return code
    found = find_countries(text, 3) if asked else []
    hint = f" Did you mean {', '.join(country_name(code) for code in found)}?" if found else ""
    raise InvalidInputError(f"No country is called that.{hint} Pick one of those offered while you type.")


@cache
def language_names() -> dict[str, str]:
    """Give the English name of every language by its ISO 639-1 code."""
    named = ((code, str(name)) for code, name in _ENGLISH.languages.items())
    return {code: name for code, name in sorted(named, key=lambda item: item[1]) if len(code) == 2}


@cache
def _language_keys() -> dict[str, str]:
    return {code: transliterate(fold(name)) for code, name in language_names().items()}


def find_languages(text: str, limit: int = 25) -> list[str]:
    """Give the codes of the languages that `text` may mean, best first; the first ones for an empty text."""
    asked = transliterate(fold(text))
    if not asked:
        return list(language_names())[:limit]
    exact = [asked] if asked in language_names() else []
    begins = [code for code, key in _language_keys().items() if key.startswith(asked)]
    alike = process.extract(asked, _language_keys(), scorer=fuzz.WRatio, limit=limit, score_cutoff=CUTOFF)
    return list(dict.fromkeys([*exact, *begins, *(code for _, _, code in alike)]))[:limit]


def language_code(text: str) -> str:
    """Give the code of the language that `text` names or is. Raises InvalidInputError where there is none."""
    asked = transliterate(fold(text))
    if asked in language_names():
        return asked
    for code, key in _language_keys().items():
        if key == asked:
            return code
    found = find_languages(text, 3) if asked else []
    hint = f" Did you mean {', '.join(language_name(code) for code in found)}?" if found else ""
    raise InvalidInputError(f"No language is called that.{hint} Pick one of those offered while you type.")
