"""What the marquee announces, refreshes and looks back on in Discord."""

from datetime import UTC, datetime
from typing import Any

import discord
import pytest

from bot.client import create_bot
from bot.picks.models import Announcement, NewPick
from bot.picks.scheduler_repository import PickSchedulerRepository
from tests.conftest import World
from tests.picks.steps import (
    HOUR,
    OTHER,
    THIRD,
    advance_to,
    announce_first,
    get_fields,
    get_programme,
    list_announcements,
    plan,
    read_notices,
    set_rotation,
)
from tests.responses import FILM, delete_review, post_review, read_text, require_response


async def test_an_announcement_has_a_thread_and_a_ping_if_they_are_set(world: World) -> None:
    role = world.server.create_role("Film night", mentionable=True)
    await set_rotation(world, thread=True, role=role)
    await announce_first(world, FILM)
    (message,) = list_announcements(world.channel)
    assert message.content == role.mention
    assert [each.id for each in message.role_mentions] == [role.id]
    (thread,) = world.channel.threads
    assert thread.name == "Burning"
    changed = await world.sam.slash(world.channel, "pick rotate", clear="announcement_role_id", thread=False)
    assert "Pings nobody" in read_text(changed)
    await plan(world, OTHER)
    await advance_to(world, "2026-01-09T19:01")
    later = list_announcements(world.channel)[-1]
    assert later.content == ""
    assert len(world.channel.threads) == 1


def get_allowed_mentions(world: World, message: discord.Message) -> tuple[Any, Any]:
    """Return the roles and the members that the message was allowed to ping when it was sent or edited last."""
    policy = world.env.backend.get_message(message.channel.id, message.id).allowed_mentions
    assert policy is not None
    assert not policy.everyone
    return policy.roles, policy.users


async def test_rsvps_are_mentioned_under_the_ping_without_being_pinged(world: World) -> None:
    role = world.server.create_role("Film night", mentionable=True)
    await set_rotation(world, role=role)
    await announce_first(world, FILM)
    (message,) = list_announcements(world.channel)
    await world.jonas.click(message, label="I'm in")
    copy = await world.mina.slash(world.channel, "featured")
    assert require_response(copy).content == f"-# <@{world.jonas.id}>"  # so that the name comes with it
    await world.env.advance_time(1)
    await world.mina.click(require_response(copy), label="I'm in")
    await world.env.advance_time(15)
    message = list_announcements(world.channel)[0]
    assert message.content == f"{role.mention}\n-# <@{world.jonas.id}> <@{world.mina.id}>"
    # The role keeps its highlight, those mentioned get none.
    assert get_allowed_mentions(world, message) == ({role.id}, set())
    await world.mina.click(message, label="I'm in")
    message = list_announcements(world.channel)[0]
    assert message.content == f"{role.mention}\n-# <@{world.jonas.id}>"
    assert get_allowed_mentions(world, message) == ({role.id}, set())
    await world.jonas.click(message, label="I'm in")
    assert list_announcements(world.channel)[0].content == role.mention


async def test_a_forum_gets_a_post(world: World) -> None:
    forum = world.server.create_forum_channel("picks")
    await set_rotation(world, channel=forum)
    await announce_first(world, FILM, OTHER)
    (post,) = forum.threads
    assert post.name == "Burning"
    assert len(list_announcements(post)) == 1
    await post_review(world, world.mina, "A well.", 9)
    await advance_to(world, "2026-01-09T19:01")
    assert [each.name for each in forum.threads] == ["Burning", "Ballerina"]
    assert list_announcements(post)[0].embeds[0].author.name == "Previously featured"
    assert post.history()[-1].embeds[0].title == "Looking back at Burning"


