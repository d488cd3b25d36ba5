"""What a crowd of members' stars says: counts, damped means, who saw what together, EASE."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.recommendations.content import Content, Floats, Ints
from bot.recommendations.ease import Matrix, ease_by_films, ease_by_members

LIKED = 4.0
"""From so many stars on somebody counts as having liked a film."""
CORE = 4_000
"""Films whose pairs are counted, the most rated first; beyond it pairs are too rare to tell anything."""
BLOCK = 4_096
"""Members multiplied at once: bounds the memory that a dense block of them takes."""
RIDGE_LIKED, RIDGE_SEEN = 300.0, 1000.0
MEAN_DAMPING, FILM_DAMPING = 5.0, 5.0
"""Imaginary average ratings that pull a member's or a film's mean towards everybody's."""
CROWD_DAMPING, FALLBACK_MEAN = 20.0, 3.5
"""Imaginary ratings that pull everybody's mean towards what people give on average, and how many they are."""
LIFT_DAMPING = np.float32(5.0)

Rating = tuple[str, str, float]
"""A member, a film, stars from 0.5 to 5."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Statistics over N members and the M films of a Content; F of the films are the core.

    `seen`, `liked` count per film; `quality` is the damped mean of stars above each member's own mean.
    `by_film` (M x N) holds stars minus the member's mean, `likes` (N x M) ones. `together`, `both_liked`
    (F x F) count members who saw both, liked both;
    `agree` are damped correlations of stars; `ease_liked`, `ease_seen` are EASE's weights.
    `lift_seen`, `lift_liked`, `lift_seen_liked` are logs of how much likelier one makes the other.
    """

    members: tuple[str, ...]
    mean: float
    member_mean: Floats
    watched: Floats
    seen: Floats
    liked: Floats
    quality: Floats
    by_film: sparse.csr_matrix
    likes: sparse.csr_matrix
    core: Ints
    core_at: Ints
    together: Matrix
    both_liked: Matrix
    agree: Matrix
    ease_liked: Matrix
    ease_seen: Matrix
    lift_seen: Matrix
    lift_liked: Matrix
    lift_seen_liked: Matrix

    def __len__(self) -> int:
        return len(self.members)


def crowd_of(ratings: Iterable[Rating], content: Content, core: int = CORE) -> Crowd:
    """Count the ratings of films that `content` holds; of a member's several ratings of a film the last counts.

    The order of ratings does not matter otherwise: members and films are put into an order of their own.
    """
    latest = {(member, film): stars for member, film, stars in ratings if film in content.at}
    members = tuple(sorted({member for member, _ in latest}))
    at = {member: row for row, member in enumerate(members)}
    rows = np.fromiter((at[member] for member, _ in latest), np.int64, len(latest))
    columns = np.fromiter((content.at[film] for _, film in latest), np.int64, len(latest))
    stars = np.fromiter(latest.values(), np.float64, len(latest))
    return crowd_of_arrays(members, (rows, columns, stars), len(content), core)


def crowd_of_arrays(
    members: Sequence[str], ratings: tuple[Ints, Ints, Floats], films: int, core: int = CORE
) -> Crowd:
    """Do the same for arrays of member rows, film columns and stars, none of them twice."""
    rows, columns, stars = ratings
    count = len(members)
    # A server whose one member gives nothing but fives has not shown what its next member would give.
    mean = (float(stars.sum()) + CROWD_DAMPING * FALLBACK_MEAN) / (len(stars) + CROWD_DAMPING)
    watched = np.bincount(rows, minlength=count).astype(np.float64)
    member_mean = (np.bincount(rows, stars, count) + MEAN_DAMPING * mean) / (watched + MEAN_DAMPING)
    above = stars - member_mean[rows]
    seen = np.bincount(columns, minlength=films).astype(np.float64)
    quality = np.bincount(columns, above, films) / (seen + FILM_DAMPING)
    fond = stars >= LIKED
    by_film = sparse.csr_matrix((above, (columns, rows)), shape=(films, count))
    likes = sparse.csr_matrix((np.ones(fond.sum()), (rows[fond], columns[fond])), shape=(count, films))
    order = np.argsort(-seen, kind="stable")[:core]
    chosen = np.sort(order[seen[order] > 0])
    core_at = np.full(films, -1, dtype=np.int64)
    core_at[chosen] = np.arange(len(chosen))
    inside = core_at[columns] >= 0
    pairs = _pairs(
        rows[inside], core_at[columns[inside]], (stars[inside], (above - quality[columns])[inside]),
        (count, len(chosen)),
    )  # fmt: skip
    return Crowd(
        members=tuple(members),
        mean=mean,
        member_mean=member_mean,
        watched=watched,
        seen=seen,
        liked=np.bincount(columns[fond], minlength=films).astype(np.float64),
        quality=quality,
        by_film=by_film,
        likes=likes,
        core=chosen,
        core_at=core_at,
        **pairs,
    )


def _pairs(rows: Ints, columns: Ints, values: tuple[Floats, Floats], shape: tuple[int, int]) -> dict[str, Matrix]:
    """Count pairs of films, a dense block of members at a time, and solve EASE."""
    stars, rest = values
    fond = stars >= LIKED
    seen = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
    liked = sparse.csr_matrix((fond[fond].astype(np.float32), (rows[fond], columns[fond])), shape=shape)
    above = sparse.csr_matrix((rest.astype(np.float32), (rows, columns)), shape=shape)
    films = shape[1]
    together, both, after, agree = (np.zeros((films, films), np.float32) for _ in range(4))
    for start in range(0, shape[0], BLOCK):
        x, y, z = (matrix[start : start + BLOCK].toarray() for matrix in (seen, liked, above))
        together += x.T @ x
        both += y.T @ y
        after += x.T @ y
        agree += z.T @ z
    spread = np.sqrt(np.diag(agree))
    agree /= np.outer(spread, spread) + np.float32(10.0)
    if shape[0] < films:
        eases = ease_by_members(liked.toarray(), RIDGE_LIKED), ease_by_members(seen.toarray(), RIDGE_SEEN)
    else:
        eases = ease_by_films(both, RIDGE_LIKED), ease_by_films(together, RIDGE_SEEN)
    seen_count, liked_count = np.diag(together).copy(), np.diag(both).copy()
    for matrix in (together, both, after, agree):
        np.fill_diagonal(matrix, 0.0)
    return {
        "together": together,
        "both_liked": both,
        "agree": agree,
        "ease_liked": eases[0],
        "ease_seen": eases[1],
        "lift_seen": _lift(together.copy(), seen_count, (seen_count + 0.5) / (shape[0] + 1)),
        "lift_liked": _lift(both.copy(), liked_count, (liked_count + 0.5) / (shape[0] + 1)),
        "lift_seen_liked": _lift(after, seen_count, (liked_count + 0.5) / (shape[0] + 1)),
    }


def _lift(counts: Matrix, of: Matrix, expected: NDArray[np.floating[Any]]) -> Matrix:
    """Turn counts, in place, into log(P(column | row) / P(column)), damped by LIFT_DAMPING expected members.

    P is never 0: half a member more than counted. Church, Hanks: Word association norms (CL 16, 1990).
    """
    counts += LIFT_DAMPING * expected
    counts /= (of + LIFT_DAMPING)[:, None]
    counts /= expected
    return np.log(counts, out=counts)
