"""Processes that share the shards begin sessions by turns."""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import discord
import pytest
import yarl
from discord.ext import commands

from bot.client import Marquee, create_bot
from bot.config import Shards
from bot.core.database.key_value import KeyValueRepository
from bot.core.discord import utcnow
from bot.core.errors import StorageUnavailableError
from bot.services import Services
from bot.session_starts import SessionStarts

INTERVAL = timedelta(milliseconds=150)


def _limits(max_concurrency: int) -> Any:
    async def fetch() -> discord.SessionStartLimits:
        return discord.SessionStartLimits(total=1_000, remaining=9, reset_after=1, max_concurrency=max_concurrency)

    return fetch


async def _begin(services: Services, max_concurrency: int, shards: int) -> dict[int, datetime]:
    """Let two processes begin sessions of their halves; return when each shard's turn was."""
    values = KeyValueRepository(services.database)
    turns: dict[int, datetime] = {}

    async def run(shard_ids: range) -> None:
        asked: list[datetime] = []

        def now() -> datetime:
            asked.append(datetime.now(UTC))
            return asked[-1]

        starts = SessionStarts(values, _limits(max_concurrency), now)
        for shard_id in shard_ids:
            await starts.wait(shard_id)
            turns[shard_id] = asked[-1]

    await asyncio.gather(run(range(shards // 2)), run(range(shards // 2, shards)))
    return turns


async def test_sessions_begin_apart_in_all_processes_together(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.session_starts.INTERVAL", INTERVAL)
    monkeypatch.setattr("bot.session_starts.RETRY_SECONDS", 0.01)
    turns = sorted((await _begin(services, 1, 4)).values())
    assert all(later - earlier >= INTERVAL for earlier, later in pairwise(turns))
    # Where Discord takes two at a time, even shards wait for even ones only.
    by_shard = await _begin(services, 2, 4)
    assert abs(by_shard[2] - by_shard[0]) >= INTERVAL
    assert abs(by_shard[3] - by_shard[1]) >= INTERVAL

    async def fail(*_: object) -> bool:
        raise StorageUnavailableError("gone")

    monkeypatch.setattr(KeyValueRepository, "claim_job", fail)
    started = time.monotonic()
    await SessionStarts(KeyValueRepository(services.database), _limits(1), utcnow).wait(0)
    assert time.monotonic() - started >= INTERVAL.total_seconds() * 0.9


async def test_only_a_process_with_a_part_of_the_shards_asks_the_others(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched: list[tuple[int, bool]] = []
    waited: list[int] = []

    async def launch(_bot: Marquee, _gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        launched.append((shard_id, initial))

    async def wait(_starts: SessionStarts, shard_id: int) -> None:
        waited.append(shard_id)

    monkeypatch.setattr(commands.AutoShardedBot, "launch_shard", launch)
    monkeypatch.setattr(SessionStarts, "wait", wait)
    alone = create_bot(services)
    await alone.launch_shard(yarl.URL("ws://nowhere"), 1)
    assert (launched, waited) == ([(1, False)], [])
    settings = replace(services.settings, shards=Shards(8, (2, 3)))
    part = create_bot(replace(services, settings=settings))
    await part.launch_shard(yarl.URL("ws://nowhere"), 2, initial=True)
    await part.launch_shard(yarl.URL("ws://nowhere"), 3)
    # They have waited before they connect, so that discord.py need not.
    assert (launched[1:], waited) == ([(2, True), (3, True)], [2, 3])
    await part.before_identify_hook(3, initial=False)
    await part.before_identify_hook(3, initial=True)
    assert waited == [2, 3, 3]