async def test_a_retrospective_is_posted_under_the_announcement(world: World) -> None:
    await set_rotation(world)
    await announce_first(world, FILM, OTHER, THIRD)
    await post_review(world, world.mina, "It was the well.", 9, spoiler=True)
    await post_review(world, world.jonas, "Nothing happens.", 3)
    page = await world.sam.slash(world.channel, "reviews", film=FILM)
    hers = require_response(page).components[1]["components"][0]["custom_id"]
    await world.sam.click(require_response(page), custom_id=hers)
    await advance_to(world, "2026-01-09T19:01")
    messages = [message for message in world.channel.history() if message.embeds]
    (message,) = [each for each in messages if each.embeds[0].title == "Looking back at Burning"]
    assert message.reference is not None
    assert message.reference.message_id == list_announcements(world.channel)[0].id
    fields = get_fields(message)
    assert fields["Most helpful review"] == f"<@{world.mina.id}> · ★★★★½ · Helpful (1)\n||It was the well.||"
    assert fields["Biggest disagreement"] == f"<@{world.mina.id}> gave ★★★★½, <@{world.jonas.id}> gave ★½."
    assert message.content == f"-# <@{world.mina.id}> <@{world.jonas.id}>"  # so that the names come with it
    assert [file.filename for file in message.attachments] == ["stars.png"]
    history = await world.jonas.slash(world.channel, "featured", history=True)
    assert "**Burning (2018)** · ★ 3.0 (2) · January 2, 2026 to January 9, 2026" in read_text(history)
    await world.sam.slash(world.channel, "pick rotate", retrospect=False)
    await post_review(world, world.mina, "Fine.", 8, film=OTHER)
    await advance_to(world, "2026-01-16T19:01")
    titles = [message.embeds[0].title for message in world.channel.history() if message.embeds]
    assert "Looking back at Ballerina" not in titles


async def test_an_edited_note_reaches_the_announcement(world: World) -> None:
    await set_rotation(world)
    await announce_first(world, FILM)
    (choice,) = await world.sam.autocomplete(world.channel, "pick edit", "pick", "")
    await world.sam.slash(world.channel, "pick edit", pick=choice["value"], note="Better now.")
    await world.env.advance_time(5)
    (message,) = list_announcements(world.channel)
    assert get_fields(message)["Why this film"] == "Better now."


def count_edits(world: World, message: discord.Message) -> int:
    """Return how often the message was edited so far."""
    path = f"/channels/{message.channel.id}/messages/{message.id}"
    return sum(each.method == "PATCH" and each.path == path for each in world.env.http_requests)


async def test_ratings_of_the_current_pick_reach_the_announcement_in_one_edit(world: World) -> None:
    await set_rotation(world)
    await announce_first(world, FILM)
    (message,) = list_announcements(world.channel)
    assert get_fields(message)["Ratings here"] == "No ratings here yet."
    await post_review(world, world.mina, "A well.", 9)
    await world.jonas.slash(world.channel, "rate", film=FILM, stars="2")
    assert count_edits(world, message) == 0  # no reply waits for it
    await world.env.advance_time(15)
    (message,) = list_announcements(world.channel)
    assert "2 ratings" in (get_fields(message)["Ratings here"] or "")
    assert count_edits(world, message) == 1
    assert [each.filename for each in message.attachments] == ["title.png"]
    await delete_review(world, world.jonas)
    await post_review(world, world.mina, "Another one.", 9, film=OTHER)
    await world.env.advance_time(15)
    (message,) = list_announcements(world.channel)
    assert "1 rating" in (get_fields(message)["Ratings here"] or "")
    assert count_edits(world, message) == 2
    await post_review(world, world.mina, "Once more.", 9, film=OTHER)
    await world.env.advance_time(60)
    assert count_edits(world, message) == 2  # another film's stars are not on it


async def test_a_rating_just_before_a_restart_reaches_the_announcement(world: World) -> None:
    await set_rotation(world)
    await announce_first(world, FILM)
    await world.jonas.slash(world.channel, "rate", film=FILM, stars="2")
    await world.env.restart_bot(create_bot(world.services))
    await world.env.advance_time(15)
    (message,) = list_announcements(world.channel)
    assert "1 rating" in (get_fields(message)["Ratings here"] or "")


async def test_rsvps_by_another_copy_of_the_card_and_the_next_pick_reach_the_announcement(world: World) -> None:
    await set_rotation(world, every="off")
    await plan(world, FILM)
    await world.sam.slash(world.channel, "pick next")
    await world.env.advance_time(1)
    (message,) = list_announcements(world.channel)
    assert get_fields(message)["Until"] == "The next pick"
    copy = await world.mina.slash(world.channel, "featured")
    await world.jonas.click(require_response(copy), label="I'm in")
    await set_rotation(world)
    await plan(world, OTHER)
    await world.env.advance_time(15)
    message = list_announcements(world.channel)[0]
    assert get_fields(message)["Watching (1)"] == f"<@{world.jonas.id}>"
    assert get_fields(message)["Until"] == "<t:1767380400:F> (<t:1767380400:R>)"


