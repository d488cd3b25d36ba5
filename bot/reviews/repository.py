"""Ratings and reviews in the database: as members read them, as moderation sees them, and as exported data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    String,
    UnaryExpression,
    and_,
    bindparam,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database
from bot.core.database.executors import AnyRow
from bot.core.database.group_commit import GroupCommit
from bot.core.errors import MarqueeError
from bot.core.paging import clamp_page
from bot.films.tables import films
from bot.members.personal_data import ExportedRows, PersonalData, export_table
from bot.members.repository import is_present_member
from bot.moderation.models import ContentRef, HiddenBy, Quote, ReportableContent
from bot.moderation.repository import ListedContent
from bot.reviews.models import (
    REVIEWS_PAGE_SIZE,
    Draft,
    HelpfulVotes,
    PostResult,
    RatedFilm,
    ReplyGoneError,
    Review,
    ReviewGoneError,
    ReviewPage,
    SortOrder,
)
from bot.reviews.posting_repository import Post, RatedFilmRemoval, RatingChange, change_totals, store_posts
from bot.reviews.replies_repository import lock_review, read_replies, read_reply, read_review, review_from_row
from bot.reviews.stars import FilmStars, Prior, StarTotals, format_stars
from bot.reviews.tables import HALF_STARS, helpful_votes, rating_totals, ratings, replies, shared_reviews, viewings

RECENT_RATINGS = 5_000
"""Ratings of all servers among which a server's latest are searched: sorting a large server's every rating is not
worth it for suggestions."""
_ORDER_BY: dict[SortOrder, tuple[UnaryExpression[object], ...]] = {
    SortOrder.NEWEST: (func.coalesce(ratings.c.text_written_at, ratings.c.created_at).desc(),),
    SortOrder.HIGHEST: (ratings.c.stars.desc(),),
    SortOrder.LOWEST: (ratings.c.stars.asc(),),
    SortOrder.HELPFUL: (ratings.c.helpful_count.desc(),),
}


def totals_from_row(row: AnyRow) -> StarTotals:
    """Return the totals in a row of the table."""
    return StarTotals(tuple(getattr(row, name) for name in HALF_STARS))


def select_prior(server_id: int | BindParameter[int]) -> Select[*tuple[Any, ...]]:
    """Return the statement whose one row `prior_from_row` takes."""
    table = rating_totals
    columns = (
        func.count().label("prior_film_count"),
        func.sum(table.c.rating_count).label("prior_rating_count"),
        func.sum(table.c.half_star_sum).label("prior_half_star_sum"),
    )
    return select(*columns).where(table.c.server_id == server_id, table.c.rating_count > 0)


def prior_from_row(row: AnyRow) -> Prior:
    """Return the server's prior from a row of `select_prior`."""
    return Prior.from_server_totals(
        film_count=row.prior_film_count,
        rating_count=int(row.prior_rating_count or 0),
        half_star_sum=int(row.prior_half_star_sum or 0),
    )


async def read_prior(connection: AsyncConnection, server_id: int) -> Prior:
    """Return what the server expects of a film."""
    return prior_from_row((await connection.execute(select_prior(server_id))).one())


def _is_rating(
    server_id: int | BindParameter[int], member_id: int | BindParameter[int], film_id: str | BindParameter[str]
) -> ColumnElement[bool]:
    return and_(ratings.c.server_id == server_id, ratings.c.member_id == member_id, ratings.c.film_id == film_id)


def _select_film_stars() -> Select[*tuple[Any, ...]]:
    """Return the statement for a film's stars, built once: building it takes longer than running it."""
    server, film = bindparam("server", type_=BigInteger), bindparam("film", type_=String)
    of_film = and_(rating_totals.c.server_id == server, rating_totals.c.film_id == film)
    own = select(ratings.c.stars).where(_is_rating(server, bindparam("member", type_=BigInteger), film))
    own_stars = select(own.scalar_subquery().label("own_stars")).subquery()
    return select(rating_totals, own_stars.c.own_stars).select_from(own_stars.outerjoin(rating_totals, of_film))


_FILM_STARS = (_select_film_stars(),)
_RECENT_RATINGS = (
    select(ratings.c.film_id)
    # `+ 0` keeps the index over servers out of it: the walk down the newest ids is short.
    .where(
        ratings.c.id > select(func.max(ratings.c.id) - bindparam("recent", type_=Integer)).scalar_subquery(),
        ratings.c.server_id + 0 == bindparam("server", type_=BigInteger),
        ratings.c.hidden_by.is_(None),
        ratings.c.import_id.is_(None),
    )
    .order_by(ratings.c.id.desc())
    .limit(bindparam("limit", type_=Integer)),
)

