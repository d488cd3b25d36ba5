import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import InvalidInputError
from bot.picks.dates import parse_moment, parse_time
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
    ],
)
def test_typed_days(text: str, expected: str) -> None:
    assert parse_moment(text, Rotation(time_zone=BERLIN), NOW) == utc(expected)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026-11-20 12:59", "is in the past"),
        ("2026-02-30", "no such day"),
        ("31.2.", "no such day"),
        ("next blue moon", "can't read that date"),
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
    for text in ("", "24:00", "13pm", "half past"):
        with pytest.raises(InvalidInputError):
            parse_time(text)
