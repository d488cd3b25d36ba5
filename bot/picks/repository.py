"""Picks and series in the database. Each change is one transaction under the server's lock.

What starts or ends a pick enqueues the jobs that follow from it in the same transaction. The functions at the end,
which work on an open connection, are shared with the scheduler's and the engagement's repositories.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CompoundSelect, Select, delete, func, insert, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, upsert
from bot.core.database.executors import AnyRow
from bot.core.database.job_queue import JobQueue
from bot.core.text.folding import fold
from bot.core.text.formatting import escape_line
from bot.core.text.i18n import _
from bot.films.models import FilmGoneError
from bot.films.tables import films
from bot.members.personal_data import ExportedRows, PersonalData, export_table
from bot.members.repository import ServerSettingsRepository, read_server_settings
from bot.members.server_settings import ServerSettings, SettingChanges
from bot.moderation.models import Action, LogEntry
from bot.moderation.repository import log_setting_changes, write_log
from bot.picks.models import (
    PLANNED_LIMIT,
    ROTATION_SETTINGS,
    Announcement,
    JobKind,
    NewPick,
    Pick,
    PickGoneError,
    PickSettings,
    PickState,
    Programme,
    ProgrammeSnapshot,
    QueueFullError,
    Series,
    SeriesError,
)
from bot.picks.rotation import add_days
from bot.picks.tables import pick_jobs, pick_rsvps, pick_schedules, pick_series, pick_suggestions, picks

UNDO_TIME = timedelta(days=1)
"""For how long a removed pick can be planned again."""
SERIES_LIMIT = 100
"""Series that one server may have."""
JOBS = JobQueue(pick_jobs, JobKind)
Check = Callable[[Programme], None]
"""Raises if a change must not be made to that programme."""


class PickRepository:
    """Reads and writes picks and series."""

    def __init__(self, database: Database, server_settings: ServerSettingsRepository) -> None:
        self._database = database
        self._server_settings = server_settings

    async def get_settings(self, server_id: int) -> PickSettings:
        """Return the settings of the server's marquee."""
        async with self._database.read() as connection:
            return await read_settings(connection, server_id)

    async def change_settings(
        self, server_id: int, changes: SettingChanges, now: datetime, *, actor_id: int | None
    ) -> PickSettings:
        """Store these fields of the server's settings and, with a new rule, the next rotation after `now`.

        Log what is different then, and return the marquee's settings.
        """
        next_rotation_at: datetime | None = None

        async def follow_up(connection: AsyncConnection, before: ServerSettings, after: ServerSettings) -> None:
            nonlocal next_rotation_at
            await log_setting_changes(connection, server_id, actor_id, before, after, now)
            if not changes.keys().isdisjoint(ROTATION_SETTINGS):
                next_rotation_at = PickSettings.from_server_settings(after, None).rotation.next_after(now)
                await write_next_rotation(connection, server_id, next_rotation_at)
            else:
                next_rotation_at = await _read_next_rotation(connection, server_id)

        settings = await self._server_settings.change(
            server_id, lambda before: before.with_changes(changes), follow_up
        )
        return PickSettings.from_server_settings(settings, next_rotation_at)

    async def get_programme(self, server_id: int) -> Programme:
        """Return the server's current and planned picks."""
        async with self._database.read() as connection:
            return await read_programme(connection, server_id)

    async def get_snapshot(self, server_id: int) -> ProgrammeSnapshot:
        """Return the server's programme and its series."""
        async with self._database.read() as connection:
            return ProgrammeSnapshot(
                await read_programme(connection, server_id), await _read_series(connection, server_id)
            )

    async def list_current_film_ids(self, server_id: int, limit: int) -> list[str]:
        """Return the films of the server's current picks, at most `limit`, in the order of the picks' ids."""
        rows = await self._database.fetch_all(
            select(picks.c.film_id)
            .where(picks.c.server_id == server_id, picks.c.state == PickState.CURRENT.value)
            .order_by(picks.c.id)
            .limit(limit)
        )
        return [row.film_id for row in rows]

    async def list_active_servers(self) -> list[int]:
        """Return the ids of the servers that have a current or planned pick, or an open series."""
        is_active = picks.c.state.in_((PickState.PLANNED.value, PickState.CURRENT.value))
        statement = union(
            select(picks.c.server_id).where(is_active),
            select(pick_series.c.server_id).where(~pick_series.c.is_closed),
        )
        return sorted(row.server_id for row in await self._database.fetch_all(statement))

    async def find_pick(self, server_id: int, pick_id: int) -> Pick | None:
        """Return the server's pick of that id, a past one too, or None."""
        async with self._database.read() as connection:
            return await read_pick(connection, server_id, pick_id)

    async def add(self, server_id: int, new: NewPick, check: Check) -> Pick:
        """Store a pick at the end of the queue and return it.

        Raises FilmGoneError, QueueFullError, and what `check` raises.
        """
        curators = [new.curator_id] if new.curator_id is not None else []
        async with self._database.write(member_ids=curators, server_ids=[server_id]) as connection:
            check(await read_programme(connection, server_id))
            pick_id = await insert_pick_within_limit(connection, server_id, new)
            pick = await read_pick(connection, server_id, pick_id)
        if pick is None:
            raise FilmGoneError
        return pick

    async def update(self, pick: Pick, check: Check, now: datetime, *, actor_id: int | None) -> None:
        """Store the note, start, duration and series of a planned or current pick, and log it.

        Raises PickGoneError, and what `check` raises.
        """
        async with self._database.write(
            member_ids=_list_curators(pick), server_ids=[pick.server_id]
        ) as connection:
            programme = await read_programme(connection, pick.server_id)
            check(programme)
            values = {
                "note": pick.note, "duration_days": pick.duration_days, "starts_at": pick.starts_at,
                "series_id": pick.series.id if pick.series is not None else None,
            }  # fmt: skip
            current = programme.current
            if current is not None and current.id == pick.id:
                if pick.duration_days != current.duration_days:
                    ends_at = None
                    if pick.duration_days is not None and pick.started_at is not None:
                        # Its days count from its start, but it can't end in the past.
                        zone = programme.settings.rotation.time_zone
                        ends_at = max(now, add_days(pick.started_at, pick.duration_days, zone))
                    values["ends_at"] = ends_at
                await enqueue_job(connection, pick.server_id, JobKind.REFRESH, pick.id, now)
            elif pick.id not in {each.id for each in programme.planned}:
                raise PickGoneError
            await connection.execute(update(picks).where(picks.c.id == pick.id).values(**values))
            await _log(connection, Action.CHANGE_PICK, actor_id, pick, now)

    async def move_in_queue(self, pick: Pick, position: int, now: datetime, *, actor_id: int | None) -> None:
        """Put a planned pick into the queue at that position, from 1, and log it. Raises PickGoneError."""
        server_id, pick_id = pick.server_id, pick.id
        async with self._database.write(member_ids=_list_curators(pick), server_ids=[server_id]) as connection:
            programme = await read_programme(connection, server_id)
            if pick_id not in {pick.id for pick in programme.planned}:
                raise PickGoneError
            order = [pick.id for pick in programme.queue if pick.id != pick_id]
            order.insert(position - 1, pick_id)
            for number, each in enumerate(order, start=1):
                await connection.execute(update(picks).where(picks.c.id == each).values(position=number))
            await connection.execute(update(picks).where(picks.c.id == pick_id).values(starts_at=None))
            await _log(connection, Action.CHANGE_PICK, actor_id, pick, now)

    async def remove(self, pick: Pick, now: datetime, *, actor_id: int | None) -> None:
        """Remove a planned pick, which `restore` plans again, or end the current one, and log it.

        Raises PickGoneError.
        """
        server_id, pick_id, curators = pick.server_id, pick.id, _list_curators(pick)
        async with self._database.write(member_ids=curators, server_ids=[server_id]) as connection:
            stored = await read_pick(connection, server_id, pick_id)
            if stored is None or stored.state not in (PickState.PLANNED, PickState.CURRENT):
                raise PickGoneError
            pick = stored
            action = Action.END_PICK if pick.state is PickState.CURRENT else Action.REMOVE_PICK
            await _log(connection, action, actor_id, pick, now)
            # What nobody wanted back in time is of no use any longer.
            await connection.execute(
                delete(picks).where(picks.c.server_id == server_id, picks.c.removed_at < now - UNDO_TIME)
            )
            if pick.state is PickState.PLANNED:
                statement = update(picks).where(picks.c.id == pick_id)
                await connection.execute(statement.values(state=PickState.MISSED.value, removed_at=now))
            else:
                await end_pick(connection, pick, await read_settings(connection, server_id), now)

    async def restore(self, pick: Pick, check: Check, now: datetime, *, actor_id: int | None) -> None:
        """Plan a removed pick again, at its place in the queue or when it starts, and log it.

        Raises PickGoneError where it was removed longer ago than UNDO_TIME, or not at all, QueueFullError, and
        what `check` raises.
        """
        statement = (
            update(picks)
            .where(picks.c.id == pick.id, picks.c.removed_at >= now - UNDO_TIME)
            .values(state=PickState.PLANNED.value, starts_at=pick.starts_at, removed_at=None)
        )
        async with self._database.write(
            member_ids=_list_curators(pick), server_ids=[pick.server_id]
        ) as connection:
            check(await read_programme(connection, pick.server_id))
            await _require_free_place(connection, pick.server_id)
            if not (await connection.execute(statement)).rowcount:
                raise PickGoneError
            await _log(connection, Action.RESTORE_PICK, actor_id, pick, now)

    async def start(self, server_id: int, pick_id: int, now: datetime, *, actor_id: int | None) -> Pick:
        """Make a planned pick the current one, end the one before, log it, and return it.

        Raises PickGoneError.
        """
        async with self._database.read() as connection:
            planned = await read_pick(connection, server_id, pick_id)
        curators = _list_curators(planned) if planned is not None else []
        async with self._database.write(member_ids=curators, server_ids=[server_id]) as connection:
            programme = await read_programme(connection, server_id)
            pick = next((pick for pick in programme.planned if pick.id == pick_id), None)
            if pick is None:
                raise PickGoneError
            if programme.current is not None:
                await end_pick(connection, programme.current, programme.settings, now)
            zone = programme.settings.rotation.time_zone
            ends_at = add_days(now, pick.duration_days, zone) if pick.duration_days else None
            pick = replace(pick, state=PickState.CURRENT, starts_at=None, started_at=now, ends_at=ends_at)
            await start_pick(connection, pick, now)
            await _log(connection, Action.START_PICK, actor_id, pick, now)
        return pick

    async def list_series(self, server_id: int) -> tuple[Series, ...]:
        """Return the server's series, newest first."""
        async with self._database.read() as connection:
            return await _read_series(connection, server_id)

    async def create_series(self, server_id: int, name: str) -> Series:
        """Store a series and return it. Raises SeriesError if the name is taken or there are too many."""
        count = select(func.count()).select_from(pick_series).where(pick_series.c.server_id == server_id)
        statement = insert(pick_series).values(server_id=server_id, name=name, is_closed=False)
        async with self._database.write(server_ids=[server_id]) as connection:
            if (await connection.execute(count)).scalar_one() >= SERIES_LIMIT:
                # Translators: {limit} is 100. Renaming frees no place, but gives an old series a new use
                sentence = _(
                    "This server already has {limit} series, which is the limit. Reuse one: give it a new name "
                    "with `/pick series rename`."
                )
                raise SeriesError(sentence.format(limit=SERIES_LIMIT))
            await _require_free_name(connection, server_id, Series(0, name))
            series_id = (await connection.execute(statement.returning(pick_series.c.id))).scalar_one()
        return Series(series_id, name)

    async def update_series(self, server_id: int, series: Series) -> None:
        """Store the series' name and whether it is closed.

        Raises SeriesError if it does not exist or the name is taken.
        """
        statement = (
            update(pick_series)
            .where(pick_series.c.server_id == server_id, pick_series.c.id == series.id)
            .values(name=series.name, is_closed=series.is_closed)
        )
        async with self._database.write(server_ids=[server_id]) as connection:
            await _require_free_name(connection, server_id, series)
            if not (await connection.execute(statement)).rowcount:
                raise SeriesError(_("That series is gone. Create one with `/pick series create`."))


