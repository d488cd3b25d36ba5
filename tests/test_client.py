"""The bot as it is built, before it connects."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import discord
import pytest
import simcord

from bot.client import Marquee, MarqueeTree, create_bot, get_invite_url
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


async def test_commands_are_synced_only_when_they_changed(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    sync = MarqueeTree.sync

    async def count(tree: MarqueeTree, **options: Any) -> Any:
        synced.append(len(tree.get_commands()))
        return await sync(tree, **options)

    monkeypatch.setattr(MarqueeTree, "sync", count)
    env = simcord.Env(create_bot(services))
    await env.start()
    restarted = create_bot(services)
    await env.restart_bot(restarted)
    assert len(synced) == 1
    assert set(restarted.command_ids) == {command.name for command in restarted.tree.get_commands()}
    # Two processes that start at once after an update: one tells Discord, the other waits for it.
    updated = create_bot(services)
    await env.restart_bot(updated)
    updated.tree.remove_command("where")
    monkeypatch.setattr("bot.command_sync.WAIT_SECONDS", 0.01)
    first, second = await asyncio.gather(updated.command_sync.sync(), updated.command_sync.sync())
    assert first == second
    assert len(synced) == 2
    # Commands that somebody removed at Discord come back.
    await updated.tree._http.bulk_upsert_global_commands(updated.application_id or 0, [])
    first, second = await asyncio.gather(updated.command_sync.sync(), updated.command_sync.sync())
    assert "film" in first
    assert first == second
    assert len(synced) == 3
    # A restart right after that, with other commands, need not wait.
    updated.tree.remove_command("person")
    async with asyncio.timeout(10):
        assert "person" not in await updated.command_sync.sync()
    await env.shutdown()


async def test_the_invite_asks_for_what_the_features_use() -> None:
    query = parse_qs(urlsplit(get_invite_url(1456)).query)
    assert query["client_id"] == ["1456"]
    assert query["scope"] == ["bot applications.commands"]
    permissions = discord.Permissions(int(query["permissions"][0]))
    assert permissions.send_messages
    assert permissions.create_events
    assert not permissions.administrator
    assert not permissions.manage_guild
