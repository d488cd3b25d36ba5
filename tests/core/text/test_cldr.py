"""Numbers, dates and lists as each language writes them."""

from datetime import UTC, date, datetime

import pytest

from bot.core.text import cldr, countries, i18n
from bot.core.text.formatting import join_limited, join_list
from bot.core.text.i18n import use_locale

DAY, TIME = date(2023, 10, 6), datetime(2026, 12, 4, 20, 5, tzinfo=UTC)


def test_english_puts_the_day_first() -> None:
    assert cldr.format_date(DAY) == "6 October 2023"
    assert cldr.format_full_date_and_time(TIME) == "Friday, 4 December 2026 at 20:05"
    assert (cldr.format_number(999), cldr.format_number(12_345), cldr.format_decimal(4.25, 2)) == (
        "999", "12,345", "4.25",
    )  # fmt: skip
    assert (cldr.format_day_of_year(DAY), cldr.format_day_and_time(TIME)) == ("6 Oct", "4 Dec 20:05")
    with use_locale("en-US"):  # as Discord shows its own times there
        assert cldr.format_date(DAY) == "October 6, 2023"
        assert cldr.format_full_date_and_time(TIME) == "Friday, December 4, 2026 at 20:05"
        assert (cldr.format_day_of_year(DAY), cldr.format_day_and_time(TIME)) == ("Oct 6", "Dec 4 20:05")
    assert cldr.format_list(["Korea", "Japan"], "or") == "Korea or Japan"
    assert [cldr.format_list(names) for names in ([], ["Crime"])] == ["", "Crime"]


@pytest.mark.parametrize(
    ("locale", "day", "time", "number", "decimal", "names"),
    [
        ("de", "6. Oktober 2023", "Freitag, 4. Dezember 2026, 20:05", "12.345", "4,3", "A, B oder C"),
        ("tr", "6 Ekim 2023", "4 Aralık 2026 Cuma 20:05", "12.345", "4,3", "A, B veya C"),
        ("ja", "2023年10月6日", "2026年12月4日金曜日 20:05", "12,345", "4.3", "A、B、またはC"),
        ("fr", "6 octobre 2023", "vendredi 4 décembre 2026, 20:05", "12\u202f345", "4,3", "A, B ou C"),
    ],
)
def test_each_language_has_its_own(
    locale: str, day: str, time: str, number: str, decimal: str, names: str
) -> None:
    with use_locale(locale):
        assert cldr.format_date(DAY) == day
        assert cldr.format_full_date_and_time(TIME) == time
        assert (cldr.format_number(12_345), cldr.format_decimal(4.3)) == (number, decimal)
        assert cldr.format_list(["A", "B", "C"], "or") == names


def test_a_language_without_a_catalogue_has_english_dates() -> None:
    with use_locale("sv-SE"):
        assert (i18n.get_locale(), i18n.get_spoken_locale()) == ("sv-SE", "en")
        assert cldr.format_date(DAY) == "6 October 2023"


def test_countries_are_found_by_their_names_in_both_languages() -> None:
    with use_locale("de"):
        assert cldr.country_name("KR") == "Südkorea"
        assert [countries.parse_country(text) for text in ("sudkorea", "South Korea", "österreich", "usa")] == [
            "KR", "KR", "AT", "US",
        ]  # fmt: skip
        assert countries.parse_language("koreanisch") == countries.parse_language("Korean") == "ko"
        assert cldr.country_name("SU") == "Sowjetunion"
    assert cldr.country_name("KR") == "South Korea"


def test_lists_have_each_languages_comma() -> None:
    with use_locale("ja"):
        assert join_list(["A", "B", "C"]) == join_limited(["A", "B", "C"]) == "A、B、C"
        assert join_limited(["A", "B"], separator=" · ") == "A · B"
    with use_locale("de"):
        assert join_list(["A", "B"]) == "A, B"
