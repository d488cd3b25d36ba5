"""Days and times as curators type and read them, in the server's time zone."""

import calendar
import re
from datetime import UTC, date, datetime, timedelta

from bot.core.errors import InvalidInputError, NoSuchDayError
from bot.core.text.cldr import format_full_date_and_time
from bot.core.text.days import parse_numeric_day
from bot.core.text.i18n import _, get_locale
from bot.picks.rotation import WEEKDAYS, Rotation, to_local, to_utc

MAX_AHEAD = timedelta(days=2 * 366)
TONIGHT, EVENING_BEGINS = 20 * 60, 17 * 60
"""Minutes after midnight: what `tonight` means where the rotation's time is not in the evening."""
_TIME = re.compile(r"(?:at\s+)?(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm|a\.m\.|p\.m\.)?", re.IGNORECASE)
_TIME_NAMES = {"noon": 12 * 60, "midday": 12 * 60, "midnight": 24 * 60}
_DAY_AND_TIME = re.compile(
    r"(?P<day>.*?)(?:[\s,]+|(?<=\d)T|^)(?P<time>(?:at\s+)?"
    r"(?:\d{1,2}[:h]\d{2}\s*(?:[ap]m|[ap]\.m\.)?|\d{1,2}\s*(?:[ap]m|[ap]\.m\.)|noon|midday|midnight))",
    re.IGNORECASE,
)
_TIMESTAMP = re.compile(r"<t:(\d{1,12})(?::[a-zA-Z])?>")
"""A time as Discord writes it; `@time` in its own text box and many web pages make them."""
_DAY_AND_MONTH = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*")
_SLASHED_DAY = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?")
_NAMED_MONTH = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?)?([a-z]{3,9})\.?(?:\s+(\d{1,2})(?:st|nd|rd|th)?)?(?:,?\s+(\d{4}))?"
)
_DELAY = re.compile(r"in (an?|\d{1,3}) (minute|hour|day|week)s?")
_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}
_MONTH_FIRST_LOCALES = ("en", "en-US")
"""Locales whose readers write 3/4 for the fourth of March."""


def parse_time(text: str) -> int:
    """Return a typed time as minutes after midnight: 20:00, 8pm, 20.30, 7:30 am, noon; midnight ends the day.

    Raises InvalidInputError if it is none.
    """
    name = text.strip().casefold().removeprefix("at ").strip()
    if name in _TIME_NAMES:
        return _TIME_NAMES[name]
    match = _TIME.fullmatch(text.strip())
    if match is not None:
        hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower().replace(".", "")
        if half:
            hour = hour % 12 + 12 * (half == "pm") if 1 <= hour <= 12 else 24
        if hour < 24 and minute < 60:
            return 60 * hour + minute
    raise InvalidInputError(_("I can't read that time. Type it like 20:00, 8pm or noon."))


def parse_time_of_day(text: str) -> int:
    """Return a typed time as `parse_time` does, from 0 to 1439: midnight begins the day."""
    return parse_time(text) % (24 * 60)


def parse_moment(text: str, rotation: Rotation, now: datetime) -> datetime:
    """Return a typed day, with or without a time, in the rotation's zone as a UTC time.

    It takes today, tonight, Friday, next Friday 8pm, 2026-12-04, 4.12., 12/25/2026, Dec 4, in 2 weeks, noon, and
    times as Discord writes them, `<t:1796410800>`. Without a time it is the rotation's. Raises InvalidInputError
    if it is no day, is past, or is more than two years ahead.
    """
    text = " ".join(text.split())
    moment = _parse_exact(text, now)
    if moment is None:
        moment = _parse_day_and_time(text, rotation, now)
    if moment <= now:
        shown = format_time(moment, rotation.time_zone)
        raise InvalidInputError(_("{time} is in the past. Pick a later time.").format(time=shown))
    if moment > now + MAX_AHEAD:
        raise InvalidInputError(_("That's more than two years away. Pick an earlier day."))
    return moment


def find_skipped_time(text: str, moment: datetime, zone: str) -> int | None:
    """Return the typed minutes after midnight where the clocks leave that time out on the day of `moment`.

    `moment` is what `parse_moment` made of the text. None where the clocks show what was typed, or nothing was.
    """
    match = _DAY_AND_TIME.fullmatch(" ".join(text.split()))
    if match is None:
        return None
    minutes, local = parse_time(match["time"]) % (24 * 60), to_local(moment, zone)
    return minutes if minutes != 60 * local.hour + local.minute else None


