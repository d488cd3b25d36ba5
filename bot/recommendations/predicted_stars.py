"""Predicted stars: the member's mean, the film's quality, what people who agree with them found, what is alike."""

from dataclasses import dataclass

import numpy as np

from bot.recommendations.content import Content, Floats
from bot.recommendations.crowd import Crowd
from bot.recommendations.signals import Taste

LOWEST, HIGHEST = 0.5, 5.0
REFUSED_STARS = 1.5
"""What "not for me" counts as: a film unseen and unwanted."""
PRIOR_RATINGS = 6.0
"""Ratings that the quality expected of a film's kind counts as."""
RIDGE = 30.0
AGREE_DAMPING, ALIKE_DAMPING = 2.0, 3.0
ALIKE_SHARE = {"genres": 1.0, "directors": 1.5, "cast": 0.7}


@dataclass(frozen=True, slots=True)
class Quality:
    """How far above members' means each film is expected to be rated, in stars."""

    of_film: Floats

    @classmethod
    def of(cls, content: Content, crowd: Crowd) -> "Quality":
        """Estimate it: a film's ratings, damped towards what its genres, year and fame let expect.

        The expectation is a ridge regression over films weighted by their ratings (Hoerl, Kennard 1970); the
        damping is a Bayesian average.
        """
        total = np.asarray(crowd.by_film.sum(axis=1)).ravel() if len(crowd) else np.zeros(len(content))
        if not total.any():
            return cls(np.zeros(len(content)))
        year = (content.year - 1990) / 20
        plain = np.column_stack(
            [np.ones(len(content)), content.log_fame / 3, content.log_fame**2 / 20, year, year**2]
        )
        features = np.column_stack([plain, content.vectors["genres"].toarray()])
        weighted = features * crowd.seen[:, None]
        slope = np.linalg.solve(features.T @ weighted + RIDGE * np.eye(features.shape[1]), features.T @ total)
        expected = np.clip(features @ slope, -1.0, 1.0)
        return cls((total + PRIOR_RATINGS * expected) / (crowd.seen + PRIOR_RATINGS))


def predict(taste: Taste, content: Content, crowd: Crowd, quality: Quality) -> Floats:
    """Give the stars that the member would give each film, 0.5 to 5.

    The rest that quality leaves is taken from the member's ratings of films that others rated in step with it
    (item-kNN on residuals: Koren, Factorization meets the neighborhood, KDD 2008) and of films alike.
    """
    stars = taste.mean + quality.of_film
    rows = np.concatenate([taste.rows, taste.refused])
    if not len(rows):
        return np.clip(stars, LOWEST, HIGHEST)
    unwanted = np.full(len(taste.refused), REFUSED_STARS - taste.mean)
    rest = np.concatenate([taste.above, unwanted]) - quality.of_film[rows]
    inside = crowd.core_at[rows]
    if (inside >= 0).any():
        steps = crowd.agree[inside[inside >= 0]]
        stars[crowd.core] += (rest[inside >= 0].astype(np.float32) @ steps) / (
            np.abs(steps).sum(axis=0) + AGREE_DAMPING
        )
    likeness, weighted = np.zeros(len(content)), np.zeros(len(content))
    for field, share in ALIKE_SHARE.items():
        near, felt = content.alike(field, rows, np.array([np.ones(len(rows)), rest]))
        likeness += share * near
        weighted += share * felt
    stars += weighted / (likeness + ALIKE_DAMPING)
    return np.clip(stars, LOWEST, HIGHEST)
