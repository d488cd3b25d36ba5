"""Group commit: writes that wait for the database at the same time share one transaction and one flush.

A durable commit waits for the disk. One that carries twenty members' ratings takes hardly longer than one that
carries a single one, and every member is still told only after it is done.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from bot.core.errors import MarqueeError

Item = TypeVar("Item")
Result = TypeVar("Result")
GROUP_LIMIT = 64
"""Writes in one transaction: few enough that none waits long for the others."""
Commit = Callable[[Sequence[Item]], Awaitable[Sequence[Result | MarqueeError]]]


class GroupCommit(Generic[Item, Result]):
    """Hands what has been submitted to `commit`, in groups, each of which it stores in one transaction.

    No two items with the same `key` are in one group, so `commit` need not look for an item's own group in the
    database. A member's error that `commit` gives for an item is raised to whoever submitted it alone.
    """

    def __init__(self, commit: Commit[Item, Result], key: Callable[[Item], Hashable]) -> None:
        self._commit = commit
        self._key = key
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._turn = asyncio.Lock()

    async def submit(self, item: Item) -> Result:
        """Store the item and give what came of it, once it is on the disk."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        # Whoever's turn comes first writes for all who wait by then; the others find their item done.
        async with self._turn:
            while not future.done():
                # A member's form that is called off must not take the other members' writes with it.
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
                # One bad item spoils the transaction of all: each is tried alone, so that one failure stays one.
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
