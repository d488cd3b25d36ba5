"""Shards of several processes begin their sessions one after the other, as Discord wants it.

In a process of its own discord.py waits five seconds between two shards. It knows nothing of other processes: two
that start at once would begin two sessions at a time, and Discord would refuse one of them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import discord

from bot.core.database.key_value import KeyValueRepository
from bot.core.errors import StorageUnavailableError

log = logging.getLogger(__name__)
INTERVAL = timedelta(seconds=5.5)
"""How far apart turns are. Discord wants five seconds between sessions, `max_concurrency` of them at a time, and
after its turn a shard still has to connect, which takes one longer than another."""
RETRY_SECONDS = 0.5
NOT_FETCHED = (discord.HTTPException, discord.GatewayNotFound, OSError)
"""What asking Discord for its limits raises where it can't be reached."""


class SessionStarts:
    """Turns at beginning a session, which the processes take by way of the database.

    `fetch_limits` asks Discord how many sessions may begin at a time.
    """

    def __init__(
        self,
        values: KeyValueRepository,
        fetch_limits: Callable[[], Awaitable[discord.SessionStartLimits]],
        now: Callable[[], datetime],
    ) -> None:
        self._values = values
        self._fetch_limits = fetch_limits
        self._now = now
        self._concurrency: int | None = None

    async def wait(self, shard_id: int) -> None:
        """Wait until it is the shard's turn. Without a database it is after as long as discord.py would wait."""
        bucket = shard_id % await self._get_concurrency()
        try:
            while True:
                if await self._values.claim_job(f"session start {bucket}", self._now(), INTERVAL):
                    return
                await asyncio.sleep(RETRY_SECONDS)
        except StorageUnavailableError:
            await asyncio.sleep(INTERVAL.total_seconds())

    async def _get_concurrency(self) -> int:
        """Return how many sessions may begin at a time: shards whose numbers differ modulo that."""
        if self._concurrency is None:
            try:
                limits = await self._fetch_limits()
            except NOT_FETCHED as error:
                log.warning("Discord doesn't say how many sessions may begin at a time: %s", type(error).__name__)
                return 1
            self._concurrency = max(1, limits.max_concurrency)
        return self._concurrency
