"""Members' replies to reviews, one level deep. They go with the review, and belong to its server."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.rate_limiter import Flood
from bot.reviews.service import REPLY_LIMIT, Reply, checked_text


class ReplyGoneError(MarqueeError):
    """A reply that is not there for this member: deleted, hidden, or another server's."""

    def __init__(self) -> None:
        super().__init__("That reply is no longer there. `/reviews` shows what is.")


class NotYourReplyError(MarqueeError):
    """A reply that somebody else wrote."""

    def __init__(self) -> None:
        super().__init__("That reply is not yours.")


@dataclass(frozen=True, slots=True)
class Replied:
    """A reply as it is stored; `held` where it is not shown from now on until a moderator decides, since one
    before it was taken down."""

    reply: Reply
    held: bool


class ReplyStore(Protocol):
    """Where replies are kept. Every method sees and changes one server's replies alone."""

    async def add(self, server_id: int, review_id: int, reply: Reply) -> Replied:
        """Store the reply under the review. Raises ReviewGoneError, BlockedError."""
        ...

    async def get(self, server_id: int, reply_id: int) -> Reply | None:
        """Give the server's reply of that id, hidden or not, or None."""
        ...

    async def edit(self, server_id: int, reply: Reply) -> Replied | None:
        """Store the text and the time of its change; None where there is no such reply. Raises BlockedError."""
        ...

    async def delete(self, server_id: int, reply_id: int) -> bool:
        """Delete the reply; tell whether it was there."""
        ...


class ReplyService:
    """Takes and gives replies. `now` gives the time."""

    def __init__(self, store: ReplyStore, flood: Flood, now: Callable[[], datetime]) -> None:
        self._store = store
        self._flood = flood
        self._now = now

    async def post(self, server_id: int, review_id: int, member_id: int, text: str) -> Replied:
        """Store a reply to the review.

        Raises InvalidInputError, TooFastError, BlockedError, ReviewGoneError.
        """
        text = _checked(text)
        now = self._now()
        self._flood.count(server_id, member_id, now)
        return await self._store.add(server_id, review_id, Reply(0, member_id, text, now))

    async def get(self, server_id: int, reply_id: int) -> Reply:
        """Give a reply that members may read. Raises ReplyGoneError."""
        reply = await self._store.get(server_id, reply_id)
        if reply is None or reply.hidden_by:
            raise ReplyGoneError
        return reply

    async def own(self, server_id: int, reply_id: int, member_id: int) -> Reply:
        """Give the member's own reply, hidden or not. Raises ReplyGoneError, NotYourReplyError."""
        reply = await self._store.get(server_id, reply_id)
        if reply is None or (reply.hidden_by and reply.member_id != member_id):
            raise ReplyGoneError
        if reply.member_id != member_id:
            raise NotYourReplyError
        return reply

    async def edit(self, server_id: int, reply_id: int, member_id: int, text: str) -> Replied:
        """Change the text of the member's own reply.

        Raises InvalidInputError, TooFastError, BlockedError, ReplyGoneError, NotYourReplyError.
        """
        text = _checked(text)
        before = await self.own(server_id, reply_id, member_id)
        now = self._now()
        self._flood.count(server_id, member_id, now)
        replied = await self._store.edit(server_id, replace(before, text=text, edited_at=now))
        if replied is None:
            raise ReplyGoneError
        return replied

    async def delete(self, server_id: int, reply_id: int, member_id: int) -> None:
        """Delete the member's own reply. Raises ReplyGoneError, NotYourReplyError."""
        await self.own(server_id, reply_id, member_id)
        if not await self._store.delete(server_id, reply_id):
            raise ReplyGoneError


def _checked(text: str) -> str:
    text = checked_text(text, REPLY_LIMIT)
    if not text:
        raise InvalidInputError("There is nothing in that reply.")
    return text
