"""When a marquee rotates: every day, week or month at a local time, also when clocks change.

Clocks that go forward leave out an hour. A rotation inside it happens as long after midnight as its time says by
the clock before the change (02:30 becomes 03:30), as RFC 5545, section 3.3.5, defines it. Clocks that go back have
an hour twice; a rotation inside it happens the first time, and once.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.core.errors import InvalidInputError
from bot.core.text.cldr import format_list
from bot.core.text.folding import fold
from bot.core.text.formatting import escape_line
from bot.core.text.i18n import _

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class RotationInterval(StrEnum):
    """How often a marquee rotates."""

    OFF = "off"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Rotation:
    """A rule: `minutes` after local midnight in `time_zone` (an IANA name).

    `weekday` counts from Monday as 0; a month that is shorter than `month_day` rotates on its last day.
    """

    interval: RotationInterval = RotationInterval.OFF
    time_zone: str = "UTC"
    minutes: int = 20 * 60
    weekday: int = 4
    month_day: int = 1

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first rotation after `moment` (aware), in UTC, or None if it never rotates."""
        if self.interval is RotationInterval.OFF:
            return None
        # Where clocks change, the rotation of the local day before may still be to come.
        day = to_local(moment, self.time_zone).date() - timedelta(days=1)
        while True:
            if self._is_rotation_day(day):
                rotation = to_utc(day, self.minutes, self.time_zone)
                if rotation > moment:
                    return rotation
            day += timedelta(days=1)

    def _is_rotation_day(self, day: date) -> bool:
        if self.interval is RotationInterval.WEEK:
            return day.weekday() == self.weekday
        if self.interval is RotationInterval.MONTH:
            return day.day == min(self.month_day, calendar.monthrange(day.year, day.month)[1])
        return True


_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)
_ABBREVIATIONS = {
    "utc": "UTC", "gmt": "UTC", "z": "UTC",
    "est": "America/New_York", "edt": "America/New_York", "et": "America/New_York",
    "cst": "America/Chicago", "cdt": "America/Chicago", "ct": "America/Chicago",
    "mst": "America/Denver", "mdt": "America/Denver", "mt": "America/Denver",
    "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "pt": "America/Los_Angeles",
    "akst": "America/Anchorage", "akdt": "America/Anchorage", "hst": "Pacific/Honolulu",
    "ast": "America/Halifax", "adt": "America/Halifax", "nst": "America/St_Johns", "ndt": "America/St_Johns",
    "brt": "America/Sao_Paulo", "art": "America/Argentina/Buenos_Aires", "clt": "America/Santiago",
    "bst": "Europe/London", "wet": "Europe/Lisbon", "west": "Europe/Lisbon", "cet": "Europe/Paris",
    "cest": "Europe/Paris", "mez": "Europe/Berlin", "mesz": "Europe/Berlin", "eet": "Europe/Athens",
    "eest": "Europe/Athens", "msk": "Europe/Moscow", "trt": "Europe/Istanbul", "sast": "Africa/Johannesburg",
    "ist": "Asia/Kolkata", "pkt": "Asia/Karachi", "wib": "Asia/Jakarta", "sgt": "Asia/Singapore",
    "hkt": "Asia/Hong_Kong", "pht": "Asia/Manila", "jst": "Asia/Tokyo", "kst": "Asia/Seoul",
    "awst": "Australia/Perth", "acst": "Australia/Adelaide", "acdt": "Australia/Adelaide",
    "aest": "Australia/Sydney", "aedt": "Australia/Sydney", "nzst": "Pacific/Auckland", "nzdt": "Pacific/Auckland",
}  # fmt: skip
"""What people call their zone all year, by the city whose summer time it follows."""
_CITIES = tuple(dict.fromkeys((*_ABBREVIATIONS.values(), "Asia/Dubai", "Asia/Bangkok", "Asia/Kathmandu")))


def get_zone(name: str) -> ZoneInfo:
    """Return the zone of that IANA name. Raises InvalidInputError if there is none."""
    try:
        return _get_cached_zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInputError(_describe_unknown_zone(name)) from None


