"""Signals: what speaks for each film for one member, and how much each signal counts.

docs/recommendations.md has each signal's formula and source.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.recommendations.crowd import LIKED_STARS, Crowd
from bot.recommendations.facts import Content, Floats, Ints

UNSCALED_SIGNALS = (
    "fame", "fame_squared", "fame_taste", "seen", "liked", "quality",
    "year", "year_squared", "year_fame", "era", "era_distance", "era_newer",
)  # fmt: skip
"""Signals that are not divided by their spread over the films."""
PAIR_SIGNALS = ("co_liked", "co_seen", "lift_liked", "lift_seen", "lift_seen_liked", "ease_liked", "ease_seen")
"""Sums over the member's ratings of something that the crowd knows of two films."""
CONTENT_SIGNALS = (
    "genres", "directors", "cast", "languages", "genres_taste", "directors_taste", "cast_taste",
)  # fmt: skip
"""Sums over the member's ratings of two films' cosines; `_taste` weighs them by stars above the member's mean."""
NEIGHBOUR_SIGNALS = (
    "neighbours", "close_neighbours", "agreeing_neighbours", "likeliest_neighbours", "overlap", "shared_likes",
)  # fmt: skip
"""What members liked whose films or stars resemble the member's."""
SIGNALS = UNSCALED_SIGNALS + PAIR_SIGNALS + CONTENT_SIGNALS + NEIGHBOUR_SIGNALS
SIGNAL_ROW = {name: row for row, name in enumerate(SIGNALS)}
UNSCALED_COUNT = len(UNSCALED_SIGNALS)

MAX_RATINGS = 300
"""Ratings of one member that are read: those furthest from the member's mean."""
MAX_NEIGHBOURS = 600
MEAN_DAMPING = 3.0
"""Imaginary ratings of the crowd's mean that pull the member's mean towards it."""
MIN_SPREAD = 1e-6
"""A signal that varies less over the films says nothing."""
REFERENCE_FILMS = 1_000
"""The best-known films, over which spreads are measured, so that the size of the catalogue changes nothing."""

Table = NDArray[np.float32]
"""SIGNALS x films."""


@dataclass(frozen=True, slots=True)
class TasteProfile:
    """One member's n ratings as film rows of a Content, and the crowd's row of the member (-1 for none).

    `residuals` are stars minus `mean_stars`, the member's damped mean; `preference` is how much a rating speaks
    for similar films, -1 to 2.5; `dismissed_rows` are films answered with "not for me" and not rated.
    """

    rows: Ints
    stars: Floats
    residuals: Floats
    preference: Floats
    mean_stars: float
    dismissed_rows: Ints
    crowd_row: int = -1

    def __len__(self) -> int:
        return len(self.rows)


def build_taste_profile(
    ratings: Mapping[str, float],
    content: Content,
    crowd_mean: float,
    dismissed: Collection[str] = (),
    crowd_row: int = -1,
) -> TasteProfile:
    """Return the profile of stars (0.5 to 5) by film id; films that `content` does not hold are left out."""
    row_of = content.row_of
    rated = [(row_of[film_id], stars) for film_id, stars in ratings.items() if film_id in row_of]
    mean = (sum(stars for _, stars in rated) + MEAN_DAMPING * crowd_mean) / (len(rated) + MEAN_DAMPING)
    rated = sorted(rated, key=lambda entry: (-abs(entry[1] - mean), entry[0]))[:MAX_RATINGS]
    stars = np.array([value for _, value in rated], dtype=np.float64)
    dismissed_rows = sorted(
        {row_of[film_id] for film_id in dismissed if film_id in row_of and film_id not in ratings}
    )
    return TasteProfile(
        rows=np.array([row for row, _ in rated], dtype=np.int64),
        stars=stars,
        residuals=stars - mean,
        preference=np.clip(stars - 2.5, -1.0, 2.5),
        mean_stars=mean,
        dismissed_rows=np.array(dismissed_rows, dtype=np.int64),
        crowd_row=crowd_row,
    )


@dataclass(frozen=True, slots=True)
class SignalInputs:
    """What the signals of every member start from.

    `common_signals` (UNSCALED_SIGNALS x films) are the same for everybody; `reference_rows` are the films over
    which spreads are measured.
    """

    content: Content
    crowd: Crowd
    common_signals: Table
    reference_rows: Ints


