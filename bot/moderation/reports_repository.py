"""Reports of reviews and replies, and decisions about them, each change in one transaction with its log entry."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, desc, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, lock_servers, upsert
from bot.members.server_settings_repository import read_server_settings
from bot.moderation.log_repository import write_log
from bot.moderation.models import (
    DEFAULT_REPORT_THRESHOLD,
    Action,
    AlreadyReportedError,
    LogEntry,
    Reason,
    Reported,
    Subject,
    hidden_after,
)
from bot.moderation.tables import reply_reports, reports
from bot.reviews.replies_repository import read_reply, read_review
from bot.reviews.repository import delete_rating
from bot.reviews.service import HiddenBy
from bot.reviews.tables import ratings, replies

QUEUE_LIMIT = 25


class ReportStore:
    """Reads and writes reports, and what was decided about them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def report(self, server_id: int, report: tuple[Subject, int, Reason], now: datetime) -> bool:
        """Store a report (of what, by whom, why) and hide what it is about where it is one too many.

        Tell whether it is hidden by this. Raises ReviewGoneError, ReplyGoneError, AlreadyReportedError.
        """
        subject, member_id, reason = report
        table, column = _reports(subject)
        row = {
            column.name: subject.id, "member_id": member_id, "server_id": server_id,
            "reason": reason.value, "created_at": now,
        }  # fmt: skip
        statement = upsert(self._database.dialect, table, (column.name, "member_id"), ())
        async with self._database.write() as connection:
            await lock_servers(connection, [server_id])
            if await _reported(connection, server_id, subject) is None:
                raise subject.gone()
            if not (await connection.execute(statement, row)).rowcount:
                raise AlreadyReportedError
            threshold = (await read_server_settings(connection, server_id)).report_threshold
            if threshold is None:
                threshold = DEFAULT_REPORT_THRESHOLD
            found = await _reported(connection, server_id, subject)
            if found is None or found.hidden_by is not None or not 0 < threshold <= sum(found.reasons.values()):
                return False
            await _hide(connection, subject, HiddenBy.REPORTS)
            entry = LogEntry(Action.AUTO_HIDE, None, None, now, reason=f"{threshold} reports")
            await write_log(connection, server_id, _about(found, entry))
        return True

    async def queue(self, server_id: int) -> list[Reported]:
        """Give what has undecided reports, the most reported first, and then what is held."""
        async with self._database.read() as connection:
            waiting: list[tuple[int, datetime, Subject]] = []
            for is_reply in (False, True):
                table, column = _reports(Subject(0, is_reply))
                statement = (
                    select(column, func.count().label("members"), func.min(table.c.created_at).label("since"))
                    .where(table.c.server_id == server_id, table.c.decided_at.is_(None))
                    .group_by(column)
                    .order_by(func.count().desc(), func.min(table.c.created_at))
                    .limit(QUEUE_LIMIT)
                )
                waiting += [
                    (-row.members, row.since, Subject(row[0], is_reply))
                    for row in await connection.execute(statement)
                ]
            waiting += await _held(connection, server_id)
            subjects = list(dict.fromkeys(subject for _, _, subject in sorted(waiting)))[:QUEUE_LIMIT]
            found = [await _reported(connection, server_id, subject) for subject in subjects]
        return [each for each in found if each is not None]

    async def hidden(self, server_id: int) -> list[Reported]:
        """Give what is hidden, latest first."""
        of_server = select(ratings.c.id).where(ratings.c.server_id == server_id)
        reviews = select(ratings.c.id, ratings.c.created_at).where(
            ratings.c.server_id == server_id, ratings.c.hidden_by.is_not(None)
        )
        answers = select(replies.c.id, replies.c.created_at).where(
            replies.c.rating_id.in_(of_server), replies.c.hidden_by.is_not(None)
        )
        async with self._database.read() as connection:
            listed: list[tuple[datetime, Subject]] = []
            for is_reply, statement in ((False, reviews), (True, answers)):
                latest = statement.order_by(desc("created_at"), desc("id")).limit(QUEUE_LIMIT)
                listed += [(row.created_at, Subject(row.id, is_reply)) for row in await connection.execute(latest)]
            subjects = [subject for _, subject in sorted(listed, reverse=True)[:QUEUE_LIMIT]]
            found = [await _reported(connection, server_id, subject) for subject in subjects]
        return [each for each in found if each is not None]

    async def reported(self, server_id: int, subject: Subject) -> Reported | None:
        """Give one review or reply with its undecided reports, or None where the server has no such."""
        async with self._database.read() as connection:
            return await _reported(connection, server_id, subject)

    async def decide(self, server_id: int, subject: Subject, entry: LogEntry) -> Reported | None:
        """Do what the entry says to the review or reply, settle its reports, log it; give it as it was.

        Raises AlreadyDecidedError where that changes nothing, RewordedError where it shows what was not seen.
        """
        async with self._database.write() as connection:
            await lock_servers(connection, [server_id])
            before = await _reported(connection, server_id, subject)
            if before is None:
                return None
            before.check(subject, entry.action)
            if entry.action is Action.DELETE:
                await _delete(connection, subject)
            else:
                await _hide(connection, subject, hidden_after(entry.action, before.hidden_by))
                table, _ = _reports(subject)
                settled = update(table).where(_undecided(server_id, subject))
                await connection.execute(settled.values(decided_at=entry.created_at))
            await write_log(connection, server_id, _about(before, entry))
        return before


