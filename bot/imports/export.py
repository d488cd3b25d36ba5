"""Files of films for other services: Letterboxd's import format."""

import io
from collections.abc import Iterable

from bot.core.text.csv_files import Cell, write_csv
from bot.imports.history import FilmHistory, ImportedViewing

LETTERBOXD_COLUMNS = (
    "Title", "Year", "imdbID", "tmdbID", "Directors", "WatchedDate", "Rating", "Rewatch", "Tags", "Review",
)  # fmt: skip
"""https://letterboxd.com/about/importing-data/"""


def format_rating(half_stars: int | None) -> str | None:
    """Return half-stars in stars, with a decimal point: 7 is `3.5`."""
    return f"{half_stars / 2:g}" if half_stars else None


def list_letterboxd_rows(history: FilmHistory) -> Iterable[tuple[Cell, ...]]:
    """Yield a row for each viewing of a film, at least one; the reviews go with the viewings they are about."""
    film = history.film
    head = (
        film.title,
        film.year,
        film.ids.get("imdb"),
        film.ids.get("tmdb"),
        ", ".join(film.directors) or None,
    )
    viewings = history.viewings or [ImportedViewing(half_stars=history.half_stars)]
    reviews = list(history.reviews)
    for number, viewing in enumerate(viewings):
        is_last = number + 1 == len(viewings)
        about = [each for each in reviews if each.watched_on == viewing.watched_on]
        review = about[0] if about else reviews[0] if is_last and reviews else None
        if review is not None:
            reviews.remove(review)
        stars = viewing.half_stars or (history.half_stars if is_last else None)
        yield (
            *head,
            viewing.watched_on.isoformat() if viewing.watched_on else None,
            format_rating(stars),
            "true" if viewing.is_rewatch else None,
            ", ".join(viewing.tags) or None,
            review.text if review is not None else None,
        )


def render_leftovers(histories: Iterable[FilmHistory]) -> str:
    """Return films that were not imported as a CSV file that Letterboxd, and Marquee, can import."""
    text = io.StringIO(newline="")
    write_csv(text, [LETTERBOXD_COLUMNS], line_end="\n")
    for history in histories:
        write_csv(text, list_letterboxd_rows(history), line_end="\n")
    return text.getvalue()
