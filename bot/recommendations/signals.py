"""Signals: what speaks for each film for one member.

docs/recommendations.md has each signal's formula and source; `weights.py` has how much each counts.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.recommendations.crowd import LIKED_STARS, Crowd
from bot.recommendations.facts import Content, Floats, Ints, entries_of

COMMON_SIGNALS = ("fame", "liked", "quality")
"""What is the same for every member."""
TASTE_SIGNALS = ("fame_taste", "era")
"""What the member's films have in common: how famous they are, and of when."""
PAIR_SIGNALS = ("co_liked", "lift_seen", "ease_liked", "ease_seen")
"""Sums over the member's ratings of something that the crowd knows of two films."""
CONTENT_SIGNALS = ("genres", "genres_taste", "directors", "cast")
"""Sums over the member's ratings of two films' cosines; `_taste` weighs them by stars above the member's mean."""
NEIGHBOUR_SIGNALS = ("agreeing_neighbours", "likeliest_neighbours", "shared_likes")
"""What members liked whose films or stars resemble the member's."""
SIGNALS = COMMON_SIGNALS + TASTE_SIGNALS + PAIR_SIGNALS + CONTENT_SIGNALS + NEIGHBOUR_SIGNALS
SIGNAL_ROW = {name: row for row, name in enumerate(SIGNALS)}
SCALED_SIGNALS = ("co_liked", "ease_liked", "ease_seen", *CONTENT_SIGNALS, "shared_likes")
"""Signals of no unit of their own, which are divided by their spread over the films."""
NEIGHBOUR_ROWS = [SIGNAL_ROW[name] for name in NEIGHBOUR_SIGNALS]
SCALED_ROWS = np.array([SIGNAL_ROW[name] for name in SCALED_SIGNALS])

MAX_RATINGS = 300
"""Ratings of one member that are read: those furthest from the member's mean."""
MAX_NEIGHBOURS = 500
OWN_DAMPING = 4.0
"""Imaginary ratings of a film of middling quality by the crowd's mean that pull the member's mean towards it."""
MIN_SPREAD = 1e-6
"""A signal that varies less over the films says nothing."""
REFERENCE_FILMS = 1_000
"""The best-known films, over which spreads are measured, so that the size of the catalogue changes nothing."""
FAME_RATINGS = 200.0
"""Ratings that the catalogue's fame counts as where the crowd's dates are looked at."""
RECENT_SHARE = 0.9
"""The share of the crowd's ratings that are of films up to the year from which ages are counted."""
FAME_DAMPING = 1.0
"""Ratings of films as famous as those of the crowd's ratings that are added to the member's."""
ERA_WIDTH = 10.0
"""Years by which the kernel that smooths dates falls to 1/e."""
MAX_ERA_RATIO = 2.5
"""How much likelier the member's dates may make a year at most: a year that is rare in the crowd says little."""
ERA_SHARE, ERA_DAMPING = 0.7, 10.0
"""How far many ratings, and how far few, may move the dates from the crowd's to the member's."""
COSINE_DAMPING = 20.0
"""Likes added to each film's in the cosine of who liked two films."""
NEIGHBOUR_DAMPING = 5.0
"""Members whose likes are as everybody's that are added to the neighbours."""

Table = NDArray[np.float32]
"""SIGNALS x films."""


@dataclass(frozen=True, slots=True)
class TasteProfile:
    """One member's n ratings as film rows of a Content, and the crowd's row of the member (-1 for none).

    `mean_stars` is what the member would give to a film of middling quality, damped; `residuals` are stars minus
    it. `leaning` is stars above the middle of that mean and the crowd's, so that somebody who gives nothing but
    fives likes all of it. `preference` (-1.5 to 2.5) and `engagement` (-1 to 1) are how much a rating speaks for
    films that are liked, or seen, with it: low stars speak against them. `dismissed_rows` are films answered with
    "not for me" and not rated.
    """

    rows: Ints
    stars: Floats
    residuals: Floats
    leaning: Floats
    preference: Floats
    engagement: Floats
    mean_stars: float
    dismissed_rows: Ints
    crowd_row: int = -1

    def __len__(self) -> int:
        return len(self.rows)


