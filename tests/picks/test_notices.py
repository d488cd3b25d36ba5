"""What keeps the marquee from doing a job: reported to the moderators once, and done later."""

import discord
import pytest
from sqlalchemy.exc import OperationalError

from bot.core.discord import error_handler
from tests.conftest import World
from tests.picks.steps import (
    HOUR,
    OTHER,
    advance_to,
    announce_first,
    create_closed_channel,
    list_announcements,
    plan,
    read_notices,
    set_rotation,
)
from tests.responses import FILM, post_review, read_text, require_response


async def test_a_refused_job_gets_a_notice_and_is_tried_again(world: World) -> None:
    await set_rotation(world)
    await plan(world, FILM)
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50013, times=1)
    await advance_to(world, "2026-01-02T19:00")
    assert list_announcements(world.channel) == []
    assert "Discord refused" in read_text(await world.sam.slash(world.channel, "pick list"))
    await world.env.advance_time(1_000)
    assert len(list_announcements(world.channel)) == 1


@pytest.mark.expects_errors
async def test_an_unavailable_database_is_logged_and_tried_again_after_a_minute(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await set_rotation(world)
    await plan(world, FILM)

    async def fail(*_: object) -> None:
        raise OperationalError("the database is starting up", None, Exception(f"for {world.sam.id}"))

    await advance_to(world, "2026-01-02T18:30")
    with monkeypatch.context() as patched:
        patched.setattr(world.services.pick_scheduler, "list_due_servers", fail)
        await advance_to(world, "2026-01-02T19:05")
    assert list_announcements(world.channel) == []
    logged = [record.getMessage() for record in caplog.records if record.name == error_handler.log.name]
    assert len(logged) == 6  # one a minute
    assert all("in the pick scheduler\n" in each and "OperationalError" in each for each in logged)
    assert str(world.sam.id) not in caplog.text
    await world.env.advance_time(60)
    assert len(list_announcements(world.channel)) == 1
    assert len([record for record in caplog.records if record.name == error_handler.log.name]) == len(logged)


async def test_a_missing_permission_gets_one_notice_and_the_pick_comes_later(world: World) -> None:
    log = world.server.create_text_channel("log")
    await world.sam.slash(world.channel, "settings reviews", log_channel=log)
    closed = create_closed_channel(world, send_messages=True)
    await set_rotation(world, channel=closed)
    await announce_first(world, FILM)
    await world.env.advance_time(HOUR)
    assert list_announcements(closed) == []
    warnings = [message.content for message in log.history()]
    assert len(warnings) == 1
    assert "I can't post in" in warnings[0]
    assert "Send Messages" in warnings[0]
    await world.sam.slash(world.channel, "pick rotate", channel=world.channel)
    await world.env.advance_time(1_000)
    assert len(list_announcements(world.channel)) == 1


async def test_without_a_log_channel_the_next_command_shows_the_notice(world: World) -> None:
    await set_rotation(world)
    await world.services.picks.change_settings(world.server.id, {"announcement_channel_id": 1})
    await announce_first(world, FILM)
    result = await world.sam.slash(world.channel, "pick list")
    assert require_response(result).ephemeral
    assert "The announcement channel is gone" in read_text(result)
    assert "is gone" not in read_text(await world.sam.slash(world.channel, "pick list"))


async def test_a_missing_role_does_not_stop_the_announcement(world: World) -> None:
    await set_rotation(world)
    await world.services.picks.change_settings(world.server.id, {"announcement_role_id": 1})
    await announce_first(world, FILM)
    (message,) = list_announcements(world.channel)
    assert message.content == ""
    assert "I can't ping the announcement role" in read_text(await world.sam.slash(world.channel, "pick list"))


async def test_too_many_threads_get_a_notice_and_the_pick_is_announced(world: World) -> None:
    await set_rotation(world, thread=True)
    world.env.inject_error("POST", "/channels/*/messages/*/threads", status=400, code=160006, times=None)
    await announce_first(world, FILM)
    assert len(list_announcements(world.channel)) == 1
    assert "I couldn't open a thread in" in read_text(await world.sam.slash(world.channel, "pick list"))


async def test_a_full_forum_gets_a_notice_and_the_pick_comes_later(world: World) -> None:
    forum = world.server.create_forum_channel("picks")
    await set_rotation(world, channel=forum)
    world.env.inject_error("POST", "/channels/*/threads", status=400, code=160006, times=1)
    await announce_first(world, FILM)
    assert forum.threads == []
    assert "has too many threads, so a pick hasn't been announced" in await read_notices(world)
    await world.env.advance_time(HOUR)
    (post,) = forum.threads
    assert len(list_announcements(post)) == 1
    assert await read_notices(world) == ""


async def test_a_forum_that_requires_a_tag_gets_a_notice(world: World) -> None:
    forum = world.server.create_forum_channel("picks")
    await set_rotation(world, channel=forum)
    world.env.inject_error("POST", "/channels/*/threads", status=400, code=40067, times=None)
    await announce_first(world, FILM)
    assert "Discord refused to let me post or change a pick" in await read_notices(world)
    await world.env.advance_time(HOUR)
    assert await read_notices(world) == ""


async def test_a_refresh_that_is_refused_is_done_later_without_a_notice(world: World) -> None:
    await set_rotation(world)
    await announce_first(world, FILM)
    world.env.inject_error("PATCH", "/channels/*/messages/*", status=400, code=30046, times=1)
    await post_review(world, world.mina, "A well.", 9)
    await world.env.advance_time(60)
    assert "No ratings here yet" in str(list_announcements(world.channel)[0].embeds[0].fields)
    await world.env.advance_time(HOUR)
    assert "1 rating" in str(list_announcements(world.channel)[0].embeds[0].fields)
    assert await read_notices(world) == ""


async def test_a_deleted_role_gets_a_notice_and_nobody_is_pinged(world: World) -> None:
    role = world.server.create_role("Film night", mentionable=True)
    await set_rotation(world, role=role)
    guild = world.env.bot.get_guild(world.server.id)
    assert guild is not None
    bots_role = guild.get_role(role.id)
    assert bots_role is not None
    with world.env.time_context():
        await bots_role.delete()
    await announce_first(world, FILM)
    (message,) = list_announcements(world.channel)
    assert message.content == ""
    assert "I can't ping the announcement role" in await read_notices(world)


async def test_a_deleted_channel_gets_a_notice_and_another_takes_its_place(world: World) -> None:
    other = world.server.create_text_channel("marquee")
    await set_rotation(world, channel=other)
    channel = world.env.bot.get_channel(other.id)
    assert isinstance(channel, discord.TextChannel)
    with world.env.time_context():
        await channel.delete()
    await announce_first(world, FILM, OTHER)
    assert "channel is gone" in await read_notices(world)
    await world.sam.slash(world.channel, "pick rotate", channel=world.channel)
    await world.env.advance_time(HOUR)
    assert [each.embeds[0].title for each in list_announcements(world.channel)] == ["Burning (2018)"]


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("embed_links", "Embed Links"),
        ("attach_files", "Attach Files"),
        ("read_message_history", "Read Message History"),
    ],
)
async def test_every_missing_permission_is_named(world: World, missing: str, sentence: str) -> None:
    await set_rotation(world, channel=create_closed_channel(world, **{missing: True}))
    await announce_first(world, FILM)
    assert sentence in await read_notices(world)
    await world.env.advance_time(HOUR)
    assert await read_notices(world) == ""


