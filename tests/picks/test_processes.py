"""Several bots on one PostgreSQL: whatever they do at once and wherever one dies, each thing is said once.

Each bot has its own services, and so its own connections and memory; the simulated Discord is the same one.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.client import Marquee, create_bot
from bot.config import Settings
from bot.core.jobs import LEASE
from bot.nights.models import Answer, Repeat
from bot.nights.service import NightDraft, NightEdit
from bot.services import Services, running_services
from tests.conftest import World
from tests.nights.steps import read_message
from tests.picks.steps import OTHER, THIRD, advance_to, get_programme, list_announcements, plan, set_rotation
from tests.responses import FILM, post_review

pytestmark = pytest.mark.postgres


@pytest.fixture
def settings(postgres_settings: Settings) -> Settings:
    """Let the world's bot be one of those on PostgreSQL."""
    return postgres_settings


@pytest.fixture
async def others(services: Services, settings: Settings) -> AsyncIterator[list[Services]]:
    """Three more processes' services on the same database."""
    async with running_services(settings) as a, running_services(settings) as b, running_services(settings) as c:
        yield [a, b, c]


async def run_scheduler(world: World, services: Services) -> None:
    """Do what a bot's scheduler does once something is due."""
    with world.env.time_context():
        guild = world.env.bot.get_guild(world.server.id)
        assert guild is not None
        assert isinstance(world.env.bot, Marquee)
        for server_id in await services.pick_scheduler.list_due_servers():
            await services.pick_scheduler.advance(server_id)
            await services.pick_announcer.run_due_jobs(guild)


async def advance_without_bot(world: World, moment: str) -> None:
    """Let the time come without a bot that does anything about it, or wakes up in between."""
    for extension in ("cogs.picks", "cogs.nights", "cogs.conversation"):
        if extension in world.env.bot.extensions:
            await world.env.bot.unload_extension(extension)
    await advance_to(world, moment)


async def count_retrospectives(world: World) -> int:
    """Return how many retrospectives are in the channel itself."""
    titles = [message.embeds[0].title or "" for message in world.channel.history() if message.embeds]
    return sum(title.startswith("Looking back") for title in titles)


async def test_bots_that_find_a_pick_due_at_once_announce_it_once(world: World, others: list[Services]) -> None:
    await set_rotation(world, thread=True)
    for film in (FILM, OTHER, THIRD):
        await plan(world, film)
    await post_review(world, world.mina, "A well.", 9)
    for number, friday in enumerate(("2026-01-02", "2026-01-09", "2026-01-16"), start=1):
        await advance_without_bot(world, f"{friday}T19:00")
        every = [world.services, *others]
        for _ in range(2):
            await asyncio.gather(*(run_scheduler(world, each) for each in every))
        assert len(list_announcements(world.channel)) == number
        assert len(world.channel.threads) == number
        assert len(world.channel.pinned_messages()) == 1
    assert await count_retrospectives(world) == 0  # in the thread, under the announcement
    in_threads = [message for thread in world.channel.threads for message in thread.history() if message.embeds]
    titles = [message.embeds[0].title or "" for message in in_threads]
    assert [title for title in titles if title.startswith("Looking")] == ["Looking back at Burning"]


async def test_the_job_of_a_bot_killed_between_claim_and_post_is_done_once(
    world: World, others: list[Services]
) -> None:
    await set_rotation(world)
    await plan(world, FILM)
    await advance_without_bot(world, "2026-01-02T19:00")
    with world.env.time_context():  # the first process claims the job, and dies
        assert await others[0].pick_scheduler.advance(world.server.id)
        assert await others[0].pick_scheduler.claim_job(world.server.id) is not None
    await asyncio.gather(*(run_scheduler(world, each) for each in (world.services, *others[1:])))
    assert list_announcements(world.channel) == []  # the first process may be working on it
    await world.env.advance_time(LEASE.total_seconds())
    for _ in range(2):
        await asyncio.gather(*(run_scheduler(world, each) for each in (world.services, *others[1:])))
    assert len(list_announcements(world.channel)) == 1