def _list_curators(pick: Pick) -> list[int]:
    """Return whom to lock for an entry of the log about the pick: who planned it, unless nobody is known to."""
    return [pick.curator_id] if pick.curator_id is not None else []


async def _log(
    connection: AsyncConnection, action: Action, actor_id: int | None, pick: Pick, now: datetime
) -> None:
    """Add to the moderation log what was done to a pick; who planned it must be locked."""
    stored = await read_pick(connection, pick.server_id, pick.id)
    curator_id = stored.curator_id if stored is not None else None  # they may have had their data deleted
    about_id = curator_id if curator_id != actor_id else None
    await write_log(connection, pick.server_id, LogEntry(action, actor_id, about_id, now, film_id=pick.film_id))


async def _require_free_name(connection: AsyncConnection, server_id: int, series: Series) -> None:
    """Raise SeriesError if another series has a name that is typed in the same way."""
    others = select(pick_series.c.name).where(pick_series.c.server_id == server_id, pick_series.c.id != series.id)
    for name in (await connection.execute(others)).scalars():
        if fold(series.name) == fold(name):
            sentence = _("There's already a series called “{name}”. Choose another name.")
            raise SeriesError(sentence.format(name=escape_line(name)))


async def _read_series(connection: AsyncConnection, server_id: int) -> tuple[Series, ...]:
    statement = select(pick_series).where(pick_series.c.server_id == server_id).order_by(pick_series.c.id.desc())
    return tuple(Series(row.id, row.name, row.is_closed) for row in await connection.execute(statement))


