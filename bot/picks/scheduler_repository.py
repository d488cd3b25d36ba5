"""What is due for the marquees, the jobs in Discord, each claimed by one process, and how empty queues refill."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, insert, select, true, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, upsert
from bot.core.database.job_queue import NOW, due_time_params, select_earliest
from bot.core.jobs import LEASE
from bot.core.text.formatting import join_list
from bot.core.text.i18n import _
from bot.films.local_titles import known_title
from bot.films.tables import films
from bot.members.repository import is_present_member, read_server_settings
from bot.members.server_settings import or_default
from bot.members.tables import server_members
from bot.picks.models import (
    Announcement,
    JobKind,
    NewPick,
    Notice,
    NoticeKind,
    PickJob,
    PickSettings,
    PickState,
    Poll,
    Programme,
    RefillMode,
    SuggestionState,
)
from bot.picks.repository import (
    JOBS,
    end_pick,
    enqueue_job,
    insert_pick,
    read_pick,
    read_programme,
    start_pick,
    update_state,
    write_next_rotation,
)
from bot.picks.tables import pick_notices, pick_polls, pick_schedules, pick_suggestions, picks
from bot.picks.timeline import TimelineResult, advance
from bot.reviews.diary_repository import read_rater_count
from bot.reviews.repository import read_prior
from bot.reviews.tables import rating_totals
from bot.reviews.top import choose_minimum_raters
from bot.watchlists.tables import watchlist

SHORTEST_POLL, LONGEST_POLL = timedelta(hours=1), timedelta(hours=24)
POLL_FILMS = 3
_IS_DATED = and_(picks.c.state == PickState.PLANNED.value, picks.c.starts_at.is_not(None))
_IS_ENDING = and_(picks.c.state == PickState.CURRENT.value, picks.c.ends_at.is_not(None))
_DUE_SERVERS = (
    union(
        select(pick_schedules.c.server_id).where(pick_schedules.c.next_rotation_at <= NOW),
        select(picks.c.server_id).where(_IS_DATED, picks.c.starts_at <= NOW),
        select(picks.c.server_id).where(_IS_ENDING, picks.c.ends_at <= NOW),
        JOBS.due_servers,
    ),
)
_NEXT_TIMES = (
    select_earliest(pick_schedules.c.next_rotation_at, pick_schedules.c.next_rotation_at > NOW),
    select_earliest(picks.c.starts_at, _IS_DATED, picks.c.starts_at > NOW),
    select_earliest(picks.c.ends_at, _IS_ENDING, picks.c.ends_at > NOW),
    JOBS.next_due,
    JOBS.next_claim,
)
"""The next time of each kind; the last one is the time of a claim, which lapses after LEASE."""


class PickSchedulerRepository:
    """Reads what is due, moves marquees forward, and keeps jobs, notices and polls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_due_servers(self, now: datetime) -> list[int]:
        """Return the ids of the servers for which something is due."""
        params = due_time_params(now)
        (rows,) = await self._database.fetch_snapshot(_DUE_SERVERS, params)
        return sorted(row.server_id for row in rows)

    async def get_next_time(self, now: datetime) -> datetime | None:
        """Return when something becomes due next after `now`, or None."""
        params = due_time_params(now)
        *times, claimed_at = (rows[0].at for rows in await self._database.fetch_snapshot(_NEXT_TIMES, params))
        if claimed_at is not None:
            times.append(claimed_at + LEASE)
        return min((at for at in times if at is not None), default=None)

    async def advance(self, server_id: int, now: datetime) -> bool:
        """Move the server's marquee forward to `now` and return whether anything changed."""
        async with self._database.write(server_ids=[server_id], is_upkeep=True) as connection:
            # Read under the lock: if another process was first, nothing is left to do.
            programme = await read_programme(connection, server_id)
            result = advance(programme, now)
            if not result.transitions and result.next_rotation_at == programme.settings.next_rotation_at:
                return False
            await _store_transitions(connection, server_id, programme, result)
            empty_at = result.queue_empty_at
            if empty_at is not None and all(transition.at < empty_at for transition in result.transitions):
                settings = replace(programme.settings, next_rotation_at=result.next_rotation_at)
                await _refill(connection, server_id, settings, empty_at=empty_at, now=now)
        return True

    async def request_refresh(self, server_id: int, film_id: str | None, due_at: datetime) -> bool:
        """Enqueue a refresh of the current pick's announcement and return whether there is one.

        With `film_id` only if the current pick is that film.
        """
        is_announced = and_(
            picks.c.server_id == server_id,
            picks.c.state == PickState.CURRENT.value,
            picks.c.message_id.is_not(None),
            picks.c.film_id == film_id if film_id is not None else true(),
        )
        # Looked up without a write first: most ratings are of other films.
        rows = await self._database.fetch_all(select(picks.c.id).where(is_announced))
        if not rows:
            return False
        async with self._database.write() as connection:
            await enqueue_job(connection, server_id, JobKind.REFRESH, rows[0].id, due_at)
        return True

    async def claim_job(self, server_id: int, now: datetime, token: str) -> PickJob | None:
        """Claim the server's next job that is due and return it, or None."""
        async with self._database.write(server_ids=[server_id]) as connection:
            return await JOBS.claim(connection, server_id, now, token)

    async def settle_job(self, job: PickJob) -> bool:
        """Store that the claimed job is done and return whether the claim still held."""
        async with self._database.write() as connection:
            return await JOBS.settle(connection, job)

    async def postpone_job(self, job: PickJob, due_at: datetime) -> None:
        """Release the claim until `due_at`. A job that may have been done stays one to be reclaimed."""
        async with self._database.write() as connection:
            await JOBS.postpone(connection, job, due_at)

    async def set_announcement(self, pick_id: int, announcement: Announcement) -> None:
        """Store where the pick was announced."""
        values = {
            "channel_id": announcement.channel_id,
            "message_id": announcement.message_id,
            "thread_id": announcement.thread_id,
        }
        async with self._database.write() as connection:
            await connection.execute(update(picks).where(picks.c.id == pick_id).values(**values))

    async def add_notice(self, server_id: int, notice: Notice, now: datetime) -> bool:
        """Store a notice for the moderators, unless there is one of its kind, and return whether it is new."""
        async with self._database.write() as connection:
            return await _insert_notice(connection, server_id, notice, now)

    async def list_pending_notices(self, server_id: int) -> list[Notice]:
        """Return the notices that the moderators have not seen yet, oldest first."""
        statement = (
            select(pick_notices)
            .where(pick_notices.c.server_id == server_id, ~pick_notices.c.is_delivered)
            .order_by(pick_notices.c.created_at)
        )
        async with self._database.read() as connection:
            return [Notice(NoticeKind(row.kind), row.text) for row in (await connection.execute(statement)).all()]

    async def mark_delivered(self, server_id: int, notice: Notice) -> None:
        """Store that the moderators have seen the notice."""
        statement = update(pick_notices).where(_is_notice(server_id, [notice.kind])).values(is_delivered=True)
        async with self._database.write(is_upkeep=True) as connection:
            await connection.execute(statement)

    async def clear_notices(self, server_id: int, kinds: Collection[NoticeKind]) -> None:
        """Delete the notices of problems that are solved, so that they are sent again if they come back."""
        async with self._database.write(is_upkeep=True) as connection:
            await connection.execute(delete(pick_notices).where(_is_notice(server_id, kinds)))

    async def find_poll(self, server_id: int, poll_id: int) -> Poll | None:
        """Return the server's poll of that id, or None."""
        statement = select(pick_polls).where(pick_polls.c.id == poll_id, pick_polls.c.server_id == server_id)
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            return None
        return Poll(row.id, row.server_id, tuple(row.film_ids), row.ends_at, row.channel_id, row.message_id)

    async def settle_opened_poll(
        self, job: PickJob, *, channel_id: int, message_id: int, ends_at: datetime
    ) -> None:
        """Store where the job's poll is, enqueue that it is counted at its end, and settle the job."""
        values = {"channel_id": channel_id, "message_id": message_id, "ends_at": ends_at}
        async with self._database.write() as connection:
            await connection.execute(update(pick_polls).where(pick_polls.c.id == job.subject_id).values(**values))
            await enqueue_job(connection, job.server_id, JobKind.COUNT_POLL, job.subject_id, ends_at)
            await JOBS.settle(connection, job)

    async def settle_counted_poll(self, job: PickJob, film_id: str, now: datetime) -> None:
        """Settle the job and start the poll's winner, unless a curator has planned or started a pick since."""
        async with self._database.write(server_ids=[job.server_id]) as connection:
            programme = await read_programme(connection, job.server_id)
            has_duration = programme.current is not None and programme.current.ends_at is not None
            if await JOBS.settle(connection, job) and not programme.queue and not has_duration:
                await _start_film(connection, job.server_id, film_id, now)


