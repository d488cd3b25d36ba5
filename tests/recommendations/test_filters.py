"""Filters and surprise in recommendations."""

import numpy as np

from bot.recommendations.filters import RecommendationFilters
from tests.recommendations.world import FILMS, fit_model, recommend

MODEL = fit_model()


def test_filters_hold() -> None:
    own = {"noir-1": 5.0}
    assert {
        one.film_id[:5] for one in recommend(MODEL, own, 9, RecommendationFilters(genre="Science Fiction"))
    } == {"space"}
    short = recommend(MODEL, own, 20, RecommendationFilters(max_minutes=100))
    assert {one.film_id for one in short} == {"noir-0", "noir-2"}  # noir-1 is rated; no runtime: not known to fit
    assert {one.film_id for one in recommend(MODEL, own, 9, RecommendationFilters(decade=1990))} == {"alone"}
    assert {
        one.film_id for one in recommend(MODEL, own, 9, RecommendationFilters(language="de", country="DE"))
    } == {"alone"}
    assert recommend(MODEL, own, 9, RecommendationFilters(genre="Western")) == []


def test_surprise_takes_famous_films_down() -> None:
    own = {"noir-1": 5.0}
    fame = {film.film_id: film.fame for film in FILMS}

    def mean_fame(surprise: float) -> float:
        return float(
            np.mean(
                [fame[one.film_id] for one in recommend(MODEL, own, 4, RecommendationFilters(surprise=surprise))]
            )
        )

    assert mean_fame(1.0) < mean_fame(0.0)
