"""Reports, decisions, blocks and the moderation log in the database.

Each change is one transaction together with its log entry.
"""

import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.schema import Column, Table

from bot.core.database.engine import Database, upsert
from bot.core.database.executors import AnyRow
from bot.core.database.transaction_script import StatementBatch, TransactionScript, param
from bot.core.errors import MarqueeError
from bot.core.paging import clamp_page
from bot.members.personal_data import ExportedRows, PersonalData, export_table
from bot.members.repository import read_server_settings
from bot.members.server_settings import ServerSettings, or_default
from bot.moderation.models import (
    DECISIONS,
    DEFAULT_REPORT_THRESHOLD,
    LOG_BATCH_SIZE,
    LOG_PAGE_SIZE,
    Action,
    AlreadyReportedError,
    Block,
    BlockedError,
    Case,
    ContentRef,
    HiddenBy,
    LogEntry,
    LogPage,
    PostKey,
    Reason,
    ReportableContent,
    apply_action,
    find_changes,
    format_logged_reports,
    format_logged_settings,
    is_taken_down,
)
from bot.moderation.tables import blocks, log_subjects, moderation_log, reply_reports, reports

QUEUE_LIMIT = 25

_DECISIONS_ABOUT_MEMBER = (
    select(
        moderation_log.c.server_id,
        log_subjects.c.member_id,
        moderation_log.c.film_id,
        moderation_log.c.reply_id,
        moderation_log.c.action,
    )
    .select_from(
        log_subjects.join(
            moderation_log,
            and_(
                moderation_log.c.server_id == log_subjects.c.server_id,
                moderation_log.c.subject == log_subjects.c.subject,
            ),
        )
    )
    .where(
        log_subjects.c.server_id == param(log_subjects.c.server_id),
        log_subjects.c.member_id == param(log_subjects.c.member_id),
        moderation_log.c.film_id == param(moderation_log.c.film_id),
    )
    .order_by(moderation_log.c.id)
)
"""What was decided about a member's reviews of a film and their replies to reviews of it, oldest first."""


class ListedContent(NamedTuple):
    """A review or a reply in a list, and the time it is ordered by."""

    since: datetime
    content_id: int


class Reportable(Protocol):
    """A kind of text that members can report: reviews, or replies to them.

    Each method works in the connection's transaction. Before a change the caller locks the server.
    """

    @property
    def gone_error(self) -> type[MarqueeError]:
        """The class of the error for a text that is not there."""
        ...

    async def read(self, connection: AsyncConnection, server_id: int, content_id: int) -> ReportableContent | None:
        """Return the server's text of that id, hidden or not, or None."""
        ...

    async def set_hidden_by(
        self, connection: AsyncConnection, content_id: int, hidden_by: HiddenBy | None
    ) -> None:
        """Hide the text, or with None show it."""
        ...

    async def delete(self, connection: AsyncConnection, content_id: int) -> None:
        """Delete the text with everything that belongs to it."""
        ...

    async def list_hidden(self, connection: AsyncConnection, server_id: int, limit: int) -> list[ListedContent]:
        """Return the server's hidden texts by when they were first posted, latest first."""
        ...

    async def list_pre_moderated(
        self, connection: AsyncConnection, server_id: int, limit: int
    ) -> list[ListedContent]:
        """Return the server's texts that wait for approval by when they were last changed, oldest first."""
        ...


