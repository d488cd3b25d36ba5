from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import InvalidInputError
from bot.picks.dates import parse_moment, parse_time
from bot.picks.models import Pick, PickSettings, PickState, Programme
from bot.picks.rotation import Every, Rotation, add_days, find_zones, parse_zone, to_local
from bot.picks.timeline import advance, forecast

BERLIN = "Europe/Berlin"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slots(rotation: Rotation, after: str, number: int) -> list[str]:
    found, at = [], utc(after)
    for _ in range(number):
        following = rotation.next_after(at)
        assert following is not None
        assert following > at
        found.append(f"{following:%Y-%m-%d %H:%M}")
        at = following
    return found


def test_the_missing_hour_comes_an_hour_later_by_the_clock() -> None:
    # In Berlin 02:00 to 03:00 is left out on 29 March 2026.
    rotation = Rotation(Every.DAY, BERLIN, 150)
    assert slots(rotation, "2026-03-27T12:00", 3) == ["2026-03-28 01:30", "2026-03-29 01:30", "2026-03-30 00:30"]
    assert f"{to_local(utc('2026-03-29T01:30'), BERLIN):%H:%M}" == "03:30"


def test_the_doubled_hour_comes_once_and_first() -> None:
    # In Berlin 02:00 to 03:00 comes twice on 25 October 2026.
    rotation = Rotation(Every.DAY, BERLIN, 150)
    assert slots(rotation, "2026-10-23T12:00", 3) == ["2026-10-24 00:30", "2026-10-25 00:30", "2026-10-26 01:30"]
    # Asked between the two 02:30s it names the next day's, not the second.
    assert slots(rotation, "2026-10-25T00:45", 1) == ["2026-10-26 01:30"]


def test_weeks_and_months() -> None:
    week = Rotation(Every.WEEK, "America/New_York", 20 * 60, weekday=4)
    assert slots(week, "2026-10-28T00:00", 2) == ["2026-10-31 00:00", "2026-11-07 01:00"]
    month = Rotation(Every.MONTH, "UTC", 9 * 60, day=31)
    assert slots(month, "2026-01-31T09:00", 3) == ["2026-02-28 09:00", "2026-03-31 09:00", "2026-04-30 09:00"]
    assert Rotation().next_after(utc("2026-01-01T00:00")) is None


