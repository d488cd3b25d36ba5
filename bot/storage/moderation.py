"""Reports, decisions, blocks, settings and the log, each change in one transaction with its log entry."""

import secrets
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from cachetools import TTLCache
from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.films.moderation import (
    LOG_ON_PAGE,
    Action,
    AlreadyReportedError,
    Block,
    LogEntry,
    LogPage,
    Reason,
    Reported,
    ReviewSettings,
)
from bot.films.reviews import HiddenBy, Review, ReviewGoneError
from bot.storage.database import AnyRow, Database, upsert
from bot.storage.reviews import delete_rating, read_review
from bot.storage.schema import blocks, log_subjects, moderation_log, ratings, reports, review_settings
from bot.storage.totals import lock_servers

CACHED_SERVERS, CACHED_SECONDS = 10_000, 60.0
"""Settings kept in memory, and for how long another process's change may stay unseen."""
QUEUE_LIMIT = 25
_SETTINGS = ("minimum_raters", "report_threshold", "moderator_role", "log_channel", "blocked_words")


class ModerationStore:
    """Reads and writes what moderators do."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._settings: TTLCache[int, ReviewSettings] = TTLCache(CACHED_SERVERS, CACHED_SECONDS)

    async def settings(self, server_id: int) -> ReviewSettings:
        """Give the server's settings, or those that hold until somebody sets them."""
        if (known := self._settings.get(server_id)) is not None:
            return known
        async with self._database.read() as connection:
            found = await read_review_settings(connection, server_id)
        self._settings[server_id] = found
        return found

    async def set_settings(self, server_id: int, settings: ReviewSettings, entry: LogEntry) -> None:
        """Store the server's settings."""
        statement = upsert(self._database.dialect, review_settings, ("server_id",), _SETTINGS)
        row = {"server_id": server_id, **asdict(settings), "blocked_words": list(settings.blocked_words)}
        async with self._database.write() as connection:
            await connection.execute(statement, [row])
            await write_log(connection, server_id, entry)
        self._settings[server_id] = settings

    async def report(self, server_id: int, report: tuple[int, int, Reason], now: datetime) -> bool:
        """Store a report (review, reporter, reason) and hide the review where it is one too many.

        Tell whether it is hidden by this. Raises ReviewGoneError, AlreadyReportedError.
        """
        review_id, member_id, reason = report
        row = {
            "rating_id": review_id, "member_id": member_id, "server_id": server_id,
            "reason": reason.value, "created": now,
        }  # fmt: skip
        statement = upsert(self._database.dialect, reports, ("rating_id", "member_id"), ())
        async with self._database.write() as connection:
            await lock_servers(connection, [server_id])
            review = await read_review(connection, server_id, review_id)
            if review is None:
                raise ReviewGoneError
            if not (await connection.execute(statement, row)).rowcount:
                raise AlreadyReportedError
            threshold = (await read_review_settings(connection, server_id)).report_threshold
            waiting = select(func.count()).select_from(reports).where(_undecided(server_id, review_id))
            enough = 0 < threshold <= (await connection.execute(waiting)).scalar_one()
            if not enough or review.hidden is not None:
                return False
            await _hide(connection, review_id, HiddenBy.REPORTS)
            entry = LogEntry(Action.AUTO_HIDE, None, review.member_id, now, review.film_id, review_id)
            await write_log(connection, server_id, replace(entry, reason=f"{threshold} reports"))
        return True

    async def queue(self, server_id: int) -> list[Reported]:
        """Give the reviews with undecided reports, the most reported first."""
        members = func.count()
        statement = (
            select(reports.c.rating_id)
            .where(reports.c.server_id == server_id, reports.c.decided.is_(None))
            .group_by(reports.c.rating_id)
            .order_by(members.desc(), func.min(reports.c.created))
            .limit(QUEUE_LIMIT)
        )
        async with self._database.read() as connection:
            ids = list((await connection.execute(statement)).scalars())
            found = [await _reported(connection, server_id, review_id) for review_id in ids]
        return [each for each in found if each is not None]

    async def reported(self, server_id: int, review_id: int) -> Reported | None:
        """Give one review with its undecided reports, or None where the server has no such review."""
        async with self._database.read() as connection:
            return await _reported(connection, server_id, review_id)

    async def decide(self, server_id: int, review_id: int, entry: LogEntry) -> Review | None:
        """Do what the entry says to the review, settle its reports, and log it; give the review as it was."""
        async with self._database.write() as connection:
            await lock_servers(connection, [server_id])
            review = await read_review(connection, server_id, review_id)
            if review is None:
                return None
            if entry.action is Action.DELETE:
                row = (await connection.execute(select(ratings).where(ratings.c.id == review_id))).one()
                await delete_rating(connection, row)
            else:
                if entry.action is not Action.DISMISS or review.hidden is HiddenBy.REPORTS:
                    # “No problem” brings back what reports alone had hidden, not what a moderator hid.
                    hidden = HiddenBy.MODERATOR if entry.action is Action.HIDE else None
                    await _hide(connection, review_id, hidden)
                settled = update(reports).where(_undecided(server_id, review_id))
                await connection.execute(settled.values(decided=entry.created))
            await write_log(
                connection, server_id, replace(entry, member_id=review.member_id, film_id=review.film_id)
            )
        return review

    async def block(self, server_id: int, block: Block, entry: LogEntry) -> None:
        """Store the block over one that is there."""
        change = ("until", "reason", "created")
        statement = upsert(self._database.dialect, blocks, ("server_id", "member_id"), change)
        async with self._database.write() as connection:
            await connection.execute(statement, [{"server_id": server_id, **asdict(block)}])
            await write_log(connection, server_id, entry)

    async def unblock(self, server_id: int, member_id: int, entry: LogEntry) -> bool:
        """Lift the block; tell whether there was one."""
        theirs = and_(blocks.c.server_id == server_id, blocks.c.member_id == member_id)
        async with self._database.write() as connection:
            lifted = (await connection.execute(delete(blocks).where(theirs))).rowcount > 0
            if lifted:
                await write_log(connection, server_id, entry)
        return lifted

    async def blocks(self, server_id: int, now: datetime) -> list[Block]:
        """Give the blocks in force, latest first."""
        in_force = or_(blocks.c.until.is_(None), blocks.c.until > now)
        statement = select(blocks).where(blocks.c.server_id == server_id, in_force)
        async with self._database.read() as connection:
            rows = (await connection.execute(statement.order_by(blocks.c.created.desc()))).all()
        return [Block(row.member_id, row.until, row.reason, row.created) for row in rows]

    async def log(self, server_id: int, page: int | None) -> LogPage:
        """Give a page of the log, latest first, or all of it for a `page` of None."""
        whose = and_(
            log_subjects.c.server_id == moderation_log.c.server_id,
            log_subjects.c.subject == moderation_log.c.subject,
        )
        statement = (
            select(moderation_log, log_subjects.c.member_id)
            .join(log_subjects, whose, isouter=True)
            .where(moderation_log.c.server_id == server_id)
            .order_by(moderation_log.c.id.desc())
        )
        counted = select(func.count()).select_from(moderation_log).where(moderation_log.c.server_id == server_id)
        async with self._database.read() as connection:
            count = (await connection.execute(counted)).scalar_one()
            if page is not None:
                page = min(page, max(0, -(-count // LOG_ON_PAGE) - 1))
                statement = statement.limit(LOG_ON_PAGE).offset(page * LOG_ON_PAGE)
            rows = (await connection.execute(statement)).all()
        return LogPage(tuple(_entry(row) for row in rows), count, page or 0)


async def read_review_settings(connection: AsyncConnection, server_id: int) -> ReviewSettings:
    """Give what holds for the server's reviews."""
    statement = select(review_settings).where(review_settings.c.server_id == server_id)
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        return ReviewSettings()
    return ReviewSettings(
        row.minimum_raters, row.report_threshold, row.moderator_role, row.log_channel, tuple(row.blocked_words)
    )


async def write_log(connection: AsyncConnection, server_id: int, entry: LogEntry) -> None:
    """Add the entry, with whom it is about under a name that says nothing by itself."""
    subject = ""
    if entry.member_id is not None:
        row = {"server_id": server_id, "member_id": entry.member_id, "subject": secrets.token_hex(16)}
        keys = ("server_id", "member_id")
        await connection.execute(upsert(connection.dialect.name, log_subjects, keys, ()), row)
        named = select(log_subjects.c.subject).where(
            log_subjects.c.server_id == server_id, log_subjects.c.member_id == entry.member_id
        )
        subject = (await connection.execute(named)).scalar_one()
    values: dict[str, Any] = {
        "server_id": server_id, "actor_id": entry.actor_id, "action": entry.action.value, "subject": subject,
        "film_id": entry.film_id, "rating_id": entry.rating_id, "reason": entry.reason,
        "created": entry.created,
    }  # fmt: skip
    await connection.execute(moderation_log.insert(), values)


def _undecided(server_id: int, review_id: int) -> Any:
    return and_(reports.c.server_id == server_id, reports.c.rating_id == review_id, reports.c.decided.is_(None))


async def _hide(connection: AsyncConnection, review_id: int, hidden: HiddenBy | None) -> None:
    await connection.execute(update(ratings).where(ratings.c.id == review_id).values(hidden=hidden))


async def _reported(connection: AsyncConnection, server_id: int, review_id: int) -> Reported | None:
    review = await read_review(connection, server_id, review_id)
    if review is None:
        return None
    statement = (
        select(reports.c.reason, func.count().label("members"), func.min(reports.c.created).label("since"))
        .where(_undecided(server_id, review_id))
        .group_by(reports.c.reason)
    )
    rows = (await connection.execute(statement)).all()
    return Reported(
        review,
        {Reason(row.reason): row.members for row in rows},
        min((row.since for row in rows), default=review.created),
    )


def _entry(row: AnyRow) -> LogEntry:
    return LogEntry(
        action=Action(row.action),
        actor_id=row.actor_id,
        member_id=row.member_id,
        created=row.created,
        film_id=row.film_id,
        rating_id=row.rating_id,
        reason=row.reason,
        id=row.id,
    )