def build_taste_profile(
    ratings: Mapping[str, float],
    content: Content,
    crowd: Crowd,
    dismissed: Collection[str] = (),
    crowd_row: int = -1,
) -> TasteProfile:
    """Return the profile of stars (0.5 to 5) by film id; films that `content` does not hold are left out."""
    row_of = content.row_of
    rated = [(row_of[film_id], stars) for film_id, stars in ratings.items() if film_id in row_of]
    above = sum(stars - crowd.mean_stars - crowd.quality[row] for row, stars in rated)
    mean = crowd.mean_stars + above / (len(rated) + OWN_DAMPING)
    rated = sorted(rated, key=lambda entry: (-abs(entry[1] - mean), entry[0]))[:MAX_RATINGS]
    stars = np.array([value for _, value in rated], dtype=np.float64)
    dismissed_rows = sorted(
        {row_of[film_id] for film_id in dismissed if film_id in row_of and film_id not in ratings}
    )
    return _describe_profile(
        np.array([row for row, _ in rated], dtype=np.int64),
        stars,
        mean,
        crowd,
        np.array(dismissed_rows, dtype=np.int64),
        crowd_row,
    )


def without_rating(profile: TasteProfile, at: int, crowd: Crowd) -> TasteProfile:
    """Return the profile as it would be without the rating at that place."""
    rows, stars = np.delete(profile.rows, at), np.delete(profile.stars, at)
    above = float((stars - crowd.mean_stars - crowd.quality[rows]).sum())
    mean = crowd.mean_stars + above / (len(rows) + OWN_DAMPING)
    return _describe_profile(rows, stars, mean, crowd, profile.dismissed_rows, profile.crowd_row)


def _describe_profile(
    rows: Ints, stars: Floats, mean: float, crowd: Crowd, dismissed_rows: Ints, crowd_row: int
) -> TasteProfile:
    leaning = stars - (mean + crowd.mean_stars) / 2
    return TasteProfile(
        rows=rows,
        stars=stars,
        residuals=stars - mean,
        leaning=leaning,
        preference=np.clip(leaning + 1.0, -1.5, 2.5),
        engagement=np.clip((leaning + 1.0) / 0.75, -1.0, 1.0),
        mean_stars=mean,
        dismissed_rows=dismissed_rows,
        crowd_row=crowd_row,
    )


@dataclass(frozen=True, slots=True)
class SignalInputs:
    """What the signals of every member start from.

    `common_signals` (COMMON_SIGNALS x films) are the same for everybody; `reference_rows` are the films over
    which spreads are measured. `relative_fame` (M) is log fame above that of the mean reference film,
    `mean_relative_fame` that of the mean rating. `year_kernel` (years x years) smooths shares of the distinct
    years, and `year_density` is how common each is among the crowd's ratings, smoothed. `newest_year` is that up
    to which RECENT_SHARE of the crowd's ratings are.
    """

    content: Content
    crowd: Crowd
    common_signals: Table
    reference_rows: Ints
    relative_fame: Floats
    mean_relative_fame: float
    year_kernel: Floats
    year_density: Floats
    newest_year: float


def build_signal_inputs(content: Content, crowd: Crowd) -> SignalInputs:
    """Return what the signals of every member start from."""
    known_by = content.fame + crowd.rater_counts
    reference_rows = np.arange(len(known_by), dtype=np.int64)
    if len(known_by) > REFERENCE_FILMS:
        reference_rows = np.sort(np.argpartition(-known_by, REFERENCE_FILMS)[:REFERENCE_FILMS]).astype(np.int64)

    def relative(counts: Floats) -> Floats:
        """Return log(1 + counts) above that of the mean reference film."""
        typical = counts[reference_rows].mean() if len(reference_rows) else 0.0
        return np.asarray(np.log1p(counts) - np.log1p(typical))

    # Dates are the crowd's: of its ratings, and of the catalogue's famous films while there are few.
    share = content.fame / max(float(content.fame.sum()), 1e-9)
    ratings = crowd.rater_counts + FAME_RATINGS * share
    by_year = np.bincount(content.year_index, ratings, len(content.distinct_years))
    total = max(float(by_year.sum()), 1e-9)
    newest = 0.0
    if len(content):
        place = min(int(np.searchsorted(by_year.cumsum(), RECENT_SHARE * total)), len(by_year) - 1)
        newest = float(content.distinct_years[place])
    years = content.distinct_years
    year_kernel = np.exp(-np.abs(years[:, None] - years) / ERA_WIDTH)
    relative_fame = relative(content.fame)
    common = {
        "fame": relative_fame, "liked": relative(crowd.like_counts), "quality": crowd.quality,
    }  # fmt: skip
    return SignalInputs(
        content=content,
        crowd=crowd,
        common_signals=np.array([common[name] for name in COMMON_SIGNALS], dtype=np.float32),
        reference_rows=reference_rows,
        relative_fame=relative_fame,
        mean_relative_fame=float(ratings @ relative_fame) / total,
        year_kernel=year_kernel,
        year_density=year_kernel @ (by_year / total),
        newest_year=newest,
    )


