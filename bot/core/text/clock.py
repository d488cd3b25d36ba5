"""Times of day as people type them: 20:00, 8pm, 20 Uhr, 20h30, halb neun, 8 вечера, 午後8時, 晚上八点半."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from bot.core.text.time_vocabulary import Kind, Period, Token, Vocabulary, without_fillers

NOON, DAY_MINUTES = 12 * 60, 24 * 60
_LATE_PERIODS = frozenset((Period.EVENING, Period.LATE, Period.NIGHT, Period.DAWN))
_PERIODS_WITHOUT_HOUR = frozenset((Period.EVENING, Period.LATE))
_NOT_BEFORE_HOUR = frozenset("./-:")
_DATE_MARKS = (Kind.MONTH, Kind.MONTH_MARK, Kind.DAY_MARK, Kind.YEAR_MARK)


class ClockProblem(Enum):
    """Why a time cannot be read."""

    UNREADABLE = auto()
    AMBIGUOUS = auto()
    """It may be in the morning or in the evening."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What a text says of the time of day, and the tokens about the day that are left.

    `minutes` after midnight are None without a time, and 1440 for the midnight that ends the day. `is_evening`:
    the evening is meant, without an hour. `is_night`: it is after midnight, and said to be at night.
    """

    rest: tuple[Token, ...]
    minutes: int | None = None
    is_evening: bool = False
    is_night: bool = False
    problem: ClockProblem | None = None


@dataclass(frozen=True, slots=True)
class _Hour:
    """The hour and minute found in the tokens from `start` to `end`; `is_loose`: before noon or after."""

    start: int
    end: int
    hour: int
    minute: int = 0
    is_loose: bool = False
    is_marked: bool = False


def read_clock(tokens: Sequence[Token], vocabulary: Vocabulary, *, is_time_alone: bool = False) -> Clock:
    """Return the time of day that the tokens of a text name.

    With `is_time_alone` the text is known to be a time: 8 is eight in the morning, and 10.10 no day.
    """
    tokens = _resolve_tomorrow(without_fillers(list(tokens)))
    found = _find_hour(tokens, vocabulary, is_time_alone)
    rest = list(tokens)
    if found is not None:
        rest[found.start : found.end] = []
    rest, periods = _take_periods(rest)
    rest = [token for token in rest if not token.has(Kind.AT, Kind.AT_AFTER) or token.has(Kind.NUMBER)]
    period = _choose_period(periods)
    if periods and period is None:
        return Clock(tuple(rest), problem=ClockProblem.UNREADABLE)
    if found is None:
        return _read_period(period, rest)
    minutes = _resolve_hour(found, period)
    if minutes is None:
        return Clock(tuple(rest), problem=ClockProblem.UNREADABLE)
    if found.is_loose and period is None and 1 <= found.hour <= 12:
        return Clock(tuple(rest), minutes, problem=ClockProblem.AMBIGUOUS)
    return Clock(tuple(rest), minutes, is_night=minutes < NOON and not periods.isdisjoint(_LATE_PERIODS))


def _choose_period(periods: set[Period]) -> Period | None:
    """Return the most exact one, or None where there is none or they contradict each other."""
    for exact in (Period.AM, Period.PM, Period.MIDNIGHT):
        if exact in periods and len(periods) == 2:
            return exact
    return next(iter(periods)) if len(periods) == 1 else None


def _resolve_tomorrow(tokens: list[Token]) -> list[Token]:
    """Return the tokens with `morgen` as a day, or as the morning beside another day."""
    unclear = [token for token in tokens if token.has(Kind.DAY) and token.has(Kind.PERIOD)]
    if not unclear:
        return tokens
    has_day = any(
        token.has(Kind.DAY, Kind.WEEKDAY, Kind.MONTH, Kind.DELTA) or token.text == "/"
        for token in tokens
        if token not in unclear
    )
    resolved: list[Token] = []
    for token in tokens:
        kind = Kind.PERIOD if has_day else Kind.DAY
        if token in unclear:
            resolved.append(Token(token.text, {kind: token.meanings[kind]}))
            has_day = True
        else:
            resolved.append(token)
    return resolved


def _take_periods(tokens: list[Token]) -> tuple[list[Token], set[Period]]:
    """Return the other tokens, and the parts of the day: `this evening` is today's, `last night` yesterday's."""
    rest: list[Token] = []
    periods: set[Period] = set()
    for token in tokens:
        period = token.get(Kind.PERIOD)
        if period is None:
            rest.append(token)
            continue
        periods.add(Period(period))
        if rest and rest[-1].has(Kind.THIS, Kind.LAST) and not rest[-1].has(Kind.WEEKDAY):
            rest[-1] = Token("", {Kind.DAY: 0 if rest[-1].has(Kind.THIS) else -1})
    return rest, periods


def _read_period(period: Period | None, rest: list[Token]) -> Clock:
    """Return the time of a text without an hour."""
    if period is None:
        return Clock(tuple(rest))
    if period is Period.NOON or period is Period.MIDNIGHT:
        return Clock(tuple(rest), NOON if period is Period.NOON else DAY_MINUTES)
    if period in _PERIODS_WITHOUT_HOUR:
        return Clock(tuple(rest), is_evening=True)
    return Clock(tuple(rest), problem=ClockProblem.UNREADABLE)


def _find_hour(tokens: list[Token], vocabulary: Vocabulary, is_time_alone: bool) -> _Hour | None:
    """Return the first hour by the surest of the ways to write one."""
    rules: tuple[Callable[[int], _Hour | None], ...] = (
        lambda i: _read_colon(tokens, i),
        lambda i: _read_shifted(tokens, i, vocabulary),
        lambda i: _read_marked(tokens, i, vocabulary),
        lambda i: _read_dotted(tokens, i, vocabulary, is_time_alone),
        lambda i: _read_half_day(tokens, i),
        lambda i: _read_introduced(tokens, i),
        lambda i: _read_beside_period(tokens, i),
        lambda i: _read_beside_day(tokens, i),
        lambda i: _read_bare(tokens, i) if is_time_alone else None,
    )
    return next((found for rule in rules for i in range(len(tokens)) if (found := rule(i)) is not None), None)


def _at(tokens: Sequence[Token], position: int) -> Token:
    return tokens[position] if 0 <= position < len(tokens) else Token("")


def _is_long(token: Token) -> bool:
    return len(token.text) > 2 and token.text.isdecimal()


def _is_two_digits(token: Token) -> bool:
    return len(token.text) == 2 and token.text.isdecimal()


def _read_colon(tokens: Sequence[Token], i: int) -> _Hour | None:
    """20:00, 8:30"""
    token = tokens[i]
    if not token.text.isdecimal() or _at(tokens, i + 1).text != ":" or not _is_two_digits(_at(tokens, i + 2)):
        return None
    end = i + 3
    if _at(tokens, end).text == ":" and _at(tokens, end + 1).text == "00":
        end += 2
    if _at(tokens, end).has(Kind.HOUR):
        end += 1
    if _at(tokens, end).text == ":":
        return None
    return _Hour(i, end, int(token.text), int(tokens[i + 2].text))


def _read_shifted(tokens: Sequence[Token], i: int, vocabulary: Vocabulary) -> _Hour | None:
    """halb neun, half past eight, wpół do dziewiątej; las ocho y media, 8 buçuk"""
    shift, number = tokens[i].get(Kind.BEFORE), _at(tokens, i + 1).number
    if shift is not None and number is not None and 1 <= number <= 24:
        end = i + 3 if _at(tokens, i + 2).has(Kind.HOUR, Kind.HOUR_12) else i + 2
        return _shift(i, end, number, shift)
    number = tokens[i].number
    after = i + 2 if _at(tokens, i + 1).has(Kind.HOUR, Kind.HOUR_12) else i + 1
    shift = _at(tokens, after).get(Kind.AFTER)
    if number is None or shift is None or not 0 <= number <= 24:
        return None
    found = _shift(i, after + 1, number, shift)
    is_marked = tokens[i + 1].has(Kind.HOUR) and not vocabulary.is_twelve_hour and tokens[i].text.isdecimal()
    return _Hour(found.start, found.end, found.hour, found.minute, is_loose=not is_marked)


def _shift(start: int, end: int, hour: int, shift: int) -> _Hour:
    if shift < 0:
        hour = 12 if hour == 1 else hour - 1
    return _Hour(start, end, hour, shift % 60, is_loose=True)


def _read_marked(tokens: Sequence[Token], i: int, vocabulary: Vocabulary) -> _Hour | None:
    """20 Uhr, 20h30, 20 ч 30 мин, 20時30分, 8 o'clock; 20.30 Uhr"""
    number, mark = tokens[i].number, _at(tokens, i + 1)
    if number is None or not mark.has(Kind.HOUR, Kind.HOUR_12) or _is_long(tokens[i]):
        return None
    if tokens[i].is_attached and _at(tokens, i - 1).text == ".":
        return None  # the minutes of 20.30 Uhr, not the hour of 4. 20 Uhr
    is_twelve = mark.has(Kind.HOUR_12) or (vocabulary.is_twelve_hour and mark.text != "h")
    is_loose = (is_twelve or not tokens[i].text.isdecimal()) and not tokens[i].text.startswith("0")
    minute, end = 0, i + 2
    following, after = _at(tokens, end), _at(tokens, end + 1)
    is_minute = after.has(Kind.MINUTE) or (_is_two_digits(following) and not _begins_date(after))
    if following.number is not None and following.number < 60 and is_minute:
        minute, end = following.number, end + 1 + after.has(Kind.MINUTE)
    return _Hour(i, end, number, minute, is_loose=is_loose, is_marked=True)


