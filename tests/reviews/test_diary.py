from datetime import UTC, date, datetime

import pytest

from bot.core.errors import InvalidInputError
from bot.reviews.diary import parse_day

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("", None), ("today", date(2026, 11, 20)), (" Yesterday ", date(2026, 11, 19)),
        ("2026-11-20", date(2026, 11, 20)), ("20.11.2026", date(2026, 11, 20)), ("1. 2. 1999", date(1999, 2, 1)),
        ("2026-11-21", date(2026, 11, 21)),  # begun already where the day begins first
    ],
)  # fmt: skip
def test_days_are_parsed(text: str, day: date | None) -> None:
    assert parse_day(text, NOW) == day


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026-11-22", "still to come"),
        ("30.02.2024", "no such day"),
        ("last week", "written like"),
        ("1800-01-01", "no films"),
    ],
)
def test_other_text_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        parse_day(text, NOW)
