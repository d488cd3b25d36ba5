"""An operator's own ratings: a CSV file with the columns member, film and stars."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

from bot.core.errors import InvalidInputError
from bot.recommendations.models import Rating

COLUMNS = ("member", "film", "stars")
MAX_NAMED_ROWS = 5
"""Bad rows that are named one by one; the others are counted."""


@dataclass(slots=True)
class RatingsFile:
    """The ratings, in the file's order, the number of bad rows, and the first of these with their place."""

    ratings: list[Rating] = field(default_factory=list)
    bad_rows: int = 0
    problems: list[str] = field(default_factory=list)


def read(path: Path) -> RatingsFile:
    """Return the file's ratings; bad rows are left out and counted.

    Raises InvalidInputError where the file can't be read or the header lacks a column.
    """
    result = RatingsFile()
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            reader = csv.DictReader(file)
            if not set(COLUMNS) <= set(reader.fieldnames or ()):
                raise InvalidInputError(f"The file needs a header line with the columns {', '.join(COLUMNS)}.")
            for row in reader:
                if (rating := _parse_rating(row)) is not None:
                    result.ratings.append(rating)
                    continue
                result.bad_rows += 1
                if len(result.problems) < MAX_NAMED_ROWS:
                    place = f"{path.name}:{reader.line_num}"
                    result.problems.append(f"{place}: not a member, a film and stars from 0.5 to 5")
    except OSError as error:
        raise InvalidInputError(f"{path} can't be read: {error.strerror}.") from error
    except csv.Error as error:
        raise InvalidInputError(f"{path} is not a CSV file: {error}.") from error
    return result


def _parse_rating(row: dict[str, str]) -> Rating | None:
    member, film, stars = ((row[column] or "").strip() for column in COLUMNS)
    try:
        value = float(stars)
    except ValueError:
        return None
    return (member, film, value) if member and film and 0.5 <= value <= 5 else None