@dataclass(frozen=True, slots=True)
class Signals:
    """One member's signals: `values` (SIGNALS x films) and what each row was divided by, 0 where it is silent."""

    values: Table
    spread: Floats


def compute_signals(
    profile: TasteProfile, inputs: SignalInputs, low: Floats | None = None, high: Floats | None = None
) -> Signals:
    """Return every signal for every film; without ratings the signals that need them are 0.

    Each is clipped to `low` and `high`, the range that its weight was learnt on.
    """
    content, crowd = inputs.content, inputs.crowd
    table = np.zeros((len(SIGNALS), len(content)), np.float32)
    table[: len(COMMON_SIGNALS)] = inputs.common_signals
    if len(profile):
        table[SIGNAL_ROW["fame_taste"]] = inputs.relative_fame * _compute_mean_fame(profile, inputs)
        table[SIGNAL_ROW["era"]] = _compute_era(profile, inputs)[content.year_index]
        for field in ("genres", "directors", "cast"):
            names = [name for name in (field, f"{field}_taste") if name in CONTENT_SIGNALS]
            weights = np.array([content_signal_weights(name, profile) for name in names])
            for name, sums in zip(names, content.similarity_sums(field, profile.rows, weights), strict=True):
                table[SIGNAL_ROW[name]] = sums
        if len(crowd.core_rows):
            core_index = crowd.core_index[profile.rows]
            in_core = core_index >= 0
            # As a sparse row, so that the pairs' rows are read where they are and not copied first.
            row = sparse.csr_matrix(
                (np.ones(in_core.sum(), np.float32), core_index[in_core], [0, in_core.sum()]),
                shape=(1, len(crowd.core_rows)),
            )
            scales = _pair_scales(crowd, crowd.core_rows)
            for name, weights in pair_weights(profile, crowd).items():
                row.data = weights[in_core].astype(np.float32)
                table[SIGNAL_ROW[name], crowd.core_rows] = (row @ getattr(crowd, name))[0] * scales.get(name, 1.0)
            table[NEIGHBOUR_ROWS] = _compute_neighbours(profile, crowd)

    # Make scaled signals comparable: divide each by its spread over the reference films.
    spread = np.ones(len(SIGNALS))
    if len(inputs.reference_rows):
        spread[SCALED_ROWS] = table[SCALED_ROWS[:, None], inputs.reference_rows].std(axis=1)
        spread[spread < MIN_SPREAD] = 0.0
        scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
        for row in SCALED_ROWS:
            table[row] *= np.float32(scale[row])
    if low is not None and high is not None:
        np.clip(table, low[:, None].astype(np.float32), high[:, None].astype(np.float32), out=table)
    return Signals(table, spread)


@dataclass(frozen=True, slots=True)
class SignalParts:
    """What the signals of F films are computed from, gathered once to be summed again without one of n ratings.

    `films` are the films' rows, `cosines` (by field) and `pairs` (by pair signal) F x n. `pool_ratings` are the
    pool's ratings of the member's films; each of `likers`, in the pool, liked the film at that place of `liked`.
    """

    films: Ints
    cosines: dict[str, Floats]
    pairs: dict[str, Floats]
    pool_ratings: "PoolRatings"
    liked: Ints
    likers: Ints

    def without(self, at: int) -> "SignalParts":
        """Return the parts as they would be without the member's rating at that place."""
        return replace(
            self,
            cosines={field: np.delete(each, at, axis=1) for field, each in self.cosines.items()},
            pairs={name: np.delete(each, at, axis=1) for name, each in self.pairs.items()},
            pool_ratings=self.pool_ratings.without(at),
        )


