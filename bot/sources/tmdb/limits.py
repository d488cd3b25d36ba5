"""What keeps the client polite: a pace, and a breaker."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.films.metadata_source import SourceUnavailableError

Clock = Callable[[], float]


class Pace:
    """Lets at most `per_second` enter within any second, and at most `at_once` be inside."""

    def __init__(self, per_second: int = 40, at_once: int = 8, clock: Clock = time.monotonic) -> None:
        self._entries: deque[float] = deque(maxlen=per_second)
        self._places = asyncio.Semaphore(at_once)
        self._clock = clock

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place, hold it inside the block. Who waits for the second to pass holds nothing meanwhile."""
        while True:
            async with self._places:
                wait = self._wait()
                if wait <= 0:
                    self._entries.append(self._clock())
                    yield
                    return
            await asyncio.sleep(wait)

    def _wait(self) -> float:
        """Give the seconds until one more may enter."""
        entries = self._entries
        return entries[0] + 1.0 - self._clock() if len(entries) == entries.maxlen else 0.0


class Breaker:
    """Stops asking a source that keeps failing; after `rest` seconds one request tries whether it is back."""

    def __init__(self, failures: int = 5, rest: float = 60.0, clock: Clock = time.monotonic) -> None:
        self._limit = failures
        self._rest = rest
        self._clock = clock
        self._failed = 0
        self._opened: float | None = None
        self._trying = False

    @property
    def open(self) -> bool:
        """Whether the source is being left alone."""
        return self._opened is not None

    def check(self) -> None:
        """Raise SourceUnavailableError while the source is left alone."""
        if self._opened is None:
            return
        if self._trying or self._clock() - self._opened < self._rest:
            raise SourceUnavailableError("left alone after repeated failures")
        self._trying = True

    def succeeded(self) -> bool:
        """Note a success; tell whether the source had been left alone."""
        was_open = self.open
        self._failed, self._opened, self._trying = 0, None, False
        return was_open

    def failed(self) -> bool:
        """Note a failure; tell whether the source is left alone from now on and was not before."""
        self._failed += 1
        opens = self._opened is None and self._failed >= self._limit
        if opens or self._opened is not None:
            self._opened = self._clock()
        self._trying = False
        return opens

    def gave_up(self) -> None:
        """Note that a try was cancelled, which says nothing of the source."""
        self._trying = False
