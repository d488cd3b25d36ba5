"""Recommenders to be held against: fame, item-kNN, user-kNN, RP3beta, EASE, EASE with a ridge by popularity.

Each ranks every film for a member of whom some ratings are known. The parameters were chosen on development
members (`held_out.py --tune`), never on those kept apart.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.recommendations.crowd import LIKED_STARS
from bot.recommendations.facts import Content

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Score = Callable[[Ints, Floats], Floats]
CORE = 2_500
"""Films, the most rated, among which pairs are counted: the others have few."""


@dataclass(frozen=True, slots=True)
class Ratings:
    """Who liked and who rated what (members x films of ones), and how famous each film is (films)."""

    likes: sparse.csr_matrix
    seen: sparse.csr_matrix
    fame: Floats

    @property
    def core(self) -> Ints:
        """The most rated films, none without a rating."""
        counts = np.asarray(self.seen.sum(axis=0)).ravel()
        most_rated = np.argsort(-counts, kind="stable")[:CORE]
        return np.sort(most_rated[counts[most_rated] > 0])


def collect_ratings(rows: Sequence[tuple[str, str, float]], content: Content) -> Ratings:
    """Return the ratings as matrices."""
    members: dict[str, int] = {}
    member = np.array([members.setdefault(row[0], len(members)) for row in rows], dtype=np.int64)
    film = np.array([content.row_of[row[1]] for row in rows], dtype=np.int64)
    liked = np.array([row[2] >= LIKED_STARS for row in rows], dtype=bool)
    shape = (max(1, len(members)), len(content))
    likes = sparse.csr_matrix((np.ones(int(liked.sum())), (member[liked], film[liked])), shape=shape)
    return Ratings(likes, sparse.csr_matrix((np.ones(len(rows)), (member, film)), shape=shape), content.fame)


def preference(stars: Floats) -> Floats:
    """Return how much each rating speaks for similar films."""
    return np.clip(stars - 2.5, -1.0, 2.5)


def fame(ratings: Ratings) -> Score:
    """Rank by likes and raters."""
    popular = np.asarray(ratings.likes.sum(axis=0)).ravel() + ratings.fame
    return lambda _rows, _stars: popular


def item_knn(ratings: Ratings, damping: float = 20.0) -> Score:
    """Rank by damped cosines of who liked both (Sarwar and others, WWW 2001)."""
    core = ratings.core
    both = (ratings.likes[:, core].T @ ratings.likes[:, core]).toarray()
    length = np.sqrt(np.diag(both) + damping)
    np.fill_diagonal(both, 0.0)
    return _by_pairs(ratings, core, both / length / length[:, None])


def rp3beta(ratings: Ratings, beta: float = 0.3) -> Score:
    """Rank by a walk film, member, film, divided by popularity ** beta (Paudel and others, TiiS 2017)."""
    core = ratings.core
    likes = ratings.likes[:, core]
    of_member = likes.multiply(1 / np.maximum(np.asarray(likes.sum(axis=1)), 1.0)).tocsr()
    popularity = np.asarray(likes.sum(axis=0)).ravel()
    walks = (likes.T @ of_member).toarray() / np.maximum(popularity, 1.0)[:, None]
    walks /= np.maximum(popularity, 1.0)[None, :] ** beta
    np.fill_diagonal(walks, 0.0)
    return _by_pairs(ratings, core, walks)


def ease(ratings: Ratings, ridge: float = 300.0, popular_ridge: float = 0.0) -> Score:
    """Rank by EASE (Steck, WWW 2019); `popular_ridge` times a film's likes is added to its ridge."""
    core = ratings.core
    gram = (ratings.likes[:, core].T @ ratings.likes[:, core]).toarray()
    gram[np.diag_indices(len(core))] += ridge + popular_ridge * np.diag(gram)
    inverse = np.linalg.inv(gram)
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return _by_pairs(ratings, core, weights)


def user_knn(ratings: Ratings, neighbours: int = 100, power: float = 2.0) -> Score:
    """Rank by the likes of the members whose ratings are nearest by a damped cosine of rarity."""
    counts = np.asarray(ratings.seen.sum(axis=0)).ravel()
    rarity = np.log((ratings.seen.shape[0] + 1) / (counts + 1)) + 0.3
    length = np.sqrt(np.asarray(ratings.seen.sum(axis=1)).ravel() + 20)

    def score(rows: Ints, stars: Floats) -> Floats:
        near = (ratings.seen[:, rows] @ (rarity[rows] * np.maximum(preference(stars), 0.1))) / length
        if len(near) > neighbours:
            near[near < np.partition(near, len(near) - neighbours)[len(near) - neighbours]] = 0.0
        return np.asarray(ratings.likes.T @ near**power) + 1e-6 * ratings.fame

    return score


def _by_pairs(ratings: Ratings, core: Ints, pairs: Floats) -> Score:
    place = np.full(len(ratings.fame), -1, dtype=np.int64)
    place[core] = np.arange(len(core))

    def score(rows: Ints, stars: Floats) -> Floats:
        scores = 1e-9 * ratings.fame
        is_inside = place[rows] >= 0
        scores[core] += preference(stars[is_inside]) @ pairs[place[rows[is_inside]]]
        return scores

    return score


PEERS: Mapping[str, Callable[[Ratings], Score]] = {
    "fame": fame,
    "item-kNN": item_knn,
    "user-kNN": user_knn,
    "RP3beta": rp3beta,
    "EASE": ease,
    "EASE, scaled ridge": lambda ratings: ease(ratings, 50.0, 1.0),
}
