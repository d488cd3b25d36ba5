"""Everything kept about one member: what they chose, all of it to hand out, and all of it deleted."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import CompoundSelect, Select, and_, bindparam, delete, func, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.schema import Table

from bot.core.database.engine import Database, upsert
from bot.core.database.read_executor import AnyRow
from bot.films.tables import film_ids, films
from bot.members.privacy import Export, ExportedViewing, Privacy
from bot.members.tables import member_privacy, member_settings, server_members
from bot.moderation.tables import blocks, log_subjects, moderation_log, reply_reports, reports
from bot.picks.tables import pick_rsvps, pick_suggestions, picks
from bot.recommendations.tables import dismissed_films, group_session_members, rating_sharing_members
from bot.reviews.tables import helpful_votes, ratings, replies, viewings
from bot.reviews.totals_repository import change_totals, lock_servers
from bot.streaming.tables import alerts, subscriptions
from bot.watchlists.tables import watchlist

OWNED: tuple[Table, ...] = (
    reply_reports, replies, reports, viewings, watchlist, ratings, server_members, member_privacy, member_settings,
    log_subjects, subscriptions, alerts, dismissed_films, group_session_members, rating_sharing_members,
    pick_rsvps, pick_suggestions,
)  # fmt: skip
"""Tables whose rows are a member's alone. Votes go first, since reviews count them. A block stays: it is the
moderators', and would end by deleting it; so do the log's entries, which without `log_subjects` name nobody."""
EXPORTED: tuple[Table, ...] = (
    ratings, viewings, helpful_votes, replies, reply_reports, reports, watchlist, blocks, server_members,
    member_privacy, member_settings, subscriptions, alerts, dismissed_films, group_session_members,
    rating_sharing_members, pick_rsvps, pick_suggestions,
)  # fmt: skip


class PrivacyStore:
    """Reads and deletes what is kept about a member."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, member_ids: Iterable[int]) -> dict[int, Privacy]:
        """Give what each of these members has chosen, those who chose nothing left out."""
        statement = select(member_privacy).where(member_privacy.c.member_id.in_(sorted(set(member_ids))))
        rows = await self._database.rows(statement)
        return {row.member_id: Privacy(row.is_name_hidden, row.is_diary_public) for row in rows}

    async def put(self, member_id: int, privacy: Privacy) -> None:
        """Store what the member has chosen."""
        change = ("is_name_hidden", "is_diary_public")
        statement = upsert(self._database.dialect, member_privacy, ("member_id",), change)
        row = {
            "member_id": member_id,
            "is_name_hidden": privacy.is_name_hidden,
            "is_diary_public": privacy.is_diary_public,
        }
        async with self._database.write() as connection:
            await connection.execute(statement, [row])

    async def export(self, member_id: int) -> Export:
        """Give everything kept about the member, in one state."""
        async with self._database.read() as connection:
            rows = {
                table.name: [_plain(row) for row in await connection.execute(_of(table, member_id))]
                for table in EXPORTED
            }
            about = (
                select(moderation_log)
                .join(
                    log_subjects,
                    and_(
                        log_subjects.c.server_id == moderation_log.c.server_id,
                        log_subjects.c.subject == moderation_log.c.subject,
                    ),
                )
                .where(log_subjects.c.member_id == member_id)
                .order_by(moderation_log.c.id)
            )
            # Who of the moderators decided is theirs to tell, not to be handed out.
            kept = ("server_id", "action", "film_id", "rating_id", "reply_id", "reason", "created_at")
            rows["moderation_log"] = [
                {name: value for name, value in _plain(row).items() if name in kept}
                for row in await connection.execute(about)
            ]
            planned = select(picks).where(picks.c.curator_id == member_id).order_by(picks.c.id)
            rows[picks.name] = [_plain(row) for row in await connection.execute(planned)]
            done = select(moderation_log).where(moderation_log.c.actor_id == member_id)
            rows["moderation_by_you"] = [
                _plain(row) for row in await connection.execute(done.order_by(moderation_log.c.id))
            ]
            seen = await _viewings(connection, member_id)
        return Export(rows, seen)

    async def delete(self, member_id: int) -> None:
        """Delete all of it, in one transaction, in all servers."""
        async with self._database.write() as connection:
            await lock_servers(connection, (await connection.execute(_servers(member_id))).scalars().all())
            await _take_votes_back(connection, member_id)
            counted = select(ratings.c.server_id, ratings.c.film_id, ratings.c.stars).where(
                ratings.c.member_id == member_id, ratings.c.is_counted
            )
            rows = (await connection.execute(counted)).all()
            await change_totals(connection, ((row.server_id, row.film_id, row.stars, None) for row in rows))
            planned = update(picks).where(picks.c.curator_id == member_id)
            await connection.execute(planned.values(curator_id=None))
            for table in OWNED:
                await connection.execute(delete(table).where(table.c.member_id == member_id))