def _begins_date(token: Token) -> bool:
    """Return whether the token after a number shows that it is one of a date."""
    return token.text in _NOT_BEFORE_HOUR or token.has(*_DATE_MARKS)


def _read_dotted(tokens: Sequence[Token], i: int, vocabulary: Vocabulary, is_time_alone: bool) -> _Hour | None:
    """20.30, where it cannot be a day; alle 20.30, 20.10 uur"""
    hour, minute, following = tokens[i], _at(tokens, i + 2), _at(tokens, i + 3)
    if not hour.text.isdecimal() or _at(tokens, i + 1).text != "." or not _is_two_digits(minute):
        return None
    is_part_of_date = hour.is_attached and _at(tokens, i - 1).text in (".", "/")
    if not minute.is_attached or is_part_of_date or following.text in (".", "/", ":"):
        return None
    is_marked = following.has(Kind.HOUR, Kind.AT_AFTER, Kind.PERIOD)
    is_no_day = vocabulary.order != "yMd" and (int(minute.text) > 12 or minute.text == "00")
    if not (is_time_alone or is_marked or is_no_day or _at(tokens, i - 1).has(Kind.AT)):
        return None
    end = i + 4 if following.has(Kind.HOUR) else i + 3
    return _Hour(i, end, int(hour.text), int(minute.text))


