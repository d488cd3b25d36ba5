"""Stars in halves, and what many of them come to: mean, Bayesian average, spread."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from bot.core.errors import InvalidInputError

LOWEST, HIGHEST = 1, 10
"""Stars are counted in halves: 1 is half a star, 10 is five."""
NEUTRAL, NEUTRAL_WEIGHT = 6.0, 10
"""A server without ratings expects three stars of a film, as firmly as ten ratings would say it."""
LEAST_WEIGHT, MOST_WEIGHT = 2.0, 20.0
"""How many ratings the server's expectation weighs at least and at most against a film's own."""
DIVISIVE_SPREAD, DIVISIVE_COUNT = 1.3, 5
"""From this standard deviation in stars, with at least so many ratings, a film divides the server."""
_NUMBER = re.compile(r"(\d{1,2}(?:[.,]\d)?)?\s*(½|1/2)?\s*(?:/\s*5|stars?|★)?", re.IGNORECASE)


def parse_stars(text: str) -> int:
    """Give the half-stars (1 to 10) that `text` means: `4`, `3.5`, `3,5`, `3½`, `★★★½`, `4/5`, `4 stars`.

    Raises InvalidInputError where it means none.
    """
    asked = text.strip()
    if asked and set(asked) <= set("★⭐½️"):
        halves = 2 * sum(asked.count(star) for star in "★⭐") + asked.count("½")
        found = halves if asked.count("½") <= 1 else 0
    else:
        match = _NUMBER.fullmatch(asked)
        number = float((match[1] or "0").replace(",", ".")) if match else 0.0
        twice = 2 * number + (1 if match and match[2] else 0)
        found = int(twice) if twice == int(twice) else 0
    if not LOWEST <= found <= HIGHEST:
        raise InvalidInputError("Stars go from ½ to 5 in halves, as in 3.5 or 3½.")
    return found


@dataclass(frozen=True, slots=True)
class Totals:
    """How often each of ½, 1, … 5 stars was given: ten numbers."""

    bins: tuple[int, ...] = (0,) * HIGHEST

    @classmethod
    def of(cls, stars: Iterable[int]) -> "Totals":
        """Count these half-stars."""
        bins = [0] * HIGHEST
        for each in stars:
            bins[each - 1] += 1
        return cls(tuple(bins))

    @property
    def count(self) -> int:
        """How many ratings there are."""
        return sum(self.bins)

    @property
    def sum(self) -> int:
        """All half-stars together."""
        return sum(number * stars for stars, number in enumerate(self.bins, start=1))

    @property
    def mean(self) -> float:
        """The plain mean in stars; 0.0 without ratings."""
        return self.sum / self.count / 2 if self.count else 0.0

    @property
    def spread(self) -> float:
        """The standard deviation in stars; 0.0 without ratings."""
        if not self.count:
            return 0.0
        squares = sum(number * (stars / 2 - self.mean) ** 2 for stars, number in enumerate(self.bins, start=1))
        return sqrt(squares / self.count)

    @property
    def divisive(self) -> bool:
        """Whether the film divides those who rated it."""
        return self.count >= DIVISIVE_COUNT and self.spread >= DIVISIVE_SPREAD


@dataclass(frozen=True, slots=True)
class Prior:
    """What a server expects of a film it knows nothing about: `mean` in half-stars, `weight` in ratings."""

    mean: float = NEUTRAL
    weight: float = LEAST_WEIGHT

    @classmethod
    def of(cls, films: int, count: int, total: int) -> "Prior":
        """Give the prior of a server with `count` ratings of `films` films, `total` half-stars together.

        Its mean is the server's, held by ten ratings of three stars; its weight is how many ratings a film
        has on average, between 2 and 20. docs/reviews.md explains both.
        """
        mean = (total + NEUTRAL * NEUTRAL_WEIGHT) / (count + NEUTRAL_WEIGHT)
        weight = count / films if films else LEAST_WEIGHT
        return cls(mean, min(MOST_WEIGHT, max(LEAST_WEIGHT, weight)))

    def average(self, count: int, total: int) -> float:
        """Give the Bayesian average in stars of `count` ratings with `total` half-stars together.

        (weight x mean + total) / (weight + count): the "weighted rating" of IMDb's Top 250, which is the
        posterior mean of a normal model with a conjugate prior.
        """
        return (self.weight * self.mean + total) / (self.weight + count) / 2


@dataclass(frozen=True, slots=True)
class FilmStars:
    """What a server's members make of a film; `own` is the asking member's, in half-stars."""

    totals: Totals = Totals()
    prior: Prior = Prior()
    own: int | None = None

    @property
    def average(self) -> float:
        """The Bayesian average in stars."""
        return self.prior.average(self.totals.count, self.totals.sum)
