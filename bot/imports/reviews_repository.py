"""Imported reviews: private to their author until they publish them, then reviews like any other."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database
from bot.core.database.executors import AnyRow
from bot.core.database.transaction_script import run_script
from bot.imports.plan import start_of
from bot.imports.tables import imported_reviews
from bot.members.repository import MembershipRepository
from bot.moderation.models import HiddenBy, PostKey
from bot.moderation.repository import find_taken_down, require_not_blocked
from bot.reviews.models import needs_moderator_review
from bot.reviews.replies_repository import review_from_row
from bot.reviews.tables import ratings


@dataclass(frozen=True, slots=True)
class PrivateReview:
    """An imported review that only its author sees.

    `half_stars` is the author's rating of the film here, None without one; `posted_text` is the review that they
    have here already, "" for none.
    """

    id: int
    film_id: str
    text: str
    is_spoiler: bool
    watched_on: date | None
    written_on: date | None
    half_stars: int | None
    posted_text: str


@dataclass(frozen=True, slots=True)
class NewText:
    """An imported review as its author wants it published."""

    review_id: int
    text: str
    is_spoiler: bool


@dataclass(frozen=True, slots=True)
class PublishResult:
    """How many reviews were published, and how many of them a moderator has to approve first."""

    published: int
    needing_review: int


class PrivateReviewRepository:
    """Reads imported reviews, and makes them reviews that others can read."""

    def __init__(self, database: Database, membership: MembershipRepository) -> None:
        self._database = database
        self._membership = membership

    async def count(self, server_id: int, member_id: int) -> int:
        """Return how many imported reviews the member has not published in the server."""
        statement = select(func.count()).select_from(imported_reviews).where(_is_private(server_id, member_id))
        return int((await self._database.fetch_all(statement))[0][0])

    async def get(self, server_id: int, member_id: int, review_id: int) -> PrivateReview | None:
        """Return the member's private review of that id, or None."""
        statement = _select_private(server_id, member_id).where(imported_reviews.c.id == review_id)
        rows = await self._database.fetch_all(statement)
        return _review_from_row(rows[0]) if rows else None

    async def list_after(self, server_id: int, member_id: int, after: int, limit: int) -> list[PrivateReview]:
        """Return at most `limit` of the member's private reviews, in the order of their ids, after that one."""
        statement = (
            _select_private(server_id, member_id)
            .where(imported_reviews.c.id > after)
            .order_by(imported_reviews.c.id)
            .limit(limit)
        )
        return [_review_from_row(row) for row in await self._database.fetch_all(statement)]

    async def publish(
        self, server_id: int, member_id: int, texts: Sequence[NewText], now: datetime
    ) -> PublishResult:
        """Make private reviews the reviews of the member's ratings, and return what came of it.

        The stars stay as they are, and so does whether an imported rating counts. What is private no longer, or
        about a film that the member has not rated, is left out. Raises BlockedError.
        """
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            await require_not_blocked(connection, server_id, member_id, now)
            await self._membership.record_activity(connection, server_id, member_id, now)
            by_id = {each.review_id: each for each in texts}
            is_meant = and_(_is_private(server_id, member_id), imported_reviews.c.id.in_(by_id))
            rows = (await connection.execute(select(imported_reviews).where(is_meant))).all()
            rated = await _read_ratings(connection, server_id, member_id, {row.film_id for row in rows})
            keys = [PostKey(server_id, member_id, film_id) for film_id in sorted(rated)]
            taken_down = {key.film_id for key in await run_script(connection, find_taken_down(keys))}
            published = needing_review = 0
            for row in rows:
                stored = rated.get(row.film_id)
                if stored is None:
                    continue
                review, new = review_from_row(stored), by_id[row.id]
                needs_review = needs_moderator_review(new.text, review, was_taken_down=row.film_id in taken_down)
                hidden_by = HiddenBy.PRE_MODERATION if needs_review else review.hidden_by
                values = {
                    "text": new.text,
                    "is_spoiler": new.is_spoiler,
                    "text_written_at": start_of(row.written_on, now),
                    "text_edited_at": now if review.text and review.text != new.text else review.text_edited_at,
                    "hidden_by": hidden_by,
                }
                of_rating = update(ratings).where(ratings.c.id == stored.id)
                await connection.execute(of_rating.values(values))
                published += 1
                needing_review += needs_review
                of_review = update(imported_reviews).where(imported_reviews.c.id == row.id)
                await connection.execute(of_review.values(published_at=now))
        return PublishResult(published, needing_review)

    async def mark_published(self, server_id: int, member_id: int, review_id: int, now: datetime) -> None:
        """Record that a private review was posted with stars of its own."""
        is_meant = and_(_is_private(server_id, member_id), imported_reviews.c.id == review_id)
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            await connection.execute(update(imported_reviews).where(is_meant).values(published_at=now))


async def _read_ratings(
    connection: AsyncConnection, server_id: int, member_id: int, film_ids: Collection[str]
) -> Mapping[str, AnyRow]:
    of_member = and_(ratings.c.server_id == server_id, ratings.c.member_id == member_id)
    statement = select(ratings).where(of_member, ratings.c.film_id.in_(film_ids))
    return {row.film_id: row for row in await connection.execute(statement)}


def _is_private(server_id: int, member_id: int) -> ColumnElement[bool]:
    return and_(
        imported_reviews.c.server_id == server_id,
        imported_reviews.c.member_id == member_id,
        imported_reviews.c.published_at.is_(None),
    )


def _select_private(server_id: int, member_id: int) -> Select[Any]:
    own_rating = and_(
        ratings.c.server_id == imported_reviews.c.server_id,
        ratings.c.member_id == imported_reviews.c.member_id,
        ratings.c.film_id == imported_reviews.c.film_id,
    )
    return (
        select(imported_reviews, ratings.c.stars, ratings.c.text.label("posted_text"))
        .select_from(imported_reviews.outerjoin(ratings, own_rating))
        .where(_is_private(server_id, member_id))
    )


def _review_from_row(row: AnyRow) -> PrivateReview:
    return PrivateReview(
        id=row.id,
        film_id=row.film_id,
        text=row.text,
        is_spoiler=row.is_spoiler,
        watched_on=row.watched_on,
        written_on=row.written_on,
        half_stars=row.stars,
        posted_text=row.posted_text or "",
    )
