"""A text that is the very title of a well-known film is looked up without ranking whatever else it resembles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.engine import TitleIndex
from bot.search.index import MatchKind, TitleEntry


def film(title: str, fame: float, year: int = 2000, *others: str) -> TitleEntry:
    """Return an entry whose id is its title and year."""
    return TitleEntry(f"{title} {year}", title, title, year, (), others, fame)


FILMS = (
    film("Ballerina", 72, 2023),
    film("Ballerina", 60, 2025, "From the World of John Wick: Ballerina"),
    film("The Ballerina", 5),
    film("Taxi Driver", 92, 1976),
    film("A Taxi Driver", 55, 2017),
    film("The Last Taxi Driver", 10),
    film("The Gladiator", 30, 1986),
    film("Gladiator", 94, 2000),
    film("Homecoming", 20, 2009),
    film("Spider-Man: Homecoming", 90, 2017),
    film("The Shining", 95, 1980),
    film("Shining", 10, 2004),
    film("No Way Home", 0.5, 1996),
    film("Rocky II", 80, 1979),
    film("Kung Fu", 70),
)


@pytest.fixture(scope="module")
def index() -> TitleIndex:
    return TitleIndex([*FILMS, *(film(f"Zq{number}x", 40 + number / 1000) for number in range(9_000))])


@pytest.mark.parametrize(
    ("typed", "film_ids"),
    [
        ("ballerina", ["Ballerina 2023", "Ballerina 2025", "The Ballerina 2000"]),
        ("BALLERINA ", ["Ballerina 2023", "Ballerina 2025", "The Ballerina 2000"]),
        ("taxi driver", ["Taxi Driver 1976", "A Taxi Driver 2017"]),
        ("A Taxi Driver", ["A Taxi Driver 2017"]),
        ("the shining", ["The Shining 1980"]),
    ],
)
def test_the_very_title_of_a_well_known_film_is_enough(index: TitleIndex, typed: str, film_ids: list[str]) -> None:
    found = [match for match in index.find_title(typed) if match.kind is MatchKind.EXACT]
    assert [match.film_id for match in found] == film_ids
    assert found[0].film_id in [match.film_id for match in index.search(typed)[:2]]


@pytest.mark.parametrize(
    "typed",
    [
        "the gladiator",  # Gladiator is by far better known
        "homecoming",  # so is Spider-Man: Homecoming
        "shining",  # The Shining, without its article
        "no way home",  # a film that hardly anybody knows
        "ballerin",
        "ballerina 2016",
        "rocky ii 1979",
        "kung fu",  # few letters are often initials or a beginning
        "",
        "Амели Пулен",
    ],
)  # fmt: skip
def test_a_text_that_may_mean_something_else_is_left_to_the_search(index: TitleIndex, typed: str) -> None:
    assert index.find_title(typed) == []


def test_films_that_came_or_went_since_the_index_was_built_count(index: TitleIndex) -> None:
    changing = TitleIndex(FILMS)
    changing.discard("Ballerina 2023")
    assert [match.year for match in changing.find_title("ballerina")] == [2025, 2000]
    changing.put(film("Ballerina", 99, 2016))
    assert [match.year for match in changing.find_title("ballerina")] == [2016, 2025, 2000]


@given(st.text(max_size=20))
def test_any_text_is_answered(text: str) -> None:
    index = TitleIndex(FILMS)
    found = index.find_title(text)
    assert len(found) == len({match.film_id for match in found})
    assert not found or found[0].score == 100


def test_films_with_the_title_inside_are_offered_after_it(index: TitleIndex) -> None:
    found = index.find_title("taxi driver")
    assert [(match.title, match.kind) for match in found][2:] == [("The Last Taxi Driver", MatchKind.PART)]
    assert len(index.find_title("taxi driver", 2)) == 2


def test_people_with_short_names_are_found_by_their_letters_and_others_by_their_sound() -> None:
    known = (
        ("Dune", 1984, "Lynch"),
        ("Dune", 2021, "Villeneuve"),
        ("Moana", 2016, "Musker"),
        ("Moana", 1926, "Cho"),
    )
    index = TitleIndex(
        TitleEntry(f"{title}-{year}", title, title, year, (f"Some {name}",), (), 50) for title, year, name in known
    )
    for typed, year in (("dune vilneuve", 2021), ("dune lynch", 1984), ("moana cho", 1926), ("cho moana", 1926)):
        best = index.search(typed)[0]
        assert (best.year, best.unmet) == (year, ()), typed
