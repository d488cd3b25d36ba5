"""How often the best-known films are among the first five after the first letters of their titles.

    python -m benchmarks.title_beginnings --known KNOWN.tsv [--titles FILE.tsv] [--films 200]

The columns of KNOWN.tsv are ratings, title, year. Films of both files get their number of ratings as fame, the
others less than any. Each film counts as often as it was rated, with and without its article.
"""

import argparse
import csv
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.title_films import read_films
from benchmarks.title_queries import comparable_title
from bot.search.engine import TitleIndex
from bot.search.index import TitleEntry

SHOWN = 5
LETTERS = (3, 4, 5)
ARTICLE = re.compile(r"^(the|a|an) ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class KnownFilm:
    """A film and how many people rated it."""

    ratings: int
    title: str
    year: int


def read_known(path: Path) -> list[KnownFilm]:
    """Return the films of KNOWN.tsv, the most rated first."""
    with path.open(newline="", encoding="utf-8") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        known = [KnownFilm(int(row["ratings"]), row["title"], int(row["year"])) for row in rows]
    return sorted(known, key=lambda film: -film.ratings)


def rate_films(films: list[TitleEntry], known: list[KnownFilm]) -> list[TitleEntry]:
    """Return the films with their numbers of ratings as fame, and the known films that are not among them."""
    by_title: dict[str, list[KnownFilm]] = defaultdict(list)
    for film in known:
        by_title[comparable_title(film.title)].append(film)
    highest = max((film.fame for film in films), default=0.0) + 1
    found: set[KnownFilm] = set()
    rated = []
    for film in films:
        same = (
            each
            for each in by_title.get(comparable_title(film.title), ())
            if each not in found and (film.year is None or abs(film.year - each.year) <= 1)
        )
        match = next(same, None)
        if match is not None:
            found.add(match)
        rated.append(replace(film, fame=match.ratings + 1.0 if match is not None else film.fame / highest))
    missing = (film for film in known if film not in found)
    rated += [
        TitleEntry(f"known-{position}", film.title, film.title, film.year, fame=film.ratings + 1.0)
        for position, film in enumerate(missing)
    ]
    return rated


def measure(index: TitleIndex, known: list[KnownFilm], letters: int, *, with_article: bool) -> float:
    """Return the share of ratings of films that are shown first after so many letters of their titles."""
    total = shown = 0
    for film in known:
        title = film.title if with_article else ARTICLE.sub("", film.title)
        wanted = comparable_title(film.title)
        found = {comparable_title(match.title) for match in index.search(title[:letters], SHOWN)}
        total += film.ratings
        shown += film.ratings * (wanted in found)
    return shown / total


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--known", type=Path, required=True, help="films as TSV: ratings, title, year")
    parser.add_argument("--titles", type=Path, help="films as TSV (docs/search.md); else the starter's")
    parser.add_argument("--films", type=int, default=200, help="so many of the best known are typed")
    params = parser.parse_args()
    known = read_known(params.known)
    index = TitleIndex(rate_films(read_films(params.titles), known))
    for with_article in (True, False):
        shares = (measure(index, known[: params.films], letters, with_article=with_article) for letters in LETTERS)
        name = "as written" if with_article else "without the article"
        print(f"{name}: in {SHOWN} after {LETTERS} letters: {' / '.join(f'{share:.3f}' for share in shares)}")


if __name__ == "__main__":
    main()
