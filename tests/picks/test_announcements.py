"""What the marquee does in Discord, and what it does where it can't."""

from datetime import UTC, datetime
from typing import Any

import discord
import pytest
import simcord

from bot.client import create_bot
from bot.picks.models import Announcement, NewPick
from bot.picks.scheduler_repository import PickSchedulerRepository
from tests.conftest import World
from tests.picks.test_commands import OTHER, THIRD, advance_to, films_of, plan, rotating
from tests.reading import FILM, last, refused, review, told


def announced(channel: simcord.builders.ChannelHandle) -> list[discord.Message]:
    return [message for message in channel.history() if message.embeds and message.embeds[0].author.name]


async def on(world: World, *films: str) -> None:
    """Plan the films and let the first come on, on the first Friday."""
    for film in films:
        await plan(world, film)
    await advance_to(world, "2026-01-02T19:01")


async def test_a_thread_and_a_ping_go_with_it_if_wanted(world: World) -> None:
    role = world.server.create_role("Film night", mentionable=True)
    await rotating(world, thread=True, role=role)
    await on(world, FILM)
    (message,) = announced(world.channel)
    assert message.content == role.mention
    assert [each.id for each in message.role_mentions] == [role.id]
    (thread,) = world.channel.threads
    assert thread.name == "Burning"
    refused_none = await world.sam.slash(world.channel, "pick rotate", forget="role_id", thread=False)
    assert "Pings nobody." in told(refused_none)
    await plan(world, OTHER)
    await advance_to(world, "2026-01-09T19:01")
    later = announced(world.channel)[-1]
    assert later.content == ""
    assert len(world.channel.threads) == 1


def may_ping(world: World, message: discord.Message) -> tuple[Any, Any]:
    """The roles and the members that the message was allowed to ping when it was sent or changed last."""
    policy = world.env.backend.get_message(message.channel.id, message.id).allowed_mentions
    assert policy is not None
    assert not policy.everyone
    return policy.roles, policy.users


async def test_who_is_in_is_introduced_under_the_ping_and_pinged_by_nothing(world: World) -> None:
    role = world.server.create_role("Film night", mentionable=True)
    await rotating(world, role=role)
    await on(world, FILM)
    (message,) = announced(world.channel)
    await world.jonas.click(message, label="I'm in")
    copy = await world.mina.slash(world.channel, "featured")
    assert last(copy).content == f"-# <@{world.jonas.id}>"  # so that the name comes with it
    await world.env.advance_time(1)
    await world.mina.click(last(copy), label="I'm in")
    await world.env.advance_time(15)
    message = announced(world.channel)[0]
    assert message.content == f"{role.mention}\n-# <@{world.jonas.id}> <@{world.mina.id}>"
    assert may_ping(world, message) == ({role.id}, set())  # the role keeps its highlight, those named get none
    await world.mina.click(message, label="I'm in")
    message = announced(world.channel)[0]
    assert message.content == f"{role.mention}\n-# <@{world.jonas.id}>"
    assert may_ping(world, message) == ({role.id}, set())
    await world.jonas.click(message, label="I'm in")
    assert announced(world.channel)[0].content == role.mention


async def test_a_forum_gets_a_post(world: World) -> None:
    forum = world.server.create_forum_channel("picks")
    await rotating(world, channel=forum)
    await on(world, FILM, OTHER)
    (post,) = forum.threads
    assert post.name == "Burning"
    assert len(announced(post)) == 1
    await review(world, world.mina, "A well.", 9)
    await advance_to(world, "2026-01-09T19:01")
    assert [each.name for each in forum.threads] == ["Burning", "Ballerina"]
    assert announced(post)[0].embeds[0].author.name == "Was on the marquee"
    assert post.history()[-1].embeds[0].title == "Looking back at Burning"


