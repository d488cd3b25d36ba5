"""How ballots are counted: Schulze, instant run-off, approval or one vote; docs/nights.md proves the rules.

A tie is broken by the fewest last places, then by the fairness debt of those who prefer a film, then by a seed
whose hash was shown before the ballot opened. Votes are whole hundredths, so that sums are exact and everybody who
counts again gets the same.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

import numpy as np
from numpy.typing import NDArray

ONE_VOTE = 100
"""The weight of a ballot that counts once, in hundredths of a vote."""
Votes = NDArray[np.int64]


class BallotMethod(StrEnum):
    """How a film is elected. A blind round is an approval whose films are shown one by one."""

    SCHULZE = "schulze"
    INSTANT_RUNOFF = "runoff"
    APPROVAL = "approval"
    ONE_VOTE = "one"
    BLIND = "blind"

    @property
    def is_ranked(self) -> bool:
        """Whether the order of the choices on a ballot matters."""
        return self in (BallotMethod.SCHULZE, BallotMethod.INSTANT_RUNOFF)


class TieBreak(StrEnum):
    """What decided between films that were tied, in the order in which these are tried."""

    LAST_PLACES = "last places"
    FAIRNESS = "fairness"
    SEED = "seed"


@dataclass(frozen=True, slots=True)
class Ballot:
    """One member's choices, ids of nominated films: best first if ranked, else in any order.

    `weight` is in hundredths of a vote. `fairness_debt` says how long the member has been outvoted.
    """

    choices: tuple[str, ...]
    weight: int = ONE_VOTE
    fairness_debt: float = 0.0


@dataclass(frozen=True, slots=True)
class Round:
    """A round of an instant run-off: the votes of each film left, in hundredths, and which one was eliminated."""

    votes: Mapping[str, int]
    eliminated: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """The result: films from the winner down, and how it came about.

    `votes` are hundredths by film: approvals, or first choices in ranked methods. `pairs` says, for Schulze, how
    many votes prefer the first film of a pair to the second. `tie_breaks` decided the winner, as far as needed.
    `has_used_fairness` says whether fairness debts had a part in the order, if only in that of films further down.
    """

    order: tuple[str, ...]
    votes: Mapping[str, int]
    pairs: Mapping[tuple[str, str], int]
    rounds: tuple[Round, ...]
    tie_breaks: tuple[TieBreak, ...]
    has_used_fairness: bool

    @property
    def winner(self) -> str:
        """The film that won."""
        return self.order[0]


def count_ballots(method: BallotMethod, films: Sequence[str], ballots: Sequence[Ballot], seed: str) -> Count:
    """Return the count of the ballots on these films, of which there must be at least one.

    Choices that are no longer among the films are skipped. Without any ballot all films are tied.
    """
    counting = _Counting(tuple(films), ballots, seed)
    if method is BallotMethod.SCHULZE:
        return counting.count_schulze()
    if method is BallotMethod.INSTANT_RUNOFF:
        return counting.count_instant_runoff()
    return counting.count_votes(first_only=method is BallotMethod.ONE_VOTE)


def hash_seed(seed: str) -> str:
    """Return the SHA-256 of a seed in hexadecimal, which is shown before the ballot opens."""
    return hashlib.sha256(seed.encode()).hexdigest()


def draw_number(seed: str, film_id: str) -> str:
    """Return the film's lot: among films that nothing else tells apart, the lowest wins."""
    return hashlib.sha256(f"{seed}:{film_id}".encode()).hexdigest()


