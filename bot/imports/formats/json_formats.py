"""What the items of services' JSON files mean: Trakt's two formats, Simkl's backup, Marquee's own archive."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

from bot.imports.formats.files import SourceFile
from bot.imports.formats.values import (
    clean_review,
    clean_tags,
    clean_title,
    parse_day,
    parse_half_stars,
    parse_imdb_id,
    parse_positive_id,
)
from bot.imports.history import (
    UTC_ZONE,
    HistoryBuilder,
    ImportedReview,
    ImportedViewing,
    NamedFilm,
    Problem,
    Service,
)
from bot.reviews.stars import MAX_HALF_STARS, MIN_HALF_STARS

TEN = 10
"""Trakt and Simkl rate from 1 to 10."""
Item = Mapping[str, Any]


class ItemReader:
    """Reads one file's items into the builder."""

    def __init__(self, builder: HistoryBuilder, file: SourceFile) -> None:
        self.builder = builder
        self.path: PurePosixPath = file.path

    def day(self, value: object, zone: ZoneInfo = UTC_ZONE) -> date | None:
        """Return the day in a text, in that zone where it is a moment; one that is none is a problem."""
        try:
            return parse_day(value if isinstance(value, str) else "", zone)
        except ValueError:
            self.builder.problems[Problem.DAY] += 1
            return None

    def stars(self, value: object) -> int | None:
        """Return the half-stars of a rating from 1 to 10; None where there is none."""
        try:
            return parse_half_stars(str(value), TEN) if isinstance(value, int | float | str) else None
        except ValueError:
            self.builder.problems[Problem.RATING] += 1
            return None

    def film(self, value: object) -> NamedFilm | None:
        """Return the film that an object describes, or None with a problem where nothing names it."""
        fields: Item = value if isinstance(value, dict) else {}
        ids_value = fields.get("ids")
        ids_field: Item = ids_value if isinstance(ids_value, dict) else fields
        ids = {}
        for name in ("imdb", "imdb_id", "id"):
            if "imdb" not in ids and (imdb := parse_imdb_id(str(ids_field.get(name) or ""))) is not None:
                ids["imdb"] = imdb
        for name in ("tmdb", "tmdb_id"):
            if "tmdb" not in ids and (tmdb := parse_positive_id(str(ids_field.get(name) or ""))) is not None:
                ids["tmdb"] = tmdb
        title, year = clean_title(str(fields.get("title") or "")), fields.get("year")
        year = year if isinstance(year, int) and 1870 <= year <= 2200 else None
        if not title and not ids:
            self.builder.problems[Problem.NO_TITLE] += 1
            return None
        return NamedFilm(title, year, ids)


HandleItem = Callable[[ItemReader, Item], None]


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """Items of a JSON file and what is done with each."""

    service: Service
    items: Iterable[Item]
    handle: HandleItem


def recognise(document: Any, file: SourceFile) -> list[JsonFormat]:
    """Return what a parsed file holds, nothing where it is of no service known here."""
    if isinstance(document, dict):
        if "viewings" in document and "ratings" in document:
            return [
                JsonFormat(Service.MARQUEE, _items(document.get(name)), handle)
                for name, handle in _MARQUEE_TABLES.items()
            ]
        if isinstance(document.get("movies"), list):
            return [JsonFormat(Service.SIMKL, _items(document["movies"]), _simkl_film)]
        return []
    items = _items(document)
    if any("movie" in item for item in items[:50]):
        is_aggregate = file.path.name.startswith("watched-movies")  # the history has each of these viewings
        return [] if is_aggregate else [JsonFormat(Service.TRAKT, items, _trakt_item)]
    if any({"watched_at", "watchlisted_at", "rated_at", "rating"} & item.keys() for item in items[:50]):
        return [JsonFormat(Service.TRAKT, items, _trakt_import_item)]
    return []


def is_other_media(document: Any) -> bool:
    """Return whether these are items without films, such as a file of shows."""
    return isinstance(document, list) and all(
        isinstance(item, dict) and {"show", "episode", "season", "person"} & item.keys() for item in document[:50]
    )


def _items(value: Any) -> list[Item]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _trakt_item(reader: ItemReader, item: Item) -> None:
    if "movie" not in item:
        reader.builder.problems[Problem.NOT_A_FILM] += 1
        return
    film = reader.film(item["movie"])
    if film is None:
        return
    comment, name = item.get("comment"), reader.path.name
    if isinstance(comment, dict):
        day = reader.day(comment.get("created_at"), reader.builder.zone)
        text = clean_review(str(comment.get("comment") or ""))
        reader.builder.add_review(film, ImportedReview(text, bool(comment.get("spoiler")), None, day))
    elif "watched_at" in item:
        day = reader.day(item["watched_at"], reader.builder.zone)
        reader.builder.add_viewing(film, ImportedViewing(day, day), "history")
    elif "rating" in item:
        _rate(reader, film, reader.stars(item["rating"]), reader.day(item.get("rated_at"), reader.builder.zone))
    elif "watchlist" in name:
        history = reader.builder.add_film(film)
        history.is_on_watchlist, history.watchlisted_on = (
            True,
            reader.day(item.get("listed_at"), reader.builder.zone),
        )
    elif "favorites" in name:
        reader.builder.add_film(film).is_liked = True
    else:
        reader.builder.add_film(film).is_listed = True


