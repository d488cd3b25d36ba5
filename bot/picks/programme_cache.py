"""What is planned, kept in memory for who types: an autocomplete waits for no database."""

import asyncio
import itertools
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.picks.models import Programme, Series

log = logging.getLogger(__name__)
FRESH = timedelta(seconds=30)
"""How old what is kept may be before it is read anew behind: another process may have changed it."""
SERVERS_KEPT = 5_000


@dataclass(frozen=True, slots=True)
class Outlook:
    """A server's programme and its series, as they were when they were read."""

    programme: Programme
    series: tuple[Series, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kept:
    outlook: Outlook
    number: int
    read_at: datetime


class Outlooks:
    """Keeps the outlooks of the servers used last. `read` gives one from where it is stored, `now` the time."""

    def __init__(self, read: Callable[[int], Awaitable[Outlook]], now: Callable[[], datetime]) -> None:
        self._read = read
        self._now = now
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._numbers = itertools.count()
        self._behind: dict[int, asyncio.Task[None]] = {}

    def of(self, server_id: int) -> Outlook | None:
        """Give what is kept, at once. What is missing (None) or old is read behind, for the next letter typed."""
        kept = self._kept.get(server_id)
        if kept is None or self._now() - kept.read_at > FRESH:
            self._renew_behind(server_id)
        if kept is None:
            return None
        self._kept.move_to_end(server_id)
        return kept.outlook

    async def renew(self, server_id: int) -> None:
        """Read it anew, after a change. Never raises: a change that is stored must not look as if it weren't."""
        number = next(self._numbers)
        try:
            outlook = await self._read(server_id)
        except Exception as error:
            log.warning("what is planned in a server could not be read: %s", type(error).__name__)
            self._kept.pop(server_id, None)
            return
        kept = self._kept.get(server_id)
        # Of two that read at once, what the later one read is the newer.
        if kept is None or kept.number < number:
            self._kept[server_id] = _Kept(outlook, number, self._now())
            self._kept.move_to_end(server_id)
        while len(self._kept) > SERVERS_KEPT:
            self._kept.popitem(last=False)

    async def warm(self, server_ids: Iterable[int]) -> None:
        """Read those that are not kept yet, one after the other."""
        for server_id in server_ids:
            if server_id not in self._kept:
                await self.renew(server_id)

    async def close(self) -> None:
        """End what is read behind."""
        tasks = list(self._behind.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _renew_behind(self, server_id: int) -> None:
        if server_id not in self._behind:
            task = asyncio.create_task(self.renew(server_id), name="read what is planned")
            self._behind[server_id] = task
            task.add_done_callback(lambda _: self._behind.pop(server_id, None))
