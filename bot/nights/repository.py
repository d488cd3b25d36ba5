"""Film nights in the database. Each change is one transaction under the locks of its members and the server.

What changes a night stores the jobs that follow from it in the same transaction. The functions at the end, which
work on an open connection, are shared with the other repositories of nights.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, Select, delete, func, insert, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database
from bot.core.database.job_queue import JobQueue
from bot.core.database.read_executor import AnyRow
from bot.core.text.formatting import with_year
from bot.films.models import FilmGoneError
from bot.films.tables import films
from bot.members.personal_data import ExportedRows, PersonalData, export_table
from bot.members.repository import MembershipRepository
from bot.nights.ballots import BallotMethod
from bot.nights.models import (
    OPEN_NIGHTS_LIMIT,
    OPEN_STATES,
    REPEATABLE_JOBS,
    Answer,
    Choosing,
    Night,
    NightChange,
    NightGoneError,
    NightJobKind,
    NightJobName,
    NightNotBegunError,
    NightSnapshot,
    NightState,
    Nomination,
    Repeat,
    Rsvp,
    TooManyNightsError,
    name_job,
)
from bot.nights.tables import (
    night_ballots,
    night_fairness_debts,
    night_jobs,
    night_nominations,
    night_rsvps,
    night_supporters,
    nights,
)
from bot.nights.timeline import list_reminder_times
from bot.picks.rotation import to_local
from bot.recommendations.filters import RecommendationFilters
from bot.reviews.diary_repository import add_viewing

JOBS = JobQueue(night_jobs, NightJobName)
IS_OPEN = nights.c.state.in_([state.value for state in OPEN_STATES])
_STORED_FILTERS = ("genre", "country", "decade", "max_minutes")


class NightRepository:
    """Reads and writes nights, and who comes to them."""

    def __init__(self, database: Database, membership: MembershipRepository) -> None:
        self._database = database
        self._membership = membership

    async def add(self, night: Night, now: datetime) -> Night:
        """Store a new night with its jobs and return it with its id.

        Raises TooManyNightsError, FilmGoneError.
        """
        hosts = [night.host_id] if night.host_id is not None else []
        count = select(func.count()).select_from(nights).where(nights.c.server_id == night.server_id, IS_OPEN)
        async with self._database.write(member_ids=hosts, server_ids=[night.server_id]) as connection:
            if (await connection.execute(count)).scalar_one() >= OPEN_NIGHTS_LIMIT:
                raise TooManyNightsError
            for member_id in hosts:
                await self._membership.record_activity(connection, night.server_id, member_id, now)
            if night.film_id is not None:
                night = replace(night, runtime=await read_runtime(connection, night.film_id))
            return await insert_night(connection, night, now)

    async def find(self, server_id: int, night_id: int) -> Night | None:
        """Return the server's night of that id, or None."""
        async with self._database.read() as connection:
            return await read_night(connection, server_id, night_id)

    async def get_snapshot(self, server_id: int, night_id: int) -> NightSnapshot:
        """Return the night with what belongs to it. Raises NightGoneError."""
        async with self._database.read() as connection:
            return await read_snapshot(connection, server_id, night_id)

    async def list_open(self, server_id: int) -> list[Night]:
        """Return the server's nights to come or running, the next first."""
        states = (*OPEN_STATES, NightState.RUNNING)
        statement = (
            select(nights)
            .where(nights.c.server_id == server_id, nights.c.state.in_([state.value for state in states]))
            .order_by(nights.c.starts_at, nights.c.id)
        )
        return [night_from_row(row) for row in await self._database.fetch_all(statement)]

    async def list_active_servers(self) -> list[int]:
        """Return the ids of the servers that have a night to come."""
        statement = select(nights.c.server_id).where(IS_OPEN).distinct()
        return sorted(row.server_id for row in await self._database.fetch_all(statement))

    async def change(self, server_id: int, night_id: int, change: NightChange, now: datetime) -> Night:
        """Store what the change makes of the night, move its jobs with it, and return it.

        Raises NightGoneError, NightOverError, InvalidInputError, FilmGoneError.
        """
        async with self._database.write(server_ids=[server_id]) as connection:
            before = await require_night(connection, server_id, night_id)
            if change.film_id is not None:
                change = replace(change, runtime=await read_runtime(connection, change.film_id))
            night = change.apply(before, now)
            await store_night(connection, night)
            await schedule_jobs(connection, night, now)
            if night.channel_id != before.channel_id:
                await JOBS.enqueue(
                    connection, server_id, name_job(NightJobKind.ANNOUNCE), night_id, now, is_repeatable=True
                )
        return night

    async def cancel(self, server_id: int, night_id: int, now: datetime) -> Night:
        """Cancel a night to come; nothing further follows from it. Raises NightGoneError, NightOverError."""
        async with self._database.write(server_ids=[server_id]) as connection:
            night = await require_night(connection, server_id, night_id)
            if night.state is not NightState.RUNNING:
                night.require_open()
            night = replace(night, state=NightState.CANCELLED, version=night.version + 1)
            await store_night(connection, night)
            await JOBS.drop_pending(connection, night_id)
            await enqueue_updates(connection, night, now)
        return night

    async def set_card(self, night_id: int, channel_id: int, message_id: int | None) -> None:
        """Store where the night's card is, unless it has been moved to another channel since."""
        statement = update(nights).where(nights.c.id == night_id, nights.c.channel_id == channel_id)
        async with self._database.write(is_upkeep=True) as connection:
            await connection.execute(statement.values(message_id=message_id))

    async def set_place_of(self, night_id: int, **columns: int | str | None) -> None:
        """Store `event_id`, `thread_id` or `problem` of the night."""
        async with self._database.write(is_upkeep=True) as connection:
            await connection.execute(update(nights).where(nights.c.id == night_id).values(**columns))

    async def answer(self, server_id: int, night_id: int, member_id: int, answer: Answer, now: datetime) -> Rsvp:
        """Store whether the member comes and return it; they are reminded as they were for their last night.

        Raises NightGoneError, NightOverError.
        """
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            night = await require_night(connection, server_id, night_id)
            if night.state is not NightState.RUNNING:
                night.require_open()
            await self._membership.record_activity(connection, server_id, member_id, now)
            before = await _read_rsvp(connection, night_id, member_id)
            is_direct = await _read_last_choice(connection, member_id) if before is None else before.is_direct
            rsvp = Rsvp(member_id, answer, is_direct)
            await _store_rsvp(connection, night_id, rsvp, now, is_new=before is None)
            await enqueue_updates(connection, night, now, has_event=False)
        return rsvp

    async def set_attendance(
        self, server_id: int, night_id: int, member_id: int, now: datetime, zone: str, *, has_attended: bool
    ) -> Night:
        """Store whether the member was at the night, and return it; who was there has its film in their diary.

        Raises NightGoneError, NightNotBegunError.
        """
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            night = await require_night(connection, server_id, night_id)
            if night.state not in (NightState.RUNNING, NightState.ENDED):
                raise NightNotBegunError
            await self._membership.record_activity(connection, server_id, member_id, now)
            before = await _read_rsvp(connection, night_id, member_id)
            if before is None:
                answer = Answer.YES if has_attended else Answer.NO
                await _store_rsvp(connection, night_id, Rsvp(member_id, answer), now, is_new=True)
            is_own = (night_rsvps.c.night_id == night_id, night_rsvps.c.member_id == member_id)
            await connection.execute(update(night_rsvps).where(*is_own).values(has_attended=has_attended))
            if has_attended and night.film_id is not None:
                day = to_local(night.starts_at, zone).date()
                await add_viewing(connection, server_id, member_id, night.film_id, day, now)
        return night

    async def set_direct(self, server_id: int, night_id: int, member_id: int, *, is_direct: bool) -> None:
        """Store whether the member, who has answered, is reminded by direct message."""
        statement = (
            update(night_rsvps)
            .where(night_rsvps.c.night_id == night_id, night_rsvps.c.member_id == member_id)
            .values(is_direct=is_direct)
        )
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            await connection.execute(statement)

    async def find_rsvp(self, night_id: int, member_id: int) -> Rsvp | None:
        """Return the member's answer, or None."""
        async with self._database.read() as connection:
            return await _read_rsvp(connection, night_id, member_id)

    async def sync_event_users(
        self, server_id: int, night_id: int, member_ids: Iterable[int], now: datetime
    ) -> None:
        """Count those who are interested in Discord's event as coming, unless they answered here.

        Those who are no longer interested, and did not answer here, don't count any more.
        """
        interested = set(member_ids)
        async with self._database.write(member_ids=interested, server_ids=[server_id]) as connection:
            snapshot = await read_snapshot(connection, server_id, night_id)
            answered = {rsvp.member_id for rsvp in snapshot.rsvps}
            gone = [each.member_id for each in snapshot.rsvps if each.is_from_event]
            gone = [member_id for member_id in gone if member_id not in interested]
            for member_id in sorted(interested - answered):
                is_direct = await _read_last_choice(connection, member_id)
                rsvp = Rsvp(member_id, Answer.YES, is_direct, is_from_event=True)
                await _store_rsvp(connection, night_id, rsvp, now, is_new=True)
            is_gone = night_rsvps.c.member_id.in_(gone)
            await connection.execute(delete(night_rsvps).where(night_rsvps.c.night_id == night_id, is_gone))
            if gone or interested - answered:
                await enqueue_updates(connection, snapshot.night, now, has_event=False)

    async def enqueue_event(self, server_id: int, night_id: int, due_at: datetime) -> None:
        """Have Discord's event of the night brought up to date."""
        async with self._database.write(is_upkeep=True) as connection:
            name = name_job(NightJobKind.EVENT)
            await JOBS.enqueue(connection, server_id, name, night_id, due_at, is_repeatable=True)

    async def enqueue_refresh(self, server_id: int, night_id: int, due_at: datetime) -> None:
        """Have the night's card brought up to date."""
        async with self._database.write(is_upkeep=True) as connection:
            name = name_job(NightJobKind.REFRESH)
            await JOBS.enqueue(connection, server_id, name, night_id, due_at, is_repeatable=True)


