"""Rows of the marquee's tables as what they mean."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import upsert
from bot.core.database.read_executor import AnyRow
from bot.films.tables import films
from bot.picks.models import Pick, PickSettings, Posted, Programme, Refill, Series, State
from bot.picks.rotation import Every, Rotation
from bot.picks.tables import pick_series, pick_settings, picks

_CHANGED = (
    "zone", "every", "at", "weekday", "day", "channel_id", "thread", "role_id", "retrospect", "refill",
    "curator_role", "next_at",
)  # fmt: skip


def whole_picks() -> Select[Any]:
    """Give the SELECT of picks with their films' titles and their series."""
    return (
        select(
            picks, films.c.title, films.c.year, pick_series.c.name.label("series"), pick_series.c.is_closed
        )
        .join(films, films.c.id == picks.c.film_id)
        .join(pick_series, pick_series.c.id == picks.c.series_id, isouter=True)
    )  # fmt: skip


def pick_of(row: AnyRow) -> Pick:
    """Give the pick in a row of `whole_picks`."""
    posted = Posted(row.channel_id, row.message_id, row.thread_id) if row.message_id is not None else None
    return Pick(
        id=row.id,
        server_id=row.server_id,
        film_id=row.film_id,
        title=row.title,
        year=row.year,
        note=row.note,
        state=State(row.state),
        position=row.position,
        starts_at=row.starts_at,
        duration_days=row.duration_days,
        series=Series(row.series_id, row.series, row.is_closed) if row.series_id is not None else None,
        curator_id=row.curator_id,
        started_at=row.started_at,
        ends_at=row.ends_at,
        ended_at=row.ended_at,
        posted=posted,
    )


async def read_settings(connection: AsyncConnection, server_id: int) -> PickSettings:
    """Give the server's settings, or those that hold until somebody sets them."""
    statement = select(pick_settings).where(pick_settings.c.server_id == server_id)
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        return PickSettings()
    return PickSettings(
        rotation=Rotation(Every(row.every), row.zone, row.at, row.weekday, row.day),
        channel_id=row.channel_id,
        thread=row.thread,
        role_id=row.role_id,
        retrospect=row.retrospect,
        refill=Refill(row.refill),
        curator_role=row.curator_role,
        next_at=row.next_at,
    )


async def write_settings(connection: AsyncConnection, server_id: int, settings: PickSettings) -> None:
    """Store the server's settings."""
    rule = settings.rotation
    row = {
        "server_id": server_id, "zone": rule.zone, "every": rule.every.value, "at": rule.at,
        "weekday": rule.weekday, "day": rule.day, "channel_id": settings.channel_id, "thread": settings.thread,
        "role_id": settings.role_id, "retrospect": settings.retrospect, "refill": settings.refill.value,
        "curator_role": settings.curator_role, "next_at": settings.next_at,
    }  # fmt: skip
    statement = upsert(connection.dialect.name, pick_settings, ("server_id",), _CHANGED)
    await connection.execute(statement, [row])


async def read_programme(connection: AsyncConnection, server_id: int) -> Programme:
    """Give what is on and what is planned."""
    wanted = (State.PLANNED.value, State.CURRENT.value)
    statement = (
        whole_picks()
        .where(picks.c.server_id == server_id, picks.c.state.in_(wanted))
        .order_by(picks.c.position, picks.c.id)
    )
    found = [pick_of(row) for row in (await connection.execute(statement)).all()]
    planned = [pick for pick in found if pick.state is State.PLANNED]
    return Programme(
        settings=await read_settings(connection, server_id),
        current=next((pick for pick in found if pick.state is State.CURRENT), None),
        dated=tuple(
            sorted((pick for pick in planned if pick.starts_at), key=lambda pick: (pick.starts_at, pick.id))
        ),
        queue=tuple(pick for pick in planned if pick.starts_at is None),
    )


async def read_pick(connection: AsyncConnection, server_id: int, pick_id: int) -> Pick | None:
    """Give the server's pick of that id, or None."""
    statement = whole_picks().where(picks.c.id == pick_id, picks.c.server_id == server_id)
    row = (await connection.execute(statement)).one_or_none()
    return pick_of(row) if row is not None else None
