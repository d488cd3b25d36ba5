"""Polls on what comes next, as Discord's own polls."""

from datetime import timedelta
from typing import Any

import discord
import pytest

from bot.client import create_bot
from tests.conftest import World
from tests.picks.steps import (
    OTHER,
    THIRD,
    advance_to,
    create_closed_channel,
    list_announcements,
    read_notices,
    set_rotation,
)
from tests.responses import FILM


async def suggest_three(world: World) -> None:
    for member, film in ((world.mina, FILM), (world.jonas, OTHER), (world.sam, THIRD)):
        await member.slash(world.channel, "suggest", film=film)


def list_polls(world: World) -> list[discord.Message]:
    return [message for message in world.channel.history() if message.poll is not None]


async def test_the_winner_of_a_poll_starts(world: World) -> None:
    await suggest_three(world)
    await set_rotation(world, refill="vote")
    await advance_to(world, "2026-01-02T19:01")
    (message,) = list_polls(world)
    assert message.poll is not None
    assert [answer.text for answer in message.poll.answers] == [
        "Burning (2018)", "Ballerina (2023)", "John Wick (2014)",
    ]  # fmt: skip
    for member in (world.mina, world.jonas):
        await member.set_poll_votes(message, answers=[2])
    await world.sam.set_poll_votes(message, answers=[1])
    await world.env.restart_bot(create_bot(world.services))
    await advance_to(world, "2026-01-03T19:30")
    assert [each.embeds[0].title for each in list_announcements(world.channel)] == ["Ballerina (2023)"]
    assert len(list_polls(world)) == 1


async def test_a_vote_lasts_as_long_as_curators_say(world: World) -> None:
    await suggest_three(world)
    await set_rotation(world, refill="vote", poll_hours=48)
    await advance_to(world, "2026-01-02T19:01")
    (message,) = list_polls(world)
    assert message.poll is not None
    assert message.poll.expires_at is not None
    assert message.poll.expires_at - message.created_at == timedelta(hours=48)


@pytest.mark.parametrize(
    ("channel", "sentence"), [("forum", "Forum channels can't have votes"), ("closed", "I can't start a vote in")]
)
async def test_a_poll_that_cannot_be_opened_gets_a_notice(world: World, channel: str, sentence: str) -> None:
    await suggest_three(world)
    channels: dict[str, Any] = {
        "forum": world.server.create_forum_channel("f"),
        "closed": create_closed_channel(world, send_polls=True),
    }
    await set_rotation(world, channel=channels[channel], refill="vote")
    await advance_to(world, "2026-01-02T19:01")
    assert sentence in await read_notices(world)


async def test_a_deleted_poll_gets_a_notice(world: World) -> None:
    await suggest_three(world)
    await set_rotation(world, refill="vote")
    await advance_to(world, "2026-01-02T19:01")
    (message,) = list_polls(world)
    await world.sam.delete(message)
    await advance_to(world, "2026-01-03T20:00")
    assert list_announcements(world.channel) == []
    assert "The vote on the next pick was deleted." in await read_notices(world)


async def test_a_poll_opened_late_is_counted_when_it_ends(world: World) -> None:
    await suggest_three(world)
    await set_rotation(world, channel=create_closed_channel(world, send_polls=True), refill="vote")
    await advance_to(world, "2026-01-03T18:40")  # it should have ended at seven
    await world.sam.slash(world.channel, "pick rotate", channel=world.channel)
    await advance_to(world, "2026-01-03T19:30")  # Discord's shortest poll takes an hour
    (message,) = list_polls(world)
    assert message.poll is not None
    assert not message.poll.is_finalised()
    assert list_announcements(world.channel) == []
    await world.mina.set_poll_votes(message, answers=[2])
    await advance_to(world, "2026-01-03T20:00")
    assert [each.embeds[0].title for each in list_announcements(world.channel)] == ["Ballerina (2023)"]
