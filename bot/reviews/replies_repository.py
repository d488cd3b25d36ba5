"""Replies to reviews in the database, and reviews read with them. Every statement is limited to one server."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Select, and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database
from bot.core.database.executors import AnyRow
from bot.core.database.transaction_script import run_script
from bot.core.errors import InvalidInputError
from bot.core.text.i18n import _
from bot.members.repository import MembershipRepository
from bot.moderation.models import HiddenBy, PostKey
from bot.moderation.repository import find_taken_down, require_not_blocked
from bot.reviews.models import (
    REPLIES_LIMIT,
    Reply,
    ReplyResult,
    Review,
    ReviewGoneError,
    needs_moderator_review,
)
from bot.reviews.tables import ratings, replies


class ReplyRepository:
    """Reads and writes replies."""

    def __init__(self, database: Database, membership: MembershipRepository) -> None:
        self._database = database
        self._membership = membership

    async def add(self, server_id: int, review_id: int, reply: Reply) -> ReplyResult:
        """Store the reply to the review; return it as it is stored.

        Raises ReviewGoneError, BlockedError, and InvalidInputError if the review has too many replies.
        """
        async with self._database.write(member_ids=[reply.member_id], server_ids=[server_id]) as connection:
            await require_not_blocked(connection, server_id, reply.member_id, reply.created_at)
            await self._membership.record_activity(connection, server_id, reply.member_id, reply.created_at)
            film_id = await lock_review(connection, server_id, review_id)
            count = select(func.count()).select_from(replies).where(replies.c.rating_id == review_id)
            if (await connection.execute(count)).scalar_one() >= REPLIES_LIMIT:
                raise InvalidInputError(
                    _("That review already has {limit} replies. Carry on in the channel.").format(
                        limit=REPLIES_LIMIT
                    )
                )
            keys = [PostKey(server_id, reply.member_id, film_id)]
            taken_down = await run_script(connection, find_taken_down(keys, replies=True))
            needs_review = needs_moderator_review(reply.text, None, was_taken_down=bool(taken_down))
            hidden_by = HiddenBy.PRE_MODERATION if needs_review else None
            reply = replace(reply, review_id=review_id, hidden_by=hidden_by)
            values = {
                "rating_id": review_id, "member_id": reply.member_id, "text": reply.text,
                "created_at": reply.created_at, "hidden_by": reply.hidden_by,
            }  # fmt: skip
            stored = await connection.execute(replies.insert().returning(replies.c.id), values)
            return ReplyResult(replace(reply, id=stored.scalar_one()), needs_review)

    async def get(self, server_id: int, reply_id: int) -> Reply | None:
        """Return the server's reply of that id, hidden or not, or None."""
        async with self._database.read() as connection:
            return await read_reply(connection, server_id, reply_id)

    async def edit(self, server_id: int, reply: Reply) -> ReplyResult | None:
        """Store the text and the time of its change; return None if the reply is gone. Raises BlockedError."""
        async with self._database.write(member_ids=[reply.member_id], server_ids=[server_id]) as connection:
            await require_not_blocked(connection, server_id, reply.member_id, reply.edited_at or reply.created_at)
            existing = await read_reply(connection, server_id, reply.id)
            if existing is None:
                return None
            needs_review = needs_moderator_review(reply.text, existing, was_taken_down=False)
            hidden_by = HiddenBy.PRE_MODERATION if needs_review else existing.hidden_by
            edited = replace(existing, text=reply.text, edited_at=reply.edited_at, hidden_by=hidden_by)
            statement = update(replies).where(replies.c.id == reply.id)
            await connection.execute(
                statement.values(text=edited.text, edited_at=edited.edited_at, hidden_by=hidden_by)
            )
        return ReplyResult(edited, needs_review)

    async def delete(self, server_id: int, reply_id: int, *, member_id: int) -> bool:
        """Delete the member's reply with its reports; return whether it was there."""
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            is_theirs = and_(_is_reply(server_id, reply_id), replies.c.member_id == member_id)
            statement = delete(replies).where(is_theirs)
            return (await connection.execute(statement)).rowcount > 0


def _is_reply(server_id: int, reply_id: int) -> ColumnElement[bool]:
    of_server = select(ratings.c.id).where(ratings.c.server_id == server_id)
    return and_(replies.c.id == reply_id, replies.c.rating_id.in_(of_server))


async def read_reply(connection: AsyncConnection, server_id: int, reply_id: int) -> Reply | None:
    """Return the server's reply of that id, hidden or not, or None."""
    row = (await connection.execute(select(replies).where(_is_reply(server_id, reply_id)))).one_or_none()
    return _reply_from_row(row) if row is not None else None


async def read_replies(connection: AsyncConnection, review_ids: Sequence[int]) -> dict[int, tuple[Reply, ...]]:
    """Return the replies to each review that members can read, oldest first."""
    statement = select(replies).where(replies.c.rating_id.in_(review_ids), replies.c.hidden_by.is_(None))
    by_review: dict[int, tuple[Reply, ...]] = {}
    for row in await connection.execute(statement.order_by(replies.c.id)):
        by_review[row.rating_id] = (*by_review.get(row.rating_id, ()), _reply_from_row(row))
    return by_review


def _reply_from_row(row: AnyRow) -> Reply:
    hidden_by = HiddenBy(row.hidden_by) if row.hidden_by else None
    return Reply(row.id, row.member_id, row.text, row.created_at, row.rating_id, row.edited_at, hidden_by)


async def lock_review(connection: AsyncConnection, server_id: int, review_id: int) -> str:
    """Keep a readable review from being deleted until the transaction ends; return the id of its film.

    Raises ReviewGoneError.
    """
    statement: Select[tuple[str]] = select(ratings.c.film_id).where(
        ratings.c.id == review_id, ratings.c.server_id == server_id, ratings.c.hidden_by.is_(None)
    )
    row = (await connection.execute(statement.with_for_update())).one_or_none()
    if row is None:
        raise ReviewGoneError
    return str(row.film_id)


async def read_review(connection: AsyncConnection, server_id: int, review_id: int) -> Review | None:
    """Return the server's review of that id with the replies that members can read, or None."""
    statement = select(ratings).where(ratings.c.id == review_id, ratings.c.server_id == server_id)
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        return None
    return review_from_row(row, (await read_replies(connection, [review_id])).get(review_id, ()))


def review_from_row(row: AnyRow, replies_to_it: tuple[Reply, ...] = ()) -> Review:
    """Return the review in a row of `ratings`."""
    return Review(
        id=row.id,
        server_id=row.server_id,
        member_id=row.member_id,
        film_id=row.film_id,
        half_stars=row.stars,
        text=row.text or "",
        is_spoiler=row.is_spoiler,
        created_at=row.created_at,
        edited_at=row.edited_at,
        text_edited_at=row.text_edited_at,
        text_written_at=row.text_written_at,
        hidden_by=HiddenBy(row.hidden_by) if row.hidden_by else None,
        helpful_count=row.helpful_count,
        is_liked=row.is_liked,
        replies=replies_to_it,
    )
