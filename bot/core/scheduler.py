"""When a feature's scheduler has something to do, and the jobs that it hands out, each done once.

The database keeps the time. Moving a feature forward and storing the jobs that follow is one transaction, and the
database takes each job only once (`bot.core.database.job_queue`).
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from bot.core.jobs import Job

LONGEST_WAIT = timedelta(minutes=5)
"""How long changes by another process may stay unseen."""
LONGEST_WAIT_ALONE = timedelta(days=1)
"""The same where no other bot uses the database: then nothing needs to be looked up in between."""
RETRY_DELAY = timedelta(minutes=15)
"""How long a job that could not be done waits for the next try."""
REFRESH_DELAY = timedelta(seconds=10)
"""How long changes to what a message shows are collected before it is refreshed."""
AnyJob = TypeVar("AnyJob", bound=Job[Any])


class SchedulerRepository(Protocol):
    """What a scheduler keeps in the database, as picks and film nights do."""

    async def list_due_servers(self, now: datetime) -> list[int]:
        """Return the ids of the servers for which something is due."""
        ...

    async def get_next_time(self, now: datetime) -> datetime | None:
        """Return when something becomes due after `now`, or None."""
        ...

    async def advance(self, server_id: int, now: datetime) -> bool:
        """Move what the server has forward to `now` and return whether anything changed."""
        ...

    async def claim_job(self, server_id: int, now: datetime, token: str) -> Any:
        """Claim the server's next job and return it, or None if none is due."""
        ...

    async def postpone_job(self, job: Any, due_at: datetime) -> None:
        """Release the claim of the job until `due_at`."""
        ...


Repository = TypeVar("Repository", bound=SchedulerRepository)


class Scheduler(Generic[Repository, AnyJob]):
    """Moves what servers have planned forward, and hands out jobs.

    `now` returns the current time. `longest_wait` is how long the scheduler may sleep though nothing is due, since
    other processes may have changed what is.
    """

    def __init__(
        self, repository: Repository, now: Callable[[], datetime], longest_wait: timedelta = LONGEST_WAIT
    ) -> None:
        self.repository = repository
        self.observers: list[Callable[[str, float], None]] = []
        """Called with the kind of each job that is claimed and the seconds that it is late."""
        self._now = now
        self._longest_wait = longest_wait

    def now(self) -> datetime:
        """Return the current time."""
        return self._now()

    async def list_due_servers(self) -> list[int]:
        """Return the ids of the servers for which something is due."""
        return await self.repository.list_due_servers(self._now())

    async def get_wait(self, since: datetime | None = None) -> timedelta:
        """Return how long until something is due, at most `longest_wait`.

        It is zero if something has become due after `since`, the time at which due servers were listed last.
        """
        now = self._now()
        next_time = await self.repository.get_next_time(since or now)
        if next_time is None:
            return self._longest_wait
        return min(self._longest_wait, max(timedelta(), next_time - now))

    async def advance(self, server_id: int) -> bool:
        """Move what the server has forward to now and return whether anything changed."""
        return await self.repository.advance(server_id, self._now())

    async def claim_job(self, server_id: int) -> AnyJob | None:
        """Claim the server's next job and return it, or None if none is due."""
        now = self._now()
        job: AnyJob | None = await self.repository.claim_job(server_id, now, secrets.token_hex(16))
        if job is not None:
            kind, *_parameters = str(job.kind).split(":")  # a member's id may be among the parameters
            for observer in self.observers:
                observer(kind, (now - job.due_at).total_seconds())
        return job

    async def postpone_job(self, job: AnyJob, delay: timedelta = RETRY_DELAY) -> None:
        """Release the claim of the job, to be tried again after the delay."""
        await self.repository.postpone_job(job, self._now() + delay)
