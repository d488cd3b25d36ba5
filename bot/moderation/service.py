"""What moderators do about reports, reviews and members, each thing noted in the log."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.errors import InvalidInputError
from bot.members.server_settings import ServerSettings, SettingChanges
from bot.members.server_settings_repository import ServerSettingsRepository
from bot.moderation.log_repository import write_log
from bot.moderation.models import (
    DECISIONS,
    LONGEST_BLOCK,
    REASON_LIMIT,
    Action,
    Block,
    LogEntry,
    LogPage,
    Reason,
    Reported,
    Subject,
)
from bot.reviews.service import OwnReviewError


class ModerationStore(Protocol):
    """Where reports, blocks and the log are kept; each change is stored together with its entry."""

    async def report(self, server_id: int, report: tuple[Subject, int, Reason], now: datetime) -> bool:
        """Store a report (of what, by whom, why) and hide what it is about where it is one too many.

        Tell whether it is hidden by this. Raises ReviewGoneError, ReplyGoneError, AlreadyReportedError.
        """
        ...

    async def queue(self, server_id: int) -> list[Reported]:
        """Give what has undecided reports, the most reported first."""
        ...

    async def hidden(self, server_id: int) -> list[Reported]:
        """Give what is hidden, latest first."""
        ...

    async def reported(self, server_id: int, subject: Subject) -> Reported | None:
        """Give one review or reply with its undecided reports, or None where the server has no such."""
        ...

    async def decide(self, server_id: int, subject: Subject, entry: LogEntry) -> Reported | None:
        """Do what the entry says to the review or reply, settle its reports, log it; give it as it was.

        None where it is gone; nothing is logged then. Raises AlreadyDecidedError, RewordedError.
        """
        ...

    async def block(self, server_id: int, block: Block, entry: LogEntry) -> None:
        """Store the block over one that is there."""
        ...

    async def unblock(self, server_id: int, member_id: int, entry: LogEntry) -> bool:
        """Lift the block; tell whether there was one."""
        ...

    async def blocks(self, server_id: int, now: datetime) -> list[Block]:
        """Give the blocks in force."""
        ...

    async def log(self, server_id: int, page: int | None) -> LogPage:
        """Give a page of the log, or all of it for a `page` of None."""
        ...


class ModerationService:
    """What moderators do. Who may is the caller's to check. `now` gives the time."""

    def __init__(
        self, store: ModerationStore, server_settings: ServerSettingsRepository, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._server_settings = server_settings
        self._now = now

    async def change_settings(self, server_id: int, actor_id: int, changes: SettingChanges) -> ServerSettings:
        """Change settings of the server, with an entry in the log where that changes anything; return them all."""
        reason = ", ".join(f"{_setting_label(name)}: {_told(value)}" for name, value in changes.items())
        entry = LogEntry(Action.SETTINGS, actor_id, None, self._now(), reason=reason[:REASON_LIMIT])

        async def log_change(connection: AsyncConnection, before: ServerSettings, after: ServerSettings) -> None:
            if after != before:
                await write_log(connection, server_id, entry)

        return await self._server_settings.change(
            server_id, lambda before: before.with_changes(changes), log_change
        )

    async def report(self, server_id: int, subject: Subject, member_id: int, reason: Reason) -> bool:
        """Report a review or a reply that members can read; tell whether it is hidden now because of it.

        Raises OwnReviewError, AlreadyReportedError, ReviewGoneError, ReplyGoneError.
        """
        await self.check_reportable(server_id, subject, member_id)
        return await self._store.report(server_id, (subject, member_id, reason), self._now())

    async def check_reportable(self, server_id: int, subject: Subject, member_id: int) -> None:
        """Raise OwnReviewError, ReviewGoneError or ReplyGoneError for what the member can't report."""
        found = await self.reported(server_id, subject)
        if found.hidden_by is not None or found.review.hidden_by is not None:
            raise subject.gone()
        if found.member_id == member_id:
            raise OwnReviewError(f"That {subject.noun} is your own: you can change and delete it yourself.")

    async def queue(self, server_id: int) -> list[Reported]:
        """Give what waits for a decision, the most reported first."""
        return await self._store.queue(server_id)

    async def hidden(self, server_id: int) -> list[Reported]:
        """Give what is hidden and may be restored, latest first."""
        return await self._store.hidden(server_id)

    async def reported(self, server_id: int, subject: Subject) -> Reported:
        """Give a review or a reply with its undecided reports. Raises ReviewGoneError, ReplyGoneError."""
        found = await self._store.reported(server_id, subject)
        if found is None:
            raise subject.gone()
        return found

    async def decide(
        self, server_id: int, subject: Subject, action: Action, *, actor_id: int, reason: str = ""
    ) -> Reported:
        """Hide, restore, delete or dismiss a review or a reply; give it as it was before.

        Raises ReviewGoneError, ReplyGoneError, AlreadyDecidedError, RewordedError.
        """
        if action not in DECISIONS:
            raise InvalidInputError("That is nothing to decide about a review.")
        entry = LogEntry(action, actor_id, None, self._now(), reason=reason.strip()[:REASON_LIMIT])
        before = await self._store.decide(server_id, subject, entry)
        if before is None:
            raise subject.gone()
        return before

    async def block(
        self, server_id: int, member_id: int, *, actor_id: int, days: int | None = None, reason: str = ""
    ) -> Block:
        """Keep a member from rating and reviewing for some days, or until they are unblocked.

        Raises InvalidInputError for oneself, and for a block too short or too long.
        """
        if member_id == actor_id:
            raise InvalidInputError("You can't block yourself: you would no longer rate, review and reply here.")
        now = self._now()
        if days is not None and not 1 <= days <= LONGEST_BLOCK:
            raise InvalidInputError(f"A block lasts 1 to {LONGEST_BLOCK:,} days, or without days until lifted.")
        until = None if days is None else now + timedelta(days=days)
        reason = reason.strip()[:REASON_LIMIT]
        block = Block(member_id, until, reason, now)
        await self._store.block(server_id, block, LogEntry(Action.BLOCK, actor_id, member_id, now, reason=reason))
        return block

    async def unblock(self, server_id: int, member_id: int, *, actor_id: int, reason: str = "") -> bool:
        """Lift a block; tell whether there was one."""
        entry = LogEntry(Action.UNBLOCK, actor_id, member_id, self._now(), reason=reason.strip()[:REASON_LIMIT])
        return await self._store.unblock(server_id, member_id, entry)

    async def blocks(self, server_id: int) -> list[Block]:
        """Give the blocks in force."""
        return await self._store.blocks(server_id, self._now())

    async def log(self, server_id: int, page: int = 0) -> LogPage:
        """Give a page of the log, latest first; one past the end is the last."""
        return await self._store.log(server_id, page)

    async def whole_log(self, server_id: int) -> tuple[LogEntry, ...]:
        """Give the whole log, latest first."""
        return (await self._store.log(server_id, None)).entries


def _setting_label(name: str) -> str:
    """Return what the log calls a setting: `log channel` for `log_channel_id`."""
    return "blocked words" if name == "word_filter" else name.removesuffix("_id").replace("_", " ")


def _told(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return "1 word" if len(value) == 1 else f"{len(value)} words"
    return str(value)