def gather_signal_parts(films: Ints, profile: TasteProfile, inputs: SignalInputs) -> SignalParts:
    """Return what the signals of the films of those rows are computed from."""
    content, crowd = inputs.content, inputs.crowd
    fields = sorted({name.removesuffix("_taste") for name in CONTENT_SIGNALS})
    liked, entry = entries_of(crowd.pool_likers, films)
    return SignalParts(
        films=films,
        cosines={field: content.cosines(field, profile.rows, films) for field in fields},
        pairs=gather_pairs(crowd, profile.rows, films),
        pool_ratings=_find_pool_ratings(profile, crowd),
        liked=liked,
        likers=crowd.pool_likers.indices[entry].astype(np.intp),
    )


def compute_signals_of(
    parts: SignalParts, profile: TasteProfile, inputs: SignalInputs, *, spread: Floats, low: Floats, high: Floats
) -> Floats:
    """Return the signals of a few films alone: SIGNALS x films, as `compute_signals` would.

    `spread` is what each signal is divided by.
    """
    crowd, films = inputs.crowd, parts.films
    table = np.zeros((len(SIGNALS), len(films)))
    table[: len(COMMON_SIGNALS)] = inputs.common_signals[:, films]
    if len(profile):
        table[SIGNAL_ROW["fame_taste"]] = inputs.relative_fame[films] * _compute_mean_fame(profile, inputs)
        table[SIGNAL_ROW["era"]] = _compute_era(profile, inputs)[inputs.content.year_index[films]]
        for name in CONTENT_SIGNALS:
            weights = content_signal_weights(name, profile)
            table[SIGNAL_ROW[name]] = parts.cosines[name.removesuffix("_taste")] @ weights
        for name, weights in pair_weights(profile, crowd).items():
            table[SIGNAL_ROW[name]] = parts.pairs[name] @ weights
        if len(parts.pool_ratings.members):
            near = _weigh_neighbours(profile, crowd, parts.pool_ratings)
            place = _places(near.members, len(crowd.pool))[parts.likers]
            is_near = place >= 0
            liked, likers = parts.liked[is_near], place[is_near]
            sums = np.array([np.bincount(liked, each[likers], len(films)) for each in near.weights])
            table[NEIGHBOUR_ROWS] = _signals_of_likes(sums, near, crowd.like_counts[films], len(crowd))
        table *= np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)[:, None]
    return np.clip(table, low[:, None], high[:, None])


def _compute_mean_fame(profile: TasteProfile, inputs: SignalInputs) -> float:
    """Return how much more famous the films that the member likes are than the crowd's ratings', damped."""
    liking = np.maximum(profile.engagement, 0.0)
    own_fame = inputs.relative_fame[profile.rows] - inputs.mean_relative_fame
    return float(liking @ own_fame) / (float(liking.sum()) + FAME_DAMPING)


def _compute_era(profile: TasteProfile, inputs: SignalInputs) -> Floats:
    """Return for each distinct year log of how much more of the member's ratings than of the crowd's are near it.

    A part of the member's dates stays the crowd's, so that the signal is bounded below.
    """
    content = inputs.content
    liking = np.maximum(profile.engagement, 0.0)
    if not liking.any():
        return np.zeros(len(content.distinct_years))
    own = np.bincount(content.year_index[profile.rows], liking / liking.sum(), len(content.distinct_years))
    density = inputs.year_kernel @ own
    share = ERA_SHARE * liking.sum() / (liking.sum() + ERA_DAMPING)
    likelier = np.minimum(density / np.maximum(inputs.year_density, 1e-9), MAX_ERA_RATIO)
    return np.asarray(np.log(1 - share + share * likelier))


def content_signal_weights(name: str, profile: TasteProfile) -> Floats:
    """Return how much each of the member's ratings counts in one of CONTENT_SIGNALS."""
    weights = profile.residuals if name.endswith("_taste") else profile.engagement
    return np.asarray(weights / np.sqrt(len(profile)))


