"""Looking members up at Discord, through the real bot."""

import asyncio
from collections import Counter

import discord
import pytest

from bot.client import Marquee
from bot.core.errors import StorageUnavailableError
from tests.conftest import World
from tests.responses import FILM, list_messages, read_text


async def test_members_are_looked_up_once_however_many_ask_at_once(
    bot: Marquee, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.mina.slash(world.channel, "rate", film=FILM, stars="4")
    await world.jonas.slash(world.channel, "rate", film=FILM, stars="3")
    await world.env.advance_time(2 * 86_400)
    looked_up: Counter[int] = Counter()
    fetch_member = discord.Guild.fetch_member

    async def slow_fetch(guild: discord.Guild, member_id: int, /) -> discord.Member:
        looked_up[member_id] += 1
        await asyncio.sleep(0.05)
        return await fetch_member(guild, member_id)

    monkeypatch.setattr(discord.Guild, "fetch_member", slow_fetch)
    guild = bot.get_guild(world.server.id)
    assert guild is not None
    await asyncio.gather(*(world.services.membership.refresh_members(guild) for _ in range(12)))
    assert looked_up == {world.mina.id: 1, world.jonas.id: 1}


async def test_a_look_up_that_fails_for_the_database_is_not_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise StorageUnavailableError("gone")

    monkeypatch.setattr(world.services.membership, "refresh_members", fail)
    shown = await world.mina.slash(world.channel, "film", title="burning-2018")
    assert len(list_messages(shown)) == 1
    assert "gone" not in read_text(shown)
