"""Why a film is recommended, as plain data to be put into words. Each can be recomputed from the ratings."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bot.recommendations.counterfactuals import LeaveOneOut
from bot.recommendations.crowd import LIKED_STARS, Crowd
from bot.recommendations.facts import Content, Floats, Ints
from bot.recommendations.signals import (
    CONTENT_SIGNALS,
    NEIGHBOUR_SIGNALS,
    PAIR_SIGNALS,
    SIGNAL_ROW,
    TASTE_SIGNALS,
    Signals,
    TasteProfile,
    content_signal_weights,
    gather_pairs,
    pair_weights,
)

MAX_CITED_RATINGS = 2
MIN_RATERS = 3
"""Means and counts of fewer members are not shown: they would give single members away."""
MIN_CITED_STARS = 3.5
MIN_SHARE = 0.25
"""The share of what speaks for a film from which on a rating is named beside the strongest."""
MIN_STRONGEST_SHARE = 0.15
"""The strongest rating is named from that share on: with less, all ratings together speak for the film."""
MIN_GENRE_COSINE, MIN_SHARED_GENRES, MAX_YEARS_APART = 0.5, 2, 20.0
"""Films without people or fans in common are named together only if they are of a kind and a time."""
LEADS, MIN_LEAD_GENRE_COSINE = 5, 0.25
"""An actor links two films if among the leads of both, in billing order, and if their genres are at all alike."""
MIN_LIFT, MIN_LIKER_SHARE = 1.5, 0.25
"""How much likelier those who liked one film like the other, and how many of them do, for it to be told."""
ENOUGH_REASONS = 6
"""With more reasons than that, no further film by the same director is looked for."""


@dataclass(frozen=True, slots=True)
class CitedRating:
    """A rating of the member's that speaks for the film: stars, and its share of what does, 0 to 1."""

    film_id: str
    stars: float
    share: float


@dataclass(frozen=True, slots=True)
class BecauseYouRated:
    """The member's own ratings without which the film would rank lower, the strongest first."""

    ratings: tuple[CitedRating, ...]


@dataclass(frozen=True, slots=True)
class PeopleWhoLiked:
    """Of `likers` members who liked `film_id`, `liked_both` liked the recommended film too.

    They are at least MIN_LIFT times as likely to like it as everybody is.
    """

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
    pairs, counts = gather_pairs(crowd, profile.rows, films), pair_weights(profile, crowd)
    for name in PAIR_SIGNALS:
        added += factor(name) * counts[name] * pairs[name]
    return added


def other_personal_score(signals: Signals, weights: Floats, films: Ints, reference_rows: Ints) -> Floats:
    """Return how much each film's score gains by the member's taste as a whole, beyond the mean reference film.

    That is what no single rating is named for: dates, fame, and neighbours.
    """
    if not len(films):
        return np.zeros(0)
    rows = [SIGNAL_ROW[name] for name in TASTE_SIGNALS + NEIGHBOUR_SIGNALS]
    values = signals.values[rows]
    above = values[:, films] - values[:, reference_rows].mean(axis=1, keepdims=True)
    return np.asarray(np.maximum(weights[rows] @ above, 0.0))


