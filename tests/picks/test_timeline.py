from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.picks.models import Pick, PickSettings, PickState, Programme
from bot.picks.rotation import Rotation, RotationInterval
from bot.picks.timeline import advance, forecast
from tests.picks.moments import utc

WEEKLY = PickSettings(
    Rotation(RotationInterval.WEEK, "UTC", 20 * 60, weekday=4), next_rotation_at=utc("2026-11-20T20:00")
)


def build_pick(number: int, **more: object) -> Pick:
    return Pick(number, 1, f"film-{number}", f"Film {number}", 2000, position=number, **more)  # type: ignore[arg-type]


def list_transitions(programme: Programme, until: str) -> list[tuple[str, int, str]]:
    result = advance(programme, utc(until))
    return [(f"{each.at:%m-%d %H:%M}", each.pick.id, each.pick.state.value) for each in result.transitions]


def test_the_queue_starts_in_order() -> None:
    programme = Programme(WEEKLY, queue=(build_pick(1), build_pick(2)))
    assert list_transitions(programme, "2026-11-20T20:00") == [("11-20 20:00", 1, "current")]
    result = advance(programme, utc("2026-11-20T20:00"))
    assert result.next_rotation_at == utc("2026-11-27T20:00")
    assert advance(programme, utc("2026-11-20T19:59")).transitions == ()


def test_a_pick_that_started_and_ended_unseen_is_missed() -> None:
    current = build_pick(1, state=PickState.CURRENT, started_at=utc("2026-11-13T20:00"))
    programme = Programme(WEEKLY, current, queue=(build_pick(2), build_pick(3)))
    assert list_transitions(programme, "2026-12-01T00:00") == [
        ("11-20 20:00", 1, "past"),
        ("11-20 20:00", 2, "current"),
        ("11-27 20:00", 2, "missed"),
        ("11-27 20:00", 3, "current"),
    ]


def test_a_rotation_skips_the_day_of_a_dated_pick() -> None:
    dated = build_pick(9, starts_at=utc("2026-11-20T22:00"))
    programme = Programme(WEEKLY, dated=(dated,), queue=(build_pick(1),))
    assert list_transitions(programme, "2026-11-27T20:00") == [
        ("11-20 22:00", 9, "current"),
        ("11-27 20:00", 9, "missed"),
        ("11-27 20:00", 1, "current"),
    ]


def test_a_pick_with_a_duration_stays_over_a_rotation_and_then_ends() -> None:
    dated = build_pick(9, starts_at=utc("2026-11-19T10:00"), duration_days=3)
    programme = Programme(WEEKLY, dated=(dated,), queue=(build_pick(1),))
    assert list_transitions(programme, "2026-11-22T10:00") == [
        ("11-19 10:00", 9, "current"),
        ("11-22 10:00", 9, "missed"),
    ]
    assert forecast(programme) == {9: utc("2026-11-19T10:00"), 1: utc("2026-11-27T20:00")}


def test_an_empty_queue_leaves_the_current_pick_on() -> None:
    current = build_pick(1, state=PickState.CURRENT, started_at=utc("2026-11-13T20:00"))
    result = advance(Programme(WEEKLY, current), utc("2026-12-05T00:00"))
    assert result.transitions == ()
    assert (result.queue_empty_at, result.next_rotation_at) == (utc("2026-12-04T20:00"), utc("2026-12-11T20:00"))


def test_without_a_rotation_the_queue_waits() -> None:
    programme = Programme(PickSettings(), queue=(build_pick(1),))
    assert advance(programme, utc("2030-01-01T00:00")).transitions == ()
    assert forecast(programme) == {}


@given(st.integers(0, 60 * 24 * 40), st.integers(1, 12))
def test_advancing_in_two_steps_is_the_same_as_in_one(minutes: int, queued: int) -> None:
    start = utc("2026-11-20T00:00")
    programme = Programme(WEEKLY, queue=tuple(build_pick(number) for number in range(1, queued + 1)))
    end = start + timedelta(days=45)
    once = advance(programme, end)
    first = advance(programme, start + timedelta(minutes=minutes))
    started = {transition.pick.id for transition in first.transitions if transition.is_start}
    later = Programme(
        replace(WEEKLY, next_rotation_at=first.next_rotation_at),
        first.transitions[-1].pick if first.transitions else None,
        queue=tuple(each for each in programme.queue if each.id not in started),
    )
    second = advance(later, end)
    in_two_steps = (*first.transitions, *second.transitions)
    assert [each.pick.id for each in in_two_steps if each.is_start] == [
        each.pick.id for each in once.transitions if each.is_start
    ]
    assert second.next_rotation_at == once.next_rotation_at
