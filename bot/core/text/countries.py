"""Countries and languages by name and by code. Names come from the Unicode CLDR, through Babel."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from babel import Locale
from rapidfuzz import fuzz, process

from bot.core.errors import InvalidInputError
from bot.core.text.cldr import (
    find_babel_locale,
    format_list,
    get_babel_locale,
    get_territory_name,
)
from bot.core.text.folding import fold, transliterate
from bot.core.text.formatting import escape_line
from bot.core.text.i18n import SOURCE_LOCALE, _
from bot.core.text.origins import COUNTRY_WORDS, LANGUAGE_WORDS

_ENGLISH = Locale("en")
COMMON_COUNTRIES = (
    "US", "GB", "DE", "FR", "ES", "IT", "BR", "MX", "CA", "AU", "IN", "JP", "KR", "NL", "PL", "SE", "TR", "AR",
    "BE", "CH", "AT", "PT", "IE", "NO", "DK",
)  # fmt: skip
"""The countries that are named first where nothing is typed and a menu has no room for all."""
_COUNTRY_ALIASES = {phrase: codes[0] for phrase, codes in COUNTRY_WORDS.items() if len(codes) == 1} | {
    "uae": "AE",
    "russian federation": "RU",
}
_LANGUAGE_ALIASES = {phrase: codes[0] for phrase, codes in LANGUAGE_WORDS.items()} | {
    "deutsch": "de", "francais": "fr", "espanol": "es", "castellano": "es", "italiano": "it", "portugues": "pt",
    "nederlands": "nl", "svenska": "sv", "dansk": "da", "norsk": "no", "suomi": "fi", "polski": "pl",
    "magyar": "hu", "turkce": "tr", "nihongo": "ja", "hangugeo": "ko",
}  # fmt: skip
MINIMUM_SIMILARITY = 72.0
"""Similarity (rapidfuzz's ratio, 0 to 100) from which a misspelt name is suggested."""


class _CodeIndex:
    """Names by code, searched by what somebody types.

    `local` has the names in the reader's language of what `english` names; a code that it lacks keeps the English
    one. English names are found in any language, and so are `aliases`, the codes of further names in common use.
    `first` come before all others where nothing is typed. With `matches_inner_words` the beginning of any word of
    a name matches: South Korea is found by Korea.
    """

    def __init__(
        self,
        noun: str,
        english: Mapping[str, str],
        local: Mapping[str, str],
        aliases: Mapping[str, str],
        *,
        matches_inner_words: bool,
        first: Sequence[str] = (),
    ) -> None:
        names = {code: str(local.get(code, name)) for code, name in english.items()}
        self.names = dict(sorted(names.items(), key=lambda item: item[1]))
        self._noun = noun
        self._in_order = list(dict.fromkeys((*first, *self.names)))
        self._aliases = {transliterate(fold(name)): code for code, name in english.items()} | dict(aliases)
        self._matches_inner_words = matches_inner_words
        self._folded_names = {code: transliterate(fold(name)) for code, name in self.names.items()}
        self._codes = {code.lower(): code for code in self.names}

    def find(self, text: str, limit: int) -> list[str]:
        """Return the codes of what `text` may mean, best first; the first ones for an empty text."""
        query = transliterate(fold(text))
        if not query:
            return self._in_order[:limit]
        prefixed = [
            code
            for code, name in self._folded_names.items()
            if name.startswith(query) or (self._matches_inner_words and f" {query}" in name)
        ]
        codes = list(dict.fromkeys([*self._list_exact(query), *prefixed]))
        if not codes:  # a name is not a misspelling of another: Korean and Norwegian only share letters
            names = [*((name, code) for code, name in self._folded_names.items()), *self._aliases.items()]
            texts = [name for name, _code in names]
            similar = process.extract(
                query, texts, scorer=fuzz.ratio, limit=limit, score_cutoff=MINIMUM_SIMILARITY
            )
            codes = list(dict.fromkeys(names[position][1] for _name, _score, position in similar))
        return codes[:limit]

    def parse(self, text: str) -> str:
        """Return the code that `text` is or names. Raises InvalidInputError if there is none."""
        query = transliterate(fold(text))
        exact = [*self._list_exact(query), *(code for code, name in self._folded_names.items() if name == query)]
        if exact:
            return exact[0]
        candidates = self.find(text, 3) if query else []
        raise InvalidInputError(self._describe_unknown(text, [self.names[code] for code in candidates]))

    def _describe_unknown(self, text: str, candidates: list[str]) -> str:
        if self._noun == "language":
            message = (
                _("No language matches “{text}”. Did you mean {names}?")
                if candidates
                else _("No language matches “{text}”. Pick one from the list.")
            )
        else:
            message = (
                _("No country matches “{text}”. Did you mean {names}?")
                if candidates
                else _("No country matches “{text}”. Pick one from the list.")
            )
        return message.format(text=escape_line(text, 80), names=format_list(candidates, "or"))

    def _list_exact(self, query: str) -> list[str]:
        codes = (
            next((code for code, name in self._folded_names.items() if name == query), None),
            self._codes.get(query),
            self._aliases.get(query),
        )
        return [code for code in codes if code is not None]


def _countries() -> _CodeIndex:
    """Return the index of countries by their names in the current language."""
    return _build_countries(get_babel_locale().language)


@lru_cache(maxsize=32)
def _build_countries(language: str) -> _CodeIndex:
    english = {
        code: get_territory_name(code, SOURCE_LOCALE)
        for code in map(str, _ENGLISH.territories)
        if len(code) == 2 and code.isalpha() and code not in {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
    }
    local = {code: get_territory_name(code, language) for code in english}
    return _CodeIndex(
        "country", english, local, _COUNTRY_ALIASES, matches_inner_words=True, first=COMMON_COUNTRIES
    )


def _languages() -> _CodeIndex:
    """Return the index of languages by their names in the current language."""
    return _build_languages(get_babel_locale().language)


@lru_cache(maxsize=32)
def _build_languages(language: str) -> _CodeIndex:
    english = {code: str(name) for code, name in _ENGLISH.languages.items() if len(code) == 2}
    local = find_babel_locale(language).languages
    return _CodeIndex("language", english, local, _LANGUAGE_ALIASES, matches_inner_words=False)


def country_names() -> dict[str, str]:
    """Return the name of every country in the current language, by its ISO 3166-1 alpha-2 code."""
    return _countries().names


def find_countries(text: str, limit: int = 25) -> list[str]:
    """Return the codes of the countries that `text` may mean, best first; the first ones for an empty text."""
    return _countries().find(text, limit)


def parse_country(text: str) -> str:
    """Return the code of the country that `text` is or names. Raises InvalidInputError if there is none."""
    return _countries().parse(text)


def find_languages(text: str, limit: int = 25) -> list[str]:
    """Return the codes of the languages that `text` may mean, best first; the first ones for an empty text."""
    return _languages().find(text, limit)


def parse_language(text: str) -> str:
    """Return the code of the language that `text` is or names. Raises InvalidInputError if there is none."""
    return _languages().parse(text)
