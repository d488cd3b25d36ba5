"""The bot as it is built, before it connects."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import simcord

from bot.client import Marquee, create_bot
from bot.config import Shards
from bot.services import Services


async def test_a_process_runs_the_part_of_the_shards_it_was_given(services: Services) -> None:
    settings = replace(services.settings, shards=Shards(8, (2, 3)))
    bot = create_bot(replace(services, settings=settings))
    assert (bot.shard_count, bot.shard_ids) == (8, [2, 3])


async def test_a_process_that_was_given_no_part_runs_all(services: Services) -> None:
    bot = create_bot(services)
    assert (bot.shard_count, bot.shard_ids) == (1, None)


async def test_commands_that_discord_refused_are_synced_later(
    bot: Marquee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.client.SYNC_DELAYS", (timedelta(milliseconds=10),))
    env = simcord.Env(bot)
    env.inject_error("PUT", "/applications/*/commands", status=403, code=50001, times=2)
    await env.start()
    async with asyncio.timeout(30):
        while not bot.command_ids:  # noqa: ASYNC110  (nothing tells when Discord has taken them)
            await asyncio.sleep(0.01)
    assert set(bot.command_ids) == {command.name for command in bot.tree.get_commands()}
    await env.shutdown()
