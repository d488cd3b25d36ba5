"""What the repositories of nights share inside their transactions: rows and models, jobs, carried-over films."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.executors import AnyRow
from bot.core.database.job_queue import JobQueue
from bot.films.local_titles import FilmTitle
from bot.films.models import FilmGoneError
from bot.films.tables import films
from bot.members.tables import server_members
from bot.nights.ballots import BallotMethod
from bot.nights.models import (
    OPEN_STATES,
    REPEATABLE_JOBS,
    Answer,
    Choosing,
    Night,
    NightGoneError,
    NightJobKind,
    NightJobName,
    NightSnapshot,
    NightState,
    Nomination,
    Repeat,
    Rsvp,
    name_job,
)
from bot.nights.tables import (
    night_day_votes,
    night_jobs,
    night_nominations,
    night_rsvps,
    night_supporters,
    nights,
)
from bot.nights.timeline import list_reminder_times
from bot.recommendations.filters import RecommendationFilters

JOBS = JobQueue(night_jobs, NightJobName)
IS_OPEN = nights.c.state.in_([state.value for state in OPEN_STATES])
_STORED_FILTERS = ("genre", "country", "decade", "max_minutes")


def new_seed() -> str:
    """Return a seed that nobody can guess."""
    return secrets.token_hex(32)


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
        poll_times=tuple(datetime.fromtimestamp(seconds, UTC) for seconds in row.poll_times or ()),
        poll_closes_at=row.poll_closes_at,
        turn_member_id=row.turn_member_id,
        list_id=row.list_id,
        clock_minutes=row.clock_minutes,
        reminders=tuple(row.reminders),
        repeat=Repeat(row.repeat),
        has_carry_over=row.has_carry_over,
        is_weighted=row.is_weighted,
        film_id=row.film_id,
        runtime=row.runtime,
        message_id=row.message_id,
        thread_id=row.thread_id,
        ballot_message_id=row.ballot_message_id,
        event_id=row.event_id,
        event_film_id=row.event_film_id,
        old_channel_id=row.old_channel_id,
        old_message_id=row.old_message_id,
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
        "poll_times": [int(each.timestamp()) for each in night.poll_times] or None,
        "poll_closes_at": night.poll_closes_at,
        "turn_member_id": night.turn_member_id,
        "list_id": night.list_id,
        "clock_minutes": night.clock_minutes,
        "reminders": list(night.reminders),
        "repeat": night.repeat.value,
        "has_carry_over": night.has_carry_over,
        "is_weighted": night.is_weighted,
        "film_id": night.film_id,
        "runtime": night.runtime,
        "message_id": night.message_id,
        "thread_id": night.thread_id,
        "ballot_message_id": night.ballot_message_id,
        "event_id": night.event_id,
        "event_film_id": night.event_film_id,
        "old_channel_id": night.old_channel_id,
        "old_message_id": night.old_message_id,
        "problem": night.problem,
        "version": night.version,
        "next_at": night.next_at,
    }


async def insert_night(connection: AsyncConnection, night: Night, now: datetime) -> Night:
    """Store a new night with its jobs and return it with its id."""
    statement = insert(nights).values(**_night_values(night)).returning(nights.c.id)
    night = replace(night, id=(await connection.execute(statement)).scalar_one())
    for kind in (NightJobKind.ANNOUNCE, NightJobKind.EVENT):  # the event links to the card
        await enqueue_job(connection, night, kind, now)
    await schedule_reminders(connection, night, now)
    return night


async def carry_over_to(connection: AsyncConnection, night: Night, now: datetime) -> None:
    """Nominate for a new night what lost at the last one that was to be carried over and did not repeat itself."""
    last = (
        select(nights)
        .where(
            nights.c.server_id == night.server_id,
            nights.c.has_carry_over,
            nights.c.repeat == Repeat.NEVER.value,
            nights.c.state.in_([NightState.ENDED.value, NightState.CANCELLED.value]),
        )
        .order_by(nights.c.starts_at.desc(), nights.c.id.desc())
        .limit(1)
    )
    row = (await connection.execute(last)).one_or_none()
    if row is None or night_from_row(row).filters != night.filters:
        return
    await carry_over(connection, night_from_row(row), night, now)
    # Films are carried over once: the next night carries over its own.
    await connection.execute(update(nights).where(nights.c.id == row.id).values(has_carry_over=False))


async def carry_over(connection: AsyncConnection, night: Night, following: Night, now: datetime) -> None:
    """Nominate the films that lost at `night` for the following one, in their members' names."""
    nominations = await read_nominations(connection, night.id)
    watched = await find_watched_since(connection, night.server_id, nominations)
    for each in nominations:
        if each.is_struck or each.film_id == night.film_id or each.film_id in watched:
            continue
        row = {
            "night_id": following.id, "film_id": each.film_id, "member_id": each.member_id,
            "reason": each.reason, "strike_reason": None, "is_carried_over": True, "created_at": now,
        }  # fmt: skip
        await connection.execute(insert(night_nominations).values(**row))


