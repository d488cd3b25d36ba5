"""MovieLens ratings sets (grouplens.org): ratings.csv, movies.csv and links.csv, packed by gzip or not.

Their terms allow research and personal use, not commerce, and no passing on without leave: an operator brings the
folder, nothing of it ships with Marquee. Format: the README.txt in each set.
"""

import csv
import gzip
import re
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import numpy as np

from bot.core.errors import InvalidInputError
from bot.recommendations.models import RatingSet, sort_rating_set

NAMED = 5
"""Problems of a kind that are named one by one; the others are counted."""
STEP = 1_000_000
"""Ratings between two reports of progress."""
_TITLE = re.compile(r"^(?P<title>.*?)\s*\((?P<year>\d{4})\)\s*$")
_ARTICLE = re.compile(r"^(?P<rest>.+), (?P<article>The|A|An|Le|La|Les|Der|Die|Das|Il|El|Los|Las|L')$")
_HALF_STARS = {str(half / 2): half for half in range(1, 11)} | {str(whole): 2 * whole for whole in range(1, 6)}
_MOST = 2**32
_BROKEN = (csv.Error, EOFError, OSError, zlib.error)
"""What reading raises where a file is damaged."""


@dataclass(frozen=True, slots=True)
class LinkedFilm:
    """What a MovieLens folder tells of a film: enough to find it in the catalogue."""

    title: str | None = None
    year: int | None = None
    ids: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Problems:
    """What was left out: how many of each kind, the first few with their place."""

    counts: Counter[str] = field(default_factory=Counter)
    named: list[str] = field(default_factory=list)

    def add(self, kind: str, place: str) -> None:
        """Count a problem; name it if few of its kind came before."""
        self.counts[kind] += 1
        if self.counts[kind] <= NAMED:
            self.named.append(f"{place}: {kind}")


@dataclass(frozen=True, slots=True)
class MovieLens:
    """What was read: the ratings of catalogue films, what was left out, how many films are outside it."""

    ratings: RatingSet
    problems: Problems
    outside: int
    outside_ratings: int


FilmOf = Callable[[LinkedFilm], str | None]
Progress = Callable[[int], None]


def read(folder: Path, require_film: FilmOf, progress: Progress = lambda _count: None) -> MovieLens:
    """Read the folder; `film_of` gives the catalogue's film id, or None. `progress` is told every STEP ratings.

    ratings.csv is streamed: 9 bytes of memory a rating. Raises InvalidInputError where the folder, ratings.csv,
    or both of movies.csv and links.csv are missing, or a header is not MovieLens'.
    """
    if not folder.is_dir():
        raise InvalidInputError(f"{folder} is not a folder.")
    if _find(folder, "ratings.csv") is None:
        raise InvalidInputError(f"{folder} has no ratings.csv: is it a MovieLens folder?")
    problems = Problems()
    linked = _films(folder, problems)
    if not linked:
        raise InvalidInputError(f"{folder} has neither movies.csv nor links.csv that name a film.")
    films: dict[str, int] = {}
    place = {
        number: None if (found := require_film(film)) is None else films.setdefault(found, len(films))
        for number, film in linked.items()
    }
    return _ratings(folder, place, tuple(films), (problems, progress))


def _ratings(
    folder: Path, place: dict[int, int | None], films: tuple[str, ...], told: tuple[Problems, Progress]
) -> MovieLens:
    problems, progress = told
    members, columns, halves = array("I"), array("I"), array("B")
    outside: set[int] = set()
    outside_ratings = 0
    for count, (where, row) in enumerate(
        _rows(folder, "ratings.csv", ("userId", "movieId", "rating"), problems), 1
    ):
        if count % STEP == 0:
            progress(count)
        member, number, half = _number(row[0]), _number(row[1]), _HALF_STARS.get(row[2].strip())
        if member is None or number is None or half is None:
            problems.add("not a rating", where)
        elif number not in place:
            problems.add("a film that neither movies.csv nor links.csv names", where)
        elif (column := place[number]) is None:
            outside.add(number)
            outside_ratings += 1
        else:
            members.append(member)
            columns.append(column)
            halves.append(half)
    ratings, again = sort_rating_set(
        folder.resolve().name[:40],
        films,
        member=np.frombuffer(members, dtype=np.uint32) if members else np.zeros(0, np.uint32),
        film=np.frombuffer(columns, dtype=np.uint32) if columns else np.zeros(0, np.uint32),
        half_stars=np.frombuffer(halves, dtype=np.uint8) if halves else np.zeros(0, np.uint8),
    )
    if again:
        problems.counts["a film rated again by the same member; the last rating counts"] += again
    return MovieLens(ratings, problems, len(outside), outside_ratings)


def _films(folder: Path, problems: Problems) -> dict[int, LinkedFilm]:
    titles: dict[int, tuple[str, int | None]] = {}
    ids: dict[int, dict[str, str]] = {}
    for where, row in _rows(folder, "movies.csv", ("movieId", "title"), problems):
        if (number := _number(row[0])) is None or not row[1].strip():
            problems.add("not a film", where)
        else:
            titles[number] = split_title(row[1])
    for where, row in _rows(folder, "links.csv", ("movieId", "imdbId", "tmdbId"), problems):
        if (number := _number(row[0])) is None:
            problems.add("not a link", where)
            continue
        imdb, tmdb = _number(row[1]), _number(row[2])
        ids[number] = ({"imdb": f"tt{imdb:07d}"} if imdb else {}) | ({"tmdb": str(tmdb)} if tmdb else {})
    return {
        number: LinkedFilm(title, year, ids.get(number, {}))
        for number in sorted(titles.keys() | ids.keys())
        for title, year in [titles.get(number, (None, None))]
    }


def split_title(text: str) -> tuple[str, int | None]:
    """Give the title as it is spoken and the year of MovieLens' `Matrix, The (1999)`."""
    found = _TITLE.match(text.strip())
    title, year = (found["title"], int(found["year"])) if found else (text.strip(), None)
    if moved := _ARTICLE.match(title):
        space = "" if moved["article"].endswith("'") else " "
        title = f"{moved['article']}{space}{moved['rest']}"
    return title, year


def _rows(
    folder: Path, name: str, columns: tuple[str, ...], problems: Problems
) -> Iterator[tuple[str, list[str]]]:
    """Give each row's place and the values of those columns; a missing file is a problem and gives nothing."""
    path = _find(folder, name)
    if path is None:
        problems.add("missing", name)
        return
    with _opened(path) as file:
        reader = csv.reader(file)
        try:
            header = next(reader, [])
        except _BROKEN as error:
            raise InvalidInputError(f"{name} can't be read: {error}.") from error
        if not set(columns) <= set(header):
            raise InvalidInputError(f"{name} has no columns {', '.join(columns)}: is it MovieLens'?")
        at = [header.index(column) for column in columns]
        while True:
            try:
                row = next(reader, None)
            except _BROKEN as error:
                problems.add(f"can't be read on ({error})", f"{name}:{reader.line_num}")
                return
            if row is None:
                return
            where = f"{name}:{reader.line_num}"
            if len(row) != len(header):
                if row:
                    problems.add("not as many values as columns", where)
                continue
            yield where, [row[column] for column in at]


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline="")
    return path.open(encoding="utf-8-sig", errors="replace", newline="")


def _find(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)


def _number(text: str) -> int | None:
    text = text.strip()
    return number if text.isascii() and text.isdigit() and 0 < (number := int(text)) < _MOST else None
