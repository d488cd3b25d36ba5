"""Checks of what is stored of ratings although it follows from other rows: totals, votes, who is counted."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.consistency import ConsistencyCheck
from bot.core.database.engine import Database
from bot.core.database.transaction_script import run_script
from bot.core.text.i18n import gettext_noop, ngettext
from bot.members.tables import server_members
from bot.moderation.tables import reply_reports, reports
from bot.reviews.posting_repository import RatingChange, add_to_totals, change_totals, set_member_counted
from bot.reviews.tables import HALF_STARS, helpful_votes, rating_totals, ratings, replies, viewings

_COUNTERS = ("rating_count", "half_star_sum", *HALF_STARS)


async def _find(statement: Select[Any], connection: AsyncConnection) -> Sequence[Any]:
    rows: Sequence[Any] = (await connection.execute(statement)).all()
    return rows


def _by_server(keys: Iterable[Any]) -> dict[int, list[Any]]:
    by_server: dict[int, list[Any]] = defaultdict(list)
    for key in keys:
        by_server[key.server_id].append(key)
    return dict(sorted(by_server.items()))


# Stars of viewings whose rating is gone.

_HAS_RATING = exists().where(
    ratings.c.server_id == viewings.c.server_id,
    ratings.c.member_id == viewings.c.member_id,
    ratings.c.film_id == viewings.c.film_id,
)
_IS_ORPHAN = and_(viewings.c.stars.is_not(None), not_(_HAS_RATING))
_ORPHANS = select(viewings.c.server_id, viewings.c.member_id, viewings.c.id).where(_IS_ORPHAN)


async def _repair_viewings(database: Database, keys: Sequence[Any]) -> None:
    """Delete what members left behind who deleted their data; other viewings lose the stars, as with a rating."""
    is_member = exists().where(
        server_members.c.server_id == viewings.c.server_id, server_members.c.member_id == viewings.c.member_id
    )
    for key in keys:
        is_wrong = and_(viewings.c.id == key.id, _IS_ORPHAN)
        async with database.write(member_ids=[key.member_id], server_ids=[key.server_id]) as connection:
            await connection.execute(delete(viewings).where(is_wrong, not_(is_member)))
            await connection.execute(update(viewings).where(is_wrong).values(stars=None))


# Members who rated, and whether they are counted.


def _is_membership(departed: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
    of_rating = and_(
        server_members.c.server_id == ratings.c.server_id, server_members.c.member_id == ratings.c.member_id
    )
    return exists().where(of_rating if departed is None else and_(of_rating, departed))


_UNRECORDED = select(ratings.c.server_id, ratings.c.member_id).where(not_(_is_membership())).distinct()
_HAS_DEPARTED = _is_membership(server_members.c.departed_at.is_not(None))
_MISCOUNTED = (
    select(ratings.c.server_id, ratings.c.member_id)
    .where(
        or_(
            and_(ratings.c.is_counted, or_(_HAS_DEPARTED, not_(ratings.c.is_countable))),
            and_(not_(ratings.c.is_counted), ratings.c.is_countable, not_(_HAS_DEPARTED)),
        )
    )
    .distinct()
)


async def _record_members(database: Database, keys: Sequence[Any]) -> None:
    for server_id, member_id in keys:
        async with database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            # As with their latest rating, so that they are looked up soon.
            latest = (
                select(ratings.c.server_id, ratings.c.member_id, func.max(ratings.c.created_at))
                .where(ratings.c.server_id == server_id, ratings.c.member_id == member_id, not_(_is_membership()))
                .group_by(ratings.c.server_id, ratings.c.member_id)
            )
            columns = ["server_id", "member_id", "checked_at"]
            await connection.execute(insert(server_members).from_select(columns, latest))


async def _repair_counted(database: Database, keys: Sequence[Any]) -> None:
    for server_id, member_id in keys:
        departed = select(server_members.c.departed_at).where(
            server_members.c.server_id == server_id, server_members.c.member_id == member_id
        )
        async with database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            has_departed = (await connection.execute(departed)).scalar_one_or_none() is not None
            script = set_member_counted(database.dialect, server_id, member_id, not has_departed)
            await run_script(connection, script)
            await _stop_counting_uncountable(connection, server_id, member_id)


async def _stop_counting_uncountable(connection: AsyncConnection, server_id: int, member_id: int) -> None:
    """Take ratings that don't count by the server's rule for imports out of the totals."""
    is_wrong = and_(
        ratings.c.server_id == server_id,
        ratings.c.member_id == member_id,
        ratings.c.is_counted,
        not_(ratings.c.is_countable),
    )
    wrong = (await connection.execute(select(ratings.c.film_id, ratings.c.stars).where(is_wrong))).all()
    await connection.execute(update(ratings).where(is_wrong).values(is_counted=False))
    changes = (RatingChange(server_id, row.film_id, before=row.stars) for row in wrong)
    await change_totals(connection, changes)


# Totals.


def _select_wrong_totals(server_id: int | None = None) -> Select[Any]:
    """Return the statement for what is to be added to films' totals, where that is not 0.

    In that server, or in all.
    """
    halves = (case((ratings.c.stars == half, 1), else_=0) for half, _ in enumerate(HALF_STARS, start=1))
    rated = (literal(1), ratings.c.stars, *halves)
    counted = select(
        ratings.c.server_id,
        ratings.c.film_id,
        *(column.label(name) for name, column in zip(_COUNTERS, rated, strict=True)),
    ).where(ratings.c.is_counted)
    stored = select(
        rating_totals.c.server_id,
        rating_totals.c.film_id,
        *((-rating_totals.c[name]).label(name) for name in _COUNTERS),
    )
    if server_id is not None:
        counted = counted.where(ratings.c.server_id == server_id)
        stored = stored.where(rating_totals.c.server_id == server_id)
    both = union_all(counted, stored).subquery()
    differences = {name: func.sum(both.c[name]) for name in _COUNTERS}
    return (
        select(both.c.server_id, both.c.film_id, *(each.label(name) for name, each in differences.items()))
        .group_by(both.c.server_id, both.c.film_id)
        .having(or_(*(each != 0 for each in differences.values())))
    )


async def _repair_totals(database: Database, keys: Sequence[Any]) -> None:
    for server_id in _by_server(keys):
        async with database.write(server_ids=[server_id]) as connection:
            rows = [
                {
                    "p_server_id": row.server_id,
                    "p_film_id": row.film_id,
                    **{f"p_{name}": int(getattr(row, name)) for name in _COUNTERS},
                }
                for row in await connection.execute(_select_wrong_totals(server_id))
            ]
            if rows:
                await connection.execute(add_to_totals(database.dialect), rows)


# Votes that a review helped, and the servers of reports.

_VOTE_COUNT = select(func.count()).where(helpful_votes.c.rating_id == ratings.c.id).scalar_subquery()
_WRONG_VOTES = select(ratings.c.server_id, ratings.c.id).where(ratings.c.helpful_count != _VOTE_COUNT)


async def _repair_votes(database: Database, keys: Sequence[Any]) -> None:
    for server_id, of_server in _by_server(keys).items():
        async with database.write(server_ids=[server_id]) as connection:
            for key in of_server:
                of_rating = update(ratings).where(ratings.c.id == key.id)
                await connection.execute(of_rating.values(helpful_count=_VOTE_COUNT))


_SERVER_OF_REVIEW = select(ratings.c.server_id).where(ratings.c.id == reports.c.rating_id).scalar_subquery()
_SERVER_OF_REPLY = (
    select(ratings.c.server_id)
    .join(replies, replies.c.rating_id == ratings.c.id)
    .where(replies.c.id == reply_reports.c.reply_id)
    .scalar_subquery()
)
_REPORTED_SERVERS = ((reports, _SERVER_OF_REVIEW), (reply_reports, _SERVER_OF_REPLY))


async def _find_reports(connection: AsyncConnection) -> Sequence[Any]:
    return [
        row
        for table, server in _REPORTED_SERVERS
        for row in await connection.execute(
            select(server.label("server_id"), table.c.member_id).where(table.c.server_id != server)
        )
    ]


async def _repair_reports(database: Database, keys: Sequence[Any]) -> None:
    for server_id, member_id in keys:
        async with database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            for table, server in _REPORTED_SERVERS:
                of_member = update(table).where(
                    table.c.member_id == member_id, table.c.server_id != server, server == server_id
                )
                await connection.execute(of_member.values(server_id=server))


CONSISTENCY_CHECKS = (
    ConsistencyCheck(
        name=gettext_noop("diary entries"),
        problem=lambda count: ngettext(
            "{count} diary entry has the stars of a rating that is gone",
            "{count} diary entries have the stars of a rating that is gone",
            count,
        ),
        find=partial(_find, _ORPHANS),
        repair=_repair_viewings,
    ),
    ConsistencyCheck(
        name=gettext_noop("who rated"),
        problem=lambda count: ngettext(
            "{count} member rated in a server without being recorded there",
            "{count} times a member rated in a server without being recorded there",
            count,
        ),
        find=partial(_find, _UNRECORDED),
        repair=_record_members,
    ),
    ConsistencyCheck(
        name=gettext_noop("whose ratings count"),
        problem=lambda count: ngettext(
            "{count} member's ratings count although they left, or don't although they are there",
            "{count} members' ratings count although they left, or don't although they are there",
            count,
        ),
        find=partial(_find, _MISCOUNTED),
        repair=_repair_counted,
    ),
    ConsistencyCheck(
        name=gettext_noop("totals of ratings"),
        problem=lambda count: ngettext(
            "{count} total of a film in a server differs from its ratings",
            "{count} totals of a film in a server differ from its ratings",
            count,
        ),
        find=partial(_find, _select_wrong_totals()),
        repair=_repair_totals,
    ),
    ConsistencyCheck(
        name=gettext_noop("helpful votes"),
        problem=lambda count: ngettext(
            "{count} review shows another number of helpful votes than it has",
            "{count} reviews show another number of helpful votes than they have",
            count,
        ),
        find=partial(_find, _WRONG_VOTES),
        repair=_repair_votes,
    ),
    ConsistencyCheck(
        name=gettext_noop("reports"),
        problem=lambda count: ngettext(
            "{count} report is filed in another server than what it reports",
            "{count} reports are filed in another server than what they report",
            count,
        ),
        find=_find_reports,
        repair=_repair_reports,
    ),
)
"""In the order in which they are repaired: totals depend on who is counted."""
