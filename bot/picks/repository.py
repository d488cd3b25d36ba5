"""Plans for the marquee, each change in one transaction under the server's lock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, func, insert, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, lock_servers
from bot.core.errors import FilmGoneError
from bot.films.tables import films
from bot.picks.models import (
    QUEUE_LIMIT,
    Errand,
    NewPick,
    Pick,
    PickGoneError,
    PickSettings,
    Programme,
    QueueFullError,
    Series,
    SeriesError,
    State,
)
from bot.picks.programme_cache import Outlook
from bot.picks.rotation import days_later
from bot.picks.rows import read_pick, read_programme, read_settings, write_settings
from bot.picks.service import Change, Check
from bot.picks.tables import pick_series, picks
from bot.picks.transitions import note_errand, put_on, take_off

SERIES_KEPT = 100


class PickStore:
    """Reads and writes what is planned."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def _changing(self, server_id: int) -> AsyncIterator[AsyncConnection]:
        async with self._database.write() as connection:
            await lock_servers(connection, [server_id])
            yield connection

    async def settings(self, server_id: int) -> PickSettings:
        """Give what holds for the server's marquee."""
        async with self._database.read() as connection:
            return await read_settings(connection, server_id)

    async def change_settings(self, server_id: int, change: Change) -> PickSettings:
        """Store what `change` makes of the marquee's settings, if that is anything else, and give it."""
        async with self._changing(server_id) as connection:
            before = await read_settings(connection, server_id)
            settings = change(before)
            if settings != before:
                await write_settings(connection, server_id, settings)
        return settings

    async def programme(self, server_id: int) -> Programme:
        """Give what is on and what is planned."""
        async with self._database.read() as connection:
            return await read_programme(connection, server_id)

    async def outlook(self, server_id: int) -> Outlook:
        """Give what is on and planned, and the series."""
        async with self._database.read() as connection:
            return Outlook(await read_programme(connection, server_id), await _series(connection, server_id))

    async def planning(self) -> list[int]:
        """Give the servers in which something is on, planned, or in a series."""
        waiting = picks.c.state.in_((State.PLANNED.value, State.CURRENT.value))
        statement = union(
            select(picks.c.server_id).where(waiting),
            select(pick_series.c.server_id).where(~pick_series.c.is_closed),
        )
        return sorted(row.server_id for row in await self._database.rows(statement))

    async def get(self, server_id: int, pick_id: int) -> Pick | None:
        """Give the server's pick of that id, or None."""
        async with self._database.read() as connection:
            return await read_pick(connection, server_id, pick_id)

    async def add(self, server_id: int, new: NewPick, check: Check) -> Pick:
        """Store it at the end of the queue. Raises FilmGoneError, QueueFullError, and what `check` raises."""
        async with self._changing(server_id) as connection:
            check(await read_programme(connection, server_id))
            pick_id = await plan(connection, server_id, new)
            found = await read_pick(connection, server_id, pick_id)
        if found is None:
            raise FilmGoneError
        return found

    async def change(self, pick: Pick, check: Check, now: datetime) -> None:
        """Store a planned or current pick anew. Raises PickGoneError, and what `check` raises."""
        async with self._changing(pick.server_id) as connection:
            programme = await read_programme(connection, pick.server_id)
            check(programme)
            values = {
                "note": pick.note, "duration_days": pick.duration_days, "starts_at": pick.starts_at,
                "series_id": pick.series.id if pick.series is not None else None,
            }  # fmt: skip
            current = programme.current
            if current is not None and current.id == pick.id:
                if pick.duration_days != current.duration_days:
                    values["ends_at"] = _ends(pick, programme, now)
                await note_errand(connection, pick.server_id, Errand.REFRESH, pick.id, now)
            elif pick.id not in {each.id for each in programme.planned}:
                raise PickGoneError
            await connection.execute(update(picks).where(picks.c.id == pick.id).values(**values))

    async def place(self, server_id: int, pick_id: int, position: int) -> None:
        """Put a planned pick into the queue at that place, from 1. Raises PickGoneError."""
        async with self._changing(server_id) as connection:
            programme = await read_programme(connection, server_id)
            if pick_id not in {pick.id for pick in programme.planned}:
                raise PickGoneError
            order = [pick.id for pick in programme.queue if pick.id != pick_id]
            order.insert(position - 1, pick_id)
            for number, each in enumerate(order, start=1):
                await connection.execute(update(picks).where(picks.c.id == each).values(position=number))
            await connection.execute(update(picks).where(picks.c.id == pick_id).values(starts_at=None))

    async def remove(self, server_id: int, pick_id: int, now: datetime) -> None:
        """Delete a planned pick, or end the current one. Raises PickGoneError."""
        async with self._changing(server_id) as connection:
            pick = await read_pick(connection, server_id, pick_id)
            if pick is None or pick.state not in (State.PLANNED, State.CURRENT):
                raise PickGoneError
            if pick.state is State.PLANNED:
                await connection.execute(delete(picks).where(picks.c.id == pick_id))
            else:
                await take_off(connection, pick, await read_settings(connection, server_id), now)

    async def bring_on(self, server_id: int, pick_id: int, now: datetime) -> Pick:
        """Put a planned pick on the marquee. Raises PickGoneError."""
        async with self._changing(server_id) as connection:
            programme = await read_programme(connection, server_id)
            chosen = next((pick for pick in programme.planned if pick.id == pick_id), None)
            if chosen is None:
                raise PickGoneError
            if programme.current is not None:
                await take_off(connection, programme.current, programme.settings, now)
            zone = programme.settings.rotation.zone
            ends = days_later(now, chosen.duration_days, zone) if chosen.duration_days else None
            chosen = replace(chosen, state=State.CURRENT, starts_at=None, started_at=now, ends_at=ends)
            await put_on(connection, chosen, now)
        return chosen

    async def series(self, server_id: int) -> list[Series]:
        """Give the server's series, newest first."""
        async with self._database.read() as connection:
            return list(await _series(connection, server_id))

    async def create_series(self, server_id: int, name: str) -> Series:
        """Store a series. Raises SeriesError where the name is taken, or there are too many."""
        count = select(func.count()).select_from(pick_series).where(pick_series.c.server_id == server_id)
        statement = insert(pick_series).values(server_id=server_id, name=name, is_closed=False)
        async with self._changing(server_id) as connection:
            if (await connection.execute(count)).scalar_one() >= SERIES_KEPT:
                raise SeriesError(f"There are {SERIES_KEPT} series here, and that is the limit.")
            await _refuse_taken(connection, server_id, Series(0, name))
            series_id = (await connection.execute(statement.returning(pick_series.c.id))).scalar_one()
        return Series(series_id, name)

    async def change_series(self, server_id: int, series: Series) -> None:
        """Store a series anew. Raises SeriesError where it is gone or the name is taken."""
        statement = (
            update(pick_series)
            .where(pick_series.c.server_id == server_id, pick_series.c.id == series.id)
            .values(name=series.name, is_closed=series.is_closed)
        )
        async with self._changing(server_id) as connection:
            await _refuse_taken(connection, server_id, series)
            if not (await connection.execute(statement)).rowcount:
                raise SeriesError("That series is gone. `/pick series create` makes one.")


