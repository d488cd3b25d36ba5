"""What the ranking model recommends and predicts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.recommendations.facts import FilmFacts
from bot.recommendations.ranking_model import RankingModel
from tests.recommendations.world import FILMS, fit_model, ratings, recommend

MODEL = fit_model()
IDS = [film.film_id for film in FILMS]
HALF_STARS = st.integers(1, 10).map(lambda half: half / 2)


def test_each_camp_gets_its_own() -> None:
    noir = recommend(MODEL, {"noir-1": 5.0, "noir-2": 4.5, "space-3": 1.0}, 3)
    space = recommend(MODEL, {"space-1": 5.0, "space-2": 4.5, "noir-3": 1.0}, 3)
    assert all(one.film_id.startswith("noir") for one in noir)
    assert all(one.film_id.startswith("space") for one in space)


def test_predicted_stars_distinguish_the_camps() -> None:
    scores = MODEL.score_films({"noir-1": 5.0, "noir-2": 4.5, "space-3": 1.0})
    stars = dict(zip(MODEL.content.ids, scores.stars, strict=True))
    assert stars["noir-4"] > 4 > 3 > stars["space-4"]


@settings(max_examples=60, deadline=None)
@given(
    own=st.dictionaries(st.sampled_from([*IDS, "unheard-of"]), HALF_STARS), dismissed=st.sets(st.sampled_from(IDS))
)
def test_what_was_rated_or_dismissed_is_never_recommended_and_figures_are_sound(
    own: dict[str, float], dismissed: set[str]
) -> None:
    recommended = recommend(MODEL, own, 5, dismissed=dismissed)
    film_ids = [one.film_id for one in recommended]
    assert len(film_ids) == len(set(film_ids)) == min(5, len(set(IDS) - own.keys() - dismissed))
    assert not set(film_ids) & (own.keys() | dismissed)
    assert all(0.5 <= one.stars <= 5 and np.isfinite(one.score) for one in recommended)
    assert recommend(MODEL, own, 5, dismissed=dismissed) == recommended


@pytest.mark.parametrize(
    "own",
    [
        {},
        {"noir-1": 0.5},
        {"unheard-of": 5.0},
        {"alone": 5.0},
        {film.film_id: 5.0 for film in FILMS[:-2]},
        dict.fromkeys(IDS[:10], 3.5),
        {f"unheard-of-{n}": 5.0 for n in range(1000)},
    ],
    ids=["none", "one", "unknown", "nobody else knows it", "all fives", "all alike", "a thousand unknown"],
)
def test_odd_members_get_recommendations(own: dict[str, float]) -> None:
    recommended = recommend(MODEL, own)
    assert recommended
    assert all(0.5 <= one.stars <= 5 for one in recommended)


def test_a_thousand_fives_and_only_half_stars_are_predicted_within_the_scale() -> None:
    films = [FilmFacts(f"f{n}", 1950 + n % 70, ("Drama",), fame=float(n % 50)) for n in range(1200)]
    crowd = [(f"m{m}", f"f{n}", 0.5 + (m * n) % 10 / 2) for m in range(20) for n in range(m, 1200, 7)]
    big = RankingModel.fit(crowd, films)
    fives, halves = ({f"f{n}": stars for n in range(1000)} for stars in (5.0, 0.5))
    assert big.score_films(fives).stars.min() > big.score_films(halves).stars.max() - 1.5
    assert {one.film_id for one in recommend(big, fives, 300)} == {f"f{n}" for n in range(1000, 1200)}


@pytest.mark.parametrize("given", [1, 3, 8])
def test_somebody_alone_who_gives_nothing_but_fives_is_not_told_five_for_everything(given: int) -> None:
    own = {film.film_id: 5.0 for film in FILMS[:given]}
    alone = RankingModel.fit([("me", film_id, stars) for film_id, stars in own.items()], FILMS)
    unseen = [alone.content.row_of[film.film_id] for film in FILMS if film.film_id not in own]
    assert alone.score_films(own, member_key="me").stars[unseen].max() < 4.95


@pytest.mark.parametrize("films", [[], FILMS[:1], FILMS])
def test_a_model_without_ratings_or_films_still_recommends(films: list[FilmFacts]) -> None:
    bare = RankingModel.fit([], films)
    assert len(recommend(bare, {}, 5)) == min(5, len(films))
    assert len(recommend(bare, {"noir-0": 4.0}, 5)) == max(0, min(5, len(films) - 1))


def test_the_order_of_ratings_and_a_second_fit_change_nothing() -> None:
    again = RankingModel.fit(list(reversed(ratings())), FILMS)
    own = {"noir-1": 5.0, "space-2": 2.0}
    assert [one.film_id for one in recommend(again, own)] == [one.film_id for one in recommend(MODEL, own)]
    assert np.array_equal(fit_model().score_films(own).scores, MODEL.score_films(own).scores)


def test_a_new_rating_counts_at_once() -> None:
    before = MODEL.score_films({"space-1": 3.0})
    after = MODEL.score_films({"space-1": 3.0, "noir-1": 5.0})
    row = MODEL.content.row_of["noir-2"]
    assert after.scores[row] - after.scores.mean() > before.scores[row] - before.scores.mean()


def test_a_dismissed_film_lowers_similar_films() -> None:
    own = {"noir-1": 4.5, "space-1": 4.5}
    row, other = MODEL.content.row_of["space-3"], MODEL.content.row_of["noir-3"]
    before, after = MODEL.score_films(own), MODEL.score_films(own, dismissed=["space-2"])
    assert after.scores[row] < before.scores[row]
    assert after.scores[other] == before.scores[other]
    assert after.stars[row] < before.stars[row]
