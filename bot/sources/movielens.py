"""MovieLens rating sets (grouplens.org): ratings.csv, movies.csv and links.csv, gzipped or not.

Their terms allow research and personal use, not commerce, and no redistribution without permission: an operator
brings the folder, nothing of it ships with Marquee. Format: the README.txt in each set.
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
from bot.core.text.i18n import _
from bot.recommendations.models import RatingSet, sort_rating_set

MAX_NAMED_PROBLEMS = 5
"""Problems of a kind that are named one by one; the others are counted."""
RATINGS_BETWEEN_UPDATES = 1_000_000
_TITLE_AND_YEAR = re.compile(r"^(?P<title>.*?)\s*\((?P<year>\d{4})\)\s*$")
_TRAILING_ARTICLE = re.compile(r"^(?P<rest>.+), (?P<article>The|A|An|Le|La|Les|Der|Die|Das|Il|El|Los|Las|L')$")
_HALF_STARS = {str(half / 2): half for half in range(1, 11)} | {str(whole): 2 * whole for whole in range(1, 6)}
_MAX_ID = 2**32
_READ_ERRORS = (csv.Error, EOFError, OSError, zlib.error)
"""What reading raises where a file is damaged."""


@dataclass(frozen=True, slots=True)
class LinkedFilm:
    """What a MovieLens folder says of a film: enough to find it in the catalogue."""

    title: str | None = None
    year: int | None = None
    ids: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Problems:
    """What was left out: the number of each kind, and the first few with their place."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def add(self, kind: str, place: str) -> None:
        """Count a problem; name it if few of its kind came before."""
        self.counts[kind] += 1
        if self.counts[kind] <= MAX_NAMED_PROBLEMS:
            self.examples.append(f"{place}: {kind}")


@dataclass(frozen=True, slots=True)
class MovieLens:
    """The ratings of the catalogue's films, what was left out, and how many other films and ratings there are."""

    ratings: RatingSet
    problems: Problems
    unknown_films: int
    unknown_film_ratings: int


FindFilm = Callable[[LinkedFilm], str | None]
"""Returns the catalogue's id of a film, or None."""
OnProgress = Callable[[int], None]
"""Called with the number of ratings read."""


def read(folder: Path, find_film: FindFilm, on_progress: OnProgress = lambda _count: None) -> MovieLens:
    """Return the folder's ratings; `on_progress` is called after every RATINGS_BETWEEN_UPDATES of them.

    ratings.csv is streamed: it takes 9 bytes of memory a rating. Raises InvalidInputError where the folder,
    ratings.csv, or both of movies.csv and links.csv are missing, or a header is not MovieLens'.
    """
    if not folder.is_dir():
        raise InvalidInputError(_("{folder} is not a folder.").format(folder=folder))
    if _find_file(folder, "ratings.csv") is None:
        raise InvalidInputError(_("{folder} has no ratings.csv: is it a MovieLens folder?").format(folder=folder))
    problems = Problems()
    linked_films = _read_films(folder, problems)
    if not linked_films:
        raise InvalidInputError(
            _("{folder} has neither movies.csv nor links.csv that name a film.").format(folder=folder)
        )
    columns: dict[str, int] = {}
    """The place of each of the catalogue's films in the rating set."""
    column_of_movie: dict[int, int | None] = {}
    """The same by MovieLens' id; None for a film outside the catalogue."""
    for movie_id, film in linked_films.items():
        film_id = find_film(film)
        column_of_movie[movie_id] = None if film_id is None else columns.setdefault(film_id, len(columns))

    member_column, film_column, half_stars_column = array("I"), array("I"), array("B")
    unknown_films: set[int] = set()
    unknown_film_ratings = 0
    rows = _read_rows(folder, "ratings.csv", ("userId", "movieId", "rating"), problems)
    for count, (place, row) in enumerate(rows, 1):
        if count % RATINGS_BETWEEN_UPDATES == 0:
            on_progress(count)
        member, movie, half_stars = _parse_id(row[0]), _parse_id(row[1]), _HALF_STARS.get(row[2].strip())
        if member is None or movie is None or half_stars is None:
            problems.add(_("not a rating"), place)
        elif movie not in column_of_movie:
            problems.add(_("a film that neither movies.csv nor links.csv names"), place)
        elif (column := column_of_movie[movie]) is None:
            unknown_films.add(movie)
            unknown_film_ratings += 1
        else:
            member_column.append(member)
            film_column.append(column)
            half_stars_column.append(half_stars)
    ratings, repeated = sort_rating_set(
        folder.resolve().name[:40],
        tuple(columns),
        member=np.asarray(member_column, dtype=np.uint32),
        film=np.asarray(film_column, dtype=np.uint32),
        half_stars=np.asarray(half_stars_column, dtype=np.uint8),
    )
    if repeated:
        problems.counts[_("a film rated again by the same member; the last rating counts")] += repeated
    return MovieLens(ratings, problems, len(unknown_films), unknown_film_ratings)