async def test_a_retrospect_is_posted_under_the_announcement(world: World) -> None:
    await rotating(world)
    await on(world, FILM, OTHER, THIRD)
    await review(world, world.mina, "It was the well.", 9, spoiler=True)
    await review(world, world.jonas, "Nothing happens.", 3)
    page = await world.sam.slash(world.channel, "reviews", film=FILM)
    await world.sam.click(last(page), label="2 · Helpful")
    await advance_to(world, "2026-01-09T19:01")
    back = [m for m in world.channel.history() if m.embeds and m.embeds[0].title == "Looking back at Burning"]
    (message,) = back
    assert message.reference is not None
    assert message.reference.message_id == announced(world.channel)[0].id
    fields = {field.name: field.value for field in message.embeds[0].fields}
    assert fields["The review that helped most"] == f"<@{world.mina.id}> · ★★★★½ · helped 1\n||It was the well.||"
    assert fields["Furthest apart"] == f"<@{world.mina.id}> gave ★★★★½, <@{world.jonas.id}> ★½."
    assert message.content == f"-# <@{world.mina.id}> <@{world.jonas.id}>"  # so that the names come with it
    assert [file.filename for file in message.attachments] == ["stars.png"]
    history = await world.jonas.slash(world.channel, "featured", history=True)
    assert "**Burning (2018)** · ★ 3.0 (2) · 02 Jan 2026 to 09 Jan 2026" in told(history)
    await world.sam.slash(world.channel, "pick rotate", retrospect=False)
    await review(world, world.mina, "Fine.", 8, film=OTHER)
    await advance_to(world, "2026-01-16T19:01")
    assert not [m for m in world.channel.history() if m.embeds and "Ballerina" in (m.embeds[0].title or "") and
                (m.embeds[0].title or "").startswith("Looking")]  # fmt: skip


async def test_an_edited_note_reaches_the_announcement(world: World) -> None:
    await rotating(world)
    await on(world, FILM)
    (choice,) = await world.sam.autocomplete(world.channel, "pick edit", "pick", "")
    await world.sam.slash(world.channel, "pick edit", pick=choice["value"], note="Better now.")
    await world.env.advance_time(5)
    (message,) = announced(world.channel)
    assert {field.name: field.value for field in message.embeds[0].fields}["Why"] == "Better now."


def edits(world: World, message: discord.Message) -> int:
    """How often the message was changed so far."""
    path = f"/channels/{message.channel.id}/messages/{message.id}"
    return sum(each.method == "PATCH" and each.path == path for each in world.env.http_requests)


def fields(message: discord.Message) -> dict[str | None, str | None]:
    return {field.name: field.value for field in message.embeds[0].fields}


async def test_stars_given_to_what_is_on_reach_the_announcement_soon_and_together(world: World) -> None:
    await rotating(world)
    await on(world, FILM)
    (message,) = announced(world.channel)
    assert fields(message)["Stars here"] == "Nobody here has rated it yet."
    await review(world, world.mina, "A well.", 9)
    await world.jonas.slash(world.channel, "rate", film=FILM, stars="2")
    assert edits(world, message) == 0  # nobody's reply waits for it
    await world.env.advance_time(15)
    (message,) = announced(world.channel)
    assert "2 ratings" in (fields(message)["Stars here"] or "")
    assert edits(world, message) == 1
    assert [each.filename for each in message.attachments] == ["title.png"]
    await world.jonas.slash(world.channel, "review delete", film=FILM)
    await review(world, world.mina, "Another one.", 9, film=OTHER)
    await world.env.advance_time(15)
    (message,) = announced(world.channel)
    assert "1 rating" in (fields(message)["Stars here"] or "")
    assert edits(world, message) == 2
    await review(world, world.mina, "Once more.", 9, film=OTHER)
    await world.env.advance_time(60)
    assert edits(world, message) == 2  # another film's stars are not on it


async def test_stars_given_just_before_a_restart_reach_the_announcement(world: World) -> None:
    await rotating(world)
    await on(world, FILM)
    await world.jonas.slash(world.channel, "rate", film=FILM, stars="2")
    await world.env.restart_bot(create_bot(world.services))
    await world.env.advance_time(15)
    (message,) = announced(world.channel)
    assert "1 rating" in (fields(message)["Stars here"] or "")


