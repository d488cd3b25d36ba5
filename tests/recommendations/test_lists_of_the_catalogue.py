"""Lists of the films that the bot comes with, for members who are the only ones who rate."""

from collections.abc import Mapping

import numpy as np

from bot.recommendations.facts import FilmFacts, film_facts
from bot.recommendations.filters import NO_FILTERS, allowed_films
from bot.recommendations.lists import choose_first_films, mix_list, series_title
from bot.recommendations.ranking_model import RankingModel
from bot.sources import starter
from bot.sources.starter import bundled_data_path

NINETIES = (
    "Pulp Fiction", "Goodfellas", "Fight Club", "The Matrix", "Jurassic Park", "Toy Story", "Forrest Gump",
    "The Silence of the Lambs", "Se7en", "Titanic", "The Shawshank Redemption", "Heat", "Saving Private Ryan",
    "The Big Lebowski", "Fargo", "Trainspotting", "The Lion King", "Terminator 2: Judgment Day", "American Beauty",
    "The Usual Suspects",
)  # fmt: skip
FILMS = 100


def list_for(facts: list[FilmFacts], by_title: Mapping[str, float]) -> list[FilmFacts]:
    """Return the first hundred films for a member who gave these stars, by title, to the best-known films."""
    ids = {film.title: film.film_id for film in sorted(facts, key=lambda film: film.fame)}
    ratings = {ids[title]: stars for title, stars in by_title.items()}
    model = RankingModel.fit([("member", film, stars) for film, stars in ratings.items()], facts)
    scores = model.score_films(ratings, member_key="member")
    ranked = model.rank(scores.scores, 600, allowed_films(model.content, NO_FILTERS, ratings))
    return [model.content.facts[row] for row in mix_list(model, scores, ranked, FILMS)]


def test_lists_are_neither_of_one_decade_nor_of_the_distant_past() -> None:
    facts = [film_facts(film) for film in starter.load(bundled_data_path("films.jsonl")).films]
    nineties = list_for(facts, dict.fromkeys(NINETIES, 5.0))
    assert sum((film.year or 0) > 2004 for film in nineties) >= 20
    assert sum(1985 <= (film.year or 0) <= 2004 for film in nineties) >= 40
    assert all((film.year or 0) >= 1940 for film in nineties)

    hated = list_for(facts, {"The Avengers": 0.5})
    assert all(series_title(film.title) != "avengers" for film in hated)

    model = RankingModel.fit([], facts)
    first = [model.content.facts[row] for row in choose_first_films(model, np.ones(len(facts), dtype=bool), 10)]
    assert all((film.year or 0) >= 1960 for film in first)
    assert len({(film.year or 0) // 10 for film in first}) >= 4
