"""Days as people write them: in numbers, by name, and by how long ago or ahead they are."""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.core.errors import NoSuchDayError
from bot.core.text.clock import read_clock
from bot.core.text.time_vocabulary import FILLING_SIGNS, Kind, Token, Unit, Vocabulary, list_vocabularies, tokenize

_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DOTTED_DAY = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})")
_NUMERIC_SHAPE = re.compile(r"n([./-])n(?:\1(?:n)?)?\.?")
_MARKED_SHAPE = re.compile(r"(?:ny)?nmnd?|(?:ny)?Nnd?|nd")
_NAMED_SHAPE = re.compile(r"n\.?-?N-?\.?n?\.?|Nn\.?n?\.?|n\.?Nn\.?")
LAST_DAY = 31
_DAYS_IN_UNIT = {"minute": 0, "hour": 0, "day": 1, "week": 7}
_AFTER_NUMBER = frozenset((Kind.DAY_MARK, Kind.MONTH_MARK, Kind.YEAR_MARK, Kind.ORDINAL))
_MEANINGLESS = frozenset((Kind.FILL, Kind.AT, Kind.ORDINAL))
_MODIFIERS = (Kind.NEXT, Kind.THIS, Kind.LAST)


class WrongWeekdayError(ValueError):
    """A weekday beside a date that is on another one. `day` is the date."""

    def __init__(self, day: date) -> None:
        super().__init__(day)
        self.day = day


@dataclass(frozen=True, slots=True)
class TypedDay:
    """A day that was typed. `repeats_after` days it is meant again where its time has passed; 0 for never."""

    day: date
    repeats_after: int = 0


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

    It takes today, yesterday, last Friday, 3 days ago, Nov 20, 20 November 2025, 11/20/2026, 20.11., 2026-11-20,
    and what people type for these in the language of `locale`, the reader's as Discord names it. By its order
    3/4/2026 is in March or in April. A day without a year is the latest one that is not to come; a day with a year
    may be, and so may tomorrow and the like. Raises NoSuchDayError if no calendar has that day.
    """
    for vocabulary in list_vocabularies(locale):
        tokens = tokenize(text, vocabulary)
        if not tokens:
            return None
        clock = read_clock(tokens, vocabulary) if any(token.has(Kind.PERIOD) for token in tokens) else None
        if clock is not None and clock.minutes is not None:
            continue
        try:
            typed = read_day(clock.rest if clock is not None else tokens, today, vocabulary, is_past=True)
        except WrongWeekdayError:
            return None
        if typed is not None:
            return typed.day
    return None


def read_day(
    tokens: Sequence[Token],
    today: date,
    vocabulary: Vocabulary,
    *,
    is_past: bool = False,
    has_time: bool = False,
) -> TypedDay | None:
    """Return the day that the tokens of a text name, or None if they name none.

    Where the year is not said, it is the next such day, or with `is_past` the last one. Without any word it is
    today, or with `is_past` none. Beside a time, with `has_time`, a number alone is a day of the month.
    Raises NoSuchDayError, and WrongWeekdayError for a weekday that the date does not fall on.
    """
    words = _resolve(tokens)
    if not words:
        return None if is_past else TypedDay(today, repeats_after=1)
    weekdays = [token.meanings[Kind.WEEKDAY] for token in words if token.has(Kind.WEEKDAY)]
    dated = [token for token in words if not token.has(Kind.WEEKDAY)]
    if (number := _read_day_of_month(dated)) is not None:
        if not has_time:
            return None
        day = _find_day_of_month(number, today, is_past)
        if weekdays and weekdays != [day.weekday()]:
            raise WrongWeekdayError(day)
        return TypedDay(day)
    if len(weekdays) == 1 and any(token.number is not None or token.has(Kind.DAY) for token in dated):
        typed = _read_date(dated, today, vocabulary, is_past)
        if typed is None or typed.day.weekday() == weekdays[0]:
            return typed
        if any(token.has(Kind.DAY) for token in dated):
            return None  # two days: today, Friday
        raise WrongWeekdayError(typed.day)
    if len(weekdays) == 1:
        return _read_weekday(weekdays[0], dated, today, is_past)
    return _read_date(dated, today, vocabulary, is_past) if not weekdays else None


def _resolve(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens that say something about a day, with the meanings that they can have where they stand."""
    has_number = any(token.number is not None for token in tokens)
    has_month = any(token.has(Kind.MONTH) and not token.has(Kind.WEEKDAY) for token in tokens)
    unclear = sum(token.has(Kind.MONTH) and token.has(Kind.WEEKDAY) for token in tokens)
    resolved: list[Token] = []
    for position, token in enumerate(tokens):
        meanings = dict(token.meanings)
        if token.has(*_AFTER_NUMBER):
            is_after_number = position > 0 and (tokens[position - 1].number is not None or token.has(Kind.ORDINAL))
            meanings = {kind: n for kind, n in meanings.items() if (kind in _AFTER_NUMBER) is is_after_number}
        elif token.has(Kind.MONTH) and token.has(Kind.WEEKDAY):
            is_after_number = position > 0 and tokens[position - 1].number is not None
            is_month = has_number and not has_month and (unclear == 1 or is_after_number)
            del meanings[Kind.WEEKDAY if is_month else Kind.MONTH]
        elif token.has(Kind.MONTH):
            meanings.pop(Kind.NUMBER, None)  # `sept`, which is seven too
        is_hyphen = (
            token.text == "-" and tokens[position + 1 : position + 2] and tokens[position + 1].has(Kind.ORDINAL)
        )
        if is_hyphen or (meanings.keys() <= _MEANINGLESS and (meanings or token.text in FILLING_SIGNS)):
            continue
        resolved.append(Token(token.text, meanings, token.unit))
    return resolved


