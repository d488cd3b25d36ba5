"""Draws situations to recommend in: a crowd or a server, and members of whom K ratings are known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.ratings_data import Rating, Records

SERVER_FILMS = 3_000
LIKED_STARS = 4.0
MIN_RELEVANT = 3


@dataclass(frozen=True, slots=True)
class Case:
    """A member: the known ratings, and the hidden ones."""

    known: dict[str, float]
    hidden: dict[str, float]

    @property
    def relevant(self) -> frozenset[str]:
        """The hidden films that the member gave four stars or more."""
        return frozenset(film for film, stars in self.hidden.items() if stars >= LIKED_STARS)


@dataclass(frozen=True, slots=True)
class Situation:
    """The ratings to learn from, the films to choose from, and the members to recommend to."""

    training: list[Rating]
    films: Records
    cases: list[Case]


class Drawing:
    """The members of a rating set, a tenth of them drawn as test members by a seed."""

    def __init__(self, ratings: Sequence[Rating], films: Records, seed: int) -> None:
        self.random = np.random.default_rng([seed, 20_100])
        self.by_member: dict[str, dict[str, float]] = {}
        for member, film, stars in ratings:
            self.by_member.setdefault(member, {})[film] = stars
        self.members = sorted(self.by_member)
        self.random.shuffle(self.members)
        tenth = max(1, round(len(self.members) / 10))
        self.test_members, self.training_members = self.members[:tenth], self.members[tenth:]
        # Fame is known from the training members alone.
        self.films = {film: record | {"fame": 0} for film, record in films.items()}
        for member in self.training_members:
            for film in self.by_member[member]:
                if film in self.films:
                    self.films[film]["fame"] += 1  # type: ignore[operator]

    def crowd(self, known: Sequence[int], size: int | None = None) -> dict[int, Situation]:
        """Return the situation of a crowd by number of known ratings; of `size` members, or of all."""
        members = (
            self.training_members
            if size is None
            else list(self.random.choice(self.training_members, size, replace=False))
        )
        training = self._ratings(members)
        films = {film: self.films[film] for film in dict.fromkeys(f for _, f, _ in training) if film in self.films}
        cases = {k: [case for m in self.test_members if (case := self._case(m, k, films))] for k in known}
        return {k: Situation(training, films, cases[k]) for k in known}

    def servers(self, known: int, size: int = 30, count: int = 60) -> Iterator[Situation]:
        """Yield servers of `size` members, the first of whom is the test member, with the most famous films."""
        ranked = sorted(self.films, key=lambda film: -int(str(self.films[film]["fame"])))[:SERVER_FILMS]
        films = {film: self.films[film] for film in ranked}
        for _ in range(count):
            test_member, *rest = self.random.choice(self.members, size, replace=False)
            if (case := self._case(str(test_member), known, films)) is not None:
                yield Situation([r for r in self._ratings(rest) if r[1] in films], films, [case])

    def _ratings(self, members: Sequence[str]) -> list[Rating]:
        return [(member, film, stars) for member in members for film, stars in self.by_member[member].items()]

    def _case(self, member: str, known: int, films: Records) -> Case | None:
        rated = [film for film in self.by_member[member] if film in films]
        self.random.shuffle(rated)
        known_ratings, hidden = (
            {film: self.by_member[member][film] for film in part} for part in (rated[:known], rated[known:])
        )
        case = Case(known_ratings, hidden)
        return case if len(known_ratings) == known and len(case.relevant) >= MIN_RELEVANT else None
