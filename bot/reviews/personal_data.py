"""What reviews store about a member: ratings with their reviews, the diary, votes and replies.

The export has a CSV file for each server in the columns of Letterboxd's import format
(https://letterboxd.com/about/importing-data/): ratings from 0.5 to 5, dates as YYYY-MM-DD.
"""

import io
from collections.abc import Iterable
from typing import Any

from sqlalchemy import CompoundSelect, and_, bindparam, delete, func, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.read_executor import AnyRow
from bot.core.text.csv_files import write_csv
from bot.films.tables import film_ids, films
from bot.members.personal_data import PersonalData, export_table
from bot.reviews.tables import helpful_votes, ratings, replies, viewings
from bot.reviews.totals_repository import change_totals

LETTERBOXD_COLUMNS = (
    "Title", "Year", "imdbID", "tmdbID", "WatchedDate", "Rating", "Rewatch", "Tags", "Review",
)  # fmt: skip
FILMS_PER_QUERY = 500


def _select_locked_servers(member_id: int) -> CompoundSelect[Any]:
    """Return the statement that selects the servers where the member rated a film or voted for a review."""
    voted = select(ratings.c.server_id).join(helpful_votes, helpful_votes.c.rating_id == ratings.c.id)
    return union(
        select(ratings.c.server_id).where(ratings.c.member_id == member_id),
        voted.where(helpful_votes.c.member_id == member_id),
    )


async def _prepare_deletion(connection: AsyncConnection, member_id: int) -> None:
    """Delete the member's votes and subtract votes and ratings from the counts that include them."""
    # Counted down is what the DELETE returns: a vote that comes meanwhile is not among it.
    votes = delete(helpful_votes).where(helpful_votes.c.member_id == member_id)
    voted = await connection.execute(votes.returning(helpful_votes.c.rating_id))
    decrement = (
        update(ratings).where(ratings.c.id == bindparam("voted")).values(helpful_count=ratings.c.helpful_count - 1)
    )
    if rows := [{"voted": rating_id} for rating_id in sorted(voted.scalars())]:
        await connection.execute(decrement, rows)
    counted = select(ratings.c.server_id, ratings.c.film_id, ratings.c.stars).where(
        ratings.c.member_id == member_id, ratings.c.is_counted
    )
    removed = (await connection.execute(counted)).all()
    await change_totals(connection, ((row.server_id, row.film_id, row.stars, None) for row in removed))


async def _export_files(connection: AsyncConnection, member_id: int) -> dict[str, str]:
    """Return a CSV file for each server with the member's viewings, oldest first.

    The review goes with the latest viewing of its film, so that an import has it once.
    """
    latest = select(func.max(viewings.c.id)).where(viewings.c.member_id == member_id)
    latest = latest.group_by(viewings.c.server_id, viewings.c.film_id)
    rating_of_latest = and_(
        ratings.c.server_id == viewings.c.server_id,
        ratings.c.member_id == viewings.c.member_id,
        ratings.c.film_id == viewings.c.film_id,
        viewings.c.id.in_(latest),
    )
    statement = (
        select(viewings, films.c.title, films.c.year, ratings.c.text)
        .join(films, films.c.id == viewings.c.film_id)
        .join(ratings, rating_of_latest, isouter=True)
        .where(viewings.c.member_id == member_id)
        .order_by(viewings.c.watched_on.asc().nulls_first(), viewings.c.id)
    )
    rows = (await connection.execute(statement)).all()
    ids: dict[str, dict[str, str]] = {}
    for start in range(0, len(rows), FILMS_PER_QUERY):
        batch = {row.film_id for row in rows[start : start + FILMS_PER_QUERY]}
        for row in await connection.execute(select(film_ids).where(film_ids.c.film_id.in_(batch))):
            ids.setdefault(row.film_id, {})[row.source] = row.value
    by_server: dict[int, list[AnyRow]] = {}
    for row in rows:
        by_server.setdefault(row.server_id, []).append(row)
    return {f"letterboxd-{server_id}.csv": _render_csv(found, ids) for server_id, found in by_server.items()}


def _render_csv(rows: Iterable[AnyRow], ids: dict[str, dict[str, str]]) -> str:
    """Return viewings, with `ids` of their films by source, as Letterboxd imports them."""
    text = io.StringIO(newline="")
    write_csv(text, [LETTERBOXD_COLUMNS], line_end="\n")
    write_csv(text, (_get_csv_row(row, ids.get(row.film_id, {})) for row in rows), line_end="\n")
    return text.getvalue()


def _get_csv_row(row: AnyRow, ids: dict[str, str]) -> tuple[str | int | None, ...]:
    return (
        row.title,
        row.year,
        ids.get("imdb"),
        ids.get("tmdb"),
        row.watched_on.isoformat() if row.watched_on else None,
        f"{row.stars / 2:g}" if row.stars else None,
        "true" if row.is_rewatch else None,
        None,
        row.text,
    )


PERSONAL_DATA = PersonalData(
    exported_rows=(
        export_table(ratings, 10),
        export_table(viewings, 20),
        export_table(helpful_votes, 30),
        export_table(replies, 40),
    ),
    deleted_tables=(replies, viewings, ratings),
    prepare_deletion=_prepare_deletion,
    select_locked_servers=_select_locked_servers,
    export_files=_export_files,
)