def _read_day_of_month(words: Sequence[Token]) -> int | None:
    """Return the number that is all of the words, as in `am 4.` and `Friday the 4th`, or None."""
    is_number = bool(words) and words[0].number is not None and [token.text for token in words[1:]] in ([], ["."])
    return words[0].number if is_number else None


def _read_weekday(weekday: int, words: Sequence[Token], today: date, is_past: bool) -> TypedDay | None:
    """Return the day of a weekday with words such as `next`, `last` or `of next week`."""
    if len(words) == 1 and words[0].has(Kind.DELTA) and words[0].unit == "week":  # Friday in a week
        return TypedDay(
            today + timedelta(days=(weekday - today.weekday()) % 7 + 7 * words[0].meanings[Kind.DELTA])
        )
    week = _read_week(words)
    monday = today - timedelta(days=today.weekday())
    if week is not None:
        return TypedDay(monday + timedelta(days=7 * week + weekday))
    if len(words) > 1 or (words and not words[0].has(Kind.NEXT, Kind.THIS, Kind.LAST)):
        return None
    ahead = (weekday - today.weekday()) % 7
    if words and words[0].has(Kind.NEXT):
        return TypedDay(today + timedelta(days=ahead or 7))
    if words and words[0].has(Kind.LAST):
        return TypedDay(today + timedelta(days=ahead - 7))
    if is_past:
        return TypedDay(today - timedelta(days=-ahead % 7))
    return TypedDay(today + timedelta(days=ahead), repeats_after=7)


def _read_week(words: Sequence[Token]) -> int | None:
    """Return how many weeks from this one the words name, or None if they name none.

    `next week` and `next` alone differ, but for languages whose word for next means that of next week.
    """
    if len(words) == 1 and (week := words[0].get(Kind.WEEK)) is not None:
        return week
    modifiers = [(kind, value) for token in words for kind in _MODIFIERS if (value := token.get(kind)) is not None]
    has_unit = any(token.has(Kind.UNIT) for token in words)
    if len(modifiers) != 1 or len(words) != 1 + has_unit:
        return None
    kind, value = modifiers[0]
    if not (value or has_unit):
        return None
    return {Kind.NEXT: max(1, value), Kind.LAST: -max(1, value)}.get(kind, 0)


