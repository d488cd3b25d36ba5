"""Days and times as moderators type them, in the server's zone."""

import re
from datetime import date, datetime, timedelta

from bot.core.errors import InvalidInputError, NoSuchDayError
from bot.picks.rotation import WEEKDAYS, Rotation, instant, local

FURTHEST = timedelta(days=2 * 366)
_TIME = re.compile(r"(?:(?:at\s+)?(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?)", re.IGNORECASE)
_WITH_TIME = re.compile(
    r"(?P<day>.*?)(?:[\sT,]+|^)(?P<time>(?:at\s+)?(?:\d{1,2}[:h]\d{2}\s*(?:am|pm)?|\d{1,2}\s*(?:am|pm)))",
    re.IGNORECASE,
)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DOTTED = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})?")
_HOW = (
    "A day is written like today, tomorrow, Friday, 2026-12-04 or 4.12.2026, with a time or without: "
    "4.12.2026 20:00."
)


def parse_time(text: str) -> int:
    """Give the minutes after midnight of a time as typed: 20:00, 8pm, 20.30, 7:30 am.

    Raises InvalidInputError where it is none.
    """
    match = _TIME.fullmatch(text.strip())
    if match is not None:
        hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
        if half:
            hour = hour % 12 + 12 * (half == "pm") if 1 <= hour <= 12 else 24
        if hour < 24 and minute < 60:
            return 60 * hour + minute
    raise InvalidInputError("A time is written like 20:00, 20.30 or 8pm.")


def parse_when(text: str, rotation: Rotation, now: datetime) -> datetime:
    """Give the UTC time that a day, with a time or without, means in the rotation's zone.

    Without a time it is the rotation's. Raises InvalidInputError for what is no day, is past, or is more than two
    years ahead.
    """
    asked = " ".join(text.split())
    match = _WITH_TIME.fullmatch(asked)
    minutes = parse_time(match["time"]) if match else rotation.at
    typed_day = (match["day"] if match else asked).strip(" ,")
    day = _day(typed_day, rotation, now)
    try:
        found = instant(day, minutes, rotation.zone)
    except OverflowError:  # the first or the last day that there is, in a zone where it lies beyond
        raise NoSuchDayError from None
    if found <= now and _weekday(typed_day) is not None:
        found = instant(day + timedelta(days=7), minutes, rotation.zone)
    if found <= now:
        raise InvalidInputError(f"{told(found, rotation.zone)} is past. Give a day and time still to come.")
    if found > now + FURTHEST:
        raise InvalidInputError("That is more than two years ahead. Give a day before that.")
    return found


def _weekday(text: str) -> int | None:
    """Give the number of the weekday that the text begins, in three letters at least, or None."""
    asked = text.casefold()
    days = (number for number, name in enumerate(WEEKDAYS) if name.casefold().startswith(asked))
    return next(days, None) if len(asked) >= 3 else None


def _day(text: str, rotation: Rotation, now: datetime) -> date:
    today = local(now, rotation.zone).date()
    asked = text.casefold()
    if asked in ("", "today", "tomorrow"):
        return today + timedelta(days=asked == "tomorrow")
    if (weekday := _weekday(asked)) is not None:
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    try:
        if found := _ISO.fullmatch(asked):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DOTTED.fullmatch(asked):
            if found[3]:
                return date(int(found[3]), int(found[2]), int(found[1]))
            day = date(today.year, int(found[2]), int(found[1]))
            return day if day >= today else day.replace(year=today.year + 1)
    except ValueError:
        raise NoSuchDayError from None
    raise InvalidInputError(_HOW)


def told(moment: datetime, zone: str) -> str:
    """Give a time as clocks in the zone show it, as in `Friday, 4 December 2026 at 20:00 (Europe/Berlin)`."""
    return f"{told_there(moment, zone)} ({zone})"


def told_there(moment: datetime, zone: str) -> str:
    """Give the same without the zone's name, for lists that name it once."""
    here = local(moment, zone)
    return f"{WEEKDAYS[here.weekday()]}, {here.day} {here:%B %Y} at {here:%H:%M}"