_IS_OF_MEMBER_WITH_IMPORTED_STARS = and_(
    not_(ratings.c.is_countable),
    exists().where(is_present_member(ratings.c.server_id, ratings.c.member_id)),
)
"""Imported stars may not count in the server, but a review with them that its author published is read."""


class ReviewRepository:
    """Reads and writes ratings and reviews.

    `removal` takes a film off another list of the member's in the transaction that stores their rating.
    """

    def __init__(self, database: Database, removal: RatedFilmRemoval) -> None:
        self._database = database
        self._removal = removal
        self._posts: GroupCommit[Post, PostResult] = GroupCommit(self._store_posts, lambda post: post.draft.key)

    async def store(self, draft: Draft, now: datetime) -> PostResult:
        """Store the draft; return when it is durable. Raises BlockedError, FilmGoneError."""
        return await self._posts.submit(Post(draft, now))

    async def _store_posts(self, posts: Sequence[Post]) -> list[PostResult | MarqueeError]:
        script = store_posts(self._database.dialect, posts, self._removal)
        return await self._database.run_script(
            script,
            member_ids=(post.draft.member_id for post in posts),
            server_ids=(post.draft.server_id for post in posts),
        )

    async def delete(self, server_id: int, member_id: int, film_id: str) -> bool:
        """Delete the member's rating and review; return whether there was one. Their diary keeps the viewings."""
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            statement = select(ratings).where(_is_rating(server_id, member_id, film_id))
            row = (await connection.execute(statement)).one_or_none()
            if row is not None:
                await delete_rating(connection, row)
        return row is not None

    async def get_film_stars(self, server_id: int, film_id: str, member_id: int | None = None) -> FilmStars:
        """Return the server's ratings of the film, and the member's own, by one statement: every card needs it."""
        params = {"server": server_id, "film": film_id, "member": member_id or 0}
        ((row,),) = await self._database.fetch_snapshot(_FILM_STARS, params)
        totals = totals_from_row(row) if row.film_id is not None else StarTotals()
        return FilmStars(totals, row.own_stars if member_id is not None else None)

    async def list_recently_rated_film_ids(self, server_id: int, limit: int) -> list[str]:
        """Return at most `limit` films rated in the server lately, each once, the latest rating first."""
        params = {"server": server_id, "recent": RECENT_RATINGS, "limit": 4 * limit}
        (rows,) = await self._database.fetch_snapshot(_RECENT_RATINGS, params)
        return list(dict.fromkeys(row.film_id for row in rows))[:limit]

    async def get(self, server_id: int, review_id: int) -> Review | None:
        """Return the server's review of that id with its replies, hidden or not, or None."""
        async with self._database.read() as connection:
            return await read_review(connection, server_id, review_id)

    async def get_own(self, server_id: int, member_id: int, film_id: str) -> Review | None:
        """Return the member's rating of the film, or None."""
        rows = await self._database.fetch_all(select(ratings).where(_is_rating(server_id, member_id, film_id)))
        return review_from_row(rows[0]) if rows else None

    async def get_page(
        self, server_id: int, film_id: str, sort_order: SortOrder = SortOrder.NEWEST, page: int = 0
    ) -> ReviewPage:
        """Return a page of the reviews that members can read; a page past the end is the last one."""
        is_readable = and_(
            ratings.c.server_id == server_id,
            ratings.c.film_id == film_id,
            ratings.c.text.is_not(None),
            ratings.c.hidden_by.is_(None),
            or_(ratings.c.is_counted, _IS_OF_MEMBER_WITH_IMPORTED_STARS),
        )
        async with self._database.read() as connection:
            count = select(func.count()).select_from(ratings).where(is_readable)
            review_count = (await connection.execute(count)).scalar_one()
            page = clamp_page(page, review_count, REVIEWS_PAGE_SIZE)
            statement = (
                select(ratings)
                .where(is_readable)
                .order_by(*_ORDER_BY[sort_order], ratings.c.created_at.desc(), ratings.c.id.desc())
                .limit(REVIEWS_PAGE_SIZE)
                .offset(page * REVIEWS_PAGE_SIZE)
            )
            rows = (await connection.execute(statement)).all()
            replies = await read_replies(connection, [row.id for row in rows])
        reviews = tuple(review_from_row(row, replies.get(row.id, ())) for row in rows)
        return ReviewPage(reviews, review_count, page, sort_order)

    async def toggle_helpful_vote(
        self, server_id: int, review_id: int, member_id: int, now: datetime
    ) -> HelpfulVotes:
        """Count the member's vote, or take it back; return the votes after it. Raises ReviewGoneError."""
        is_theirs = and_(helpful_votes.c.rating_id == review_id, helpful_votes.c.member_id == member_id)
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            await lock_review(connection, server_id, review_id)
            is_counted = not (await connection.execute(delete(helpful_votes).where(is_theirs))).rowcount
            if is_counted:
                row = {"rating_id": review_id, "member_id": member_id, "created_at": now}
                await connection.execute(helpful_votes.insert().values(row))
            change = update(ratings).where(ratings.c.id == review_id)
            change = change.values(helpful_count=ratings.c.helpful_count + (1 if is_counted else -1))
            count = (await connection.execute(change.returning(ratings.c.helpful_count))).scalar_one()
        return HelpfulVotes(is_counted, count)

    async def set_liked(self, server_id: int, member_id: int, film_id: str, *, is_liked: bool) -> bool:
        """Give the member's rating a heart, or take it away; return whether there is such a rating."""
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            statement = update(ratings).where(_is_rating(server_id, member_id, film_id)).values(is_liked=is_liked)
            return (await connection.execute(statement)).rowcount > 0

    async def list_rated_films(self, server_id: int, member_id: int) -> list[RatedFilm]:
        """Return the films that the member has rated in the server, those rated or changed last first."""
        changed_at = func.coalesce(ratings.c.edited_at, ratings.c.created_at)
        statement = (
            select(ratings.c.film_id, films.c.title, films.c.original_title, films.c.year, ratings.c.stars)
            .join(films, films.c.id == ratings.c.film_id)
            .where(ratings.c.server_id == server_id, ratings.c.member_id == member_id)
            .order_by(changed_at.desc(), ratings.c.id.desc())
        )
        rows = await self._database.fetch_all(statement)
        return [RatedFilm(row.film_id, row.title, row.original_title, row.year, row.stars) for row in rows]