async def find_watched_since(
    connection: AsyncConnection, server_id: int, nominations: Sequence[Nomination]
) -> set[str]:
    """Return the nominated films that a night of the server has watched since they were nominated."""
    statement = select(nights.c.film_id, nights.c.starts_at).where(
        nights.c.server_id == server_id,
        nights.c.state == NightState.ENDED.value,
        nights.c.film_id.in_([each.film_id for each in nominations]),
    )
    nominated_at = {each.film_id: each.created_at for each in nominations}
    rows = await connection.execute(statement)
    return {row.film_id for row in rows if (at := nominated_at[row.film_id]) is not None and row.starts_at >= at}


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
    film = None
    if night.film_id is not None:
        of_night = select(films.c.id, films.c.title, films.c.year).where(films.c.id == night.film_id)
        found = (await connection.execute(of_night)).one_or_none()
        film = FilmTitle(*found) if found is not None else None
    day_voters = 0
    if night.state is NightState.POLLING:
        count = select(func.count()).select_from(night_day_votes).where(night_day_votes.c.night_id == night_id)
        day_voters = (await connection.execute(count)).scalar_one()
    return NightSnapshot(
        night=night,
        rsvps=tuple(_rsvp_from_row(row) for row in rows),
        nominations=await read_nominations(connection, night_id),
        day_voters=day_voters,
        film=film,
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
            created_at=row.created_at,
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
        has_passed=row.has_passed,
    )


async def read_rsvp(connection: AsyncConnection, night_id: int, member_id: int) -> Rsvp | None:
    """Return the member's answer, or None."""
    statement = select(night_rsvps).where(night_rsvps.c.night_id == night_id, night_rsvps.c.member_id == member_id)
    row = (await connection.execute(statement)).one_or_none()
    return _rsvp_from_row(row) if row is not None else None


async def read_last_choice(connection: AsyncConnection, member_id: int) -> bool:
    """Return whether the member was to be reminded by direct message when they answered last."""
    statement = (
        select(night_rsvps.c.is_direct)
        .where(night_rsvps.c.member_id == member_id)
        .order_by(night_rsvps.c.answered_at.desc())
        .limit(1)
    )
    return bool((await connection.execute(statement)).scalar_one_or_none())


async def store_rsvp(
    connection: AsyncConnection, night_id: int, rsvp: Rsvp, now: datetime, *, is_new: bool
) -> None:
    """Store the member's answer; `is_new` says that there was none."""
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


async def join_by_votes(
    connection: AsyncConnection, night: Night, now: datetime, *, counts_departed: bool = False
) -> None:
    """Store that those come who can make the day that the night got, and did not answer otherwise."""
    votes = await read_day_votes(connection, night.id, counts_departed=counts_departed, server_id=night.server_id)
    for member_id in sorted(votes):
        if night.starts_at in votes[member_id] and await read_rsvp(connection, night.id, member_id) is None:
            rsvp = Rsvp(member_id, Answer.YES, await read_last_choice(connection, member_id))
            await store_rsvp(connection, night.id, rsvp, now, is_new=True)


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


async def schedule_reminders(connection: AsyncConnection, night: Night, now: datetime) -> None:
    """Move the night's reminders to where they belong now."""
    times = list_reminder_times(night)
    await JOBS.drop_pending(connection, night.id, prefix=f"{NightJobKind.REMIND.value}:", keep=times)
    for name, due_at in times.items():
        await JOBS.schedule(connection, night.server_id, name, night.id, due_at, now)


async def pass_turn(connection: AsyncConnection, night: Night, now: datetime) -> Night:
    """Give the turn to choose the night's film to the next member, and return the night with what follows.

    It is the turn of whoever comes, has not passed, and chose a film longest ago; those who never did come first.
    Where nobody is left the host chooses.
    """
    last_turn = (
        select(nights.c.turn_member_id, func.max(nights.c.starts_at).label("at"))
        .where(nights.c.server_id == night.server_id, nights.c.film_id.is_not(None), nights.c.id != night.id)
        .where(nights.c.state != NightState.CANCELLED.value)
        .group_by(nights.c.turn_member_id)
        .subquery()
    )
    departed = select(server_members.c.member_id).where(
        server_members.c.server_id == night.server_id, server_members.c.departed_at.is_not(None)
    )
    statement = (
        select(night_rsvps.c.member_id)
        .join(last_turn, last_turn.c.turn_member_id == night_rsvps.c.member_id, isouter=True)
        .where(
            night_rsvps.c.night_id == night.id,
            night_rsvps.c.answer == Answer.YES.value,
            night_rsvps.c.has_passed.is_(False),
            night_rsvps.c.member_id.not_in(departed),
        )
        .order_by(last_turn.c.at.is_not(None), last_turn.c.at, night_rsvps.c.answered_at, night_rsvps.c.member_id)
        .limit(1)
    )
    member_id = (await connection.execute(statement)).scalar_one_or_none()
    if member_id is None:
        await enqueue_job(connection, night, NightJobKind.RESULT, now)
        return replace(night, state=NightState.READY, turn_member_id=None)
    await enqueue_job(connection, night, NightJobKind.TURN, now, member_id)
    return replace(night, state=NightState.CHOOSING, turn_member_id=member_id)


async def replace_turn(connection: AsyncConnection, night: Night, now: datetime) -> None:
    """Give the turn to the next member, and store it: whoever's turn it was passes, does not come, or left."""
    night = await pass_turn(connection, night, now)
    await store_night(connection, replace(night, version=night.version + 1))
    await enqueue_updates(connection, night, now)


async def read_day_votes(
    connection: AsyncConnection, night_id: int, *, counts_departed: bool, server_id: int
) -> dict[int, frozenset[datetime]]:
    """Return the days and times that each member can make."""
    statement = select(night_day_votes).where(night_day_votes.c.night_id == night_id)
    if not counts_departed:
        departed = select(server_members.c.member_id).where(
            server_members.c.server_id == server_id, server_members.c.departed_at.is_not(None)
        )
        statement = statement.where(night_day_votes.c.member_id.not_in(departed))
    rows = await connection.execute(statement)
    return {
        row.member_id: frozenset(datetime.fromtimestamp(seconds, UTC) for seconds in row.times) for row in rows
    }
