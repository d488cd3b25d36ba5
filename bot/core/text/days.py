"""Days as people write them: in numbers, by name, and by how long ago they were."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from bot.core.errors import NoSuchDayError
from bot.core.text.folding import fold

_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DOTTED_DAY = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})")
_NUMERIC_DAY = re.compile(r"(\d{1,4})\s*([/.\-])\s*(\d{1,2})(?:\s*[/.\-]\s*(\d{4}|\d{2})?)?")
_DAYS_AGO = re.compile(r"(an?|one|two|three|\d{1,3}) (day|week|month|year)s? ago")
_NUMBER = re.compile(r"(\d{1,4})(?:st|nd|rd|th|er|º|ª)?")
_NUMBER_WORDS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3}
_FILLERS = frozenset(
    ("on", "the", "of", "this", "past", "de", "den", "der", "am", "le", "el", "du", "do", "il", "gunu")
)
_LAST = frozenset(
    ("last", "letzten", "letzter", "letzte", "letztem", "vergangenen", "dernier", "derniere", "pasado", "passada",
     "passado", "scorso", "gecen", "afgelopen")
)  # fmt: skip
_PREFIX_LENGTH = 3
"""Letters by which the name of a month or a weekday is known."""
_DAYS_IN_UNIT = {"day": 1, "week": 7}
_TODAY = frozenset(
    ("today", "tonight", "now", "heute", "aujourdhui", "hoy", "oggi", "hoje", "vandaag", "dzis", "dzisiaj",
     "idag", "i dag", "сегодня", "сьогодні", "bugun", "今日", "今天", "오늘")
)  # fmt: skip
_YESTERDAY = frozenset(
    ("yesterday", "last night", "gestern", "hier", "ayer", "ieri", "ontem", "gisteren", "wczoraj", "igar", "i gar",
     "вчера", "вчора", "dun", "昨日", "昨天", "어제")
)  # fmt: skip


def parse_numeric_day(text: str) -> date | None:
    """Return the day of a text such as 2026-11-20 or 20.11.2026, or None for a text of another form.

    Raises NoSuchDayError if no calendar has that day.
    """
    if match := _ISO_DAY.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _DOTTED_DAY.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
    else:
        return None
    return _build_day(year, month, day)


def parse_past_day(text: str, today: date, locale: str = "en-US") -> date | None:
    """Return the day up to today that `text` names, or None if it names none.

    It takes today, yesterday, last Friday, 3 days ago, Nov 20, 20 November 2025, 11/20/2026, 20.11. and
    2026-11-20. `locale` is the reader's (as Discord names it): in its language months and weekdays are known
    beside English, and by its order 3/4/2026 is in March or in April. A day without a year is the latest one that
    is not to come; a day with a year may be. Raises NoSuchDayError if no calendar has that day.
    """
    text = " ".join(text.split()).strip(" .,")
    if (day := parse_numeric_day(text)) is not None:
        return day
    if match := _NUMERIC_DAY.fullmatch(text):
        return _read_numeric(match, today, locale)
    folded = fold(text)
    if folded in _TODAY:
        return today
    if folded in _YESTERDAY:
        return today - timedelta(days=1)
    if folded == "day before yesterday" or folded == "the day before yesterday":
        return today - timedelta(days=2)
    if folded == "last week":
        return today - timedelta(days=7)
    if match := _DAYS_AGO.fullmatch(folded):
        return _subtract(today, _NUMBER_WORDS.get(match[1]) or int(match[1]), match[2])
    return _read_words(folded.split(), today, locale)


@dataclass(frozen=True, slots=True)
class _DateWords:
    """What a language calls months and weekdays, folded, and in which order it writes day, month and year."""

    months: dict[str, int]
    weekdays: dict[str, int]
    order: str


@lru_cache(maxsize=64)
def _get_words(locale: str) -> _DateWords:
    """Return the words of a language and of English."""
    try:
        parsed = Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        parsed = Locale("en", "US")
    months: dict[str, int] = {}
    weekdays: dict[str, int] = {}
    for each in (Locale("en"), parsed):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                months |= {fold(name): number for number, name in each.months[context][width].items()}
                weekdays |= {fold(name): number for number, name in each.days[context][width].items()}
    pattern = parsed.date_formats["short"].pattern
    order = "".join(sorted("dMy", key=pattern.lower().replace("m", "M").find))
    return _DateWords(months, weekdays, order)


def _build_day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise NoSuchDayError from None


def _read_numeric(match: re.Match[str], today: date, locale: str) -> date | None:
    """Return the day of a text such as 11/20/2026, 20.11. or 11/20."""
    first, separator, second, third = match.groups()
    if len(first) > 2:  # a year comes first
        return _build_day(int(first), int(second), int(third)) if third is not None and len(first) == 4 else None
    order = _get_words(locale).order
    if separator == ".":  # nobody writes the month first with dots
        order = order.replace("y", "")[::-1] if order.startswith("M") else order
    is_month_first = order.replace("y", "") == "Md"
    month, day = (int(first), int(second)) if is_month_first else (int(second), int(first))
    if month > 12 >= day:  # only the other order makes it a day
        month, day = day, month
    if third is None:
        return _latest(month, day, today)
    year = int(third)
    if len(third) == 2:
        year += 2000 if 2000 + year <= today.year + 1 else 1900
    return _build_day(year, month, day)


def _latest(month: int, day: int, today: date) -> date:
    """Return the latest such day of a year that is not after today."""
    for year in range(today.year, today.year - 8, -1):  # the 29th of February comes every four years, or eight
        try:
            candidate = date(year, month, day)
        except ValueError:
            continue
        if candidate <= today:
            return candidate
    raise NoSuchDayError


def _subtract(today: date, number: int, unit: str) -> date | None:
    try:
        if (days := _DAYS_IN_UNIT.get(unit)) is not None:
            return today - timedelta(days=days * number)
        months = today.year * 12 + today.month - 1 - number * (12 if unit == "year" else 1)
        year, month = divmod(months, 12)
        for day in range(today.day, today.day - 4, -1):  # a shorter month ends earlier
            try:
                return date(year, month + 1, day)
            except ValueError:
                continue
    except OverflowError:
        pass
    return None


def _find_name(names: dict[str, int], word: str) -> int | None:
    """Return the number of the month or weekday that the word names or begins."""
    if word in names:
        return names[word]
    if len(word) < _PREFIX_LENGTH or word.isdigit():
        return None
    numbers = {number for name, number in names.items() if name.startswith(word)}
    return numbers.pop() if len(numbers) == 1 else None


def _read_words(words: list[str], today: date, locale: str) -> date | None:
    """Return the day of words such as `last friday` or `20 nov 2025`."""
    known = _get_words(locale)
    is_last = any(word in _LAST for word in words)
    words = [word for word in words if word not in _FILLERS and word not in _LAST]
    weekdays = [number for word in words if (number := _find_name(known.weekdays, word)) is not None]
    if len(words) == 1 and weekdays:
        days = (today.weekday() - weekdays[0]) % 7
        return today - timedelta(days=days or 7 * is_last)
    month, numbers = None, list[int]()
    for word in words:
        if (written := _NUMBER.fullmatch(word)) is not None:
            numbers.append(int(written[1]))
        elif month is None and (month := _find_name(known.months, word)) is not None:
            continue
        elif _find_name(known.weekdays, word) is None:
            return None
    if month is None or not 1 <= len(numbers) <= 2:
        return None
    years = [number for number in numbers if number > 31]
    days_of_month = [number for number in numbers if number <= 31]
    if len(days_of_month) != 1:
        return None
    if not years:
        return _latest(month, days_of_month[0], today)
    return _build_day(years[0], month, days_of_month[0])
