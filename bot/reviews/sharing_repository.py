"""The messages in which members shared their reviews, and what these are now."""

from sqlalchemy import ColumnElement, delete, or_, select, update

from bot.core.database.engine import Database
from bot.reviews.models import Review, SharedReview, fingerprint_shared
from bot.reviews.replies_repository import read_replies, review_from_row
from bot.reviews.tables import ratings, shared_reviews

PAGE_SIZE = 500
_OF_RATING = ratings.c.id == shared_reviews.c.rating_id


class SharedReviewRepository:
    """Reads and writes which messages show which review. Ratings have ids that are never used again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, review: Review, *, channel_id: int, message_id: int) -> None:
        """Store that the message shows the review as it is here."""
        row = {
            "message_id": message_id,
            "channel_id": channel_id,
            "server_id": review.server_id,
            "film_id": review.film_id,
            "rating_id": review.id,
            "shown": fingerprint_shared(review),
        }
        async with self._database.write(server_ids=[review.server_id]) as connection:
            await connection.execute(shared_reviews.insert().values(row))

    async def set_shown(self, message_id: int, review: Review) -> None:
        """Store that the message shows the review as it is here now."""
        statement = update(shared_reviews).where(shared_reviews.c.message_id == message_id)
        async with self._database.write(is_upkeep=True) as connection:
            await connection.execute(statement.values(shown=fingerprint_shared(review)))

    async def remove(self, message_id: int) -> None:
        """Forget a message that is gone or shows nothing of a review any more."""
        async with self._database.write(is_upkeep=True) as connection:
            await connection.execute(delete(shared_reviews).where(shared_reviews.c.message_id == message_id))

    async def list_of_film(self, server_id: int, film_id: str, *, after_id: int = 0) -> list[SharedReview]:
        """Return the server's messages that show a review of the film, as `list_all` does."""
        table = shared_reviews
        is_of_film = or_(table.c.film_id == film_id, ratings.c.film_id == film_id)
        return await self._list(after_id, table.c.server_id == server_id, is_of_film)

    async def list_of_review(self, review_id: int, *, after_id: int = 0) -> list[SharedReview]:
        """Return the messages that show the review, as `list_all` does."""
        return await self._list(after_id, shared_reviews.c.rating_id == review_id)

    async def list_of_deleted(self, *, after_id: int = 0) -> list[SharedReview]:
        """Return the messages that show a review which is deleted, as `list_all` does."""
        return await self._list(after_id, ratings.c.id.is_(None))

    async def list_all(self, *, after_id: int = 0) -> list[SharedReview]:
        """Return the first messages with a higher id than `after_id`, in the order of their ids."""
        return await self._list(after_id)

    async def _list(self, after_id: int, *conditions: ColumnElement[bool]) -> list[SharedReview]:
        statement = (
            select(shared_reviews)
            .outerjoin(ratings, _OF_RATING)
            .where(shared_reviews.c.message_id > after_id, *conditions)
            .order_by(shared_reviews.c.message_id)
            .limit(PAGE_SIZE)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(statement)).all()
            if not rows:
                return []
            ids = {row.rating_id for row in rows}
            replies = await read_replies(connection, sorted(ids))
            stored = await connection.execute(select(ratings).where(ratings.c.id.in_(ids)))
            reviews = {row.id: review_from_row(row, replies.get(row.id, ())) for row in stored}
        return [
            SharedReview(
                row.message_id, row.channel_id, row.server_id, row.film_id, row.shown, reviews.get(row.rating_id)
            )
            for row in rows
        ]
