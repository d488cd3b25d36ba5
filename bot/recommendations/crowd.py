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
BLOCK_SIZE = 2_048
"""Members multiplied at once, which bounds the memory of a dense block."""
LONG_LIST = 300
"""Ratings from which on a member's pairs are counted quicker in a dense block than one by one."""
MIRROR_BLOCK = 256
"""Rows and columns of a matrix that are mirrored at once."""
EASE_RIDGE = 300.0
MEMBER_DAMPING, FILM_DAMPING = 4.0, 5.0
"""Imaginary average ratings that pull a member's or a film's bias towards 0."""
BIAS_ROUNDS = 6
"""Rounds in which members' and films' biases are fitted in turn; more change no star by a hundredth."""
CROWD_DAMPING, FALLBACK_MEAN = 300.0, 3.5
"""Imaginary ratings that pull everybody's mean towards what people give on average, and their stars."""
POOL_SIZE = 8_000
"""Members among whom neighbours are looked for: of more, the search would take longer and find no better ones."""
CORRELATION_DAMPING = np.float32(10.0)
LIFT_DAMPING = np.float32(5.0)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Statistics over N members and the M films of a Content, F of which are the core (the most rated).

    Means are in stars. `member_means` are what each member would give to a film of middling quality;
    `rater_counts` and `like_counts` are of length M; `quality` (M) is the damped mean of stars above each rater's
    own mean. `residuals_by_film` (M x N) holds stars minus the member's mean, `likes` (N x M) ones. `core_rows`
    (F) are the core's film rows and `core_index` (M) is each film's place in the core, -1 outside.

    `pool` are the P members among whom neighbours are looked for, `pool_index` (N) each member's place among them,
    -1 outside, and `pool_residuals` (M x P), `pool_likes` (P x M) and `pool_likers`, the same by film, are theirs.

    All that follows is F x F, with zeros on the diagonal: `co_liked` counts members who liked both;
    `residual_correlation` is the damped correlation of the stars that members' means and quality leave;
    `ease_liked` and `ease_seen` are EASE's weights; `lift_seen` is the logarithm of how much likelier seeing the
    row's film makes seeing the column's.
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
    pool: Ints
    pool_index: Ints
    pool_residuals: sparse.csr_matrix
    pool_likes: sparse.csr_matrix
    pool_likers: sparse.csr_matrix
    core_rows: Ints
    core_index: Ints
    co_liked: Matrix
    residual_correlation: Matrix
    ease_liked: Matrix
    ease_seen: Matrix
    lift_seen: Matrix

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
    rater_counts = np.bincount(film_rows, minlength=film_count).astype(np.float64)
    quality = np.zeros(film_count)
    member_means = np.full(member_count, mean)
    for _ in range(BIAS_ROUNDS):
        left = np.bincount(member_rows, stars - mean - quality[film_rows], member_count)
        member_means = mean + left / (ratings_per_member + MEMBER_DAMPING)
        left = np.bincount(film_rows, stars - member_means[member_rows], film_count)
        quality = left / (rater_counts + FILM_DAMPING)
    residuals = stars - member_means[member_rows]
    is_liked = stars >= LIKED_STARS
    by_popularity = np.argsort(-rater_counts, kind="stable")[:CORE_SIZE]
    core_rows = np.sort(by_popularity[rater_counts[by_popularity] > 0])
    core_index = np.full(film_count, -1, dtype=np.int64)
    core_index[core_rows] = np.arange(len(core_rows))

    shape = (member_count, film_count)
    seen = sparse.csr_matrix((np.ones(len(stars), np.float32), (member_rows, film_rows)), shape=shape)
    likes = sparse.csr_matrix(
        (np.ones(int(is_liked.sum()), np.float32), (member_rows[is_liked], film_rows[is_liked])), shape=shape
    )
    by_member = sparse.csr_matrix((residuals, (member_rows, film_rows)), shape=shape)
    unexplained = sparse.csr_matrix(
        ((residuals - quality[film_rows]).astype(np.float32), (member_rows, film_rows)), shape=shape
    )
    # Members evenly spread over all, so that the pool is as varied as they are.
    pool = np.arange(member_count, dtype=np.int64)
    if member_count > POOL_SIZE:
        pool = np.linspace(0, member_count - 1, POOL_SIZE).astype(np.int64)
    pool_index = np.full(member_count, -1, dtype=np.int64)
    pool_index[pool] = np.arange(len(pool))

    seen_in_core, likes_in_core = seen[:, core_rows], likes[:, core_rows]
    correlation = count_pairs(unexplained[:, core_rows])
    spread = np.sqrt(np.diag(correlation))
    correlation /= np.outer(spread, spread) + CORRELATION_DAMPING
    np.fill_diagonal(correlation, 0.0)
    co_seen, co_liked = count_pairs(seen_in_core), count_pairs(likes_in_core)
    ease_seen, ease_liked = _solve_ease(seen_in_core, co_seen), _solve_ease(likes_in_core, co_liked)
    seen_count = np.diag(co_seen).copy()
    np.fill_diagonal(co_seen, 0.0)
    np.fill_diagonal(co_liked, 0.0)
    return Crowd(
        member_keys=tuple(member_keys),
        mean_stars=mean,
        member_means=member_means,
        ratings_per_member=ratings_per_member,
        rater_counts=rater_counts,
        like_counts=np.bincount(film_rows[is_liked], minlength=film_count).astype(np.float64),
        quality=quality,
        residuals_by_film=by_member.T.tocsr(),
        likes=likes,
        pool=pool,
        pool_index=pool_index,
        pool_residuals=by_member[pool].T.tocsr().astype(np.float32),
        pool_likes=likes[pool],
        pool_likers=likes[pool].T.tocsr(),
        core_rows=core_rows,
        core_index=core_index,
        co_liked=co_liked,
        residual_correlation=correlation,
        ease_liked=ease_liked,
        ease_seen=ease_seen,
        lift_seen=_log_lift(co_seen, seen_count, (seen_count + 0.5) / (member_count + 1)),
    )


