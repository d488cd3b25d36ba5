"""Picks coming on and going off, with the errands that follow from it in the same transaction."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.films.picks.model import Errand, Pick, PickSettings, State
from bot.storage.database import upsert
from bot.storage.schema import pick_tasks, picks

DUE, CLAIMED, DONE = "due", "claimed", "done"


async def store_state(connection: AsyncConnection, pick: Pick) -> None:
    """Store where the pick is."""
    values = {
        "state": pick.state.value, "starts": pick.starts, "began": pick.began, "ends": pick.ends,
        "ended": pick.ended,
    }  # fmt: skip
    await connection.execute(update(picks).where(picks.c.id == pick.id).values(**values))


async def put_on(connection: AsyncConnection, pick: Pick, now: datetime) -> None:
    """Store a pick that came on, to be announced."""
    await store_state(connection, pick)
    await note_errand(connection, pick.server_id, Errand.ANNOUNCE, pick.id, now)


async def take_off(connection: AsyncConnection, pick: Pick, settings: PickSettings, at: datetime) -> None:
    """Store that a pick went, its announcement to be closed and looked back on."""
    await store_state(connection, replace(pick, state=State.PAST, ended=at))
    await note_errand(connection, pick.server_id, Errand.CLOSE, pick.id, at)
    if settings.retrospect:
        await note_errand(connection, pick.server_id, Errand.RETROSPECT, pick.id, at)


async def note_errand(
    connection: AsyncConnection, server_id: int, errand: Errand, subject: int, due: datetime
) -> None:
    """Note an errand. One that was noted before is not given out again, but for a refresh, which may be."""
    row = {
        "server_id": server_id, "errand": errand.value, "subject": subject, "state": DUE, "due": due,
        "claimed": None, "token": None,
    }  # fmt: skip
    change = ("state", "due", "claimed", "token") if errand is Errand.REFRESH else ()
    await connection.execute(upsert(connection.dialect.name, pick_tasks, ("errand", "subject"), change), row)
