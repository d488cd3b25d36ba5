"""The marquee on a database, with a clock that the test sets."""

from datetime import UTC, datetime, timedelta

from bot.core.database.engine import Database
from bot.picks.engagement_repository import PickEngagementRepository
from bot.picks.engagement_service import PickEngagementService
from bot.picks.models import Job, JobKind, NewPick
from bot.picks.rotation import Every
from bot.picks.scheduler_repository import PickSchedulerRepository
from bot.picks.scheduler_service import PickScheduler
from bot.picks.service import PickService
from tests.repositories import membership_repository, pick_repository

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HERE, THERE = 100, 200
MINA, JONAS, SAM = 1, 2, 3
FILMS = tuple(f"film-{number}" for number in range(8))


class Marquee:
    """The services on one database, and a clock that the test sets."""

    def __init__(self, database: Database) -> None:
        self.now = START
        self.database = database
        self.picks = PickService(pick_repository(database), lambda: self.now)
        self.scheduler = PickScheduler(PickSchedulerRepository(database), lambda: self.now, timedelta(days=1))
        self.engagement = PickEngagementService(
            PickEngagementRepository(database, membership_repository(database)), lambda: self.now
        )

    async def weekly(self, **more: object) -> None:
        rule = {"rotation_interval": Every.WEEK.value, "rotation_time": 20 * 60, "rotation_weekday": 4}
        await self.picks.change_settings(HERE, rule | more)

    async def plan(self, *films: str) -> list[int]:
        return [(await self.picks.add(HERE, NewPick(film, SAM))).id for film in films]

    async def announcing(self, film: str) -> Job:
        """Bring the film on by the week's rotation, and claim its announcement."""
        await self.weekly()
        await self.plan(film)
        self.now += timedelta(hours=8)
        await self.scheduler.advance(HERE)
        task = await self.scheduler.claim_job(HERE)
        assert task is not None
        return task

    async def errands(self) -> list[tuple[JobKind, int]]:
        found = []
        while (task := await self.scheduler.claim_job(HERE)) is not None:
            found.append((task.kind, task.subject_id))
            await self.scheduler.repository.settle_job(task)
        return found
