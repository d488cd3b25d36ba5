import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import InvalidInputError
from bot.core.text.i18n import use_locale
from bot.picks.dates import parse_moment, parse_time, parse_time_of_day
from bot.picks.rotation import Rotation
from tests.picks.moments import utc

BERLIN = "Europe/Berlin"

NOW = utc("2026-11-20T12:00")  # a Friday; 13:00 in Berlin


@pytest.mark.parametrize(
    ("text", "expected"),
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
        ("tonight", "2026-11-20T19:00"),
        ("tonight 11pm", "2026-11-20T22:00"),
        ("noon", "2026-11-21T11:00"),
        ("tomorrow noon", "2026-11-21T11:00"),
        ("friday midnight", "2026-11-20T23:00"),
        ("next friday 8pm", "2026-11-27T19:00"),
        ("next monday", "2026-11-23T19:00"),
        ("this sunday 8 p.m.", "2026-11-22T19:00"),
        ("12/25/2026", "2026-12-25T19:00"),
        ("25/12/2026 9pm", "2026-12-25T20:00"),
        ("3/4/27", "2027-03-04T19:00"),
        ("1/2", "2027-01-02T19:00"),
        ("Dec 4", "2026-12-04T19:00"),
        ("4th of december, 20:30", "2026-12-04T19:30"),
        ("January 2, 2027 at 7:30 am", "2027-01-02T06:30"),
        ("in 2 hours", "2026-11-20T14:00"),
        ("in a week", "2026-11-27T19:00"),
        ("<t:1796410800>", "2026-12-04T19:00"),
        ("<t:1796410800:F>", "2026-12-04T19:00"),
    ],
)
def test_typed_days(text: str, expected: str) -> None:
    assert parse_moment(text, Rotation(time_zone=BERLIN), NOW) == utc(expected)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026-11-20 12:59", "is in the past"),
        ("yesterday", "is in the past"),
        ("2026-02-30", "no such day"),
        ("31.2.", "no such day"),
        ("next blue moon", "can't read that day"),
        ("4 may 2027 5", "can't read that day"),
        ("13/13/2026", "no such day"),
        ("<t:999999999999>", "no such day|more than two years"),
        ("2029-12-04", "two years"),
        ("2026-12-04 25:00", "can't read that time"),
    ],
)
def test_invalid_days_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        parse_moment(text, Rotation(time_zone=BERLIN), NOW)


@pytest.mark.parametrize(("text", "zone"), [("9999-12-31", "America/New_York"), ("0001-01-01 0:30", BERLIN)])
def test_the_first_and_the_last_day_are_no_days_to_plan_for(text: str, zone: str) -> None:
    with pytest.raises(InvalidInputError, match="no such day"):
        parse_moment(text, Rotation(time_zone=zone), NOW)


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        moment = parse_moment(text, Rotation(time_zone=BERLIN), NOW)
    except InvalidInputError:
        return
    assert moment > NOW


def test_typed_times() -> None:
    assert [parse_time(text) for text in ("20:00", "8pm", "20.30", "12am", "12 pm", "7:05 am")] == [
        1200, 1200, 1230, 0, 720, 425,
    ]  # fmt: skip
    assert parse_time("noon") == 720
    assert parse_time_of_day("midnight") == 0
    for text in ("", "24:00", "13pm", "half past"):
        with pytest.raises(InvalidInputError):
            parse_time(text)


def test_slashed_days_are_read_in_the_readers_order() -> None:
    for locale, expected in (
        ("en-US", "2027-03-04T19:00"),
        ("en-GB", "2027-04-03T18:00"),
        ("de", "2027-04-03T18:00"),
    ):
        with use_locale(locale):
            assert parse_moment("3/4/2027", Rotation(time_zone=BERLIN), NOW) == utc(expected)


def test_tonight_is_in_the_evening_whenever_picks_rotate() -> None:
    assert parse_moment("tonight", Rotation(time_zone=BERLIN, minutes=540), NOW) == utc("2026-11-20T19:00")
    assert parse_moment("tonight", Rotation(time_zone=BERLIN, minutes=1290), NOW) == utc("2026-11-20T20:30")
