"""What others would do: popular films, item-kNN, EASE, ALS (implicit's where it is installed, else our own)."""

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
from bot.recommendations.als import film_factors, fold_in
from numpy.typing import NDArray
from scipy import sparse

Ratings = Sequence[tuple[str, str, float]]
Recommend = Callable[[dict[str, float], int], list[str]]
Factory = Callable[[Ratings, Mapping[str, Mapping[str, object]]], Recommend]
Score = Callable[[NDArray[np.int64], NDArray[np.float64]], NDArray[np.float64]]


class Likes:
    """Who liked what (four stars or more) as a sparse matrix, and how famous each film is."""

    def __init__(self, ratings: Ratings, films: Mapping[str, Mapping[str, object]]) -> None:
        self.ids = list(films)
        self.at = {film: at for at, film in enumerate(self.ids)}
        self.fame = np.array([float(str(films[film]["fame"])) for film in self.ids])
        members: dict[str, int] = {}
        liked = [
            (members.setdefault(m, len(members)), self.at[f]) for m, f, s in ratings if s >= 4 and f in self.at
        ]
        rows, columns = np.array(liked).T if liked else np.zeros((2, 0), dtype=int)
        self.matrix = sparse.csr_matrix(
            (np.ones(len(rows), np.float32), (rows, columns)), shape=(max(1, len(members)), len(self.ids))
        )
        self.count = np.asarray(self.matrix.sum(axis=0)).ravel()

    def ranked_by(self, score: Score) -> Recommend:
        """Give a recommender that ranks by that score, fame breaking ties."""

        def recommend(own: dict[str, float], n: int) -> list[str]:
            rows = np.array([self.at[film] for film in own if film in self.at], dtype=np.int64)
            stars = np.array([value for film, value in own.items() if film in self.at])
            scores = score(rows, stars) + 1e-9 * self.fame
            scores[rows] = -np.inf
            return [self.ids[at] for at in np.argsort(-scores, kind="stable")[:n]]

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
    near = both / length / length[:, None]
    if len(near) > 150:
        least = np.partition(near, len(near) - 100, axis=1)[:, len(near) - 100]
        near[near < least[:, None]] = 0
    return likes.ranked_by(lambda rows, stars: np.clip(stars - 2.5, -1, 2.5) @ near[rows])


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
    factors = film_factors(likes.matrix)
    return likes.ranked_by(
        lambda rows, stars: fold_in(factors, rows[stars >= 3.5] if (stars >= 3.5).any() else rows)
    )


def contenders() -> dict[str, Factory]:
    """Give those that can run here."""
    found: dict[str, Factory] = {"popular": popular, "item-kNN": item_knn, "EASE": ease}
    return found | {"ALS": als if find_spec("implicit") is not None else own_als}
