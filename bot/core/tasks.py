"""Work that runs beside what members wait for, and what a task has committed."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator, Hashable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")


Steps = Generator[None, None, Result]
"""Work that pauses often, so that whoever runs it can let others go on; it returns its result."""
SLICE, PAUSE = 0.002, 0.001
"""Seconds of work at a time, and for which others come first then."""
LONGEST_WAIT = 3
"""How many times as long as it worked, work in the background waits for what members wait for."""


class Foreground:
    """What members wait for, so that work in the background can give way to it."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_quiet = asyncio.Event()
        self._is_quiet.set()

    def add(self, task: asyncio.Task[Any]) -> None:
        """Note that a member waits for the task."""
        self._tasks.add(task)
        self._is_quiet.clear()

    def discard(self, task: asyncio.Task[Any]) -> None:
        """Note that nobody waits for the task any more."""
        self._tasks.discard(task)
        if not self._tasks:
            self._is_quiet.set()

    @contextlib.contextmanager
    def left(self) -> Iterator[None]:
        """Let what the current task does inside be work in the background, although a member waits for its end."""
        task = asyncio.current_task()
        is_noted = task is not None and task in self._tasks
        if task is None or not is_noted:
            yield
            return
        self.discard(task)
        try:
            yield
        finally:
            self.add(task)

    async def give_way(self, worked: float) -> None:
        """Let others come first after so many seconds of work.

        Work in the background waits for what members wait for, though not forever.
        """
        await asyncio.sleep(PAUSE)
        if not self._is_quiet.is_set() and asyncio.current_task() not in self._tasks:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_WAIT * worked):
                    await self._is_quiet.wait()

    async def run_in_slices(self, steps: Steps[Result]) -> Result:
        """Return the result of work that pauses often, which gives way in between."""
        while True:
            begun = time.perf_counter()
            try:
                while time.perf_counter() - begun < SLICE:
                    next(steps)
            except StopIteration as stop:
                result: Result = stop.value
                return result
            await self.give_way(time.perf_counter() - begun)


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


@dataclass(slots=True)
class CommitRecord:
    """What was committed for a piece of work."""

    has_committed: bool = False


_record: ContextVar[CommitRecord | None] = ContextVar("commit_record", default=None)


def watch_commits() -> CommitRecord:
    """Begin a new record for the current task, and for those that it starts."""
    record = CommitRecord()
    _record.set(record)
    return record


def note_commit() -> None:
    """Note in the current record, if there is one, that a transaction is on the disk."""
    if (record := _record.get()) is not None:
        record.has_committed = True


def stop_watching_commits() -> None:
    """Leave the record of the task that started this one: what is stored here is not what that task does."""
    _record.set(None)
