"""The crowd's statistics."""

import numpy as np
import pytest
from scipy import sparse

from bot.recommendations.crowd import (
    LONG_LIST,
    MIRROR_BLOCK,
    build_crowd,
    count_pairs,
    ease_by_films,
    ease_by_members,
)
from bot.recommendations.facts import build_content
from bot.recommendations.models import RatingSet
from tests.recommendations.world import FILMS, iterate_ratings


@pytest.mark.parametrize("films", [0, 12, MIRROR_BLOCK + 44])
def test_both_closed_forms_of_ease_agree(films: int) -> None:
    dense = (np.random.default_rng(5).random((30, films)) < 0.3).astype(np.float32)
    assert np.allclose(ease_by_members(dense, 20.0), ease_by_films(dense.T @ dense, 20.0), atol=1e-4)


def test_pairs_of_long_and_short_lists_are_counted_alike() -> None:
    dense = (np.random.default_rng(6).random((40, 2 * LONG_LIST)) < np.linspace(0.1, 0.9, 40)[:, None]).astype(
        np.float32
    )
    counts = count_pairs(sparse.csr_matrix(dense))
    assert np.array_equal(counts, dense.T @ dense)
    assert counts.flags.c_contiguous


def test_a_film_rated_twice_counts_by_the_last() -> None:
    content = build_content(FILMS)
    crowd = build_crowd([("m", "alone", 1.0), ("m", "alone", 5.0), ("m", "unheard-of", 5.0)], content)
    assert crowd.rater_counts.sum() == 1
    assert crowd.like_counts[content.row_of["alone"]] == 1


def test_rating_sets_are_counted_as_their_ratings_one_by_one_would_be() -> None:
    random = np.random.default_rng(3)
    films = ("unheard-of", *(film.film_id for film in FILMS))
    drawn = random.integers(0, len(films), (60, 2)).tolist()
    pairs = np.array(sorted({(member, film) for member, film in drawn}), dtype=np.uint32)
    half_stars = random.integers(1, 11, len(pairs)).astype(np.uint8)
    sets = [RatingSet(name, films, pairs[:, 0], pairs[:, 1], half_stars) for name in ("one", "two")]
    own = [("7", "noir-1", 4.5), ("70", "space-1", 1.0), ("7", "noir-1", 2.0), ("7", "unheard-of", 5.0)]
    content = build_content(FILMS)
    crowd = build_crowd(own, content, sets)
    one_by_one = build_crowd([*(rating for each in sets for rating in iterate_ratings(each)), *own], content)
    assert crowd.member_keys == one_by_one.member_keys
    for name in (
        "rater_counts", "like_counts", "quality", "member_means", "ratings_per_member", "co_liked",
        "residual_correlation", "lift_seen", "ease_seen",
    ):  # fmt: skip
        assert np.allclose(getattr(crowd, name), getattr(one_by_one, name)), name
    assert (crowd.residuals_by_film != one_by_one.residuals_by_film).nnz == 0
    assert build_crowd([], content).member_keys == ()
