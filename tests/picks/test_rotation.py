import re
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import InvalidInputError
from bot.picks.rotation import Rotation, RotationInterval, add_days, find_zones, parse_zone, to_local
from tests.picks.moments import utc

BERLIN = "Europe/Berlin"


def list_rotations(rotation: Rotation, after: str, number: int) -> list[str]:
    rotations, at = [], utc(after)
    for _ in range(number):
        following = rotation.next_after(at)
        assert following is not None
        assert following > at
        rotations.append(f"{following:%Y-%m-%d %H:%M}")
        at = following
    return rotations


def test_a_rotation_in_the_missing_hour_comes_an_hour_later_by_the_clock() -> None:
    # In Berlin 02:00 to 03:00 is left out on 29 March 2026.
    rotation = Rotation(RotationInterval.DAY, BERLIN, 150)
    assert list_rotations(rotation, "2026-03-27T12:00", 3) == [
        "2026-03-28 01:30",
        "2026-03-29 01:30",
        "2026-03-30 00:30",
    ]
    assert f"{to_local(utc('2026-03-29T01:30'), BERLIN):%H:%M}" == "03:30"


def test_a_rotation_in_the_doubled_hour_comes_once_and_the_first_time() -> None:
    # In Berlin 02:00 to 03:00 comes twice on 25 October 2026.
    rotation = Rotation(RotationInterval.DAY, BERLIN, 150)
    assert list_rotations(rotation, "2026-10-23T12:00", 3) == [
        "2026-10-24 00:30",
        "2026-10-25 00:30",
        "2026-10-26 01:30",
    ]
    # Between the two 02:30s the next rotation is that of the next day.
    assert list_rotations(rotation, "2026-10-25T00:45", 1) == ["2026-10-26 01:30"]


def test_weekly_and_monthly_rotations() -> None:
    week = Rotation(RotationInterval.WEEK, "America/New_York", 20 * 60, weekday=4)
    assert list_rotations(week, "2026-10-28T00:00", 2) == ["2026-10-31 00:00", "2026-11-07 01:00"]
    month = Rotation(RotationInterval.MONTH, "UTC", 9 * 60, month_day=31)
    assert list_rotations(month, "2026-01-31T09:00", 3) == [
        "2026-02-28 09:00",
        "2026-03-31 09:00",
        "2026-04-30 09:00",
    ]
    assert Rotation().next_after(utc("2026-01-01T00:00")) is None


@given(
    st.integers(0, 3650 * 1440).map(lambda minutes: utc("2020-01-01T00:00") + timedelta(minutes=minutes)),
    st.sampled_from([BERLIN, "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]),
    st.integers(0, 1439),
)
def test_every_local_day_has_one_rotation(moment: datetime, zone: str, at: int) -> None:
    rotation = Rotation(RotationInterval.DAY, zone, at)
    first = rotation.next_after(moment)
    assert first is not None
    second = rotation.next_after(first)
    assert second is not None
    assert timedelta(hours=22) <= second - first <= timedelta(hours=26)


def test_adding_days_keeps_the_local_time() -> None:
    assert add_days(utc("2026-10-24T18:00"), 2, BERLIN) == utc("2026-10-26T19:00")


def test_time_zones_are_found_by_typed_names() -> None:
    assert find_zones("new york")[0] == "America/New_York"
    assert parse_zone("europe/berlin") == BERLIN
    assert parse_zone("Berlin") == BERLIN
    assert parse_zone("new york") == "America/New_York"
    for text in ("Atlantis", "America", "", "../etc/passwd", "x" * 500, "\0"):
        with pytest.raises(InvalidInputError, match="I don't know the time zone"):
            parse_zone(text)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("EST", "America/New_York"),
        ("edt", "America/New_York"),
        ("PT", "America/Los_Angeles"),
        ("CET", "Europe/Paris"),
        ("IST", "Asia/Kolkata"),
        ("são paulo", "America/Sao_Paulo"),
        ("gmt", "UTC"),
        ("UTC+0", "UTC"),
    ],
)
def test_abbreviations_mean_a_citys_zone_with_its_summer_time(text: str, zone: str) -> None:
    assert parse_zone(text) == zone
    assert find_zones(text)[0] == zone


@pytest.mark.parametrize(
    ("text", "cities", "hours"),
    [
        ("GMT+2", "Europe/Athens or Africa/Johannesburg", 2),
        ("utc-5", "America/New York", -5),
        ("+5:30", "Asia/Kolkata", 5.5),
    ],
)
def test_an_offset_names_cities_that_far_ahead_of_utc(text: str, cities: str, hours: float) -> None:
    with pytest.raises(InvalidInputError, match=re.escape(f"such as {cities}.")):
        parse_zone(text)
    winter = utc("2026-01-15T12:00")
    for zone in find_zones(text):
        assert to_local(winter, zone).utcoffset() in (timedelta(hours=hours), timedelta(hours=hours + 1))
