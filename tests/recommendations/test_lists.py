"""Lists: pages that go together, and films for somebody new."""

import numpy as np
import pytest

from bot.recommendations.facts import FilmFacts
from bot.recommendations.filters import NO_FILTERS, allowed_films
from bot.recommendations.lists import PAGE_LENGTH, SequelFinder, choose_first_films, mix_list, series_title
from bot.recommendations.ranking_model import RankingModel


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The Avengers", "Avengers: Endgame"),
        ("Toy Story", "Toy Story 2"),
        ("The Godfather", "The Godfather Part II"),
        ("Kill Bill: Vol. 1", "Kill Bill: Vol. 2"),
        ("Rocky", "Rocky IV"),
        ("Harry Potter and the Goblet of Fire", "Harry Potter and the Chamber of Secrets"),
    ],
)
def test_a_series_is_told_by_its_title(first: str, second: str) -> None:
    assert series_title(first) == series_title(second) != ""


def test_titles_that_only_begin_alike_are_no_series() -> None:
    assert series_title("Heat") != series_title("Heathers")
    assert series_title("Up") == series_title("It") == ""  # too short to tell


def test_a_series_is_told_by_its_numbers_and_its_actors_too() -> None:
    hook = FilmFacts("hook", title="10 Cloverfield Lane", cast=("a", "b"), numbered_titles=("Cloverfield 2",))
    finder = SequelFinder([FilmFacts("first", title="Cloverfield", cast=("c", "d", "e"))])
    assert finder.is_sequel(hook)
    assert finder.is_sequel(FilmFacts("crew", title="Another Day", cast=("c", "d", "e", "f")))
    assert not finder.is_sequel(FilmFacts("other", title="Another Day", cast=("c", "d", "x")))


def films(series: int = 30, others: int = 170) -> list[FilmFacts]:
    """So many films of one series by one director, and others that each stand alone; fame falls from the first."""
    saga = [
        FilmFacts(f"saga-{n}", 2000, ("Action",), ("sam",), ("ann", "bo", "cy"), fame=400.0 - n, title=f"Saga {n}")
        for n in range(series)
    ]
    alone = [
        FilmFacts(
            f"alone-{n}",
            1930 + n % 90,
            ("Drama",),
            (f"d{n}",),
            fame=300.0 - n,
            title=f"Alone {chr(97 + n % 26) * 4}{n}x",
        )
        for n in range(others)
    ]
    return saga + alone


def test_a_page_has_one_film_of_a_series_and_a_director_and_something_to_discover() -> None:
    model = RankingModel.fit([], films())
    own = {"saga-0": 5.0, "saga-1": 5.0, "alone-70": 4.0}
    scores = model.score_films(own)
    ranked = model.rank(scores.scores, 197, allowed_films(model.content, NO_FILTERS, own))
    mixed = mix_list(model, scores, ranked, 40)
    assert len(set(mixed.tolist())) == 40
    well_known = set(np.argsort(-model.content.fame)[:20].tolist())
    for start in range(0, 40, PAGE_LENGTH):
        page = mixed[start : start + PAGE_LENGTH].tolist()
        assert sum(model.content.ids[row].startswith("saga") for row in page) <= 1
        assert any(row not in well_known for row in page)
    assert (
        mix_list(model, scores, ranked, 10).tolist() == mixed[:10].tolist()
    )  # a page does not depend on the next
    everything = mix_list(model, scores, ranked, 500)
    assert sorted(everything.tolist()) == sorted(ranked.tolist())  # nothing is lost where all are asked for


def test_what_is_decades_older_than_anything_rated_comes_last() -> None:
    model = RankingModel.fit([], films())
    for year, oldest in ((2010, 1950), (1931, 1900)):
        own = {
            film.film_id: 4.5
            for film in model.content.facts
            if film.film_id.startswith("alone") and abs((film.year or 0) - year) < 6
        }
        scores = model.score_films(own)
        ranked = model.rank(scores.scores, 180, allowed_films(model.content, NO_FILTERS, own))
        years = [model.content.facts[row].year or 0 for row in mix_list(model, scores, ranked, 10)]
        assert min(years) >= oldest


def test_somebody_new_gets_films_of_many_decades_and_directors() -> None:
    model = RankingModel.fit([], films())
    first = choose_first_films(model, np.ones(len(model.content), dtype=bool), 5)
    facts = [model.content.facts[row] for row in first]
    assert len({(film.year or 0) // 10 for film in facts}) >= 4
    assert len({film.directors for film in facts}) == 5
    allowed = np.zeros(len(model.content), dtype=bool)
    allowed[:3] = True
    assert sorted(choose_first_films(model, allowed, 300).tolist()) == [0, 1, 2]


def test_what_is_of_another_kind_than_anything_liked_comes_last() -> None:
    kinds = [("Animation", "Family"), ("Horror", "Crime")]
    known = [FilmFacts(f"{genres[0]}-{n}", 2000, genres, fame=500.0 - n) for n in range(40) for genres in kinds]
    model = RankingModel.fit([], known)
    for liked, genre in (("Animation", "Animation"), ("Horror", "Horror")):
        own = {f"{liked}-{n}": 4.0 + n % 2 for n in range(30, 34)}
        scores = model.score_films(own)
        ranked = model.rank(model.content.fame, 76, allowed_films(model.content, NO_FILTERS, own))
        mixed = [model.content.facts[row].genres[0] for row in mix_list(model, scores, ranked, 76)]
        assert mixed == [genre] * 36 + [other[0] for other in kinds if other[0] != genre] * 40
        one = model.score_films({f"{liked}-30": 5.0})  # one film says too little of what else is liked
        assert len({model.content.facts[row].genres[0] for row in mix_list(model, one, ranked, 10)}) == 2