def _trakt_import_item(reader: ItemReader, item: Item) -> None:
    if item.get("type", "movie") != "movie":
        reader.builder.problems[Problem.NOT_A_FILM] += 1
        return
    film = reader.film(item)
    if film is None:
        return
    if item.get("watched_at"):
        is_unknown = item["watched_at"] in ("unknown", "released")  # Trakt's words for a day that is not known
        day = None if is_unknown else reader.day(item["watched_at"], reader.builder.zone)
        reader.builder.add_viewing(film, ImportedViewing(day), "history")
    if (stars := reader.stars(item.get("rating"))) is not None:
        _rate(reader, film, stars, reader.day(item.get("rated_at"), reader.builder.zone))
    if item.get("watchlisted_at"):
        history = reader.builder.add_film(film)
        history.is_on_watchlist, history.watchlisted_on = (
            True,
            reader.day(item["watchlisted_at"], reader.builder.zone),
        )


def _rate(reader: ItemReader, film: NamedFilm, half_stars: int | None, rated_on: date | None) -> None:
    if half_stars is not None:
        history = reader.builder.add_film(film)
        history.half_stars, history.rated_on = half_stars, rated_on


def _simkl_film(reader: ItemReader, item: Item) -> None:
    film = reader.film(item.get("movie"))
    if film is None:
        return
    _rate(
        reader,
        film,
        reader.stars(item.get("user_rating")),
        reader.day(item.get("user_rated_at"), reader.builder.zone),
    )
    if item.get("status") == "plantowatch":
        history = reader.builder.add_film(film)
        history.is_on_watchlist = True
        history.watchlisted_on = reader.day(item.get("added_to_watchlist_at"), reader.builder.zone)
    elif item.get("status") == "completed" or item.get("last_watched_at"):
        day = reader.day(item.get("last_watched_at"), reader.builder.zone)
        reader.builder.add_viewing(film, ImportedViewing(day, day), "history")


# Marquee's own archive (`/mydata export`): rows of its tables, one server's beside the other's.


def _marquee_film(reader: ItemReader, item: Item) -> NamedFilm | None:
    film_id = clean_title(str(item.get("film_id") or ""))[:100]
    if not film_id:
        reader.builder.problems[Problem.NO_TITLE] += 1
        return None
    title = film_id.replace("-", " ")
    return NamedFilm(title, None, {"marquee": film_id})


def _half_stars(value: object) -> int | None:
    return value if isinstance(value, int) and MIN_HALF_STARS <= value <= MAX_HALF_STARS else None


def _marquee_rating(reader: ItemReader, item: Item) -> None:
    film = _marquee_film(reader, item)
    if film is None:
        return
    rated_on = reader.day(item.get("edited_at") or item.get("created_at"))
    history = reader.builder.add_film(film)
    is_newer = history.half_stars is None or (rated_on or date.min) >= (history.rated_on or date.min)
    if (stars := _half_stars(item.get("stars"))) is not None and is_newer:
        history.half_stars, history.rated_on = stars, rated_on
    if item.get("is_liked") is True:
        history.is_liked = True
    if text := clean_review(str(item.get("text") or "")):
        written_on = reader.day(item.get("text_written_at") or item.get("created_at"))
        review = ImportedReview(text, bool(item.get("is_spoiler")), None, written_on)
        reader.builder.add_review(film, review)


def _marquee_viewing(reader: ItemReader, item: Item) -> None:
    if (film := _marquee_film(reader, item)) is not None:
        tags = item.get("tags")
        viewing = ImportedViewing(
            watched_on=reader.day(item.get("watched_on")),
            logged_on=reader.day(item.get("created_at")),
            half_stars=_half_stars(item.get("stars")),
            is_rewatch=bool(item.get("is_rewatch")),
            tags=clean_tags(map(str, tags)) if isinstance(tags, list) else (),
        )
        reader.builder.add_viewing(film, viewing, str(item.get("server_id")))


def _marquee_review(reader: ItemReader, item: Item) -> None:
    if (film := _marquee_film(reader, item)) is not None:
        review = ImportedReview(
            clean_review(str(item.get("text") or "")),
            bool(item.get("is_spoiler")),
            reader.day(item.get("watched_on")),
            reader.day(item.get("written_on")),
        )
        reader.builder.add_review(film, review)


def _marquee_listed(reader: ItemReader, item: Item) -> None:
    if (film := _marquee_film(reader, item)) is not None:
        history = reader.builder.add_film(film)
        history.is_on_watchlist, history.watchlisted_on = True, reader.day(item.get("added_at"))


def _marquee_like(reader: ItemReader, item: Item) -> None:
    if (film := _marquee_film(reader, item)) is not None:
        reader.builder.add_film(film).is_liked = True


_MARQUEE_TABLES: dict[str, HandleItem] = {
    "ratings": _marquee_rating,
    "viewings": _marquee_viewing,
    "imported_reviews": _marquee_review,
    "watchlist": _marquee_listed,
    "liked_films": _marquee_like,
}


def sort_key(file: SourceFile) -> tuple[str, int]:
    """Return by what the files of one export are ordered: `watched-history-10` comes after `-9`."""
    stem = file.path.stem
    head, _, number = stem.rpartition("-")
    with suppress(ValueError):
        return head, int(number)
    return stem, 0
