"""What keeps the marquee from doing something in Discord: told to the moderators once, and made up for."""

from typing import Any

import discord
import pytest
import simcord
from sqlalchemy.exc import OperationalError

from bot.client import create_bot
from bot.core.discord import error_handler
from tests.conftest import World
from tests.picks.test_announcements import announced, on
from tests.picks.test_commands import OTHER, THIRD, advance_to, plan, rotating
from tests.reading import FILM, last, review, told

HOUR = 3_600


def closed(world: World, **denied: bool) -> simcord.builders.ChannelHandle:
    """A channel in which everybody, Marquee too, lacks these permissions."""
    overwrite = discord.PermissionOverwrite(**dict.fromkeys(denied, False))
    return world.server.create_text_channel("closed", overwrites={world.server.default_role: overwrite})


async def troubles(world: World) -> str:
    """What a curator is told by the next command, beside its answer, once."""
    result = await world.sam.slash(world.channel, "pick list")
    assert "⚠" not in told(await world.sam.slash(world.channel, "pick list"))
    assert all(message.ephemeral for message in result.followups)
    return "\n".join(message.content for message in result.followups)


async def test_what_discord_refuses_for_its_own_reasons_is_told_and_tried_again(world: World) -> None:
    await rotating(world)
    await plan(world, FILM)
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50013, times=1)
    await advance_to(world, "2026-01-02T19:00")
    assert announced(world.channel) == []
    assert "Discord refused" in told(await world.sam.slash(world.channel, "pick list"))
    await world.env.advance_time(1_000)
    assert len(announced(world.channel)) == 1


@pytest.mark.expects_errors
async def test_a_database_that_is_away_is_logged_and_the_pick_comes_on_a_minute_later(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await rotating(world)
    await plan(world, FILM)

    async def away(*_: object) -> None:
        raise OperationalError("the database is starting up", None, Exception(f"for {world.sam.id}"))

    with monkeypatch.context() as patched:
        patched.setattr(world.services.pick_scheduler, "list_due_servers", away)
        await advance_to(world, "2026-01-02T19:00")
    assert announced(world.channel) == []
    logged = [record.getMessage() for record in caplog.records if record.name == error_handler.log.name]
    assert logged
    assert all("in the pick scheduler\n" in each and "OperationalError" in each for each in logged)
    assert str(world.sam.id) not in caplog.text
    await world.env.advance_time(60)
    assert len(announced(world.channel)) == 1
    assert len([record for record in caplog.records if record.name == error_handler.log.name]) == len(logged)


async def test_a_permission_that_lacks_is_told_once_and_made_up_for(world: World) -> None:
    log = world.server.create_text_channel("log")
    await world.sam.slash(world.channel, "settings reviews", log_channel=log)
    closed = world.server.create_text_channel(
        "closed", overwrites={world.server.default_role: discord.PermissionOverwrite(send_messages=False)}
    )
    await rotating(world, channel=closed)
    await on(world, FILM)
    await world.env.advance_time(3_600)
    assert announced(closed) == []
    warnings = [message.content for message in log.history()]
    assert len(warnings) == 1
    assert "Marquee can't post to" in warnings[0]
    assert "write there" in warnings[0]
    await world.sam.slash(world.channel, "pick rotate", channel=world.channel)
    await world.env.advance_time(1_000)
    assert len(announced(world.channel)) == 1


async def test_a_channel_that_is_gone_is_told_by_the_next_command_where_there_is_no_log(world: World) -> None:
    await rotating(world)
    await world.services.picks.change_settings(world.server.id, {"announcement_channel_id": 1})
    await on(world, FILM)
    result = await world.sam.slash(world.channel, "pick list")
    assert last(result).ephemeral
    assert "The marquee's channel is gone" in told(result)
    assert "is gone" not in told(await world.sam.slash(world.channel, "pick list"))


async def test_a_role_that_is_gone_keeps_nothing_from_being_announced(world: World) -> None:
    await rotating(world)
    await world.services.picks.change_settings(world.server.id, {"announcement_role_id": 1})
    await on(world, FILM)
    (message,) = announced(world.channel)
    assert message.content == ""
    assert "role that the marquee pings" in told(await world.sam.slash(world.channel, "pick list"))


async def test_too_many_threads_are_told_and_the_pick_is_there(world: World) -> None:
    await rotating(world, thread=True)
    world.env.inject_error("POST", "/channels/*/messages/*/threads", status=400, code=160006, times=None)
    await on(world, FILM)
    assert len(announced(world.channel)) == 1
    assert "as many threads as it may have" in told(await world.sam.slash(world.channel, "pick list"))


async def test_a_forum_with_too_many_posts_is_told_and_the_pick_comes_later(world: World) -> None:
    forum = world.server.create_forum_channel("picks")
    await rotating(world, channel=forum)
    world.env.inject_error("POST", "/channels/*/threads", status=400, code=160006, times=1)
    await on(world, FILM)
    assert forum.threads == []
    assert "as many threads as it may have, so a pick waits" in await troubles(world)
    await world.env.advance_time(HOUR)
    (post,) = forum.threads
    assert len(announced(post)) == 1
    assert await troubles(world) == ""


async def test_a_forum_that_demands_a_tag_is_told(world: World) -> None:
    forum = world.server.create_forum_channel("picks")
    await rotating(world, channel=forum)
    world.env.inject_error("POST", "/channels/*/threads", status=400, code=40067, times=None)
    await on(world, FILM)
    assert "Discord refused what the marquee wanted to do (announce)" in await troubles(world)
    await world.env.advance_time(HOUR)
    assert await troubles(world) == ""


async def test_a_post_that_was_put_away_is_taken_out_to_be_changed(world: World) -> None:
    forum = world.server.create_forum_channel("picks")
    await rotating(world, channel=forum)
    await on(world, FILM, OTHER)
    await review(world, world.mina, "A well.", 9)
    await world.env.advance_time(60)
    (post,) = forum.threads
    thread = world.env.bot.get_channel(post.id)
    assert isinstance(thread, discord.Thread)
    with world.env.time_context():
        await thread.edit(archived=True)
    asked = len(world.env.http_requests)
    await advance_to(world, "2026-01-09T19:01")
    assert announced(post)[0].embeds[0].author.name == "Was on the marquee"
    assert post.history()[-1].embeds[0].title == "Looking back at Burning"
    path = f"/channels/{post.id}"
    changes = [each for each in world.env.http_requests[asked:] if each.path.startswith(path)]
    before_edit = next(each for each in changes if each.method == "PATCH")
    assert (before_edit.path, before_edit.json) == (path, {"archived": False})


async def test_a_card_that_was_changed_too_often_is_changed_later_and_nobody_is_bothered(world: World) -> None:
    await rotating(world)
    await on(world, FILM)
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=400, code=30046, times=1)
    await review(world, world.mina, "A well.", 9)
    await world.env.advance_time(60)
    assert "Nobody" in str(announced(world.channel)[0].embeds[0].fields)
    await world.env.advance_time(HOUR)
    assert "1 rating" in str(announced(world.channel)[0].embeds[0].fields)
    assert await troubles(world) == ""


