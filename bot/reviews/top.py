"""A server's best films, as `/top` lists them."""

from dataclasses import dataclass
from datetime import datetime

DEFAULT_MINIMUM_RATERS = 3
"""Ratings a film needs to be listed, unless the server has set another number."""
TOP_LIMIT = 10


@dataclass(frozen=True, slots=True)
class TopQuery:
    """Which films are ranked: of a genre, of the decade that begins with a year, rated since a time."""

    minimum_raters: int = DEFAULT_MINIMUM_RATERS
    genre: str | None = None
    decade: int | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class RankedFilm:
    """A film in a ranking: its ratings' number and sum in half-stars, its Bayesian average in stars."""

    film_id: str
    title: str
    year: int | None
    rating_count: int
    half_star_sum: int
    average: float
