"""Ratings in stars: reading and writing them, their totals, and the Bayesian average.

Stars are counted in halves throughout: 1 is half a star, 10 are five stars. Another scale starts here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import floor, sqrt

from bot.core.errors import InvalidInputError
from bot.core.text.cldr import format_decimal
from bot.core.text.i18n import _, ngettext

MIN_HALF_STARS, MAX_HALF_STARS = 1, 10
STAR_LABELS = ("½", "1", "1½", "2", "2½", "3", "3½", "4", "4½", "5")
"""Each number of stars as it is written under a chart, from half a star."""
NEUTRAL_MEAN, NEUTRAL_WEIGHT = 6.0, 10
"""A server's own mean is held by this many imaginary ratings of this many half-stars."""
MIN_PRIOR_WEIGHT, MAX_PRIOR_WEIGHT = 2.0, 20.0
"""How many ratings the server's mean counts for, at least and at most, beside a film's own."""
DIVISIVE_DEVIATION, DIVISIVE_RATINGS = 1.3, 5
"""A film is divisive from this standard deviation in stars, with at least this many ratings."""
_NUMBER = re.compile(
    r"(?P<number>\d{1,2}(?:[.,]\d{1,2})?|[.,]\d{1,2})?(?P<half>\s*½|(?:^|\s+)1/2)?"
    r"\s*(?:/\s*(?P<scale>5|10)|stars?|★|⭐)?",
    re.IGNORECASE,
)
_STARS, _EMPTY_STARS, _HALF = "★⭐", "☆", "½"


def parse_stars(text: str) -> int:
    """Return the half-stars (1 to 10) that `text` means.

    It takes `4`, `3.5`, `3,50`, `.5`, `3½`, `★★★½`, `★★★★☆`, `4/5`, `9/10` and `4 stars`.

    Raises InvalidInputError for anything else.
    """
    text = text.strip()
    if text and set(text) <= {*_STARS, *_EMPTY_STARS, _HALF, "\ufe0f"}:
        halves = 2 * sum(text.count(star) for star in _STARS) + text.count(_HALF)
        half_stars = halves if text.count(_HALF) <= 1 else 0
    else:
        match = _NUMBER.fullmatch(text)
        number = float((match["number"] or "0").replace(",", ".")) if match else 0.0
        number += 0.5 if match and match["half"] else 0
        doubled = number if match and match["scale"] == "10" else 2 * number
        half_stars = int(doubled) if doubled == int(doubled) else 0
    if not MIN_HALF_STARS <= half_stars <= MAX_HALF_STARS:
        raise InvalidInputError(_("Enter ½ to 5 stars in halves, like 3.5, 3½ or 7/10."))
    return half_stars


def format_stars(half_stars: int) -> str:
    """Return half-stars as symbols: 7 is `★★★½`."""
    return "★" * (half_stars // 2) + "½" * (half_stars % 2)


def format_stars_in_words(half_stars: int) -> str:
    """Return half-stars for screen readers: 7 is `3½ stars`."""
    if half_stars == 1:
        return _("½ star")
    number = f"{half_stars // 2 or ''}{'½' * (half_stars % 2)}"
    count = 1 if half_stars <= 2 else 2 if half_stars % 2 else half_stars // 2
    return ngettext("{count} star", "{count} stars", count).format(count=number)


def round_average(rating_count: int, half_star_sum: int) -> float:
    """Return the mean, in stars with one decimal, of so many ratings with that sum of half-stars; 0.0 of none.

    A half is rounded up: the mean of 4 and 4½ is 4.3. Whole numbers keep that exact.
    """
    return (10 * half_star_sum + rating_count) // (2 * rating_count) / 10 if rating_count else 0.0


def format_mean(stars: float) -> str:
    """Return a mean in stars with one decimal, a half rounded up: 4.25 is `4.3`."""
    return format_decimal(floor(10 * stars + 0.5 + 1e-9) / 10)


@dataclass(frozen=True, slots=True)
class StarTotals:
    """How many ratings have each number of stars: ten counts, from half a star to five."""

    counts: tuple[int, ...] = (0,) * MAX_HALF_STARS

    @classmethod
    def from_ratings(cls, ratings: Iterable[int]) -> "StarTotals":
        """Return the totals of these ratings in half-stars."""
        counts = [0] * MAX_HALF_STARS
        for half_stars in ratings:
            counts[half_stars - 1] += 1
        return cls(tuple(counts))

    @property
    def rating_count(self) -> int:
        """How many ratings there are."""
        return sum(self.counts)

    @property
    def half_star_sum(self) -> int:
        """All half-stars added up."""
        return sum(count * half_stars for half_stars, count in enumerate(self.counts, start=1))

    @property
    def mean(self) -> float:
        """The mean in stars; 0.0 without ratings."""
        return self.half_star_sum / self.rating_count / 2 if self.rating_count else 0.0

    @property
    def average(self) -> float:
        """The mean in stars as members read it, with one decimal; 0.0 without ratings."""
        return round_average(self.rating_count, self.half_star_sum)

    @property
    def standard_deviation(self) -> float:
        """The standard deviation in stars; 0.0 without ratings."""
        if not self.rating_count:
            return 0.0
        squares = sum(
            count * (half_stars / 2 - self.mean) ** 2 for half_stars, count in enumerate(self.counts, start=1)
        )
        return sqrt(squares / self.rating_count)

    @property
    def is_divisive(self) -> bool:
        """Whether the film divides those who rated it."""
        return self.rating_count >= DIVISIVE_RATINGS and self.standard_deviation >= DIVISIVE_DEVIATION


@dataclass(frozen=True, slots=True)
class Prior:
    """The rating a server expects of a film before anybody rates it: `mean` in half-stars, `weight` in ratings."""

    mean: float = NEUTRAL_MEAN
    weight: float = MIN_PRIOR_WEIGHT

    @classmethod
    def from_server_totals(cls, *, film_count: int, rating_count: int, half_star_sum: int) -> "Prior":
        """Return the prior of a server with that many ratings of that many films.

        The mean is the server's, held by ten ratings of three stars; the weight is how many ratings a film has on
        average, between 2 and 20. docs/reviews.md explains both.
        """
        mean = (half_star_sum + NEUTRAL_MEAN * NEUTRAL_WEIGHT) / (rating_count + NEUTRAL_WEIGHT)
        weight = rating_count / film_count if film_count else MIN_PRIOR_WEIGHT
        return cls(mean, min(MAX_PRIOR_WEIGHT, max(MIN_PRIOR_WEIGHT, weight)))

    def bayesian_average(self, rating_count: int, half_star_sum: int) -> float:
        """Return the Bayesian average, in stars, of that many ratings with that sum of half-stars.

        (weight * mean + sum) / (weight + count): the "weighted rating" of IMDb's Top 250, which is the posterior
        mean of a normal model with a conjugate prior.
        """
        return (self.weight * self.mean + half_star_sum) / (self.weight + rating_count) / 2


@dataclass(frozen=True, slots=True)
class FilmStars:
    """A server's ratings of a film; `own_half_stars` are those of the member who reads them."""

    totals: StarTotals = StarTotals()
    own_half_stars: int | None = None
