import pytest

from bot.core.errors import InvalidInputError
from bot.core.text.cldr import country_name, flag, language_name
from bot.core.text.countries import country_names, find_countries, find_languages, parse_country


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("KR", "KR"),
        ("kr", "KR"),
        ("South Korea", "KR"),
        ("korea", "KR"),
        ("UK", "GB"),
        ("usa", "US"),
        ("türkiye", "TR"),
    ],
)
def test_countries_by_name_and_code(typed: str, code: str) -> None:
    assert parse_country(typed) == code


def test_a_misspelt_country_is_answered_with_the_nearest() -> None:
    with pytest.raises(InvalidInputError, match="Germany"):
        parse_country("Germny")


@pytest.mark.parametrize("typed", ["", "🎬", "Atlantis" * 50, "ZZ", "EU"])
def test_other_text_is_no_country(typed: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_country(typed)


def test_finding() -> None:
    assert find_countries("south k")[0] == "KR"
    assert find_countries("fr")[0] == "FR"
    assert len(find_countries("")) == 25
    assert find_countries("")[:3] == ["US", "GB", "DE"]
    assert parse_country("Hong Kong") == "HK"
    assert len(country_names()) > 240


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("korean", ["ko"]),
        ("kor", ["ko"]),
        ("koraen", ["ko"]),
        ("mandarin", ["zh"]),
        ("français", ["fr"]),
        ("deutsch", ["de"]),
        ("xqzzqx", []),
    ],
)
def test_a_language_is_no_misspelling_of_another(typed: str, codes: list[str]) -> None:
    assert find_languages(typed) == codes


@pytest.mark.parametrize(
    ("typed", "code"), [("korean", "KR"), ("korae", "KR"), ("french", "FR"), ("germny", "DE"), ("swedn", "SE")]
)
def test_a_country_is_found_by_its_people_and_misspelt(typed: str, code: str) -> None:
    assert find_countries(typed)[0] == code


def test_names_and_flags() -> None:
    assert (country_name("DE"), flag("DE"), language_name("ko")) == ("Germany", "🇩🇪", "Korean")
    assert (country_name("??"), language_name("??")) == ("??", "??")
