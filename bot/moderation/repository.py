"""What moderators do, in and out of the database: each change in one transaction with its log entry."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import and_, delete, func, or_, select

from bot.core.database.engine import upsert
from bot.core.database.read_executor import AnyRow
from bot.moderation.log_repository import write_log
from bot.moderation.models import LOG_ON_PAGE, Action, Block, LogEntry, LogPage
from bot.moderation.reports_repository import ReportStore
from bot.moderation.tables import blocks, log_subjects, moderation_log


class ModerationStore(ReportStore):
    """Reads and writes what moderators do."""

    async def block(self, server_id: int, block: Block, entry: LogEntry) -> None:
        """Store the block over one that is there."""
        change = ("expires_at", "reason", "created_at")
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
        in_force = or_(blocks.c.expires_at.is_(None), blocks.c.expires_at > now)
        statement = select(blocks).where(blocks.c.server_id == server_id, in_force)
        rows = await self._database.rows(statement.order_by(blocks.c.created_at.desc()))
        return [Block(row.member_id, row.expires_at, row.reason, row.created_at) for row in rows]

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


def _entry(row: AnyRow) -> LogEntry:
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
    )