async def test_members_who_delete_or_hide_their_data_leave_the_announcement(world: World) -> None:
    await set_rotation(world)
    await announce_first(world, FILM)
    (message,) = list_announcements(world.channel)
    for member in (world.jonas, world.mina):
        await member.click(message, label="I'm in")
        await member.slash(world.channel, "rate", film=FILM, stars="4")
        await world.env.advance_time(15)
    await world.mina.slash(world.channel, "mydata hide", hidden=True)
    await world.env.advance_time(15)
    assert get_fields(list_announcements(world.channel)[0])["Watching (2)"] == f"<@{world.jonas.id}>, a member"
    await world.jonas.slash(world.channel, "suggest", film=OTHER)
    confirmation = await world.jonas.slash(world.channel, "mydata delete")
    assert "Films you suggested: 1" in read_text(confirmation)
    await world.jonas.click(require_response(confirmation), label="Delete it all")
    await world.env.advance_time(15)
    fields = get_fields(list_announcements(world.channel)[0])
    assert fields["Watching (1)"] == "a member"
    assert "1 rating" in (fields["Ratings here"] or "")


async def test_jobs_that_became_due_unseen_are_done_when_a_server_appears(world: World) -> None:
    await set_rotation(world)
    await plan(world, FILM)
    await world.env.advance_time(5)
    (pick,) = (await get_programme(world)).queue
    with world.env.time_context():  # as another process does, or while Discord did not have the server
        await world.services.picks.start(world.server.id, pick.id)
    await world.env.advance_time(60)
    assert list_announcements(world.channel) == []
    world.env.create_guild("Another club")
    await world.env.advance_time(1)
    assert len(list_announcements(world.channel)) == 1


