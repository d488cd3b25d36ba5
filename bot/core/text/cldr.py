"""What languages write differently, by the Unicode CLDR: numbers, dates and lists, in the current language.

Apart from `formatting`, because Babel takes longer to import than the command line's look-up may.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel import dates as babel_dates
from babel.lists import format_list as format_babel_list
from babel.numbers import format_decimal as format_babel_decimal
from babel.numbers import get_decimal_symbol

from bot.core.text.i18n import SOURCE_LOCALE, _, get_locale, get_spoken_locale, gettext_noop

SMALLEST_GROUPED = 1_000
"""The smallest number that has a separator of thousands in some language."""
_FORMER_COUNTRIES = {
    "SU": gettext_noop("Soviet Union"),
    "CS": gettext_noop("Czechoslovakia"),
    "YU": gettext_noop("Yugoslavia"),
    "DD": gettext_noop("East Germany"),
}
"""States that films come from and nobody lives in; their codes were withdrawn from ISO 3166-1."""


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
    return find_babel_locale(get_spoken_locale())


def describe_locale(locale: str, *, is_own_name: bool = False) -> str:
    """Return the name of a locale's language in the current language, or in that language itself."""
    named = find_babel_locale(locale)
    name = named.get_display_name(named if is_own_name else get_babel_locale()) or locale
    return name[0].upper() + name[1:] if is_own_name else name


def is_english() -> bool:
    """Return whether the current language is English."""
    return get_babel_locale().language == SOURCE_LOCALE


SHORT_TERRITORY_NAMES = {
    "HK": {
        "de": "Hongkong", "ja": "香港", "ko": "홍콩", "nl": "Hongkong", "pl": "Hongkong", "ru": "Гонконг",
        "zh": "香港",
    },
    "MO": {
        "de": "Macau", "ja": "マカオ", "ko": "마카오", "nl": "Macau", "pl": "Makau", "pt": "Macau", "ru": "Макао",
        "tr": "Makao", "zh": "澳门",
    },
}  # fmt: skip
"""The CLDR's short names, by language, which Babel leaves out: nobody says “Hong Kong SAR China” of a film."""
_USUAL_SHORT_NAMES = {"HK": "Hong Kong", "MO": "Macao"}


@lru_cache(maxsize=8192)
def get_territory_name(code: str, locale: str) -> str:
    """Return the name of a country by its ISO 3166-1 alpha-2 code in a locale's language, the code if unknown."""
    babel_locale = find_babel_locale(locale)
    if code in SHORT_TERRITORY_NAMES:
        return SHORT_TERRITORY_NAMES[code].get(babel_locale.language, _USUAL_SHORT_NAMES[code])
    return str(babel_locale.territories.get(code, code))


@lru_cache(maxsize=8192)
def get_language_name(code: str, locale: str) -> str:
    """Return the name of a language by its ISO 639-1 code in a locale's language, or the code if it is unknown."""
    return str(find_babel_locale(locale).languages.get(code, code))


def country_name(code: str) -> str:
    """Return a country's name in the current language, or the code itself if it is unknown."""
    if code in _FORMER_COUNTRIES:
        return _(_FORMER_COUNTRIES[code])
    return get_territory_name(code, get_spoken_locale())


def flag(code: str) -> str:
    """Return the country's flag as an emoji; former countries have none."""
    if code in _FORMER_COUNTRIES:
        return ""
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in code)


def format_country(code: str) -> str:
    """Return the country's name with its flag, as in `Germany 🇩🇪`."""
    return f"{country_name(code)} {flag(code)}".rstrip()


def language_name(code: str) -> str:
    """Return a language's name in the current language by its ISO 639-1 code, or the code if it is unknown."""
    return get_language_name(code, get_spoken_locale())


def format_number(number: int) -> str:
    """Return a whole number with the current language's separators: `1,234`, `1.234`, `1 234`."""
    if -SMALLEST_GROUPED < number < SMALLEST_GROUPED:
        return str(number)
    return f"{number:,}" if is_english() else format_babel_decimal(number, locale=get_babel_locale())


@lru_cache(maxsize=64)
def _decimal_symbol(locale: str) -> str:
    return get_decimal_symbol(find_babel_locale(locale))


def format_decimal(number: float, digits: int = 1) -> str:
    """Return a number with so many decimals, after the current language's point or comma: `4.3`, `4,3`."""
    return f"{number:.{digits}f}".replace(".", _decimal_symbol(get_spoken_locale()))


def _is_american() -> bool:
    """Return whether texts are in American English, which names the month before the day."""
    return get_locale() == "en-US"


def _format_english_day(day: date, month: str) -> str:
    """Return the day and its month, by the format code of `strftime` for one: `6 October`, `October 6`."""
    return f"{day:{month}} {day.day}" if _is_american() else f"{day.day} {day:{month}}"


def format_date(day: date) -> str:
    """Return a calendar day, which has no time zone to be shown in: `6 October 2023`, `6. Oktober 2023`.

    It looks like Discord's own `<t:…:D>` beside it: `October 6, 2023` in American English.
    """
    if is_english():
        return f"{_format_english_day(day, '%B')}{',' if _is_american() else ''} {day.year}"
    return _format_long_date(day, get_spoken_locale())


@lru_cache(maxsize=4096)
def _format_long_date(day: date, locale: str) -> str:
    """Return the day; those of cards that are looked at again and again are kept, as Babel takes its time."""
    return str(babel_dates.format_date(day, "long", find_babel_locale(locale)))


def format_day_of_year(day: date) -> str:
    """Return a day without its year: `6 Oct`, `Oct 6`, `6. Okt.`."""
    if is_english():
        return _format_english_day(day, "%b")
    return babel_dates.format_skeleton("MMMd", day, locale=get_babel_locale())


def format_day_and_time(time: datetime) -> str:
    """Return a day without its year, and the time in the zone that `time` is in: `6 Oct 20:00`."""
    return f"{format_day_of_year(time.date())} {time:%H:%M}"


def format_full_date_and_time(time: datetime) -> str:
    """Return the day with its weekday, and the time in the zone that `time` is in.

    `Friday, 4 December 2026 at 20:00`, `Freitag, 4. Dezember 2026, 20:00`.
    """
    if is_english():
        return f"{weekday_name(time.weekday())}, {format_date(time.date())} at {time:%H:%M}"
    locale = get_babel_locale()
    day = babel_dates.format_date(time.date(), "full", locale)
    pattern = str(babel_dates.get_datetime_format("medium", locale)).replace("'", "")
    return pattern.replace("{1}", day).replace("{0}", f"{time:%H:%M}")


def weekday_name(weekday: int) -> str:
    """Return the name of a weekday as it stands alone, counted from Monday as 0."""
    return str(get_babel_locale().days["stand-alone"]["wide"][weekday])


def format_list(parts: Sequence[str], style: Literal["standard", "or"] = "standard") -> str:
    """Return the parts as a list in the current language: `Crime, Drama, and Thriller`, or with “or”."""
    return format_babel_list(parts, style=style, locale=get_babel_locale()) if len(parts) > 1 else "".join(parts)
