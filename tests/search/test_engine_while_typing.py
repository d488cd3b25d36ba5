import pytest

from bot.core.text.folding import fold
from bot.films.models import Film
from bot.search.engine import TitleIndex
from bot.search.index import TitleEntry
from bot.sources import starter
from bot.sources.starter import bundled_data_path

TREES, PLACES = (
    ("Ash", "Birch", "Elm", "Fir", "Oak"),
    ("dale", "field", "gate", "hill", "lane", "mere", "ton", "well"),
)
STREETS = [tree + place for tree in TREES for place in PLACES]


@pytest.fixture(scope="module")
def starter_index() -> TitleIndex:
    films = starter.load(bundled_data_path("films.jsonl")).films
    return TitleIndex([entry_of(film) for film in films])


def entry_of(film: Film) -> TitleEntry:
    return TitleEntry(film.id, film.title, film.original_title, film.year, film.directors, film.also, film.fame)


def test_while_a_title_is_typed_films_that_still_match_stay(starter_index: TitleIndex) -> None:
    """Of the first five, none leaves the list, and few the five: those that a likelier film pushes out."""
    still = left_first = 0
    for film in starter_index.popular(60):
        typed, before = "", starter_index.search("")
        for letter in film.title[:14]:
            typed += letter
            after = [match.film_id for match in starter_index.search(typed)]
            for match in before[:5]:
                if fold(match.matched).replace(" ", "").startswith(fold(typed).replace(" ", "")):
                    still += 1
                    assert match.film_id in after, typed
                    left_first += match.film_id not in after[:5]
            before = starter_index.search(typed)
    assert still > 500
    assert left_first / still < 0.08


def test_a_letter_typed_and_taken_back_gives_the_list_there_was(starter_index: TitleIndex) -> None:
    before = starter_index.search("the god")
    starter_index.search("the godf")
    assert starter_index.search("the god") == before


def test_typing_the_rest_of_a_title_keeps_it_first(starter_index: TitleIndex) -> None:
    for film in starter_index.popular(40):
        places = [
            [match.film_id for match in starter_index.search(film.title[:end])].index(film.film_id)
            for end in (len(film.title) - 1, len(film.title))
        ]
        assert places[1] <= places[0], film.title
        assert places[1] == 0, film.title


def test_many_films_of_one_name_leave_room_for_others_while_it_is_half_typed() -> None:
    same = [TitleEntry(f"carmen-{at}", "Carmen", "Carmen", 1900 + at, fame=50) for at in range(30)]
    index = TitleIndex([*same, TitleEntry("carmilla", "Carmilla", "Carmilla", 1999, fame=1)])
    assert "carmilla" in {match.film_id for match in index.search("carm", 5)}


def test_of_many_titles_with_one_part_the_most_asked_for_are_shown() -> None:
    films = [
        TitleEntry(f"show-{at}", f"{chr(97 + at % 26) * (3 + at % 11)}{at}: Season 1", "", fame=at * 7919 % 400)
        for at in range(400)
    ]
    found = TitleIndex(films).search("season 1")
    famous = sorted(films, key=lambda film: -film.fame)
    assert [match.film_id for match in found[:20]] == [film.film_id for film in famous[:20]]


@pytest.mark.parametrize(
    ("typed", "others"),
    [
        ("the dark", [title for word in STREETS for title in (f"{word} the Dark", f"The Dark {word[-4:]}")]),
        ("the las", [f"The Last {word[:4]}" for word in STREETS]),
        ("the dark kni", [f"The Dark Kni{word}" for word in STREETS]),
    ],
)
def test_what_everybody_asks_for_is_shown_while_it_is_half_typed(typed: str, others: list[str]) -> None:
    wanted = TitleEntry(
        "wanted", "The Last Samurai" if "las" in typed else "The Dark Knight Rises", "", fame=5_000
    )
    films = [TitleEntry(f"other-{at}", title, "", fame=1 + at % 7) for at, title in enumerate(others)]
    known = [
        TitleEntry(f"known-{street}-{at}", f"{street} {at}", "", fame=10 + at)
        for at in range(50)
        for street in STREETS
    ]
    found = TitleIndex([*films, *known, wanted]).search(typed)
    assert "wanted" in [match.film_id for match in found[:5]]


def test_a_space_typed_ends_the_word() -> None:
    longer = [
        TitleEntry(f"dear{word}", f"Dear{word.lower()}", "", fame=90 - at) for at, word in enumerate(STREETS)
    ]
    few = [TitleEntry(f"up{letters}", f"Up{letters}", "", fame=200) for letters in ("ton", "town", "per", "sala")]
    meant = TitleEntry("meant", "Dear Zachary", "", fame=1), TitleEntry("sky", "Up the Creek", "", fame=1)
    index = TitleIndex([*longer, *few, *meant, TitleEntry("joined", "Spider Man", "", fame=1)])
    assert index.search("dear ")[0].film_id == "meant" != index.search("dear")[0].film_id
    assert index.search("up ")[0].film_id == "sky" != index.search("up")[0].film_id
    assert index.search("spiderman ")[0].film_id == "joined"
