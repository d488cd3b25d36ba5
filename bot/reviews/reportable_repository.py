"""Reviews and replies as moderation sees them: the two kinds of text that members can report."""

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.moderation.models import ContentRef, HiddenBy, Quote, ReportableContent
from bot.moderation.repository import ListedContent
from bot.reviews.models import ReplyGoneError, ReviewGoneError
from bot.reviews.replies_repository import read_reply, read_review
from bot.reviews.repository import delete_rating
from bot.reviews.stars import format_stars
from bot.reviews.tables import ratings, replies


class ReportableReviews:
    """Lets moderation read, hide and delete reviews."""

    gone_error = ReviewGoneError

    async def read(self, connection: AsyncConnection, server_id: int, content_id: int) -> ReportableContent | None:
        """Return the server's review of that id, hidden or not, or None."""
        review = await read_review(connection, server_id, content_id)
        if review is None:
            return None
        return ReportableContent(
            ContentRef(review.id),
            film_id=review.film_id,
            review_id=review.id,
            review=Quote(review.member_id, review.text),
            stars=format_stars(review.stars),
            is_spoiler=review.is_spoiler,
            updated_at=review.edited_at or review.created_at,
            replies=tuple(Quote(reply.member_id, reply.text) for reply in review.replies),
            hidden_by=review.hidden_by,
            is_readable=review.hidden_by is None,
        )

    async def set_hidden_by(
        self, connection: AsyncConnection, content_id: int, hidden_by: HiddenBy | None
    ) -> None:
        """Hide the review, or with None show it."""
        await connection.execute(update(ratings).where(ratings.c.id == content_id).values(hidden_by=hidden_by))

    async def delete(self, connection: AsyncConnection, content_id: int) -> None:
        """Delete the rating with its review, replies, votes and reports."""
        row = (await connection.execute(select(ratings).where(ratings.c.id == content_id))).one()
        await delete_rating(connection, row)

    async def list_hidden(self, connection: AsyncConnection, server_id: int, limit: int) -> list[ListedContent]:
        """Return the server's hidden reviews by when they were first posted, latest first."""
        statement = (
            select(ratings.c.created_at, ratings.c.id)
            .where(ratings.c.server_id == server_id, ratings.c.hidden_by.is_not(None))
            .order_by(ratings.c.created_at.desc(), ratings.c.id.desc())
            .limit(limit)
        )
        return [ListedContent(row.created_at, row.id) for row in await connection.execute(statement)]

    async def list_pre_moderated(
        self, connection: AsyncConnection, server_id: int, limit: int
    ) -> list[ListedContent]:
        """Return the server's reviews that wait for approval by when they were last changed, oldest first."""
        since = func.coalesce(ratings.c.edited_at, ratings.c.created_at).label("since")
        statement = (
            select(since, ratings.c.id)
            .where(
                ratings.c.server_id == server_id,
                ratings.c.hidden_by == HiddenBy.PRE_MODERATION,
                ratings.c.text.is_not(None),
            )
            .order_by(since)
            .limit(limit)
        )
        return [ListedContent(row.since, row.id) for row in await connection.execute(statement)]


class ReportableReplies:
    """Lets moderation read, hide and delete replies to reviews."""

    gone_error = ReplyGoneError

    async def read(self, connection: AsyncConnection, server_id: int, content_id: int) -> ReportableContent | None:
        """Return the server's reply of that id with the review it answers, hidden or not, or None."""
        reply = await read_reply(connection, server_id, content_id)
        review = await read_review(connection, server_id, reply.review_id) if reply is not None else None
        if reply is None or review is None:
            return None
        return ReportableContent(
            ContentRef(reply.id, is_reply=True),
            film_id=review.film_id,
            review_id=review.id,
            review=Quote(review.member_id, review.text),
            stars=format_stars(review.stars),
            is_spoiler=review.is_spoiler,
            updated_at=reply.edited_at or reply.created_at,
            replies=(Quote(reply.member_id, reply.text),),
            hidden_by=reply.hidden_by,
            is_readable=reply.hidden_by is None and review.hidden_by is None,
        )

    async def set_hidden_by(
        self, connection: AsyncConnection, content_id: int, hidden_by: HiddenBy | None
    ) -> None:
        """Hide the reply, or with None show it."""
        await connection.execute(update(replies).where(replies.c.id == content_id).values(hidden_by=hidden_by))

    async def delete(self, connection: AsyncConnection, content_id: int) -> None:
        """Delete the reply with its reports."""
        await connection.execute(delete(replies).where(replies.c.id == content_id))

    async def list_hidden(self, connection: AsyncConnection, server_id: int, limit: int) -> list[ListedContent]:
        """Return the server's hidden replies by when they were first posted, latest first."""
        statement = (
            select(replies.c.created_at, replies.c.id)
            .join(ratings, ratings.c.id == replies.c.rating_id)
            .where(ratings.c.server_id == server_id, replies.c.hidden_by.is_not(None))
            .order_by(replies.c.created_at.desc(), replies.c.id.desc())
            .limit(limit)
        )
        return [ListedContent(row.created_at, row.id) for row in await connection.execute(statement)]

    async def list_pre_moderated(
        self, connection: AsyncConnection, server_id: int, limit: int
    ) -> list[ListedContent]:
        """Return the server's replies that wait for approval by when they were last changed, oldest first."""
        since = func.coalesce(replies.c.edited_at, replies.c.created_at).label("since")
        statement = (
            select(since, replies.c.id)
            .join(ratings, ratings.c.id == replies.c.rating_id)
            .where(ratings.c.server_id == server_id, replies.c.hidden_by == HiddenBy.PRE_MODERATION)
            .order_by(since)
            .limit(limit)
        )
        return [ListedContent(row.since, row.id) for row in await connection.execute(statement)]
