"""What the rows of other services' CSV files mean.

Files are known by their columns; a name only tells twins apart. The columns are those of the services' own exports
(Letterboxd, IMDb, MovieLens, TV Time's data request), and of Letterboxd's import format, which other tools write
too (https://letterboxd.com/about/importing-data/).
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from bot.imports.formats.files import Row, SourceFile
from bot.imports.formats.values import (
    clean_review,
    clean_tags,
    clean_title,
    is_yes,
    parse_day,
    parse_half_stars,
    parse_imdb_id,
    parse_number,
    parse_positive_id,
    parse_year,
)
from bot.imports.history import (
    HistoryBuilder,
    ImportedReview,
    ImportedViewing,
    NamedFilm,
    Problem,
    Service,
)
from bot.sources.movielens import split_title

LETTERBOXD_SCALE, IMDB_SCALE = 5, 10
"""The most that each service lets give: Letterboxd's is in stars."""
SCALES = (5, 10, 100)
"""What the ratings of a file without a service may be out of: the least that none of them exceeds."""
LETTERBOXD_LIST = "letterboxd list export"
"""How the first line of a list begins that Letterboxd exported; two lines about the list itself follow."""


class RowReader:
    """Reads one file's rows into the builder; `scale` is what a rating without a service's own scale is out of."""

    def __init__(self, builder: HistoryBuilder, file: SourceFile, scale: float = LETTERBOXD_SCALE) -> None:
        self.builder = builder
        self.path = file.path
        self.scale = scale

    def day(self, text: str) -> date | None:
        """Return the day in a cell; one that is none is a problem."""
        try:
            return parse_day(text)
        except ValueError:
            self.builder.problems[Problem.DAY] += 1
            return None

    def stars(self, text: str, scale: float) -> int | None:
        """Return the half-stars in a cell; a rating that is none is a problem."""
        try:
            return parse_half_stars(text, scale)
        except ValueError:
            self.builder.problems[Problem.RATING] += 1
            return None

    def film(self, film: NamedFilm) -> NamedFilm | None:
        """Return the film, or None with a problem where nothing names it."""
        if film.title or film.ids:
            return film
        self.builder.problems[Problem.NO_TITLE] += 1
        return None

    def rate(self, film: NamedFilm, half_stars: int | None, rated_on: date | None) -> None:
        """Store the film's rating, unless it is blank."""
        if half_stars is not None:
            history = self.builder.add_film(film)
            history.half_stars, history.rated_on = half_stars, rated_on


HandleRow = Callable[[RowReader, Row], None]


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """A kind of file: its columns, and for files with the same columns a part of its name.

    Files of one export are read in the order of their `rank`: what is surer about a viewing comes first.
    """

    service: Service
    columns: frozenset[str]
    handle: HandleRow
    name: str = ""
    rank: int = 0

    def fits(self, columns: Iterable[str], file: SourceFile) -> bool:
        """Return whether the file is of this kind."""
        return self.columns.issubset(columns) and self.name in str(file.path)


# Letterboxd


def _letterboxd_film(reader: RowReader, row: Row) -> NamedFilm | None:
    title = clean_title(row.get("name", ""))
    if not title:
        reader.builder.problems[Problem.NO_TITLE] += 1
        return None
    return NamedFilm(title, parse_year(row.get("year", "")))


def _letterboxd_viewing(reader: RowReader, row: Row) -> None:
    """Read a row of diary.csv or reviews.csv; a review of a viewing that the diary has tells of no other one."""
    film = _letterboxd_film(reader, row)
    if film is None:
        return
    watched_on, logged_on = reader.day(row.get("watched date", "")), reader.day(row.get("date", ""))
    viewing = ImportedViewing(
        watched_on=watched_on,
        logged_on=logged_on,
        half_stars=reader.stars(row.get("rating", ""), LETTERBOXD_SCALE),
        is_rewatch=is_yes(row.get("rewatch", "")),
        tags=clean_tags(row.get("tags", "").split(",")),
    )
    reader.builder.add_viewing(film, viewing, "reviews" if "review" in row else "diary")
    if text := clean_review(row.get("review", "")):
        review = ImportedReview(text, watched_on=watched_on, written_on=logged_on)
        reader.builder.add_review(film, review)


def _letterboxd_rating(reader: RowReader, row: Row) -> None:
    if (film := _letterboxd_film(reader, row)) is not None:
        reader.rate(film, reader.stars(row.get("rating", ""), LETTERBOXD_SCALE), reader.day(row.get("date", "")))


def _letterboxd_watched(reader: RowReader, row: Row) -> None:
    if (film := _letterboxd_film(reader, row)) is not None:
        reader.builder.add_viewing(film, ImportedViewing(logged_on=reader.day(row.get("date", ""))), "watched")


