"""Jobs in a table, each claimed by one process at a time.

Whoever does a job claims it first. A claim that is never settled, since its process died, lapses after LEASE;
whoever claims the job again finds out whether it was done before doing it.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, Generic

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Select,
    String,
    Table,
    UniqueConstraint,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.columns import UtcDateTime, discord_id_column, id_column, metadata
from bot.core.database.engine import upsert
from bot.core.jobs import LEASE, Job, Kind

PENDING, CLAIMED, DONE = "due", "claimed", "done"
"""States of a job by their stored values, which are kept though a name became clearer."""


def create_jobs_table(name: str, *, kind_length: int) -> Table:
    """Return a table of jobs. A job's row stays after it is done, so that no job is done twice."""
    return Table(
        name,
        metadata,
        id_column(),
        discord_id_column("server_id"),
        Column("kind", String(kind_length), nullable=False),
        discord_id_column("subject_id"),
        Column("state", String(10), nullable=False),
        Column("due_at", UtcDateTime, nullable=False),
        Column("claimed_at", UtcDateTime),
        Column("token", String(32)),
        UniqueConstraint("kind", "subject_id"),
        Index(None, "state", "due_at"),
        Index(None, "server_id"),
        sqlite_autoincrement=True,
    )


def due_time_params(now: datetime) -> dict[str, datetime]:
    """Return the values of the bind parameters of a queue's statements."""
    return {"now": now, "lapsed_at": now - LEASE}


NOW, LAPSED_AT = bindparam("now", type_=UtcDateTime()), bindparam("lapsed_at", type_=UtcDateTime())


def select_earliest(column: Column[datetime], *where: Any) -> Select[datetime | None]:
    """Return the statement that selects the earliest of the times, as `at`."""
    return select(func.min(column).label("at")).where(*where)