async def test_who_is_in_by_another_copy_of_the_card_and_what_comes_next_reach_it_too(world: World) -> None:
    await rotating(world, every="off")
    await plan(world, FILM)
    await world.sam.slash(world.channel, "pick next")
    await world.env.advance_time(1)
    (message,) = announced(world.channel)
    assert fields(message)["Until"] == "The next pick comes on"
    copy = await world.mina.slash(world.channel, "featured")
    await world.jonas.click(last(copy), label="I'm in")
    await rotating(world)
    await plan(world, OTHER)
    await world.env.advance_time(15)
    message = announced(world.channel)[0]
    assert fields(message)["Going: 1"] == f"<@{world.jonas.id}>"
    assert (fields(message)["Until"] or "").startswith("Friday, 2 January 2026 at 20:00 (Europe/Berlin)")


async def test_who_deletes_or_hides_themselves_leaves_the_announcement(world: World) -> None:
    await rotating(world)
    await on(world, FILM)
    (message,) = announced(world.channel)
    for member in (world.jonas, world.mina):
        await member.click(message, label="I'm in")
        await member.slash(world.channel, "rate", film=FILM, stars="4")
        await world.env.advance_time(15)
    await world.mina.slash(world.channel, "mydata hide")
    await world.env.advance_time(15)
    assert fields(announced(world.channel)[0])["Going: 2"] == f"<@{world.jonas.id}>, a member"
    await world.jonas.slash(world.channel, "pick suggest", film=OTHER)
    asked = await world.jonas.slash(world.channel, "mydata delete")
    assert "Picks you said you are in for: 1" in told(asked)
    assert "Films you suggested for the marquee: 1" in told(asked)
    await world.jonas.click(last(asked), label="Delete it all")
    await world.env.advance_time(15)
    shown = fields(announced(world.channel)[0])
    assert shown["Going: 1"] == "a member"
    assert "1 rating" in (shown["Stars here"] or "")


async def test_what_became_due_unseen_is_done_when_a_server_comes(world: World) -> None:
    await rotating(world)
    await plan(world, FILM)
    await world.env.advance_time(5)
    (pick,) = (await world.services.picks.repository.get_programme(world.server.id)).queue
    with world.env.time_context():  # as another process does, or while Discord did not have the server
        await world.services.picks.start(world.server.id, pick.id)
    await world.env.advance_time(60)
    assert announced(world.channel) == []
    world.env.create_guild("Another club")
    await world.env.advance_time(1)
    assert len(announced(world.channel)) == 1


async def test_history_is_paged(world: World) -> None:
    for film in await films_of(world, 11):
        await plan(world, film)
    for _ in range(11):
        await world.sam.slash(world.channel, "pick next")
    first = await world.mina.slash(world.channel, "featured", history=True)
    assert "10 picks · page 1 of 2" in told(first)
    second = await world.mina.click(last(first), label="Earlier")
    assert "page 2 of 2" in told(second)
    beside = await world.jonas.click(last(first), label="Later")
    assert last(beside).ephemeral


