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
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.films.errors import InvalidInputError
from bot.films.reviews import (
    REPLIES_KEPT,
    REVIEWS_ON_PAGE,
    BlockedError,
    Draft,
    HiddenBy,
    Posted,
    Reply,
    Review,
    ReviewGoneError,
    ReviewPage,
    Sort,
)
from bot.films.stars import FilmStars, Totals
from bot.storage.database import AnyRow, Database, upsert
from bot.storage.group import GroupCommit
from bot.storage.posts import Post, store_posts
from bot.storage.presence import note_present
from bot.storage.schema import blocks, helpful_votes, rating_totals, ratings, replies, viewings
from bot.storage.totals import change_totals, lock_servers, prior_columns, prior_from, totals_of

_ORDERS: dict[Sort, tuple[UnaryExpression[object], ...]] = {
    Sort.NEWEST: (),
    Sort.HIGHEST: (ratings.c.stars.desc(),),
    Sort.LOWEST: (ratings.c.stars.asc(),),
    Sort.HELPFUL: (ratings.c.helpful.desc(),),
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


_FILM_STARS = _film_stars()


class ReviewStore:
    """Reads and writes ratings and reviews."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._posts: GroupCommit[Post, Posted] = GroupCommit(database, store_posts, lambda post: post.draft.key)

    async def put(self, draft: Draft, now: datetime) -> Posted:
        """Store the draft; returns when it is stored. Raises BlockedError, FilmGoneError."""
        return await self._posts.submit(Post(draft, now))

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
        (row,) = await self._database.rows(_FILM_STARS, **asked)
        totals = totals_of(row) if row.film_id is not None else Totals()
        return FilmStars(totals, prior_from(row), row.own if member_id is not None else None)

    async def get(self, server_id: int, review_id: int) -> Review | None:
        """Give the server's review of that id with its replies, hidden or not, or None."""
        async with self._database.read() as connection:
            return await read_review(connection, server_id, review_id)

    async def own(self, server_id: int, member_id: int, film_id: str) -> Review | None:
        """Give the member's rating of the film, or None."""
        async with self._database.read() as connection:
            found = await connection.execute(select(ratings).where(_theirs(server_id, member_id, film_id)))
            row = found.one_or_none()
        return review_of(row) if row is not None else None

    async def rated_by(self, server_id: int, member_id: int) -> list[str]:
        """Give the ids of the films the member has rated here, latest first."""
        latest = func.coalesce(ratings.c.edited, ratings.c.created).desc()
        statement = (
            select(ratings.c.film_id)
            .where(ratings.c.server_id == server_id, ratings.c.member_id == member_id)
            .order_by(latest, ratings.c.id.desc())
        )
        async with self._database.read() as connection:
            return list((await connection.execute(statement)).scalars())

    async def page(self, server_id: int, film_id: str, sort: Sort, page: int) -> ReviewPage:
        """Give a page of the reviews that members may read; one past the end is the last."""
        readable = and_(
            ratings.c.server_id == server_id,
            ratings.c.film_id == film_id,
            ratings.c.text.is_not(None),
            ratings.c.hidden.is_(None),
            ratings.c.counted,
        )
        async with self._database.read() as connection:
            count = (
                await connection.execute(select(func.count()).select_from(ratings).where(readable))
            ).scalar_one()
            page = min(page, max(0, -(-count // REVIEWS_ON_PAGE) - 1))
            statement = (
                select(ratings)
                .where(readable)
                .order_by(*_ORDERS[sort], ratings.c.created.desc(), ratings.c.id.desc())
                .limit(REVIEWS_ON_PAGE)
                .offset(page * REVIEWS_ON_PAGE)
            )
            rows = (await connection.execute(statement)).all()
            answers = await _replies(connection, [row.id for row in rows])
        reviews = tuple(review_of(row, answers.get(row.id, ())) for row in rows)
        return ReviewPage(reviews, count, page, sort)

    async def set_helpful(self, server_id: int, review_id: int, member_id: int, now: datetime) -> bool:
        """Count the member's vote, once; tell whether it is new. Raises ReviewGoneError."""
        vote = upsert(self._database.dialect, helpful_votes, ("rating_id", "member_id"), ())
        async with self._database.write() as connection:
            await _lock_review(connection, server_id, review_id)
            row = {"rating_id": review_id, "member_id": member_id, "created": now}
            new = (await connection.execute(vote, row)).rowcount > 0
            if new:
                more = update(ratings).where(ratings.c.id == review_id).values(helpful=ratings.c.helpful + 1)
                await connection.execute(more)
        return new

    async def reply(self, server_id: int, review_id: int, reply: Reply) -> Review:
        """Store the reply and give the review with it. Raises ReviewGoneError, BlockedError."""
        async with self._database.write() as connection:
            await refuse_blocked(connection, server_id, reply.member_id, reply.created)
            await note_present(connection, server_id, reply.member_id, reply.created)
            await _lock_review(connection, server_id, review_id)
            count = select(func.count()).select_from(replies).where(replies.c.rating_id == review_id)
            if (await connection.execute(count)).scalar_one() >= REPLIES_KEPT:
                raise InvalidInputError(f"That review has {REPLIES_KEPT} replies, and that is the limit.")
            values = {"member_id": reply.member_id, "text": reply.text, "created": reply.created}
            await connection.execute(replies.insert(), {"rating_id": review_id, **values})
            review = await read_review(connection, server_id, review_id)
        if review is None:
            raise ReviewGoneError
        return review


async def _lock_review(connection: AsyncConnection, server_id: int, review_id: int) -> None:
    """Keep a readable review from being deleted until the transaction ends. Raises ReviewGoneError."""
    statement = select(ratings.c.id).where(
        ratings.c.id == review_id, ratings.c.server_id == server_id, ratings.c.hidden.is_(None)
    )
    if (await connection.execute(statement.with_for_update())).one_or_none() is None:
        raise ReviewGoneError


async def refuse_blocked(connection: AsyncConnection, server_id: int, member_id: int, now: datetime) -> None:
    """Raise BlockedError where the moderators keep the member from reviewing."""
    statement = select(blocks).where(
        blocks.c.server_id == server_id,
        blocks.c.member_id == member_id,
        or_(blocks.c.until.is_(None), blocks.c.until > now),
    )
    row = (await connection.execute(statement)).one_or_none()
    if row is not None:
        raise BlockedError(row.until, row.reason)


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
    if row.counted:
        await change_totals(connection, [(row.server_id, row.film_id, row.stars, None)])


async def read_review(connection: AsyncConnection, server_id: int, review_id: int) -> Review | None:
    """Give the server's review of that id with its replies, or None."""
    statement = select(ratings).where(ratings.c.id == review_id, ratings.c.server_id == server_id)
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        return None
    return review_of(row, (await _replies(connection, [review_id])).get(review_id, ()))


async def _replies(connection: AsyncConnection, review_ids: Sequence[int]) -> dict[int, tuple[Reply, ...]]:
    statement = select(replies).where(replies.c.rating_id.in_(review_ids)).order_by(replies.c.id)
    found: dict[int, tuple[Reply, ...]] = {}
    for row in await connection.execute(statement):
        reply = Reply(row.id, row.member_id, row.text, row.created)
        found[row.rating_id] = (*found.get(row.rating_id, ()), reply)
    return found


def review_of(row: AnyRow, answers: tuple[Reply, ...] = ()) -> Review:
    """Give the review in a row of the table."""
    return Review(
        id=row.id,
        server_id=row.server_id,
        member_id=row.member_id,
        film_id=row.film_id,
        stars=row.stars,
        text=row.text or "",
        spoiler=row.spoiler,
        created=row.created,
        edited=row.edited,
        hidden=HiddenBy(row.hidden) if row.hidden else None,
        helpful=row.helpful,
        replies=answers,
    )