class ModerationRepository:
    """Reads and writes what members report and moderators do."""

    def __init__(self, database: Database, *, reviews: Reportable, replies: Reportable) -> None:
        self._database = database
        self._reviews = reviews
        self._replies = replies

    def get_gone_error(self, ref: ContentRef) -> MarqueeError:
        """Return the error to raise if that review or reply is not there."""
        return self._get_reportable(ref).gone_error()

    def _get_reportable(self, ref: ContentRef) -> Reportable:
        return self._replies if ref.is_reply else self._reviews

    async def report(
        self, server_id: int, ref: ContentRef, *, member_id: int, reason: Reason, now: datetime
    ) -> bool:
        """Store a report, and hide the text if it reaches the server's threshold; return whether it did.

        Raises AlreadyReportedError, and the content's `gone_error`.
        """
        table, id_column = _get_report_table(ref)
        row = {
            id_column.name: ref.id, "member_id": member_id, "server_id": server_id,
            "reason": reason.value, "created_at": now,
        }  # fmt: skip
        statement = upsert(self._database.dialect, table, (id_column.name, "member_id"), ())
        author_id = await self._find_author(server_id, ref)
        if author_id is None:
            raise self.get_gone_error(ref)
        async with self._database.write(member_ids=[member_id, author_id], server_ids=[server_id]) as connection:
            if await self._read_case(connection, server_id, ref) is None:
                raise self.get_gone_error(ref)
            if not (await connection.execute(statement, row)).rowcount:
                raise AlreadyReportedError
            settings = await read_server_settings(connection, server_id)
            threshold = or_default(settings.report_threshold, DEFAULT_REPORT_THRESHOLD)
            case = await self._read_case(connection, server_id, ref)
            if (
                case is None
                or case.content.hidden_by is not None
                or not 0 < threshold <= sum(case.reasons.values())
            ):
                return False
            await self._get_reportable(ref).set_hidden_by(connection, ref.id, HiddenBy.REPORTS)
            entry = LogEntry(Action.AUTO_HIDE, None, None, now, reason=format_logged_reports(threshold))
            await write_log(connection, server_id, _with_content(entry, case.content))
        return True

    async def _find_author(self, server_id: int, ref: ContentRef) -> int | None:
        """Return the author of the text, or None if it is gone. What is done to it is logged about them."""
        async with self._database.read() as connection:
            content = await self._get_reportable(ref).read(connection, server_id, ref.id)
        return content.author_id if content is not None else None

    async def get_case(self, server_id: int, ref: ContentRef) -> Case | None:
        """Return one review or reply with its undecided reports, or None if the server has no such text."""
        async with self._database.read() as connection:
            return await self._read_case(connection, server_id, ref)

    async def list_queue(self, server_id: int) -> list[Case]:
        """Return what has undecided reports, the most reported first, then what waits for approval."""
        async with self._database.read() as connection:
            ranked: list[tuple[int, datetime, ContentRef]] = []
            for is_reply in (False, True):
                table, id_column = _get_report_table(ContentRef(0, is_reply))
                statement = (
                    select(id_column, func.count().label("members"), func.min(table.c.created_at).label("since"))
                    .where(table.c.server_id == server_id, table.c.decided_at.is_(None))
                    .group_by(id_column)
                    .order_by(func.count().desc(), func.min(table.c.created_at))
                    .limit(QUEUE_LIMIT)
                )
                ranked += [
                    (-row.members, row.since, ContentRef(row[0], is_reply))
                    for row in await connection.execute(statement)
                ]
                reportable = self._get_reportable(ContentRef(0, is_reply))
                ranked += [
                    (0, listed.since, ContentRef(listed.content_id, is_reply))
                    for listed in await reportable.list_pre_moderated(connection, server_id, QUEUE_LIMIT)
                ]
            refs = list(dict.fromkeys(ref for *_, ref in sorted(ranked)))[:QUEUE_LIMIT]
            return await self._read_cases(connection, server_id, refs)

    async def list_hidden(self, server_id: int) -> list[Case]:
        """Return what is hidden, latest first."""
        async with self._database.read() as connection:
            dated = [
                (listed.since, ContentRef(listed.content_id, is_reply))
                for is_reply in (False, True)
                for listed in await self._get_reportable(ContentRef(0, is_reply)).list_hidden(
                    connection, server_id, QUEUE_LIMIT
                )
            ]
            refs = [ref for _, ref in sorted(dated, reverse=True)[:QUEUE_LIMIT]]
            return await self._read_cases(connection, server_id, refs)

    async def decide(self, server_id: int, ref: ContentRef, entry: LogEntry) -> Case | None:
        """Do what the entry says to the text, close its reports and write the log; return the case as it was.

        Returns None and logs nothing if the text is gone. Raises AlreadyDecidedError, TextChangedError.
        """
        author_id = await self._find_author(server_id, ref)
        if author_id is None:
            return None
        async with self._database.write(member_ids=[author_id], server_ids=[server_id]) as connection:
            case = await self._read_case(connection, server_id, ref)
            if case is None:
                return None
            case.check_decision(ref, entry.action)
            reportable = self._get_reportable(ref)
            if entry.action is Action.DELETE:
                await reportable.delete(connection, ref.id)
            else:
                hidden_by = apply_action(entry.action, case.content.hidden_by)
                await reportable.set_hidden_by(connection, ref.id, hidden_by)
                table, _ = _get_report_table(ref)
                closed = update(table).where(_is_undecided(server_id, ref)).values(decided_at=entry.created_at)
                await connection.execute(closed)
            if entry.action is Action.RESTORE and case.needs_approval:
                entry = replace(entry, action=Action.APPROVE)
            await write_log(connection, server_id, _with_content(entry, case.content))
        return case

    async def _read_cases(
        self, connection: AsyncConnection, server_id: int, refs: Sequence[ContentRef]
    ) -> list[Case]:
        cases = [await self._read_case(connection, server_id, ref) for ref in refs]
        return [case for case in cases if case is not None]

    async def _read_case(self, connection: AsyncConnection, server_id: int, ref: ContentRef) -> Case | None:
        content = await self._get_reportable(ref).read(connection, server_id, ref.id)
        if content is None:
            return None
        table, _ = _get_report_table(ref)
        statement = (
            select(table.c.reason, func.count().label("members"), func.min(table.c.created_at).label("since"))
            .where(_is_undecided(server_id, ref))
            .group_by(table.c.reason)
        )
        rows = (await connection.execute(statement)).all()
        reasons = {Reason(row.reason): row.members for row in rows}
        last = select(func.max(moderation_log.c.id)).where(_is_decision(server_id, ref, content.review_id))
        decision_id = (await connection.execute(last)).scalar_one() or 0
        return Case(content, reasons, min((row.since for row in rows), default=content.updated_at), decision_id)

    async def find_last_decision(self, server_id: int, ref: ContentRef) -> LogEntry | None:
        """Return the log's entry of what moderators last decided about a review or a reply, deleted or not."""
        statement = _select_log(server_id).where(_is_decision(server_id, ref, None if ref.is_reply else ref.id))
        rows = await self._database.fetch_all(statement.limit(1))
        return _log_entry_from_row(rows[0]) if rows else None

    async def block(self, server_id: int, block: Block, entry: LogEntry) -> Block | None:
        """Store the block in place of an earlier one, and return that if it had not ended yet.

        A block without a reason keeps the earlier one's.
        """
        changed = ("expires_at", "reason", "created_at")
        statement = upsert(self._database.dialect, blocks, ("server_id", "member_id"), changed)
        async with self._database.write(member_ids=[block.member_id], server_ids=[server_id]) as connection:
            before = await _read_block(connection, server_id, block.member_id, block.created_at)
            if before is not None and not block.reason:
                block = replace(block, reason=before.reason)
            await connection.execute(statement, [{"server_id": server_id, **asdict(block)}])
            await write_log(connection, server_id, entry)
        return before

    async def unblock(self, server_id: int, member_id: int, entry: LogEntry) -> bool:
        """Delete the block; return whether there was one."""
        of_member = and_(blocks.c.server_id == server_id, blocks.c.member_id == member_id)
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            was_blocked = (await connection.execute(delete(blocks).where(of_member))).rowcount > 0
            if was_blocked:
                await write_log(connection, server_id, entry)
        return was_blocked

    async def get_log_page(self, server_id: int, page: int = 0) -> LogPage:
        """Return a page of the log, latest entry first; a page past the end is the last one."""
        count = select(func.count()).select_from(moderation_log).where(moderation_log.c.server_id == server_id)
        async with self._database.read() as connection:
            entry_count = (await connection.execute(count)).scalar_one()
            page = clamp_page(page, entry_count, LOG_PAGE_SIZE)
            statement = _select_log(server_id).limit(LOG_PAGE_SIZE).offset(page * LOG_PAGE_SIZE)
            rows = (await connection.execute(statement)).all()
        return LogPage(tuple(_log_entry_from_row(row) for row in rows), entry_count, page)

    async def iter_log(self, server_id: int) -> AsyncIterator[list[LogEntry]]:
        """Yield the whole log in parts of at most `LOG_BATCH_SIZE` entries, latest entry first."""
        statement = _select_log(server_id).limit(LOG_BATCH_SIZE)
        batch = statement
        while rows := await self._database.fetch_all(batch):
            yield [_log_entry_from_row(row) for row in rows]
            batch = statement.where(moderation_log.c.id < rows[-1].id)


