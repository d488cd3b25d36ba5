"""Group commit: concurrent writes share one transaction and one flush to the disk.

A durable commit waits for the disk. Committing twenty members' ratings takes hardly longer than committing one,
and each member gets the reply only after the commit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from bot.core.errors import MarqueeError

Item = TypeVar("Item")
Result = TypeVar("Result")
GROUP_LIMIT = 64
"""Maximum number of writes in one transaction, so that none waits long for the others."""
Commit = Callable[[Sequence[Item]], Awaitable[Sequence[Result | MarqueeError]]]


class GroupCommit(Generic[Item, Result]):
    """Passes submitted items to `commit` in groups, each of which it stores in one transaction.

    A group never has two items with the same `key`, so its items don't depend on one another. A MarqueeError that
    `commit` returns for an item is raised only to the caller that submitted it.
    """

    def __init__(self, commit: Commit[Item, Result], key: Callable[[Item], Hashable]) -> None:
        self._commit = commit
        self._key = key
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._lock = asyncio.Lock()

    async def submit(self, item: Item) -> Result:
        """Store `item` and return its result after the commit. Raise the error that `commit` returned for it."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        # The first caller to get the lock writes for all that wait by then; the others find their item stored.
        async with self._lock:
            while not future.done():
                # Cancelling one member's submission must not cancel the writes of the others.
                await asyncio.shield(self._write(self._next_group()))
        return await future

    def _next_group(self) -> list[tuple[Item, asyncio.Future[Result]]]:
        group: list[tuple[Item, asyncio.Future[Result]]] = []
        later: list[tuple[Item, asyncio.Future[Result]]] = []
        keys: set[Hashable] = set()
        for waiting in self._waiting:
            key = self._key(waiting[0])
            if len(group) < GROUP_LIMIT and key not in keys:
                keys.add(key)
                group.append(waiting)
            else:
                later.append(waiting)
        self._waiting = later
        return group

    async def _write(self, group: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._commit([item for item, _ in group])
        except Exception as error:
            if len(group) > 1:
                # One bad item fails the whole transaction: retry each alone, so that only the bad one fails.
                for waiting in group:
                    await self._write([waiting])
                return
            _settle(group[0][1], error)
            return
        for (_, future), result in zip(group, results, strict=True):
            _settle(future, result)


def _settle(future: asyncio.Future[Result], outcome: Result | Exception) -> None:
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
