"""Baselines: popular films, item-kNN, EASE, ALS (implicit's where it is installed, else our own)."""

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.recommendations.evaluation import als_film_factors, als_scores

Ratings = Sequence[tuple[str, str, float]]
Recommend = Callable[[dict[str, float], int], list[str]]
Factory = Callable[[Ratings, Mapping[str, Mapping[str, object]]], Recommend]
Score = Callable[[NDArray[np.int64], NDArray[np.float64]], NDArray[np.float64]]


class Likes:
    """Return who liked what (four stars or more) as a sparse matrix, and how famous each film is."""

    def __init__(self, ratings: Ratings, films: Mapping[str, Mapping[str, object]]) -> None:
        self.ids = list(films)
        self.column_of = {film: column for column, film in enumerate(self.ids)}
        self.fame = np.array([float(str(films[film]["fame"])) for film in self.ids])
        members: dict[str, int] = {}
        liked = [
            (members.setdefault(m, len(members)), self.column_of[f])
            for m, f, s in ratings
            if s >= 4 and f in self.column_of
        ]
        rows, columns = np.array(liked).T if liked else np.zeros((2, 0), dtype=int)
        self.matrix = sparse.csr_matrix(
            (np.ones(len(rows), np.float32), (rows, columns)), shape=(max(1, len(members)), len(self.ids))
        )
        self.count = np.asarray(self.matrix.sum(axis=0)).ravel()

    def ranked_by(self, score: Score) -> Recommend:
        """Return a recommender that ranks by that score; fame breaks ties."""

        def recommend(own: dict[str, float], n: int) -> list[str]:
            rows = np.array([self.column_of[film] for film in own if film in self.column_of], dtype=np.int64)
            stars = np.array([value for film, value in own.items() if film in self.column_of])
            scores = score(rows, stars) + 1e-9 * self.fame
            scores[rows] = -np.inf
            return [self.ids[column] for column in np.argsort(-scores, kind="stable")[:n]]

        return recommend


def popular(ratings: Ratings, films: Mapping[str, Mapping[str, object]]) -> Recommend:
    """What most members liked."""
    likes = Likes(ratings, films)
    return likes.ranked_by(lambda _rows, _stars: likes.count + 1e-3 * likes.fame)


def item_knn(ratings: Ratings, films: Mapping[str, Mapping[str, object]]) -> Recommend:
    """The hundred nearest films of each by a damped cosine (Sarwar and others, WWW 2001)."""
    likes = Likes(ratings, films)
    both = (likes.matrix.T @ likes.matrix).toarray()
    length = np.sqrt(np.diag(both) + 20)
    np.fill_diagonal(both, 0)
    cosines = both / length / length[:, None]
    if len(cosines) > 150:
        least = np.partition(cosines, len(cosines) - 100, axis=1)[:, len(cosines) - 100]
        cosines[cosines < least[:, None]] = 0
    return likes.ranked_by(lambda rows, stars: np.clip(stars - 2.5, -1, 2.5) @ cosines[rows])


def ease(ratings: Ratings, films: Mapping[str, Mapping[str, object]]) -> Recommend:
    """EASE over films with three likes or more (Steck, WWW 2019)."""
    likes = Likes(ratings, films)
    used = np.flatnonzero(likes.count >= 3)
    inverse = np.linalg.inv((likes.matrix[:, used].T @ likes.matrix[:, used]).toarray() + 300 * np.eye(len(used)))
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0)
    place = np.full(len(likes.ids), -1)
    place[used] = np.arange(len(used))

    def score(rows: NDArray[np.int64], stars: NDArray[np.float64]) -> NDArray[np.float64]:
        scores = np.zeros(len(likes.ids))
        inside = place[rows] >= 0
        scores[used] = np.clip(stars[inside] - 2.5, -1, 2.5) @ weights[place[rows[inside]]]
        return scores

    return likes.ranked_by(score)


def als(ratings: Ratings, films: Mapping[str, Mapping[str, object]]) -> Recommend:
    """implicit's alternating least squares on likes (Hu, Koren, Volinsky, ICDM 2008), members folded in."""
    import implicit

    likes = Likes(ratings, films)
    model: Any = implicit.als.AlternatingLeastSquares(
        factors=64, regularization=5.0, iterations=15, num_threads=1, random_state=1
    )
    model.fit(likes.matrix, show_progress=False)
    factors = np.asarray(model.item_factors)
    gram = factors.T @ factors + 5 * np.eye(factors.shape[1])

    def score(rows: NDArray[np.int64], stars: NDArray[np.float64]) -> NDArray[np.float64]:
        liked = factors[rows[stars >= 3.5] if (stars >= 3.5).any() else rows]
        return np.asarray(
            factors @ np.linalg.solve(gram + liked.T @ liked, 2 * liked.sum(axis=0)), dtype=np.float64
        )

    return likes.ranked_by(score)


def own_als(ratings: Ratings, films: Mapping[str, Mapping[str, object]]) -> Recommend:
    """The same as `marquee evaluate` compares with, which needs no library."""
    likes = Likes(ratings, films)
    factors = als_film_factors(likes.matrix)
    return likes.ranked_by(
        lambda rows, stars: als_scores(factors, rows[stars >= 3.5] if (stars >= 3.5).any() else rows)
    )


def baselines() -> dict[str, Factory]:
    """Return the baselines that can run here, by name."""
    available: dict[str, Factory] = {"popular": popular, "item-kNN": item_knn, "EASE": ease}
    return available | {"ALS": als if find_spec("implicit") is not None else own_als}