def _solve_ease(members: sparse.csr_matrix, counts: Matrix) -> Matrix:
    """Return EASE's weights, by whichever closed form is smaller, from members x core films and their pairs."""
    if members.shape[0] <= members.shape[1]:
        return ease_by_members(members.toarray(), EASE_RIDGE)
    return ease_by_films(counts, EASE_RIDGE)


def count_pairs(members: sparse.csr_matrix) -> Matrix:
    """Return X'X of members x F films: what two films' columns share, summed over the members.

    Short lists are multiplied entry by entry, long ones in dense blocks, each where it is quicker.
    """
    is_long = np.diff(members.indptr) > LONG_LIST
    short, long = members[~is_long], members[is_long]
    counts: Matrix = (short.T @ short).toarray().astype(np.float32, copy=False)
    for start in range(0, long.shape[0], BLOCK_SIZE):
        dense = long[start : start + BLOCK_SIZE].toarray()
        counts += dense.T @ dense
    # Rows are read quicker where they are stored one after another; a symmetric matrix is its own transpose.
    return counts if counts.flags.c_contiguous else counts.T


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
    # Imported here: it adds a tenth of a second to the start, and only large rating sets need it.
    from scipy.linalg import lapack

    inverse = gram.copy()
    inverse[np.diag_indices(len(gram))] += ridge
    # By Cholesky's factors, in place, a third of the work of inverting any matrix. LAPACK reads columns first: its
    # lower triangle is the upper one of these rows.
    factor, failed = lapack.spotrf(inverse.T, lower=True, overwrite_a=True)
    if failed:
        raise np.linalg.LinAlgError("the films' pairs are not positive definite")
    lower, _ = lapack.spotri(factor, lower=True, overwrite_c=True)
    weights: Matrix = lower.T
    _mirror_upper(weights)
    weights /= -np.diag(weights)[None, :].copy()
    np.fill_diagonal(weights, 0.0)
    return weights


def _mirror_upper(matrix: Matrix) -> None:
    """Copy what is above the diagonal of a square matrix below it, in blocks that fit into a processor's cache."""
    size = len(matrix)
    for row in range(0, size, MIRROR_BLOCK):
        rows = slice(row, row + MIRROR_BLOCK)
        matrix[rows, rows] = np.triu(matrix[rows, rows]) + np.triu(matrix[rows, rows], 1).T
        for column in range(row + MIRROR_BLOCK, size, MIRROR_BLOCK):
            columns = slice(column, column + MIRROR_BLOCK)
            matrix[columns, rows] = matrix[rows, columns].T


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
