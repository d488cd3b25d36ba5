"""What is due for the marquees, and the errands in Discord, each handed out to one process."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Select, and_, bindparam, delete, func, or_, select, true, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.columns import Moment
from bot.core.database.engine import Database, lock_servers
from bot.picks.models import Errand, Posted, Programme, State, Task, Vote
from bot.picks.refill import bring, note, refill
from bot.picks.rows import read_programme
from bot.picks.scheduler import LEASE
from bot.picks.tables import pick_jobs, pick_notices, pick_polls, pick_settings, picks
from bot.picks.timeline import Passage, advance
from bot.picks.transitions import CLAIMED, DONE, DUE, note_errand, put_on, store_state, take_off

_PLANNED = and_(picks.c.state == State.PLANNED.value, picks.c.starts_at.is_not(None))
_CURRENT = and_(picks.c.state == State.CURRENT.value, picks.c.ends_at.is_not(None))
_NOW, _LAPSED = bindparam("now", type_=Moment()), bindparam("lapsed", type_=Moment())


def _open(now: Any, lapsed: Any) -> Any:
    """Select errands that nobody does: due ones, and those whose claim has run out, made until `lapsed`."""
    return or_(
        and_(pick_jobs.c.state == DUE, pick_jobs.c.due_at <= now),
        and_(pick_jobs.c.state == CLAIMED, pick_jobs.c.claimed_at <= lapsed),
    )


def _earliest(column: Column[datetime], *where: Any) -> Select[datetime | None]:
    return select(func.min(column).label("at")).where(*where)


_DUE = (
    union(
        select(pick_settings.c.server_id).where(pick_settings.c.next_at <= _NOW),
        select(picks.c.server_id).where(_PLANNED, picks.c.starts_at <= _NOW),
        select(picks.c.server_id).where(_CURRENT, picks.c.ends_at <= _NOW),
        select(pick_jobs.c.server_id).where(_open(_NOW, _LAPSED)),
    ),
)
_NEXT = (
    _earliest(pick_settings.c.next_at, pick_settings.c.next_at > _NOW),
    _earliest(picks.c.starts_at, _PLANNED, picks.c.starts_at > _NOW),
    _earliest(picks.c.ends_at, _CURRENT, picks.c.ends_at > _NOW),
    _earliest(pick_jobs.c.due_at, pick_jobs.c.state == DUE, pick_jobs.c.due_at > _NOW),
    _earliest(pick_jobs.c.claimed_at, pick_jobs.c.state == CLAIMED, pick_jobs.c.claimed_at > _LAPSED),
)
"""When each is due next; the last one's time counts from the claim."""


