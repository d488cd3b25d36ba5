"""Caches: how often one has what it is asked for, and snapshots of what servers have planned.

Autocomplete reads the snapshots from memory, because it must not wait for the database.
"""

import itertools
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from cachetools import LRUCache

from bot.core.tasks import BackgroundTasks, Foreground

log = logging.getLogger(__name__)
MAX_AGE = timedelta(seconds=30)
"""How old a snapshot may be before it is read again in the background: another process may have changed it."""
GIVING_WAY = 0.1
"""Seconds of work as which reading a snapshot counts when it gives way to what members wait for."""
CAPACITY = 5_000
Snapshot = TypeVar("Snapshot")


@dataclass(slots=True)
class CacheUse:
    """How often a cache had what it was asked for, and how often not."""

    hits: int = 0
    misses: int = 0

    def count(self, *, is_hit: bool) -> None:
        """Count one request."""
        if is_hit:
            self.hits += 1
        else:
            self.misses += 1


@dataclass(frozen=True, slots=True)
class _Cached(Generic[Snapshot]):
    snapshot: Snapshot
    read_number: int
    read_at: datetime


class SnapshotCache(Generic[Snapshot]):
    """Snapshots of the servers used last.

    `read` returns a server's snapshot, `now` the current time; `name` says in the log what the snapshots are.
    Reads in the background give way to `foreground`, what members wait for.
    """

    def __init__(
        self,
        read: Callable[[int], Awaitable[Snapshot]],
        now: Callable[[], datetime],
        foreground: Foreground,
        *,
        name: str,
    ) -> None:
        self.use = CacheUse()
        self._read = read
        self._now = now
        self._foreground = foreground
        self._name = name
        self._cache: LRUCache[int, _Cached[Snapshot]] = LRUCache(CAPACITY)
        self._read_numbers = itertools.count()
        self._background = BackgroundTasks()
        self._refreshing: set[int] = set()

    def get(self, server_id: int) -> Snapshot | None:
        """Return the cached snapshot at once, or None.

        A missing or old one is read in the background, for the next letter that is typed.
        """
        cached = self._cache.get(server_id)
        self.use.count(is_hit=cached is not None)
        # A clock that was set back makes a snapshot old, too.
        if (cached is None or abs(self._now() - cached.read_at) > MAX_AGE) and server_id not in self._refreshing:
            self._refreshing.add(server_id)
            self._background.start(self._refresh_in_background(server_id), name=f"read {self._name}")
        return cached.snapshot if cached is not None else None

    async def refresh(self, server_id: int) -> None:
        """Read the snapshot again, after a change.

        Raises nothing: a change that is stored must not look as if it had failed.
        """
        read_number = next(self._read_numbers)
        try:
            snapshot = await self._read(server_id)
        except Exception as error:
            log.warning("%s could not be read: %s", self._name, type(error).__name__)
            self._cache.pop(server_id, None)
            return
        cached = self._cache.get(server_id)
        # Of two reads at once, the one that began later is the newer.
        if cached is None or cached.read_number < read_number:
            self._cache[server_id] = _Cached(snapshot, read_number, self._now())

    async def preload(self, server_ids: Iterable[int]) -> None:
        """Read the snapshots that are not cached yet, one after the other."""
        for server_id in server_ids:
            if server_id not in self._cache:
                await self.refresh(server_id)

    async def close(self) -> None:
        """Cancel reads in the background."""
        await self._background.close()

    async def _refresh_in_background(self, server_id: int) -> None:
        try:
            await self._foreground.give_way(GIVING_WAY)
            await self.refresh(server_id)
        finally:
            self._refreshing.discard(server_id)
