"""Why a film is recommended, as plain data to be put into words. Each can be recomputed from the ratings."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bot.recommendations.crowd import LIKED_STARS, Crowd
from bot.recommendations.facts import Content, Floats, Ints
from bot.recommendations.signals import (
    CONTENT_SIGNALS,
    PAIR_SIGNALS,
    SIGNAL_ROW,
    Signals,
    TasteProfile,
    content_signal_weights,
    pair_signal_terms,
)

MAX_CITED_RATINGS = 2
MIN_RATERS = 3
"""Means and counts of fewer members are not shown: they would give single members away."""
MIN_CITED_STARS = 3.5
ENOUGH_REASONS = 6
"""With more reasons than that, no further film by the same director is looked for."""


@dataclass(frozen=True, slots=True)
class CitedRating:
    """A rating of the member's that speaks for the film: stars, and its share of all that does, 0 to 1."""

    film_id: str
    stars: float
    share: float


@dataclass(frozen=True, slots=True)
class BecauseYouRated:
    """The member's own ratings without which the film would rank lower, the strongest first."""

    ratings: tuple[CitedRating, ...]


@dataclass(frozen=True, slots=True)
class PeopleWhoLiked:
    """Of `likers` members who liked `film_id`, `liked_both` liked the recommended film too."""

    film_id: str
    liked_both: int
    likers: int


@dataclass(frozen=True, slots=True)
class ServerMean:
    """The mean stars that `raters` members of the member's own server gave."""

    stars: float
    raters: int


@dataclass(frozen=True, slots=True)
class SharedPeople:
    """People (ids) who made the recommended film and `film_id`; `job` is "directors" or "cast"."""

    job: str
    film_id: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SharedAttributes:
    """What the recommended film has in common with `film_id`; `field` is "genres", "languages" or "countries"."""

    field: str
    film_id: str
    values: tuple[str, ...]


Reason = BecauseYouRated | PeopleWhoLiked | ServerMean | SharedPeople | SharedAttributes


@dataclass(frozen=True, slots=True)
class ServerMeans:
    """Mean stars and raters of each of M films among the members of one server."""

    mean_stars: Floats
    rater_counts: Floats


def compute_server_means(crowd: Crowd, member_keys: frozenset[str] | None) -> ServerMeans:
    """Return the means over those members of the crowd, None for all of them."""
    rows = [row for row, key in enumerate(crowd.member_keys) if member_keys is None or key in member_keys]
    residuals = crowd.residuals_by_film[:, rows]
    rater_counts = np.diff(residuals.indptr).astype(np.float64)
    means = crowd.member_means[rows]
    total = np.bincount(
        np.repeat(np.arange(len(rater_counts)), np.diff(residuals.indptr)),
        residuals.data + means[residuals.indices],
        len(rater_counts),
    )
    return ServerMeans(total / np.maximum(rater_counts, 1), rater_counts)


def rating_contributions(
    profile: TasteProfile, content: Content, crowd: Crowd, films: Ints, *, signals: Signals, weights: Floats
) -> Floats:
    """Return what each of the member's n ratings adds to each film's score: films x n.

    Only PAIR_SIGNALS and CONTENT_SIGNALS are sums over ratings, so that what one rating adds is exact; the other
    signals are not attributed to ratings. `films` are film rows.
    """

    def factor(name: str) -> float:
        spread = float(signals.spread[SIGNAL_ROW[name]])
        return float(weights[SIGNAL_ROW[name]]) / spread if spread else 0.0

    added = np.zeros((len(films), len(profile)))
    weights_by_field: dict[str, Floats] = {}
    for name in CONTENT_SIGNALS:
        field = name.removesuffix("_taste")
        weight = factor(name) * content_signal_weights(name, profile)
        weights_by_field[field] = weights_by_field.get(field, 0.0) + weight
    for field, weight in weights_by_field.items():
        added += weight * content.cosines(field, profile.rows, films)
    film_in_core = crowd.core_index[films] >= 0
    rating_in_core = crowd.core_index[profile.rows] >= 0
    if film_in_core.any() and rating_in_core.any():
        terms = pair_signal_terms(profile, crowd, crowd.core_index[films[film_in_core]])
        added[np.ix_(film_in_core, rating_in_core)] += sum(factor(name) * terms[name] for name in PAIR_SIGNALS)
    return added


