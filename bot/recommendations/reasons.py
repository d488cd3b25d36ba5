"""Why a film is recommended, as plain data that what shows it can word. Every reason can be recomputed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bot.recommendations.content import Content, Floats, Ints
from bot.recommendations.crowd import LIKED, Crowd
from bot.recommendations.signals import ALIKE, AT, PAIRS, Signals, Taste, alike_weights, pair_parts

TOLD_FILMS = 2
TOLD_RATERS = 3
"""A mean of fewer raters is not told: it would give single members away."""
CITED_FROM = 3.5


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating of the member's own that speaks for the film, and its share of all that does, 0 to 1."""

    film_id: str
    stars: float
    share: float


@dataclass(frozen=True, slots=True)
class BecauseYouRated:
    """The member's own ratings without which the film would stand lower, the strongest first."""

    films: tuple[Rated, ...]


@dataclass(frozen=True, slots=True)
class PeopleWhoLiked:
    """Of `of` members who liked `film_id`, `liked` liked the film recommended too."""

    film_id: str
    liked: int
    of: int


@dataclass(frozen=True, slots=True)
class CrowdMean:
    """The mean stars that `raters` members of the member's own server gave."""

    stars: float
    raters: int


@dataclass(frozen=True, slots=True)
class SamePeople:
    """Directors or actors (`job` is "directors" or "cast") of the film who made `film_id` too."""

    job: str
    film_id: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SameKind:
    """Genres, languages or countries (`field`) that the film shares with `film_id`."""

    field: str
    film_id: str
    shared: tuple[str, ...]


Reason = BecauseYouRated | PeopleWhoLiked | CrowdMean | SamePeople | SameKind


@dataclass(frozen=True, slots=True)
class Home:
    """Mean stars and raters of each film among the members whose means may be told: the member's own server's."""

    mean: Floats
    raters: Floats


def home_of(crowd: Crowd, members: frozenset[str] | None) -> Home:
    """Give the means over those members of the crowd, None for all of them."""
    rows = [at for at, member in enumerate(crowd.members) if members is None or member in members]
    chosen = crowd.by_film[:, rows]
    raters = np.diff(chosen.indptr).astype(np.float64)
    own_means = crowd.member_mean[rows]
    total = np.bincount(
        np.repeat(np.arange(len(raters)), np.diff(chosen.indptr)),
        chosen.data + own_means[chosen.indices],
        len(raters),
    )
    return Home(total / np.maximum(raters, 1), raters)


def contributions(
    taste: Taste, content: Content, crowd: Crowd, films: Ints, weighing: tuple[Signals, Floats]
) -> Floats:
    """Give what each of the member's ratings adds to each film's score through PAIRS and ALIKE: films x ratings.

    These signals are sums over ratings, so that what a rating adds is exact; the others are not attributed.
    """
    signals, weights = weighing

    def factor(name: str) -> float:
        spread = float(signals.spread[AT[name]])
        return float(weights[AT[name]]) / spread if spread else 0.0

    added = np.zeros((len(films), taste.known))
    weights_of: dict[str, Floats] = {}
    for name in ALIKE:
        field = name.removesuffix("_taste")
        weights_of[field] = weights_of.get(field, 0.0) + factor(name) * alike_weights(name, taste)
    for field, rated in weights_of.items():
        added += rated * content.cosines(field, taste.rows, films)
    core = crowd.core_at[films] >= 0
    inside = crowd.core_at[taste.rows] >= 0
    if core.any() and inside.any():
        parts = pair_parts(taste, crowd, crowd.core_at[films[core]])
        added[np.ix_(core, inside)] += sum(factor(name) * parts[name] for name in PAIRS)
    return added


def cited(taste: Taste, content: Content, added: Floats) -> tuple[Rated, ...]:
    """Give the ratings to name: liked ones that add to the score, those that add most first."""
    floor = max(CITED_FROM, taste.mean)
    able = [at for at in np.argsort(-added, kind="stable") if added[at] > 0 and taste.stars[at] >= floor]
    total = float(added[added > 0].sum())
    return tuple(
        Rated(content.ids[taste.rows[at]], float(taste.stars[at]), float(added[at]) / total)
        for at in able[:TOLD_FILMS]
    )


def people_who_liked(crowd: Crowd, content: Content, known: int, film: int) -> PeopleWhoLiked | None:
    """Give how many who liked the film of row `known` liked that of row `film`, or None below TOLD_RATERS."""
    one, other = crowd.core_at[known], crowd.core_at[film]
    if one < 0 or other < 0:
        return None
    both = int(crowd.both_liked[one, other])
    return PeopleWhoLiked(content.ids[known], both, int(crowd.liked[known])) if both >= TOLD_RATERS else None


def alike_reasons(content: Content, known: int, film: int) -> Iterator[Reason]:
    """Give what two films share: people first, then what they are."""
    yield from people_reasons(content, known, film)
    one, other = content.facts[known], content.facts[film]
    for field in ("genres", "countries", "languages"):
        if shared := _shared(getattr(one, field), getattr(other, field)):
            yield SameKind(field, one.film_id, shared)


def people_reasons(
    content: Content, known: int, film: int, jobs: tuple[str, ...] = ("directors", "cast")
) -> Iterator[SamePeople]:
    """Give who made both films."""
    one, other = content.facts[known], content.facts[film]
    for job in jobs:
        if people := _shared(getattr(one, job), getattr(other, job)):
            yield SamePeople(job, one.film_id, people)


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text for text in one if text in other)


def reasons_for(
    taste: Taste, content: Content, crowd: Crowd, film: int, told: tuple[Floats, Home]
) -> list[Reason]:
    """Give the reasons for the film of row `film`, most personal first; `told`: what ratings add, and Home."""
    added, home = told
    reasons: list[Reason] = []
    if rated := cited(taste, content, added):
        reasons.append(BecauseYouRated(rated))
        for entry in rated:
            row = content.at[entry.film_id]
            reasons += people_reasons(content, row, film)
            if (people := people_who_liked(crowd, content, row, film)) is not None:
                reasons.append(people)
    for at in np.argsort(-taste.stars, kind="stable"):
        if taste.stars[at] < max(LIKED, taste.mean) or len(reasons) > 6:
            break
        same = people_reasons(content, int(taste.rows[at]), film, ("directors",))
        reasons += [reason for reason in same if reason not in reasons]
    if home.raters[film] >= TOLD_RATERS:
        reasons.append(CrowdMean(float(home.mean[film]), int(home.raters[film])))
    return reasons
