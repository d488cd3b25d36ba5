"""Measuring recommenders on hidden ratings."""

import numpy as np
import pytest
from scipy import sparse

from bot.recommendations.evaluation import MARQUEE, als_film_factors, als_scores, evaluate, ndcg
from tests.recommendations.world import FILMS, ratings


def test_ndcg_is_that_of_the_textbook() -> None:
    assert ndcg(["a", "x", "b"], {"a", "b"}) == pytest.approx((1 + 1 / 2) / (1 + 1 / np.log2(3)))
    assert ndcg(["x"], {"a"}) == 0 == ndcg([], set())


def test_als_gives_those_who_like_a_few_films_what_is_liked_with_them() -> None:
    likes = np.zeros((20, 8))
    likes[:10, :4] = likes[10:, 4:] = 1
    likes[0, 3] = likes[15, 6] = 0
    factors = als_film_factors(sparse.csr_matrix(likes))
    score = als_scores(factors, np.array([0, 1]))
    assert score[2:4].min() > score[4:].max()
    assert np.array_equal(als_film_factors(sparse.csr_matrix(likes)), factors)
    assert not als_scores(als_film_factors(sparse.csr_matrix((1, 3))), np.array([0])).any()


def test_evaluation_measures_every_recommender_on_the_same_members() -> None:
    results = evaluate(ratings(60), FILMS, known_counts=(2,), seed=3)
    (result,) = results
    assert result.member_count > 0
    assert {len(metrics.ndcg) for metrics in result.metrics.values()} == {result.member_count}
    assert all(0 <= metrics.mean_ndcg <= 1 for metrics in result.metrics.values())
    assert list(result.metrics) == ["popular", "item-kNN", "EASE", "ALS", "Marquee"]
    assert result.metrics[MARQUEE].mean_ndcg > result.metrics["popular"].mean_ndcg
    predicted, member_mean = result.star_errors.means
    assert predicted < member_mean
    assert evaluate([], FILMS)[0].member_count == 0
