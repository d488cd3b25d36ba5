"""Stores members' ratings, several in one transaction, with everything that depends on them, such as totals."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, null, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Executable

from bot.core.database.executors import AnyRow
from bot.core.database.transaction_script import StatementBatch, TransactionScript, param
from bot.core.errors import MarqueeError
from bot.films.models import FilmGoneError
from bot.films.tables import films
from bot.members.repository import build_membership_upsert
from bot.members.tables import server_members
from bot.moderation.models import BlockedError, PostKey
from bot.moderation.repository import find_taken_down
from bot.moderation.tables import blocks
from bot.reviews.models import (
    Draft,
    PostResult,
    RecordedViewing,
    Review,
    apply_draft,
    find_viewing,
    is_new_text,
    needs_moderator_review,
)
from bot.reviews.replies_repository import review_from_row
from bot.reviews.stars import MAX_HALF_STARS
from bot.reviews.tables import HALF_STARS, rating_totals, ratings, viewings

ACTIVITY_WINDOW = timedelta(hours=1)
"""A member who was active within this time need not be recorded as active again."""
_COUNTERS = ("rating_count", "half_star_sum", *HALF_STARS)
_IS_MISCOUNTED = and_(
    ratings.c.server_id == param(ratings.c.server_id),
    ratings.c.member_id == param(ratings.c.member_id),
    ratings.c.is_counted != param(ratings.c.is_counted),
    ratings.c.is_countable,
)
_SELECT_MISCOUNTED = select(ratings.c.film_id, ratings.c.stars).where(_IS_MISCOUNTED)
_SET_COUNTED = update(ratings).where(_IS_MISCOUNTED).values(is_counted=param(ratings.c.is_counted))


@dataclass(frozen=True, slots=True)
class RatingChange:
    """A film's rating in a server, in half-stars, before and after a change; None where there is none."""

    server_id: int
    film_id: str
    before: int | None = None
    after: int | None = None


def set_member_counted(dialect: str, server_id: int, member_id: int, is_counted: bool) -> TransactionScript[None]:
    """Count a member's ratings in the server's totals from now on, or no longer. The server must be locked."""
    values = {"p_server_id": server_id, "p_member_id": member_id, "p_is_counted": is_counted}
    miscounted = yield StatementBatch((_SELECT_MISCOUNTED,), [values])
    yield StatementBatch((_SET_COUNTED,), [values])
    changes = (
        RatingChange(server_id, row.film_id, after=row.stars)
        if is_counted
        else RatingChange(server_id, row.film_id, before=row.stars)
        for row in miscounted
    )
    yield StatementBatch((add_to_totals(dialect),), total_rows(changes))


async def change_totals(connection: AsyncConnection, changes: Iterable[RatingChange]) -> None:
    """Update the totals for ratings that were posted, changed or deleted."""
    rows = total_rows(changes)
    if rows:
        await connection.execute(add_to_totals(connection.dialect.name), rows)


def total_rows(changes: Iterable[RatingChange]) -> list[dict[str, Any]]:
    """Return what the changes add to the totals, as parameters of `add_to_totals`."""
    sums: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0] * MAX_HALF_STARS)
    for change in changes:
        counts = sums[change.server_id, change.film_id]
        if change.before is not None:
            counts[change.before - 1] -= 1
        if change.after is not None:
            counts[change.after - 1] += 1
    return [
        {
            "p_server_id": server_id,
            "p_film_id": film_id,
            "p_rating_count": sum(counts),
            "p_half_star_sum": sum(count * half_stars for half_stars, count in enumerate(counts, start=1)),
            **{f"p_{name}": count for name, count in zip(HALF_STARS, counts, strict=True)},
        }
        for (server_id, film_id), counts in sums.items()
        if any(counts)
    ]


@cache
def add_to_totals(dialect: str) -> Executable:
    """Return the statement that adds such rows to the totals."""
    table = rating_totals
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    insert = insert.values({column.name: param(column) for column in table.c})
    return insert.on_conflict_do_update(
        index_elements=["server_id", "film_id"],
        set_={name: table.c[name] + insert.excluded[name] for name in _COUNTERS},
    )


@dataclass(frozen=True, slots=True)
class Post:
    """A draft and when it was posted."""

    draft: Draft
    posted_at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class RatedFilmRemoval:
    """How a film is removed from a member's list, such as their watchlist, when they rate it.

    The condition `is_listed` and the statement `remove` use the parameters `p_server_id`, `p_member_id` and
    `p_film_id`. The statement runs in the transaction that stores the rating, if the condition is true.
    """

    is_listed: ColumnElement[bool]
    remove: Executable