def find_reasons(
    profile: TasteProfile,
    content: Content,
    crowd: Crowd,
    film: int,
    *,
    contributions: Floats,
    other_score: float,
    leave_one_out: LeaveOneOut,
    server_means: ServerMeans,
) -> tuple[Reason, ...]:
    """Return the reasons for the film of row `film`, the most personal first.

    `contributions` are what each of the member's n ratings adds to the film's score, `other_score` what their
    taste as a whole adds; `leave_one_out` tells what ranks lower without a rating.
    """
    reasons: list[Reason] = []
    if ratings := _cite_ratings(profile, content, crowd, film, contributions, other_score, leave_one_out):
        reasons.append(BecauseYouRated(ratings))
        for rating in ratings:
            reasons += shared_people(content, content.row_of[rating.film_id], film)
    # What fans of a film like is a fact of its own, whether or not the rating of it is named.
    order = np.argsort(-contributions, kind="stable")
    for at in order[profile.stars[order] >= LIKED_STARS][:MAX_CITED_RATINGS].tolist():
        if (people := people_who_liked(crowd, content, int(profile.rows[at]), film)) is not None:
            reasons.append(people)
    directors = content.facts[film].directors
    is_good = profile.stars >= max(LIKED_STARS, profile.mean_stars)
    order = np.argsort(-profile.stars, kind="stable")
    for row in profile.rows[order[is_good[order]]].tolist() if directors else []:
        if len(reasons) > ENOUGH_REASONS:
            break
        if not _common(content.facts[row].directors, directors):
            continue
        same_director = shared_people(content, row, film, ("directors",))
        reasons += [reason for reason in same_director if reason not in reasons]
    if server_means.rater_counts[film] >= MIN_RATERS:
        reasons.append(ServerMean(float(server_means.mean_stars[film]), int(server_means.rater_counts[film])))
    return tuple(reasons)


def _cite_ratings(
    profile: TasteProfile,
    content: Content,
    crowd: Crowd,
    film: int,
    contributions: Floats,
    other_score: float,
    leave_one_out: LeaveOneOut,
) -> tuple[CitedRating, ...]:
    """Return the ratings to name: good ones of related films, without which the film would rank lower.

    The strongest is named, and another that speaks for the film with at least MIN_SHARE.
    """
    least = max(MIN_CITED_STARS, profile.mean_stars - 0.5)
    total = float(contributions[contributions > 0].sum()) + other_score
    cited: list[CitedRating] = []
    for place, at in enumerate(np.argsort(-contributions, kind="stable")[:MAX_CITED_RATINGS]):
        share = float(contributions[at]) / total if contributions[at] > 0 else 0.0
        row = int(profile.rows[at])
        if share < (MIN_SHARE if place else MIN_STRONGEST_SHARE) or profile.stars[at] < least:
            break
        if _is_related(content, crowd, row, film) and leave_one_out.lowers(int(at), film):
            cited.append(CitedRating(content.ids[row], float(profile.stars[at]), min(share, 1.0)))
    return tuple(cited)


def _is_related(content: Content, crowd: Crowd, known_film: int, film: int) -> bool:
    """Return whether anybody would see what the films of two rows have to do with each other."""
    facts, known_facts = content.facts[film], content.facts[known_film]
    if _common(facts.directors, known_facts.directors):
        return True
    genre_cosine = content.cosine("genres", known_film, film)
    if genre_cosine >= MIN_LEAD_GENRE_COSINE and _common(facts.cast[:LEADS], known_facts.cast[:LEADS]):
        return True
    is_of_a_kind = (
        genre_cosine >= MIN_GENRE_COSINE
        and len(_common(facts.genres, known_facts.genres)) >= MIN_SHARED_GENRES
        and abs(content.year[film] - content.year[known_film]) <= MAX_YEARS_APART
    )
    return is_of_a_kind or people_who_liked(crowd, content, known_film, film) is not None


def people_who_liked(crowd: Crowd, content: Content, known_film: int, film: int) -> PeopleWhoLiked | None:
    """Return how many who liked the film of row `known_film` liked that of row `film`.

    None where they are fewer than MIN_RATERS, a small share, or hardly likelier to like it than everybody is.
    """
    known_index, index = crowd.core_index[known_film], crowd.core_index[film]
    if known_index < 0 or index < 0:
        return None
    liked_both, likers = int(crowd.co_liked[known_index, index]), int(crowd.like_counts[known_film])
    if liked_both < MIN_RATERS or liked_both < MIN_LIKER_SHARE * likers:
        return None
    if liked_both * len(crowd) < MIN_LIFT * likers * float(crowd.like_counts[film]):
        return None
    return PeopleWhoLiked(content.ids[known_film], liked_both, likers)


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
    return tuple([text for text in first if text in second])