async def write_log(connection: AsyncConnection, server_id: int, entry: LogEntry) -> None:
    """Add the entry; the member it is about is named by a random text that `log_subjects` can forget.

    That member must be locked.
    """
    subject = ""
    if entry.member_id is not None:
        row = {"server_id": server_id, "member_id": entry.member_id, "subject": secrets.token_hex(16)}
        keys = ("server_id", "member_id")
        await connection.execute(upsert(connection.dialect.name, log_subjects, keys, ()), row)
        stored = select(log_subjects.c.subject).where(
            log_subjects.c.server_id == server_id, log_subjects.c.member_id == entry.member_id
        )
        subject = (await connection.execute(stored)).scalar_one()
    values: dict[str, Any] = {
        "server_id": server_id, "actor_id": entry.actor_id, "action": entry.action.value, "subject": subject,
        "film_id": entry.film_id, "rating_id": entry.rating_id, "reply_id": entry.reply_id,
        "reason": entry.reason, "created_at": entry.created_at, "expires_at": entry.expires_at,
    }  # fmt: skip
    await connection.execute(moderation_log.insert(), values)


async def log_setting_changes(
    connection: AsyncConnection,
    server_id: int,
    actor_id: int | None,
    before: ServerSettings,
    after: ServerSettings,
    now: datetime,
) -> None:
    """Add an entry about the settings that differ, none if all are the same. The server must be locked."""
    if changes := find_changes(before, after):
        reason = format_logged_settings(changes)
        await write_log(connection, server_id, LogEntry(Action.SETTINGS, actor_id, None, now, reason=reason))


