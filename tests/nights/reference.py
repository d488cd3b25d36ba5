"""The counting methods once more, written from their definitions and as slowly as these read."""

from collections.abc import Sequence
from itertools import pairwise, permutations

Ballots = Sequence[tuple[tuple[str, ...], int]]
"""Choices, best first, with the ballot's weight."""


def prefers(choices: tuple[str, ...], one: str, other: str) -> bool:
    if one not in choices:
        return False
    return other not in choices or choices.index(one) < choices.index(other)


def support(ballots: Ballots, one: str, other: str) -> int:
    return sum(weight for choices, weight in ballots if prefers(choices, one, other))


def path_strength(films: Sequence[str], ballots: Ballots, start: str, end: str) -> int:
    """The strength of the strongest of all paths, each as strong as its weakest link."""
    between = [film for film in films if film not in (start, end)]
    best = 0
    for length in range(len(between) + 1):
        for middle in permutations(between, length):
            path = [start, *middle, end]
            links = list(pairwise(path))
            if all(support(ballots, one, two) > support(ballots, two, one) for one, two in links):
                best = max(best, min(support(ballots, one, two) for one, two in links))
    return best


def schulze_winners(films: Sequence[str], ballots: Ballots) -> set[str]:
    """The films that no other film beats by a stronger path."""
    return {
        film
        for film in films
        if all(
            path_strength(films, ballots, film, other) >= path_strength(films, ballots, other, film)
            for other in films
            if other != film
        )
    }


def runoff_winners(films: Sequence[str], ballots: Ballots) -> set[str]:
    """The films that can win an instant run-off, whichever of the films with the fewest votes goes."""
    votes = dict.fromkeys(films, 0)
    for choices, weight in ballots:
        for film in choices:
            if film in votes:
                votes[film] += weight
                break
    for film in films:
        if 2 * votes[film] > sum(votes.values()):
            return {film}
    if len(films) == 1:
        return set(films)
    winners = set()
    for film in films:
        if votes[film] == min(votes.values()):
            winners |= runoff_winners([each for each in films if each != film], ballots)
    return winners


def last_places(films: Sequence[str], ballots: Ballots, film: str) -> int:
    """The weight of the ballots that prefer some film to this one, and this one to none."""
    return sum(
        weight
        for choices, weight in ballots
        if any(prefers(choices, other, film) for other in films)
        and not any(prefers(choices, film, other) for other in films)
    )
