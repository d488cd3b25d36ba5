"""Picks coming on and going off, with the errands that follow from it in the same transaction."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import and_, case, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.picks.models import Errand, Pick, PickSettings, State
from bot.picks.tables import pick_jobs, picks

DUE, CLAIMED, DONE = "due", "claimed", "done"


async def store_state(connection: AsyncConnection, pick: Pick) -> None:
    """Store where the pick is."""
    values = {
        "state": pick.state.value, "starts_at": pick.starts_at, "started_at": pick.started_at,
        "ends_at": pick.ends_at, "ended_at": pick.ended_at,
    }  # fmt: skip
    await connection.execute(update(picks).where(picks.c.id == pick.id).values(**values))


async def put_on(connection: AsyncConnection, pick: Pick, now: datetime) -> None:
    """Store a pick that came on, to be announced."""
    await store_state(connection, pick)
    await note_errand(connection, pick.server_id, Errand.ANNOUNCE, pick.id, now)


async def take_off(connection: AsyncConnection, pick: Pick, settings: PickSettings, at: datetime) -> None:
    """Store that a pick went, its announcement to be closed and looked back on."""
    await store_state(connection, replace(pick, state=State.PAST, ended_at=at))
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
        "server_id": server_id, "kind": errand.value, "subject_id": subject, "state": DUE, "due_at": due,
        "claimed_at": None, "token": None,
    }  # fmt: skip
    insert = sqlite.insert(pick_jobs) if connection.dialect.name == "sqlite" else postgresql.insert(pick_jobs)
    if errand is Errand.REFRESH:
        sooner = and_(pick_jobs.c.state == DUE, pick_jobs.c.due_at < insert.excluded.due_at)
        at = case((sooner, pick_jobs.c.due_at), else_=insert.excluded.due_at)
        anew = {"state": DUE, "due_at": at, "claimed_at": None, "token": None}
        statement = insert.on_conflict_do_update(index_elements=["kind", "subject_id"], set_=anew)
        await connection.execute(statement, row)
    else:
        await connection.execute(insert.on_conflict_do_nothing(index_elements=["kind", "subject_id"]), row)
