"""The services of film nights on a database, with a clock that the test sets."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.database.engine import Database
from bot.core.tasks import Foreground
from bot.films.models import Film
from bot.members.repository import ServerSettingsRepository
from bot.nights.choice_repository import ChoiceRepository
from bot.nights.models import Answer, Night, NightSnapshot
from bot.nights.repository import NightRepository
from bot.nights.scheduler_repository import NightSchedulerRepository
from bot.nights.service import NightDraft, NightScheduler, NightService
from tests.repositories import membership_repository

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""A Monday."""
HERE, THERE, CHANNEL = 100, 200, 300
MINA, JONAS, SAM = 1, 2, 3
FILMS = ("alien", "brazil", "clue", "dune")


class Cinema:
    """The services on one database; `now` is the time."""

    def __init__(self, database: Database) -> None:
        self.now = START
        self.database = database
        membership = membership_repository(database)
        self.server_settings = ServerSettingsRepository(database)
        self.nights = NightService(
            NightRepository(database, membership),
            ChoiceRepository(database, membership),
            self.server_settings,
            lambda: self.now,
            Foreground(),
        )
        self.scheduler = NightScheduler(NightSchedulerRepository(database), lambda: self.now, timedelta(days=1))

    async def plan(self, **options: Any) -> Night:
        """Plan a night for Friday at eight in the evening; nominations close on Thursday at seven."""
        defaults = {"name": "Friday", "starts": "friday 20:00", "channel_id": CHANNEL, "host_id": SAM}
        return await self.nights.plan(HERE, NightDraft(**{**defaults, **options}))

    async def nominate(self, night: Night, member_id: int, film_id: str, reason: str = "") -> None:
        film = Film(id=film_id, title=film_id.title(), original_title=film_id, year=2000)
        await self.nights.nominate(HERE, night, member_id, film, reason)

    async def vote(self, night: Night, member_id: int, *film_ids: str) -> None:
        await self.nights.clear_ballot(HERE, night.id, member_id)
        for film_id in film_ids:
            await self.nights.press_choice(HERE, night.id, member_id, film_id)

    async def come(self, night: Night, *member_ids: int, answer: Answer = Answer.YES) -> None:
        for member_id in member_ids:
            await self.nights.answer(HERE, night.id, member_id, answer)

    async def get(self, night: Night) -> NightSnapshot:
        return await self.nights.repository.get_snapshot(HERE, night.id)

    async def advance_to(self, moment: str) -> list[str]:
        """Let the time come, step by step as the scheduler wakes, and return the jobs settled on the way."""
        target, jobs = datetime.fromisoformat(moment).replace(tzinfo=UTC), list[str]()
        while True:
            for server_id in await self.scheduler.list_due_servers():
                await self.scheduler.advance(server_id)
                jobs += await self.settle_jobs(server_id)
            if self.now >= target:
                return jobs
            wait = await self.scheduler.get_wait()
            self.now = min(target, self.now + max(wait, timedelta(seconds=1)))

    async def settle_jobs(self, server_id: int = HERE) -> list[str]:
        """Settle all jobs that are due, and return what they are, without those that bring things up to date."""
        jobs = []
        while (job := await self.scheduler.claim_job(server_id)) is not None:
            if job.kind not in ("refresh", "event"):
                jobs.append(str(job.kind))
            await self.scheduler.repository.settle_job(job)
        return jobs
