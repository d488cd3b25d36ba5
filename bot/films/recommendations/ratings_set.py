"""A set of ratings brought from outside: members as numbers, nobody's names."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.films.recommendations.crowd import Rating


@dataclass(frozen=True, slots=True)
class RatingsSet:
    """Ratings in parallel arrays, sorted by member, each member and film once.

    `films` are film ids, `film` indexes them, `member` are the set's own numbers, `halves` half stars (1 to 10).
    """

    name: str
    films: tuple[str, ...]
    member: NDArray[np.uint32]
    film: NDArray[np.uint32]
    halves: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.member)

    @property
    def members(self) -> int:
        """How many members there are."""
        return int((np.diff(self.member) != 0).sum()) + 1 if len(self.member) else 0

    def ratings(self) -> Iterator[Rating]:
        """Give the ratings as the model reads them; members are named `set:number`, so that none is mistaken."""
        for member, film, halves in zip(
            self.member.tolist(), self.film.tolist(), self.halves.tolist(), strict=True
        ):
            yield f"{self.name}:{member}", self.films[film], halves / 2

    def raters(self) -> Counter[str]:
        """Give how many rated each film: what an outside set knows of fame."""
        counts = np.bincount(self.film, minlength=len(self.films))
        return Counter(dict(zip(self.films, counts.tolist(), strict=True)))


def sorted_set(
    name: str, films: tuple[str, ...], arrays: tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint8]]
) -> tuple[RatingsSet, int]:
    """Sort ratings in the order they came; of a member's several of one film the last counts.

    Gives the set and how many earlier ratings were left out.
    """
    member, film, halves = arrays
    order = np.lexsort((film, member))  # stable: what came later stays later
    member, film, halves = member[order], film[order], halves[order]
    last = np.ones(len(member), dtype=bool)
    last[:-1] = (member[1:] != member[:-1]) | (film[1:] != film[:-1])
    return RatingsSet(name, films, member[last], film[last], halves[last]), int((~last).sum())