async def require_not_blocked(connection: AsyncConnection, server_id: int, member_id: int, now: datetime) -> None:
    """Raise BlockedError if the moderators keep the member from reviewing."""
    block = await _read_block(connection, server_id, member_id, now)
    if block is not None:
        raise BlockedError(block.expires_at, block.reason)


async def _read_block(connection: AsyncConnection, server_id: int, member_id: int, now: datetime) -> Block | None:
    """Return the member's block if it has not ended."""
    statement = select(blocks).where(
        blocks.c.server_id == server_id,
        blocks.c.member_id == member_id,
        or_(blocks.c.expires_at.is_(None), blocks.c.expires_at > now),
    )
    row = (await connection.execute(statement)).one_or_none()
    return Block(row.member_id, row.expires_at, row.reason, row.created_at) if row is not None else None


def find_taken_down(keys: Sequence[PostKey], *, replies: bool = False) -> TransactionScript[set[PostKey]]:
    """Return those of the keys whose last review, or with `replies` last reply, was hidden or deleted.

    Only the log says so: for a member who had their data deleted the answer is always no.
    """
    if not keys:
        return set()
    actions: dict[PostKey, list[Action]] = defaultdict(list)
    params = [
        {"p_server_id": server_id, "p_member_id": member_id, "p_film_id": film_id}
        for server_id, member_id, film_id in keys
    ]
    for row in (yield StatementBatch((_DECISIONS_ABOUT_MEMBER,), params)):
        if (row.reply_id is not None) is replies:
            actions[PostKey(row.server_id, row.member_id, row.film_id)].append(Action(row.action))
    return {key for key, of_key in actions.items() if is_taken_down(of_key)}


