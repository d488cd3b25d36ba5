"""What moderators do, in and out of the database: each change in one transaction with its log entry."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from cachetools import TTLCache
from sqlalchemy import and_, delete, func, or_, select

from bot.core.database.engine import Database, upsert
from bot.core.database.read_executor import AnyRow
from bot.moderation.log_repository import read_review_settings, write_log
from bot.moderation.models import LOG_ON_PAGE, Action, Block, LogEntry, LogPage, ReviewSettings
from bot.moderation.reports_repository import ReportStore
from bot.moderation.tables import blocks, log_subjects, moderation_log, review_settings
from bot.reviews.totals_repository import lock_servers

CACHED_SERVERS, CACHED_SECONDS = 10_000, 60.0
"""Settings kept in memory, and for how long another process's change may stay unseen."""
_SETTINGS = ("minimum_raters", "report_threshold", "moderator_role", "log_channel", "blocked_words")


class ModerationStore(ReportStore):
    """Reads and writes what moderators do."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._settings: TTLCache[int, ReviewSettings] = TTLCache(CACHED_SERVERS, CACHED_SECONDS)

    async def settings(self, server_id: int) -> ReviewSettings:
        """Give the server's settings, or those that hold until somebody sets them."""
        if (known := self._settings.get(server_id)) is not None:
            return known
        async with self._database.read() as connection:
            found = await read_review_settings(connection, server_id)
        self._settings[server_id] = found
        return found

    async def change_settings(
        self, server_id: int, change: Callable[[ReviewSettings], ReviewSettings], entry: LogEntry
    ) -> ReviewSettings:
        """Store what `change` makes of the server's settings, if that is anything else, and give it."""
        statement = upsert(self._database.dialect, review_settings, ("server_id",), _SETTINGS)
        async with self._database.write() as connection:
            await lock_servers(connection, [server_id])
            before = await read_review_settings(connection, server_id)
            settings = change(before)
            if settings != before:
                row = {**asdict(settings), "blocked_words": list(settings.blocked_words)}
                await connection.execute(statement, [{"server_id": server_id, **row}])
                await write_log(connection, server_id, entry)
        self._settings[server_id] = settings
        return settings

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