_POST = select(
    param(ratings.c.server_id).label("server_id"),
    param(ratings.c.member_id).label("member_id"),
    param(ratings.c.film_id).label("film_id"),
    param(ratings.c.created_at).label("posted_at"),
).subquery("post")


def _of_post(table: Any) -> Any:
    """Return the condition that a row is of the post's server and member, and of its film if it has one."""
    of_member = and_(table.c.server_id == _POST.c.server_id, table.c.member_id == _POST.c.member_id)
    return and_(of_member, table.c.film_id == _POST.c.film_id) if "film_id" in table.c else of_member


_RATING_COLUMNS = (
    "stars", "text", "is_spoiler", "created_at", "edited_at", "text_edited_at", "text_written_at", "hidden_by",
    "helpful_count", "is_liked", "is_counted", "is_countable",
)  # fmt: skip
_SELECT_STATE = (
    select(
        _POST.c.server_id,
        _POST.c.member_id,
        _POST.c.film_id,
        films.c.id.label("existing_film_id"),
        blocks.c.created_at.label("blocked_at"),
        blocks.c.expires_at.label("block_expires_at"),
        blocks.c.reason.label("block_reason"),
        server_members.c.checked_at,
        server_members.c.departed_at,
        ratings.c.id,
        *(ratings.c[name] for name in _RATING_COLUMNS),
        viewings.c.id.label("viewing_id"),
        viewings.c.watched_on,
        viewings.c.created_at.label("viewing_created_at"),
    )
    .select_from(
        _POST.outerjoin(films, films.c.id == _POST.c.film_id)
        .outerjoin(
            blocks,
            and_(_of_post(blocks), or_(blocks.c.expires_at.is_(None), blocks.c.expires_at > _POST.c.posted_at)),
        )
        .outerjoin(server_members, _of_post(server_members))
        .outerjoin(ratings, _of_post(ratings))
        .outerjoin(viewings, _of_post(viewings))
    )
    .order_by(viewings.c.watched_on.desc().nulls_last(), viewings.c.id.desc())
)
"""What a post depends on, a row for each viewing in the diary, the latest first."""
_RETURNED_COLUMNS = (ratings.c.id, ratings.c.server_id, ratings.c.member_id, ratings.c.film_id)
_INSERT_RATING = (
    ratings.insert()
    .values(
        {
            column.name: param(column)
            for column in ratings.c
            if column.name not in ("id", "edited_at", "text_edited_at", "import_id", "is_countable")
        }
    )
    .returning(*_RETURNED_COLUMNS)
)
_UPDATE_RATING = (
    update(ratings)
    .where(ratings.c.id == param(ratings.c.id, "rating_id"))
    .values(
        {
            name: param(ratings.c[name])
            for name in (
                "stars",
                "text",
                "is_spoiler",
                "edited_at",
                "text_edited_at",
                "text_written_at",
                "hidden_by",
                "is_counted",
            )
        }
        # Whoever rates an imported film here makes the rating their own here.
        | {"import_id": null(), "is_countable": true()}
    )
    .returning(*_RETURNED_COLUMNS)
)
_INSERT_VIEWING = (
    viewings.insert()
    .inline()
    .values(
        {column.name: param(column) for column in viewings.c if column.name not in ("id", "import_id", "tags")}
    )
)
_UPDATE_VIEWING = (
    update(viewings)
    .where(viewings.c.id == param(viewings.c.id, "viewing_id"))
    .values({name: param(viewings.c[name]) for name in ("stars", "watched_on")})
)


@dataclass(frozen=True, slots=True)
class _State:
    """What the database holds that a post depends on. `viewings` are of the same film, the latest first.

    `is_counted` says whether the stored rating is in the server's totals once the member is known to be there.
    """

    review: Review | None
    viewings: Sequence[RecordedViewing]
    refusal: MarqueeError | None
    is_listed: bool
    checked_at: datetime | None
    departed_at: datetime | None
    is_counted: bool


@cache
def _select_state(removal: RatedFilmRemoval) -> Executable:
    return _SELECT_STATE.add_columns(removal.is_listed.label("is_listed"))


