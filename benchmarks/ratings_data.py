"""Reads a ratings set to measure with: a MovieLens folder, with people and languages from a films.tsv."""

import csv
import gzip
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

Rating = tuple[str, str, float]
Records = dict[str, dict[str, object]]
_YEAR = re.compile(r"\((\d{4})\)\s*$")


def read(folder: Path) -> tuple[list[Rating], Records]:
    """Return the ratings and the films of a folder with ratings.csv and films.tsv or movies.csv (.gz or not).

    `fame` of a film is the number of its ratings. Raises FileNotFoundError where a file is missing.
    """
    ratings = [(r["userId"], r["movieId"], float(r["rating"])) for r in _rows(folder, "ratings.csv", ",")]
    fame = Counter(film for _, film, _ in ratings)
    films: Records = {}
    try:
        for row in _rows(folder, "films.tsv", "\t"):
            films[row["movieId"]] = {
                "title": row["title"], "year": int(row["year"] or 0), "genres": _split(row["genres"]),
                "directors": _split(row["directors"]), "cast": _split(row["cast"]), "language": row["language"],
                "fame": fame[row["movieId"]],
            }  # fmt: skip
    except FileNotFoundError:
        for row in _rows(folder, "movies.csv", ","):
            year = _YEAR.search(row["title"])
            films[row["movieId"]] = {
                "title": row["title"], "year": int(year[1]) if year else 0, "genres": _split(row["genres"]),
                "directors": [], "cast": [], "language": "", "fame": fame[row["movieId"]],
            }  # fmt: skip
    return ratings, films


def _split(text: str) -> list[str]:
    return [part for part in text.split("|") if part and not part.startswith("(no ")]


def _rows(folder: Path, name: str, delimiter: str) -> Iterator[dict[str, str]]:
    packed = folder / f"{name}.gz"
    if packed.is_file():
        with gzip.open(packed, "rt", encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file, delimiter=delimiter)
    else:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file, delimiter=delimiter)
