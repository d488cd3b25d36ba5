"""When a marquee rotates: every day, week or month at a local time, also when clocks change.

Clocks that go forward leave out an hour. A rotation inside it happens as long after midnight as its time says by
the clock before the change (02:30 becomes 03:30), as RFC 5545, section 3.3.5, defines it. Clocks that go back have
an hour twice; a rotation inside it happens the first time, and once.
"""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.core.errors import InvalidInputError
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


def get_zone(name: str) -> ZoneInfo:
    """Return the zone of that IANA name. Raises InvalidInputError if there is none."""
    try:
        return _get_cached_zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInputError(
            _("I don't know that time zone. Enter a city, like Europe/Berlin or New York.")
        ) from None


@lru_cache(maxsize=1_024)
def _get_cached_zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def list_zones() -> tuple[str, ...]:
    """Return the names of all zones, in order."""
    return tuple(sorted(name for name in available_timezones() if name == "UTC" or "/" in name))


def find_zones(text: str, limit: int = 25) -> list[str]:
    """Return the zones whose name contains the text, in any case and with spaces for underscores.

    Zones whose name, or a part of it, begins with the text come first.
    """
    query = text.strip().casefold().replace(" ", "_")
    zones = [name for name in list_zones() if query in name.casefold() and not name.startswith("Etc/")]

    def is_prefix(name: str) -> bool:
        return any(part.startswith(query) for part in (name.casefold(), *name.casefold().split("/")))

    return sorted(zones, key=lambda name: (not is_prefix(name), name))[:limit]


def parse_zone(text: str) -> str:
    """Return the name of the zone typed in any case, or of the only zone of the city typed.

    Raises InvalidInputError if there is none.
    """
    query = text.strip().casefold().replace(" ", "_")
    for name in list_zones():
        if name.casefold() == query:
            return name
    zones_of_city = [name for name in list_zones() if name.casefold().rpartition("/")[2] == query]
    if len(zones_of_city) == 1:
        return zones_of_city[0]
    return get_zone(text.strip()).key


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
