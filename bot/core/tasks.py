"""Work that runs beside what members wait for."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterable
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")


class BackgroundTasks:
    """Tasks that nobody has to wait for, kept until they are done and cancelled when the owner closes."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Result], *, name: str) -> asyncio.Task[Result]:
        """Start the work and return its task. Its errors are the caller's or the work's own to handle."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Cancel what is still running and wait until it has ended."""
        await _cancel(self._tasks)


class SingleFlight(Generic[Key, Result]):
    """Runs the same work once for all callers that ask for it while it runs."""

    def __init__(self) -> None:
        self._running: dict[Key, asyncio.Task[Result]] = {}

    async def run(self, key: Key, work: Callable[[], Awaitable[Result]]) -> Result:
        """Return the work's result or raise its error. A cancelled caller leaves it running for the others."""
        task = self._running.get(key)
        if task is None:

            async def run_once() -> Result:
                return await work()

            task = asyncio.create_task(run_once())
            self._running[key] = task
            task.add_done_callback(lambda done: self._remove(key, done))
        return await asyncio.shield(task)

    def _remove(self, key: Key, task: asyncio.Task[Result]) -> None:
        self._running.pop(key, None)
        if not task.cancelled():
            task.exception()  # retrieved, or asyncio reports it if every caller was cancelled

    async def close(self) -> None:
        """Cancel what is still running and wait until it has ended."""
        await _cancel(self._running.values())


async def _cancel(running: Iterable[asyncio.Task[Any]]) -> None:
    tasks = list(running)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
