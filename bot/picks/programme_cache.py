"""Programmes kept in memory, so that autocomplete waits for no database."""

import itertools
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cachetools import LRUCache

from bot.core.tasks import BackgroundTasks
from bot.picks.models import ProgrammeSnapshot
from bot.picks.repository import PickRepository

log = logging.getLogger(__name__)
MAX_AGE = timedelta(seconds=30)
"""How old a snapshot may be before it is read again in the background: another process may have changed it."""
CAPACITY = 5_000


@dataclass(frozen=True, slots=True)
class _CachedSnapshot:
    snapshot: ProgrammeSnapshot
    read_number: int
    read_at: datetime


class ProgrammeCache:
    """Snapshots of the programmes of the servers used last. `now` returns the current time."""

    def __init__(self, repository: PickRepository, now: Callable[[], datetime]) -> None:
        self._repository = repository
        self._now = now
        self._cache: LRUCache[int, _CachedSnapshot] = LRUCache(CAPACITY)
        self._read_numbers = itertools.count()
        self._background = BackgroundTasks()
        self._refreshing: set[int] = set()

    def get(self, server_id: int) -> ProgrammeSnapshot | None:
        """Return the cached snapshot at once, or None.

        A missing or old one is read in the background, for the next letter that is typed.
        """
        cached = self._cache.get(server_id)
        # A clock that was set back makes a snapshot old, too.
        if (cached is None or abs(self._now() - cached.read_at) > MAX_AGE) and server_id not in self._refreshing:
            self._refreshing.add(server_id)
            self._background.start(self._refresh_in_background(server_id), name="read a programme")
        return cached.snapshot if cached is not None else None

    async def refresh(self, server_id: int) -> None:
        """Read the snapshot again, after a change.

        Raises nothing: a change that is stored must not look as if it had failed.
        """
        read_number = next(self._read_numbers)
        try:
            snapshot = await self._repository.get_snapshot(server_id)
        except Exception as error:
            log.warning("the programme of a server could not be read: %s", type(error).__name__)
            self._cache.pop(server_id, None)
            return
        cached = self._cache.get(server_id)
        # Of two reads at once, the one that began later is the newer.
        if cached is None or cached.read_number < read_number:
            self._cache[server_id] = _CachedSnapshot(snapshot, read_number, self._now())

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
            await self.refresh(server_id)
        finally:
            self._refreshing.discard(server_id)
