"""The marquee's scheduler: what is due, and the jobs in Discord that follow from it, each done once.

The database keeps the time. Moving a marquee forward and storing the jobs that follow is one transaction, and the
database takes each job only once. Whoever does a job claims it first. A claim that is never settled, since its
process died, lapses after LEASE; whoever claims the job again finds out whether it was done before doing it.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.picks.models import Notice, PickJob
from bot.picks.scheduler_repository import PickSchedulerRepository

LONGEST_WAIT = timedelta(minutes=5)
"""How long changes by another process may stay unseen."""
LONGEST_WAIT_ALONE = timedelta(days=1)
"""The same where no other bot uses the database: then nothing needs to be looked up in between."""
RETRY_DELAY = timedelta(minutes=15)
"""How long a job that could not be done waits for the next try."""
REFRESH_DELAY = timedelta(seconds=10)
"""How long changes to what an announcement shows are collected before it is refreshed."""


class PickScheduler:
    """Moves marquees forward and hands out jobs.

    `now` returns the current time. `longest_wait` is how long the scheduler may sleep though nothing is due, since
    other processes may have changed what is.
    """

    def __init__(
        self,
        repository: PickSchedulerRepository,
        now: Callable[[], datetime],
        longest_wait: timedelta = LONGEST_WAIT,
    ) -> None:
        self.repository = repository
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
        return (
            self._longest_wait if next_time is None else min(self._longest_wait, max(timedelta(), next_time - now))
        )

    async def advance(self, server_id: int) -> bool:
        """Move the server's marquee forward to now and return whether anything changed."""
        return await self.repository.advance(server_id, self._now())

    async def request_refresh(self, server_id: int, film_id: str | None = None) -> bool:
        """Have the current pick's announcement refreshed soon and return whether there is one.

        With `film_id` only if the current pick is that film. Requests until then are one refresh.
        """
        return await self.repository.request_refresh(server_id, film_id, self._now() + REFRESH_DELAY)

    async def claim_job(self, server_id: int) -> PickJob | None:
        """Claim the server's next job and return it, or None if none is due."""
        return await self.repository.claim_job(server_id, self._now(), secrets.token_hex(16))

    async def postpone_job(self, job: PickJob, delay: timedelta = RETRY_DELAY) -> None:
        """Release the claim of the job, to be tried again after the delay."""
        await self.repository.postpone_job(job, self._now() + delay)

    async def add_notice(self, server_id: int, notice: Notice) -> bool:
        """Store a notice for the moderators and return whether it is new to them."""
        return await self.repository.add_notice(server_id, notice, self._now())

    async def settle_counted_poll(self, job: PickJob, film_id: str) -> None:
        """Settle the job and start the poll's winner, unless a curator has planned or started a pick since."""
        await self.repository.settle_counted_poll(job, film_id, self._now())
