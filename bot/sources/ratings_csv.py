"""An operator's own ratings: a CSV file with a header, or MovieLens' older files, `member::film::stars::time`."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.core.errors import InvalidInputError
from bot.core.text.i18n import _
from bot.recommendations.models import Rating

COLUMNS = {
    "member": ("member", "user", "userid", "user_id", "member_id"),
    "film": ("film", "movie", "movieid", "movie_id", "item", "film_id", "imdb_id", "tconst"),
    "stars": ("stars", "rating", "score"),
}
"""The columns that are read, and what else they may be called; capitals don't matter."""
OLD_SEPARATOR = "::"
"""What separates the cells in MovieLens' files of 2003 (ml-1m), which have no header."""
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

    Cells are separated by commas, semicolons or tabs; stars may have a decimal comma. Text is UTF-8, or Latin-1
    where it is not. Raises InvalidInputError where the file can't be read or the header lacks a column.
    """
    result = RatingsFile()
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            for number, cells in _read_rows(map(_as_latin_1, file)):
                if (rating := _parse_rating(*cells)) is not None:
                    result.ratings.append(rating)
                    continue
                result.bad_rows += 1
                if len(result.problems) < MAX_NAMED_ROWS:
                    result.problems.append(f"{path.name}:{number}: {_describe_problem(*cells)}")
    except OSError as error:
        raise InvalidInputError(
            _("{file} can't be read: {reason}.").format(file=path, reason=error.strerror)
        ) from error
    except csv.Error as error:
        raise InvalidInputError(
            _("{file} is not a CSV file: {reason}.").format(file=path, reason=error)
        ) from error
    return result


def _as_latin_1(line: str) -> str:
    """Return the line as Latin-1 has it where it was no UTF-8."""
    try:
        line.encode()
    except UnicodeEncodeError:
        return line.encode(errors="surrogateescape").decode("latin-1")
    return line


def _read_rows(lines: Iterator[str]) -> Iterator[tuple[int, tuple[str, str, str]]]:
    """Yield each row's member, film and stars with the number of its last line."""
    first = next(lines, "")
    if OLD_SEPARATOR in first:
        for number, line in enumerate(_chain(first, lines), start=1):
            cells = [*line.split(OLD_SEPARATOR), "", "", ""]
            yield number, (cells[0], cells[1], cells[2])
        return
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(_chain(first, lines), delimiter=delimiter)
    header = [cell.strip().casefold() for cell in next(reader, ())]
    places = {
        name: next((header.index(alias) for alias in aliases if alias in header), None)
        for name, aliases in COLUMNS.items()
    }
    if None in places.values():
        raise InvalidInputError(
            _("The file needs a header line with the columns {columns}.").format(columns=", ".join(COLUMNS))
        )
    columns = [place or 0 for place in places.values()]
    for row in reader:
        if any(map(str.strip, row)):
            member, film, stars = (row[place] if place < len(row) else "" for place in columns)
            yield reader.line_num, (member, film, stars)


def _chain(first: str, lines: Iterable[str]) -> Iterator[str]:
    yield first
    yield from lines


def _describe_problem(member: str, film: str, stars: str) -> str:
    """Return what is wrong with a row that is no rating, the first thing of several."""
    if not member.strip():
        return _("no member")
    if not film.strip():
        return _("no film")
    return _("stars must be a number from 0.5 to 5, not {value}").format(value=repr(stars.strip()))


def _parse_rating(member: str, film: str, stars: str) -> Rating | None:
    member, film = member.strip(), film.strip()
    try:
        value = float(stars.strip().replace(",", "."))
    except ValueError:
        return None
    return (member, film, value) if member and film and 0.5 <= value <= 5 else None
