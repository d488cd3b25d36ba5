"""What comes on the marquee when: the programme moved on in time, on plain values.

Three things happen to a marquee: a dated pick's time comes, a rotation comes, and a pick that was to stay for
some days has stayed them. A rotation brings on the first of the queue, except on a day that has a dated pick,
and while a pick stays for its days. A queue that is empty leaves on what is on.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.picks.models import Pick, Programme, State
from bot.picks.rotation import days_later, local

_ENDS, _STARTS, _ROTATES = range(3)
"""What happens first of things at one time: a pick that ends makes room."""


@dataclass(frozen=True, slots=True)
class Step:
    """A pick that came on or went, as it is from then on."""

    at: datetime
    pick: Pick

    @property
    def begins(self) -> bool:
        """Whether it came on."""
        return self.pick.state is State.CURRENT


@dataclass(frozen=True, slots=True)
class Passage:
    """What happened up to a time: the steps in order, when it rotates next, and the last rotation that found
    the queue empty."""

    steps: tuple[Step, ...]
    next_at: datetime | None
    empty_at: datetime | None = None


class _Marquee:
    """A programme on its way through time."""

    def __init__(self, programme: Programme) -> None:
        self.rotation = programme.settings.rotation
        self.current = programme.current
        self.dated = deque(sorted(programme.dated, key=lambda pick: (pick.starts_at, pick.id)))
        self.queue = deque(programme.queue)
        self.next_at = programme.settings.next_at
        self.steps: list[Step] = []
        self.empty_at: datetime | None = None

    def next_event(self) -> tuple[datetime, int] | None:
        events = []
        if self.current is not None and self.current.ends_at is not None:
            events.append((self.current.ends_at, _ENDS))
        if self.dated and self.dated[0].starts_at is not None:
            events.append((self.dated[0].starts_at, _STARTS))
        if self.next_at is not None:
            events.append((self.next_at, _ROTATES))
        return min(events, default=None)

    def end(self, at: datetime) -> None:
        if self.current is not None:
            self.steps.append(Step(at, replace(self.current, state=State.PAST, ended_at=at)))
            self.current = None

    def begin(self, pick: Pick, at: datetime) -> None:
        self.end(at)
        ends = days_later(at, pick.duration_days, self.rotation.zone) if pick.duration_days else None
        self.current = replace(pick, state=State.CURRENT, started_at=at, ends_at=ends)
        self.steps.append(Step(at, self.current))

    def rotate(self, at: datetime) -> None:
        held = self.current is not None and self.current.ends_at is not None
        if not held and not self._day_is_taken(at):
            if self.queue:
                self.begin(self.queue.popleft(), at)
            else:
                self.empty_at = at
        self.next_at = self.rotation.next_after(at)

    def _day_is_taken(self, at: datetime) -> bool:
        picks = [*self.dated, *([self.current] if self.current is not None else [])]
        return starting_on(at, picks, self.rotation.zone) is not None


def starting_on(at: datetime, picks: Iterable[Pick], zone: str) -> Pick | None:
    """Give the first of the picks whose own day is the one on which `at` is in the zone, or None."""
    day = local(at, zone).date()
    return next((pick for pick in picks if pick.starts_at and local(pick.starts_at, zone).date() == day), None)


def advance(programme: Programme, until: datetime) -> Passage:
    """Move the programme on to `until` and give what happened, in order."""
    marquee = _Marquee(programme)
    while (event := marquee.next_event()) is not None and event[0] <= until:
        at, what = event
        if what == _ENDS:
            marquee.end(at)
        elif what == _STARTS:
            marquee.begin(marquee.dated.popleft(), at)
        else:
            marquee.rotate(at)
    return Passage(_with_missed(marquee.steps), marquee.next_at, marquee.empty_at)


def _with_missed(steps: list[Step]) -> tuple[Step, ...]:
    """Mark picks that came and went unseen: the time of those is over."""
    began = {step.pick.id for step in steps if step.begins}
    return tuple(
        replace(step, pick=replace(step.pick, state=State.MISSED))
        if step.pick.state is State.PAST and step.pick.id in began
        else step
        for step in steps
    )


def forecast(programme: Programme) -> dict[int, datetime]:
    """Give when each planned pick comes on, by its id; those that nothing brings on are left out."""
    marquee = _Marquee(programme)
    found: dict[int, datetime] = {}
    # Each planned pick may hold the marquee for a year of rotations at most.
    while (marquee.dated or marquee.queue) and (event := marquee.next_event()) is not None:
        at, what = event
        before = len(marquee.steps)
        if what == _ENDS:
            marquee.end(at)
        elif what == _STARTS:
            marquee.begin(marquee.dated.popleft(), at)
        else:
            marquee.rotate(at)
        found |= {step.pick.id: step.at for step in marquee.steps[before:] if step.begins}
    return found


def next_up(programme: Programme, now: datetime) -> Pick | None:
    """Give the planned pick that comes on first, those last that nothing brings on; None where none is planned."""
    dated = {pick.id: pick.starts_at for pick in programme.dated if pick.starts_at is not None}
    expected = {**dated, **forecast(programme)}
    return min(
        programme.planned, key=lambda pick: (pick.id not in expected, expected.get(pick.id, now)), default=None
    )