def _read_half_day(tokens: Sequence[Token], i: int) -> _Hour | None:
    """8pm, 8 p.m."""
    number, half = tokens[i].number, _at(tokens, i + 1).get(Kind.PERIOD)
    if number is None or half not in (Period.AM, Period.PM) or _is_long(tokens[i]):
        return None
    return _Hour(i, i + 1, number)


def _read_introduced(tokens: Sequence[Token], i: int) -> _Hour | None:
    """um 20, a las 8, o ósmej, saat 8; 8'de"""
    is_before, number = tokens[i].has(Kind.AT), _at(tokens, i + 1).number
    if is_before and number is not None and _is_hour(tokens, i + 1):
        return _Hour(i, i + 2, number, is_loose=not tokens[i + 1].text.startswith("0"))
    number = tokens[i].number
    if number is not None and _at(tokens, i + 1).has(Kind.AT_AFTER) and _is_hour(tokens, i):
        return _Hour(i, i + 2, number, is_loose=not tokens[i].text.startswith("0"))
    return None


def _is_hour(tokens: Sequence[Token], i: int) -> bool:
    """Return whether the number there may be an hour, and is none of a date."""
    before, token, after = _at(tokens, i - 1), tokens[i], _at(tokens, i + 1)
    if _is_long(token):
        return False
    is_date = before.has(Kind.MONTH, Kind.MONTH_MARK) or before.text in _NOT_BEFORE_HOUR or _begins_date(after)
    return not is_date or (after.has(Kind.WEEKDAY) and not after.has(*_DATE_MARKS))