def _read_films(folder: Path, problems: Problems) -> dict[int, LinkedFilm]:
    """Return what movies.csv and links.csv say of each film, by MovieLens' id."""
    titles: dict[int, tuple[str, int | None]] = {}
    ids: dict[int, dict[str, str]] = {}
    for place, row in _read_rows(folder, "movies.csv", ("movieId", "title"), problems):
        if (movie := _parse_id(row[0])) is None or not row[1].strip():
            problems.add(_("not a film"), place)
        else:
            titles[movie] = split_title(row[1])
    for place, row in _read_rows(folder, "links.csv", ("movieId", "imdbId", "tmdbId"), problems):
        if (movie := _parse_id(row[0])) is None:
            problems.add(_("not a link"), place)
            continue
        imdb, tmdb = _parse_id(row[1]), _parse_id(row[2])
        ids[movie] = ({"imdb": f"tt{imdb:07d}"} if imdb else {}) | ({"tmdb": str(tmdb)} if tmdb else {})
    films = {}
    for movie in sorted(titles.keys() | ids.keys()):
        title, year = titles.get(movie, (None, None))
        films[movie] = LinkedFilm(title, year, ids.get(movie, {}))
    return films


def split_title(text: str) -> tuple[str, int | None]:
    """Return title and year of a MovieLens title: `The Matrix` and 1999 for `Matrix, The (1999)`."""
    match = _TITLE_AND_YEAR.match(text.strip())
    title, year = (match["title"], int(match["year"])) if match else (text.strip(), None)
    if moved := _TRAILING_ARTICLE.match(title):
        space = "" if moved["article"].endswith("'") else " "
        title = f"{moved['article']}{space}{moved['rest']}"
    return title, year


def _read_rows(
    folder: Path, name: str, columns: tuple[str, ...], problems: Problems
) -> Iterator[tuple[str, list[str]]]:
    """Yield each row's place and its values of those columns; a missing file is a problem and has no rows."""
    path = _find_file(folder, name)
    if path is None:
        problems.add(_("missing"), name)
        return
    with _open_text(path) as file:
        reader = csv.reader(file)
        try:
            header = next(reader, [])
        except _READ_ERRORS as error:
            raise InvalidInputError(
                _("{name} can't be read: {reason}.").format(name=name, reason=error)
            ) from error
        if not set(columns) <= set(header):
            raise InvalidInputError(
                _("{name} has no columns {columns}: is it MovieLens'?").format(
                    name=name, columns=", ".join(columns)
                )
            )
        indices = [header.index(column) for column in columns]
        while True:
            try:
                row = next(reader, None)
            except _READ_ERRORS as error:
                stopped = _("can't be read from here on ({reason})").format(reason=error)
                problems.add(stopped, f"{name}:{reader.line_num}")
                return
            if row is None:
                return
            place = f"{name}:{reader.line_num}"
            if len(row) != len(header):
                if row:
                    problems.add(_("not as many values as columns"), place)
                continue
            yield place, [row[index] for index in indices]


def _open_text(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline="")
    return path.open(encoding="utf-8-sig", errors="replace", newline="")


def _find_file(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)


def _parse_id(text: str) -> int | None:
    text = text.strip()
    return number if text.isascii() and text.isdigit() and 0 < (number := int(text)) < _MAX_ID else None