def _read_date(words: Sequence[Token], today: date, vocabulary: Vocabulary, is_past: bool) -> TypedDay | None:
    """Return the day of words that name no weekday."""
    if len(words) == 1 and (days := words[0].get(Kind.DAY)) is not None:
        return TypedDay(_shift(today, days, "day"))
    if len(words) == 1 and (count := words[0].get(Kind.DELTA)) is not None:
        return TypedDay(_shift(today, count, words[0].unit))
    if (weeks := _read_week(words)) is not None and (len(words) == 2 or words[0].has(Kind.WEEK)):
        return TypedDay(_shift(today, weeks, "week"))
    shape = "".join(map(_get_shape, words))
    numbers = [token.number for token in words if token.number is not None]
    months = [token.meanings[Kind.MONTH] for token in words if token.number is None and token.has(Kind.MONTH)]
    if _NUMERIC_SHAPE.fullmatch(shape):
        texts = [token.text for token in words if token.number is not None]
        return TypedDay(_read_numeric(texts, shape[1], today, vocabulary.order, is_past))
    if _MARKED_SHAPE.fullmatch(shape):
        year = numbers.pop(0) if "y" in shape else None
        if shape == "nd":
            return TypedDay(_find_day_of_month(numbers[0], today, is_past))
        month, day = (*months, *numbers)
        return TypedDay(_find_day(year, month, day, today, is_past))
    if _NAMED_SHAPE.fullmatch(shape):
        years = [number for number in numbers if number > LAST_DAY]
        days_of_month = [number for number in numbers if number <= LAST_DAY]
        if len(days_of_month) == 1:
            return TypedDay(_find_day(years[0] if years else None, months[0], days_of_month[0], today, is_past))
    return None


def _get_shape(token: Token) -> str:
    """Return a letter for what the token is in a date: a number, a name of a month, a mark, a sign."""
    if token.number is not None:
        return "n"
    for kind, letter in ((Kind.YEAR_MARK, "y"), (Kind.MONTH_MARK, "m"), (Kind.DAY_MARK, "d"), (Kind.MONTH, "N")):
        if token.has(kind):
            return letter
    return token.text if token.text in ("/", ".", "-") else "?"


def _read_numeric(texts: Sequence[str], separator: str, today: date, order: str, is_past: bool) -> date:
    """Return the day of numbers such as 11/20/2026, 20.11. or 11/20."""
    if not all(text.isdecimal() and len(text) <= 4 for text in texts):
        raise NoSuchDayError
    numbers = [int(text) for text in texts]
    if len(texts[0]) > 2:  # a year comes first
        if len(numbers) < 3:
            raise NoSuchDayError
        return _build_day(*numbers)
    if separator == "." and order.startswith("M"):  # nobody writes the month first with dots
        order = "dMy"
    if order.startswith("y") and len(numbers) == 3 and len(texts[2]) <= 2:  # 26.12.4
        return _build_day(_complete_year(texts[0], today, is_past), numbers[1], numbers[2])
    is_month_first = order.replace("y", "") == "Md"
    month, day = (numbers[0], numbers[1]) if is_month_first else (numbers[1], numbers[0])
    if month > 12 >= day:  # only the other order makes it a day
        month, day = day, month
    year = _complete_year(texts[2], today, is_past) if len(texts) > 2 else None
    return _find_day(year, month, day, today, is_past)


def _complete_year(text: str, today: date, is_past: bool) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (2000 if not is_past or 2000 + year <= today.year + 1 else 1900)


def _build_day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise NoSuchDayError from None


def _find_day(year: int | None, month: int, day: int, today: date, is_past: bool) -> date:
    """Return that day; without a year, the next one from today on, or with `is_past` the latest up to today."""
    if year is not None:
        return _build_day(year, month, day)
    for ahead in range(9):  # the 29th of February comes every four years, or eight
        try:
            candidate = date(today.year - ahead if is_past else today.year + ahead, month, day)
        except (ValueError, OverflowError):
            continue
        if candidate <= today if is_past else candidate >= today:
            return candidate
    raise NoSuchDayError


def _find_day_of_month(day: int, today: date, is_past: bool) -> date:
    """Return the next such day of a month, or with `is_past` the latest."""
    for ahead in range(3):
        months = today.year * 12 + today.month - 1 + (-ahead if is_past else ahead)
        try:
            candidate = date(months // 12, months % 12 + 1, day)
        except (ValueError, OverflowError):
            continue
        if candidate <= today if is_past else candidate >= today:
            return candidate
    raise NoSuchDayError


def _shift(today: date, count: int, unit: Unit) -> date:
    """Return the day so many units ahead, of months and years the same day, or the month's last."""
    try:
        if unit in _DAYS_IN_UNIT:
            return today + timedelta(days=_DAYS_IN_UNIT[unit] * count)
        year, month = divmod(today.year * 12 + today.month - 1 + count * (12 if unit == "year" else 1), 12)
        return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))
    except (ValueError, OverflowError):
        raise NoSuchDayError from None
