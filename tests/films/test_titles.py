import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.films.titles.fuzzy import FuzzyTitleIndex
from bot.films.titles.index import MatchKind, TitleEntry

ENTRIES = (
    TitleEntry("ballerina-2023", "Ballerina", "발레리나", 2023, ("Lee Chung-hyun",), (), 72),
    TitleEntry("ballerina-2016", "Ballerina", "Ballerina", 2016, ("Éric Summer",), ("Leap!",), 50),
    TitleEntry("amelie-2001", "Amélie", "Le Fabuleux Destin d'Amélie Poulain", 2001, (), (), 90),
    TitleEntry("fast-2009", "Fast & Furious", "Fast & Furious", 2009, (), (), 60),
    TitleEntry("rocky-ii-1979", "Rocky II", "Rocky II", 1979, (), (), 60),
    TitleEntry("stalker-1979", "Stalker", "Сталкер", 1979, ("Andrei Tarkovsky",), (), 70),
    TitleEntry("star-wars-1977", "Star Wars", "Star Wars", 1977, (), ("A New Hope",), 96),
    TitleEntry("2001-1968", "2001: A Space Odyssey", "2001: A Space Odyssey", 1968, (), (), 90),
    TitleEntry("interstellar-2014", "Interstellar", "Interstellar", 2014, (), (), 95),
    TitleEntry("blade-runner-2049-2017", "Blade Runner 2049", "Blade Runner 2049", 2017, (), (), 90),
    TitleEntry("singin-1952", "Singin' in the Rain", "Singin' in the Rain", 1952, (), (), 80),
)


@pytest.fixture(scope="module")
def index() -> FuzzyTitleIndex:
    return FuzzyTitleIndex(ENTRIES)


@pytest.mark.parametrize(
    ("typed", "film_id"),
    [
        ("ballerina", "ballerina-2023"),
        ("balerina 2023", "ballerina-2023"),
        ("ballerina (2016)", "ballerina-2016"),
        ("발레리나", "ballerina-2023"),
        ("amelie ", "amelie-2001"),
        ("AMÉLIE POULAIN", "amelie-2001"),
        ("fast and furious", "fast-2009"),
        ("rocky 2", "rocky-ii-1979"),
        ("сталкер", "stalker-1979"),
        ("starwars", "star-wars-1977"),
        ("wars star", "star-wars-1977"),
        ("new hope", "star-wars-1977"),
        ("2001", "2001-1968"),
        ("Interstelar", "interstellar-2014"),
        ("blade runner 2049", "blade-runner-2049-2017"),
        ("singin in the rain", "singin-1952"),
        ("space odyssey 1968", "2001-1968"),
    ],
)
def test_what_members_type_finds_the_film_first(index: FuzzyTitleIndex, typed: str, film_id: str) -> None:
    assert index.search(typed)[0].film_id == film_id


def test_the_year_given_apart_decides_among_films_of_one_name(index: FuzzyTitleIndex) -> None:
    assert index.search("ballerina", year=2016)[0].film_id == "ballerina-2016"
    assert index.search("ballerina", year=2023)[0].film_id == "ballerina-2023"


def test_a_match_says_by_what(index: FuzzyTitleIndex) -> None:
    exact, forgiven, other = (index.search(text)[0] for text in ("Stalker", "Stalkr", "leap"))
    assert (exact.matched, exact.kind, exact.score) == ("Stalker", MatchKind.EXACT, 100.0)
    assert (forgiven.matched, forgiven.kind) == ("Stalker", MatchKind.FORGIVEN)
    assert forgiven.score < 100
    assert other.matched == "Leap!"


def test_what_changes_is_found_at_once() -> None:
    index = FuzzyTitleIndex(ENTRIES)
    index.put(TitleEntry("carter-2022", "Carter", "카터", 2022))
    assert index.search("carter")[0].film_id == "carter-2022"
    index.put(TitleEntry("carter-2022", "Renamed Entirely", "카터", 2022))
    assert index.search("renamed entirely")[0].film_id == "carter-2022"
    index.discard("carter-2022")
    assert all(match.film_id != "carter-2022" for match in index.search("renamed entirely"))
    assert index.get("carter-2022") is None
    assert len(index) == len(ENTRIES)


def test_an_empty_index_finds_nothing() -> None:
    index = FuzzyTitleIndex()
    assert index.search("ballerina") == index.popular() == index.nearest("ballerina") == []


def test_popular_films_come_by_fame(index: FuzzyTitleIndex) -> None:
    assert [match.film_id for match in index.popular(2)] == ["star-wars-1977", "interstellar-2014"]


def test_nearest_gives_as_many_as_asked_however_unlike(index: FuzzyTitleIndex) -> None:
    assert len({match.film_id for match in index.nearest("xqzzqx", 3)}) == 3


@given(st.text(max_size=400), st.one_of(st.none(), st.integers(1874, 2100)))
def test_search_never_raises_and_never_gives_a_film_twice(text: str, year: int | None) -> None:
    index = FuzzyTitleIndex(ENTRIES)
    matches = index.search(text, 25, year)
    assert len({match.film_id for match in matches}) == len(matches)
    assert all(0 <= match.score <= 100 for match in matches)
    assert len(index.search(text, 2, year)) <= 2


@pytest.mark.parametrize(
    "text", ["", " ", "🎬", "\u202e\u202d", "Z̸̧͓͝a̵l͢g̶o" * 400, "'; DROP TABLE films; --", "a" * 6000]
)
def test_odd_queries_are_answered(index: FuzzyTitleIndex, text: str) -> None:
    assert isinstance(index.search(text), list)
    assert isinstance(index.nearest(text), list)