@pytest.mark.expects_errors
async def test_a_process_that_died_between_sending_and_storing_it_sends_no_second(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rotating(world)
    await plan(world, FILM)

    async def dies(*_: object) -> None:
        raise ConnectionError("the process is gone")

    with monkeypatch.context() as patched:
        patched.setattr(PickSchedulerRepository, "set_announcement", dies)
        await advance_to(world, "2026-01-02T19:00")
    assert len(announced(world.channel)) == 1
    for _ in range(3):
        await world.env.restart_bot(create_bot(world.services))
        await world.env.advance_time(100)
    (message,) = announced(world.channel)
    pick = (await world.services.picks.repository.get_programme(world.server.id)).current
    assert pick is not None
    assert pick.announcement is not None
    assert pick.announcement.message_id == message.id


async def test_suggestions_are_taken_or_declined_with_a_click(world: World) -> None:
    made = await world.mina.slash(world.channel, "pick suggest", film=FILM, why="It **rains** not.")
    assert last(made).ephemeral
    refused(world, await world.jonas.slash(world.channel, "pick suggest", film=FILM), "suggested already")
    await world.jonas.slash(world.channel, "pick suggest", film=OTHER)
    long = await world.jonas.slash(world.channel, "pick suggest", film=THIRD, why="word " * 70)
    refused(world, long, "The reason is too long")
    assert "word word" in told(long)
    queue = await world.sam.slash(world.channel, "pick suggestions")
    assert last(queue).ephemeral
    assert "It \\*\\*rains\\*\\* not." in told(queue)
    assert "1 of 2 that wait" in told(queue)
    assert last(queue).content == f"-# <@{world.mina.id}>"  # so that the name comes with it
    assert "Ballerina" in told(await world.sam.click(last(queue), label="Next"))
    taken = await world.sam.click(last(queue), label="Decline")
    assert "Ballerina (2023)** · declined." in told(taken)
    done = await world.sam.click(last(queue), label="Take it")
    assert "No suggestion waits." in told(done)
    assert "<@" not in told(done)
    assert "taken: it is in the programme" in told(await world.mina.slash(world.channel, "pick suggestions"))
    assert "declined" in told(await world.jonas.slash(world.channel, "pick suggestions"))
    assert [p.film_id for p in (await world.services.picks.repository.get_programme(world.server.id)).queue] == [
        FILM
    ]


async def test_a_vote_is_held_and_its_winner_comes_on(world: World) -> None:
    for member, film in ((world.mina, FILM), (world.jonas, OTHER), (world.sam, THIRD)):
        await member.slash(world.channel, "pick suggest", film=film)
    await rotating(world, refill="vote")
    await advance_to(world, "2026-01-02T19:01")
    (message,) = [m for m in world.channel.history() if m.poll]
    assert message.poll is not None
    assert [answer.text for answer in message.poll.answers] == [
        "Burning (2018)", "Ballerina (2023)", "John Wick (2014)",
    ]  # fmt: skip
    for member in (world.mina, world.jonas):
        await member.set_poll_votes(message, answers=[2])
    await world.sam.set_poll_votes(message, answers=[1])
    await world.env.restart_bot(create_bot(world.services))
    await advance_to(world, "2026-01-03T19:30")
    assert [each.embeds[0].title for each in announced(world.channel)] == ["Ballerina (2023)"]
    assert len([m for m in world.channel.history() if m.poll]) == 1


async def test_a_process_that_died_between_claiming_and_sending_is_made_up_for_once(world: World) -> None:
    await rotating(world)
    await plan(world, FILM)
    await world.env.bot.unload_extension("cogs.picks")
    await advance_to(world, "2026-01-02T19:00")
    with world.env.time_context():  # another process moves on, claims, and is gone
        assert await world.services.pick_scheduler.advance(world.server.id)
        assert await world.services.pick_scheduler.claim_job(world.server.id) is not None
    await world.env.restart_bot(create_bot(world.services))
    await world.env.advance_time(60)
    assert announced(world.channel) == []  # the claim holds: the other may be at it still
    await world.env.advance_time(60)
    await world.env.restart_bot(create_bot(world.services))
    await world.env.advance_time(3_600)
    assert len(announced(world.channel)) == 1


async def test_what_becomes_due_while_another_server_is_served_does_not_wait_for_the_next_thing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rotating(world)
    await plan(world, FILM)
    next_door = world.env.create_guild("Next door")
    channel = next_door.create_text_channel("films")
    picks, repository = world.services.picks, world.services.pick_scheduler.repository
    await picks.change_settings(next_door.id, {"announcement_channel_id": channel.id})
    starts = datetime(2026, 1, 2, 19, 0, 5, tzinfo=UTC)
    next_door_pick = await picks.add(next_door.id, NewPick(OTHER, None, starts_at=starts))
    set_announcement = repository.set_announcement

    async def set_slowly(pick_id: int, announcement: Announcement) -> None:
        if pick_id != next_door_pick.id:
            world.env.backend.advance_clock(10)
        await set_announcement(pick_id, announcement)

    monkeypatch.setattr(repository, "set_announcement", set_slowly)
    await advance_to(world, "2026-01-02T19:00")
    assert len(announced(world.channel)) == 1
    await world.env.advance_time(1)
    assert len(announced(channel)) == 1