class _Counting:
    def __init__(self, films: tuple[str, ...], ballots: Sequence[Ballot], seed: str) -> None:
        self.films = films
        self.seed = seed
        self.has_used_fairness = False
        self.places = {film: place for place, film in enumerate(films)}
        self.debtors = [ballot for ballot in ballots if ballot.fairness_debt]
        # Many ballots are equal: each kind is counted once, with the sum of their weights.
        kinds: dict[tuple[str, ...], int] = {}
        for ballot in ballots:
            kinds[ballot.choices] = kinds.get(ballot.choices, 0) + ballot.weight
        rankings = [[self.places[film] for film in choices if film in self.places] for choices in kinds]
        self.weights: Votes = np.array(list(kinds.values()), dtype=np.int64)
        self.ranks: Votes = np.full((len(kinds), len(films)), len(films), dtype=np.int64)
        lengths = np.array([len(ranking) for ranking in rankings], dtype=np.int64)
        columns = np.fromiter(chain.from_iterable(rankings), np.int64)
        starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
        self.ranks[np.repeat(np.arange(len(kinds)), lengths), columns] = np.arange(len(columns)) - starts
        lowest = self.ranks.max(axis=1, keepdims=True, initial=0)
        # A ballot without a choice left, or on a single film, has no last place.
        has_choice = (self.ranks.min(axis=1, keepdims=True, initial=len(films)) == 0) & (lowest > 0)
        self.last_places: Votes = self.weights @ ((self.ranks == lowest) & has_choice).astype(np.int64)

    def count_schulze(self) -> Count:
        """Return the count by Schulze's method (2011), strength of a link by winning votes."""
        size = len(self.films)
        wins: Votes = np.zeros((size, size), dtype=np.int64)
        for film in range(size):
            wins[film] = self.weights @ (self.ranks[:, film, None] < self.ranks).astype(np.int64)
        paths = np.where(wins > wins.T, wins, 0)
        for middle in range(size):
            np.maximum(paths, np.minimum(paths[:, middle, None], paths[None, middle, :]), out=paths)
        is_beaten = paths < paths.T  # [i, j]: j beats i
        order: list[int] = []
        tie_breaks: tuple[TieBreak, ...] = ()
        left = list(range(size))
        while left:
            unbeaten = [film for film in left if not is_beaten[film, left].any()]
            best, used = self._break_tie(unbeaten)
            tie_breaks = tie_breaks if order else used
            order.append(best[0])
            left.remove(best[0])
        pairs = {
            (self.films[one], self.films[other]): int(wins[one, other])
            for one in range(size)
            for other in range(size)
            if one != other
        }
        return Count(
            self._name(order), self._count_first(range(size)), pairs, (), tie_breaks, self.has_used_fairness
        )

    def count_instant_runoff(self) -> Count:
        """Return the count by instant run-off: the film with the fewest votes goes, until one has a majority."""
        left = list(range(len(self.films)))
        rounds: list[Round] = []
        eliminated: list[int] = []
        tie_breaks: dict[TieBreak, None] = {}
        while True:
            votes = self._count_first(left)
            totals = {film: votes[self.films[film]] for film in left}
            leader = max(left, key=lambda film: totals[film])
            if 2 * totals[leader] > sum(totals.values()) or len(left) == 1:
                break
            fewest = min(totals.values())
            order, used = self._break_tie([film for film in left if totals[film] == fewest])
            tie_breaks |= dict.fromkeys(used)
            rounds.append(Round(votes, self.films[order[-1]]))
            eliminated.append(order[-1])
            left.remove(order[-1])
        rounds.append(Round(votes, None))
        others = [film for film in left if film != leader]
        ranked: list[int] = []
        for total in sorted({totals[film] for film in others}, reverse=True):
            ranked += self._break_tie([film for film in others if totals[film] == total])[0]
        order = [leader, *ranked, *reversed(eliminated)]
        first = self._count_first(range(len(self.films)))
        return Count(self._name(order), first, {}, tuple(rounds), tuple(tie_breaks), self.has_used_fairness)

    def count_votes(self, *, first_only: bool) -> Count:
        """Return the count of approvals, or of first choices alone."""
        everything = range(len(self.films))
        if first_only:
            votes = self._count_first(everything)
        else:
            approved = self.weights @ (self.ranks < len(self.films)).astype(np.int64)
            votes = {film: int(total) for film, total in zip(self.films, approved, strict=True)}
        order: list[int] = []
        tie_breaks: tuple[TieBreak, ...] = ()
        for total in sorted(set(votes.values()), reverse=True):
            best, used = self._break_tie([film for film in everything if votes[self.films[film]] == total])
            tie_breaks = tie_breaks if order else used
            order += best
        return Count(self._name(order), votes, {}, (), tie_breaks, self.has_used_fairness)

    def _name(self, order: Sequence[int]) -> tuple[str, ...]:
        return tuple(self.films[film] for film in order)

    def _count_first(self, left: Collection[int]) -> dict[str, int]:
        """Return the weight of the ballots whose best choice among the films left each film is."""
        columns = list(left)
        ranks = self.ranks[:, columns]
        best = ranks.argmin(axis=1)
        has_choice = ranks.min(axis=1, initial=len(self.films)) < len(self.films)
        totals = np.bincount(best[has_choice], weights=self.weights[has_choice], minlength=len(columns))
        return {self.films[film]: int(total) for film, total in zip(columns, totals, strict=True)}

    def _break_tie(self, tied: Sequence[int]) -> tuple[list[int], tuple[TieBreak, ...]]:
        """Return the films that are tied from the best down, and what was needed to tell the first one."""
        if len(tied) == 1:
            return list(tied), ()
        debts = self._sum_fairness_debts(tied)
        keys = {
            film: (int(self.last_places[film]), -debts[film], draw_number(self.seed, self.films[film]))
            for film in tied
        }
        order = sorted(tied, key=lambda film: keys[film])
        if len({key[0] for key in keys.values()}) < len(tied):
            self.has_used_fairness = True
        used = [TieBreak.LAST_PLACES]
        rivals = [film for film in tied if keys[film][0] == keys[order[0]][0]]
        if len(rivals) > 1:
            used.append(TieBreak.FAIRNESS)
            if sum(keys[film][1] == keys[order[0]][1] for film in rivals) > 1:
                used.append(TieBreak.SEED)
        return order, tuple(used)

    def _sum_fairness_debts(self, tied: Sequence[int]) -> dict[int, int]:
        """Return by film the summed debts, in thousandths, of those who prefer it to the other films tied."""
        debts = dict.fromkeys(tied, 0)
        for ballot in self.debtors:
            places = (self.places.get(film) for film in ballot.choices)
            preferred = next((place for place in places if place in debts), None)
            if preferred is not None:
                debts[preferred] += round(1_000 * ballot.fairness_debt)
        return debts


def measure_disappointment(choices: Sequence[str], winner: str, film_count: int) -> float:
    """Return how far down a ballot the winner is: 0 for the first choice, 1 for the last place."""
    if not choices or film_count < 2:
        return 0.0
    if winner not in choices:
        return 1.0
    return choices.index(winner) / (film_count - 1)
