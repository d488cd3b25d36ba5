"""What members report and moderators decide, each thing recorded in the log."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.errors import InvalidInputError
from bot.core.text.i18n import _
from bot.members.repository import ServerSettingsRepository
from bot.members.server_settings import ServerSettings, SettingChanges
from bot.moderation.models import (
    DECISIONS,
    MAXIMUM_BLOCK_DAYS,
    REASON_LIMIT,
    Action,
    Block,
    Case,
    ContentRef,
    LogEntry,
    OwnContentError,
    Reason,
)
from bot.moderation.repository import ModerationRepository, log_setting_changes


class ModerationService:
    """Applies the rules of moderation. The caller checks who is a moderator.

    `now` returns the time. Reads that need no rule are the repository's.
    """

    def __init__(
        self,
        repository: ModerationRepository,
        server_settings: ServerSettingsRepository,
        now: Callable[[], datetime],
    ) -> None:
        self.repository = repository
        self._server_settings = server_settings
        self._now = now

    async def change_settings(self, server_id: int, actor_id: int, changes: SettingChanges) -> ServerSettings:
        """Change settings of the server, log what is different then, and return them all."""
        return await self.apply_settings(server_id, actor_id, lambda before: before.with_changes(changes))

    async def apply_settings(
        self, server_id: int, actor_id: int, change: Callable[[ServerSettings], ServerSettings]
    ) -> ServerSettings:
        """Store what `change` makes of the server's settings, log what is different then, and return them all."""
        now = self._now()

        async def log_change(connection: AsyncConnection, before: ServerSettings, after: ServerSettings) -> None:
            await log_setting_changes(connection, server_id, actor_id, before, after, now)

        return await self._server_settings.change(server_id, change, log_change)

    async def report(self, server_id: int, ref: ContentRef, member_id: int, reason: Reason) -> bool:
        """Report a review or a reply that members can read; return whether the report has hidden it.

        Raises OwnContentError, AlreadyReportedError, and the content's `gone_error`.
        """
        await self.check_reportable(server_id, ref, member_id)
        return await self.repository.report(server_id, ref, member_id=member_id, reason=reason, now=self._now())

    async def check_reportable(self, server_id: int, ref: ContentRef, member_id: int) -> None:
        """Raise OwnContentError or the content's `gone_error` if the member can't report it."""
        content = (await self.get_case(server_id, ref)).content
        if not content.is_readable:
            raise self.repository.get_gone_error(ref)
        if content.author_id == member_id:
            raise OwnContentError(ref.noun)

    async def get_case(self, server_id: int, ref: ContentRef) -> Case:
        """Return a review or a reply with its undecided reports. Raises the content's `gone_error`."""
        case = await self.repository.get_case(server_id, ref)
        if case is None:
            raise self.repository.get_gone_error(ref)
        return case

    async def decide(
        self, server_id: int, ref: ContentRef, action: Action, *, actor_id: int, reason: str = ""
    ) -> Case:
        """Hide, restore, delete or dismiss a review or a reply; return the case as it was before.

        Raises AlreadyDecidedError, TextChangedError, and the content's `gone_error`.
        """
        if action not in DECISIONS:
            raise InvalidInputError(_("That isn't something you can do with a review."))
        entry = LogEntry(action, actor_id, None, self._now(), reason=reason.strip()[:REASON_LIMIT])
        case = await self.repository.decide(server_id, ref, entry)
        if case is None:
            raise self.repository.get_gone_error(ref)
        return case

    async def block(
        self, server_id: int, member_id: int, *, actor_id: int, days: int | None = None, reason: str = ""
    ) -> tuple[Block, Block | None]:
        """Block a member from posting for some days, without `days` for good.

        Return the block and the earlier one that it replaces, if there was one.

        Raises InvalidInputError if it is the moderator themselves, or the block is too short or too long.
        """
        if member_id == actor_id:
            raise InvalidInputError(_("You can't block yourself. Pick another member."))
        now = self._now()
        if days is not None and not 1 <= days <= MAXIMUM_BLOCK_DAYS:
            raise InvalidInputError(
                _("Enter 1 to {limit} days, or leave it out to block until a moderator unblocks them.").format(
                    limit=f"{MAXIMUM_BLOCK_DAYS:,}"
                )
            )
        expires_at = None if days is None else now + timedelta(days=days)
        reason = reason.strip()[:REASON_LIMIT]
        block = Block(member_id, expires_at, reason, now)
        entry = LogEntry(Action.BLOCK, actor_id, member_id, now, reason=reason, expires_at=expires_at)
        return block, await self.repository.block(server_id, block, entry)

    async def unblock(self, server_id: int, member_id: int, *, actor_id: int, reason: str = "") -> bool:
        """Lift a block; return whether there was one."""
        entry = LogEntry(Action.UNBLOCK, actor_id, member_id, self._now(), reason=reason.strip()[:REASON_LIMIT])
        return await self.repository.unblock(server_id, member_id, entry)