def store_posts(
    dialect: str, posts: Sequence[Post], removal: RatedFilmRemoval
) -> TransactionScript[list[PostResult | MarqueeError]]:
    """Store the posts, no two of which are of one member and film; return the result of each.

    The servers must be locked: what is written depends on what is read first.
    """
    rows_by_key: dict[PostKey, list[AnyRow]] = {}
    for row in (yield StatementBatch((_select_state(removal),), [_key_params(post) for post in posts])):
        rows_by_key.setdefault(_key_from_row(row), []).append(row)
    states = {key: _state_from_rows(rows) for key, rows in rows_by_key.items()}
    taken_down = yield from find_taken_down(
        [post.draft.key for post in posts if is_new_text(post.draft.text, states[post.draft.key].review)]
    )
    results: dict[PostKey, PostResult | MarqueeError] = {}
    params_by_statements: dict[tuple[Executable, ...], list[Mapping[str, Any]]] = {}
    for post in posts:
        key, state = post.draft.key, states[post.draft.key]
        if state.refusal is not None:
            results[key] = state.refusal
            continue
        if state.departed_at is not None:
            yield from set_member_counted(dialect, post.draft.server_id, post.draft.member_id, True)
        needs_review = needs_moderator_review(post.draft.text, state.review, was_taken_down=key in taken_down)
        statements, params, results[key] = _plan_writes(dialect, post, state, needs_review=needs_review)
        if state.is_listed:
            statements = (*statements, removal.remove)
        params_by_statements.setdefault(statements, []).append(params)
    for statements, many_params in params_by_statements.items():
        for row in (yield StatementBatch(statements, many_params)):
            key = _key_from_row(row)
            result = results[key]
            if isinstance(result, PostResult):
                results[key] = replace(result, review=replace(result.review, id=row.id))
    return [results[post.draft.key] for post in posts]


def _plan_writes(
    dialect: str, post: Post, state: _State, *, needs_review: bool
) -> tuple[tuple[Executable, ...], dict[str, Any], PostResult]:
    """Return the statements that store the post, their parameters, and the result once they have run."""
    draft, posted_at, existing = post.draft, post.posted_at, state.review
    review = apply_draft(draft, existing, now=posted_at, needs_review=needs_review)
    viewing = find_viewing(draft, state.viewings, posted_at)
    is_rewatch = viewing is None and (draft.is_rewatch or bool(state.viewings))
    is_day_kept = viewing is not None and viewing.id != draft.viewing_id
    statements: list[Executable] = [_INSERT_RATING if existing is None else _UPDATE_RATING]
    statements.append(_INSERT_VIEWING if viewing is None else _UPDATE_VIEWING)
    params = {
        **_key_params(post), "p_rating_id": existing.id if existing is not None else None,
        "p_stars": review.half_stars, "p_text": review.text or None, "p_is_spoiler": review.is_spoiler,
        "p_edited_at": posted_at, "p_text_edited_at": review.text_edited_at,
        "p_text_written_at": review.text_written_at, "p_hidden_by": review.hidden_by,
        "p_is_counted": True, "p_helpful_count": 0, "p_is_liked": False, "p_is_rewatch": is_rewatch,
        "p_viewing_id": viewing.id if viewing is not None else None,
        "p_watched_on": (viewing.watched_on if viewing is not None and is_day_kept else None) or draft.watched_on,
        "p_checked_at": posted_at, "p_departed_at": None,
    }  # fmt: skip
    previous_half_stars = existing.half_stars if existing is not None and state.is_counted else None
    change = RatingChange(draft.server_id, draft.film_id, before=previous_half_stars, after=draft.half_stars)
    for total in total_rows([change]):
        statements.append(add_to_totals(dialect))
        params |= total
    is_recently_active = state.checked_at is not None and state.checked_at >= posted_at - ACTIVITY_WINDOW
    if state.departed_at is not None or not is_recently_active:
        statements.append(build_membership_upsert(dialect))
    result = PostResult(
        review,
        is_first=existing is None,
        is_rewatch=is_rewatch,
        left_watchlist=state.is_listed,
        needs_review=needs_review,
        viewing_id=viewing.id if viewing is not None else None,
    )
    return tuple(statements), params, result


def _key_params(post: Post) -> dict[str, Any]:
    server_id, member_id, film_id = post.draft.key
    return {
        "p_server_id": server_id, "p_member_id": member_id, "p_film_id": film_id,
        "p_created_at": post.posted_at,
    }  # fmt: skip


def _key_from_row(row: AnyRow) -> PostKey:
    return PostKey(row.server_id, row.member_id, row.film_id)


def _state_from_rows(rows: Sequence[AnyRow]) -> _State:
    first = rows[0]
    refusal: MarqueeError | None = None
    if first.blocked_at is not None:
        refusal = BlockedError(first.block_expires_at, first.block_reason)
    elif first.existing_film_id is None:
        refusal = FilmGoneError()
    review = review_from_row(first) if first.id is not None else None
    recorded = [
        RecordedViewing(row.viewing_id, row.watched_on, row.viewing_created_at)
        for row in rows
        if row.viewing_id is not None
    ]
    return _State(
        review,
        recorded,
        refusal,
        bool(first.is_listed),
        first.checked_at,
        first.departed_at,
        is_counted=bool(first.is_counted or (first.departed_at is not None and first.is_countable)),
    )