def build_signal_inputs(content: Content, crowd: Crowd) -> SignalInputs:
    """Return what the signals of every member start from."""
    fame, year = content.log_fame, (content.year - 1990) / 20
    common = {
        "fame": fame, "fame_squared": fame**2 / 5, "seen": np.log1p(crowd.rater_counts),
        "liked": np.log1p(crowd.like_counts), "quality": crowd.quality, "year": year, "year_squared": year**2,
        "year_fame": year * fame / 3,
    }  # fmt: skip
    zeros = np.zeros(len(content))
    table = np.array([common.get(name, zeros) for name in UNSCALED_SIGNALS], dtype=np.float32)
    known_by = content.fame + crowd.rater_counts
    reference_rows = np.arange(len(known_by), dtype=np.int64)
    if len(known_by) > REFERENCE_FILMS:
        reference_rows = np.sort(np.argpartition(-known_by, REFERENCE_FILMS)[:REFERENCE_FILMS]).astype(np.int64)
    return SignalInputs(content, crowd, table, reference_rows)


@dataclass(frozen=True, slots=True)
class Signals:
    """One member's signals: `values` (SIGNALS x films) and what each row was divided by, 0 where it is silent."""

    values: Table
    spread: Floats


def compute_signals(profile: TasteProfile, inputs: SignalInputs) -> Signals:
    """Return every signal for every film; without ratings the signals that need them are 0."""
    content, crowd = inputs.content, inputs.crowd
    table = np.zeros((len(SIGNALS), len(content)), np.float32)
    table[:UNSCALED_COUNT] = inputs.common_signals
    if len(profile):
        mean_log_fame = float(content.log_fame[profile.rows].mean())
        table[SIGNAL_ROW["fame_taste"]] = content.log_fame * (mean_log_fame - 4.0)
        _fill_eras(table, profile, content)
        for field in ("genres", "directors", "cast", "languages"):
            names = [name for name in (field, f"{field}_taste") if name in CONTENT_SIGNALS]
            weights = np.array([content_signal_weights(name, profile) for name in names])
            for name, sums in zip(names, content.similarity_sums(field, profile.rows, weights), strict=True):
                table[SIGNAL_ROW[name]] = sums
        if len(crowd.core_rows):
            own, factors = _pair_factors(profile, crowd)
            for name, each in factors.items():
                sums = each.weights.astype(np.float32) @ each.pairs[own]
                table[SIGNAL_ROW[name], crowd.core_rows] = sums * each.scale
            _fill_neighbours(table, profile, crowd)

    # Make scaled signals comparable: divide each by its spread over the reference films.
    spread = np.ones(len(SIGNALS))
    if len(inputs.reference_rows):
        spread[UNSCALED_COUNT:] = table[UNSCALED_COUNT:, inputs.reference_rows].std(axis=1)
        spread[spread < MIN_SPREAD] = 0.0
        scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
        table[UNSCALED_COUNT:] *= scale[UNSCALED_COUNT:, None].astype(np.float32)
    return Signals(table, spread)


def _fill_eras(table: Table, profile: TasteProfile, content: Content) -> None:
    """Fill in the years: a kernel density of the rated years, distance from their mean, years past the newest."""
    own, years = content.year[profile.rows], content.distinct_years
    density = np.exp(-np.abs(years[:, None] - own[None, :]) / 6).mean(axis=1)
    by_year = {
        "era": np.log(density + 0.02),
        "era_distance": -np.abs(years - own.mean()) / 10,
        "era_newer": np.maximum(0.0, years - own.max() - 1) / 10,
    }
    for name, values in by_year.items():
        np.take(values.astype(np.float32), content.year_index, out=table[SIGNAL_ROW[name]])


def content_signal_weights(name: str, profile: TasteProfile) -> Floats:
    """Return how much each of the member's ratings counts in one of CONTENT_SIGNALS."""
    weights = profile.residuals if name.endswith("_taste") else np.ones(len(profile))
    return np.asarray(weights / np.sqrt(len(profile)))