@pytest.mark.expects_errors
async def test_a_process_that_died_between_sending_and_storing_sends_no_second(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_rotation(world)
    await plan(world, FILM)

    async def die(*_: object) -> None:
        raise ConnectionError("the process has died")

    with monkeypatch.context() as patched:
        patched.setattr(PickSchedulerRepository, "set_announcement", die)
        await advance_to(world, "2026-01-02T19:00")
    assert len(list_announcements(world.channel)) == 1
    for _ in range(3):
        await world.env.restart_bot(create_bot(world.services))
        await world.env.advance_time(100)
    (message,) = list_announcements(world.channel)
    pick = (await get_programme(world)).current
    assert pick is not None
    assert pick.announcement is not None
    assert pick.announcement.message_id == message.id


async def test_a_job_of_a_process_that_died_after_its_claim_is_done_once(world: World) -> None:
    await set_rotation(world)
    await plan(world, FILM)
    await world.env.bot.unload_extension("cogs.picks")
    await advance_to(world, "2026-01-02T19:00")
    with world.env.time_context():  # another process advances, claims, and dies
        assert await world.services.pick_scheduler.advance(world.server.id)
        assert await world.services.pick_scheduler.claim_job(world.server.id) is not None
    await world.env.restart_bot(create_bot(world.services))
    await world.env.advance_time(60)
    assert list_announcements(world.channel) == []  # the claim holds: the other process may be working on it
    await world.env.advance_time(60)
    await world.env.restart_bot(create_bot(world.services))
    await world.env.advance_time(HOUR)
    assert len(list_announcements(world.channel)) == 1


async def test_a_pick_that_becomes_due_while_another_server_is_served_does_not_wait(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_rotation(world)
    await plan(world, FILM)
    next_door = world.env.create_guild("Next door")
    channel = next_door.create_text_channel("films")
    picks, repository = world.services.picks, world.services.pick_scheduler.repository
    await picks.change_settings(next_door.id, {"announcement_channel_id": channel.id})
    starts_at = datetime(2026, 1, 2, 19, 0, 5, tzinfo=UTC)
    next_door_pick = await picks.add(next_door.id, NewPick(OTHER, None, starts_at=starts_at))
    set_announcement = repository.set_announcement

    async def set_slowly(pick_id: int, announcement: Announcement) -> None:
        if pick_id != next_door_pick.id:
            world.env.backend.advance_clock(10)
        await set_announcement(pick_id, announcement)

    monkeypatch.setattr(repository, "set_announcement", set_slowly)
    await advance_to(world, "2026-01-02T19:00")
    assert len(list_announcements(world.channel)) == 1
    await world.env.advance_time(1)
    assert len(list_announcements(channel)) == 1


async def test_an_archived_post_is_unarchived_to_be_edited(world: World) -> None:
    forum = world.server.create_forum_channel("picks")
    await set_rotation(world, channel=forum)
    await announce_first(world, FILM, OTHER)
    await post_review(world, world.mina, "A well.", 9)
    await world.env.advance_time(60)
    (post,) = forum.threads
    thread = world.env.bot.get_channel(post.id)
    assert isinstance(thread, discord.Thread)
    with world.env.time_context():
        await thread.edit(archived=True)
    sent = len(world.env.http_requests)
    await advance_to(world, "2026-01-09T19:01")
    assert list_announcements(post)[0].embeds[0].author.name == "Previously featured"
    assert post.history()[-1].embeds[0].title == "Looking back at Burning"
    path = f"/channels/{post.id}"
    changes = [each for each in world.env.http_requests[sent:] if each.path.startswith(path)]
    before_edit = next(each for each in changes if each.method == "PATCH")
    assert (before_edit.path, before_edit.json) == (path, {"archived": False})


async def test_a_channel_deleted_after_the_announcement_stops_nothing(world: World) -> None:
    other = world.server.create_text_channel("marquee")
    await set_rotation(world, channel=other)
    await announce_first(world, FILM, OTHER)
    await post_review(world, world.mina, "A well.", 9)
    channel = world.env.bot.get_channel(other.id)
    assert isinstance(channel, discord.TextChannel)
    with world.env.time_context():
        await channel.delete()
    await world.sam.slash(world.channel, "pick rotate", channel=world.channel)
    await advance_to(world, "2026-01-09T19:01")
    assert [each.embeds[0].title for each in list_announcements(world.channel)] == ["Ballerina (2023)"]


@pytest.mark.parametrize(("restart_at", "is_posted"), [("2026-01-16T18:00", True), ("2026-01-17T00:00", False)])
async def test_a_retrospective_is_not_posted_after_a_week(world: World, restart_at: str, is_posted: bool) -> None:
    await set_rotation(world)
    await announce_first(world, FILM)
    await post_review(world, world.mina, "A well.", 9)
    await plan(world, OTHER)
    await world.env.bot.unload_extension("cogs.picks")
    await advance_to(world, restart_at)
    await world.env.restart_bot(create_bot(world.services))
    await world.env.advance_time(5)
    assert list_announcements(world.channel)[0].embeds[0].author.name == "Previously featured"
    titles = [message.embeds[0].title for message in world.channel.history() if message.embeds]
    assert ("Looking back at Burning" in titles) is is_posted


@pytest.mark.expects_errors
async def test_a_refused_search_for_a_lost_announcement_leads_to_no_second(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_rotation(world)
    await plan(world, FILM)

    async def die(*_: object) -> None:
        raise ConnectionError("the process has died")

    with monkeypatch.context() as patched:
        patched.setattr(world.services.pick_scheduler.repository, "set_announcement", die)
        await advance_to(world, "2026-01-02T19:00")
    assert len(list_announcements(world.channel)) == 1
    world.env.inject_error("GET", "/channels/*/messages", status=403, code=50013, times=1)
    await world.env.advance_time(HOUR / 2)
    await world.env.advance_time(HOUR / 2)
    assert len(list_announcements(world.channel)) == 1
    pick = (await get_programme(world)).current
    assert pick is not None
    assert pick.announcement is not None


async def test_an_announcement_is_published_in_an_announcement_channel(world: World) -> None:
    news = world.server.create_news_channel("news")
    await set_rotation(world, channel=news, publish=True)
    await announce_first(world, FILM)
    (message,) = list_announcements(news)
    published = f"/channels/{message.channel.id}/messages/{message.id}/crosspost"
    assert [each.method for each in world.env.http_requests if each.path == published] == ["POST"]
    assert await read_notices(world) == ""
