"""What members report and moderators decide, each thing recorded in the log."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.core.errors import InvalidInputError
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
    ReviewSettings,
)
from bot.moderation.repository import ModerationRepository


class ModerationService:
    """Applies the rules of moderation. The caller checks who is a moderator.

    `now` returns the time. Reads that need no rule are the repository's.
    """

    def __init__(self, repository: ModerationRepository, now: Callable[[], datetime]) -> None:
        self.repository = repository
        self._now = now

    async def settings(self, server_id: int) -> ReviewSettings:
        """Return what holds for the server's reviews."""
        return await self.repository.settings(server_id)

    async def change_settings(self, server_id: int, actor_id: int, **changes: Any) -> ReviewSettings:
        """Change some of what holds for the server's reviews, by name; return all that holds now."""
        what = ", ".join(f"{name.replace('_', ' ')}: {_describe(value)}" for name, value in changes.items())
        entry = LogEntry(Action.SETTINGS, actor_id, None, self._now(), reason=what[:REASON_LIMIT])
        return await self.repository.change_settings(server_id, lambda before: replace(before, **changes), entry)

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
            raise InvalidInputError("That is nothing to decide about a review.")
        entry = LogEntry(action, actor_id, None, self._now(), reason=reason.strip()[:REASON_LIMIT])
        case = await self.repository.decide(server_id, ref, entry)
        if case is None:
            raise self.repository.get_gone_error(ref)
        return case

    async def block(
        self, server_id: int, member_id: int, *, actor_id: int, days: int | None = None, reason: str = ""
    ) -> Block:
        """Keep a member from rating and reviewing for some days, or without `days` until they are unblocked.

        Raises InvalidInputError if it is the moderator themselves, or the block is too short or too long.
        """
        if member_id == actor_id:
            raise InvalidInputError("You can't block yourself: you would no longer rate, review and reply here.")
        now = self._now()
        if days is not None and not 1 <= days <= MAXIMUM_BLOCK_DAYS:
            raise InvalidInputError(
                f"A block lasts 1 to {MAXIMUM_BLOCK_DAYS:,} days, or without days until lifted."
            )
        expires_at = None if days is None else now + timedelta(days=days)
        reason = reason.strip()[:REASON_LIMIT]
        block = Block(member_id, expires_at, reason, now)
        entry = LogEntry(Action.BLOCK, actor_id, member_id, now, reason=reason)
        await self.repository.block(server_id, block, entry)
        return block

    async def unblock(self, server_id: int, member_id: int, *, actor_id: int, reason: str = "") -> bool:
        """Lift a block; return whether there was one."""
        entry = LogEntry(Action.UNBLOCK, actor_id, member_id, self._now(), reason=reason.strip()[:REASON_LIMIT])
        return await self.repository.unblock(server_id, member_id, entry)

    async def list_blocks(self, server_id: int) -> list[Block]:
        """Return the blocks in force, latest first."""
        return await self.repository.list_blocks(server_id, self._now())


def _describe(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return "1 word" if len(value) == 1 else f"{len(value)} words"
    return str(value)
