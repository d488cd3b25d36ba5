"""The services of picks on a database, with a clock that the test sets."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.database.engine import Database
from bot.core.tasks import Foreground
from bot.picks.engagement_repository import PickEngagementRepository
from bot.picks.models import JobKind, NewPick, PickJob, Programme, RefillMode
from bot.picks.rotation import RotationInterval
from bot.picks.scheduler_repository import PickSchedulerRepository
from bot.picks.scheduler_service import PickScheduler
from bot.picks.service import PickEngagementService, PickService
from bot.reviews.models import Draft
from tests.repositories import membership_repository, pick_repository, review_repository

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HERE, THERE = 100, 200
MINA, JONAS, SAM = 1, 2, 3
FILMS = tuple(f"film-{number}" for number in range(8))


class Marquee:
    """The services on one database; `now` is the time."""

    def __init__(self, database: Database) -> None:
        self.now = START
        self.database = database
        self.picks = PickService(pick_repository(database), lambda: self.now, Foreground())
        self.scheduler = PickScheduler(PickSchedulerRepository(database), lambda: self.now, timedelta(days=1))
        self.engagement = PickEngagementService(
            PickEngagementRepository(database, membership_repository(database)), lambda: self.now
        )

    async def rotate_weekly(self, refill: RefillMode | None = None) -> None:
        """Rotate on Fridays at 20:00, eight hours after START."""
        changes: dict[str, Any] = {
            "rotation_interval": RotationInterval.WEEK.value,
            "rotation_time": 20 * 60,
            "rotation_weekday": 4,
        }
        if refill is not None:
            changes["refill"] = refill.value
        await self.picks.change_settings(HERE, changes)

    async def plan(self, *films: str) -> list[int]:
        """Plan the films and return the picks' ids."""
        return [(await self.picks.add(HERE, NewPick(film, SAM))).id for film in films]

    async def rate(self, film: str, *stars: int) -> None:
        """Let the members 1, 2 and so on rate the film, in half-stars."""
        repository = review_repository(self.database)
        for member_id, half_stars in enumerate(stars, start=1):
            await repository.store(Draft(HERE, member_id, film, half_stars, text=f"From {member_id}."), self.now)

    async def get_programme(self) -> Programme:
        return await self.picks.repository.get_programme(HERE)

    async def get_current_film(self) -> str:
        current = (await self.get_programme()).current
        assert current is not None
        return current.film_id

    async def claim_job(self) -> PickJob:
        """Claim a job that must be due."""
        job = await self.scheduler.claim_job(HERE)
        assert job is not None
        return job

    async def claim_announcement(self, film: str) -> PickJob:
        """Start the film by the week's rotation, and claim its announcement."""
        await self.rotate_weekly()
        await self.plan(film)
        self.now += timedelta(hours=8)
        await self.scheduler.advance(HERE)
        return await self.claim_job()

    async def settle_jobs(self) -> list[tuple[JobKind, int]]:
        """Settle all jobs that are due, and return their kinds and subjects."""
        jobs = []
        while (job := await self.scheduler.claim_job(HERE)) is not None:
            jobs.append((job.kind, job.subject_id))
            await self.scheduler.repository.settle_job(job)
        return jobs
