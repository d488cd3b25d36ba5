"""The crowd: statistics over the ratings of all members that a model is fitted on.

Counts and damped means of films and members, which films were seen or liked together, and EASE, the linear
item-item model with a closed form.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.recommendations.facts import Content, Floats, Ints
from bot.recommendations.models import Rating, RatingSet

Matrix = NDArray[np.float32]

LIKED_STARS = 4.0
"""From so many stars on a member counts as having liked a film."""
CORE_SIZE = 4_000
"""Films whose pairs are counted, the most rated first: of others there are too few pairs to learn from."""
BLOCK_SIZE = 4_096
"""Members multiplied at once, which bounds the memory of a dense block."""
EASE_LIKED_RIDGE, EASE_SEEN_RIDGE = 300.0, 1000.0
MEAN_DAMPING, FILM_DAMPING = 5.0, 5.0
"""Imaginary average ratings that pull a member's or a film's mean towards everybody's."""
CROWD_DAMPING, FALLBACK_MEAN = 20.0, 3.5
"""Imaginary ratings that pull everybody's mean towards what people give on average, and their stars."""
CORRELATION_DAMPING = np.float32(10.0)
LIFT_DAMPING = np.float32(5.0)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Statistics over N members and the M films of a Content, F of which are the core (the most rated).

    Means are in stars. `rater_counts` and `like_counts` are of length M; `quality` (M) is the damped mean of stars
    above each rater's own mean. `residuals_by_film` (M x N) holds stars minus the member's mean, `likes` (N x M)
    ones. `core_rows` (F) are the core's film rows and `core_index` (M) is each film's place in the core, -1
    outside.

    All that follows is F x F, with zeros on the diagonal: `co_seen` and `co_liked` count members who saw or liked
    both; `residual_correlation` is the damped correlation of the stars that members' means and quality leave;
    `ease_liked` and `ease_seen` are EASE's weights; `lift_seen`, `lift_liked` and `lift_seen_liked` are logarithms
    of how much likelier the row's film makes the column's.
    """

    member_keys: tuple[str, ...]
    mean_stars: float
    member_means: Floats
    ratings_per_member: Floats
    rater_counts: Floats
    like_counts: Floats
    quality: Floats
    residuals_by_film: sparse.csr_matrix
    likes: sparse.csr_matrix
    core_rows: Ints
    core_index: Ints
    co_seen: Matrix
    co_liked: Matrix
    residual_correlation: Matrix
    ease_liked: Matrix
    ease_seen: Matrix
    lift_seen: Matrix
    lift_liked: Matrix
    lift_seen_liked: Matrix

    def __len__(self) -> int:
        return len(self.member_keys)


def build_crowd(ratings: Iterable[Rating], content: Content, rating_sets: Sequence[RatingSet] = ()) -> Crowd:
    """Return the crowd of the ratings, and those of rating sets, of films that `content` holds.

    Of a member's several ratings of a film the last counts; the order of ratings does not matter otherwise. A
    set's ratings are counted as arrays, never as an object for each rating.
    """
    keys: list[str] = []
    member_rows: list[Ints] = []
    film_rows: list[Ints] = []
    stars: list[Floats] = []
    for rating_set in rating_sets:
        row_of_film = np.array(
            [content.row_of.get(film_id, -1) for film_id in rating_set.film_ids], dtype=np.int64
        )
        set_film_rows = row_of_film[rating_set.film]
        is_known = set_film_rows >= 0
        numbers, set_member_rows = np.unique(rating_set.member[is_known], return_inverse=True)
        member_rows.append(set_member_rows.astype(np.int64) + len(keys))
        film_rows.append(set_film_rows[is_known])
        stars.append(rating_set.half_stars[is_known] / 2)
        keys += [f"{rating_set.name}:{number}" for number in numbers.tolist()]
    latest = {(key, film_id): value for key, film_id, value in ratings if film_id in content.row_of}
    row_of_key = {key: row for row, key in enumerate(dict.fromkeys(key for key, _ in latest), len(keys))}
    member_rows.append(np.fromiter((row_of_key[key] for key, _ in latest), np.int64, len(latest)))
    film_rows.append(np.fromiter((content.row_of[film_id] for _, film_id in latest), np.int64, len(latest)))
    stars.append(np.fromiter(latest.values(), np.float64, len(latest)))
    keys += row_of_key
    order = sorted(range(len(keys)), key=keys.__getitem__)  # so that the order of ratings does not matter
    new_row = np.empty(len(keys), dtype=np.int64)
    new_row[order] = np.arange(len(keys))
    return build_crowd_from_arrays(
        [keys[row] for row in order],
        member_rows=new_row[np.concatenate(member_rows)],
        film_rows=np.concatenate(film_rows),
        stars=np.concatenate(stars),
        film_count=len(content),
    )


def build_crowd_from_arrays(
    member_keys: Sequence[str], *, member_rows: Ints, film_rows: Ints, stars: Floats, film_count: int
) -> Crowd:
    """Return the crowd of ratings in parallel arrays, each pair of member and film at most once."""
    member_count = len(member_keys)
    # A server whose only member gives nothing but fives has not shown what its next member would give.
    mean = (float(stars.sum()) + CROWD_DAMPING * FALLBACK_MEAN) / (len(stars) + CROWD_DAMPING)
    ratings_per_member = np.bincount(member_rows, minlength=member_count).astype(np.float64)
    member_means = (np.bincount(member_rows, stars, member_count) + MEAN_DAMPING * mean) / (
        ratings_per_member + MEAN_DAMPING
    )
    residuals = stars - member_means[member_rows]
    rater_counts = np.bincount(film_rows, minlength=film_count).astype(np.float64)
    quality = np.bincount(film_rows, residuals, film_count) / (rater_counts + FILM_DAMPING)
    is_liked = stars >= LIKED_STARS
    by_popularity = np.argsort(-rater_counts, kind="stable")[:CORE_SIZE]
    core_rows = np.sort(by_popularity[rater_counts[by_popularity] > 0])
    core_index = np.full(film_count, -1, dtype=np.int64)
    core_index[core_rows] = np.arange(len(core_rows))

    # Pairs of core films, counted over a dense block of members at a time.
    in_core = core_index[film_rows] >= 0
    rows, columns = member_rows[in_core], core_index[film_rows[in_core]]
    liked_in_core = is_liked[in_core]
    unexplained = (residuals - quality[film_rows])[in_core]
    size = len(core_rows)
    shape = (member_count, size)
    seen = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
    liked = sparse.csr_matrix(
        (liked_in_core[liked_in_core].astype(np.float32), (rows[liked_in_core], columns[liked_in_core])),
        shape=shape,
    )
    above = sparse.csr_matrix((unexplained.astype(np.float32), (rows, columns)), shape=shape)
    co_seen, co_liked, liked_after_seen, correlation = (np.zeros((size, size), np.float32) for _ in range(4))
    for start in range(0, member_count, BLOCK_SIZE):
        x, y, z = (matrix[start : start + BLOCK_SIZE].toarray() for matrix in (seen, liked, above))
        co_seen += x.T @ x
        co_liked += y.T @ y
        liked_after_seen += x.T @ y
        correlation += z.T @ z
    spread = np.sqrt(np.diag(correlation))
    correlation /= np.outer(spread, spread) + CORRELATION_DAMPING
    if member_count < size:
        ease_liked = ease_by_members(liked.toarray(), EASE_LIKED_RIDGE)
        ease_seen = ease_by_members(seen.toarray(), EASE_SEEN_RIDGE)
    else:
        ease_liked = ease_by_films(co_liked, EASE_LIKED_RIDGE)
        ease_seen = ease_by_films(co_seen, EASE_SEEN_RIDGE)
    seen_count, liked_count = np.diag(co_seen).copy(), np.diag(co_liked).copy()
    for matrix in (co_seen, co_liked, liked_after_seen, correlation):
        np.fill_diagonal(matrix, 0.0)
    seen_share, liked_share = ((count + 0.5) / (member_count + 1) for count in (seen_count, liked_count))
    return Crowd(
        member_keys=tuple(member_keys),
        mean_stars=mean,
        member_means=member_means,
        ratings_per_member=ratings_per_member,
        rater_counts=rater_counts,
        like_counts=np.bincount(film_rows[is_liked], minlength=film_count).astype(np.float64),
        quality=quality,
        residuals_by_film=sparse.csr_matrix(
            (residuals, (film_rows, member_rows)), shape=(film_count, member_count)
        ),
        likes=sparse.csr_matrix(
            (np.ones(is_liked.sum()), (member_rows[is_liked], film_rows[is_liked])),
            shape=(member_count, film_count),
        ),
        core_rows=core_rows,
        core_index=core_index,
        co_seen=co_seen,
        co_liked=co_liked,
        residual_correlation=correlation,
        ease_liked=ease_liked,
        ease_seen=ease_seen,
        lift_seen=_log_lift(co_seen.copy(), seen_count, seen_share),
        lift_liked=_log_lift(co_liked.copy(), liked_count, liked_share),
        lift_seen_liked=_log_lift(liked_after_seen, seen_count, liked_share),
    )


def _log_lift(counts: Matrix, row_counts: Matrix, share: NDArray[np.floating[Any]]) -> Matrix:
    """Return log(P(column | row) / P(column)), written into `counts` (F x F members who have both).

    `row_counts` are the members of each row, `share` is P(column) with half a member added, so that it is never 0.
    The estimate is damped by LIFT_DAMPING members who follow `share`. Church, Hanks: Word association norms,
    mutual information, and lexicography (Computational Linguistics 16, 1990).
    """
    counts += LIFT_DAMPING * share
    counts /= (row_counts + LIFT_DAMPING)[:, None]
    counts /= share
    return np.log(counts, out=counts)


def ease_by_films(gram: Matrix, ridge: float) -> Matrix:
    """Return EASE's weights B (films x films) from the Gram matrix of members x films.

    B[i, j] = -P[i, j] / P[j, j] with P = (gram + ridge I)^-1, and zeros on the diagonal (Steck: Embarrassingly
    Shallow Autoencoders for Sparse Data, WWW 2019). For crowds of more members than films.
    """
    inverse = gram.copy()
    inverse[np.diag_indices(len(gram))] += ridge
    inverse = np.linalg.inv(inverse)
    inverse /= -np.diag(inverse)[None, :].copy()
    np.fill_diagonal(inverse, 0.0)
    return inverse


def ease_by_members(dense: Matrix, ridge: float) -> Matrix:
    """Return the same B as `ease_by_films` from the dense members x films, for fewer members than films.

    By the Woodbury identity P = (I - X' (X X' + ridge I)^-1 X) / ridge, whose inverse is members x members.
    """
    kernel = dense @ dense.T
    kernel[np.diag_indices(len(dense))] += ridge
    weights = dense.T @ (np.linalg.inv(kernel) @ dense)
    # The diagonal is below 1 by construction; rounding must not make it 1.
    weights /= np.maximum(1.0 - np.diag(weights), 1e-3)[None, :]
    np.fill_diagonal(weights, 0.0)
    return weights.astype(np.float32, copy=False)
