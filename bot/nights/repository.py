"""Film nights in the database. Each change is one transaction under the locks of its members and the server.

What changes a night stores the jobs that follow from it in the same transaction.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, upsert
from bot.members.repository import MembershipRepository
from bot.nights.models import (
    OPEN_NIGHTS_LIMIT,
    OPEN_STATES,
    Answer,
    Attendance,
    Choosing,
    Night,
    NightJobKind,
    NightNotBegunError,
    NightOverError,
    NightSnapshot,
    NightState,
    NotYourTurnError,
    PollClosedError,
    Rsvp,
    TooManyNightsError,
    name_job,
)
from bot.nights.planning import NightChange
from bot.nights.recount import BallotBox, read_document
from bot.nights.tables import (
    night_day_votes,
    night_rsvps,
    nights,
)
from bot.nights.timeline import plan_repetition
from bot.nights.transactions import (
    IS_OPEN,
    JOBS,
    carry_over,
    carry_over_to,
    enqueue_job,
    enqueue_updates,
    insert_night,
    join_by_votes,
    new_seed,
    night_from_row,
    read_day_votes,
    read_last_choice,
    read_night,
    read_rsvp,
    read_runtime,
    read_snapshot,
    replace_turn,
    require_night,
    schedule_reminders,
    store_night,
    store_rsvp,
)
from bot.picks.rotation import to_local
from bot.reviews.diary_repository import add_viewing, remove_viewing


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
            night = await insert_night(connection, night, now)
            if night.choosing is Choosing.BALLOT:
                await carry_over_to(connection, night, now)
            return night

    async def find(self, server_id: int, night_id: int) -> Night | None:
        """Return the server's night of that id, or None."""
        async with self._database.read() as connection:
            return await read_night(connection, server_id, night_id)

    async def get_ballot_box(self, server_id: int, night_id: int) -> BallotBox | None:
        """Return the night's ballots once they are counted, else None."""
        statement = select(nights.c.ballot_box).where(nights.c.id == night_id, nights.c.server_id == server_id)
        rows = await self._database.fetch_all(statement)
        return read_document(rows[0].ballot_box)[0] if rows and rows[0].ballot_box is not None else None

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
        voters = await self.list_day_voters(night_id) if change.starts_at is not None else []
        async with self._database.write(member_ids=voters, server_ids=[server_id]) as connection:
            before = await require_night(connection, server_id, night_id)
            if change.film_id is not None:
                change = replace(change, runtime=await read_runtime(connection, change.film_id))
            night = change.apply(before, now)
            await store_night(connection, night)
            await schedule_reminders(connection, night, now)
            await enqueue_job(connection, night, NightJobKind.EVENT, now)
            if before.state is NightState.POLLING:
                if night.state is not NightState.POLLING:
                    await join_by_votes(connection, night, now)
                    await enqueue_job(connection, night, NightJobKind.DAY, now, night.version)
            elif (night.starts_at, night.ballot_closes_at) != (before.starts_at, before.ballot_closes_at):
                seconds = int(before.starts_at.timestamp())
                await enqueue_job(connection, night, NightJobKind.MOVED, now, night.version, seconds)
            if night.channel_id == before.channel_id:
                await enqueue_job(connection, night, NightJobKind.REFRESH, now)
            else:
                name = name_job(NightJobKind.ANNOUNCE)
                await JOBS.enqueue(connection, server_id, name, night_id, now, is_repeatable=True)
                if before.message_id is not None:
                    await enqueue_job(connection, night, NightJobKind.RETIRE, now)
        return night

    async def cancel(self, server_id: int, night_id: int, now: datetime) -> Night:
        """Cancel a night to come; nothing further follows from it. Raises NightGoneError, NightOverError."""
        async with self._database.write(server_ids=[server_id]) as connection:
            return await _cancel(connection, await require_night(connection, server_id, night_id), now)

    async def skip(self, server_id: int, night_id: int, zone: str, now: datetime) -> Night:
        """Cancel one night of those that repeat, plan the one after it, and return that.

        Films that lose are carried over as they would be after the night; so is the film that was chosen for it.
        Raises NightGoneError, NightOverError.
        """
        async with self._database.write(server_ids=[server_id]) as connection:
            night = await require_night(connection, server_id, night_id)
            following = plan_repetition(night, zone, max(now, night.starts_at), new_seed())
            if following is None:
                raise NightOverError
            await _cancel(connection, night, now)
            following = await insert_night(connection, following, now)
            if night.has_carry_over:
                await carry_over(connection, replace(night, film_id=None), following, now)
            return following

    async def list_day_voters(self, night_id: int) -> list[int]:
        """Return the members who said which of the days of a night's poll they can make."""
        statement = select(night_day_votes.c.member_id).where(night_day_votes.c.night_id == night_id)
        rows = await self._database.fetch_all(statement.order_by(night_day_votes.c.member_id))
        return [row.member_id for row in rows]

    async def set_card(self, night_id: int, channel_id: int, message_id: int | None) -> None:
        """Store where the night's card is, unless it has been moved to another channel since."""
        statement = update(nights).where(nights.c.id == night_id, nights.c.channel_id == channel_id)
        async with self._database.write(is_upkeep=True) as connection:
            await connection.execute(statement.values(message_id=message_id))

    async def set_place_of(self, night_id: int, **columns: int | str | None) -> None:
        """Store `event_id`, `event_film_id`, `thread_id`, `ballot_message_id` or `problem` of the night."""
        async with self._database.write(is_upkeep=True) as connection:
            await connection.execute(update(nights).where(nights.c.id == night_id).values(**columns))

    async def set_event(self, night_id: int, event_id: int, film_id: str | None) -> int | None:
        """Store Discord's event of a night that has none, with the film in its picture; return its event then."""
        of_night = nights.c.id == night_id
        async with self._database.write(is_upkeep=True) as connection:
            unset = update(nights).where(of_night, nights.c.event_id.is_(None))
            await connection.execute(unset.values(event_id=event_id, event_film_id=film_id))
            stored: int | None = (
                await connection.execute(select(nights.c.event_id).where(of_night))
            ).scalar_one_or_none()
        return stored

    async def list_event_ids(self, server_id: int) -> set[int]:
        """Return Discord's events of the server's nights."""
        statement = select(nights.c.event_id).where(
            nights.c.server_id == server_id, nights.c.event_id.is_not(None)
        )
        return {row.event_id for row in await self._database.fetch_all(statement)}

    async def answer(self, server_id: int, night_id: int, member_id: int, answer: Answer, now: datetime) -> Rsvp:
        """Store whether the member comes and return it; they are reminded as they were for their last night.

        Raises NightGoneError, NightOverError.
        """
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            night = await require_night(connection, server_id, night_id)
            if night.state is not NightState.RUNNING:
                night.require_open()
            await self._membership.record_activity(connection, server_id, member_id, now)
            before = await read_rsvp(connection, night_id, member_id)
            is_direct = await read_last_choice(connection, member_id) if before is None else before.is_direct
            rsvp = Rsvp(member_id, answer, is_direct)
            await store_rsvp(connection, night_id, rsvp, now, is_new=before is None)
            if (
                night.turn_member_id == member_id
                and answer is not Answer.YES
                and night.state is NightState.CHOOSING
            ):
                await replace_turn(connection, night, now)
            await enqueue_updates(connection, night, now, has_event=False)
        return rsvp

    async def vote_days(
        self, server_id: int, night_id: int, member_id: int, times: Collection[datetime], now: datetime
    ) -> tuple[datetime, ...]:
        """Store which of the days and times the member can make, and return them; without any there is no vote.

        Raises NightGoneError, PollClosedError.
        """
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            night = await require_night(connection, server_id, night_id)
            if night.state is not NightState.POLLING or (night.poll_closes_at or night.starts_at) <= now:
                raise PollClosedError
            await self._membership.record_activity(connection, server_id, member_id, now)
            chosen = tuple(each for each in night.poll_times if each in times)
            if chosen:
                columns = ("times", "cast_at")
                statement = upsert(connection.dialect.name, night_day_votes, ("night_id", "member_id"), columns)
                seconds = [int(each.timestamp()) for each in chosen]
                row = {"night_id": night_id, "member_id": member_id, "times": seconds, "cast_at": now}
                await connection.execute(statement, row)
            else:
                is_own = (night_day_votes.c.night_id == night_id, night_day_votes.c.member_id == member_id)
                await connection.execute(delete(night_day_votes).where(*is_own))
            await enqueue_updates(connection, night, now, has_event=False)
        return chosen

    async def get_days(self, server_id: int, night_id: int, member_id: int) -> frozenset[datetime]:
        """Return the days and times that the member has said they can make."""
        async with self._database.read() as connection:
            votes = await read_day_votes(connection, night_id, counts_departed=True, server_id=server_id)
        return votes.get(member_id, frozenset())

    async def choose_in_turn(
        self, server_id: int, night_id: int, member_id: int, film_id: str, now: datetime
    ) -> Night:
        """Store the film that the member chooses in their turn, and return the night.

        Raises NightGoneError, NotYourTurnError, FilmGoneError.
        """
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            night = await _require_turn(connection, server_id, night_id, member_id)
            runtime = await read_runtime(connection, film_id)
            night = replace(
                night, film_id=film_id, runtime=runtime, state=NightState.READY, version=night.version + 1
            )
            await store_night(connection, night)
            await enqueue_job(connection, night, NightJobKind.RESULT, now)
            await enqueue_updates(connection, night, now)
        return night

    async def pass_turn(self, server_id: int, night_id: int, member_id: int, now: datetime) -> None:
        """Let the member's turn go to the next. Raises NightGoneError, NotYourTurnError."""
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            night = await _require_turn(connection, server_id, night_id, member_id)
            is_own = (night_rsvps.c.night_id == night_id, night_rsvps.c.member_id == member_id)
            await connection.execute(update(night_rsvps).where(*is_own).values(has_passed=True))
            await replace_turn(connection, night, now)

    async def release_turns(self, server_id: int, member_id: int, now: datetime) -> bool:
        """Give the turns of a member who has left to the next ones; return whether they had any."""
        is_theirs = (nights.c.server_id == server_id, nights.c.turn_member_id == member_id)
        is_choosing = nights.c.state == NightState.CHOOSING.value
        async with self._database.write(
            member_ids=[member_id], server_ids=[server_id], is_upkeep=True
        ) as connection:
            rows = (await connection.execute(select(nights).where(*is_theirs, is_choosing))).all()
            for row in rows:
                await replace_turn(connection, night_from_row(row), now)
        return bool(rows)

    async def set_attendance(
        self, server_id: int, night_id: int, member_id: int, now: datetime, zone: str, *, has_attended: bool
    ) -> Attendance:
        """Store whether the member was at the night; who was there has its film in their diary.

        The viewing that a night put into a diary goes when the member takes back that they were there.
        Raises NightGoneError, NightNotBegunError.
        """
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            night = await require_night(connection, server_id, night_id)
            if night.state not in (NightState.RUNNING, NightState.ENDED):
                raise NightNotBegunError
            await self._membership.record_activity(connection, server_id, member_id, now)
            before = await read_rsvp(connection, night_id, member_id)
            if before is None:
                answer = Answer.YES if has_attended else Answer.NO
                await store_rsvp(connection, night_id, Rsvp(member_id, answer), now, is_new=True)
            is_own = (night_rsvps.c.night_id == night_id, night_rsvps.c.member_id == member_id)
            statement = select(night_rsvps.c.viewing_id).where(*is_own)
            viewing_id = (await connection.execute(statement)).scalar_one()
            is_diary_changed = False
            if has_attended and night.film_id is not None:
                day = to_local(night.starts_at, zone).date()
                added_id = await add_viewing(connection, server_id, member_id, night.film_id, day, now)
                is_diary_changed = added_id is not None
                viewing_id = added_id or viewing_id
            elif not has_attended and viewing_id is not None:
                is_diary_changed = await remove_viewing(connection, server_id, member_id, viewing_id)
                viewing_id = None
            values = {"has_attended": has_attended, "viewing_id": viewing_id}
            await connection.execute(update(night_rsvps).where(*is_own).values(**values))
        return Attendance(night, is_diary_changed=is_diary_changed)

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
            return await read_rsvp(connection, night_id, member_id)

    async def set_interest(
        self, server_id: int, night_id: int, member_id: int, now: datetime, *, is_interested: bool
    ) -> bool:
        """Count a member who is interested in Discord's event as coming, unless they answered here.

        One who is no longer interested, and did not answer here, doesn't count any more. Return whether that
        changed anything.
        """
        async with self._database.write(member_ids=[member_id], server_ids=[server_id]) as connection:
            night = await read_night(connection, server_id, night_id)
            before = await read_rsvp(connection, night_id, member_id)
            if night is None or not (night.state.is_open or night.state is NightState.RUNNING):
                return False
            if is_interested and before is None:
                is_direct = await read_last_choice(connection, member_id)
                rsvp = Rsvp(member_id, Answer.YES, is_direct, is_from_event=True)
                await store_rsvp(connection, night_id, rsvp, now, is_new=True)
            elif not is_interested and before is not None and before.is_from_event:
                is_own = (night_rsvps.c.night_id == night_id, night_rsvps.c.member_id == member_id)
                await connection.execute(delete(night_rsvps).where(*is_own))
                if night.turn_member_id == member_id and night.state is NightState.CHOOSING:
                    await replace_turn(connection, night, now)
            else:
                return False
            await enqueue_updates(connection, night, now, has_event=False)
        return True

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
                is_direct = await read_last_choice(connection, member_id)
                rsvp = Rsvp(member_id, Answer.YES, is_direct, is_from_event=True)
                await store_rsvp(connection, night_id, rsvp, now, is_new=True)
            is_gone = night_rsvps.c.member_id.in_(gone)
            await connection.execute(delete(night_rsvps).where(night_rsvps.c.night_id == night_id, is_gone))
            if snapshot.night.turn_member_id in gone and snapshot.night.state is NightState.CHOOSING:
                await replace_turn(connection, snapshot.night, now)
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


async def _cancel(connection: AsyncConnection, night: Night, now: datetime) -> Night:
    """Store that the night is cancelled, drop what would follow from it, and return it. Raises NightOverError."""
    if night.state is not NightState.RUNNING:
        night.require_open()
    night = replace(night, state=NightState.CANCELLED, version=night.version + 1)
    await store_night(connection, night)
    await JOBS.drop_pending(connection, night.id)
    await enqueue_job(connection, night, NightJobKind.CANCELLED, now)
    await enqueue_updates(connection, night, now)
    return night


async def _require_turn(connection: AsyncConnection, server_id: int, night_id: int, member_id: int) -> Night:
    """Return the night whose film it is the member's turn to choose. Raises NightGoneError, NotYourTurnError."""
    night = await require_night(connection, server_id, night_id)
    if night.state is not NightState.CHOOSING or night.turn_member_id != member_id:
        raise NotYourTurnError
    return night
