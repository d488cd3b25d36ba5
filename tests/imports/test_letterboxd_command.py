"""`/letterboxd` as members and moderators use it, with feeds from this machine."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord
import pytest
from aiohttp import web

from bot.config import Settings
from bot.imports import following_service
from bot.services import Services, running_services
from tests.conftest import World
from tests.imports.feeds import FeedServer, feed, item
from tests.nights.steps import list_direct_messages
from tests.operations import count_rows_of
from tests.responses import assert_refused, post_review, read_text

FILM = "burning-2018"


@pytest.fixture
async def letterboxd(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FeedServer]:
    monkeypatch.setattr(following_service, "PAUSE", 0.0)
    async with FeedServer() as server:
        yield server


@pytest.fixture
async def services(settings: Settings, letterboxd: FeedServer) -> AsyncIterator[Services]:
    async with running_services(replace(settings, letterboxd_url=letterboxd.url)) as services:
        yield services


async def poll(world: World, minutes: int = 31) -> None:
    """Let time pass, and the feeds be read and what is new posted."""
    world.env.backend.advance_clock(60 * minutes)
    cog: Any = world.env.bot.get_cog("letterboxd")
    await cog.read_feeds()
    await cog.post_entries()
    await world.env.settle()


def posted(world: World) -> list[discord.Message]:
    messages = [each for each in world.channel.history() if each.content.endswith("a film.")]
    return sorted(messages, key=lambda each: each.id)


async def own_films(world: World, member: Any) -> list[tuple[str, int | None, str | None]]:
    page = await world.services.diary.repository.get_page(world.server.id, member.id)
    return [(v.film_id, v.half_stars, v.watched_on.isoformat() if v.watched_on else None) for v in page.viewings]


async def test_entries_wait_while_their_channel_is_gone_or_closed(world: World, letterboxd: FeedServer) -> None:
    log_channel, entries = world.server.create_text_channel("mod-log"), world.server.create_text_channel("entries")
    await world.sam.slash(world.channel, "settings reviews", log_channel=log_channel)
    await world.sam.slash(world.channel, "letterboxd channel", channel=entries)
    letterboxd.feeds["mina_watches"] = feed(item(1, "Heat", 1995))
    await world.mina.slash(world.channel, "letterboxd connect", user="mina_watches")
    world.env.backend.delete_channel(entries.id)
    letterboxd.feeds["mina_watches"] = feed(item(2), item(1, "Heat", 1995))
    await poll(world)
    await poll(world)
    notices = [each.content for each in log_channel.history() if "Entries aren't posted" in each.content]
    assert notices == ["Entries aren't posted in a channel. Choose one with `/letterboxd channel`."]
    shown = read_text(await world.sam.slash(world.channel, "letterboxd channel"))
    assert "Entries aren't posted in a channel." in shown
    await world.sam.slash(world.channel, "letterboxd channel", channel=world.channel)
    await poll(world)
    (only,) = posted(world)
    assert only.embeds[0].title == "Burning (2018)"


async def test_new_entries_are_taken_and_posted_once(world: World, letterboxd: FeedServer) -> None:
    letterboxd.feeds["mina_watches"] = feed(item(1, "Heat", 1995))
    assert (await world.sam.slash(world.channel, "letterboxd channel", channel=world.channel)).ephemeral
    told = await world.mina.slash(
        world.channel, "letterboxd connect", user="letterboxd.com/Mina_Watches", reviews=True
    )
    assert told.ephemeral
    assert "Connected to **mina\\_watches**" in read_text(told)
    taken = await world.jonas.slash(world.channel, "letterboxd connect", user="mina_watches")
    assert_refused(world, taken, "Another member has connected that account here.")
    unknown = await world.jonas.slash(world.channel, "letterboxd connect", user="nobody_there")
    assert_refused(world, unknown, "Letterboxd doesn't know that name.")
    await poll(world)
    assert posted(world) == []  # what was there before is neither taken nor posted
    assert await own_films(world, world.mina) == []

    review = item(3, "Oldboy", 2003, kind="review", review="He said badger.", spoiler=True, stars="3.0",
                  published="Sat, 03 Jan 2026 21:00:00 +0000")  # fmt: skip
    letterboxd.feeds["mina_watches"] = feed(review, item(2), item(1, "Heat", 1995))
    await poll(world)
    assert set(await own_films(world, world.mina)) == {
        ("burning-2018", 9, "2026-01-02"),
        ("oldboy-2003", 6, "2026-01-02"),
    }
    first, second = posted(world)
    assert first.embeds[0].title == "Burning (2018)"
    assert first.embeds[0].url == "https://letterboxd.com/somebody/film/burning/"
    assert "★★★★½ · January 2, 2026" in (first.embeds[0].description or "")
    assert "v1:rate:burning-2018" in str(first.components)
    assert "||He said badger.||" in (second.embeds[0].description or "")
    read = read_text(await world.jonas.slash(world.channel, "reviews", film="oldboy-2003"))
    assert "||He said badger.||" in read

    letterboxd.feeds["mina_watches"] = feed(review, item(2, stars="2.0"))
    await poll(world)
    assert len(posted(world)) == 2  # edited, not new
    own = await world.services.reviews.repository.get_own(world.server.id, world.mina.id, FILM)
    assert own is not None
    assert own.half_stars == 4
    # The day, the text and the spoiler mark follow an edit, until they are changed here.
    edited = item(3, "Oldboy", 2003, kind="review", review="He said nothing.", stars="3.5", watched="2026-01-01",
                  published="Sat, 03 Jan 2026 21:00:00 +0000")  # fmt: skip
    letterboxd.feeds["mina_watches"] = feed(edited, item(2, stars="2.0", watched="2025-12-31"))
    await poll(world)
    assert set(await own_films(world, world.mina)) == {
        ("burning-2018", 4, "2025-12-31"),
        ("oldboy-2003", 7, "2026-01-01"),
    }
    read = read_text(await world.jonas.slash(world.channel, "reviews", film="oldboy-2003"))
    assert "He said nothing." in read
    assert "||" not in read
    assert len(posted(world)) == 2
    await post_review(world, world.mina, "My own words.", 7, film="oldboy-2003")
    edited = edited.replace("nothing", "everything")
    letterboxd.feeds["mina_watches"] = feed(edited, item(2, stars="2.0", watched="2025-12-31"))
    await poll(world)
    assert "My own words." in read_text(await world.jonas.slash(world.channel, "reviews", film="oldboy-2003"))
    await poll(world)
    assert letterboxd.statuses[-1] == 304

    await world.sam.slash(world.channel, "settings words", words="badger")
    await world.mina.slash(world.channel, "rate", film="heat-1995", stars="1")
    snoozed = await world.sam.slash(world.channel, "letterboxd snooze", hours=2)
    assert "No entries are posted" in read_text(snoozed)
    bad = item(5, "Parasite", 2019, kind="review", review="Badger, badger.")
    letterboxd.feeds["mina_watches"] = feed(bad, item(4, "Heat", 1995, watched="2026-01-01", stars="5.0"), review)
    await poll(world)
    assert len(posted(world)) == 2
    heat = [film for film in await own_films(world, world.mina) if film[0] == "heat-1995"]
    assert heat == [("heat-1995", 2, None)]  # rated here the same day: no second viewing, and her stars stay
    await poll(world, 120)
    assert len(posted(world)) == 4
    assert all("adger" not in str(each.embeds[0].to_dict()) for each in posted(world)[2:])
    assert "no imported" not in read_text(await world.mina.slash(world.channel, "import reviews"))
    sam, here = world.sam, world.channel
    missing = await sam.slash(here, "letterboxd disconnect", member=world.jonas)
    assert_refused(world, missing, f"<@{world.jonas.id}> hasn't connected a Letterboxd account here.")
    gone = await sam.slash(here, "letterboxd disconnect", member=world.mina)
    assert f"Disconnected <@{world.mina.id}>'s Letterboxd account." in read_text(gone)
    assert "New entries are posted in <#" in read_text(await sam.slash(here, "letterboxd channel"))
    paused = read_text(await sam.slash(here, "letterboxd snooze", hours=3))
    assert "No entries are posted in <#" in paused
    stopped = read_text(await sam.slash(here, "letterboxd channel", clear="channel"))
    assert "Entries aren't posted in a channel." in stopped
    moderation_log = read_text(await sam.slash(here, "moderation log"))
    assert "Letterboxd entries: none" in moderation_log
    assert "Letterboxd entries: paused until <t:" in moderation_log
    assert f"disconnected a Letterboxd account · <@{world.mina.id}>" in moderation_log
    asked = len(letterboxd.statuses)
    await poll(world)
    assert len(letterboxd.statuses) == asked
    assert "Letterboxd (followed)" in read_text(await world.mina.slash(world.channel, "import history"))


async def test_a_feed_that_fails_is_left_alone_and_one_that_is_gone_disconnected(
    world: World, letterboxd: FeedServer
) -> None:
    letterboxd.feeds |= {"mina_w": feed(), "jonas_w": feed()}
    for member, name in ((world.mina, "mina_w"), (world.jonas, "jonas_w")):
        await member.slash(world.channel, "letterboxd connect", user=name)
    letterboxd.handlers["mina_w"] = lambda _: web.Response(status=503)
    letterboxd.handlers["jonas_w"] = lambda _: web.Response(status=404)
    asked = len(letterboxd.statuses)
    for _ in range(3):
        await poll(world)
    assert letterboxd.statuses[asked:].count(404) == 3
    (told,) = list_direct_messages(world, world.jonas)
    assert "Letterboxd no longer knows **jonas\\_w**" in told
    assert letterboxd.statuses[asked:].count(503) == 2  # after 30 minutes, then only after an hour more
    status = read_text(await world.mina.slash(world.channel, "letterboxd status"))
    assert "I couldn't reach Letterboxd last time." in status
    assert "You haven't connected" in read_text(await world.jonas.slash(world.channel, "letterboxd status"))
    letterboxd.handlers["mina_w"] = lambda _: web.Response(status=429, headers={"Retry-After": "7200"})
    await poll(world, 60)
    asked = len(letterboxd.statuses)
    await poll(world, 60)
    assert len(letterboxd.statuses) == asked
    refused = await world.jonas.slash(world.channel, "letterboxd channel", channel=world.channel)
    assert_refused(world, refused, "moderators")
    await world.services.privacy.delete_data(world.mina.id)
    assert await world.services.following.repository.get(world.server.id, world.mina.id) is None


@pytest.mark.parametrize("leaves", ["mydata", "letterboxd"])
async def test_who_goes_while_their_feed_is_read_has_nothing_taken(
    world: World, letterboxd: FeedServer, monkeypatch: pytest.MonkeyPatch, leaves: str
) -> None:
    letterboxd.feeds["mina_w"] = feed(item(1, "Heat", 1995))
    await world.mina.slash(world.channel, "letterboxd connect", user="mina_w")
    letterboxd.feeds["mina_w"] = feed(item(2), item(1, "Heat", 1995))
    following: Any = world.services.following
    fetch = following._client.fetch

    async def fetch_slowly(*arguments: Any) -> Any:
        fetched = await fetch(*arguments)
        if leaves == "mydata":
            await world.services.privacy.repository.delete_data(world.mina.id)
        else:
            await following.disconnect(world.server.id, world.mina.id, actor_id=world.mina.id)
        return fetched

    monkeypatch.setattr(following._client, "fetch", fetch_slowly)
    await poll(world)
    assert letterboxd.statuses[-1] == 200
    assert await own_films(world, world.mina) == []
    if leaves == "mydata":
        assert await count_rows_of(world.services.database, world.mina.id) == {}


async def test_a_clock_that_is_set_back_keeps_no_feed_waiting(world: World, letterboxd: FeedServer) -> None:
    letterboxd.feeds["mina_w"] = feed()
    await world.mina.slash(world.channel, "letterboxd connect", user="mina_w")
    following, now = world.services.following, world.env.now()
    assert await following.repository.list_due(now, lambda _: True, 5) == []
    (account,) = await following.repository.list_due(now - timedelta(days=365), lambda _: True, 5)
    assert account.username == "mina_w"