def _parse_exact(text: str, now: datetime) -> datetime | None:
    """Return the moment of a Discord timestamp, or of a delay such as `in 2 hours`; None for another text."""
    if match := _TIMESTAMP.fullmatch(text):
        try:
            return datetime.fromtimestamp(int(match[1]), UTC)
        except (OverflowError, ValueError, OSError):
            raise NoSuchDayError from None
    if (match := _DELAY.fullmatch(text.casefold())) and match[2] in ("minute", "hour"):
        return now + _read_delay(match)
    return None


def _read_delay(match: re.Match[str]) -> timedelta:
    return (1 if match[1].startswith("a") else int(match[1])) * _UNITS[match[2]]


def _parse_day_and_time(text: str, rotation: Rotation, now: datetime) -> datetime:
    match = _DAY_AND_TIME.fullmatch(text)
    day_text = (match["day"] if match else text).strip(" ,").casefold()
    if match:
        minutes = parse_time(match["time"])
    elif day_text == "tonight" and rotation.minutes < EVENING_BEGINS:
        minutes = TONIGHT
    else:
        minutes = rotation.minutes
    day = _parse_day(day_text, rotation, now)
    try:
        if minutes == 24 * 60:
            day, minutes = day + timedelta(days=1), 0
        moment = to_utc(day, minutes, rotation.time_zone)
        is_repeated = _parse_weekday(day_text) is not None or (not day_text and match is not None)
        if moment <= now and is_repeated:
            days = 7 if day_text else 1
            moment = to_utc(day + timedelta(days=days), minutes, rotation.time_zone)
    except OverflowError:  # the first or the last day that there is, in a zone where it lies beyond
        raise NoSuchDayError from None
    return moment


def _parse_weekday(text: str) -> int | None:
    """Return the weekday, from Monday as 0, of which the text is at least the first three letters, or None."""
    prefix = text.casefold().removeprefix("this ").removeprefix("on ")
    days = (number for number, name in enumerate(WEEKDAYS) if name.casefold().startswith(prefix))
    return next(days, None) if len(prefix) >= 3 else None


def _parse_day(text: str, rotation: Rotation, now: datetime) -> date:
    """Return the day of a text in lower case; of a weekday the next one, today included."""
    today = to_local(now, rotation.time_zone).date()
    if text in ("", "today", "tonight", "tomorrow", "tomorrow night"):
        return today + timedelta(days=text.startswith("tomorrow"))
    if text == "yesterday":
        return today - timedelta(days=1)  # which is past, and said to be
    if (weekday := _parse_weekday(text)) is not None:
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    if text.startswith("next ") and (weekday := _parse_weekday(text.removeprefix("next "))) is not None:
        return today + timedelta(days=7 - today.weekday() + weekday)  # that of next week
    if text == "next week":
        return today + timedelta(days=7)
    if match := _DELAY.fullmatch(text):
        return today + _read_delay(match)
    if (day := parse_numeric_day(text)) is not None:
        return day
    if match := _DAY_AND_MONTH.fullmatch(text):
        return _find_day(int(match[2]), int(match[1]), None, today)
    if match := _SLASHED_DAY.fullmatch(text):
        first, second, year = int(match[1]), int(match[2]), int(match[3]) if match[3] else None
        month, day_of_month = (first, second) if get_locale() in _MONTH_FIRST_LOCALES else (second, first)
        if month > 12:  # only the other order makes it a day
            month, day_of_month = day_of_month, month
        return _find_day(month, day_of_month, year + 2000 if year is not None and year < 100 else year, today)
    if (match := _NAMED_MONTH.fullmatch(text)) and bool(match[1]) != bool(match[3]):
        names = list(enumerate(calendar.month_name))[1:]
        months = [number for number, name in names if name.casefold().startswith(match[2])]
        if len(months) == 1:
            return _find_day(months[0], int(match[1] or match[3]), int(match[4]) if match[4] else None, today)
    raise InvalidInputError(
        _("I can't read that day. Type it like Friday 8pm, tomorrow, Dec 4 or 2026-12-04 20:00.")
    )


def _find_day(month: int, day_of_month: int, year: int | None, today: date) -> date:
    """Return that day; without a year, the next one. Raises NoSuchDayError if there is none."""
    try:
        if year is not None:
            return date(year, month, day_of_month)
        day = date(today.year, month, day_of_month)
        return day if day >= today else day.replace(year=today.year + 1)
    except ValueError:
        raise NoSuchDayError from None


def format_time(moment: datetime, zone: str) -> str:
    """Return the local time with the zone's name, such as `Friday, 4 December 2026 at 20:00 (Europe/Berlin)`."""
    return f"{format_time_without_zone(moment, zone)} ({zone})"


def format_time_without_zone(moment: datetime, zone: str) -> str:
    """Return the local time without the zone's name, for lists that name the zone once."""
    return format_full_date_and_time(to_local(moment, zone))
