"""A server's best films, as `/top` lists them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.reviews.stars import round_average

LEAST_RATERS, MOST_RATERS, RATERS_SHARE = 2, 20, 10
"""A film needs ratings of one in RATERS_SHARE of the members who rate, within these limits."""
TOP_LIMIT, TOP_PAGE_SIZE = 100, 10


def choose_minimum_raters(rater_count: int) -> int:
    """Return how many members must have rated a film for it to be ranked, in a server of so many who rate.

    A tenth of them, at least 2 and at most 20: what two friends agree on is no chart of a server of hundreds.
    """
    share = -(-rater_count // RATERS_SHARE)
    return max(1, min(rater_count, max(LEAST_RATERS, min(MOST_RATERS, share))))


@dataclass(frozen=True, slots=True)
class TopQuery:
    """Which films are ranked: of a genre, of the decade that begins with a year, rated since a time."""

    minimum_raters: int = LEAST_RATERS
    genre: str | None = None
    decade: int | None = None
    since: datetime | None = None


class TopPeriod(StrEnum):
    """How long ago a film may have been rated to be ranked."""

    WEEK = "week"
    MONTH = "month"
    YEAR = "year"

    @property
    def length(self) -> timedelta:
        """How long the period is."""
        return timedelta(days={TopPeriod.WEEK: 7, TopPeriod.MONTH: 30, TopPeriod.YEAR: 365}[self])


@dataclass(frozen=True, slots=True)
class TopFilters:
    """Which films a member wants to see ranked."""

    genre: str | None = None
    decade: int | None = None
    period: TopPeriod | None = None

    def as_query(self, minimum_raters: int, now: datetime) -> TopQuery:
        """Return the query at the time `now`, with so many members who must have rated a film."""
        since = now - self.period.length if self.period is not None else None
        return TopQuery(minimum_raters, self.genre, self.decade, since)


@dataclass(frozen=True, slots=True)
class RankedFilm:
    """A film in a ranking: its ratings' number and sum in half-stars."""

    film_id: str
    title: str
    year: int | None
    rating_count: int
    half_star_sum: int

    @property
    def average(self) -> float:
        """The mean in stars as members read it, with one decimal."""
        return round_average(self.rating_count, self.half_star_sum)
