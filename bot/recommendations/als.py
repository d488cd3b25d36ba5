"""ALS: factors of films learnt from likes by alternating least squares, to compare with.

Hu, Koren, Volinsky: Collaborative filtering for implicit feedback datasets (ICDM 2008), with the confidence that
the library implicit gives a weight of 1: a like counts as much as each of the films not liked.
"""

import numpy as np
from scipy import sparse

from bot.recommendations.content import Floats, Ints

FACTORS, REGULARIZATION, ROUNDS = 64, 5.0, 15
LIKE_CONFIDENCE = 2.0
"""How much a like of the member asked for counts beside a film that they did not like."""


def film_factors(likes: sparse.csr_matrix, seed: int = 1) -> Floats:
    """Give films x factors from members x films of ones. The same likes and seed give the same factors."""
    count = min(FACTORS, *likes.shape)
    films = np.random.default_rng(seed).normal(0.0, 0.01, (likes.shape[1], count))
    ridge = REGULARIZATION * np.eye(count)
    for _ in range(ROUNDS):
        members = np.linalg.solve(films.T @ films + ridge, (likes @ films).T).T
        films = np.linalg.solve(members.T @ members + ridge, (likes.T @ members).T).T
    return np.asarray(films, dtype=np.float64)


def fold_in(factors: Floats, liked: Ints) -> Floats:
    """Give every film's score for somebody who liked the films of those rows."""
    own = factors[liked]
    gram = factors.T @ factors + REGULARIZATION * np.eye(factors.shape[1])
    weighted = gram + (LIKE_CONFIDENCE - 1) * own.T @ own
    return np.asarray(factors @ np.linalg.solve(weighted, LIKE_CONFIDENCE * own.sum(axis=0)))