def _is_notice(server_id: int, kinds: Collection[NoticeKind]) -> Any:
    return and_(pick_notices.c.server_id == server_id, pick_notices.c.kind.in_(sorted(kinds)))


async def _insert_notice(connection: AsyncConnection, server_id: int, notice: Notice, now: datetime) -> bool:
    row = {
        "server_id": server_id, "kind": notice.kind, "text": notice.text, "created_at": now,
        "is_delivered": False,
    }  # fmt: skip
    statement = upsert(connection.dialect.name, pick_notices, ("server_id", "kind"), ())
    return (await connection.execute(statement, row)).rowcount > 0


async def _store_transitions(
    connection: AsyncConnection, server_id: int, programme: Programme, result: TimelineResult
) -> None:
    """Store what happened, with the jobs and the notice that follow from it."""
    missed_titles = []
    for transition in result.transitions:
        if transition.pick.state is PickState.PAST:
            await end_pick(connection, transition.pick, programme.settings, transition.at)
            continue
        await update_state(connection, transition.pick)
        if transition.pick.state is PickState.MISSED:
            missed_titles.append(known_title(transition.pick.film_id, transition.pick.title))
    if result.transitions and result.transitions[-1].is_start:
        await start_pick(connection, result.transitions[-1].pick, result.transitions[-1].at)
    if missed_titles:
        await connection.execute(delete(pick_notices).where(_is_notice(server_id, [NoticeKind.MISSED])))
        text = _("I was offline when these picks were due, so they weren't announced: {titles}")
        notice = Notice(NoticeKind.MISSED, text.format(titles=join_list(missed_titles)))
        await _insert_notice(connection, server_id, notice, result.transitions[-1].at)
    if result.next_rotation_at != programme.settings.next_rotation_at:
        await write_next_rotation(connection, server_id, result.next_rotation_at)


