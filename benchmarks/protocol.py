"""Draws situations to recommend in: a crowd or a server, and a member of whom K ratings are known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.ratings_data import Rating, Records

SERVER_FILMS = 3_000
GOOD = 4.0
LEAST_RIGHT = 3


@dataclass(frozen=True, slots=True)
class Case:
    """A member: what is known of them, and what they rated besides."""

    own: dict[str, float]
    hidden: dict[str, float]

    @property
    def right(self) -> frozenset[str]:
        """The hidden films that the member gave four stars or more."""
        return frozenset(film for film, stars in self.hidden.items() if stars >= GOOD)


@dataclass(frozen=True, slots=True)
class Situation:
    """What is there to learn from, which films there are to choose from, and who asks."""

    learn: list[Rating]
    films: Records
    cases: list[Case]


class Drawing:
    """Members of a ratings set, a tenth of them drawn to be asked for, by a seed."""

    def __init__(self, ratings: Sequence[Rating], films: Records, seed: int) -> None:
        self.random = np.random.default_rng([seed, 20_100])
        self.of: dict[str, dict[str, float]] = {}
        for member, film, stars in ratings:
            self.of.setdefault(member, {})[film] = stars
        self.members = sorted(self.of)
        self.random.shuffle(self.members)
        tenth = max(1, round(len(self.members) / 10))
        self.asked, self.others = self.members[:tenth], self.members[tenth:]
        # How famous films are is known from the members who are not asked for.
        self.films = {film: record | {"fame": 0} for film, record in films.items()}
        for member in self.others:
            for film in self.of[member]:
                if film in self.films:
                    self.films[film]["fame"] += 1  # type: ignore[operator]

    def crowd(self, known: Sequence[int], size: int | None = None) -> dict[int, Situation]:
        """Give the situation of a crowd for each number of known ratings; `size` members of it, or all."""
        others = self.others if size is None else list(self.random.choice(self.others, size, replace=False))
        learn = self._ratings(others)
        films = {film: self.films[film] for film in dict.fromkeys(f for _, f, _ in learn) if film in self.films}
        cases = {k: [case for m in self.asked if (case := self._case(m, k, films))] for k in known}
        return {k: Situation(learn, films, cases[k]) for k in known}

    def servers(self, known: int, size: int = 30, count: int = 60) -> Iterator[Situation]:
        """Give servers of `size` members, the first of whom asks, choosing from the most famous films."""
        ranked = sorted(self.films, key=lambda film: -int(str(self.films[film]["fame"])))[:SERVER_FILMS]
        films = {film: self.films[film] for film in ranked}
        for _ in range(count):
            asker, *rest = self.random.choice(self.members, size, replace=False)
            if (case := self._case(str(asker), known, films)) is not None:
                yield Situation([r for r in self._ratings(rest) if r[1] in films], films, [case])

    def _ratings(self, members: Sequence[str]) -> list[Rating]:
        return [(member, film, stars) for member in members for film, stars in self.of[member].items()]

    def _case(self, member: str, known: int, films: Records) -> Case | None:
        rated = [film for film in self.of[member] if film in films]
        self.random.shuffle(rated)
        own, hidden = ({film: self.of[member][film] for film in part} for part in (rated[:known], rated[known:]))
        case = Case(own, hidden)
        return case if len(own) == known and len(case.right) >= LEAST_RIGHT else None
