"""What a host plans and changes, checked: a night's times, the poll for its day, and its reminders."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.errors import InvalidInputError
from bot.core.text.formatting import is_none
from bot.core.text.i18n import _, get_locale
from bot.core.text.time_vocabulary import find_unit_minutes
from bot.nights.models import LONGEST_POLL, MAX_REMINDERS, Choosing, Night, NightState, Repeat


@dataclass(frozen=True, slots=True)
class NightChange:
    """What a host changes about a night; None leaves it as it is."""

    name: str | None = None
    starts_at: datetime | None = None
    clock_minutes: int | None = None
    poll_times: tuple[datetime, ...] | None = None
    nominations_close_at: datetime | None = None
    ballot_closes_at: datetime | None = None
    place: str | None = None
    voice_channel_id: int | None = None
    theme: str | None = None
    channel_id: int | None = None
    film_id: str | None = None
    runtime: int | None = None
    reminders: tuple[int, ...] | None = None
    repeat: Repeat | None = None

    def apply(self, night: Night, now: datetime) -> Night:
        """Return the night with the change.

        Where the start moves, the ends of nominations and ballot move with it, unless they are named or past. A
        start ends the poll for a day, other days restart it. Raises NightOverError, InvalidInputError.
        """
        night.require_open()
        closes = (self.nominations_close_at, self.ballot_closes_at)
        if night.state is NightState.READY and closes != (None, None):
            raise InvalidInputError(_("Nominations and voting are over for this night."))
        changed = night
        if self.starts_at is not None:
            shift = self.starts_at - night.starts_at
            changed = replace(
                changed,
                starts_at=self.starts_at,
                clock_minutes=self.clock_minutes,
                nominations_close_at=_shift(night.nominations_close_at, shift, now),
                ballot_closes_at=_shift(night.ballot_closes_at, shift, now),
            )
        if self.poll_times is not None:
            if night.state is not NightState.POLLING:
                raise InvalidInputError(_("The day is set. Enter one day and time to move the night."))
            changed = start_poll(changed, self.poll_times, now)
        elif self.starts_at is not None and night.state is NightState.POLLING:
            changed = end_poll(changed, self.starts_at, now)
        simple = {
            name: value
            for name in (
                "name", "place", "voice_channel_id", "theme", "channel_id", "reminders", "repeat",
                "nominations_close_at", "ballot_closes_at",
            )
            if (value := getattr(self, name)) is not None
        }  # fmt: skip
        changed = replace(changed, **simple, version=night.version + 1)
        if self.place is not None and self.voice_channel_id is None:
            changed = replace(changed, voice_channel_id=None)
        if self.channel_id is not None and self.channel_id != night.channel_id:
            changed = replace(changed, message_id=None, thread_id=None, problem="")
            if night.message_id is not None:
                changed = replace(changed, old_channel_id=night.channel_id, old_message_id=night.message_id)
        if self.film_id is not None:
            state = NightState.POLLING if changed.state is NightState.POLLING else NightState.READY
            changed = replace(changed, film_id=self.film_id, runtime=self.runtime, state=state)
        check_times(changed, now)
        return changed


def _shift(moment: datetime | None, shift: timedelta, now: datetime) -> datetime | None:
    """Return the moment moved by the shift; one that has passed stays, and none moves into the past."""
    if moment is None or moment <= now:
        return moment
    return max(moment + shift, now)


def check_times(night: Night, now: datetime) -> None:
    """Raise InvalidInputError unless nominations close, then the ballot, then the night starts, all to come."""
    if night.starts_at <= now:
        raise InvalidInputError(_("That's in the past. Enter a later day and time."))
    if night.state is NightState.POLLING and not now < (night.poll_closes_at or now) < night.starts_at:
        raise InvalidInputError(_("The poll has to close before the first of its days."))
    if night.choosing is Choosing.HOST or night.state is NightState.READY:
        return
    closes = night.ballot_closes_at or night.starts_at
    if closes > night.starts_at:
        raise InvalidInputError(_("Voting has to end before the night starts."))
    is_surprise = night.choosing is Choosing.SURPRISE
    if not is_surprise and night.nominations_close_at is not None and night.nominations_close_at >= closes:
        raise InvalidInputError(_("Nominations have to close before voting does."))


def start_poll(
    night: Night, times: tuple[datetime, ...], now: datetime, closes_at: datetime | None = None
) -> Night:
    """Return the night with a poll for its day; `closes_at` is None for the default."""
    first = min(times)
    if closes_at is None:
        closes_at = now + min(LONGEST_POLL, (first - now) / 2)
    return replace(
        night,
        state=NightState.POLLING,
        starts_at=first,
        poll_times=times,
        poll_closes_at=closes_at.replace(microsecond=0),
    )


def end_poll(night: Night, starts_at: datetime, now: datetime) -> Night:
    """Return the night once its day is known, with the times by which its film is chosen."""
    night = replace(night, starts_at=starts_at, poll_closes_at=None, state=night.state_after_poll)
    return with_default_times(night, now) if night.state is NightState.NOMINATING else night


def with_default_times(night: Night, now: datetime) -> Night:
    """Return the night with the times that the host did not name, or that its start has left behind.

    A surprise needs no nominations: it is chosen where a ballot would close.
    """
    nominations_close_at, ballot_closes_at = choose_default_times(now, night.starts_at)
    if night.ballot_closes_at is not None and now < night.ballot_closes_at <= night.starts_at:
        ballot_closes_at = night.ballot_closes_at
        nominations_close_at = min(nominations_close_at, now + (ballot_closes_at - now) / 2)
    if night.choosing is Choosing.SURPRISE:
        nominations_close_at = ballot_closes_at
    elif night.nominations_close_at is not None and now < night.nominations_close_at < ballot_closes_at:
        nominations_close_at = night.nominations_close_at
    return replace(night, nominations_close_at=nominations_close_at, ballot_closes_at=ballot_closes_at)


def choose_day(times: Sequence[datetime], votes: Sequence[Collection[datetime]], now: datetime) -> datetime | None:
    """Return the time that most can make, of several the first; None if all have passed."""
    left = [each for each in times if each > now]
    return max(left, key=lambda each: (sum(each in vote for vote in votes), -each.timestamp()), default=None)


def choose_default_times(now: datetime, starts_at: datetime) -> tuple[datetime, datetime]:
    """Return when nominations and the ballot close if the host names no times.

    The ballot closes an hour before the start, and is open for the day before that; a night that is near gives
    both half of the time that is left.
    """
    ballot = starts_at - timedelta(hours=1)
    if ballot <= now + timedelta(hours=1):
        ballot = now + (starts_at - now) * 3 / 4
    nominations = ballot - timedelta(days=1)
    if nominations <= now + timedelta(hours=1):
        nominations = now + (ballot - now) / 2
    return nominations.replace(microsecond=0), ballot.replace(microsecond=0)


def parse_reminders(text: str) -> tuple[int, ...]:
    """Return typed reminders in minutes before the start, the earliest first: `1d, 2h, 30`, or `none`.

    Units may be in the reader's language: `1 Tag, 2 Std.`.

    Raises InvalidInputError for anything else, for more than MAX_REMINDERS, and for more than two weeks.
    """
    text = text.strip().lower()
    if text in ("", "0") or is_none(text):
        return ()
    minutes = set()
    for part in re.split("[,;、，；]", text):
        word = part.strip().replace(" ", "")
        unit = word.lstrip("0123456789")
        number = word[: len(word) - len(unit)]
        factor = _UNITS.get(unit) or find_unit_minutes(unit.removesuffix("前").removesuffix("전"), get_locale())
        if not number or factor is None or len(number) > 5 or not 1 <= int(number) * factor <= 14 * 24 * 60:
            raise InvalidInputError(_("Enter reminders like 1d, 2h or 30m before the start, up to two weeks."))
        minutes.add(int(number) * factor)
    if len(minutes) > MAX_REMINDERS:
        raise InvalidInputError(_("Enter up to {limit} reminders.").format(limit=MAX_REMINDERS))
    return tuple(sorted(minutes, reverse=True))


_UNITS = {"": 1, "m": 1, "min": 1, "minutes": 1, "h": 60, "hour": 60, "hours": 60, "d": 1_440, "day": 1_440,
          "days": 1_440}  # fmt: skip
