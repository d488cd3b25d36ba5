"""How steady the list is while a title is typed letter by letter.

    python -m benchmarks.title_typing [--titles FILE.tsv] [--films 150] [--seed 7]

Films are drawn by fame. After each letter it is counted which of the five films that came first before still
match, their title beginning with what is typed now, and have left the first five, or the 25 that are shown.
"""

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

from benchmarks.title_films import films_of
from bot.films.titles.engine import FastTitleIndex
from bot.films.titles.index import Match, TitleEntry
from bot.films.titles.normalise import fold

FIRST, SHOWN, LONGEST = 5, 25, 16


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


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--titles", type=Path, help="films as TSV (docs/search.md); else the starter's")
    parser.add_argument("--films", type=int, default=150)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    films = films_of(given.titles)
    drawn = random.Random(given.seed).choices(films, [film.fame**0.75 for film in films], k=given.films)
    still, left_first, left_list = measure(FastTitleIndex(films), drawn)
    print(f"{len(drawn)} titles typed: {still:,} times a film of the first {FIRST} still matched one letter later")
    print(f"it left the first {FIRST} in {left_first / still:.1%}, the list of {SHOWN} in {left_list / still:.2%}")


if __name__ == "__main__":
    main()
