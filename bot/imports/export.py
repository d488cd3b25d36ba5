"""A member's history as files for other services: in Letterboxd's, IMDb's and Trakt's import forms.

What such a file can say, `formats` reads back as it was: docs/imports.md has a table of it.
"""

import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from bot.core.text.csv_files import Cell, write_csv
from bot.imports.history import FilmHistory, HistoryBuilder, ImportedReview, ImportedViewing, Service

LETTERBOXD_COLUMNS = (
    "Title", "Year", "imdbID", "tmdbID", "Directors", "WatchedDate", "Rating", "Rewatch", "Tags", "Review",
    "Spoiler", "Liked",
)  # fmt: skip
"""https://letterboxd.com/about/importing-data/: each row is a film that was seen.

The last two columns are Marquee's own: Letterboxd's form has none for them.
"""
LETTERBOXD_UNDATED_COLUMNS = (
    "Title", "Year", "imdbID", "tmdbID", "Directors", "Rating", "Review", "Spoiler", "Liked",
)  # fmt: skip
"""The same without a column of days: these rows are no viewings."""
LETTERBOXD_LIST_COLUMNS = ("Title", "Year", "imdbID", "tmdbID", "Directors")
IMDB_RATINGS_COLUMNS = (
    "Const", "Your Rating", "Date Rated", "Title", "Original Title", "URL", "Title Type", "IMDb Rating",
    "Runtime (mins)", "Year", "Genres", "Num Votes", "Release Date", "Directors",
)  # fmt: skip
IMDB_LIST_COLUMNS = (
    "Position", "Const", "Created", "Modified", "Description", "Title", "Original Title", "URL", "Title Type",
    "IMDb Rating", "Runtime (mins)", "Year", "Genres", "Num Votes", "Release Date", "Directors", "Your Rating",
    "Date Rated",
)  # fmt: skip
DAYTIME = "T10:00:00.000Z"
"""The time of a viewing of which only the day is known: then it is the same day from Hawaii to New Zealand."""


def format_rating(half_stars: int | None) -> str | None:
    """Return half-stars in stars, with a decimal point: 7 is `3.5`."""
    return f"{half_stars / 2:g}" if half_stars else None


def _letterboxd_head(history: FilmHistory) -> tuple[Cell, ...]:
    film = history.film
    return (
        film.title,
        film.year,
        film.ids.get("imdb"),
        film.ids.get("tmdb"),
        ", ".join(film.directors) or None,
    )


def _letterboxd_row(
    history: FilmHistory, viewing: ImportedViewing, half_stars: int | None, review: ImportedReview | None
) -> tuple[Cell, ...]:
    return (
        *_letterboxd_head(history),
        viewing.watched_on.isoformat() if viewing.watched_on else None,
        format_rating(half_stars),
        "true" if viewing.is_rewatch else None,
        ", ".join(viewing.tags) or None,
        review.text if review is not None else None,
        *_marks(history, review),
    )


def _marks(history: FilmHistory, review: ImportedReview | None) -> tuple[Cell, Cell]:
    """Return the cells that say whether the review has spoilers, and whether the film is liked."""
    is_spoiler = review is not None and review.is_spoiler
    return "true" if is_spoiler else None, "true" if history.is_liked else None


def _pair_reviews(history: FilmHistory) -> tuple[list[ImportedReview | None], list[ImportedReview]]:
    """Return the review of each viewing, by its day, and the reviews that are about none of them."""
    left = list(history.reviews)
    paired: list[ImportedReview | None] = []
    for viewing in history.viewings:
        review = next((each for each in left if each.watched_on == viewing.watched_on), None)
        if review is not None:
            left.remove(review)
        paired.append(review)
    return paired, left


def list_letterboxd_rows(history: FilmHistory) -> Iterable[tuple[Cell, ...]]:
    """Yield a row for each viewing of a film, at least one; the reviews go with the viewings they are about."""
    viewings = history.viewings or [ImportedViewing(half_stars=history.half_stars)]
    paired, left = _pair_reviews(history) if history.viewings else ([None], list(history.reviews))
    for number, (viewing, review) in enumerate(zip(viewings, paired, strict=True)):
        is_last = number + 1 == len(viewings)
        if review is None and is_last and left:
            review = left[0]
        stars = viewing.half_stars or (history.half_stars if is_last else None)
        yield _letterboxd_row(history, viewing, stars, review)


def render_leftovers(histories: Iterable[FilmHistory]) -> str:
    """Return films that were not imported as a CSV file that Letterboxd, and Marquee, can import."""
    return _render(LETTERBOXD_COLUMNS, (row for history in histories for row in list_letterboxd_rows(history)))


