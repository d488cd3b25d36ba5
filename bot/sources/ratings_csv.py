"""An operator's own ratings: a CSV file with the columns member, film and stars."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.core.errors import InvalidInputError
from bot.recommendations.models import Rating

COLUMNS = ("member", "film", "stars")
NAMED = 5


@dataclass(slots=True)
class RatingsFile:
    """The ratings, in the file's order, and what was left out: how many rows, the first few with their place."""

    ratings: list[Rating] = field(default_factory=list)
    left_out: int = 0
    named: list[str] = field(default_factory=list)


def read(path: Path) -> RatingsFile:
    """Read the file; a bad row is left out and told.

    Raises InvalidInputError where the file can't be read or the header lacks a column.
    """
    found = RatingsFile()
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            for rating, place in _rows(file):
                if rating is not None:
                    found.ratings.append(rating)
                    continue
                found.left_out += 1
                if len(found.named) < NAMED:
                    found.named.append(f"{path.name}:{place}: not a member, a film and stars from 0.5 to 5")
    except OSError as error:
        raise InvalidInputError(f"{path} can't be read: {error.strerror}.") from error
    except csv.Error as error:
        raise InvalidInputError(f"{path} is not a CSV file: {error}.") from error
    return found


def _rows(file: Iterator[str]) -> Iterator[tuple[Rating | None, int]]:
    reader = csv.DictReader(file)
    if not set(COLUMNS) <= set(reader.fieldnames or ()):
        raise InvalidInputError(f"The file needs a header line with the columns {', '.join(COLUMNS)}.")
    for row in reader:
        member, film, stars = ((row[column] or "").strip() for column in COLUMNS)
        try:
            value = float(stars)
        except ValueError:
            value = 0.0
        good = bool(member and film) and 0.5 <= value <= 5
        yield ((member, film, value) if good else None), reader.line_num