async def test_a_role_that_is_deleted_pings_nobody_and_is_told(world: World) -> None:
    role = world.server.create_role("Film night", mentionable=True)
    await rotating(world, role=role)
    there = world.env.bot.get_guild(world.server.id)
    assert there is not None
    found = there.get_role(role.id)
    assert found is not None
    with world.env.time_context():
        await found.delete()
    await on(world, FILM)
    (message,) = announced(world.channel)
    assert message.content == ""
    assert "role that the marquee pings is gone" in await troubles(world)


async def test_a_channel_that_is_deleted_is_told_and_another_one_takes_its_place(world: World) -> None:
    other = world.server.create_text_channel("marquee")
    await rotating(world, channel=other)
    channel = world.env.bot.get_channel(other.id)
    assert isinstance(channel, discord.TextChannel)
    with world.env.time_context():
        await channel.delete()
    await on(world, FILM, OTHER)
    assert "channel is gone" in await troubles(world)
    await world.sam.slash(world.channel, "pick rotate", channel=world.channel)
    await world.env.advance_time(HOUR)
    assert [each.embeds[0].title for each in announced(world.channel)] == ["Burning (2018)"]


async def test_a_channel_deleted_after_the_announcement_keeps_nothing_from_going_on(world: World) -> None:
    other = world.server.create_text_channel("marquee")
    await rotating(world, channel=other)
    await on(world, FILM, OTHER)
    await review(world, world.mina, "A well.", 9)
    channel = world.env.bot.get_channel(other.id)
    assert isinstance(channel, discord.TextChannel)
    with world.env.time_context():
        await channel.delete()
    await world.sam.slash(world.channel, "pick rotate", channel=world.channel)
    await advance_to(world, "2026-01-09T19:01")
    assert [each.embeds[0].title for each in announced(world.channel)] == ["Ballerina (2023)"]


@pytest.mark.parametrize(
    ("lacking", "sentence"),
    [
        ("embed_links", "embed links"),
        ("attach_files", "attach files"),
        ("read_message_history", "read its history"),
    ],
)
async def test_every_permission_that_lacks_is_named(world: World, lacking: str, sentence: str) -> None:
    await rotating(world, channel=closed(world, **{lacking: True}))
    await on(world, FILM)
    assert sentence in await troubles(world)
    await world.env.advance_time(HOUR)
    assert await troubles(world) == ""


async def test_threads_and_pins_that_are_not_allowed_are_told_and_the_pick_is_there(world: World) -> None:
    channel = closed(world, create_public_threads=True, manage_messages=True, pin_messages=True)
    await rotating(world, channel=channel, thread=True)
    world.env.inject_error("PUT", "/channels/*/pins/*", status=403, code=50013, times=None)
    world.env.inject_error("PUT", "/channels/*/messages/pins/*", status=403, code=50013, times=None)
    await on(world, FILM)
    assert len(announced(channel)) == 1
    told_of = await troubles(world)
    assert "lets Marquee open none" in told_of
    assert "lets Marquee pin nothing" in told_of


