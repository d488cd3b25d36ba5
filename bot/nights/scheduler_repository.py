"""What is due for film nights, their states moved forward by time, and their jobs in Discord, each claimed once.

The database keeps the time: moving a night forward and storing the jobs that follow is one transaction, so that
whatever process comes first does it, and any other finds it done.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, upsert
from bot.core.database.job_queue import NOW, due_time_params, select_earliest
from bot.core.jobs import LEASE
from bot.core.text.formatting import with_year
from bot.members.repository import read_server_settings
from bot.members.server_settings import ServerSettings, or_default
from bot.members.tables import server_members
from bot.nights.ballots import ONE_VOTE, Ballot, measure_disappointment
from bot.nights.choice_repository import read_fairness_debts
from bot.nights.models import (
    Choosing,
    Night,
    NightJob,
    NightJobKind,
    NightState,
    Nomination,
    Repeat,
    name_job,
)
from bot.nights.planning import choose_day, end_poll
from bot.nights.recount import BallotBox, seal
from bot.nights.tables import night_ballots, night_fairness_debts, night_rsvps, nights
from bot.nights.timeline import find_summary_time, plan_repetition
from bot.nights.transactions import (
    JOBS,
    carry_over,
    enqueue_job,
    enqueue_updates,
    insert_night,
    join_by_votes,
    new_seed,
    night_from_row,
    pass_turn,
    read_day_votes,
    read_nominations,
    read_runtime,
    require_night,
    schedule_reminders,
    store_night,
)
from bot.recommendations.groups import updated_fairness_debts

_DUE_SERVERS = (union(select(nights.c.server_id).where(nights.c.next_at <= NOW), JOBS.due_servers),)
_NEXT_TIMES = (select_earliest(nights.c.next_at, nights.c.next_at > NOW), JOBS.next_due, JOBS.next_claim)
DEFAULT_ZONE = "UTC"
MAX_WEIGHT = 200
"""The most that a ballot counts with the fairness weight, in hundredths of a vote."""


@dataclass(frozen=True, slots=True)
class _CastBallot:
    member_id: int
    film_ids: tuple[str, ...]


class NightSchedulerRepository:
    """Reads what is due, moves nights forward, and keeps their jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_due_servers(self, now: datetime) -> list[int]:
        """Return the ids of the servers for which something is due."""
        (rows,) = await self._database.fetch_snapshot(_DUE_SERVERS, due_time_params(now))
        return sorted(row.server_id for row in rows)

    async def get_next_time(self, now: datetime) -> datetime | None:
        """Return when something becomes due next after `now`, or None."""
        snapshot = await self._database.fetch_snapshot(_NEXT_TIMES, due_time_params(now))
        *times, claimed_at = (rows[0].at for rows in snapshot)
        if claimed_at is not None:
            times.append(claimed_at + LEASE)
        return min((at for at in times if at is not None), default=None)

    async def advance(self, server_id: int, now: datetime) -> bool:
        """Move the server's nights forward to `now` and return whether anything changed."""
        statement = (
            select(nights)
            .where(nights.c.server_id == server_id, nights.c.next_at <= now)
            .order_by(nights.c.next_at, nights.c.id)
        )
        voters = await self._list_voters(server_id, now)
        async with self._database.write(member_ids=voters, server_ids=[server_id], is_upkeep=True) as connection:
            # Read under the lock: if another process was first, nothing is left to do.
            due = [night_from_row(row) for row in (await connection.execute(statement)).all()]
            if not due:
                return False
            settings = await read_server_settings(connection, server_id)
            for night in due:
                while (at := night.next_at) is not None and at <= now:
                    night = await self._step(connection, night, at, now, settings)
        return True

    async def _list_voters(self, server_id: int, now: datetime) -> list[int]:
        """Return the members whose ballots are about to be counted."""
        statement = (
            select(night_ballots.c.member_id)
            .join(nights, nights.c.id == night_ballots.c.night_id)
            .where(
                nights.c.server_id == server_id,
                nights.c.state == NightState.VOTING.value,
                nights.c.next_at <= now,
            )
        )
        return [row.member_id for row in await self._database.fetch_all(statement)]

    async def _step(
        self, connection: AsyncConnection, night: Night, at: datetime, now: datetime, settings: ServerSettings
    ) -> Night:
        """Move the night to its next state, which it reached `at`, and return it."""
        if night.state is NightState.POLLING:
            night = await self._close_poll(connection, night, now, settings)
        elif night.state is NightState.NOMINATING and night.choosing is Choosing.TURNS:
            night = await pass_turn(connection, night, now)
        elif night.state is NightState.NOMINATING and night.choosing is Choosing.SURPRISE:
            night = replace(night, state=NightState.READY)
            await enqueue_job(connection, night, NightJobKind.SURPRISE, now)
        elif night.state is NightState.NOMINATING:
            night = await self._close_nominations(connection, night, now)
        elif night.state is NightState.CHOOSING:
            night = await self._end_turn(connection, night, now)
        elif night.state is NightState.VOTING:
            night = await self._count(connection, night, now, settings)
        elif night.state is NightState.READY:
            night = replace(night, state=NightState.RUNNING)
            await enqueue_job(connection, night, NightJobKind.START, now)
        else:
            night = replace(night, state=NightState.ENDED)
            await self._end(connection, night, now, settings.time_zone or DEFAULT_ZONE)
        night = replace(night, version=night.version + 1)
        await store_night(connection, night)
        await enqueue_updates(connection, night, now)
        return night

    async def _close_poll(
        self, connection: AsyncConnection, night: Night, now: datetime, settings: ServerSettings
    ) -> Night:
        """Hold the night when most can make it; those who can, and did not answer otherwise, come."""
        counts_departed = or_default(settings.counts_departed_ballots, True)
        votes = await read_day_votes(
            connection, night.id, counts_departed=counts_departed, server_id=night.server_id
        )
        starts_at = choose_day(night.poll_times, list(votes.values()), now)
        await enqueue_job(connection, night, NightJobKind.DAY, now)
        if starts_at is None:
            return replace(night, state=NightState.CANCELLED)
        night = end_poll(night, starts_at, now)
        await join_by_votes(connection, night, now, counts_departed=counts_departed)
        await schedule_reminders(connection, night, now)
        return night

    async def _end_turn(self, connection: AsyncConnection, night: Night, now: datetime) -> Night:
        """Give a turn that belongs to nobody any more to the next member; where time is up, the host chooses."""
        if night.turn_member_id is None and now < (night.ballot_closes_at or night.starts_at):
            return await pass_turn(connection, night, now)
        await enqueue_job(connection, night, NightJobKind.RESULT, now)
        return replace(night, state=NightState.READY, turn_member_id=None)

    async def set_surprise(self, server_id: int, night_id: int, film_id: str | None, now: datetime) -> None:
        """Store the film that was found for a night, unless a host has chosen one since, and have it announced."""
        async with self._database.write(server_ids=[server_id], is_upkeep=True) as connection:
            night = await require_night(connection, server_id, night_id)
            if night.film_id is None and film_id is not None:
                runtime = await read_runtime(connection, film_id)
                await store_night(
                    connection, replace(night, film_id=film_id, runtime=runtime, version=night.version + 1)
                )
                await enqueue_updates(connection, night, now)
            await enqueue_job(connection, night, NightJobKind.RESULT, now)

    async def list_watched(self, server_id: int) -> set[str]:
        """Return the films of the server's past nights."""
        statement = select(nights.c.film_id).where(
            nights.c.server_id == server_id,
            nights.c.film_id.is_not(None),
            nights.c.state == NightState.ENDED.value,
        )
        return {row.film_id for row in await self._database.fetch_all(statement)}

    async def count_days(self, server_id: int, night: Night) -> list[tuple[datetime, int]]:
        """Return how many could make each of the days that the night's poll offered, in their order."""
        async with self._database.read() as connection:
            votes = await read_day_votes(connection, night.id, counts_departed=True, server_id=server_id)
        return [(each, sum(each in vote for vote in votes.values())) for each in night.poll_times]

    async def _close_nominations(self, connection: AsyncConnection, night: Night, now: datetime) -> Night:
        """Open the ballot; a single film needs none, and without one the host has to choose."""
        standing = [each for each in await read_nominations(connection, night.id) if not each.is_struck]
        if len(standing) > 1:
            await enqueue_job(connection, night, NightJobKind.OPEN_BALLOT, now)
            return replace(night, state=NightState.VOTING)
        await enqueue_job(connection, night, NightJobKind.RESULT, now)
        night = replace(night, state=NightState.READY)
        if standing:
            night = replace(night, film_id=standing[0].film_id, runtime=standing[0].runtime)
        return night

    async def _count(
        self, connection: AsyncConnection, night: Night, now: datetime, settings: ServerSettings
    ) -> Night:
        """Count the ballots, keep them without names, and store who was outvoted."""
        standing = [each for each in await read_nominations(connection, night.id) if not each.is_struck]
        await enqueue_job(connection, night, NightJobKind.RESULT, now)
        night = replace(night, state=NightState.READY)
        if not standing:  # all were struck, or vanished from the catalogue
            return night
        cast = await self._list_ballots(
            connection, night, counts_departed=or_default(settings.counts_departed_ballots, True)
        )
        members = [each.member_id for each in cast]
        debts = await read_fairness_debts(connection, night.server_id, members)
        box = _seal_ballots(night, standing, cast, debts)
        count = box.count()
        await connection.execute(
            update(nights).where(nights.c.id == night.id).values(ballot_box=box.to_document())
        )
        await self._store_debts(connection, night.server_id, cast, debts, count.winner, len(standing))
        return replace(night, film_id=count.winner, runtime=await read_runtime(connection, count.winner))

    async def _list_ballots(
        self, connection: AsyncConnection, night: Night, *, counts_departed: bool
    ) -> list[_CastBallot]:
        statement = select(night_ballots).where(night_ballots.c.night_id == night.id)
        if not counts_departed:
            departed = select(server_members.c.member_id).where(
                server_members.c.server_id == night.server_id, server_members.c.departed_at.is_not(None)
            )
            statement = statement.where(night_ballots.c.member_id.not_in(departed))
        rows = await connection.execute(statement.order_by(night_ballots.c.member_id))
        return [_CastBallot(row.member_id, tuple(row.film_ids)) for row in rows]

    async def _store_debts(
        self,
        connection: AsyncConnection,
        server_id: int,
        cast: Sequence[_CastBallot],
        debts: dict[int, float],
        winner: str,
        film_count: int,
    ) -> None:
        """Store each voter's fairness debt after the ballot, by the rule of `/tonight`."""
        if not cast:
            return
        happiness = {
            str(each.member_id): -measure_disappointment(each.film_ids, winner, film_count) for each in cast
        }
        updated = updated_fairness_debts(happiness, {str(member): debt for member, debt in debts.items()})
        table = night_fairness_debts
        statement = upsert(connection.dialect.name, table, ("server_id", "member_id"), ("fairness_debt",))
        rows = [
            {"server_id": server_id, "member_id": int(member), "fairness_debt": debt}
            for member, debt in updated.items()
        ]
        await connection.execute(statement, rows)

    async def _end(self, connection: AsyncConnection, night: Night, now: datetime, zone: str) -> None:
        """Have those who came asked for their stars, and plan the next night of one that repeats."""
        if night.film_id is not None:
            await enqueue_job(connection, night, NightJobKind.RATE, now)
            await enqueue_job(connection, night, NightJobKind.SUMMARY, find_summary_time(night, zone))
        if night.repeat is Repeat.NEVER:
            return
        following = plan_repetition(night, zone, now, new_seed())
        if following is not None:
            following = await insert_night(connection, following, now)
            if night.has_carry_over:
                await carry_over(connection, night, following, now)

    async def claim_job(self, server_id: int, now: datetime, token: str) -> NightJob | None:
        """Claim the server's next job that is due and return it, or None."""
        async with self._database.write(server_ids=[server_id], is_upkeep=True) as connection:
            return await JOBS.claim(connection, server_id, now, token)

    async def settle_job(self, job: NightJob) -> bool:
        """Store that the claimed job is done and return whether the claim still held."""
        async with self._database.write(is_upkeep=True) as connection:
            return await JOBS.settle(connection, job)

    async def postpone_job(self, job: NightJob, due_at: datetime) -> None:
        """Release the claim until `due_at`."""
        async with self._database.write(is_upkeep=True) as connection:
            await JOBS.postpone(connection, job, due_at)

    async def settle_reminder(
        self, job: NightJob, direct_member_ids: Sequence[int], due_at: datetime
    ) -> None:  # fmt: skip
        """Settle a reminder, and store one by direct message for each of these members.

        Whoever has deleted their data meanwhile gets none, so that nothing about them is stored again.
        """
        (minutes,) = job.kind.parameters
        answered = select(night_rsvps.c.member_id).where(
            night_rsvps.c.night_id == job.subject_id, night_rsvps.c.member_id.in_(direct_member_ids)
        )
        hosting = select(nights.c.host_id).where(
            nights.c.id == job.subject_id, nights.c.host_id.in_(direct_member_ids)
        )
        async with self._database.write(
            member_ids=direct_member_ids, server_ids=[job.server_id], is_upkeep=True
        ) as connection:
            if not await JOBS.settle(connection, job):
                return
            for member_id in (await connection.execute(answered.union(hosting))).scalars().all():
                name = name_job(NightJobKind.REMIND_DIRECTLY, minutes, member_id)
                await JOBS.enqueue(
                    connection, job.server_id, name, job.subject_id, due_at, is_repeatable=True
                )  # fmt: skip

    async def store_predictions(self, night_id: int, stars: dict[int, float]) -> None:
        """Store what these members were expected to give the night's film."""
        async with self._database.write(member_ids=stars, is_upkeep=True) as connection:
            for member_id, value in stars.items():
                is_rsvp = (night_rsvps.c.night_id == night_id, night_rsvps.c.member_id == member_id)
                await connection.execute(update(night_rsvps).where(*is_rsvp).values(predicted_stars=value))


def _seal_ballots(
    night: Night, standing: Sequence[Nomination], cast: Sequence[_CastBallot], debts: dict[int, float]
) -> BallotBox:
    ballots = []
    for each in cast:
        debt = round(debts.get(each.member_id, 0.0), 3)
        weight = min(MAX_WEIGHT, round(ONE_VOTE * (1 + debt))) if night.is_weighted else ONE_VOTE
        ballots.append(Ballot(each.film_ids, weight, debt))
    titles = {each.film_id: with_year(each.title, each.year) for each in standing}
    return seal(night.name, night.method, titles, night.seed, ballots)