def _read_beside_period(tokens: Sequence[Token], i: int) -> _Hour | None:
    """akşam 8, evening 8; 8 вечера, 8 de la noche"""
    if tokens[i].number is None or not _is_hour(tokens, i):
        return None
    is_tonight = _at(tokens, i + 1).has(Kind.DAY) and not _at(tokens, i + 2).text
    following = _at(tokens, i + 2 if is_tonight else i + 1)
    is_beside = _at(tokens, i - 1).has(Kind.PERIOD) or following.has(Kind.PERIOD)
    return _Hour(i, i + 1, tokens[i].number or 0, is_loose=True) if is_beside else None


def _read_beside_day(tokens: Sequence[Token], i: int) -> _Hour | None:
    """morgen 20: no day, as that is named already"""
    number = tokens[i].number if _at(tokens, i - 1).has(Kind.DAY) and _is_hour(tokens, i) else None
    return _Hour(i, i + 1, number) if number is not None and 12 < number < 24 else None


def _read_bare(tokens: Sequence[Token], i: int) -> _Hour | None:
    """20"""
    return (
        _Hour(i, i + 1, int(tokens[i].text)) if tokens[i].text.isdecimal() and len(tokens[i].text) <= 2 else None
    )


def _resolve_hour(found: _Hour, period: Period | None) -> int | None:
    """Return the minutes after midnight of an hour at that part of the day, or None where it has no such hour."""
    hour = found.hour
    if found.minute >= 60:
        return None
    if period is Period.AM or period is Period.PM:
        if not (1 <= hour <= 12 or (hour == 0 and found.is_marked)):
            return None
        hour = hour % 12 + 12 * (period is Period.PM)
    elif period is not None:
        shifted = _SHIFTS[period](hour)
        if shifted is None:
            return None
        hour = shifted
    elif hour == 24 and not (found.is_marked and found.minute == 0):
        return None
    return 60 * hour + found.minute if hour < 24 or (hour == 24 and found.minute == 0) else None


def _in_morning(hour: int) -> int | None:
    return hour if hour < 12 else None


def _at_noon(hour: int) -> int | None:
    return hour if 10 <= hour <= 14 else hour + 12 if 1 <= hour <= 4 else None


def _in_afternoon(hour: int) -> int | None:
    return hour if 12 <= hour < 24 else hour + 12 if 1 <= hour < 12 else None


def _in_evening(hour: int) -> int | None:
    return hour if 16 <= hour < 24 else hour + 12 if 4 <= hour <= 12 else None


def _at_night(hour: int) -> int | None:
    return hour if hour < 6 or hour >= 18 else hour + 12 if hour <= 12 else None


def _before_dawn(hour: int) -> int | None:
    return hour % 12 if hour < 8 or hour == 12 else None


_SHIFTS: dict[Period, Callable[[int], int | None]] = {
    Period.DAWN: _before_dawn,
    Period.MORNING: _in_morning,
    Period.NOON: _at_noon,
    Period.AFTERNOON: _in_afternoon,
    Period.EVENING: _in_evening,
    Period.LATE: _at_night,
    Period.NIGHT: _at_night,
    Period.MIDNIGHT: lambda hour: {0: 0, 12: 24, 24: 24}.get(hour),
}
"""The hour of 24 that an hour of 12 or 24 is at a part of the day."""