def pair_weights(profile: TasteProfile, crowd: Crowd) -> dict[str, Floats]:
    """Return by pair signal how much each of the member's n ratings counts."""
    own_likes = crowd.like_counts[profile.rows]
    return {
        "co_liked": profile.preference / np.sqrt(own_likes + COSINE_DAMPING),
        "lift_seen": profile.engagement / np.sqrt(len(profile)),
        "ease_liked": profile.preference,
        "ease_seen": profile.engagement,
    }


def _pair_scales(crowd: Crowd, films: Ints) -> dict[str, Floats]:
    """Return by pair signal what each film's sum is multiplied by, where it is anything."""
    return {"co_liked": 1 / np.sqrt(crowd.like_counts[films] + COSINE_DAMPING)}


def gather_pairs(crowd: Crowd, rated: Ints, films: Ints) -> dict[str, Floats]:
    """Return by pair signal what it sums for each film and rating, but for the rating's weight: films x ratings.

    `rated` and `films` are film rows; pairs outside the core are 0.
    """
    film_index, rated_index = crowd.core_index[films], crowd.core_index[rated]
    film_in_core, rated_in_core = np.flatnonzero(film_index >= 0), np.flatnonzero(rated_index >= 0)
    at = np.ix_(rated_index[rated_in_core], film_index[film_in_core])
    scales = _pair_scales(crowd, films)
    gathered = {}
    for name in PAIR_SIGNALS:
        pairs = np.zeros((len(films), len(rated)))
        pairs[np.ix_(film_in_core, rated_in_core)] = getattr(crowd, name)[at].T
        gathered[name] = pairs * scales[name][:, None] if name in scales else pairs
    return gathered


@dataclass(frozen=True, slots=True)
class PoolRatings:
    """What the pool's members gave to the films of a profile, an entry for each rating.

    `rated` is the film's place in the profile, `members` the rater's in the pool, `residuals` stars minus the
    rater's mean.
    """

    rated: Ints
    members: Ints
    residuals: Table

    def where(self, is_chosen: NDArray[np.bool_]) -> "PoolRatings":
        """Return the chosen entries."""
        return PoolRatings(self.rated[is_chosen], self.members[is_chosen], self.residuals[is_chosen])

    def without(self, at: int) -> "PoolRatings":
        """Return the entries as they would be if the profile did not have the film at that place."""
        others = self.where(self.rated != at)
        return replace(others, rated=others.rated - (others.rated > at))


def _find_pool_ratings(profile: TasteProfile, crowd: Crowd) -> PoolRatings:
    """Return the pool's ratings of the profile's films, but for the member's own."""
    rated, entry = entries_of(crowd.pool_residuals, profile.rows)
    # Whole numbers as bincount takes them, so that none of its calls converts them again.
    members = crowd.pool_residuals.indices[entry].astype(np.intp)
    found = PoolRatings(rated, members, crowd.pool_residuals.data[entry])
    if profile.crowd_row >= 0:  # nobody is their own neighbour
        found = found.where(members != crowd.pool_index[profile.crowd_row])
    return found


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The K nearest members, as places in the pool in ascending order, and NEIGHBOUR_SIGNALS x K weights."""

    members: Ints
    weights: Floats


def _places(rows: Ints, count: int) -> Ints:
    """Return for each of `count` rows its place among `rows`, -1 for those that are not."""
    places = np.full(count, -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    return places


def _weigh_neighbours(profile: TasteProfile, crowd: Crowd, ratings: PoolRatings) -> Neighbours:
    """Return the neighbours, of whom each signal's weights add up to 1 but for those of shared likes."""
    count, everybody = len(crowd.pool), len(crowd)
    rarity = np.log((everybody + 1) / (crowd.rater_counts[profile.rows] + 1)) + 0.3
    length = np.sqrt(crowd.ratings_per_member[crowd.pool] + 20)
    shared = np.bincount(ratings.members, rarity[ratings.rated], count) / length
    near = np.arange(count, dtype=np.int64)
    if count > MAX_NEIGHBOURS:
        near = np.sort(np.argpartition(-shared, MAX_NEIGHBOURS)[:MAX_NEIGHBOURS]).astype(np.int64)
        place = _places(near, count)[ratings.members]
        ratings = replace(ratings, members=place).where(place >= 0)
    rated, members, residuals = ratings.rated, ratings.members, ratings.residuals
    star_match = np.exp(np.float32(-0.5) * (residuals - profile.leaning.astype(np.float32)[rated]) ** 2)
    agreement = np.bincount(members, rarity[rated] * star_match, len(near)) / length[near]
    rows = crowd.pool[near]
    stars = residuals + crowd.member_means[rows][members]
    likes_it = stars > LIKED_STARS - 0.25  # stars are halves, and residuals are rounded
    shared_likes = np.maximum(np.bincount(members, profile.preference[rated] * likes_it, len(near)), 0)
    shared_likes /= np.sqrt(np.diff(crowd.pool_likes.indptr)[near] + 10)
    likelihood = _list_likelihood(profile, crowd, rows, ratings, star_match)
    weights = np.array(
        [
            agreement * agreement * agreement, likelihood, shared_likes * np.sqrt(shared_likes),
        ]
    )  # fmt: skip
    weights[:2] /= np.maximum(weights[:2].sum(axis=1, keepdims=True), 1e-12)
    return Neighbours(near, weights)


