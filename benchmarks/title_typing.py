"""How soon a film is in the list, and how steady the list is, while its title is typed letter by letter.

    python -m benchmarks.title_typing [--titles FILE.tsv] [--films 150] [--seed 7]

Films are drawn by fame. It is counted how many letters have to be typed until the film (or one of the same name)
is shown, stands in the first five, and comes first; beside it, the same for a list that knows nothing but fame:
the most famous titles that begin with what is typed. After each letter it is counted, too, which of the five films
that came first before still match, their title beginning with what is typed now, and have left the first five, or
the 25 that are shown.
"""

import argparse
import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from heapq import nsmallest
from operator import itemgetter
from pathlib import Path

import numpy as np

from benchmarks.title_films import films_of
from bot.core.text.folding import fold
from bot.search.engine import FastTitleIndex
from bot.search.index import Match, TitleEntry

FIRST, SHOWN, LONGEST = 5, 25, 16
AT_LEAST, AT_MOST = 3, 30
"""Letters from and up to which it is looked whether the film is there."""
LAST = "\U0010ffff"
PLACES = (1, FIRST, SHOWN)
Typed = Callable[[str], list[str]]
"""Gives the names of the films in the list, as `letters`, for what is typed."""


def letters(text: str) -> str:
    """Give the text without spaces and marks."""
    return fold(text).replace(" ", "")


def lost(before: Sequence[Match], after: Sequence[Match], typed: str) -> tuple[int, int, int]:
    """Give how many of the first before still match, and how many of these left the first, and the list."""
    still = [match.film_id for match in before[:FIRST] if letters(match.matched).startswith(letters(typed))]
    now = [match.film_id for match in after]
    return len(still), len(set(still) - set(now[:FIRST])), len(set(still) - set(now))


def measure(index: FastTitleIndex, films: Sequence[TitleEntry]) -> tuple[int, int, int]:
    """Give these counts for all films' titles typed letter by letter."""
    counts = [0, 0, 0]
    for film in films:
        before: list[Match] = []
        for end in range(2, min(len(film.title), LONGEST) + 1):
            after = index.search(film.title[:end], SHOWN)
            more = lost(before, after, film.title[:end])
            counts = [count + added for count, added in zip(counts, more, strict=True)]
            before = after
    return counts[0], counts[1], counts[2]


def by_fame(films: Sequence[TitleEntry]) -> Typed:
    """Give the list that holds the most famous titles that begin with what is typed."""
    named = sorted((letters(film.title), -film.fame) for film in films)
    names = [name for name, _ in named]

    def typed(text: str) -> list[str]:
        low, high = bisect_left(names, letters(text)), bisect_right(names, letters(text) + LAST)
        return [name for name, _ in nsmallest(SHOWN, named[low:high], key=itemgetter(1))]

    return typed


def needed(typed: Typed, title: str) -> list[int]:
    """Give after how many letters the title is at each of PLACES or before; one letter more than all if never."""
    name, end = letters(title), min(len(title), AT_MOST)
    at = [end + 1] * len(PLACES)
    for count in range(end, AT_LEAST - 1, -1):
        names = typed(title[:count])
        place = names.index(name) if name in names else SHOWN
        at = [count if place < limit else before for before, limit in zip(at, PLACES, strict=True)]
    return at


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--titles", type=Path, help="films as TSV (docs/search.md); else the starter's")
    parser.add_argument("--films", type=int, default=150)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    films = films_of(given.titles)
    drawn = random.Random(given.seed).choices(films, [film.fame**0.75 for film in films], k=given.films)
    index = FastTitleIndex(films)
    found = {
        "Marquee": lambda text: [letters(match.title) for match in index.search(text, SHOWN)],
        "by fame": by_fame(films),
    }
    for name, typed in found.items():
        first, in_first, shown = np.mean([needed(typed, fold(film.title)) for film in drawn], axis=0)
        print(f"{name}: letters until shown {shown:.2f}, in the first {FIRST} {in_first:.2f}, first {first:.2f}")
    still, left_first, left_list = measure(index, drawn)
    print(f"{len(drawn)} titles typed: {still:,} times a film of the first {FIRST} still matched one letter later")
    print(f"it left the first {FIRST} in {left_first / still:.1%}, the list of {SHOWN} in {left_list / still:.2%}")


if __name__ == "__main__":
    main()
