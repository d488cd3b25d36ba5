"""What languages differ in, by the Unicode CLDR: lists, in the current language.

Apart from `formatting`, because Babel takes longer to import than the command line's look-up may.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.lists import format_list as format_babel_list

from bot.core.text.i18n import SOURCE_LOCALE, get_locale


@lru_cache(maxsize=64)
def find_babel_locale(locale: str) -> Locale:
    """Return Babel's locale of a name such as `de`, `pt-BR` or `zh-CN`, else of its language, else English."""
    try:
        return Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        language = locale.partition("-")[0]
        return find_babel_locale(language) if language != locale else Locale(SOURCE_LOCALE)


def get_babel_locale() -> Locale:
    """Return Babel's locale of the current language."""
    return find_babel_locale(get_locale())


def format_list(parts: Sequence[str], style: Literal["standard", "or"] = "standard") -> str:
    """Return the parts as a list in the current language: `Crime, Drama, and Thriller`, or with “or”."""
    return format_babel_list(parts, style=style, locale=get_babel_locale()) if len(parts) > 1 else "".join(parts)