# Shared with the other repositories of nights, inside their transactions.


def night_from_row(row: AnyRow) -> Night:
    """Return the night in a row of the table."""
    return Night(
        id=row.id,
        server_id=row.server_id,
        name=row.name,
        host_id=row.host_id,
        starts_at=row.starts_at,
        channel_id=row.channel_id,
        seed=row.seed,
        state=NightState(row.state),
        place=row.place,
        voice_channel_id=row.voice_channel_id,
        theme=row.theme,
        filters=RecommendationFilters(**row.filters),
        choosing=Choosing(row.choosing),
        method=BallotMethod(row.method),
        nominations_each=row.nominations_each,
        nominations_close_at=row.nominations_close_at,
        ballot_closes_at=row.ballot_closes_at,
        reminders=tuple(row.reminders),
        repeat=Repeat(row.repeat),
        has_carry_over=row.has_carry_over,
        is_weighted=row.is_weighted,
        film_id=row.film_id,
        runtime=row.runtime,
        message_id=row.message_id,
        thread_id=row.thread_id,
        event_id=row.event_id,
        problem=row.problem,
        version=row.version,
    )


def _night_values(night: Night) -> dict[str, Any]:
    """Return the columns of the night, without its id."""
    filters = {name: getattr(night.filters, name) for name in _STORED_FILTERS}
    return {
        "server_id": night.server_id,
        "name": night.name,
        "host_id": night.host_id,
        "starts_at": night.starts_at,
        "channel_id": night.channel_id,
        "seed": night.seed,
        "state": night.state.value,
        "place": night.place,
        "voice_channel_id": night.voice_channel_id,
        "theme": night.theme,
        "filters": {name: value for name, value in filters.items() if value is not None},
        "choosing": night.choosing.value,
        "method": night.method.value,
        "nominations_each": night.nominations_each,
        "nominations_close_at": night.nominations_close_at,
        "ballot_closes_at": night.ballot_closes_at,
        "reminders": list(night.reminders),
        "repeat": night.repeat.value,
        "has_carry_over": night.has_carry_over,
        "is_weighted": night.is_weighted,
        "film_id": night.film_id,
        "runtime": night.runtime,
        "message_id": night.message_id,
        "thread_id": night.thread_id,
        "event_id": night.event_id,
        "problem": night.problem,
        "version": night.version,
        "next_at": night.next_at,
    }


