import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import NoSuchDayError
from bot.core.text.days import parse_numeric_day, parse_past_day


@pytest.mark.parametrize("text", ["2026-11-02", "2026-11-2", "02.11.2026", "2.11.2026", "2. 11. 2026"])
def test_a_day_in_numbers(text: str) -> None:
    assert parse_numeric_day(text) == date(2026, 11, 2)


@pytest.mark.parametrize("text", ["", "today", "2.11.", "2026-11", "11/02/2026"])
def test_another_form_is_no_day(text: str) -> None:
    assert parse_numeric_day(text) is None


@pytest.mark.parametrize("text", ["2026-02-30", "31.4.2026", "0000-01-01", "2026-13-01"])
def test_a_day_that_no_calendar_has(text: str) -> None:
    with pytest.raises(NoSuchDayError):
        parse_numeric_day(text)


MONDAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("text", "locale", "day"),
    [
        ("today", "en-US", MONDAY),
        ("Yesterday", "en-US", date(2026, 11, 29)),
        ("last Friday", "en-US", date(2026, 11, 27)),
        ("monday", "en-US", MONDAY),
        ("last monday", "en-US", date(2026, 11, 23)),
        ("Sat", "en-US", date(2026, 11, 28)),
        ("3 days ago", "en-US", date(2026, 11, 27)),
        ("a week ago", "en-US", date(2026, 11, 23)),
        ("9 months ago", "en-US", date(2026, 2, 28)),
        ("Nov 20", "en-US", date(2026, 11, 20)),
        ("December 24", "en-US", date(2025, 12, 24)),
        ("November 20th, 2025", "en-US", date(2025, 11, 20)),
        ("29 feb", "en-US", date(2024, 2, 29)),
        ("11/20/2026", "en-US", date(2026, 11, 20)),
        ("20/11/2026", "en-US", date(2026, 11, 20)),
        ("3/4/2026", "en-US", date(2026, 3, 4)),
        ("3/4/2026", "en-GB", date(2026, 4, 3)),
        ("3.4.26", "en-US", date(2026, 4, 3)),
        ("11/20", "en-US", date(2026, 11, 20)),
        ("20.11.", "de", date(2026, 11, 20)),
        ("letzten Freitag", "de", date(2026, 11, 27)),
        ("gestern", "de", date(2026, 11, 29)),
        ("le 20 août", "fr", date(2026, 8, 20)),
        ("20 de novembro de 2025", "pt-BR", date(2025, 11, 20)),
        ("20 ноября", "ru", date(2026, 11, 20)),
        ("2026/11/20", "ja", date(2026, 11, 20)),
        ("昨日", "ja", date(2026, 11, 29)),
        ("12/1/2026", "en-US", date(2026, 12, 1)),
        ("banana", "en-US", None),
        ("may", "en-US", None),
        ("the 20th", "en-US", None),
        ("2026", "en-US", None),
        ("20 November 2025 2026", "en-US", None),
    ],
)
def test_a_past_day_as_people_type_it(text: str, locale: str, day: date | None) -> None:
    assert parse_past_day(text, MONDAY, locale) == day


@given(st.text(max_size=30), st.sampled_from(["en-US", "de", "ja", "nonsense", ""]))
def test_any_text_is_a_day_or_none(text: str, locale: str) -> None:
    with contextlib.suppress(NoSuchDayError):
        day = parse_past_day(text, MONDAY, locale)
        assert day is None or isinstance(day, date)


@given(
    st.dates(date(1900, 1, 1), MONDAY),
    st.sampled_from(["%B %d, %Y", "%d %b %Y", "%m/%d/%Y", "%Y-%m-%d", "%A %d %B %Y"]),
)
def test_a_written_day_is_read_again(day: date, form: str) -> None:
    assert parse_past_day(day.strftime(form), MONDAY) == day
