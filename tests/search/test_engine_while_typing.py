import pytest

from bot.core.text.folding import fold
from bot.films.models import Film
from bot.search.answer import Answer, judge_matches
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
    return TitleIndex([create_entry(film) for film in films])


def create_entry(film: Film) -> TitleEntry:
    return TitleEntry(
        film.id, film.title, film.original_title, film.year, film.directors, film.other_titles, film.fame
    )


def begins_with(title: str, typed: str) -> bool:
    """Return whether a title begins with what was typed; a space at its end has to end a word."""
    if typed.endswith(" "):
        return f"{fold(title)} ".startswith(f"{fold(typed)} ")
    return fold(title).replace(" ", "").startswith(fold(typed).replace(" ", ""))


def test_films_that_still_match_stay_in_the_list_while_a_title_is_typed(starter_index: TitleIndex) -> None:
    """Of the first five, none leaves the list, and few leave the five, for a likelier film."""
    still_matching = left_first = 0
    for film in starter_index.list_popular(60):
        typed, before = "", starter_index.search("")
        for letter in film.title[:14]:
            typed += letter
            after = [match.film_id for match in starter_index.search(typed)]
            for match in before[:5]:
                if begins_with(match.matched, typed):
                    still_matching += 1
                    assert match.film_id in after, typed
                    left_first += match.film_id not in after[:5]
            before = starter_index.search(typed)
    assert still_matching > 500
    assert left_first / still_matching < 0.08


def test_a_letter_typed_and_deleted_restores_the_list(starter_index: TitleIndex) -> None:
    before = starter_index.search("the god")
    starter_index.search("the godf")
    assert starter_index.search("the god") == before


def test_typing_the_rest_of_a_title_keeps_it_first(starter_index: TitleIndex) -> None:
    for film in starter_index.list_popular(40):
        places = [
            [match.film_id for match in starter_index.search(film.title[:end])].index(film.film_id)
            for end in (len(film.title) - 1, len(film.title))
        ]
        assert places[1] <= places[0], film.title
        assert places[1] == 0, film.title


def test_films_of_one_name_leave_room_for_others_while_it_is_half_typed() -> None:
    carmens = [TitleEntry(f"carmen-{i}", "Carmen", "Carmen", 1900 + i, fame=50) for i in range(30)]
    index = TitleIndex([*carmens, TitleEntry("carmilla", "Carmilla", "Carmilla", 1999, fame=1)])
    assert "carmilla" in {match.film_id for match in index.search("carm", 5)}


def test_of_many_titles_with_the_same_part_the_most_famous_are_shown() -> None:
    films = [
        TitleEntry(f"show-{i}", f"{chr(97 + i % 26) * (3 + i % 11)}{i}: Season 1", "", fame=i * 7919 % 400)
        for i in range(400)
    ]
    matches = TitleIndex(films).search("season 1")
    famous = sorted(films, key=lambda film: -film.fame)
    assert [match.film_id for match in matches[:20]] == [film.film_id for film in famous[:20]]


@pytest.mark.parametrize(
    ("typed", "others"),
    [
        ("the dark", [title for word in STREETS for title in (f"{word} the Dark", f"The Dark {word[-4:]}")]),
        ("the las", [f"The Last {word[:4]}" for word in STREETS]),
        ("the dark kni", [f"The Dark Kni{word}" for word in STREETS]),
    ],
)
def test_a_very_famous_film_is_shown_while_its_title_is_half_typed(typed: str, others: list[str]) -> None:
    wanted = TitleEntry(
        "wanted", "The Last Samurai" if "las" in typed else "The Dark Knight Rises", "", fame=5_000
    )
    films = [TitleEntry(f"other-{i}", title, "", fame=1 + i % 7) for i, title in enumerate(others)]
    medium_famous = [
        TitleEntry(f"known-{street}-{i}", f"{street} {i}", "", fame=10 + i)
        for i in range(50)
        for street in STREETS
    ]
    matches = TitleIndex([*films, *medium_famous, wanted]).search(typed)
    assert "wanted" in [match.film_id for match in matches[:5]]


def test_a_space_ends_the_word() -> None:
    longer = [TitleEntry(f"dear{word}", f"Dear{word.lower()}", "", fame=90 - i) for i, word in enumerate(STREETS)]
    more_famous = [
        TitleEntry(f"up{letters}", f"Up{letters}", "", fame=200) for letters in ("ton", "town", "per", "sala")
    ]
    wanted = TitleEntry("wanted", "Dear Zachary", "", fame=1), TitleEntry("sky", "Up the Creek", "", fame=1)
    index = TitleIndex([*longer, *more_famous, *wanted, TitleEntry("two-words", "Spider Man", "", fame=1)])
    assert index.search("dear ")[0].film_id == "wanted" != index.search("dear")[0].film_id
    assert index.search("up ")[0].film_id == "sky" != index.search("up")[0].film_id
    assert index.search("spiderman ")[0].film_id == "two-words"


def test_numbers_in_a_series_find_its_parts(starter_index: TitleIndex) -> None:
    for typed, film_id in (
        ("star trek 6", "star-trek-vi-the-undiscovered-country-1991"),
        ("star trek iv", "star-trek-iv-the-voyage-home-1986"),
        ("thor 3", "thor-ragnarok-2017"),
        ("fast 7", "furious-7-2015"),
        ("mi6", "mission-impossible-fallout-2018"),
        ("toy story three", "toy-story-3-2010"),
    ):
        assert starter_index.search(typed)[0].film_id == film_id, typed


def test_the_initials_of_a_series_offer_its_films(starter_index: TitleIndex) -> None:
    verdict = judge_matches("lotr", None, starter_index.search("lotr"))
    assert verdict.answer is Answer.GUESS
    assert [match.title.partition(": ")[2] for match in verdict.alternatives] == [
        "The Two Towers",
        "The Return of the King",
    ]
    assert judge_matches("bttf", None, starter_index.search("bttf")).answer is Answer.CARD
