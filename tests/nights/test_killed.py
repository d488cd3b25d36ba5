"""A night whose process dies around every request to Discord; and months of nights on two processes at once."""

import asyncio
import os
import re
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
from sqlalchemy import select

from bot.core.database.engine import Database
from bot.core.jobs import LEASE
from bot.nights.models import Answer, NightJob, NightState, Repeat
from bot.nights.tables import nights
from bot.picks.rotation import to_local
from tests.conftest import World
from tests.nights import killed_night
from tests.nights.cinema import HERE, JONAS, MINA, Cinema
from tests.nights.steps import NIGHTS, find_message, get_card, get_night, list_direct_messages, plan
from tests.picks.moments import utc
from tests.picks.steps import OTHER
from tests.responses import FILM

KILLS = int(os.environ.get("MARQUEE_KILLS", "3"))
"""Processes killed at each step of a night."""
ROOT = Path(__file__).parents[2]


class Killed(BaseException):
    """The process dies; nothing in it runs any more, so nothing may catch this."""


class Reaper:
    """Kills the process around each request of each job: once before Discord has it, and once after."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.deaths: Counter[tuple[str, str]] = Counter()
        self._job: NightJob | None = None
        scheduler, http = world.services.night_scheduler, world.env.bot.http
        self._claim: Callable[..., Any] = scheduler.claim_job
        self._send: Callable[..., Any] = http.request
        monkeypatch.setattr(scheduler, "claim_job", self.claim_job)
        monkeypatch.setattr(http, "request", self.request)

    async def claim_job(self, server_id: int) -> NightJob | None:
        self._job = await self._claim(server_id)
        return self._job

    async def request(self, route: discord.http.Route, **options: Any) -> Any:
        if route.method == "GET" or self._job is None:
            return await self._send(route, **options)
        key = (str(self._job.kind), f"{route.method} {re.sub('[0-9]+', '*', route.path)}")
        self.deaths[key] += 1
        if self.deaths[key] == 1:
            raise Killed
        result = await self._send(route, **options)
        if self.deaths[key] == 2:
            raise Killed
        return result


async def _live_until(world: World, moment: str, step: float = 30.0) -> None:
    """Let the scheduler run now and then until that moment, in a new process after each death."""
    while world.env.now() < utc(moment):
        with world.env.time_context():
            guild = world.env.bot.get_guild(world.server.id)
            assert guild is not None
            try:
                for server_id in await world.services.night_scheduler.list_due_servers():
                    await world.services.night_scheduler.advance(server_id)
                    await world.services.night_announcer.run_due_jobs(guild)
                wait = (await world.services.night_scheduler.get_wait()).total_seconds()
            except Killed:
                wait = LEASE.total_seconds()
        left = (utc(moment) - world.env.now()).total_seconds()
        await world.env.advance_time(min(left, max(wait, step)))


@pytest.mark.begins(NIGHTS)
async def test_a_night_comes_once_though_its_process_dies_around_every_request(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cog,) = (each for each in world.env.bot.cogs.values() if each.qualified_name == "night")
    runner: Any = cog
    runner.runner.stop()
    reaper = Reaper(world, monkeypatch)
    await plan(world, reminders="1h")
    await _live_until(world, "2026-03-02T12:30")
    service, night, here = world.services.nights, await get_night(world), world.server.id
    for member in (world.mina, world.jonas):
        await service.answer(here, night.id, member.id, Answer.YES)
    await service.repository.set_direct(here, night.id, world.jonas.id, is_direct=True)
    for member, film in ((world.mina, FILM), (world.jonas, OTHER)):
        found = await world.services.film_repository.get(film)
        assert found is not None
        await service.nominate(here, night, member.id, found)
    await _live_until(world, "2026-03-05T20:00")
    pinned = [message.id for message in world.channel.pinned_messages()]
    for member in (world.mina, world.jonas):
        await service.press_choice(here, night.id, member.id, FILM)
    await _live_until(world, "2026-03-06T23:30")
    for member in (world.mina, world.jonas):
        await service.set_attendance(here, night.id, member.id, has_attended=True)
        await member.click(find_message(world, "How was"), label="★★★★")
    await _live_until(world, "2026-03-07T11:00")
    # Each is there once, although the process died twice at each of the steps behind it.
    assert get_card(world).id in pinned
    for text in (
        "Voting for",
        "the film is Burning",
        "starts <t:",
        "starts now",
        "How was",
        "What you thought of",
    ):
        assert find_message(world, text), text
    assert len(list_direct_messages(world, world.jonas)) == 1
    assert len(world.channel.threads) == 1
    assert len(world.env.backend.get_guild(here).scheduled_events) == 1
    kinds = {kind.partition(":")[0] for kind, _request in reaper.deaths}
    assert {
        "announce",
        "event",
        "refresh",
        "ballot",
        "result",
        "remind",
        "direct",
        "start",
        "rate",
        "summary",
    } <= kinds
    assert min(reaper.deaths.values()) >= 2
    past = await service.get(here, night.id)
    assert (past.state, past.film_id) == (NightState.ENDED, FILM)


@pytest.mark.parametrize(
    ("zone", "begins", "ends", "weeks"),
    [
        ("America/New_York", "2026-02-23T12:00", "2026-03-27T12:00", 4),
        ("Europe/Berlin", "2026-10-12T12:00", "2026-11-13T12:00", 4),
        ("Australia/Lord_Howe", "2026-03-23T00:00", "2026-04-24T00:00", 4),
    ],
)
async def test_a_month_of_nights_on_two_processes_through_a_change_of_clocks(
    database_url: str, database: Database, cinema: Cinema, zone: str, begins: str, ends: str, weeks: int
) -> None:
    await cinema.server_settings.change(HERE, lambda before: before.with_changes({"time_zone": zone}))
    cinema.now = utc(begins)
    for name, repeat, times in (("Weekly", Repeat.WEEK, "friday 20:00"), ("Late", Repeat.WEEK, "sunday 02:30")):
        await cinema.plan(name=name, starts=times, repeat=repeat, reminders="1h", film_id="alien")
    voted = await cinema.plan(name="Voted", starts="sunday 18:00", repeat=Repeat.WEEK, has_carry_over=True)
    for member, film in ((MINA, "alien"), (JONAS, "brazil")):
        await cinema.nominate(voted, member, film)
    second_database = await Database.open(database_url)
    other = Cinema(second_database)
    done: Counter[tuple[str, int]] = Counter()

    async def work(process: Cinema) -> None:
        for server_id in await process.scheduler.list_due_servers():
            await process.scheduler.advance(server_id)
            while (job := await process.scheduler.claim_job(server_id)) is not None:
                if await process.scheduler.repository.settle_job(job) and job.kind not in ("refresh", "event"):
                    done[str(job.kind), job.subject_id] += 1

    while cinema.now < utc(ends):
        other.now = cinema.now
        await asyncio.gather(work(cinema), work(other))
        wait = await cinema.scheduler.get_wait()
        cinema.now = min(utc(ends), cinema.now + max(wait, timedelta(seconds=1)))
    await second_database.close()
    assert set(done.values()) == {1}
    past = select(nights).where(nights.c.state == NightState.ENDED.value).order_by(nights.c.starts_at)
    history = await database.fetch_all(past)
    starts: dict[str, list[datetime]] = {}
    for row in history:
        starts.setdefault(row.name, []).append(to_local(row.starts_at, zone))
        jobs = {kind for kind, night_id in done if night_id == row.id}
        assert {"announce", "start"} <= jobs
        assert "remind:60" in jobs
    assert {name: len(each) for name, each in starts.items()} == {"Weekly": weeks, "Late": weeks, "Voted": weeks}
    for name, clock in (("Weekly", "20:00"), ("Voted", "18:00")):
        assert {f"{at:%H:%M}" for at in starts[name]} == {clock}
    # A time that the clocks leave out is an hour or less later that once.
    assert Counter(f"{at:%H:%M}" for at in starts["Late"]).most_common(1)[0][0] == "02:30"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
async def test_processes_killed_at_every_step_of_a_night_do_each_thing_once(
    database_url: str, cinema: Cinema, tmp_path: Path
) -> None:
    night = await cinema.plan()
    await cinema.nominate(night, MINA, "alien")
    await cinema.nominate(night, JONAS, "brazil")
    channel = tmp_path / "channel"
    channel.touch()
    command = [sys.executable, killed_night.__file__, database_url, str(channel), str(KILLS)]
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=asyncio.subprocess.PIPE
    )
    output, _errors = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0
    assert int(output) > KILLS  # most died in the middle of something
    told = Counter(line.partition(" ")[0] for line in channel.read_text().splitlines())
    once = {kind: count for kind, count in told.items() if kind not in ("refresh", "event")}
    assert once == dict.fromkeys(("announce", "ballot", "remind:60", "result", "start", "rate", "summary"), 1)
    assert (await cinema.get(night)).night.state is NightState.ENDED
