"""Group commit: writes that wait for the database at the same time share one transaction and one flush.

A durable commit waits for the disk. One that carries twenty members' ratings takes hardly longer than one that
carries a single one, and every member still gets their answer only after it is done.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from bot.core.errors import MarqueeError, StorageUnavailableError
from bot.core.tasks import note_commit

Item = TypeVar("Item")
Result = TypeVar("Result")
GROUP_LIMIT = 64
"""Writes in one transaction: few enough that none waits long for the others."""
Commit = Callable[[Sequence[Item]], Awaitable[Sequence[Result | MarqueeError]]]


class GroupCommit(Generic[Item, Result]):
    """Passes submitted items to `commit` in groups, each of which it stores in one transaction.

    No two items of a group have the same `key`, so `commit` need not expect that one item changes what another one
    of its group depends on. `commit` returns a result or a member's error for each item; an error is raised only
    to the one who submitted that item.
    """

    def __init__(self, commit: Commit[Item, Result], key: Callable[[Item], Hashable]) -> None:
        self._commit = commit
        self._key = key
        self._pending: list[tuple[Item, asyncio.Future[Result]]] = []
        self._lock = asyncio.Lock()

    async def submit(self, item: Item) -> Result:
        """Store the item and return its result, once it is on the disk. Raises the item's error."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._pending.append((item, future))
        # Whoever gets the lock first writes all that is pending by then; the others find their item done.
        async with self._lock:
            while not future.done():
                # One submitter's cancellation must not cancel the writes of the others in the group.
                await asyncio.shield(self._write(self._next_group()))
        result = await future
        note_commit()  # perhaps in another submitter's transaction
        return result

    def _next_group(self) -> list[tuple[Item, asyncio.Future[Result]]]:
        group: list[tuple[Item, asyncio.Future[Result]]] = []
        later: list[tuple[Item, asyncio.Future[Result]]] = []
        keys: set[Hashable] = set()
        for pending in self._pending:
            key = self._key(pending[0])
            if len(group) < GROUP_LIMIT and key not in keys:
                keys.add(key)
                group.append(pending)
            else:
                later.append(pending)
        self._pending = later
        return group

    async def _write(self, group: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._commit([item for item, _ in group])
        except StorageUnavailableError as error:
            for _, future in group:  # each of them would only wait for the same failure
                _settle(future, error)
            return
        except Exception as error:
            if len(group) > 1:
                # One bad item fails the transaction of all: try each alone, so that only the bad one fails.
                for pending in group:
                    await self._write([pending])
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