async def _series(connection: AsyncConnection, server_id: int) -> tuple[Series, ...]:
    statement = select(pick_series).where(pick_series.c.server_id == server_id).order_by(pick_series.c.id.desc())
    return tuple(Series(row.id, row.name, row.is_closed) for row in await connection.execute(statement))


async def plan(connection: AsyncConnection, server_id: int, new: NewPick) -> int:
    """Store a pick at the end of the queue and give its id. Raises FilmGoneError, QueueFullError."""
    planned = select(func.count()).where(picks.c.server_id == server_id, picks.c.state == State.PLANNED.value)
    if (await connection.execute(planned)).scalar_one() >= QUEUE_LIMIT:
        raise QueueFullError
    return await store_planned(connection, server_id, new)


async def store_planned(connection: AsyncConnection, server_id: int, new: NewPick) -> int:
    """Store a pick at the end of the queue however long that is, and give its id. Raises FilmGoneError."""
    last = select(func.coalesce(func.max(picks.c.position), 0)).where(
        picks.c.server_id == server_id, picks.c.state == State.PLANNED.value
    )
    position = (await connection.execute(last)).scalar_one() + 1
    if (await connection.execute(select(films.c.id).where(films.c.id == new.film_id))).one_or_none() is None:
        raise FilmGoneError
    values = {
        "server_id": server_id, "film_id": new.film_id, "series_id": new.series_id, "note": new.note,
        "state": State.PLANNED.value, "position": position, "starts_at": new.starts_at,
        "duration_days": new.duration_days, "curator_id": new.curator_id,
    }  # fmt: skip
    result = await connection.execute(insert(picks).values(**values).returning(picks.c.id))
    pick_id: int = result.scalar_one()
    return pick_id


def _ends(pick: Pick, programme: Programme, now: datetime) -> datetime | None:
    """Give when a pick that is on goes, its days counted from when it came; never a time that is past."""
    if pick.duration_days is None or pick.started_at is None:
        return None
    return max(now, days_later(pick.started_at, pick.duration_days, programme.settings.rotation.zone))


async def _refuse_taken(connection: AsyncConnection, server_id: int, series: Series) -> None:
    taken = select(pick_series.c.id).where(
        pick_series.c.server_id == server_id, pick_series.c.name == series.name, pick_series.c.id != series.id
    )
    if (await connection.execute(taken)).one_or_none() is not None:
        raise SeriesError(f"There is a series called “{series.name}” already.")
