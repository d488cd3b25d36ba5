"""Which pick is on the marquee when, computed on plain values.

Three kinds of events happen to a marquee: a dated pick's time comes, a rotation comes, and a pick that was to
stay for some days has stayed them. A rotation starts the first pick of the queue, except on a day that has a dated
pick, and while a pick stays for its days. A rotation that finds the queue empty leaves the current pick on.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.picks.models import Pick, PickState, Programme
from bot.picks.rotation import add_days, to_local

_END, _START, _ROTATION = range(3)
"""Kinds of events in the order in which they happen at one moment: a pick that ends makes room."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A pick that started or ended, as it is from then on."""

    at: datetime
    pick: Pick

    @property
    def is_start(self) -> bool:
        """Whether the pick started."""
        return self.pick.state is PickState.CURRENT


@dataclass(frozen=True, slots=True)
class TimelineResult:
    """What happened up to a moment: the transitions in order, when the next rotation comes, and the last rotation
    that found the queue empty."""

    transitions: tuple[Transition, ...]
    next_rotation_at: datetime | None
    queue_empty_at: datetime | None = None


class _Timeline:
    """A programme that is moved forward from event to event."""

    def __init__(self, programme: Programme) -> None:
        self.rotation = programme.settings.rotation
        self.current = programme.current
        self.dated = deque(sorted(programme.dated, key=lambda pick: (pick.starts_at, pick.id)))
        self.queue = deque(programme.queue)
        self.next_rotation_at = programme.settings.next_rotation_at
        self.transitions: list[Transition] = []
        self.queue_empty_at: datetime | None = None

    def get_next_event(self) -> tuple[datetime, int] | None:
        """Return the time and the kind of the next event, or None if nothing will happen."""
        events = []
        if self.current is not None and self.current.ends_at is not None:
            events.append((self.current.ends_at, _END))
        if self.dated and self.dated[0].starts_at is not None:
            events.append((self.dated[0].starts_at, _START))
        if self.next_rotation_at is not None:
            events.append((self.next_rotation_at, _ROTATION))
        return min(events, default=None)

    def apply(self, at: datetime, event: int) -> None:
        """Apply the event."""
        if event == _END:
            self._end(at)
        elif event == _START:
            self._start(self.dated.popleft(), at)
        else:
            self._rotate(at)

    def _end(self, at: datetime) -> None:
        if self.current is not None:
            self.transitions.append(Transition(at, replace(self.current, state=PickState.PAST, ended_at=at)))
            self.current = None

    def _start(self, pick: Pick, at: datetime) -> None:
        self._end(at)
        ends_at = add_days(at, pick.duration_days, self.rotation.time_zone) if pick.duration_days else None
        self.current = replace(pick, state=PickState.CURRENT, started_at=at, ends_at=ends_at)
        self.transitions.append(Transition(at, self.current))

    def _rotate(self, at: datetime) -> None:
        has_duration = self.current is not None and self.current.ends_at is not None
        picks = [*self.dated, *([self.current] if self.current is not None else [])]
        if not has_duration and find_pick_on_day(at, picks, self.rotation.time_zone) is None:
            if self.queue:
                self._start(self.queue.popleft(), at)
            else:
                self.queue_empty_at = at
        self.next_rotation_at = self.rotation.next_after(at)


def find_pick_on_day(moment: datetime, picks: Iterable[Pick], zone: str) -> Pick | None:
    """Return the first pick whose start is planned for the moment's day in the zone, or None."""
    day = to_local(moment, zone).date()
    return next((pick for pick in picks if pick.starts_at and to_local(pick.starts_at, zone).date() == day), None)


def advance(programme: Programme, until: datetime) -> TimelineResult:
    """Move the programme forward to `until` and return what happened."""
    timeline = _Timeline(programme)
    while (event := timeline.get_next_event()) is not None and event[0] <= until:
        timeline.apply(*event)
    return TimelineResult(_mark_missed(timeline.transitions), timeline.next_rotation_at, timeline.queue_empty_at)


def _mark_missed(transitions: list[Transition]) -> tuple[Transition, ...]:
    """Return the transitions with picks that both started and ended marked as missed when they ended."""
    started = {transition.pick.id for transition in transitions if transition.is_start}
    return tuple(
        replace(transition, pick=replace(transition.pick, state=PickState.MISSED))
        if transition.pick.state is PickState.PAST and transition.pick.id in started
        else transition
        for transition in transitions
    )


def forecast(programme: Programme) -> dict[int, datetime]:
    """Return when each planned pick starts, by its id; picks that no event starts are left out."""
    timeline = _Timeline(programme)
    starts: dict[int, datetime] = {}
    # It ends: each planned pick may hold the marquee for a year of rotations at most.
    while (timeline.dated or timeline.queue) and (event := timeline.get_next_event()) is not None:
        count = len(timeline.transitions)
        timeline.apply(*event)
        starts |= {each.pick.id: each.at for each in timeline.transitions[count:] if each.is_start}
    return starts


def find_next_pick(programme: Programme, now: datetime) -> Pick | None:
    """Return the planned pick that starts first, or None. Picks that no event starts come last."""
    dated = {pick.id: pick.starts_at for pick in programme.dated if pick.starts_at is not None}
    starts = {**dated, **forecast(programme)}
    return min(programme.planned, key=lambda pick: (pick.id not in starts, starts.get(pick.id, now)), default=None)
