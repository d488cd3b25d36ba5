"""Small exports of our own making, as other services write them."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.imports.formats.reader import read_history
from bot.imports.history import FilmHistory, History

DIARY = ("Date", "Name", "Year", "Letterboxd URI", "Rating", "Rewatch", "Tags", "Watched Date")
REVIEWS = ("Date", "Name", "Year", "Letterboxd URI", "Rating", "Rewatch", "Review", "Tags", "Watched Date")
LISTED = ("Date", "Name", "Year", "Letterboxd URI")
RATED = (*LISTED, "Rating")
IMDB_RATINGS = (
    "Const", "Your Rating", "Date Rated", "Title", "Original Title", "URL", "Title Type", "IMDb Rating",
    "Runtime (mins)", "Year", "Genres", "Num Votes", "Release Date", "Directors",
)  # fmt: skip
IMDB_LIST = (
    "Position", "Const", "Created", "Modified", "Description", "Title", "Original Title", "URL", "Title Type",
    "IMDb Rating", "Runtime (mins)", "Year", "Genres", "Num Votes", "Release Date", "Directors", "Your Rating",
    "Date Rated",
)  # fmt: skip
Cell = str | int | float | None


def table(
    columns: Sequence[str], rows: Iterable[Sequence[Cell] | Mapping[str, Cell]], delimiter: str = ","
) -> str:
    """Return a CSV file; a row given by names leaves the other cells empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([row.get(name) for name in columns] if isinstance(row, Mapping) else row)
    return text.getvalue()


def archive(files: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP of these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as writer:
        for name, text in files.items():
            writer.writestr(name, text)
    return content.getvalue()


def letterboxd(**changes: str | None) -> bytes:
    """Return a Letterboxd export of six films; `changes` replace files by their names without `.csv`."""
    files: dict[str, str | None] = {
        "profile": "Date Joined,Username,Email Address\n2020-01-01,nobody,nobody@example.org\n",
        "watched": table(LISTED, [("2023-01-05", title, year, "u") for title, year in WATCHED]),
        "ratings": table(
            RATED,
            [
                ("2023-01-05", "Burning", 2018, "u", "4.5"),
                ("2023-02-01", "Oldboy", 2003, "u", "0.5"),
                ("2023-02-01", "Heat", 1995, "u", ""),
            ],
        ),
        "diary": table(
            DIARY,
            [
                ("2023-01-05", "Burning", 2018, "e1", "4", "", "cinema, 35mm", "2023-01-03"),
                ("2024-06-02", "Burning", 2018, "e2", "4.5", "Yes", "", "2024-06-01"),
                ("2023-02-01", "Oldboy", 2003, "e3", "0.5", "", "", "2023-02-01"),
            ],
        ),
        "reviews": table(
            REVIEWS,
            [("2023-01-05", "Burning", 2018, "e1", "4", "", "Smoke, and\nno fire.", "cinema, 35mm", "2023-01-03")],
        ),
        "watchlist": table(LISTED, [("2023-03-01", "Parasite", 2019, "u")]),
        "likes/films": table(LISTED, [("2023-03-01", "Burning", 2018, "u")]),
        "deleted/diary": table(DIARY, [("2020-01-01", "Forgotten", 2001, "e9", "1", "", "", "2020-01-01")]),
        **changes,
    }
    return archive({f"{name}.csv": text for name, text in files.items() if text is not None})


WATCHED = (("Burning", 2018), ("Oldboy", 2003), ("Heat", 1995))


def trakt(*, films: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a Trakt export in which each film was seen, rated and put on the watchlist."""
    history = [{"id": n, "watched_at": "2024-05-01T20:15:00.000Z", "type": "movie", "movie": film}
               for n, film in enumerate(films)]  # fmt: skip
    ratings = [{"rating": 7, "rated_at": "2024-05-02T00:00:00.000Z", "type": "movie", "movie": film}
               for film in films]  # fmt: skip
    comments = [{"comment": {"comment": "He did it.", "spoiler": True, "created_at": "2024-05-03T00:00:00Z"},
                 "type": "movie", "movie": films[0]}]  # fmt: skip
    shows = [{"watched_at": "2024-05-01T20:15:00.000Z", "type": "episode", "episode": {}, "show": {"title": "S"}}]
    files = {
        "watched-history-1.json": history,
        "watched-history-2.json": shows,
        "ratings-movies.json": ratings,
        "comments-movies.json": comments,
        "lists-watchlist.json": [{"listed_at": "2024-01-01T00:00:00Z", "type": "movie", "movie": films[-1]}],
        "lists-favorites.json": [{"listed_at": "2024-01-01T00:00:00Z", "type": "movie", "movie": films[0]}],
        "watched-movies.json": [{"plays": 9, "last_watched_at": "2024-05-01T20:15:00.000Z", "movie": films[0]}],
    }
    return archive({name: json.dumps(value) for name, value in files.items()})


def read(content: bytes | str, name: str = "export.zip") -> History:
    """Return what a file holds, read to the end."""
    steps = read_history(content.encode() if isinstance(content, str) else content, name)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            history: History = stop.value
            return history


def by_title(history: History) -> dict[str, FilmHistory]:
    """Return the films by their titles."""
    return {film.film.title: film for film in history.films}
