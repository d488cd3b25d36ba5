"""A set of ratings brought from outside: members as numbers, nobody's names."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.recommendations.content import Content, Floats, Ints
from bot.recommendations.crowd import Crowd, Rating, crowd_of_arrays


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


def crowd_with_sets(sets: Sequence[RatingsSet], ratings: Iterable[Rating], content: Content) -> Crowd:
    """Count the sets' ratings and the others': as `crowd_of` would, without an object for each rating of a set."""
    names: list[str] = []
    rows: list[Ints] = []
    columns: list[Ints] = []
    stars: list[Floats] = []
    for each in sets:
        at = np.array([content.at.get(film, -1) for film in each.films], dtype=np.int64)
        column = at[each.film]
        known = column >= 0
        numbers, row = np.unique(each.member[known], return_inverse=True)
        rows.append(row.astype(np.int64) + len(names))
        columns.append(column[known])
        stars.append(each.halves[known] / 2)
        names += [f"{each.name}:{number}" for number in numbers.tolist()]
    latest = {(member, film): given for member, film, given in ratings if film in content.at}
    own = {member: row for row, member in enumerate(dict.fromkeys(member for member, _ in latest), len(names))}
    rows.append(np.fromiter((own[member] for member, _ in latest), np.int64, len(latest)))
    columns.append(np.fromiter((content.at[film] for _, film in latest), np.int64, len(latest)))
    stars.append(np.fromiter(latest.values(), np.float64, len(latest)))
    names += own
    order = sorted(range(len(names)), key=names.__getitem__)
    place = np.empty(len(names), dtype=np.int64)
    place[order] = np.arange(len(names))
    arrays = place[np.concatenate(rows)], np.concatenate(columns), np.concatenate(stars)
    return crowd_of_arrays([names[at] for at in order], arrays, len(content))


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
