"""Stores members' ratings, several in one transaction, with everything that depends on them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.films.errors import FilmGoneError, MarqueeError
from bot.films.reviews import BlockedError, Draft, HiddenBy, Posted, Review
from bot.storage.database import AnyRow, upsert
from bot.storage.presence import count_again
from bot.storage.schema import blocks, films, ratings, server_members, viewings, watchlist
from bot.storage.totals import change_totals, lock_servers

SAME_VIEWING = timedelta(days=1)
"""A day told within this time of an undated rating says when that was; later it is another viewing."""
Key = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Post:
    """A draft and when it was posted."""

    draft: Draft
    now: datetime


@dataclass(slots=True)
class _Known:
    """What the database holds that the posts of one group depend on."""

    films: set[str]
    blocked: dict[tuple[int, int], AnyRow]
    ratings: dict[Key, AnyRow]
    viewings: dict[Key, list[AnyRow]]
    results: dict[Key, Posted | MarqueeError] = field(default_factory=dict)


async def store_posts(connection: AsyncConnection, posts: Sequence[Post]) -> list[Posted | MarqueeError]:
    """Store the posts, no two of which are of one member and film; give what came of each."""
    await lock_servers(connection, (post.draft.server_id for post in posts))
    known = await _known(connection, posts)
    accepted = []
    for post in posts:
        if (refusal := _refusal(known, post)) is None:
            accepted.append(post)
        else:
            known.results[post.draft.key] = refusal
    if accepted:
        await _note_members(connection, accepted)
        ids = await _store_ratings(connection, accepted, known)
        rewatched = await _store_viewings(connection, accepted, known)
        left = await _leave_watchlists(connection, accepted)
        for post in accepted:
            key = post.draft.key
            known.results[key] = Posted(
                review=_review(post, known.ratings.get(key), ids[key]),
                first=key not in known.ratings,
                rewatch=key in rewatched,
                left_watchlist=key in left,
            )
    return [known.results[post.draft.key] for post in posts]


def _refusal(known: _Known, post: Post) -> MarqueeError | None:
    block = known.blocked.get((post.draft.server_id, post.draft.member_id))
    if block is not None:
        return BlockedError(block.until, block.reason)
    return None if post.draft.film_id in known.films else FilmGoneError()


async def _known(connection: AsyncConnection, posts: Sequence[Post]) -> _Known:
    keys = [post.draft.key for post in posts]
    members = sorted({key[:2] for key in keys})
    now = max(post.now for post in posts)
    there = await connection.execute(select(films.c.id).where(films.c.id.in_({key[2] for key in keys})))
    blocked = await connection.execute(
        select(blocks).where(
            tuple_(blocks.c.server_id, blocks.c.member_id).in_(members),
            or_(blocks.c.until.is_(None), blocks.c.until > now),
        )
    )
    rated = await connection.execute(select(ratings).where(_is_one_of(ratings, keys)))
    seen: dict[Key, list[AnyRow]] = {}
    for row in await connection.execute(
        select(viewings)
        .where(_is_one_of(viewings, keys))
        .order_by(viewings.c.watched_on.desc().nulls_last(), viewings.c.id.desc())
    ):
        seen.setdefault(_key(row), []).append(row)
    return _Known(
        films={row.id for row in there},
        blocked={(row.server_id, row.member_id): row for row in blocked},
        ratings={_key(row): row for row in rated},
        viewings=seen,
    )


def _key(row: AnyRow) -> Key:
    return row.server_id, row.member_id, row.film_id


def _is_one_of(table: Any, keys: Iterable[Key]) -> Any:
    return tuple_(table.c.server_id, table.c.member_id, table.c.film_id).in_(list(keys))


async def _note_members(connection: AsyncConnection, posts: Sequence[Post]) -> None:
    """Note that who posts is there, and count again what they gave before they had left."""
    seen = {post.draft.key[:2]: post.now for post in posts}
    pair = tuple_(server_members.c.server_id, server_members.c.member_id)
    back = await connection.execute(
        select(server_members.c.server_id, server_members.c.member_id).where(
            pair.in_(sorted(seen)), server_members.c.departed.is_not(None)
        )
    )
    for server_id, member_id in back.all():
        await count_again(connection, server_id, member_id)
    rows = [
        {"server_id": server_id, "member_id": member_id, "checked": now, "departed": None}
        for (server_id, member_id), now in sorted(seen.items())
    ]
    keys, change = ("server_id", "member_id"), ("checked", "departed")
    await connection.execute(upsert(connection.dialect.name, server_members, keys, change), rows)


async def _store_ratings(connection: AsyncConnection, posts: Sequence[Post], known: _Known) -> dict[Key, int]:
    """Insert or update the ratings and the totals; give every rating's id."""
    new = [post for post in posts if post.draft.key not in known.ratings]
    ids = {key: row.id for key, row in known.ratings.items()}
    if new:
        insert = ratings.insert().returning(
            ratings.c.id, ratings.c.server_id, ratings.c.member_id, ratings.c.film_id
        )
        for row in await connection.execute(insert, [_new_row(post) for post in new]):
            ids[_key(row)] = row.id
    changed = [_changed_row(post, known.ratings[post.draft.key]) for post in posts if post not in new]
    if changed:
        names = ("stars", "text", "spoiler", "edited")
        statement = update(ratings).where(ratings.c.id == bindparam("at"))
        await connection.execute(statement.values({name: bindparam(f"new_{name}") for name in names}), changed)
    await change_totals(
        connection,
        (
            (
                post.draft.server_id,
                post.draft.film_id,
                known.ratings[post.draft.key].stars if post.draft.key in known.ratings else None,
                post.draft.stars,
            )
            for post in posts
        ),
    )
    return ids