async def insert_night(connection: AsyncConnection, night: Night, now: datetime) -> Night:
    """Store a new night with its jobs and return it with its id."""
    statement = insert(nights).values(**_night_values(night)).returning(nights.c.id)
    night = replace(night, id=(await connection.execute(statement)).scalar_one())
    await JOBS.enqueue(connection, night.server_id, name_job(NightJobKind.ANNOUNCE), night.id, now)
    await schedule_jobs(connection, night, now)
    return night


async def store_night(connection: AsyncConnection, night: Night) -> None:
    """Store the night as it is now."""
    await connection.execute(update(nights).where(nights.c.id == night.id).values(**_night_values(night)))


async def read_night(connection: AsyncConnection, server_id: int, night_id: int) -> Night | None:
    """Return the server's night of that id, or None."""
    statement = select(nights).where(nights.c.id == night_id, nights.c.server_id == server_id)
    row = (await connection.execute(statement)).one_or_none()
    return night_from_row(row) if row is not None else None


async def require_night(connection: AsyncConnection, server_id: int, night_id: int) -> Night:
    """Return the server's night of that id. Raises NightGoneError."""
    night = await read_night(connection, server_id, night_id)
    if night is None:
        raise NightGoneError
    return night


async def read_snapshot(connection: AsyncConnection, server_id: int, night_id: int) -> NightSnapshot:
    """Return the night with what belongs to it. Raises NightGoneError."""
    night = await require_night(connection, server_id, night_id)
    rsvps = select(night_rsvps).where(night_rsvps.c.night_id == night_id)
    rows = await connection.execute(rsvps.order_by(night_rsvps.c.answered_at, night_rsvps.c.member_id))
    title = None
    if night.film_id is not None:
        film = select(films.c.title, films.c.year).where(films.c.id == night.film_id)
        found = (await connection.execute(film)).one_or_none()
        title = with_year(found.title, found.year) if found is not None else None
    return NightSnapshot(
        night=night,
        rsvps=tuple(_rsvp_from_row(row) for row in rows),
        nominations=await read_nominations(connection, night_id),
        film_title=title,
    )