def _reports(subject: Subject) -> tuple[Any, Any]:
    """Give the table of reports, and its column that says of what."""
    return (reply_reports, reply_reports.c.reply_id) if subject.is_reply else (reports, reports.c.rating_id)


async def _held(connection: AsyncConnection, server_id: int) -> list[tuple[int, datetime, Subject]]:
    """Give the server's reviews and replies that are held, with how many reported them, which is nobody, and when
    they were posted."""
    waiting: list[tuple[int, datetime, Subject]] = []
    for is_reply, table in ((False, ratings), (True, replies)):
        since = func.coalesce(table.c.edited_at, table.c.created_at).label("since")
        of_server = ratings.c.server_id == server_id
        statement = select(table.c.id, since).where(table.c.hidden_by == HiddenBy.HELD, table.c.text.is_not(None))
        if is_reply:
            statement = statement.join(ratings, ratings.c.id == replies.c.rating_id)
        rows = await connection.execute(statement.where(of_server).order_by(since).limit(QUEUE_LIMIT))
        waiting += [(0, row.since, Subject(row.id, is_reply)) for row in rows]
    return waiting


def _undecided(server_id: int, subject: Subject) -> Any:
    table, column = _reports(subject)
    return and_(table.c.server_id == server_id, column == subject.id, table.c.decided_at.is_(None))


def _about(reported: Reported, entry: LogEntry) -> LogEntry:
    """Give the entry with what it is about."""
    review, reply = reported.review, reported.reply
    return replace(
        entry,
        member_id=reported.member_id,
        film_id=review.film_id,
        rating_id=review.id,
        reply_id=reply.id if reply is not None else None,
    )


async def _hide(connection: AsyncConnection, subject: Subject, hidden: HiddenBy | None) -> None:
    table = replies if subject.is_reply else ratings
    await connection.execute(update(table).where(table.c.id == subject.id).values(hidden_by=hidden))


async def _delete(connection: AsyncConnection, subject: Subject) -> None:
    if subject.is_reply:
        await connection.execute(delete(replies).where(replies.c.id == subject.id))
        return
    row = (await connection.execute(select(ratings).where(ratings.c.id == subject.id))).one()
    await delete_rating(connection, row)


async def _reported(connection: AsyncConnection, server_id: int, subject: Subject) -> Reported | None:
    reply = await read_reply(connection, server_id, subject.id) if subject.is_reply else None
    if subject.is_reply and reply is None:
        return None
    review = await read_review(connection, server_id, reply.review_id if reply is not None else subject.id)
    if review is None:
        return None
    table, _ = _reports(subject)
    statement = (
        select(table.c.reason, func.count().label("members"), func.min(table.c.created_at).label("since"))
        .where(_undecided(server_id, subject))
        .group_by(table.c.reason)
    )
    rows = (await connection.execute(statement)).all()
    reasons = {Reason(row.reason): row.members for row in rows}
    since = min((row.since for row in rows), default=(reply or review).edited_at or (reply or review).created_at)
    return Reported(review, reasons, since, reply)
