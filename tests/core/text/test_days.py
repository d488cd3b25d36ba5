from datetime import date

import pytest

from bot.core.errors import NoSuchDayError
from bot.core.text.days import parse_numeric_day


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