async def _read_next_rotation(connection: AsyncConnection, server_id: int) -> datetime | None:
    statement = select(pick_schedules.c.next_rotation_at).where(pick_schedules.c.server_id == server_id)
    return (await connection.execute(statement)).scalar_one_or_none()


# Shared with the other repositories of picks, inside their transactions.


async def read_settings(connection: AsyncConnection, server_id: int) -> PickSettings:
    """Return the settings of the server's marquee, with the defaults where nothing is set."""
    settings = await read_server_settings(connection, server_id)
    return PickSettings.from_server_settings(settings, await _read_next_rotation(connection, server_id))


async def write_next_rotation(connection: AsyncConnection, server_id: int, at: datetime | None) -> None:
    """Store when the server's marquee rotates next; None for one that does not rotate."""
    if at is None:
        await connection.execute(delete(pick_schedules).where(pick_schedules.c.server_id == server_id))
        return
    statement = upsert(connection.dialect.name, pick_schedules, ("server_id",), ("next_rotation_at",))
    await connection.execute(statement, [{"server_id": server_id, "next_rotation_at": at}])


def select_picks() -> Select[Any]:
    """Return the SELECT of picks with their films' titles and years and their series."""
    return (
        select(
            picks, films.c.title, films.c.year, pick_series.c.name.label("series"), pick_series.c.is_closed
        )
        .join(films, films.c.id == picks.c.film_id)
        .join(pick_series, pick_series.c.id == picks.c.series_id, isouter=True)
    )  # fmt: skip