async def test_forbidden_threads_and_pins_get_notices_and_the_pick_is_announced(world: World) -> None:
    channel = create_closed_channel(world, create_public_threads=True, manage_messages=True, pin_messages=True)
    await set_rotation(world, channel=channel, thread=True)
    world.env.inject_error("PUT", "/channels/*/pins/*", status=403, code=50013, times=None)
    world.env.inject_error("PUT", "/channels/*/messages/pins/*", status=403, code=50013, times=None)
    await announce_first(world, FILM)
    assert len(list_announcements(channel)) == 1
    notices = await read_notices(world)
    assert "I couldn't open a thread in" in notices
    assert "I couldn't pin or unpin the pick in" in notices


async def test_a_closed_log_channel_leaves_the_notice_to_the_next_command(world: World) -> None:
    log = create_closed_channel(world, send_messages=True)
    await world.sam.slash(world.channel, "settings reviews", log_channel=log)
    await set_rotation(world)
    await world.services.picks.change_settings(world.server.id, {"announcement_channel_id": 1})
    await announce_first(world, FILM)
    assert "channel is gone" in await read_notices(world)


async def test_an_empty_queue_gets_one_notice(world: World) -> None:
    log = world.server.create_text_channel("log")
    await world.sam.slash(world.channel, "settings reviews", log_channel=log)
    await set_rotation(world)
    await advance_to(world, "2026-01-10T00:00")
    assert [message.content for message in log.history()] == [
        "⚠ No picks are left in the queue. Plan a film with `/pick add`."
    ]