class JobQueue(Generic[Kind]):
    """The jobs of one table. `parse_kind` returns a job's kind from its stored text.

    Its methods run on an open connection, in the transaction that stores what the job follows from, or what
    follows from it.
    """

    def __init__(self, table: Table, parse_kind: Callable[[str], Kind]) -> None:
        self._table = table
        self._parse_kind = parse_kind
        self.due_servers = select(table.c.server_id).where(self._is_claimable(NOW, LAPSED_AT))
        """The statement that selects the servers with jobs to claim; its parameters are `due_time_params`."""
        self.next_due = select_earliest(table.c.due_at, table.c.state == PENDING, table.c.due_at > NOW)
        """The statement that selects when the next job becomes due."""
        self.next_claim = select_earliest(
            table.c.claimed_at, table.c.state == CLAIMED, table.c.claimed_at > LAPSED_AT
        )
        """The statement that selects the oldest claim that holds; it lapses after LEASE."""

    def _is_claimable(self, now: Any, lapsed_at: Any) -> ColumnElement[bool]:
        """Return the condition for jobs to claim: those due, and those claimed at `lapsed_at` or before."""
        columns = self._table.c
        return or_(
            and_(columns.state == PENDING, columns.due_at <= now),
            and_(columns.state == CLAIMED, columns.claimed_at <= lapsed_at),
        )

    def _is_claimed_by(self, job: Job[Kind]) -> ColumnElement[bool]:
        columns = self._table.c
        return and_(columns.id == job.id, columns.state == CLAIMED, columns.token == job.token)

    async def claim(
        self, connection: AsyncConnection, server_id: int, now: datetime, token: str
    ) -> Job[Kind] | None:
        """Claim the server's next job that is due and return it, or None. The server must be locked."""
        table = self._table
        statement = (
            select(table)
            .where(table.c.server_id == server_id, self._is_claimable(now, now - LEASE))
            .order_by(table.c.due_at, table.c.id)
            .limit(1)
        )
        row = (await connection.execute(statement)).one_or_none()
        if row is None:
            return None
        is_reclaimed = row.state == CLAIMED
        # A claimed job's due time is its first claim: whoever reclaims it must look for its message since then,
        # however many processes reclaimed it before.
        first_claimed_at = row.due_at if is_reclaimed else now
        values = {"state": CLAIMED, "due_at": first_claimed_at, "claimed_at": now, "token": token}
        await connection.execute(update(table).where(table.c.id == row.id).values(**values))
        kind = self._parse_kind(row.kind)
        return Job(row.id, server_id, kind, row.subject_id, token, first_claimed_at, row.due_at, is_reclaimed)

    async def settle(self, connection: AsyncConnection, job: Job[Kind]) -> bool:
        """Store that the claimed job is done and return whether the claim still held."""
        values = {"state": DONE, "claimed_at": None, "token": None}
        statement = update(self._table).where(self._is_claimed_by(job)).values(**values)
        return (await connection.execute(statement)).rowcount > 0

    async def postpone(self, connection: AsyncConnection, job: Job[Kind], due_at: datetime) -> None:
        """Release the claim until `due_at`. A job that may have been done stays one to be reclaimed."""
        values: dict[str, Any] = {"state": PENDING, "due_at": due_at, "claimed_at": None, "token": None}
        if job.is_reclaimed:
            values = {"claimed_at": due_at - LEASE, "token": None}
        await connection.execute(update(self._table).where(self._is_claimed_by(job)).values(**values))

    async def enqueue(
        self,
        connection: AsyncConnection,
        server_id: int,
        kind: Kind,
        subject_id: int,
        due_at: datetime,
        *,
        is_repeatable: bool = False,
    ) -> None:
        """Store a job, unless it was stored before: each is done once.

        One that is repeatable is done again. As long as it is pending, a later request does not delay it.
        """
        table = self._table
        row = _pending_row(server_id, kind, subject_id, due_at)
        statement = sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
        key = ["kind", "subject_id"]
        if is_repeatable:
            is_sooner = and_(table.c.state == PENDING, table.c.due_at < statement.excluded.due_at)
            earliest = case((is_sooner, table.c.due_at), else_=statement.excluded.due_at)
            again = {"state": PENDING, "due_at": earliest, "claimed_at": None, "token": None}
            await connection.execute(statement.on_conflict_do_update(index_elements=key, set_=again), row)
        else:
            await connection.execute(statement.on_conflict_do_nothing(index_elements=key), row)

    async def schedule(
        self,
        connection: AsyncConnection,
        server_id: int,
        kind: Kind,
        subject_id: int,
        due_at: datetime,
        now: datetime,
    ) -> None:
        """Store a job for that time, or move it there; one that was done earlier is done again then.

        For a time that has passed, nothing is stored, and a job that was to come at another time is dropped.
        """
        table = self._table
        if due_at > now:
            await self._set_pending(connection, server_id, kind, subject_id, due_at)
            return
        is_moved = and_(table.c.state == PENDING, table.c.due_at != due_at)
        is_job = and_(table.c.kind == str(kind), table.c.subject_id == subject_id)
        await connection.execute(update(table).where(is_job, is_moved).values(state=DONE))

    async def _set_pending(
        self, connection: AsyncConnection, server_id: int, kind: Kind, subject_id: int, due_at: datetime
    ) -> None:
        row = _pending_row(server_id, kind, subject_id, due_at)
        updates = ("state", "due_at", "claimed_at", "token")
        statement = upsert(connection.dialect.name, self._table, ("kind", "subject_id"), updates)
        await connection.execute(statement, row)

    async def drop_pending(
        self, connection: AsyncConnection, subject_id: int, *, prefix: str = "", keep: Collection[str] = ()
    ) -> None:
        """Drop the subject's jobs to come whose kind begins with the prefix, except those of the kinds to keep."""
        table = self._table
        is_dropped = and_(
            table.c.subject_id == subject_id,
            table.c.state == PENDING,
            table.c.kind.startswith(prefix, autoescape=True),
            table.c.kind.not_in(sorted(keep)),
        )
        await connection.execute(update(table).where(is_dropped).values(state=DONE))


def _pending_row(server_id: int, kind: str, subject_id: int, due_at: datetime) -> dict[str, Any]:
    return {
        "server_id": server_id,
        "kind": str(kind),
        "subject_id": subject_id,
        "state": PENDING,
        "due_at": due_at,
        "claimed_at": None,
        "token": None,
    }