async def test_a_log_channel_that_cannot_be_written_to_leaves_it_to_the_next_command(world: World) -> None:
    await world.sam.slash(world.channel, "settings reviews", log_channel=closed(world, send_messages=True))
    await rotating(world)
    await world.services.picks.change_settings(world.server.id, {"announcement_channel_id": 1})
    await on(world, FILM)
    assert "channel is gone" in await troubles(world)


@pytest.mark.parametrize(
    ("channel", "sentence"), [("forum", "A forum takes no votes"), ("closed", "may not create polls")]
)
async def test_a_vote_that_cannot_be_held_is_told(world: World, channel: str, sentence: str) -> None:
    for member, film in ((world.mina, FILM), (world.jonas, OTHER), (world.sam, THIRD)):
        await member.slash(world.channel, "pick suggest", film=film)
    place: Any = world.server.create_forum_channel("f") if channel == "forum" else closed(world, send_polls=True)
    await rotating(world, channel=place, refill="vote")
    await advance_to(world, "2026-01-02T19:01")
    assert sentence in await troubles(world)


async def test_a_vote_that_somebody_deleted_is_told(world: World) -> None:
    for member, film in ((world.mina, FILM), (world.jonas, OTHER), (world.sam, THIRD)):
        await member.slash(world.channel, "pick suggest", film=film)
    await rotating(world, refill="vote")
    await advance_to(world, "2026-01-02T19:01")
    (message,) = [m for m in world.channel.history() if m.poll]
    await world.sam.delete(message)
    await advance_to(world, "2026-01-03T20:00")
    assert announced(world.channel) == []
    assert "vote on the next pick is gone" in await troubles(world)


async def test_an_empty_queue_is_told_once_a_time(world: World) -> None:
    log = world.server.create_text_channel("log")
    await world.sam.slash(world.channel, "settings reviews", log_channel=log)
    await rotating(world)
    await advance_to(world, "2026-01-10T00:00")
    assert [message.content for message in log.history()] == [
        "⚠ The marquee's queue is empty: `/pick add` plans a film."
    ]


@pytest.mark.parametrize(("back", "looked"), [("2026-01-16T18:00", True), ("2026-01-17T00:00", False)])
async def test_a_bot_that_was_away_for_a_week_looks_back_no_more(world: World, back: str, looked: bool) -> None:
    await rotating(world)
    await on(world, FILM)
    await review(world, world.mina, "A well.", 9)
    await plan(world, OTHER)
    await world.env.bot.unload_extension("cogs.picks")
    await advance_to(world, back)
    await world.env.restart_bot(create_bot(world.services))
    await world.env.advance_time(5)
    assert announced(world.channel)[0].embeds[0].author.name == "Was on the marquee"
    titles = [message.embeds[0].title for message in world.channel.history() if message.embeds]
    assert ("Looking back at Burning" in titles) is looked


@pytest.mark.expects_errors
async def test_a_look_for_a_lost_announcement_that_is_refused_leads_to_no_second(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rotating(world)
    await plan(world, FILM)

    async def dies(*_: object) -> None:
        raise ConnectionError("the process is gone")

    with monkeypatch.context() as patched:
        patched.setattr(world.services.pick_scheduler.repository, "set_announcement", dies)
        await advance_to(world, "2026-01-02T19:00")
    assert len(announced(world.channel)) == 1
    world.env.inject_error("GET", "/channels/*/messages", status=403, code=50013, times=1)
    await world.env.advance_time(HOUR / 2)
    await world.env.advance_time(HOUR / 2)
    assert len(announced(world.channel)) == 1
    pick = (await world.services.picks.repository.get_programme(world.server.id)).current
    assert pick is not None
    assert pick.announcement is not None


async def test_a_vote_that_was_held_late_is_counted_when_it_is_over(world: World) -> None:
    for member, film in ((world.mina, FILM), (world.jonas, OTHER), (world.sam, THIRD)):
        await member.slash(world.channel, "pick suggest", film=film)
    await rotating(world, channel=closed(world, send_polls=True), refill="vote")
    await advance_to(world, "2026-01-03T18:40")  # it was to end at seven
    await world.sam.slash(world.channel, "pick rotate", channel=world.channel)
    await advance_to(world, "2026-01-03T19:30")  # Discord's shortest poll takes an hour
    (message,) = [m for m in world.channel.history() if m.poll]
    assert message.poll is not None
    assert not message.poll.is_finalised()
    assert announced(world.channel) == []
    await world.mina.set_poll_votes(message, answers=[2])
    await advance_to(world, "2026-01-03T20:00")
    assert [each.embeds[0].title for each in announced(world.channel)] == ["Ballerina (2023)"]