def _letterboxd_watchlist(reader: RowReader, row: Row) -> None:
    if (film := _letterboxd_film(reader, row)) is not None:
        history = reader.builder.add_film(film)
        history.is_on_watchlist, history.watchlisted_on = True, reader.day(row.get("date", ""))


def _letterboxd_like(reader: RowReader, row: Row) -> None:
    if (film := _letterboxd_film(reader, row)) is not None:
        reader.builder.add_film(film).is_liked = True


def _letterboxd_listed(reader: RowReader, row: Row) -> None:
    if (film := _letterboxd_film(reader, row)) is not None:
        reader.builder.add_film(film).is_listed = True


# IMDb


def _imdb_film(reader: RowReader, row: Row) -> NamedFilm | None:
    kind = row.get("title type", "").casefold()
    if any(word in kind for word in ("series", "episode", "game", "podcast", "music")):
        reader.builder.problems[Problem.NOT_A_FILM] += 1
        return None
    imdb_id = parse_imdb_id(row.get("const", "")) or parse_imdb_id(row.get("url", ""))
    directors = tuple(filter(None, (clean_title(name) for name in row.get("directors", "").split(","))))
    return reader.film(
        NamedFilm(
            title=clean_title(row.get("title", "")),
            year=parse_year(row.get("year", "")),
            ids={"imdb": imdb_id} if imdb_id else {},
            directors=directors[:5],
            original_title=clean_title(row.get("original title", "")),
        )
    )


def _imdb_rating(reader: RowReader, row: Row) -> None:
    if (film := _imdb_film(reader, row)) is not None:
        stars = reader.stars(row.get("your rating", ""), IMDB_SCALE)
        reader.rate(film, stars, reader.day(row.get("date rated", "")) if stars else None)


def _imdb_listed(reader: RowReader, row: Row) -> None:
    """Read a row of a list; the watchlist is the list of that name."""
    film = _imdb_film(reader, row)
    if film is None:
        return
    history = reader.builder.add_film(film)
    if "watchlist" in reader.path.name:
        history.is_on_watchlist, history.watchlisted_on = True, reader.day(row.get("created", ""))
    else:
        history.is_listed = True
    if row.get("your rating"):
        _imdb_rating(reader, row)


# MovieLens and TV Time


def _movielens_rating(reader: RowReader, row: Row) -> None:
    title, year = split_title(row.get("title", ""))
    ids = {}
    if imdb := parse_positive_id(row.get("imdb_id", "").removeprefix("tt")):
        ids["imdb"] = f"tt{imdb:>07}"
    if tmdb := parse_positive_id(row.get("tmdb_id", "")):
        ids["tmdb"] = tmdb
    film = reader.film(NamedFilm(clean_title(title), year, ids))
    if film is not None:
        reader.rate(film, reader.stars(row.get("rating", ""), LETTERBOXD_SCALE), None)


def _tv_time_event(reader: RowReader, row: Row) -> None:
    """Read an event; what it is stands in front of an id in `type-uuid-n`, or alone in `type`."""
    title = clean_title(row.get("movie_name", ""))
    if not title or row.get("entity_type", "movie").casefold() not in ("movie", ""):
        reader.builder.problems[Problem.NOT_A_FILM] += 1
        return
    event = (row.get("type-uuid-n") or row.get("type", "")).casefold().partition("-")[0]
    film = NamedFilm(title, parse_year(row.get("release_date", "")))
    if event in ("watch", "rewatch"):
        day = reader.day(row.get("created_at", ""))
        viewing = ImportedViewing(watched_on=day, logged_on=day, is_rewatch=event == "rewatch")
        reader.builder.add_viewing(film, viewing, "tv time")
    elif event == "towatch":
        history = reader.builder.add_film(film)
        history.is_on_watchlist, history.watchlisted_on = True, reader.day(row.get("created_at", ""))


# Letterboxd's import format, and files of no known service

TITLE_COLUMNS = ("title", "name", "film", "movie", "movie title", "film title")
_ALIASES = {
    "year": ("year", "release year", "release_year", "released"),
    "imdb": ("imdbid", "imdb_id", "imdb id", "imdb", "const", "tconst"),
    "tmdb": ("tmdbid", "tmdb_id", "tmdb id", "tmdb"),
    "directors": ("directors", "director"),
    "marquee": ("marquee_id",),
    "rated": ("rated_at", "rated_on", "date rated"),
    "watched": ("watcheddate", "watched date", "watched_at", "watched_on", "watched on", "date watched"),
    "rating": ("rating", "your rating", "stars", "score", "my rating", "rating10"),
    "rewatch": ("rewatch",),
    "tags": ("tags",),
    "review": ("review", "comment"),
}
IMPORT_COLUMN = "watcheddate"
"""The column of Letterboxd's import format that no other file has: there each row is a film that was seen."""