@pytest.mark.expects_errors
@pytest.mark.parametrize("dies_at", ["set_announcement", "settle_job"])
async def test_a_bot_killed_after_its_post_leaves_no_second(
    world: World, others: list[Services], monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    await set_rotation(world, thread=True)
    await plan(world, FILM)
    await advance_without_bot(world, "2026-01-02T19:00")
    lost = others[0]

    async def die(*_: object) -> None:
        raise ConnectionError("the process has died")

    with monkeypatch.context() as patched:
        patched.setattr(lost.pick_scheduler.repository, dies_at, die)
        await run_scheduler(world, lost)
    assert len(list_announcements(world.channel)) == 1
    await world.env.advance_time(LEASE.total_seconds())
    for _ in range(2):
        await asyncio.gather(*(run_scheduler(world, each) for each in (world.services, *others[1:])))
    (message,) = list_announcements(world.channel)
    (thread,) = world.channel.threads
    (pinned,) = world.channel.pinned_messages()
    assert pinned.id == message.id
    pick = (await get_programme(world)).current
    assert pick is not None
    assert pick.announcement is not None
    assert (pick.announcement.message_id, pick.announcement.thread_id) == (message.id, thread.id)


async def test_whole_bots_one_after_another_on_one_database_announce_once(
    world: World, others: list[Services]
) -> None:
    await set_rotation(world, every="day", at="01:30")
    await plan(world, FILM)
    await advance_to(world, "2026-01-01T00:29")
    for services in (others[0], others[1], world.services):
        await world.env.restart_bot(create_bot(services))
        await world.env.advance_time(60)
    assert len(list_announcements(world.channel)) == 1


async def run_nights(world: World, services: Services) -> None:
    """Do what a bot's scheduler of film nights does once something is due."""
    with world.env.time_context():
        guild = world.env.bot.get_guild(world.server.id)
        assert guild is not None
        for server_id in await services.night_scheduler.list_due_servers():
            await services.night_scheduler.advance(server_id)
            await services.night_announcer.run_due_jobs(guild)


async def live_nights_until(world: World, bots: list[Services], moment: str) -> None:
    """Let the time come, both bots finding at once what is due whenever something is."""
    target = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    while (left := (target - world.env.now()).total_seconds()) > 0:
        await asyncio.gather(*(run_nights(world, each) for each in bots))
        due_at = await world.services.night_scheduler.repository.get_next_time(world.env.now())
        wait = (due_at - world.env.now()).total_seconds() if due_at is not None else left
        await world.env.advance_time(min(left, max(wait, 1.0)))


@pytest.mark.begins("2026-03-02T12:00")
async def test_a_month_of_weekly_nights_on_two_bots_says_everything_once(
    world: World, others: list[Services]
) -> None:
    bots, here = [world.services, others[0]], world.server.id
    await world.sam.slash(world.channel, "pick rotate", zone="Europe/Berlin")
    for extension in list(world.env.bot.extensions):  # nothing else is to do in this month
        await world.env.bot.unload_extension(extension)
    draft = NightDraft(
        name="Weekly", starts="friday 20:00", channel_id=world.channel.id, host_id=world.sam.id, repeat=Repeat.WEEK
    )
    with world.env.time_context():
        night = await world.services.nights.plan(here, draft)
    for week, friday in enumerate(("2026-03-06", "2026-03-13", "2026-03-20", "2026-03-27"), start=1):
        films = [await world.services.film_repository.get(each) for each in (FILM, OTHER)]
        with world.env.time_context():
            for each, member, film in zip(bots, (world.mina, world.jonas), films, strict=True):
                assert film is not None
                await each.nights.answer(here, night.id, member.id, Answer.YES)
                await each.nights.nominate(here, night, member.id, film)
        await live_nights_until(world, bots, f"{friday}T12:00")
        with world.env.time_context():
            await asyncio.gather(*(
                each.nights.press_choice(here, night.id, member.id, FILM)
                for each, member in zip(bots, (world.mina, world.jonas), strict=True)
            ))  # fmt: skip
        saturday = datetime.fromisoformat(f"{friday}T12:00").replace(tzinfo=UTC) + timedelta(days=1)
        await live_nights_until(world, bots, f"{saturday:%Y-%m-%dT%H:%M}")
        (night,) = await world.services.nights.repository.list_open(here)
        said = Counter[str]()
        for message in world.channel.history():
            text = read_message(message)
            for sentence in ("Voting for", "the film is Burning", "starts <t:", "starts now", "How was"):
                said[sentence] += sentence in text
        assert set(said.values()) == {week}, said
        assert len(world.channel.threads) == week
        cards = [each for each in world.channel.history() if each.embeds and each.embeds[0].author.name]
        assert len(cards) == week + 1
        assert len(world.env.backend.get_guild(here).scheduled_events) == week + 1
    # The clocks went forward on the last Sunday: by Berlin's the fifth night is at eight, too.
    assert night.starts_at.isoformat() == "2026-04-03T18:00:00+00:00"
    # Two hosts who press at once, each at another bot: one cancels this night, the other finds it cancelled.
    with world.env.time_context():
        both = await asyncio.gather(*(each.nights.skip(here, night.id) for each in bots), return_exceptions=True)
        assert sorted(type(each).__name__ for each in both) == ["Night", "NightCancelledError"]
        (night,) = await world.services.nights.repository.list_open(here)
        edits = [NightEdit(place=place) for place in ("Here", "There")]
        await asyncio.gather(
            *(each.nights.edit(here, night.id, edit) for each, edit in zip(bots, edits, strict=True)),
            others[1].nights.cancel(here, night.id),
            return_exceptions=True,
        )
        assert await world.services.nights.repository.list_open(here) == []
