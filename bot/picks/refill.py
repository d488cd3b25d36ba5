"""A queue that fills itself: what comes on where a rotation finds nothing planned."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import upsert
from bot.films.tables import films
from bot.members.tables import server_members
from bot.moderation.repository import read_review_settings
from bot.picks.models import Errand, NewPick, PickSettings, Refill, State
from bot.picks.repository import store_planned
from bot.picks.rows import read_pick, read_programme
from bot.picks.tables import pick_notices, pick_polls, pick_suggestions, picks
from bot.picks.timeline import Passage
from bot.picks.transitions import note_errand, put_on, take_off
from bot.reviews.tables import rating_totals
from bot.reviews.totals_repository import read_prior
from bot.watchlists.tables import watchlist

SHORTEST_VOTE, LONGEST_VOTE = timedelta(hours=1), timedelta(hours=24)
VOTED_AMONG = 3


async def refill(connection: AsyncConnection, server_id: int, passage: Passage, now: datetime) -> None:
    """Bring something on where the last rotation found the queue empty and the server wants that.

    Else the moderators are told that it is empty.
    """
    empty_at = passage.empty_at
    if empty_at is None or any(step.at >= empty_at for step in passage.steps):
        return
    settings = (await read_programme(connection, server_id)).settings
    found = await _candidates(connection, server_id, settings.refill)
    if settings.refill is Refill.VOTE and len(found) > 1:
        await _call_vote(connection, server_id, settings, found, now)
    elif found:
        await bring(connection, server_id, found[0], empty_at)
    else:
        text = "The marquee's queue is empty: `/pick add` plans a film."
        await note(
            connection,
            {"server_id": server_id, "kind": "empty", "text": text, "created_at": now, "is_delivered": False},
        )


async def bring(connection: AsyncConnection, server_id: int, film_id: str, at: datetime) -> None:
    """Put a film that nobody planned on the marquee. Raises FilmGoneError."""
    programme = await read_programme(connection, server_id)
    if programme.current is not None:
        await take_off(connection, programme.current, programme.settings, at)
    # It comes on at once, so that it takes no place in the queue, which dated picks alone may have filled.
    pick_id = await store_planned(connection, server_id, NewPick(film_id, None))
    pick = await read_pick(connection, server_id, pick_id)
    if pick is not None:
        await put_on(connection, replace(pick, state=State.CURRENT, started_at=at), at)


async def note(connection: AsyncConnection, row: dict[str, Any]) -> bool:
    """Keep something to tell the moderators; tell whether it is news."""
    statement = upsert(connection.dialect.name, pick_notices, ("server_id", "kind"), ())
    return (await connection.execute(statement, row)).rowcount > 0


async def _call_vote(
    connection: AsyncConnection, server_id: int, settings: PickSettings, film_ids: list[str], now: datetime
) -> None:
    """Call a vote that lasts a quarter of the time to the next rotation, in whole hours as Discord has it."""
    lasts = LONGEST_VOTE
    if settings.next_at is not None:
        lasts = min(LONGEST_VOTE, max(SHORTEST_VOTE, (settings.next_at - now) / 4))
    ends = now + timedelta(hours=lasts // timedelta(hours=1))
    values = {"server_id": server_id, "film_ids": film_ids, "ends_at": ends}
    result = await connection.execute(pick_polls.insert().values(**values).returning(pick_polls.c.id))
    await note_errand(connection, server_id, Errand.VOTE, result.scalar_one(), now)


async def _candidates(connection: AsyncConnection, server_id: int, kind: Refill) -> list[str]:
    """Give films that were not featured before, the likeliest first: one, or several for a vote."""
    if kind is Refill.OFF:
        return []
    if kind is Refill.BEST:
        return await _best(connection, server_id)
    if kind is Refill.WANTED:
        return await _wanted(connection, server_id)
    kinds = (
        await _suggested(connection, server_id),
        await _wanted(connection, server_id),
        await _best(connection, server_id),
    )
    # One of each kind first, then what the kinds have more.
    mixed = [each[rank] for rank in range(VOTED_AMONG) for each in kinds if rank < len(each)]
    return list(dict.fromkeys(mixed))[:VOTED_AMONG]


def _featured(server_id: int) -> Any:
    return select(picks.c.film_id).where(picks.c.server_id == server_id)


async def _best(connection: AsyncConnection, server_id: int) -> list[str]:
    minimum = (await read_review_settings(connection, server_id)).minimum_raters
    prior = await read_prior(connection, server_id)
    table = rating_totals
    statement = select(table.c.film_id, table.c.rating_count, table.c.half_star_sum).where(
        table.c.server_id == server_id,
        table.c.rating_count >= minimum,
        table.c.film_id.not_in(_featured(server_id)),
    )
    rows = (await connection.execute(statement)).all()
    ranked = sorted(rows, key=lambda row: (-prior.bayesian_average(row[1], row[2]), row.film_id))
    return [row.film_id for row in ranked[:VOTED_AMONG]]


async def _wanted(connection: AsyncConnection, server_id: int) -> list[str]:
    there = and_(
        server_members.c.server_id == watchlist.c.server_id,
        server_members.c.member_id == watchlist.c.member_id,
        server_members.c.departed_at.is_(None),
    )
    statement = (
        select(watchlist.c.film_id)
        .join(films, films.c.id == watchlist.c.film_id)
        .join(server_members, there)
        .where(watchlist.c.server_id == server_id, watchlist.c.film_id.not_in(_featured(server_id)))
        .group_by(watchlist.c.film_id, films.c.title)
        .order_by(func.count().desc(), films.c.title, watchlist.c.film_id)
        .limit(VOTED_AMONG)
    )
    return list((await connection.execute(statement)).scalars())


async def _suggested(connection: AsyncConnection, server_id: int) -> list[str]:
    statement = (
        select(pick_suggestions.c.film_id)
        .where(
            pick_suggestions.c.server_id == server_id,
            pick_suggestions.c.decision == "open",
            pick_suggestions.c.film_id.not_in(_featured(server_id)),
        )
        .order_by(pick_suggestions.c.id)
        .limit(VOTED_AMONG)
    )
    return list((await connection.execute(statement)).scalars())