def _get_report_table(ref: ContentRef) -> tuple[Table, Column[Any]]:
    """Return the table of reports of that kind, and its column with the id of what is reported."""
    return (reply_reports, reply_reports.c.reply_id) if ref.is_reply else (reports, reports.c.rating_id)


def _is_undecided(server_id: int, ref: ContentRef) -> ColumnElement[bool]:
    table, id_column = _get_report_table(ref)
    return and_(table.c.server_id == server_id, id_column == ref.id, table.c.decided_at.is_(None))


def _is_decision(server_id: int, ref: ContentRef, review_id: int | None) -> ColumnElement[bool]:
    """Return the condition for entries of what moderators decided about a review, or a reply to `review_id`."""
    table = moderation_log
    conditions = [
        table.c.server_id == server_id,
        table.c.action.in_([each.value for each in (*DECISIONS, Action.APPROVE)]),
        table.c.reply_id == ref.id if ref.is_reply else table.c.reply_id.is_(None),
    ]
    if review_id is not None:
        conditions.append(table.c.rating_id == review_id)
    return and_(*conditions)


def _with_content(entry: LogEntry, content: ReportableContent) -> LogEntry:
    """Return the entry with what it is about."""
    return replace(
        entry,
        member_id=content.author_id,
        film_id=content.film_id,
        rating_id=content.review_id,
        reply_id=content.ref.id if content.ref.is_reply else None,
    )


def _select_log(server_id: int) -> Any:
    of_subject = and_(
        log_subjects.c.server_id == moderation_log.c.server_id,
        log_subjects.c.subject == moderation_log.c.subject,
    )
    return (
        select(moderation_log, log_subjects.c.member_id)
        .join(log_subjects, of_subject, isouter=True)
        .where(moderation_log.c.server_id == server_id)
        .order_by(moderation_log.c.id.desc())
    )


def _log_entry_from_row(row: AnyRow) -> LogEntry:
    return LogEntry(
        action=Action(row.action),
        actor_id=row.actor_id,
        member_id=row.member_id,
        created_at=row.created_at,
        film_id=row.film_id,
        rating_id=row.rating_id,
        reason=row.reason,
        id=row.id,
        reply_id=row.reply_id,
        expires_at=row.expires_at,
    )


def _select_entries_about(member_id: int) -> Select[Any]:
    """Return the statement that selects the log's entries about the member, without the moderator who decided."""
    columns = ("server_id", "action", "film_id", "rating_id", "reason", "created_at", "reply_id", "expires_at")
    subject = and_(
        log_subjects.c.server_id == moderation_log.c.server_id, log_subjects.c.subject == moderation_log.c.subject
    )
    return (
        select(*(moderation_log.c[name] for name in columns))
        .join(log_subjects, subject)
        .where(log_subjects.c.member_id == member_id)
        .order_by(moderation_log.c.id)
    )


def _select_entries_by(member_id: int) -> Select[Any]:
    """Return the statement that selects the log's entries of decisions that the member made."""
    return select(moderation_log).where(moderation_log.c.actor_id == member_id).order_by(moderation_log.c.id)


PERSONAL_DATA = PersonalData(
    exported_rows=(
        export_table(reply_reports, 50),
        export_table(reports, 60),
        export_table(blocks, 80),
        ExportedRows(moderation_log.name, 190, _select_entries_about),
        ExportedRows("moderation_by_you", 210, _select_entries_by),
    ),
    deleted_tables=(reply_reports, reports, log_subjects),
)