async def read_nominations(connection: AsyncConnection, night_id: int) -> tuple[Nomination, ...]:
    """Return the night's nominations with their supporters, in the order in which they were made."""
    statement = (
        select(night_nominations, films.c.title, films.c.year, films.c.runtime)
        .join(films, films.c.id == night_nominations.c.film_id)
        .where(night_nominations.c.night_id == night_id)
        .order_by(night_nominations.c.id)
    )
    rows = (await connection.execute(statement)).all()
    supporters: dict[int, list[int]] = {row.id: [] for row in rows}
    supporting = (
        select(night_supporters)
        .where(night_supporters.c.nomination_id.in_(list(supporters)))
        .order_by(night_supporters.c.created_at, night_supporters.c.member_id)
    )
    for row in await connection.execute(supporting):
        supporters[row.nomination_id].append(row.member_id)
    return tuple(
        Nomination(
            id=row.id,
            night_id=night_id,
            film_id=row.film_id,
            title=row.title,
            year=row.year,
            member_id=row.member_id,
            reason=row.reason,
            supporters=tuple(supporters[row.id]),
            strike_reason=row.strike_reason,
            is_carried_over=row.is_carried_over,
            runtime=row.runtime,
        )
        for row in rows
    )


def _rsvp_from_row(row: AnyRow) -> Rsvp:
    return Rsvp(
        member_id=row.member_id,
        answer=Answer(row.answer),
        is_direct=row.is_direct,
        is_from_event=row.is_from_event,
        has_attended=row.has_attended,
        predicted_stars=row.predicted_stars,
    )


async def _read_rsvp(connection: AsyncConnection, night_id: int, member_id: int) -> Rsvp | None:
    statement = select(night_rsvps).where(night_rsvps.c.night_id == night_id, night_rsvps.c.member_id == member_id)
    row = (await connection.execute(statement)).one_or_none()
    return _rsvp_from_row(row) if row is not None else None


async def _read_last_choice(connection: AsyncConnection, member_id: int) -> bool:
    """Return whether the member was to be reminded by direct message when they answered last."""
    statement = (
        select(night_rsvps.c.is_direct)
        .where(night_rsvps.c.member_id == member_id)
        .order_by(night_rsvps.c.answered_at.desc())
        .limit(1)
    )
    return bool((await connection.execute(statement)).scalar_one_or_none())


async def _store_rsvp(
    connection: AsyncConnection, night_id: int, rsvp: Rsvp, now: datetime, *, is_new: bool
) -> None:
    values = {
        "answer": rsvp.answer.value, "is_direct": rsvp.is_direct, "is_from_event": rsvp.is_from_event,
        "answered_at": now,
    }  # fmt: skip
    if is_new:
        row = {"night_id": night_id, "member_id": rsvp.member_id, **values}
        await connection.execute(insert(night_rsvps).values(**row))
        return
    is_own = (night_rsvps.c.night_id == night_id, night_rsvps.c.member_id == rsvp.member_id)
    await connection.execute(update(night_rsvps).where(*is_own).values(**values))


