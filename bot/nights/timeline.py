"""When things follow from a night's times, computed on plain values."""

import calendar
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.nights.models import Choosing, Night, NightJobKind, NightJobName, NightState, Repeat, name_job
from bot.nights.planning import choose_default_times
from bot.picks.rotation import to_local, to_utc

SUMMARY_MINUTES = 10 * 60
"""Minutes after local midnight at which the next morning's summary comes."""


def list_reminder_times(night: Night) -> Mapping[NightJobName, datetime]:
    """Return when each reminder of the night is due, by the name of its job; none as long as its day is open."""
    if night.state is NightState.POLLING:
        return {}
    return {
        name_job(NightJobKind.REMIND, minutes): night.starts_at - timedelta(minutes=minutes)
        for minutes in night.reminders
    }


def find_summary_time(night: Night, zone: str) -> datetime:
    """Return when the summary is due: at ten in the morning after the film's end, by the server's clocks."""
    day = to_local(night.ends_at, zone).date()
    moment = to_utc(day, SUMMARY_MINUTES, zone)
    # A film that ends at one in the morning is talked about that morning, one that ends at noon the next day.
    return moment if moment > night.ends_at + timedelta(hours=6) else to_utc(
        day + timedelta(days=1), SUMMARY_MINUTES, zone
    )  # fmt: skip


def find_next_start(night: Night, zone: str, now: datetime) -> datetime | None:
    """Return when a night that repeats is held again, after `now`, or None if it does not.

    The clocks show the same time as at the first one. A monthly night keeps its weekday and its week: the second
    Friday, or the last where a month has no fifth.
    """
    if night.repeat is Repeat.NEVER:
        return None
    local = to_local(night.starts_at, zone)
    minutes, day = _find_clock_minutes(night, zone), local.date()
    while True:
        day = day + timedelta(days=7) if night.repeat is Repeat.WEEK else _add_month(day)
        moment = to_utc(day, minutes, zone)
        if moment > now:
            return moment


def _find_clock_minutes(night: Night, zone: str) -> int:
    """Return the minutes after local midnight at which the night starts, were it not for changes of the clocks."""
    local = to_local(night.starts_at, zone)
    return night.clock_minutes if night.clock_minutes is not None else local.hour * 60 + local.minute


def _add_month(day: date) -> date:
    """Return the day with the same weekday and week in the next month."""
    week = (day.day - 1) // 7
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    first = date(year, month, 1)
    offset = (day.weekday() - first.weekday()) % 7
    length = calendar.monthrange(year, month)[1]
    number = 1 + offset + 7 * week
    return first.replace(day=number if number <= length else number - 7)


def plan_repetition(night: Night, zone: str, now: datetime, seed: str) -> Night | None:
    """Return the next night of one that repeats, without an id, or None if it does not repeat.

    Nominations and ballot close as long before the start as they did before, or by default where that is past.
    """
    starts_at = find_next_start(night, zone, now)
    if starts_at is None:
        return None
    nominations_close_at, ballot_closes_at = night.nominations_close_at, night.ballot_closes_at
    if night.choosing is not Choosing.HOST:
        shift = starts_at - night.starts_at
        defaults = choose_default_times(now, starts_at)
        nominations_close_at = nominations_close_at + shift if nominations_close_at is not None else defaults[0]
        ballot_closes_at = ballot_closes_at + shift if ballot_closes_at is not None else defaults[1]
        if night.choosing is Choosing.SURPRISE:
            nominations_close_at = ballot_closes_at
        elif not now < nominations_close_at < ballot_closes_at <= starts_at:
            nominations_close_at, ballot_closes_at = defaults
    return replace(
        night,
        id=0,
        starts_at=starts_at,
        nominations_close_at=nominations_close_at,
        ballot_closes_at=ballot_closes_at,
        clock_minutes=_find_clock_minutes(night, zone),
        poll_times=(),
        poll_closes_at=None,
        turn_member_id=None,
        state=NightState.READY if night.choosing is Choosing.HOST else NightState.NOMINATING,
        seed=seed,
        film_id=None,
        runtime=None,
        message_id=None,
        thread_id=None,
        event_id=None,
        event_film_id=None,
        old_channel_id=None,
        old_message_id=None,
        problem="",
        version=1,
    )