def _describe_unknown_zone(text: str) -> str:
    return _("I don't know the time zone “{text}”. Type a city in it, such as Berlin.").format(
        text=escape_line(text, 60)
    )


@lru_cache(maxsize=1_024)
def _get_cached_zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def list_zones() -> tuple[str, ...]:
    """Return the names of all zones, in order."""
    return tuple(sorted(name for name in available_timezones() if name == "UTC" or "/" in name))


@lru_cache(maxsize=1)
def _list_cities() -> tuple[tuple[str, str], ...]:
    """Return the zones that are named after places, each with its name folded."""
    return tuple((name, fold(name)) for name in list_zones() if not name.startswith("Etc/"))


def find_zones(text: str, limit: int = 25) -> list[str]:
    """Return the zones that the text may mean: a city or a part of a name, EST and the like, or GMT+2.

    Zones whose name, or a part of it, begins with the text come first.
    """
    query = fold(text)
    if _OFFSET.fullmatch(text.strip()):
        return _list_cities_at(text)[:limit]
    zones = [name for name, folded in _list_cities() if query in folded]

    def is_prefix(name: str) -> bool:
        return any(fold(part).startswith(query) for part in (name, *name.split("/")))

    named = [_ABBREVIATIONS[query]] if query in _ABBREVIATIONS else []
    found = sorted(zones, key=lambda name: (not is_prefix(name), name))
    return list(dict.fromkeys((*named, *found)))[:limit]


def parse_zone(text: str) -> str:
    """Return the name of the zone typed: of a city, in any case, or of EST and the like, which follow summer time.

    Raises InvalidInputError if there is none, and for GMT+2, which no place keeps all year: it names cities there.
    """
    query = fold(text)
    for name in list_zones():
        if name.casefold() == text.strip().casefold().replace(" ", "_"):
            return name
    if query in _ABBREVIATIONS:
        return _ABBREVIATIONS[query]
    if _OFFSET.fullmatch(text.strip()):
        cities = _list_cities_at(text)
        if "UTC" in cities:
            return "UTC"
        if cities:
            message = _("“{text}” ignores summer time. Pick a city instead, such as {cities}.")
            raise InvalidInputError(
                message.format(text=escape_line(text, 20), cities=format_list(cities[:3], "or").replace("_", " "))
            )
    zones_of_city = [name for name, folded in _list_cities() if fold(name.rpartition("/")[2]) == query]
    if len(zones_of_city) == 1:
        return zones_of_city[0]
    raise InvalidInputError(_describe_unknown_zone(text))


def _list_cities_at(text: str) -> list[str]:
    """Return well-known cities as far ahead of UTC in winter as the text says: by 2 hours for GMT+2."""
    match = _OFFSET.fullmatch(text.strip())
    if match is None:
        return []
    minutes = 60 * int(match[2]) + int(match[3] or 0)
    offset = timedelta(minutes=minutes if match[1] == "+" else -minutes)
    found = []
    for name in _CITIES:
        january, july = (datetime(2026, month, 1, tzinfo=get_zone(name)).utcoffset() for month in (1, 7))
        if offset == min(january or timedelta(), july or timedelta()):
            found.append(name)
    return found


def to_local(moment: datetime, zone: str) -> datetime:
    """Return the aware `moment` in the zone's local time."""
    return moment.astimezone(get_zone(zone))


def to_utc(day: date, minutes: int, zone: str) -> datetime:
    """Return `minutes` after local midnight on `day` in the zone, in UTC."""
    at = datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=get_zone(zone))
    return at.astimezone(UTC)


def add_days(moment: datetime, days: int, zone: str) -> datetime:
    """Return the moment so many days later at which the zone's clocks show the same time, in UTC."""
    start = to_local(moment, zone)
    end = datetime.combine(start.date() + timedelta(days=days), start.time(), tzinfo=get_zone(zone))
    return end.astimezone(UTC)