@dataclass(frozen=True, slots=True)
class PairFactors:
    """What a pair signal is computed from.

    That of film f is scale[f] * sum over ratings i of weights[i] * pairs[i, f]. `weights` are of the n ratings,
    `pairs` a value of each pair of core films (F x F), `scale` of each core film (F).
    """

    weights: Floats
    pairs: NDArray[np.float32]
    scale: Floats


def _pair_factors(profile: TasteProfile, crowd: Crowd) -> tuple[Ints, dict[str, PairFactors]]:
    """Return the n rated films' places in the core, and the factors of each of PAIR_SIGNALS."""
    core_index = crowd.core_index[profile.rows]
    in_core = core_index >= 0
    own = core_index[in_core]
    preference, fondness = profile.preference[in_core], np.clip((profile.stars[in_core] - 2.5) / 2, 0.0, 1.25)
    liked, seen = (1 / np.sqrt(count[crowd.core_rows] + 20) for count in (crowd.like_counts, crowd.rater_counts))
    no_scale, even = np.ones(len(crowd.core_rows)), np.ones(len(own))
    return own, {
        "co_liked": PairFactors(preference * liked[own], crowd.co_liked, liked),
        "co_seen": PairFactors(seen[own], crowd.co_seen, seen),
        "lift_liked": PairFactors(fondness, crowd.lift_liked, no_scale),
        "lift_seen": PairFactors(even, crowd.lift_seen, no_scale),
        "lift_seen_liked": PairFactors(even, crowd.lift_seen_liked, no_scale),
        "ease_liked": PairFactors(preference, crowd.ease_liked, no_scale),
        "ease_seen": PairFactors(even, crowd.ease_seen, no_scale),
    }


def pair_signal_terms(profile: TasteProfile, crowd: Crowd, core_films: Ints) -> dict[str, Floats]:
    """Return by pair signal the unscaled terms of its sum: core films x the member's ratings of core films.

    `core_films` are places in the core.
    """
    own, factors = _pair_factors(profile, crowd)
    films, ratings = core_films[:, None], own[None, :]
    return {
        name: each.weights * each.pairs[ratings, films] * each.scale[core_films][:, None]
        for name, each in factors.items()
    }


def _fill_neighbours(table: Table, profile: TasteProfile, crowd: Crowd) -> None:
    """Fill in what similar members liked: mostly log of how much likelier they like a film than everybody does."""
    raters = crowd.residuals_by_film[profile.rows]
    # One entry for each rating of one of the profile's films: its place in the profile, the rater, the residual.
    rated = np.repeat(np.arange(len(profile)), np.diff(raters.indptr))
    if not len(rated):
        return
    count, members = len(crowd), raters.indices
    is_other = members != profile.crowd_row  # nobody is their own neighbour
    rated, members, residuals = rated[is_other], members[is_other], raters.data[is_other]
    rarity = np.log((count + 1) / (crowd.rater_counts[profile.rows] + 1)) + 0.3
    star_match = np.exp(-0.5 * (residuals - profile.residuals[rated]) ** 2) + 0.3
    length = np.sqrt(crowd.ratings_per_member + 20)
    shared = np.bincount(members, rarity[rated], count) / length
    agreement = np.bincount(members, (rarity[rated] * star_match), count) / length
    overlap = np.bincount(members, minlength=count) / np.sqrt(crowd.ratings_per_member * len(profile) + 20)
    likes_it = residuals + crowd.member_means[members] >= LIKED_STARS
    shared_likes = np.maximum(np.bincount(members, profile.preference[rated] * likes_it, count), 0)
    likes_per_member = np.diff(crowd.likes.indptr)
    weights = np.array(
        [
            shared, shared**3, agreement**3, _list_likelihood(profile, crowd, rated, members, star_match), overlap,
            (shared_likes / np.sqrt(likes_per_member + 10)) ** 1.5,
        ]
    )  # fmt: skip
    neighbours = np.arange(count, dtype=np.int64)
    if count > MAX_NEIGHBOURS:
        neighbours = np.sort(np.argpartition(-shared, MAX_NEIGHBOURS)[:MAX_NEIGHBOURS]).astype(np.int64)
    weights = weights[:, neighbours]
    total = np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
    weights[:4] /= total[:4]
    films, sums = _sum_over_likers(neighbours, weights, crowd)
    base = (crowd.like_counts[films] + 1) / (count + 2)
    for row, name in enumerate(NEIGHBOUR_SIGNALS[:4]):
        if weights[row].any():
            # The weighted share counts as many members as Kish's effective sample size; it is damped by five.
            size = 1 / float((weights[row] ** 2).sum())
            table[SIGNAL_ROW[name]] = np.log(5 / (size + 5))
            table[SIGNAL_ROW[name], films] = np.log((sums[row] * size / base + 5) / (size + 5))
    table[SIGNAL_ROW["overlap"], films] = sums[4] / np.sqrt(crowd.like_counts[films] + 20)
    table[SIGNAL_ROW["shared_likes"], films] = sums[5]