def render_exports(histories: Sequence[FilmHistory]) -> dict[str, str]:
    """Return the files of a member's history by their names, without those that would be empty."""
    files = {
        "letterboxd.csv": _render(LETTERBOXD_COLUMNS, _list_diary(histories)),
        "letterboxd-more.csv": _render(LETTERBOXD_UNDATED_COLUMNS, _list_undated(histories)),
        "letterboxd-watchlist.csv": _render(
            LETTERBOXD_LIST_COLUMNS, (_letterboxd_head(each) for each in histories if each.is_on_watchlist)
        ),
        "imdb-ratings.csv": _render(IMDB_RATINGS_COLUMNS, map(_imdb_rating, _rated(histories))),
        "imdb-watchlist.csv": _render(IMDB_LIST_COLUMNS, _list_imdb_watchlist(histories)),
    }
    filled = {name: text for name, text in files.items() if text.count("\n") > 1}
    if items := [item for history in histories for item in _list_trakt_items(history)]:
        filled["trakt.json"] = json.dumps(items, ensure_ascii=False, indent=1)
    return filled


def _render(columns: Sequence[str], rows: Iterable[Iterable[Cell]]) -> str:
    text = io.StringIO(newline="")
    write_csv(text, [columns], line_end="\n")
    write_csv(text, rows, line_end="\n")
    return text.getvalue()


def _rated(histories: Iterable[FilmHistory]) -> Iterable[FilmHistory]:
    return (history for history in histories if history.half_stars is not None)


def _list_diary(histories: Iterable[FilmHistory]) -> Iterable[tuple[Cell, ...]]:
    """Yield a row for each viewing, oldest first of each film."""
    for history in histories:
        for viewing, review in zip(history.viewings, _pair_reviews(history)[0], strict=True):
            yield _letterboxd_row(history, viewing, viewing.half_stars, review)


def _list_undated(histories: Iterable[FilmHistory]) -> Iterable[tuple[Cell, ...]]:
    """Yield what the diary's rows don't say: ratings that are not the last viewing's, further reviews, likes."""
    for history in histories:
        half_stars = None if _read_back_rating(history) == history.half_stars else history.half_stars
        reviews: list[ImportedReview | None] = [*_pair_reviews(history)[1]]
        if not reviews and (half_stars is not None or (history.is_liked and not history.viewings)):
            reviews.append(None)
        for review in reviews:
            text = review.text if review is not None else None
            yield (*_letterboxd_head(history), format_rating(half_stars), text, *_marks(history, review))


def _read_back_rating(history: FilmHistory) -> int | None:
    """Return the rating that the rows of a film's viewings give it when they are read."""
    builder = HistoryBuilder()
    for viewing in history.viewings:
        builder.add_viewing(history.film, viewing, "viewings")
    films = builder.build(Service.PLAIN).films
    return films[0].half_stars if films else None


def _imdb_url(imdb_id: str | None) -> str | None:
    return f"https://www.imdb.com/title/{imdb_id}/" if imdb_id else None


def _imdb_rating(history: FilmHistory) -> tuple[Cell, ...]:
    film, imdb_id = history.film, history.film.ids.get("imdb")
    rated_on = history.rated_on.isoformat() if history.rated_on is not None else None
    return (
        imdb_id, history.half_stars, rated_on, film.title, film.original_title or film.title, _imdb_url(imdb_id),
        "Movie", None, None, film.year, None, None, None, ", ".join(film.directors) or None,
    )  # fmt: skip


def _list_imdb_watchlist(histories: Iterable[FilmHistory]) -> Iterable[tuple[Cell, ...]]:
    listed = (history for history in histories if history.is_on_watchlist)
    for position, history in enumerate(listed, start=1):
        film, imdb_id = history.film, history.film.ids.get("imdb")
        day = history.watchlisted_on.isoformat() if history.watchlisted_on is not None else None
        yield (
            position, imdb_id, day, day, None, film.title, film.original_title or film.title, _imdb_url(imdb_id),
            "Movie", None, None, film.year, None, None, None, ", ".join(film.directors) or None, None, None,
        )  # fmt: skip


def _list_trakt_items(history: FilmHistory) -> Iterable[dict[str, Any]]:
    """Yield the items of Trakt's import format about a film: a viewing each, the first with all else."""
    film = history.film
    head = {
        "type": "movie",
        "title": film.title,
        "year": film.year,
        "imdb_id": film.ids.get("imdb"),
        "tmdb_id": int(film.ids["tmdb"]) if "tmdb" in film.ids else None,
    }
    items: list[dict[str, Any]] = [
        {"watched_at": f"{each.watched_on}{DAYTIME}" if each.watched_on is not None else "unknown"}
        for each in history.viewings
    ]
    marks: dict[str, Any] = {}
    if history.half_stars is not None:
        marks["rating"] = history.half_stars
        if history.rated_on is not None:
            marks["rated_at"] = f"{history.rated_on}{DAYTIME}"
    if history.is_on_watchlist:
        marks["watchlisted_at"] = f"{history.watchlisted_on or '1970-01-01'}{DAYTIME}"
    if marks and not items:
        items.append({})
    for number, item in enumerate(items):
        values = {**head, **item, **(marks if number == 0 else {})}
        yield {name: value for name, value in values.items() if value is not None}