def find_cell(row: Row, name: str) -> str:
    """Return the first cell with something in it under one of the names of a column."""
    return next((row[alias] for alias in _ALIASES[name] if row.get(alias)), "")


def _plain_row(reader: RowReader, row: Row) -> None:
    title = next((row[name] for name in TITLE_COLUMNS if row.get(name)), "")
    title, year = (title, None) if find_cell(row, "year") else split_title(title)
    ids = {}
    if marquee := find_cell(row, "marquee")[:100]:
        ids["marquee"] = marquee
    if imdb := parse_imdb_id(find_cell(row, "imdb")):
        ids["imdb"] = imdb
    if tmdb := parse_positive_id(find_cell(row, "tmdb")):
        ids["tmdb"] = tmdb
    directors = tuple(filter(None, map(clean_title, find_cell(row, "directors").split(","))))[:5]
    film = reader.film(NamedFilm(clean_title(title), year or parse_year(find_cell(row, "year")), ids, directors))
    if film is None:
        return
    scale = 10 if row.get("rating10") else reader.scale
    stars, watched_on = reader.stars(find_cell(row, "rating"), scale), reader.day(find_cell(row, "watched"))
    text = clean_review(find_cell(row, "review"))
    if watched_on is not None or IMPORT_COLUMN in row:
        tags = clean_tags(find_cell(row, "tags").split(","))
        viewing = ImportedViewing(watched_on, None, stars, is_yes(find_cell(row, "rewatch")), tags)
        reader.builder.add_viewing(film, viewing, "viewings")
    elif stars is not None:
        reader.rate(film, stars, reader.day(find_cell(row, "rated")))
    if text:
        is_spoiler = is_yes(row.get("spoiler", ""))
        reader.builder.add_review(film, ImportedReview(text, is_spoiler, watched_on))
    history = reader.builder.add_film(film)
    is_liked, is_on_watchlist = is_yes(row.get("liked", "")), is_yes(row.get("watchlist", ""))
    if is_liked:
        history.is_liked = True
    if is_on_watchlist:
        history.is_on_watchlist = True
    if not (stars or text or watched_on or is_liked or is_on_watchlist or IMPORT_COLUMN in row):
        if "watchlist" in reader.path.name.lower():
            history.is_on_watchlist = True
        else:
            history.is_listed = True


def find_highest_rating(rows: Iterable[Row]) -> float:
    """Return the highest rating of these rows as a number, 0 if they have none."""
    highest = 0.0
    for row in rows:
        with suppress(ValueError):
            highest = max(highest, parse_number(find_cell(row, "rating")) or 0.0)
    return highest


def guess_scale(highest: float) -> float:
    """Return what ratings are out of whose highest is that."""
    return next((scale for scale in SCALES if highest <= scale), SCALES[-1])


_LETTERBOXD = {"name", "year", "letterboxd uri"}


def _format(service: Service, columns: set[str], handle: HandleRow, rank: int, name: str = "") -> CsvFormat:
    return CsvFormat(service, frozenset(columns), handle, name, rank)


FORMATS = (
    _format(Service.LETTERBOXD, _LETTERBOXD | {"watched date", "review"}, _letterboxd_viewing, 2),
    _format(Service.LETTERBOXD, _LETTERBOXD | {"watched date"}, _letterboxd_viewing, 1),
    _format(Service.LETTERBOXD, _LETTERBOXD | {"rating"}, _letterboxd_rating, 4),
    _format(Service.LETTERBOXD, _LETTERBOXD, _letterboxd_watchlist, 5, "watchlist"),
    _format(Service.LETTERBOXD, _LETTERBOXD, _letterboxd_watched, 3, "watched"),
    _format(Service.LETTERBOXD, _LETTERBOXD, _letterboxd_like, 6, "likes/films"),
    _format(Service.LETTERBOXD, _LETTERBOXD, _letterboxd_listed, 7),
    _format(Service.LETTERBOXD, {"position", "name", "year", "url"}, _letterboxd_listed, 8),
    _format(Service.IMDB, {"const", "position", "created"}, _imdb_listed, 2),
    _format(Service.IMDB, {"const", "your rating", "title"}, _imdb_rating, 1),
    _format(Service.MOVIELENS, {"movie_id", "imdb_id", "rating", "title"}, _movielens_rating, 1),
    _format(Service.TV_TIME, {"movie_name", "created_at"}, _tv_time_event, 1),
)
"""All kinds of files, the one with more columns before the one that has a part of them."""
PLAIN = CsvFormat(Service.PLAIN, frozenset(), _plain_row, rank=9)
"""A file with a column of titles that no service is known for."""
