"""Picks coming on and going off, with the errands that follow from it in the same transaction."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_, case, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.picks.models import Errand, Pick, PickSettings, State
from bot.picks.tables import pick_tasks, picks

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
    """Note an errand. One that was noted before is not given out again, but for a refresh, which may be.

    A refresh that waits already is not put off by one that is to come later.
    """
    row = {
        "server_id": server_id, "errand": errand.value, "subject": subject, "state": DUE, "due": due,
        "claimed": None, "token": None,
    }  # fmt: skip
    insert = sqlite.insert(pick_tasks) if connection.dialect.name == "sqlite" else postgresql.insert(pick_tasks)
    if errand is Errand.REFRESH:
        sooner = and_(pick_tasks.c.state == DUE, pick_tasks.c.due < insert.excluded.due)
        at = case((sooner, pick_tasks.c.due), else_=insert.excluded.due)
        anew = {"state": DUE, "due": at, "claimed": None, "token": None}
        statement = insert.on_conflict_do_update(index_elements=["errand", "subject"], set_=anew)
        await connection.execute(statement, row)
    else:
        await connection.execute(insert.on_conflict_do_nothing(index_elements=["errand", "subject"]), row)
