"""Groups, agreement, first films to rate, evaluation."""

import numpy as np
import pytest
from bot.recommendations.als import film_factors, fold_in
from bot.recommendations.evaluate import OURS, evaluate, ndcg
from bot.recommendations.model import Model
from scipy import sparse

from bot.core.errors import InvalidInputError
from bot.recommendations.groups import Guest, blend, burdens_after, for_group
from bot.recommendations.onboarding import films_to_rate
from bot.recommendations.taste_match import agreement_of
from tests.recommendations.world import FILMS, model, ratings

FITTED = model()
NOIR = {"noir-1": 5.0, "noir-2": 4.5, "space-3": 1.0}
SPACE = {"space-1": 5.0, "space-2": 4.5, "noir-3": 1.0}


def test_a_group_sees_each_members_stars_who_has_seen_it_and_who_would_like_it_least() -> None:
    guests = [Guest("ana", NOIR, {"space-7"}), Guest("ben", SPACE)]
    picks = for_group(FITTED, guests, 20)
    assert len(picks) == len(FILMS) - 1  # only what was refused is gone; nothing was seen by both
    for pick in picks:
        assert set(pick.stars) == {"ana", "ben"}
        assert pick.stars[pick.least_happy] == min(pick.stars.values())
        assert pick.seen_by == tuple(guest.name for guest in guests if pick.film_id in guest.own)
        for guest in guests:
            asked = FITTED.ask(guest.own, guest.refused)
            assert pick.stars[guest.name] == asked.stars[FITTED.content.at[pick.film_id]]


def test_the_weight_moves_the_list_from_the_mean_to_the_least_happy() -> None:
    stars = np.array([[5.0, 3.5], [1.0, 2.4]])
    assert np.argmax(blend(stars, 0.0, np.zeros(2))) == 0
    assert np.argmax(blend(stars, 1.0, np.zeros(2))) == 1


def test_who_was_outvoted_last_time_counts_more_the_next() -> None:
    guests = [Guest("ana", NOIR), Guest("cy", NOIR | {"noir-4": 4.5}), Guest("ben", SPACE)]
    first = for_group(FITTED, guests, 1, least_happy=0.0)[0]
    burdens = burdens_after(first, {})
    assert first.film_id.startswith("noir")
    assert burdens["ben"] > 0 == burdens["ana"]
    again = for_group(
        FITTED, [Guest(one.name, one.own, burden=10 * burdens[one.name]) for one in guests], 1, least_happy=0.0
    )
    assert again[0].film_id.startswith("space")
    assert burdens_after(first, {"ana": 1.0})["ana"] == 0.5


@pytest.mark.parametrize("count", [0, 11])
def test_a_group_is_one_to_ten(count: int) -> None:
    with pytest.raises(InvalidInputError, match="1 to 10"):
        for_group(FITTED, [Guest(str(n), {}) for n in range(count)])


def test_agreement_grows_sure_with_films_in_common() -> None:
    films = [f"noir-{n}" for n in range(8)]
    one = dict.fromkeys(films, 4.5)
    few = agreement_of(FITTED, {"noir-1": 4.5}, one)
    many = agreement_of(FITTED, one, one)
    apart = agreement_of(FITTED, one, dict.fromkeys(films, 0.5))
    assert few.confidence < many.confidence < 1
    assert apart.agreement < few.agreement < many.agreement
    assert (many.differ, many.common) == ((), 8)
    assert [entry.film_id for entry in apart.differ] == ["noir-0", "noir-1", "noir-2"]
    assert agreement_of(FITTED, {}, {}).confidence == 0


def test_each_shows_the_other_what_they_liked_and_the_other_lacks() -> None:
    found = agreement_of(FITTED, NOIR | {"space-6": 4.0}, SPACE)
    assert found.one_shows[0][0] == "space-6"  # the one that the other would like most
    assert {film for film, _ in found.other_shows} == {"space-1", "space-2"}


def test_the_first_films_to_rate_are_known_and_unlike_one_another() -> None:
    told = films_to_rate(FITTED, 10)
    assert len(told) == len(set(told)) == 10
    assert {film[:4] for film in told[:2]} == {"noir", "spac"}
    assert "alone" not in told[:5]
    assert not set(films_to_rate(FITTED, 20, without=told)) & set(told)
    assert len(films_to_rate(Model.fit([], FILMS), 3)) == 3
    assert films_to_rate(Model.fit([], []), 3) == []


def test_ndcg_is_that_of_the_textbook() -> None:
    assert ndcg(["a", "x", "b"], {"a", "b"}) == pytest.approx((1 + 1 / 2) / (1 + 1 / np.log2(3)))
    assert ndcg(["x"], {"a"}) == 0 == ndcg([], set())


def test_als_gives_those_who_like_a_few_films_what_is_liked_with_them() -> None:
    likes = np.zeros((20, 8))
    likes[:10, :4] = likes[10:, 4:] = 1
    likes[0, 3] = likes[15, 6] = 0
    factors = film_factors(sparse.csr_matrix(likes))
    score = fold_in(factors, np.array([0, 1]))
    assert score[2:4].min() > score[4:].max()
    assert np.array_equal(film_factors(sparse.csr_matrix(likes)), factors)
    assert not fold_in(film_factors(sparse.csr_matrix((1, 3))), np.array([0])).any()


def test_evaluation_measures_every_recommender_on_the_same_members() -> None:
    results = evaluate(ratings(60), FILMS, known=(2,), seed=3)
    (result,) = results
    assert result.members > 0
    assert {len(figures.ndcg) for figures in result.figures.values()} == {result.members}
    assert all(0 <= figures.mean <= 1 for figures in result.figures.values())
    assert list(result.figures) == ["popular", "item-kNN", "EASE", "ALS", "Marquee"]
    assert result.figures[OURS].mean > result.figures["popular"].mean
    predicted, own_mean = result.stars.means
    assert predicted < own_mean
    assert evaluate([], FILMS)[0].members == 0
