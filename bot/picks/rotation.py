"""When a marquee rotates: every day, week or month at a local time, whatever the clocks do.

Clocks that go forward leave an hour out. A rotation inside it happens as long after midnight as its time says
by the clock before the change (02:30 becomes 03:30), as RFC 5545, section 3.3.5, has it. Clocks that go back
have an hour twice; a rotation inside it happens the first time, and once.
"""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.core.errors import InvalidInputError

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Every(StrEnum):
    """How often a marquee rotates."""

    OFF = "off"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Rotation:
    """A rule: `at` minutes after local midnight in `zone` (IANA name); `weekday` counts from Monday as 0, `day`
    is the month's, its last where the month is shorter."""

    every: Every = Every.OFF
    zone: str = "UTC"
    at: int = 20 * 60
    weekday: int = 4
    day: int = 1

    def next_after(self, moment: datetime) -> datetime | None:
        """Give the first time after `moment` (aware) at which it rotates, in UTC; None where it never does."""
        if self.every is Every.OFF:
            return None
        # A local day before is where a change of clocks could still leave a time to come.
        day = local(moment, self.zone).date() - timedelta(days=1)
        while True:
            if self._falls_on(day):
                found = instant(day, self.at, self.zone)
                if found > moment:
                    return found
            day += timedelta(days=1)

    def _falls_on(self, day: date) -> bool:
        if self.every is Every.WEEK:
            return day.weekday() == self.weekday
        if self.every is Every.MONTH:
            return day.day == min(self.day, calendar.monthrange(day.year, day.month)[1])
        return True


def zone_of(name: str) -> ZoneInfo:
    """Give the zone of that IANA name. Raises InvalidInputError where there is none."""
    try:
        return _zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInputError(
            "No time zone is called that. Zones are named after cities, as in Europe/Berlin; start typing one."
        ) from None


@lru_cache(maxsize=1_024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """Give the names of all zones, in order."""
    return tuple(sorted(name for name in available_timezones() if name == "UTC" or "/" in name))


def find_zones(text: str, limit: int = 25) -> list[str]:
    """Give zones whose name holds what was typed, in any case, spaces for underscores; beginnings first."""
    asked = text.strip().casefold().replace(" ", "_")
    found = [name for name in zones() if asked in name.casefold() and not name.startswith("Etc/")]
    return sorted(found, key=lambda name: (not _begins(name, asked), name))[:limit]


def _begins(name: str, asked: str) -> bool:
    return any(part.startswith(asked) for part in (name.casefold(), *name.casefold().split("/")))


def exact_zone(text: str) -> str:
    """Give the name of the zone that was typed in any case, or its city alone where only one zone has it.

    Raises InvalidInputError where there is none.
    """
    asked = text.strip().casefold().replace(" ", "_")
    for name in zones():
        if name.casefold() == asked:
            return name
    of_the_city = [name for name in zones() if name.casefold().rpartition("/")[2] == asked]
    if len(of_the_city) == 1:
        return of_the_city[0]
    return zone_of(text.strip()).key


def local(moment: datetime, zone: str) -> datetime:
    """Give the aware `moment` as clocks in the zone show it."""
    return moment.astimezone(zone_of(zone))


def instant(day: date, minutes: int, zone: str) -> datetime:
    """Give the UTC time of `minutes` after midnight by the zone's clocks on `day`."""
    at = datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=zone_of(zone))
    return at.astimezone(UTC)


def days_later(moment: datetime, days: int, zone: str) -> datetime:
    """Give the time so many days later at which the zone's clocks show the same."""
    here = local(moment, zone)
    then = datetime.combine(here.date() + timedelta(days=days), here.time(), tzinfo=zone_of(zone))
    return then.astimezone(UTC)