def find_reasons(
    profile: TasteProfile,
    content: Content,
    crowd: Crowd,
    film: int,
    *,
    contributions: Floats,
    server_means: ServerMeans,
) -> tuple[Reason, ...]:
    """Return the reasons for the film of row `film`, the most personal first.

    `contributions` are what each of the member's n ratings adds to the film's score.
    """
    reasons: list[Reason] = []
    if ratings := _cite_ratings(profile, content, contributions):
        reasons.append(BecauseYouRated(ratings))
        for rating in ratings:
            row = content.row_of[rating.film_id]
            reasons += shared_people(content, row, film)
            if (people := people_who_liked(crowd, content, row, film)) is not None:
                reasons.append(people)
    for index in np.argsort(-profile.stars, kind="stable"):
        if profile.stars[index] < max(LIKED_STARS, profile.mean_stars) or len(reasons) > ENOUGH_REASONS:
            break
        same_director = shared_people(content, int(profile.rows[index]), film, ("directors",))
        reasons += [reason for reason in same_director if reason not in reasons]
    if server_means.rater_counts[film] >= MIN_RATERS:
        reasons.append(ServerMean(float(server_means.mean_stars[film]), int(server_means.rater_counts[film])))
    return tuple(reasons)


def _cite_ratings(profile: TasteProfile, content: Content, contributions: Floats) -> tuple[CitedRating, ...]:
    """Return the ratings to name: good ones that add to the score, those that add most first."""
    least = max(MIN_CITED_STARS, profile.mean_stars)
    by_contribution = np.argsort(-contributions, kind="stable")
    citable = [at for at in by_contribution if contributions[at] > 0 and profile.stars[at] >= least]
    total = float(contributions[contributions > 0].sum())
    return tuple(
        CitedRating(content.ids[profile.rows[at]], float(profile.stars[at]), float(contributions[at]) / total)
        for at in citable[:MAX_CITED_RATINGS]
    )


def people_who_liked(crowd: Crowd, content: Content, known_film: int, film: int) -> PeopleWhoLiked | None:
    """Return how many who liked the film of row `known_film` liked that of row `film`, None below MIN_RATERS."""
    known_index, index = crowd.core_index[known_film], crowd.core_index[film]
    if known_index < 0 or index < 0:
        return None
    liked_both = int(crowd.co_liked[known_index, index])
    if liked_both < MIN_RATERS:
        return None
    return PeopleWhoLiked(content.ids[known_film], liked_both, int(crowd.like_counts[known_film]))


def shared_facts(content: Content, known_film: int, film: int) -> Iterator[SharedPeople | SharedAttributes]:
    """Yield what the films of two rows have in common: people first, then genres, countries and languages."""
    yield from shared_people(content, known_film, film)
    known_facts, facts = content.facts[known_film], content.facts[film]
    for field in ("genres", "countries", "languages"):
        if values := _common(getattr(known_facts, field), getattr(facts, field)):
            yield SharedAttributes(field, known_facts.film_id, values)


def shared_people(
    content: Content, known_film: int, film: int, jobs: tuple[str, ...] = ("directors", "cast")
) -> Iterator[SharedPeople]:
    """Yield by job the people who made the films of both rows."""
    known_facts, facts = content.facts[known_film], content.facts[film]
    for job in jobs:
        if people := _common(getattr(known_facts, job), getattr(facts, job)):
            yield SharedPeople(job, known_facts.film_id, people)


def _common(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text for text in first if text in second)
