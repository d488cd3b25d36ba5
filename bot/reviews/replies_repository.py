"""Replies to reviews, in and out of the database. Every statement asks for one server's alone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database
from bot.core.database.read_executor import AnyRow
from bot.core.database.transaction_script import run_steps
from bot.core.errors import InvalidInputError
from bot.members.membership_repository import note_present
from bot.moderation.models import waits
from bot.moderation.pre_moderation import find_taken_down
from bot.moderation.tables import blocks
from bot.reviews.replies import Replied
from bot.reviews.service import REPLIES_KEPT, BlockedError, HiddenBy, Reply, Review, ReviewGoneError
from bot.reviews.tables import ratings, replies
from bot.reviews.totals_repository import lock_servers


class ReplyStore:
    """Reads and writes replies."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, server_id: int, review_id: int, reply: Reply) -> Replied:
        """Store the reply under the review. Raises ReviewGoneError, BlockedError."""
        async with self._database.write() as connection:
            await refuse_blocked(connection, server_id, reply.member_id, reply.created_at)
            await note_present(connection, server_id, reply.member_id, reply.created_at)
            film_id = await lock_review(connection, server_id, review_id)
            count = select(func.count()).select_from(replies).where(replies.c.rating_id == review_id)
            if (await connection.execute(count)).scalar_one() >= REPLIES_KEPT:
                raise InvalidInputError(f"That review has {REPLIES_KEPT} replies, and that is the limit.")
            asked = [(server_id, reply.member_id, film_id)]
            down = await run_steps(connection, find_taken_down(asked, replies=True))
            held = waits(reply.text, None, None, down=bool(down))
            reply = replace(reply, review_id=review_id, hidden_by=HiddenBy.HELD if held else None)
            values = {
                "rating_id": review_id, "member_id": reply.member_id, "text": reply.text,
                "created_at": reply.created_at, "hidden_by": reply.hidden_by,
            }  # fmt: skip
            stored = await connection.execute(replies.insert().returning(replies.c.id), values)
            return Replied(replace(reply, id=stored.scalar_one()), held)

    async def get(self, server_id: int, reply_id: int) -> Reply | None:
        """Give the server's reply of that id, hidden or not, or None."""
        async with self._database.read() as connection:
            return await read_reply(connection, server_id, reply_id)

    async def edit(self, server_id: int, reply: Reply) -> Replied | None:
        """Store the text and the time of its change; None where there is no such reply. Raises BlockedError."""
        async with self._database.write() as connection:
            await refuse_blocked(connection, server_id, reply.member_id, reply.edited_at or reply.created_at)
            # A moderator may be deciding about it.
            await lock_servers(connection, [server_id])
            before = await read_reply(connection, server_id, reply.id)
            if before is None:
                return None
            held = waits(reply.text, before.text, before.hidden_by, down=False)
            hidden = HiddenBy.HELD if held else before.hidden_by
            reply = replace(before, text=reply.text, edited_at=reply.edited_at, hidden_by=hidden)
            changed = update(replies).where(replies.c.id == reply.id)
            await connection.execute(changed.values(text=reply.text, edited_at=reply.edited_at, hidden_by=hidden))
        return Replied(reply, held)

    async def delete(self, server_id: int, reply_id: int) -> bool:
        """Delete the reply with its reports; tell whether it was there."""
        async with self._database.write() as connection:
            # Somebody may be reporting it.
            await lock_servers(connection, [server_id])
            return (await connection.execute(delete(replies).where(_is(server_id, reply_id)))).rowcount > 0


def _is(server_id: int, reply_id: int) -> ColumnElement[bool]:
    of_server = select(ratings.c.id).where(ratings.c.server_id == server_id)
    return and_(replies.c.id == reply_id, replies.c.rating_id.in_(of_server))


async def read_reply(connection: AsyncConnection, server_id: int, reply_id: int) -> Reply | None:
    """Give the server's reply of that id, hidden or not, or None."""
    row = (await connection.execute(select(replies).where(_is(server_id, reply_id)))).one_or_none()
    return _reply(row) if row is not None else None


async def read_replies(connection: AsyncConnection, review_ids: Sequence[int]) -> dict[int, tuple[Reply, ...]]:
    """Give the replies to each review that members may read, oldest first."""
    statement = select(replies).where(replies.c.rating_id.in_(review_ids), replies.c.hidden_by.is_(None))
    found: dict[int, tuple[Reply, ...]] = {}
    for row in await connection.execute(statement.order_by(replies.c.id)):
        found[row.rating_id] = (*found.get(row.rating_id, ()), _reply(row))
    return found


def _reply(row: AnyRow) -> Reply:
    hidden = HiddenBy(row.hidden_by) if row.hidden_by else None
    return Reply(row.id, row.member_id, row.text, row.created_at, row.rating_id, row.edited_at, hidden)


async def lock_review(connection: AsyncConnection, server_id: int, review_id: int) -> str:
    """Keep a readable review from being deleted until the transaction ends; give the id of its film.

    Raises ReviewGoneError.
    """
    statement: Select[tuple[str]] = select(ratings.c.film_id).where(
        ratings.c.id == review_id, ratings.c.server_id == server_id, ratings.c.hidden_by.is_(None)
    )
    row = (await connection.execute(statement.with_for_update())).one_or_none()
    if row is None:
        raise ReviewGoneError
    return str(row.film_id)


async def refuse_blocked(connection: AsyncConnection, server_id: int, member_id: int, now: datetime) -> None:
    """Raise BlockedError where the moderators keep the member from reviewing."""
    statement = select(blocks).where(
        blocks.c.server_id == server_id,
        blocks.c.member_id == member_id,
        or_(blocks.c.expires_at.is_(None), blocks.c.expires_at > now),
    )
    row = (await connection.execute(statement)).one_or_none()
    if row is not None:
        raise BlockedError(row.expires_at, row.reason)


async def read_review(connection: AsyncConnection, server_id: int, review_id: int) -> Review | None:
    """Give the server's review of that id with its replies, or None."""
    statement = select(ratings).where(ratings.c.id == review_id, ratings.c.server_id == server_id)
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        return None
    return review_of(row, (await read_replies(connection, [review_id])).get(review_id, ()))


def review_of(row: AnyRow, answers: tuple[Reply, ...] = ()) -> Review:
    """Give the review in a row of the table."""
    return Review(
        id=row.id,
        server_id=row.server_id,
        member_id=row.member_id,
        film_id=row.film_id,
        stars=row.stars,
        text=row.text or "",
        is_spoiler=row.is_spoiler,
        created_at=row.created_at,
        edited_at=row.edited_at,
        text_edited_at=row.text_edited_at,
        hidden_by=HiddenBy(row.hidden_by) if row.hidden_by else None,
        helpful_count=row.helpful_count,
        replies=answers,
    )