def pick_from_row(row: AnyRow) -> Pick:
    """Return the pick in a row of `select_picks`."""
    announcement = None
    if row.message_id is not None:
        announcement = Announcement(row.channel_id, row.message_id, row.thread_id)
    return Pick(
        id=row.id,
        server_id=row.server_id,
        film_id=row.film_id,
        title=row.title,
        year=row.year,
        note=row.note,
        state=PickState(row.state),
        position=row.position,
        starts_at=row.starts_at,
        duration_days=row.duration_days,
        series=Series(row.series_id, row.series, row.is_closed) if row.series_id is not None else None,
        curator_id=row.curator_id,
        started_at=row.started_at,
        ends_at=row.ends_at,
        ended_at=row.ended_at,
        announcement=announcement,
    )


async def read_programme(connection: AsyncConnection, server_id: int) -> Programme:
    """Return the server's current and planned picks."""
    states = (PickState.PLANNED.value, PickState.CURRENT.value)
    statement = (
        select_picks()
        .where(picks.c.server_id == server_id, picks.c.state.in_(states))
        .order_by(picks.c.position, picks.c.id)
    )
    current_and_planned = [pick_from_row(row) for row in (await connection.execute(statement)).all()]
    planned = [pick for pick in current_and_planned if pick.state is PickState.PLANNED]
    return Programme(
        settings=await read_settings(connection, server_id),
        current=next((pick for pick in current_and_planned if pick.state is PickState.CURRENT), None),
        dated=tuple(
            sorted((pick for pick in planned if pick.starts_at), key=lambda pick: (pick.starts_at, pick.id))
        ),
        queue=tuple(pick for pick in planned if pick.starts_at is None),
    )


async def read_pick(connection: AsyncConnection, server_id: int, pick_id: int) -> Pick | None:
    """Return the server's pick of that id, or None."""
    statement = select_picks().where(picks.c.id == pick_id, picks.c.server_id == server_id)
    row = (await connection.execute(statement)).one_or_none()
    return pick_from_row(row) if row is not None else None


async def insert_pick_within_limit(connection: AsyncConnection, server_id: int, new: NewPick) -> int:
    """Store a pick at the end of the queue and return its id. Raises FilmGoneError, QueueFullError."""
    await _require_free_place(connection, server_id)
    return await insert_pick(connection, server_id, new)