def _sum_over_likers(members: Ints, weights: Floats, crowd: Crowd) -> tuple[Ints, Floats]:
    """Return the rows of the films that any of the members liked, and sums of their likers' weights: k x films.

    `weights` are k x members.
    """
    likes = crowd.likes[members]
    is_liked = np.zeros(likes.shape[1], dtype=bool)
    is_liked[likes.indices] = True
    films = np.flatnonzero(is_liked).astype(np.int64)
    place = np.empty(likes.shape[1], dtype=np.int32)
    place[films] = np.arange(len(films), dtype=np.int32)
    dense = sparse.csr_matrix((likes.data, place[likes.indices], likes.indptr), shape=(len(members), len(films)))
    return films, np.asarray(dense.T @ weights.T).T


def _list_likelihood(
    profile: TasteProfile, crowd: Crowd, rated: Ints, members: Ints, star_match: Floats
) -> Floats:
    """Return for each member of the crowd how likely their list, smoothed with everybody's, yields the profile.

    The largest is 1. As in query likelihood (Zhai, Lafferty: A study of smoothing methods for language models,
    SIGIR 2001). `rated`, `members` and `star_match` have an entry for each rating of a film of the profile.
    """
    total = float(crowd.rater_counts.sum())
    common = 0.5 * (crowd.rater_counts[profile.rows] + 1) / (total + len(crowd.rater_counts))
    gain = np.log1p(0.5 * star_match / 1.3 / (crowd.ratings_per_member[members] + 20) / common[rated])
    score = np.bincount(members, gain, len(crowd))
    likelihood = np.exp(score - score.max())
    if profile.crowd_row >= 0:
        likelihood[profile.crowd_row] = 0.0
    return np.asarray(likelihood)


@cache
def _weight_tables() -> tuple[Floats, Floats, Floats]:
    """Return the crowd sizes, the numbers of known ratings, and the learnt weights: sizes x ratings x SIGNALS."""
    stored: dict[str, Any] = json.loads(files(__package__).joinpath("weights.json").read_text(encoding="utf-8"))
    order = [stored["signals"].index(name) for name in SIGNALS]
    crowds = sorted({knot["crowd"] for knot in stored["knots"]})
    known = sorted({knot["known"] for knot in stored["knots"]})
    table = np.zeros((len(crowds), len(known), len(SIGNALS)))
    for knot in stored["knots"]:
        table[crowds.index(knot["crowd"]), known.index(knot["known"])] = np.array(knot["weights"])[order]
    return np.array(crowds, dtype=np.float64), np.array(known, dtype=np.float64), table


def signal_weights(rating_count: int, crowd_size: int) -> Floats:
    """Return the weight of each of SIGNALS for a member with so many ratings and a crowd of so many members.

    Between the learnt tables it is linear in the logarithms of both, beyond them the nearest table's.
    """
    crowds, known, table = _weight_tables()
    low, high, part = _interpolate(np.log1p(crowds), np.log1p(crowd_size))
    by_known = (1 - part) * table[low] + part * table[high]
    low, high, part = _interpolate(np.log1p(known), np.log1p(rating_count))
    return np.asarray((1 - part) * by_known[low] + part * by_known[high])


def _interpolate(knots: Floats, value: float) -> tuple[int, int, float]:
    """Return the knots below and above the value, and how far it is on the way between them, 0 to 1."""
    value = float(np.clip(value, knots[0], knots[-1]))
    high = int(np.clip(np.searchsorted(knots, value), 1, len(knots) - 1))
    return high - 1, high, float((value - knots[high - 1]) / (knots[high] - knots[high - 1]))
