"""Days and times as curators type and read them, in the server's time zone."""

import re
from datetime import date, datetime, timedelta

from bot.core.errors import InvalidInputError, NoSuchDayError
from bot.core.text.days import parse_numeric_day
from bot.core.text.i18n import _, gettext_noop
from bot.picks.rotation import WEEKDAYS, Rotation, to_local, to_utc

MAX_AHEAD = timedelta(days=2 * 366)
_TIME = re.compile(r"(?:(?:at\s+)?(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm)?)", re.IGNORECASE)
_DAY_AND_TIME = re.compile(
    r"(?P<day>.*?)(?:[\sT,]+|^)(?P<time>(?:at\s+)?(?:\d{1,2}[:h]\d{2}\s*(?:am|pm)?|\d{1,2}\s*(?:am|pm)))",
    re.IGNORECASE,
)
_DAY_AND_MONTH = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*")
_DAY_FORMATS = gettext_noop("I can't read that date. Try “tomorrow”, “Friday 20:00” or “2026-12-04 20:00”.")


def parse_time(text: str) -> int:
    """Return a typed time as minutes after midnight: 20:00, 8pm, 20.30, 7:30 am.

    Raises InvalidInputError if it is none.
    """
    match = _TIME.fullmatch(text.strip())
    if match is not None:
        hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
        if half:
            hour = hour % 12 + 12 * (half == "pm") if 1 <= hour <= 12 else 24
        if hour < 24 and minute < 60:
            return 60 * hour + minute
    raise InvalidInputError(_("I can't read that time. Try 20:00 or 8pm."))


def parse_moment(text: str, rotation: Rotation, now: datetime) -> datetime:
    """Return a typed day, with or without a time, in the rotation's zone as a UTC time.

    Without a time it is the rotation's. Raises InvalidInputError if it is no day, is past, or is more than two
    years ahead.
    """
    text = " ".join(text.split())
    match = _DAY_AND_TIME.fullmatch(text)
    minutes = parse_time(match["time"]) if match else rotation.minutes
    day_text = (match["day"] if match else text).strip(" ,")
    day = _parse_day(day_text, rotation, now)
    try:
        moment = to_utc(day, minutes, rotation.time_zone)
    except OverflowError:  # the first or the last day that there is, in a zone where it lies beyond
        raise NoSuchDayError from None
    if moment <= now and _parse_weekday(day_text) is not None:
        moment = to_utc(day + timedelta(days=7), minutes, rotation.time_zone)
    if moment <= now:
        raise InvalidInputError(
            _("{time} is in the past. Enter a later time.").format(time=format_time(moment, rotation.time_zone))
        )
    if moment > now + MAX_AHEAD:
        raise InvalidInputError(_("That's more than two years ahead. Enter an earlier day."))
    return moment


def _parse_weekday(text: str) -> int | None:
    """Return the weekday, from Monday as 0, of which the text is at least the first three letters, or None."""
    prefix = text.casefold()
    days = (number for number, name in enumerate(WEEKDAYS) if name.casefold().startswith(prefix))
    return next(days, None) if len(prefix) >= 3 else None


def _parse_day(text: str, rotation: Rotation, now: datetime) -> date:
    today = to_local(now, rotation.time_zone).date()
    text = text.casefold()
    if text in ("", "today", "tomorrow"):
        return today + timedelta(days=text == "tomorrow")
    if (weekday := _parse_weekday(text)) is not None:
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    if (day := parse_numeric_day(text)) is not None:
        return day
    if (match := _DAY_AND_MONTH.fullmatch(text)) is None:
        raise InvalidInputError(_(_DAY_FORMATS))
    try:
        day = date(today.year, int(match[2]), int(match[1]))
        return day if day >= today else day.replace(year=today.year + 1)
    except ValueError:
        raise NoSuchDayError from None


def format_time(moment: datetime, zone: str) -> str:
    """Return the local time with the zone's name, such as `Friday, 4 December 2026 at 20:00 (Europe/Berlin)`."""
    return f"{format_time_without_zone(moment, zone)} ({zone})"


def format_time_without_zone(moment: datetime, zone: str) -> str:
    """Return the local time without the zone's name, for lists that name the zone once."""
    local = to_local(moment, zone)
    return f"{WEEKDAYS[local.weekday()]}, {local.day} {local:%B %Y} at {local:%H:%M}"
