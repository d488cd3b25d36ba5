"""Reads everything a member has stored about films into histories, and makes the files of their export of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.films.models import CreditJob
from bot.films.tables import credits, film_ids, films, people
from bot.imports.export import render_exports
from bot.imports.history import FilmHistory, ImportedReview, ImportedViewing, NamedFilm
from bot.imports.tables import imported_reviews, liked_films
from bot.reviews.tables import ratings, viewings
from bot.watchlists.tables import watchlist

FILMS_PER_QUERY = 500
SOURCES = ("imdb", "tmdb")


async def export_files(connection: AsyncConnection, member_id: int) -> dict[str, str]:
    """Return files for other services, those of each server by the server's id in their names."""
    files: dict[str, str] = {}
    for server_id, histories in (await read_histories(connection, member_id)).items():
        for name, text in render_exports(histories).items():
            stem, _, extension = name.rpartition(".")
            files[f"{stem}-{server_id}.{extension}"] = text
    return files


async def read_histories(connection: AsyncConnection, member_id: int) -> dict[int, list[FilmHistory]]:
    """Return what the member has stored about films in each server, by title."""

    async def rows_of(table: Any, *order: ColumnElement[Any]) -> Sequence[Any]:
        statement = select(table).where(table.c.member_id == member_id).order_by(*order)
        return (await connection.execute(statement)).all()

    found: dict[tuple[int, str], FilmHistory] = {}

    def history_of(row: Any) -> FilmHistory:
        key = (row.server_id, row.film_id)
        if key not in found:
            found[key] = FilmHistory(NamedFilm(row.film_id))
        return found[key]

    for row in await rows_of(viewings, viewings.c.watched_on, viewings.c.id):
        history_of(row).viewings.append(
            ImportedViewing(
                row.watched_on, row.created_at.date(), row.stars, row.is_rewatch, tuple(row.tags or ())
            )
        )
    for row in await rows_of(ratings, ratings.c.id):
        history = history_of(row)
        history.half_stars = row.stars
        history.rated_on = (row.edited_at or row.created_at).date()
        history.is_liked = row.is_liked
        if row.text:
            days = [each.watched_on for each in history.viewings if each.watched_on is not None]
            written_on = (row.text_written_at or row.created_at).date()
            day = max(days, default=None)
            history.reviews.append(ImportedReview(row.text, row.is_spoiler, day, written_on))
    for row in await rows_of(imported_reviews, imported_reviews.c.id):
        history = history_of(row)
        if row.published_at is None and all(each.text != row.text for each in history.reviews):
            history.reviews.append(ImportedReview(row.text, row.is_spoiler, row.watched_on, row.written_on))
    for row in await rows_of(watchlist, watchlist.c.added_at):
        history = history_of(row)
        history.is_on_watchlist, history.watchlisted_on = True, row.added_at.date()
    for row in await rows_of(liked_films, liked_films.c.film_id):
        history = history_of(row)
        history.is_liked = history.is_liked or history.half_stars is None
    named = await _read_films(connection, {film_id for _, film_id in found})
    by_server: dict[int, list[FilmHistory]] = defaultdict(list)
    for (server_id, film_id), history in found.items():
        history.film = named.get(film_id, history.film)
        by_server[server_id].append(history)
    for histories in by_server.values():
        histories.sort(key=lambda each: (each.film.title, each.film.year or 0))
    return by_server


async def _read_films(connection: AsyncConnection, ids: Iterable[str]) -> Mapping[str, NamedFilm]:
    """Return these films as files name them, with their ids at other sources and their directors."""
    wanted = sorted(ids)
    found: dict[str, NamedFilm] = {}
    for start in range(0, len(wanted), FILMS_PER_QUERY):
        batch = wanted[start : start + FILMS_PER_QUERY]
        by_source: dict[str, dict[str, str]] = defaultdict(dict)
        named = select(film_ids).where(film_ids.c.film_id.in_(batch), film_ids.c.source.in_(SOURCES))
        for row in await connection.execute(named):
            by_source[row.film_id][row.source] = row.value
        directed = (
            select(credits.c.film_id, people.c.name)
            .join(people, people.c.id == credits.c.person_id)
            .where(credits.c.film_id.in_(batch), credits.c.job == CreditJob.DIRECTOR)
            .order_by(credits.c.film_id, credits.c.position)
        )
        directors: dict[str, list[str]] = defaultdict(list)
        for row in await connection.execute(directed):
            directors[row.film_id].append(row.name)
        for row in await connection.execute(select(films).where(films.c.id.in_(batch))):
            found[row.id] = NamedFilm(
                row.title, row.year, by_source[row.id], tuple(directors[row.id]), row.original_title
            )
    return found
