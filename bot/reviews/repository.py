"""Ratings and reviews, in and out of the database. Every statement asks for one server's alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    String,
    UnaryExpression,
    and_,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, upsert
from bot.core.database.group_commit import GroupCommit
from bot.core.database.read_executor import AnyRow
from bot.core.errors import MarqueeError
from bot.reviews.posting_repository import Post, store_posts
from bot.reviews.replies_repository import lock_review, read_replies, read_review, review_of
from bot.reviews.service import REVIEWS_ON_PAGE, Draft, Posted, Review, ReviewPage, Sort
from bot.reviews.stars import FilmStars, Totals
from bot.reviews.tables import helpful_votes, rating_totals, ratings, viewings
from bot.reviews.totals_repository import change_totals, lock_servers, prior_columns, prior_from, totals_of

_ORDERS: dict[Sort, tuple[UnaryExpression[object], ...]] = {
    Sort.NEWEST: (),
    Sort.HIGHEST: (ratings.c.stars.desc(),),
    Sort.LOWEST: (ratings.c.stars.asc(),),
    Sort.HELPFUL: (ratings.c.helpful_count.desc(),),
}


def _theirs(
    server_id: int | BindParameter[int], member_id: int | BindParameter[int], film_id: str | BindParameter[str]
) -> ColumnElement[bool]:
    return and_(ratings.c.server_id == server_id, ratings.c.member_id == member_id, ratings.c.film_id == film_id)


def _film_stars() -> Select[*tuple[Any, ...]]:
    """Give the statement for a film's stars, built once: building it takes longer than answering it."""
    server, film = bindparam("server", type_=BigInteger), bindparam("film", type_=String)
    prior = prior_columns(server).subquery()
    of_film = and_(rating_totals.c.server_id == server, rating_totals.c.film_id == film)
    mine = select(ratings.c.stars).where(_theirs(server, bindparam("member", type_=BigInteger), film))
    return select(prior, rating_totals, mine.scalar_subquery().label("own")).select_from(
        prior.outerjoin(rating_totals, of_film)
    )


_FILM_STARS = (_film_stars(),)


class ReviewStore:
    """Reads and writes ratings and reviews."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._posts: GroupCommit[Post, Posted] = GroupCommit(self._store, lambda post: post.draft.key)

    async def put(self, draft: Draft, now: datetime) -> Posted:
        """Store the draft; returns when it is stored. Raises BlockedError, FilmGoneError."""
        return await self._posts.submit(Post(draft, now))

    async def _store(self, posts: Sequence[Post]) -> list[Posted | MarqueeError]:
        servers = {post.draft.server_id for post in posts}
        return await self._database.run(store_posts(self._database.dialect, posts), servers)

    async def delete(self, server_id: int, member_id: int, film_id: str) -> bool:
        """Delete the member's rating and review; tell whether there was one. Their diary keeps the viewings."""
        async with self._database.write() as connection:
            await lock_servers(connection, [server_id])
            found = await connection.execute(select(ratings).where(_theirs(server_id, member_id, film_id)))
            row = found.one_or_none()
            if row is not None:
                await delete_rating(connection, row)
        return row is not None

    async def film_stars(self, server_id: int, film_id: str, member_id: int | None) -> FilmStars:
        """Give what the server makes of the film, by one statement: every card waits for it."""
        asked = {"server": server_id, "film": film_id, "member": member_id or 0}
        ((row,),) = await self._database.together(_FILM_STARS, **asked)
        totals = totals_of(row) if row.film_id is not None else Totals()
        return FilmStars(totals, prior_from(row), row.own if member_id is not None else None)

    async def get(self, server_id: int, review_id: int) -> Review | None:
        """Give the server's review of that id with its replies, hidden or not, or None."""
        async with self._database.read() as connection:
            return await read_review(connection, server_id, review_id)

    async def own(self, server_id: int, member_id: int, film_id: str) -> Review | None:
        """Give the member's rating of the film, or None."""
        rows = await self._database.rows(select(ratings).where(_theirs(server_id, member_id, film_id)))
        return review_of(rows[0]) if rows else None

    async def rated_by(self, server_id: int, member_id: int) -> list[str]:
        """Give the ids of the films the member has rated here, latest first."""
        latest = func.coalesce(ratings.c.edited_at, ratings.c.created_at).desc()
        statement = (
            select(ratings.c.film_id)
            .where(ratings.c.server_id == server_id, ratings.c.member_id == member_id)
            .order_by(latest, ratings.c.id.desc())
        )
        return [row.film_id for row in await self._database.rows(statement)]

    async def page(self, server_id: int, film_id: str, sort: Sort, page: int) -> ReviewPage:
        """Give a page of the reviews that members may read; one past the end is the last."""
        readable = and_(
            ratings.c.server_id == server_id,
            ratings.c.film_id == film_id,
            ratings.c.text.is_not(None),
            ratings.c.hidden_by.is_(None),
            ratings.c.is_counted,
        )
        async with self._database.read() as connection:
            count = (
                await connection.execute(select(func.count()).select_from(ratings).where(readable))
            ).scalar_one()
            page = min(page, max(0, -(-count // REVIEWS_ON_PAGE) - 1))
            statement = (
                select(ratings)
                .where(readable)
                .order_by(*_ORDERS[sort], ratings.c.created_at.desc(), ratings.c.id.desc())
                .limit(REVIEWS_ON_PAGE)
                .offset(page * REVIEWS_ON_PAGE)
            )
            rows = (await connection.execute(statement)).all()
            answers = await read_replies(connection, [row.id for row in rows])
        reviews = tuple(review_of(row, answers.get(row.id, ())) for row in rows)
        return ReviewPage(reviews, count, page, sort)

    async def set_helpful(self, server_id: int, review_id: int, member_id: int, now: datetime) -> bool:
        """Count the member's vote, once; tell whether it is new. Raises ReviewGoneError."""
        vote = upsert(self._database.dialect, helpful_votes, ("rating_id", "member_id"), ())
        async with self._database.write() as connection:
            # First the server, as whoever deletes their data does: else each might wait for the other.
            await lock_servers(connection, [server_id])
            await lock_review(connection, server_id, review_id)
            row = {"rating_id": review_id, "member_id": member_id, "created_at": now}
            new = (await connection.execute(vote, row)).rowcount > 0
            if new:
                more = (
                    update(ratings)
                    .where(ratings.c.id == review_id)
                    .values(helpful_count=ratings.c.helpful_count + 1)
                )
                await connection.execute(more)
        return new


async def delete_rating(connection: AsyncConnection, row: AnyRow) -> None:
    """Delete a rating with its replies, votes and reports, and what it adds to the totals.

    The member's diary keeps that they saw the film, without stars. The server must be locked.
    """
    await connection.execute(delete(ratings).where(ratings.c.id == row.id))
    await connection.execute(
        update(viewings)
        .where(
            viewings.c.server_id == row.server_id,
            viewings.c.member_id == row.member_id,
            viewings.c.film_id == row.film_id,
        )
        .values(stars=None)
    )
    if row.is_counted:
        await change_totals(connection, [(row.server_id, row.film_id, row.stars, None)])
