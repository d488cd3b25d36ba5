from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import InvalidInputError
from bot.reviews.diary import format_day_as_typed, parse_day, rank_favourites, require_released
from bot.reviews.top import choose_minimum_raters

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("", None), ("today", date(2026, 11, 20)), (" Yesterday ", date(2026, 11, 19)),
        ("2026-11-20", date(2026, 11, 20)), ("20.11.2026", date(2026, 11, 20)), ("1. 2. 1999", date(1999, 2, 1)),
        ("last Friday", date(2026, 11, 13)), ("11/19/2026", date(2026, 11, 19)), ("Nov 20", date(2026, 11, 20)),
        ("21 Nov", date(2025, 11, 21)),
        ("2026-11-21", date(2026, 11, 21)),  # begun already where the day begins first
    ],
)  # fmt: skip
def test_days_are_parsed(text: str, day: date | None) -> None:
    assert parse_day(text, NOW) == day


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026-11-22", "in the future"),
        ("30.02.2024", "no such day"),
        ("some day", "can't read that date"),
        ("1800-01-01", "no films"),
    ],
)
def test_other_text_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        parse_day(text, NOW)


def test_today_is_the_day_in_the_servers_zone() -> None:
    evening = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
    assert parse_day("today", evening, time_zone="America/New_York") == date(2026, 11, 20)
    assert parse_day("today", evening) == date(2026, 11, 21)


@pytest.mark.parametrize(
    "locale", ["en-US", "en-GB", "de", "fr", "ja", "zh-CN", "ko", "pt-BR", "es-419", "hu", "xx"]
)
@given(st.dates(date(1950, 1, 1), date(2026, 11, 20)))
def test_a_day_filled_in_is_read_again(locale: str, day: date) -> None:
    assert parse_day(format_day_as_typed(day, locale), NOW, locale=locale) == day


def test_nobody_saw_a_film_before_it_was_made() -> None:
    for day, year in ((date(2002, 1, 1), 2003), (None, 2003), (date(1990, 1, 1), None)):
        require_released(day, "Oldboy", year)
    with pytest.raises(InvalidInputError, match=r"\*\*Oldboy\*\* came out in 2003"):
        require_released(date(2001, 12, 31), "Oldboy", 2003)


def test_favourites_are_what_is_often_rated_high() -> None:
    ratings = [
        ("drama", 9),
        ("drama", 9),
        ("drama", 8),
        ("horror", 2),
        ("horror", 3),
        ("western", 10),
        ("noir", 6),
    ]
    assert rank_favourites(ratings, 6.7, 3) == ("drama", "western", "noir")
    assert rank_favourites(ratings, 6.7, 3, minimum=2) == ("drama", "horror")
    assert rank_favourites([], 0.0, 3) == ()


def test_a_film_needs_more_raters_in_a_larger_server() -> None:
    raters = {0: 1, 1: 1, 2: 2, 9: 2, 30: 3, 31: 4, 100: 10, 5_000: 20}
    assert {count: choose_minimum_raters(count) for count in raters} == raters