def _servers(member_id: int) -> CompoundSelect[Any]:
    """Select the servers in which the member rated a film, or said that a review helped."""
    voted = select(ratings.c.server_id).join(helpful_votes, helpful_votes.c.rating_id == ratings.c.id)
    return union(
        select(ratings.c.server_id).where(ratings.c.member_id == member_id),
        voted.where(helpful_votes.c.member_id == member_id),
    )


async def _take_votes_back(connection: AsyncConnection, member_id: int) -> None:
    """Delete the member's votes, and count down what is deleted: one that comes meanwhile is not among them."""
    votes = delete(helpful_votes).where(helpful_votes.c.member_id == member_id)
    found = await connection.execute(votes.returning(helpful_votes.c.rating_id))
    fewer = (
        update(ratings).where(ratings.c.id == bindparam("voted")).values(helpful_count=ratings.c.helpful_count - 1)
    )
    if rows := [{"voted": each} for each in sorted(found.scalars())]:
        await connection.execute(fewer, rows)


def _of(table: Table, member_id: int) -> Select[Any]:
    return select(table).where(table.c.member_id == member_id).order_by(*table.primary_key.columns)


def _plain(row: AnyRow) -> dict[str, Any]:
    """Give the row as JSON can hold it; ids as text, since JavaScript's numbers can't."""
    values: dict[str, Any] = {}
    for name, value in row._mapping.items():
        if isinstance(value, datetime):
            values[name] = value.astimezone(UTC).isoformat()
        elif isinstance(value, date):
            values[name] = value.isoformat()
        elif name.endswith("_id") and isinstance(value, int):
            values[name] = str(value)
        else:
            values[name] = value
    return values


async def _viewings(connection: AsyncConnection, member_id: int) -> dict[int, list[ExportedViewing]]:
    """Give the member's viewings by server, oldest first, with what an import elsewhere needs.

    The review goes with the latest viewing of its film, so that an import has it once.
    """
    latest = select(func.max(viewings.c.id)).where(viewings.c.member_id == member_id)
    latest = latest.group_by(viewings.c.server_id, viewings.c.film_id)
    same = and_(
        ratings.c.server_id == viewings.c.server_id,
        ratings.c.member_id == viewings.c.member_id,
        ratings.c.film_id == viewings.c.film_id,
        viewings.c.id.in_(latest),
    )
    statement = (
        select(viewings, films.c.title, films.c.year, ratings.c.text)
        .join(films, films.c.id == viewings.c.film_id)
        .join(ratings, same, isouter=True)
        .where(viewings.c.member_id == member_id)
        .order_by(viewings.c.watched_on.asc().nulls_first(), viewings.c.id)
    )
    rows = (await connection.execute(statement)).all()
    ids: dict[str, dict[str, str]] = {}
    for start in range(0, len(rows), 500):
        wanted = {row.film_id for row in rows[start : start + 500]}
        for row in await connection.execute(select(film_ids).where(film_ids.c.film_id.in_(wanted))):
            ids.setdefault(row.film_id, {})[row.source] = row.value
    found: dict[int, list[ExportedViewing]] = {}
    for row in rows:
        found.setdefault(row.server_id, []).append(
            ExportedViewing(
                row.title, row.year, ids.get(row.film_id, {}), row.watched_on, row.stars, row.is_rewatch,
                row.text or "",
            )
        )  # fmt: skip
    return found