def _compute_neighbours(profile: TasteProfile, crowd: Crowd) -> Table:
    """Return NEIGHBOUR_SIGNALS x all M films: what similar members liked.

    The first two are log of how much likelier they like a film than everybody does.
    """
    values = np.zeros((len(NEIGHBOUR_SIGNALS), len(crowd.rater_counts)), np.float32)
    ratings = _find_pool_ratings(profile, crowd)
    if not len(ratings.members):
        return values
    near = _weigh_neighbours(profile, crowd, ratings)
    liker, entry = entries_of(crowd.pool_likes, near.members)
    liked = crowd.pool_likes.indices[entry]
    is_found = np.zeros(values.shape[1], dtype=bool)
    is_found[liked] = True
    found = np.flatnonzero(is_found)
    place = np.empty(values.shape[1], dtype=np.intp)
    place[found] = np.arange(len(found))
    liked = place[liked]
    sums = np.array([np.bincount(liked, each[liker], len(found)) for each in near.weights])
    # All films that none of them likes have the same values.
    values[:] = _signals_of_likes(np.zeros((len(sums), 1)), near, np.zeros(1), len(crowd))
    values[:, found] = _signals_of_likes(sums, near, crowd.like_counts[found], len(crowd))
    return values


def _signals_of_likes(sums: Floats, near: Neighbours, like_counts: Floats, everybody: int) -> Floats:
    """Return NEIGHBOUR_SIGNALS x F from the weights of the neighbours who like each of F films, added up."""
    values = np.zeros(sums.shape)
    base = (like_counts + 1) / (everybody + 2)
    for row in range(2):
        if near.weights[row].any():
            # The weighted share counts as many members as Kish's effective sample size.
            size = 1 / float((near.weights[row] ** 2).sum())
            values[row] = np.log((sums[row] * size / base + NEIGHBOUR_DAMPING) / (size + NEIGHBOUR_DAMPING))
    values[2] = sums[2]
    return values


def _list_likelihood(
    profile: TasteProfile, crowd: Crowd, near: Ints, ratings: PoolRatings, star_match: Floats
) -> Floats:
    """Return for each neighbour how likely their list, smoothed with everybody's, yields the profile.

    The largest is 1. As in query likelihood (Zhai, Lafferty: A study of smoothing methods for language models,
    SIGIR 2001). `near` are the neighbours' rows in the crowd, the members of `ratings` places among them, and
    `star_match` has how well each rating's stars agree with the profile's.
    """
    total = float(crowd.rater_counts.sum())
    common = 0.5 * (crowd.rater_counts[profile.rows] + 1) / (total + len(crowd.rater_counts))
    lengths = (crowd.ratings_per_member[near] + 20).astype(np.float32)
    rarity = (0.5 / 1.2 / common).astype(np.float32)
    gain = np.log(1 + (star_match + np.float32(0.2)) / lengths[ratings.members] * rarity[ratings.rated])
    score = np.bincount(ratings.members, gain, len(near))
    likelihood = np.exp(score - score.max())
    likelihood[near == profile.crowd_row] = 0.0
    return np.asarray(likelihood)
