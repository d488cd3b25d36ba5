"""Stores members' ratings, several in one transaction, with everything that depends on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.sql import Executable

from bot.core.database.transaction_script import Step, Steps, param
from bot.core.errors import FilmGoneError, MarqueeError
from bot.films.tables import films
from bot.members.membership_repository import count_member, note_member
from bot.members.tables import server_members
from bot.moderation.models import may_wait, waits
from bot.moderation.pre_moderation import Key, find_taken_down
from bot.moderation.tables import blocks
from bot.reviews.service import BlockedError, Draft, HiddenBy, Posted, Review
from bot.reviews.tables import ratings, viewings
from bot.reviews.totals_repository import add_to_totals, total_rows
from bot.watchlists.tables import watchlist

SAME_VIEWING = timedelta(days=1)
"""A day told within this time of an undated rating says when that was; later it is another viewing."""
SEEN_LATELY = timedelta(hours=1)
"""Who was seen within this time need not be noted again."""


@dataclass(frozen=True, slots=True)
class Post:
    """A draft and when it was posted."""

    draft: Draft
    now: datetime


_ASKED = select(
    param(ratings.c.server_id).label("server_id"),
    param(ratings.c.member_id).label("member_id"),
    param(ratings.c.film_id).label("film_id"),
    param(ratings.c.created_at).label("now"),
).subquery("asked")


def _key_is(table: Any) -> Any:
    asked = _ASKED.c
    of_member = and_(table.c.server_id == asked.server_id, table.c.member_id == asked.member_id)
    return and_(of_member, table.c.film_id == asked.film_id) if "film_id" in table.c else of_member


_KNOWN = (
    select(
        _ASKED.c.server_id,
        _ASKED.c.member_id,
        _ASKED.c.film_id,
        films.c.id.label("film"),
        blocks.c.created_at.label("blocked"),
        blocks.c.expires_at.label("blocked_until"),
        blocks.c.reason.label("blocked_for"),
        server_members.c.checked_at,
        server_members.c.departed_at,
        watchlist.c.is_kept,
        ratings.c.id.label("rating_id"),
        *(
            ratings.c[name]
            for name in (
                "stars",
                "text",
                "is_spoiler",
                "created_at",
                "text_edited_at",
                "hidden_by",
                "helpful_count",
            )
        ),
        viewings.c.id.label("viewing_id"),
        viewings.c.watched_on,
        viewings.c.created_at.label("noted"),
    )
    .select_from(
        _ASKED.outerjoin(films, films.c.id == _ASKED.c.film_id)
        .outerjoin(
            blocks, and_(_key_is(blocks), or_(blocks.c.expires_at.is_(None), blocks.c.expires_at > _ASKED.c.now))
        )
        .outerjoin(server_members, _key_is(server_members))
        .outerjoin(watchlist, _key_is(watchlist))
        .outerjoin(ratings, _key_is(ratings))
        .outerjoin(viewings, _key_is(viewings))
    )
    .order_by(viewings.c.watched_on.desc().nulls_last(), viewings.c.id.desc())
)
"""Everything that a post depends on, a row for each viewing in the diary, the latest first."""
_LATER = ("id", "edited_at", "text_edited_at")
"""Columns that a first rating leaves empty, or to the database."""
_RETURNED = (ratings.c.id, ratings.c.server_id, ratings.c.member_id, ratings.c.film_id)
_RATE = (
    ratings.insert()
    .values({column.name: param(column) for column in ratings.c if column.name not in _LATER})
    .returning(*_RETURNED)
)
_RATE_ANEW = (
    update(ratings)
    .where(ratings.c.id == param(ratings.c.id, "rating_id"))
    .values(
        {
            name: param(ratings.c[name])
            for name in ("stars", "text", "is_spoiler", "edited_at", "text_edited_at", "hidden_by")
        }
    )
    .returning(*_RETURNED)
)
_SEE = (
    viewings.insert().inline().values({column.name: param(column) for column in viewings.c if column.name != "id"})
)
_SEE_BETTER = (
    update(viewings)
    .where(viewings.c.id == param(viewings.c.id, "viewing_id"))
    .values({name: param(viewings.c[name]) for name in ("stars", "watched_on")})
)
_LEAVE = delete(watchlist).where(
    watchlist.c.server_id == param(watchlist.c.server_id),
    watchlist.c.member_id == param(watchlist.c.member_id),
    watchlist.c.film_id == param(watchlist.c.film_id),
)


def store_posts(dialect: str, posts: Sequence[Post]) -> Steps[list[Posted | MarqueeError]]:
    """Store the posts, no two of which are of one member and film; give what came of each.

    The servers must be locked: what is written depends on what is read first.
    """
    known = yield Step((_KNOWN,), [_asked(post) for post in posts])
    before: dict[Key, list[Any]] = {}
    for row in known:
        before.setdefault(_key(row), []).append(row)
    down = yield from find_taken_down(
        [
            post.draft.key
            for post in posts
            if may_wait(post.draft.text, before[post.draft.key][0].text, before[post.draft.key][0].hidden_by)
        ]
    )
    results: dict[Key, Posted | MarqueeError] = {}
    writes: dict[tuple[Executable, ...], list[Mapping[str, Any]]] = {}
    for post in posts:
        rows = before[post.draft.key]
        if (refusal := _refusal(rows[0])) is not None:
            results[post.draft.key] = refusal
            continue
        if rows[0].departed_at is not None:
            yield from count_member(dialect, post.draft.server_id, post.draft.member_id, counted=True)
        held = waits(post.draft.text, rows[0].text, rows[0].hidden_by, down=post.draft.key in down)
        statements, values, results[post.draft.key] = _write(dialect, post, rows, held)
        writes.setdefault(statements, []).append(values)
    for statements, many in writes.items():
        for row in (yield Step(statements, many)):
            posted = results[_key(row)]
            if isinstance(posted, Posted):
                results[_key(row)] = replace(posted, review=replace(posted.review, id=row.id))
    return [results[post.draft.key] for post in posts]


def _asked(post: Post) -> dict[str, Any]:
    server_id, member_id, film_id = post.draft.key
    return {
        "p_server_id": server_id, "p_member_id": member_id, "p_film_id": film_id,
        "p_created_at": post.now,
    }  # fmt: skip


def _key(row: Any) -> Key:
    return row.server_id, row.member_id, row.film_id


def _refusal(known: Any) -> MarqueeError | None:
    if known.blocked is not None:
        return BlockedError(known.blocked_until, known.blocked_for)
    return None if known.film is not None else FilmGoneError()


def _write(
    dialect: str, post: Post, known: Sequence[Any], held: bool
) -> tuple[tuple[Executable, ...], dict[str, Any], Posted]:
    """Give the statements that store the post, their values, and what will have come of it."""
    draft, before = post.draft, known[0]
    review = _review(post, before)
    if held:
        review = replace(review, hidden_by=HiddenBy.HELD)
    same = _same_viewing(post, [row for row in known if row.viewing_id is not None])
    rewatch = same is None and before.viewing_id is not None
    statements: list[Executable] = [_RATE if before.rating_id is None else _RATE_ANEW]
    statements.append(_SEE if same is None else _SEE_BETTER)
    values = {
        **_asked(post), "p_rating_id": before.rating_id, "p_stars": draft.stars,
        "p_text": review.text or None, "p_is_spoiler": review.is_spoiler, "p_edited_at": post.now,
        "p_text_edited_at": review.text_edited_at, "p_hidden_by": review.hidden_by,
        "p_is_counted": True, "p_helpful_count": 0, "p_is_rewatch": rewatch,
        "p_viewing_id": same.viewing_id if same is not None else None,
        "p_watched_on": (same.watched_on if same is not None else None) or draft.watched_on,
        "p_checked_at": post.now, "p_departed_at": None,
    }  # fmt: skip
    for total in total_rows([(draft.server_id, draft.film_id, before.stars, draft.stars)]):
        statements.append(add_to_totals(dialect))
        values |= total
    if before.departed_at is not None or before.checked_at is None or before.checked_at < post.now - SEEN_LATELY:
        statements.append(note_member(dialect))
    leaves = before.is_kept is False
    if leaves:
        statements.append(_LEAVE)
    return tuple(statements), values, Posted(review, before.rating_id is None, rewatch, leaves, held)


def _review(post: Post, before: Any) -> Review:
    """Give the review as it will be; a first one gets its id when it is stored."""
    draft = post.draft
    if before.rating_id is None:
        return Review(0, *draft.key, draft.stars, draft.text or "", bool(draft.is_spoiler), created_at=post.now)
    return Review(
        before.rating_id,
        *draft.key,
        draft.stars,
        (before.text or "") if draft.text is None else draft.text,
        before.is_spoiler if draft.is_spoiler is None else draft.is_spoiler,
        created_at=before.created_at,
        edited_at=post.now,
        text_edited_at=post.now
        if before.text and draft.text not in (None, before.text)
        else before.text_edited_at,
        hidden_by=HiddenBy(before.hidden_by) if before.hidden_by else None,
        helpful_count=before.helpful_count,
    )


def _same_viewing(post: Post, before: Sequence[Any]) -> Any | None:
    """Give the viewing in the diary that the post is about, or None where it is one more."""
    day = post.draft.watched_on
    if day is None:
        return before[0] if before else None
    for row in before:
        if row.watched_on == day:
            return row
    undated = [row for row in before if row.watched_on is None and row.noted > post.now - SAME_VIEWING]
    return undated[0] if undated else None