class PickClockStore:
    """Reads the time and writes what has happened."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, now: datetime) -> list[int]:
        """Give the servers for which something is due."""
        (found,) = await self._database.together(_DUE, now=now, lapsed=now - LEASE)
        return sorted(row.server_id for row in found)

    async def next_due(self, now: datetime) -> datetime | None:
        """Give when something is due next after `now`, or None."""
        asked = {"now": now, "lapsed": now - LEASE}
        *found, claimed = (rows[0].at for rows in await self._database.together(_NEXT, **asked))
        times = [*found, claimed + LEASE if claimed is not None else None]
        return min((at for at in times if at is not None), default=None)

    async def advance(self, server_id: int, now: datetime) -> bool:
        """Move the server's marquee on to `now`; tell whether anything changed."""
        async with self._database.write() as connection:
            await lock_servers(connection, [server_id])
            # Read under the lock: a process that was first has moved it on, and there is nothing left to do.
            programme = await read_programme(connection, server_id)
            passage = advance(programme, now)
            if not passage.steps and passage.next_at == programme.settings.next_at:
                return False
            await _store(connection, server_id, programme, passage)
            await refill(connection, server_id, passage, now)
        return True

    async def refresh(self, server_id: int, film_id: str | None, due: datetime) -> bool:
        """Note that the card of what is on, of that film, is to be renewed; tell whether there is one."""
        shown = and_(
            picks.c.server_id == server_id,
            picks.c.state == State.CURRENT.value,
            picks.c.message_id.is_not(None),
            picks.c.film_id == film_id if film_id is not None else true(),
        )
        # Looked up without a write first: most ratings are of other films.
        found = await self._database.rows(select(picks.c.id).where(shown))
        if not found:
            return False
        async with self._database.write() as connection:
            await note_errand(connection, server_id, Errand.REFRESH, found[0].id, due)
        return True

    async def claim(self, server_id: int, now: datetime, token: str) -> Task | None:
        """Claim the server's next errand that is due, or None."""
        waiting = (
            select(pick_jobs)
            .where(pick_jobs.c.server_id == server_id, _open(now, now - LEASE))
            .order_by(pick_jobs.c.due_at, pick_jobs.c.id)
            .limit(1)
        )
        async with self._database.write() as connection:
            await lock_servers(connection, [server_id])
            row = (await connection.execute(waiting)).one_or_none()
            if row is None:
                return None
            again = row.state == CLAIMED
            # It is due since its first claim from now on: that far back has to look who takes it over, however
            # many took it over before.
            since = row.due_at if again else now
            values = {"state": CLAIMED, "due_at": since, "claimed_at": now, "token": token}
            await connection.execute(update(pick_jobs).where(pick_jobs.c.id == row.id).values(**values))
        return Task(row.id, server_id, Errand(row.kind), row.subject_id, token, since, again)

    async def settle(self, task: Task) -> bool:
        """Note that the claimed errand is done; tell whether the claim still held."""
        async with self._database.write() as connection:
            return await _settle(connection, task)

    async def postpone(self, task: Task, due: datetime) -> None:
        """Give the claimed errand back until a time; one that may have been done stays one to be taken over."""
        values: dict[str, Any] = {"state": DUE, "due_at": due, "claimed_at": None, "token": None}
        if task.again:
            values = {"claimed_at": due - LEASE, "token": None}
        async with self._database.write() as connection:
            await connection.execute(update(pick_jobs).where(_held(task)).values(**values))

    async def posted(self, task: Task, posted: Posted) -> None:
        """Note where the errand's pick was announced."""
        values = {
            "channel_id": posted.channel_id, "message_id": posted.message_id, "thread_id": posted.thread_id,
        }  # fmt: skip
        async with self._database.write() as connection:
            await connection.execute(update(picks).where(picks.c.id == task.subject_id).values(**values))

    async def notice(self, server_id: int, kind: str, text: str, now: datetime) -> bool:
        """Keep something to tell the moderators; tell whether it is news."""
        row = {"server_id": server_id, "kind": kind, "text": text, "created_at": now, "is_delivered": False}
        async with self._database.write() as connection:
            return await note(connection, row)

    async def told(self, server_id: int, kind: str) -> None:
        """Note that the moderators were told."""
        async with self._database.write() as connection:
            await connection.execute(
                update(pick_notices).where(_kinds(server_id, [kind])).values(is_delivered=True)
            )

    async def untold(self, server_id: int) -> list[tuple[str, str]]:
        """Give what the moderators were not told yet: its kind and text."""
        statement = select(pick_notices).where(pick_notices.c.server_id == server_id, ~pick_notices.c.is_delivered)
        async with self._database.read() as connection:
            rows = (await connection.execute(statement.order_by(pick_notices.c.created_at))).all()
        return [(row.kind, row.text) for row in rows]

    async def mended(self, server_id: int, kinds: Collection[str]) -> None:
        """Forget troubles that are over, so that they are told of when they come again."""
        async with self._database.write() as connection:
            await connection.execute(delete(pick_notices).where(_kinds(server_id, kinds)))

    async def vote(self, server_id: int, vote_id: int) -> Vote | None:
        """Give the vote of that id, or None."""
        statement = select(pick_polls).where(pick_polls.c.id == vote_id, pick_polls.c.server_id == server_id)
        async with self._database.read() as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            return None
        return Vote(row.id, row.server_id, tuple(row.film_ids), row.ends_at, row.channel_id, row.message_id)

    async def vote_posted(self, task: Task, channel_id: int, message_id: int, ends: datetime) -> None:
        """Note where the vote is, when it is to be counted, and that this is done."""
        values = {"channel_id": channel_id, "message_id": message_id, "ends_at": ends}
        async with self._database.write() as connection:
            await connection.execute(update(pick_polls).where(pick_polls.c.id == task.subject_id).values(**values))
            await note_errand(connection, task.server_id, Errand.COUNT, task.subject_id, ends)
            await _settle(connection, task)

    async def elect(self, task: Task, film_id: str, now: datetime) -> None:
        """Put the vote's winner on the marquee, unless a moderator has planned or brought on something since."""
        async with self._database.write() as connection:
            await lock_servers(connection, [task.server_id])
            programme = await read_programme(connection, task.server_id)
            held = programme.current is not None and programme.current.ends_at is not None
            if await _settle(connection, task) and not programme.queue and not held:
                await bring(connection, task.server_id, film_id, now)


def _held(task: Task) -> Any:
    return and_(pick_jobs.c.id == task.id, pick_jobs.c.state == CLAIMED, pick_jobs.c.token == task.token)


def _kinds(server_id: int, kinds: Collection[str]) -> Any:
    return and_(pick_notices.c.server_id == server_id, pick_notices.c.kind.in_(sorted(kinds)))


async def _settle(connection: AsyncConnection, task: Task) -> bool:
    values = {"state": DONE, "claimed_at": None, "token": None}
    return (await connection.execute(update(pick_jobs).where(_held(task)).values(**values))).rowcount > 0


async def _store(connection: AsyncConnection, server_id: int, programme: Programme, passage: Passage) -> None:
    """Store what happened, with what is to be done about it."""
    missed = []
    for step in passage.steps:
        if step.pick.state is State.PAST:
            await take_off(connection, step.pick, programme.settings, step.at)
            continue
        await store_state(connection, step.pick)
        if step.pick.state is State.MISSED:
            missed.append(step.pick.title)
    if passage.steps and passage.steps[-1].begins:
        await put_on(connection, passage.steps[-1].pick, passage.steps[-1].at)
    if missed:
        text = "Their time was over before Marquee was back, so they were not announced: " + ", ".join(missed)
        row = {
            "server_id": server_id,
            "kind": "missed",
            "text": text,
            "is_delivered": False,
            "created_at": passage.steps[-1].at,
        }
        await connection.execute(delete(pick_notices).where(_kinds(server_id, ["missed"])))
        await note(connection, row)
    # The settings may never have been stored; without a rotation there is nothing to store of them either.
    if passage.next_at != programme.settings.next_at:
        moved = update(pick_settings).where(pick_settings.c.server_id == server_id)
        await connection.execute(moved.values(next_at=passage.next_at))