async def delete_rating(connection: AsyncConnection, row: AnyRow) -> None:
    """Delete a rating with its replies, votes and reports, and subtract it from the totals.

    The viewings stay in the member's diary, without stars. The server must be locked.
    """
    await delete_ratings(connection, [row])


async def delete_ratings(connection: AsyncConnection, rows: Sequence[AnyRow]) -> None:
    """Delete ratings of one member in one server as `delete_rating` does."""
    if not rows:
        return
    server_id, member_id = rows[0].server_id, rows[0].member_id
    await connection.execute(delete(ratings).where(ratings.c.id.in_([row.id for row in rows])))
    await connection.execute(
        update(viewings)
        .where(
            viewings.c.server_id == server_id,
            viewings.c.member_id == member_id,
            viewings.c.film_id.in_([row.film_id for row in rows]),
        )
        .values(stars=None)
    )
    counted = (RatingChange(server_id, row.film_id, before=row.stars) for row in rows if row.is_counted)
    await change_totals(connection, counted)


def _select_servers(member_id: int) -> CompoundSelect[Any]:
    """Return the statement that selects the servers where the member voted for a review or replied to one."""
    voted, replied = (
        select(ratings.c.server_id)
        .join(table, table.c.rating_id == ratings.c.id)
        .where(table.c.member_id == member_id)
        for table in (helpful_votes, replies)
    )
    return union(voted, replied)


async def _prepare_deletion(connection: AsyncConnection, member_id: int) -> None:
    """Delete the member's votes and subtract votes and ratings from the counts that include them."""
    votes = delete(helpful_votes).where(helpful_votes.c.member_id == member_id)
    voted = await connection.execute(votes.returning(helpful_votes.c.rating_id))
    decrement = (
        update(ratings).where(ratings.c.id == bindparam("voted")).values(helpful_count=ratings.c.helpful_count - 1)
    )
    if rows := [{"voted": rating_id} for rating_id in sorted(voted.scalars())]:
        await connection.execute(decrement, rows)
    counted = select(ratings.c.server_id, ratings.c.film_id, ratings.c.stars).where(
        ratings.c.member_id == member_id, ratings.c.is_counted
    )
    removed = (await connection.execute(counted)).all()
    await change_totals(
        connection, (RatingChange(row.server_id, row.film_id, before=row.stars) for row in removed)
    )


def _select_shared_reviews(member_id: int) -> Select[Any]:
    """Return the statement that selects the messages that show a review of the member."""
    table = shared_reviews
    columns = (table.c.message_id, table.c.channel_id, table.c.server_id, table.c.film_id)
    statement = select(*columns).join(ratings, ratings.c.id == table.c.rating_id)
    return statement.where(ratings.c.member_id == member_id).order_by(table.c.message_id)


PERSONAL_DATA = PersonalData(
    exported_rows=(
        export_table(ratings, 10),
        export_table(viewings, 20),
        export_table(helpful_votes, 30),
        export_table(replies, 40),
        ExportedRows("shared_reviews", 45, _select_shared_reviews),
    ),
    deleted_tables=(replies, viewings, ratings),
    prepare_deletion=_prepare_deletion,
    select_further_servers=_select_servers,
)


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
            stars=format_stars(review.half_stars),
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
            stars=format_stars(review.half_stars),
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