async def _require_free_place(connection: AsyncConnection, server_id: int) -> None:
    """Raise QueueFullError if the server plans as many picks as it may."""
    planned = select(func.count()).where(
        picks.c.server_id == server_id, picks.c.state == PickState.PLANNED.value
    )  # fmt: skip
    if (await connection.execute(planned)).scalar_one() >= PLANNED_LIMIT:
        raise QueueFullError


async def insert_pick(connection: AsyncConnection, server_id: int, new: NewPick) -> int:
    """Store a pick at the end of the queue however long that is, and return its id. Raises FilmGoneError."""
    last = select(func.coalesce(func.max(picks.c.position), 0)).where(
        picks.c.server_id == server_id, picks.c.state == PickState.PLANNED.value
    )
    position = (await connection.execute(last)).scalar_one() + 1
    if (await connection.execute(select(films.c.id).where(films.c.id == new.film_id))).one_or_none() is None:
        raise FilmGoneError
    values = {
        "server_id": server_id, "film_id": new.film_id, "series_id": new.series_id, "note": new.note,
        "state": PickState.PLANNED.value, "position": position, "starts_at": new.starts_at,
        "duration_days": new.duration_days, "curator_id": new.curator_id,
    }  # fmt: skip
    result = await connection.execute(insert(picks).values(**values).returning(picks.c.id))
    pick_id: int = result.scalar_one()
    return pick_id


async def update_state(connection: AsyncConnection, pick: Pick) -> None:
    """Store the pick's state and its times."""
    values = {
        "state": pick.state.value, "starts_at": pick.starts_at, "started_at": pick.started_at,
        "ends_at": pick.ends_at, "ended_at": pick.ended_at,
    }  # fmt: skip
    await connection.execute(update(picks).where(picks.c.id == pick.id).values(**values))


async def start_pick(connection: AsyncConnection, pick: Pick, now: datetime) -> None:
    """Store a pick that has started, and enqueue its announcement."""
    await update_state(connection, pick)
    await enqueue_job(connection, pick.server_id, JobKind.ANNOUNCE, pick.id, now)


async def end_pick(connection: AsyncConnection, pick: Pick, settings: PickSettings, at: datetime) -> None:
    """Store that a pick has ended, and enqueue that its announcement is closed and its retrospective posted."""
    await update_state(connection, replace(pick, state=PickState.PAST, ended_at=at))
    await enqueue_job(connection, pick.server_id, JobKind.CLOSE, pick.id, at)
    if settings.has_retrospective:
        await enqueue_job(connection, pick.server_id, JobKind.RETROSPECT, pick.id, at)


async def enqueue_job(
    connection: AsyncConnection, server_id: int, kind: JobKind, subject_id: int, due_at: datetime
) -> None:
    """Store a job, unless it was stored before: each is done once, except a refresh, which may come again.

    A pending refresh is not delayed by a later one.
    """
    is_repeatable = kind is JobKind.REFRESH
    await JOBS.enqueue(connection, server_id, kind, subject_id, due_at, is_repeatable=is_repeatable)


def _select_planned_picks(member_id: int) -> Select[Any]:
    return select(picks).where(picks.c.curator_id == member_id).order_by(picks.c.id)


def _select_servers(member_id: int) -> CompoundSelect[Any]:
    """Return the statement that selects the servers with picks that the member planned or is in for."""
    rsvped = select(picks.c.server_id).join(pick_rsvps, pick_rsvps.c.pick_id == picks.c.id)
    return union(
        select(picks.c.server_id).where(picks.c.curator_id == member_id),
        rsvped.where(pick_rsvps.c.member_id == member_id),
    )


def _select_announced_servers(member_id: int) -> Select[Any]:
    """Return the statement that selects the servers whose current pick's card names the member."""
    return (
        select(picks.c.server_id)
        .join(pick_rsvps, pick_rsvps.c.pick_id == picks.c.id)
        .where(pick_rsvps.c.member_id == member_id, picks.c.state == PickState.CURRENT.value)
    )


async def _remove_curator(connection: AsyncConnection, member_id: int) -> None:
    """Remove the member's name from picks that they planned; the picks stay."""
    await connection.execute(update(picks).where(picks.c.curator_id == member_id).values(curator_id=None))


PERSONAL_DATA = PersonalData(
    exported_rows=(
        export_table(pick_rsvps, 170),
        export_table(pick_suggestions, 180),
        ExportedRows(picks.name, 200, _select_planned_picks),
    ),
    deleted_tables=(pick_rsvps, pick_suggestions),
    prepare_deletion=_remove_curator,
    select_further_servers=_select_servers,
    select_announced_servers=_select_announced_servers,
)
