"""How soon a film is in the list, and how steady the list is, while its title is typed letter by letter.

    python -m benchmarks.title_typing [--titles FILE.tsv] [--films 150] [--seed 7]

Films are drawn by fame. The benchmark counts how many letters have to be typed until the film (or one of the
same name) is shown, is in the first five, and comes first, and the same for a list that knows nothing but fame:
the most famous titles that begin with what is typed. After each letter it also counts which of the five films
that came first before still match, their titles beginning with what is typed now, and how many of these have
left the first five, or the 25 that are shown.
"""

import argparse
import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from operator import itemgetter
from pathlib import Path

import numpy as np

from benchmarks.title_films import read_films
from bot.core.text.folding import fold
from bot.search.engine import TitleIndex
from bot.search.index import Match, TitleEntry

FIRST, SHOWN = 5, 25
MAX_TYPED = 16
"""Letters of a title that are typed to measure how steady the list is."""
MIN_LETTERS, MAX_LETTERS = 3, 30
"""Letters from and up to which the benchmark checks whether the film is there."""
LAST_CHARACTER = "\U0010ffff"
LIMITS = (1, FIRST, SHOWN)
Search = Callable[[str], list[str]]
"""Returns the names in the list, as `letters_of` returns them, for what is typed."""


@dataclass
class Stability:
    """How many of the first five films still match a letter later, and have left the first five or the list."""

    still_matching: int = 0
    left_first: int = 0
    left_list: int = 0

    def add(self, before: Sequence[Match], after: Sequence[Match], typed: str) -> None:
        """Compare the list after a letter was typed with the one before."""
        prefix = letters_of(typed)
        matching = {match.film_id for match in before[:FIRST] if letters_of(match.matched).startswith(prefix)}
        films = [match.film_id for match in after]
        self.still_matching += len(matching)
        self.left_first += len(matching - set(films[:FIRST]))
        self.left_list += len(matching - set(films))


def letters_of(text: str) -> str:
    """Return the text without spaces and marks."""
    return fold(text).replace(" ", "")


def measure_stability(index: TitleIndex, films: Sequence[TitleEntry]) -> Stability:
    """Return the counts for all films, their titles typed letter by letter."""
    stability = Stability()
    for film in films:
        before: list[Match] = []
        for end in range(2, min(len(film.title), MAX_TYPED) + 1):
            after = index.search(film.title[:end], SHOWN)
            stability.add(before, after, film.title[:end])
            before = after
    return stability


def list_by_fame(films: Sequence[TitleEntry]) -> Search:
    """Return a list of the most famous titles that begin with what is typed."""
    rows = sorted((letters_of(film.title), -film.fame) for film in films)
    names = [name for name, _ in rows]

    def search(text: str) -> list[str]:
        prefix = letters_of(text)
        low, high = bisect_left(names, prefix), bisect_right(names, prefix + LAST_CHARACTER)
        return [name for name, _ in nsmallest(SHOWN, rows[low:high], key=itemgetter(1))]

    return search


def count_letters_needed(search: Search, title: str) -> list[int]:
    """Return after how many letters the title is within each of LIMITS; one more than it has if never."""
    name, end = letters_of(title), min(len(title), MAX_LETTERS)
    needed = [end + 1] * len(LIMITS)
    for count in range(end, MIN_LETTERS - 1, -1):
        names = search(title[:count])
        rank = names.index(name) if name in names else SHOWN
        needed = [count if rank < limit else before for before, limit in zip(needed, LIMITS, strict=True)]
    return needed


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--titles", type=Path, help="films as TSV (docs/search.md); else the starter's")
    parser.add_argument("--films", type=int, default=150)
    parser.add_argument("--seed", type=int, default=7)
    params = parser.parse_args()
    films = read_films(params.titles)
    drawn = random.Random(params.seed).choices(films, [film.fame**0.75 for film in films], k=params.films)
    index = TitleIndex(films)
    lists = {
        "Marquee": lambda text: [letters_of(match.title) for match in index.search(text, SHOWN)],
        "by fame": list_by_fame(films),
    }
    for name, search in lists.items():
        first, in_first, shown = np.mean(
            [count_letters_needed(search, fold(film.title)) for film in drawn], axis=0
        )
        print(f"{name}: letters until shown {shown:.2f}, in the first {FIRST} {in_first:.2f}, first {first:.2f}")
    stability = measure_stability(index, drawn)
    still = stability.still_matching
    print(f"{len(drawn)} titles typed: {still:,} times a film of the first {FIRST} still matched one letter later")
    print(
        f"it left the first {FIRST} in {stability.left_first / still:.1%}, "
        f"the list of {SHOWN} in {stability.left_list / still:.2%}"
    )


if __name__ == "__main__":
    main()