async def read_runtime(connection: AsyncConnection, film_id: str) -> int | None:
    """Return the film's runtime in minutes, None where it is not known. Raises FilmGoneError."""
    row = (await connection.execute(select(films.c.runtime).where(films.c.id == film_id))).one_or_none()
    if row is None:
        raise FilmGoneError
    runtime: int | None = row.runtime
    return runtime


async def enqueue_job(
    connection: AsyncConnection, night: Night, kind: NightJobKind, due_at: datetime, *parameters: int
) -> None:
    """Store a job about the night, unless it was stored before and is not done again and again."""
    is_repeatable = kind in REPEATABLE_JOBS
    name = name_job(kind, *parameters)
    await JOBS.enqueue(connection, night.server_id, name, night.id, due_at, is_repeatable=is_repeatable)


async def enqueue_updates(
    connection: AsyncConnection, night: Night, now: datetime, *, has_event: bool = True
) -> None:
    """Have the night's card, and with `has_event` Discord's event, brought up to date."""
    await enqueue_job(connection, night, NightJobKind.REFRESH, now)
    if has_event:
        await enqueue_job(connection, night, NightJobKind.EVENT, now)


async def schedule_jobs(connection: AsyncConnection, night: Night, now: datetime) -> None:
    """Move the night's reminders to where they belong now, and have its card and event brought up to date."""
    times = list_reminder_times(night)
    await JOBS.drop_pending(connection, night.id, prefix=f"{NightJobKind.REMIND.value}:", keep=times)
    for name, due_at in times.items():
        await JOBS.schedule(connection, night.server_id, name, night.id, due_at, now)
    await enqueue_updates(connection, night, now)


def _select_hosted(member_id: int) -> Select[Any]:
    columns = (nights.c.id, nights.c.server_id, nights.c.name, nights.c.starts_at, nights.c.film_id)
    return select(*columns).where(nights.c.host_id == member_id).order_by(nights.c.id)


def _select_nominations(member_id: int) -> Select[Any]:
    return (
        select(night_nominations)
        .where(night_nominations.c.member_id == member_id)
        .order_by(night_nominations.c.id)
    )


def _select_servers(member_id: int) -> CompoundSelect[Any]:
    """Return the statement that selects the servers whose nights have something of the member's."""
    of_night: Sequence[Any] = (night_rsvps, night_ballots, night_nominations)
    selects = [
        select(nights.c.server_id)
        .join(table, table.c.night_id == nights.c.id)
        .where(table.c.member_id == member_id)
        for table in of_night
    ]
    supported = (
        select(nights.c.server_id)
        .join(night_nominations, night_nominations.c.night_id == nights.c.id)
        .join(night_supporters, night_supporters.c.nomination_id == night_nominations.c.id)
        .where(night_supporters.c.member_id == member_id)
    )
    return union(select(nights.c.server_id).where(nights.c.host_id == member_id), *selects, supported)


async def _prepare_deletion(connection: AsyncConnection, member_id: int) -> None:
    """Remove the member's name from nights that they host and films that they nominated, with their reasons.

    Reminders to them are dropped. Cards that name them are brought up to date by `member_name_changed`.
    """
    await connection.execute(update(nights).where(nights.c.host_id == member_id).values(host_id=None))
    nominated = update(night_nominations).where(night_nominations.c.member_id == member_id)
    await connection.execute(nominated.values(member_id=None, reason=""))
    is_reminder = night_jobs.c.kind.like(f"{NightJobKind.REMIND_DIRECTLY.value}:%:{member_id}")
    await connection.execute(delete(night_jobs).where(is_reminder))


def _select_announced_servers(member_id: int) -> Select[Any]:
    """Return the statement that selects the servers with the card of a night to come that may name the member."""
    servers = _select_servers(member_id).subquery()
    return (
        select(nights.c.server_id)
        .where(nights.c.server_id.in_(select(servers.c.server_id)), nights.c.message_id.is_not(None), IS_OPEN)
        .distinct()
    )


PERSONAL_DATA = PersonalData(
    exported_rows=(
        export_table(night_rsvps, 220),
        ExportedRows(night_nominations.name, 221, _select_nominations),
        export_table(night_supporters, 222),
        export_table(night_ballots, 223),
        export_table(night_fairness_debts, 224),
        ExportedRows(nights.name, 225, _select_hosted),
    ),
    deleted_tables=(night_rsvps, night_supporters, night_ballots, night_fairness_debts),
    prepare_deletion=_prepare_deletion,
    select_further_servers=_select_servers,
    select_announced_servers=_select_announced_servers,
)