def _new_row(post: Post) -> dict[str, Any]:
    draft = post.draft
    return {
        "server_id": draft.server_id,
        "member_id": draft.member_id,
        "film_id": draft.film_id,
        "stars": draft.stars,
        "text": draft.text or None,
        "spoiler": bool(draft.spoiler),
        "created": post.now,
        "counted": True,
        "helpful": 0,
    }


def _changed_row(post: Post, before: AnyRow) -> dict[str, Any]:
    draft = post.draft
    return {
        "at": before.id,
        "new_stars": draft.stars,
        "new_text": before.text if draft.text is None else draft.text or None,
        "new_spoiler": before.spoiler if draft.spoiler is None else draft.spoiler,
        "new_edited": post.now,
    }


def _review(post: Post, before: AnyRow | None, rating_id: int) -> Review:
    draft = post.draft
    if before is None:
        text, spoiler = draft.text or "", bool(draft.spoiler)
        return Review(rating_id, *draft.key, draft.stars, text, spoiler, created=post.now)
    row = _changed_row(post, before)
    return Review(
        rating_id,
        *draft.key,
        draft.stars,
        row["new_text"] or "",
        row["new_spoiler"],
        created=before.created,
        edited=post.now,
        hidden=HiddenBy(before.hidden) if before.hidden else None,
        helpful=before.helpful,
    )


async def _store_viewings(connection: AsyncConnection, posts: Sequence[Post], known: _Known) -> set[Key]:
    """Keep each viewing in the diary; give the keys of those who saw the film once more."""
    new, changed, rewatched = [], [], set()
    for post in posts:
        draft = post.draft
        before = known.viewings.get(draft.key, [])
        same = _same_viewing(post, before)
        if same is not None:
            day = same.watched_on or draft.watched_on
            changed.append({"at": same.id, "new_stars": draft.stars, "new_watched_on": day})
            continue
        if before:
            rewatched.add(draft.key)
        new.append(
            {
                "server_id": draft.server_id,
                "member_id": draft.member_id,
                "film_id": draft.film_id,
                "watched_on": draft.watched_on,
                "stars": draft.stars,
                "rewatch": bool(before),
                "created": post.now,
            }
        )
    if new:
        await connection.execute(viewings.insert(), new)
    if changed:
        names = ("stars", "watched_on")
        statement = update(viewings).where(viewings.c.id == bindparam("at"))
        await connection.execute(statement.values({name: bindparam(f"new_{name}") for name in names}), changed)
    return rewatched


def _same_viewing(post: Post, before: Sequence[AnyRow]) -> AnyRow | None:
    """Give the viewing in the diary that the post is about, or None where it is one more."""
    day = post.draft.watched_on
    if day is None:
        return before[0] if before else None
    for row in before:
        if row.watched_on == day:
            return row
    undated = [row for row in before if row.watched_on is None and row.created > post.now - SAME_VIEWING]
    return undated[0] if undated else None


async def _leave_watchlists(connection: AsyncConnection, posts: Sequence[Post]) -> set[Key]:
    """Take what was rated off the watchlists, unless it is to be kept; give what was taken off."""
    listed = and_(_is_one_of(watchlist, [post.draft.key for post in posts]), watchlist.c.keep.is_(False))
    statement = delete(watchlist).where(listed)
    gone = await connection.execute(
        statement.returning(watchlist.c.server_id, watchlist.c.member_id, watchlist.c.film_id)
    )
    return {_key(row) for row in gone}