# What starts where a rotation finds the queue empty.


async def _refill(
    connection: AsyncConnection, server_id: int, settings: PickSettings, *, empty_at: datetime, now: datetime
) -> None:
    """Start a film or open a poll, as the settings say; without candidates tell the moderators."""
    candidates = await _list_candidates(connection, server_id, settings.refill)
    if settings.refill is RefillMode.POLL and len(candidates) > 1:
        duration = LONGEST_POLL
        if settings.poll_hours is not None:
            duration = timedelta(hours=settings.poll_hours)
        elif settings.next_rotation_at is not None:
            duration = min(LONGEST_POLL, max(SHORTEST_POLL, (settings.next_rotation_at - now) / 4))
        # Discord's polls last whole hours.
        ends_at = now + timedelta(hours=duration // timedelta(hours=1))
        statement = insert(pick_polls).values(server_id=server_id, film_ids=candidates, ends_at=ends_at)
        poll_id = (await connection.execute(statement.returning(pick_polls.c.id))).scalar_one()
        await enqueue_job(connection, server_id, JobKind.OPEN_POLL, poll_id, now)
    elif candidates:
        await _start_film(connection, server_id, candidates[0], empty_at)
    else:
        text = _("No picks are left in the queue. Plan a film with `/pick add`.")
        if settings.refill is not RefillMode.OFF:
            # Translators: a setting lets the bot choose a film, or hold a vote, where the queue is empty
            text = _("No picks are left in the queue, and I found no film to fill it. Plan one with `/pick add`.")
        notice = Notice(NoticeKind.EMPTY_QUEUE, text)
        await _insert_notice(connection, server_id, notice, now)


async def _start_film(connection: AsyncConnection, server_id: int, film_id: str, at: datetime) -> None:
    """Start a film that nobody planned. Raises FilmGoneError."""
    programme = await read_programme(connection, server_id)
    if programme.current is not None:
        await end_pick(connection, programme.current, programme.settings, at)
    # It starts at once and takes no place in the queue, so the limit of planned picks does not apply.
    pick_id = await insert_pick(connection, server_id, NewPick(film_id, None))
    pick = await read_pick(connection, server_id, pick_id)
    if pick is not None:
        await start_pick(connection, replace(pick, state=PickState.CURRENT, started_at=at), at)


async def _list_candidates(connection: AsyncConnection, server_id: int, mode: RefillMode) -> list[str]:
    """Return the ids of films that were never picked here, the best first: at most POLL_FILMS."""
    if mode is RefillMode.OFF:
        return []
    if mode is RefillMode.BEST_RATED:
        return await _list_best_rated(connection, server_id)
    if mode is RefillMode.MOST_WANTED:
        return await _list_most_wanted(connection, server_id)
    lists = (
        await _list_suggested(connection, server_id),
        await _list_most_wanted(connection, server_id),
        await _list_best_rated(connection, server_id),
    )
    # The first of each list, then the second of each, and so on.
    merged = [film_ids[rank] for rank in range(POLL_FILMS) for film_ids in lists if rank < len(film_ids)]
    return list(dict.fromkeys(merged))[:POLL_FILMS]


def _select_picked(server_id: int) -> Any:
    return select(picks.c.film_id).where(picks.c.server_id == server_id, picks.c.removed_at.is_(None))


async def _list_best_rated(connection: AsyncConnection, server_id: int) -> list[str]:
    settings = await read_server_settings(connection, server_id)
    rater_count = await read_rater_count(connection, server_id)
    minimum_raters = or_default(settings.minimum_raters, choose_minimum_raters(rater_count))
    prior = await read_prior(connection, server_id)
    table = rating_totals
    statement = select(table.c.film_id, table.c.rating_count, table.c.half_star_sum).where(
        table.c.server_id == server_id,
        table.c.rating_count >= minimum_raters,
        table.c.film_id.not_in(_select_picked(server_id)),
    )
    rows = (await connection.execute(statement)).all()
    ranked = sorted(
        rows, key=lambda row: (-prior.bayesian_average(row.rating_count, row.half_star_sum), row.film_id)
    )
    return [row.film_id for row in ranked[:POLL_FILMS]]


async def _list_most_wanted(connection: AsyncConnection, server_id: int) -> list[str]:
    is_present = is_present_member(watchlist.c.server_id, watchlist.c.member_id)
    statement = (
        select(watchlist.c.film_id)
        .join(films, films.c.id == watchlist.c.film_id)
        .join(server_members, is_present)
        .where(watchlist.c.server_id == server_id, watchlist.c.film_id.not_in(_select_picked(server_id)))
        .group_by(watchlist.c.film_id, films.c.title)
        .order_by(func.count().desc(), films.c.title, watchlist.c.film_id)
        .limit(POLL_FILMS)
    )
    return list((await connection.execute(statement)).scalars())


async def _list_suggested(connection: AsyncConnection, server_id: int) -> list[str]:
    statement = (
        select(pick_suggestions.c.film_id)
        .where(
            pick_suggestions.c.server_id == server_id,
            pick_suggestions.c.decision == SuggestionState.OPEN.value,
            pick_suggestions.c.film_id.not_in(_select_picked(server_id)),
        )
        .group_by(pick_suggestions.c.film_id)
        .order_by(func.count().desc(), func.min(pick_suggestions.c.id))
        .limit(POLL_FILMS)
    )
    return list((await connection.execute(statement)).scalars())