@given(
    st.integers(0, 3650 * 1440).map(lambda minutes: utc("2020-01-01T00:00") + timedelta(minutes=minutes)),
    st.sampled_from([BERLIN, "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]),
    st.integers(0, 1439),
)
def test_every_local_day_has_one_rotation(moment: datetime, zone: str, at: int) -> None:
    rotation = Rotation(Every.DAY, zone, at)
    first = rotation.next_after(moment)
    assert first is not None
    second = rotation.next_after(first)
    assert second is not None
    assert timedelta(hours=22) <= second - first <= timedelta(hours=26)


def test_days_keep_the_clock() -> None:
    assert add_days(utc("2026-10-24T18:00"), 2, BERLIN) == utc("2026-10-26T19:00")


def test_zones_are_found_by_what_is_typed() -> None:
    assert find_zones("new york")[0] == "America/New_York"
    assert parse_zone("europe/berlin") == BERLIN
    assert parse_zone("Berlin") == BERLIN
    assert parse_zone("new york") == "America/New_York"
    for text in ("Atlantis", "America", "", "../etc/passwd", "x" * 500, "\0"):
        with pytest.raises(InvalidInputError, match="No time zone"):
            parse_zone(text)


NOW = utc("2026-11-20T12:00")  # a Friday; 13:00 in Berlin


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("today", "2026-11-20T19:00"),
        ("today 23:15", "2026-11-20T22:15"),
        ("Tomorrow at 8pm", "2026-11-21T19:00"),
        ("friday", "2026-11-20T19:00"),
        ("friday 9:00", "2026-11-27T08:00"),
        ("fri 9:00", "2026-11-27T08:00"),
        ("sun", "2026-11-22T19:00"),
        ("2026-12-04", "2026-12-04T19:00"),
        ("4.12.2026 20:30", "2026-12-04T19:30"),
        ("1.2.", "2027-02-01T19:00"),
        ("21:00", "2026-11-20T20:00"),
        ("2027-03-28 02:30", "2027-03-28T01:30"),
    ],
)
def test_days_as_typed(text: str, meant: str) -> None:
    assert parse_moment(text, Rotation(zone=BERLIN), NOW) == utc(meant)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026-11-20 12:59", "is past"),
        ("2026-02-30", "no such day"),
        ("31.2.", "no such day"),
        ("next blue moon", "written like"),
        ("2029-12-04", "two years"),
        ("2026-12-04 25:00", "time is written like"),
    ],
)
def test_bad_days_are_told(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        parse_moment(text, Rotation(zone=BERLIN), NOW)


@pytest.mark.parametrize(("text", "zone"), [("9999-12-31", "America/New_York"), ("0001-01-01 0:30", BERLIN)])
def test_the_first_and_the_last_day_are_no_days_to_plan_for(text: str, zone: str) -> None:
    with pytest.raises(InvalidInputError, match="no such day"):
        parse_moment(text, Rotation(zone=zone), NOW)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_days(text: str) -> None:
    try:
        found = parse_moment(text, Rotation(zone=BERLIN), NOW)
    except InvalidInputError:
        return
    assert found > NOW


def test_times_as_typed() -> None:
    assert [parse_time(text) for text in ("20:00", "8pm", "20.30", "12am", "12 pm", "7:05 am")] == [
        1200, 1200, 1230, 0, 720, 425,
    ]  # fmt: skip
    for text in ("", "24:00", "13pm", "half past"):
        with pytest.raises(InvalidInputError):
            parse_time(text)


WEEKLY = PickSettings(Rotation(Every.WEEK, "UTC", 20 * 60, weekday=4), next_rotation_at=utc("2026-11-20T20:00"))


def pick(number: int, **more: object) -> Pick:
    return Pick(number, 1, f"film-{number}", f"Film {number}", 2000, position=number, **more)  # type: ignore[arg-type]


def told(programme: Programme, until: str) -> list[tuple[str, int, str]]:
    passage = advance(programme, utc(until))
    return [(f"{step.at:%m-%d %H:%M}", step.pick.id, step.pick.state.value) for step in passage.transitions]


def test_the_queue_comes_on_in_order() -> None:
    programme = Programme(WEEKLY, queue=(pick(1), pick(2)))
    assert told(programme, "2026-11-20T20:00") == [("11-20 20:00", 1, "current")]
    passage = advance(programme, utc("2026-11-20T20:00"))
    assert passage.next_at == utc("2026-11-27T20:00")
    assert advance(programme, utc("2026-11-20T19:59")).transitions == ()


def test_what_came_and_went_unseen_is_missed() -> None:
    on = pick(1, state=PickState.CURRENT, started_at=utc("2026-11-13T20:00"))
    programme = Programme(WEEKLY, on, queue=(pick(2), pick(3)))
    assert told(programme, "2026-12-01T00:00") == [
        ("11-20 20:00", 1, "past"),
        ("11-20 20:00", 2, "current"),
        ("11-27 20:00", 2, "missed"),
        ("11-27 20:00", 3, "current"),
    ]


def test_a_day_with_a_dated_pick_is_that_picks() -> None:
    dated = pick(9, starts_at=utc("2026-11-20T22:00"))
    programme = Programme(WEEKLY, dated=(dated,), queue=(pick(1),))
    assert told(programme, "2026-11-27T20:00") == [
        ("11-20 22:00", 9, "current"),
        ("11-27 20:00", 9, "missed"),
        ("11-27 20:00", 1, "current"),
    ]


def test_a_pick_that_stays_for_days_is_left_alone_and_then_goes() -> None:
    dated = pick(9, starts_at=utc("2026-11-19T10:00"), duration_days=3)
    programme = Programme(WEEKLY, dated=(dated,), queue=(pick(1),))
    assert told(programme, "2026-11-22T10:00") == [("11-19 10:00", 9, "current"), ("11-22 10:00", 9, "missed")]
    assert forecast(programme) == {9: utc("2026-11-19T10:00"), 1: utc("2026-11-27T20:00")}


def test_an_empty_queue_leaves_on_what_is_on() -> None:
    on = pick(1, state=PickState.CURRENT, started_at=utc("2026-11-13T20:00"))
    passage = advance(Programme(WEEKLY, on), utc("2026-12-05T00:00"))
    assert passage.transitions == ()
    assert (passage.empty_at, passage.next_at) == (utc("2026-12-04T20:00"), utc("2026-12-11T20:00"))


def test_without_a_rotation_the_queue_waits() -> None:
    programme = Programme(PickSettings(), queue=(pick(1),))
    assert advance(programme, utc("2030-01-01T00:00")).transitions == ()
    assert forecast(programme) == {}


@given(st.integers(0, 60 * 24 * 40), st.integers(1, 12))
def test_moving_on_in_two_steps_comes_to_the_same_as_in_one(minutes: int, queued: int) -> None:
    start = utc("2026-11-20T00:00")
    programme = Programme(WEEKLY, queue=tuple(pick(number) for number in range(1, queued + 1)))
    end = start + timedelta(days=45)
    once = advance(programme, end)
    first = advance(programme, start + timedelta(minutes=minutes))
    begun = {step.pick.id for step in first.transitions if step.is_start}
    later = Programme(
        replace(WEEKLY, next_rotation_at=first.next_at),
        first.transitions[-1].pick if first.transitions else None,
        queue=tuple(each for each in programme.queue if each.id not in begun),
    )
    second = advance(later, end)
    assert [step.pick.id for step in (*first.transitions, *second.transitions) if step.is_start] == [
        step.pick.id for step in once.transitions if step.is_start
    ]
    assert second.next_at == once.next_at
