"""How far two members' tastes agree, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.recommendations.model import Asked, Model

USUAL_GAP = 1.0
"""Stars by which two members' ratings of a film differ on average where nothing is known of them."""
GAP_DAMPING = 5.0
"""Films in common that this expectation counts as."""
WIDEST_GAP = 4.5 / 2
"""A mean gap at which agreement is 0."""
GOOD = 4.0


@dataclass(frozen=True, slots=True)
class Difference:
    """A film that both rated."""

    film_id: str
    one: float
    other: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """`agreement` and `confidence` from 0 to 1; films in common, those they differ on most, and what to show whom.

    `one_shows` are films that the first member liked, the second has not seen and would like most by their
    predicted stars; `other_shows` the other way round.
    """

    agreement: float
    confidence: float
    common: int
    differ: tuple[Difference, ...]
    one_shows: tuple[tuple[str, float], ...]
    other_shows: tuple[tuple[str, float], ...]


def agreement_of(model: Model, one: Mapping[str, float], other: Mapping[str, float], count: int = 3) -> Agreement:
    """Compare two members' ratings.

    Agreement is 1 minus the mean gap in stars, as a share of WIDEST_GAP and damped by GAP_DAMPING films of
    the usual gap; confidence is n / (n + GAP_DAMPING) for n films in common.
    """
    common = sorted(one.keys() & other.keys())
    gaps = sum(abs(one[film] - other[film]) for film in common)
    gap = (gaps + GAP_DAMPING * USUAL_GAP) / (len(common) + GAP_DAMPING)
    differ = sorted((Difference(film, one[film], other[film]) for film in common), key=_gap)
    return Agreement(
        agreement=max(0.0, 1 - gap / WIDEST_GAP),
        confidence=len(common) / (len(common) + GAP_DAMPING),
        common=len(common),
        differ=tuple(entry for entry in differ[:count] if entry.one != entry.other),
        one_shows=_shows(model, one, other, model.ask(other), count),
        other_shows=_shows(model, other, one, model.ask(one), count),
    )


def _gap(entry: Difference) -> tuple[float, str]:
    return -abs(entry.one - entry.other), entry.film_id


def _shows(
    model: Model, giver: Mapping[str, float], taker: Mapping[str, float], asked: Asked, count: int
) -> tuple[tuple[str, float], ...]:
    at = model.content.at
    films = [film for film, stars in giver.items() if stars >= GOOD and film not in taker and film in at]
    films.sort(key=lambda film: (-asked.stars[at[film]], film))
    return tuple((film, float(asked.stars[at[film]])) for film in films[:count])
