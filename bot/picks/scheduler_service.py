"""The marquee's scheduler: what is due, and the jobs in Discord that follow from it, each done once.

The database keeps the time. Moving a marquee forward and storing the jobs that follow is one transaction, and the
database takes each job only once. Whoever does a job claims it first. A claim that is never settled, since its
process died, lapses after LEASE; whoever claims the job again finds out whether it was done before doing it.
"""

from bot.core.scheduler import REFRESH_DELAY, Scheduler
from bot.picks.models import Notice, PickJob
from bot.picks.scheduler_repository import PickSchedulerRepository


class PickScheduler(Scheduler[PickSchedulerRepository, PickJob]):
    """Moves marquees forward and hands out jobs."""

    async def request_refresh(self, server_id: int, film_id: str | None = None) -> bool:
        """Have the current pick's announcement refreshed soon and return whether there is one.

        With `film_id` only if the current pick is that film. Requests until then are one refresh.
        """
        return await self.repository.request_refresh(server_id, film_id, self._now() + REFRESH_DELAY)

    async def add_notice(self, server_id: int, notice: Notice) -> bool:
        """Store a notice for the moderators and return whether it is new to them."""
        return await self.repository.add_notice(server_id, notice, self._now())

    async def settle_counted_poll(self, job: PickJob, film_id: str) -> None:
        """Settle the job and start the poll's winner, unless a curator has planned or started a pick since."""
        await self.repository.settle_counted_poll(job, film_id, self._now())
