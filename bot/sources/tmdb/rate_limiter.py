"""What keeps the client polite: a limit of requests a second, and a circuit breaker."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bot.films.metadata import SourceUnavailableError

Clock = Callable[[], float]
"""Returns seconds from any fixed moment."""


class RequestLimiter:
    """Allows at most `per_second` requests to start within any second, and at most `concurrent` at a time."""

    def __init__(self, per_second: int = 40, concurrent: int = 8, clock: Clock = time.monotonic) -> None:
        self._starts: deque[float] = deque(maxlen=per_second)
        self._slots = asyncio.Semaphore(concurrent)
        self._clock = clock

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a slot and hold it inside the block. Waiting for the second to pass holds no slot."""
        while True:
            async with self._slots:
                delay = self._delay()
                if delay <= 0:
                    self._starts.append(self._clock())
                    yield
                    return
            await asyncio.sleep(delay)

    def _delay(self) -> float:
        """Return the seconds until one more request may start."""
        starts = self._starts
        return starts[0] + 1.0 - self._clock() if len(starts) == starts.maxlen else 0.0


class CircuitBreaker:
    """Stops requests to a source that keeps failing; after `rest` seconds one request tests whether it is back.

    It opens after `failures` failures in a row.
    """

    def __init__(self, failures: int = 5, rest: float = 60.0, clock: Clock = time.monotonic) -> None:
        self._failure_limit = failures
        self._rest = rest
        self._clock = clock
        self._failure_count = 0
        self._opened_at: float | None = None
        self._is_testing = False

    @property
    def is_open(self) -> bool:
        """Whether requests are being stopped."""
        return self._opened_at is not None

    def check(self) -> None:
        """Raise SourceUnavailableError while requests are being stopped; else the request may go on."""
        if self._opened_at is None:
            return
        if self._is_testing or self._clock() - self._opened_at < self._rest:
            raise SourceUnavailableError("left alone after repeated failures")
        self._is_testing = True

    def record_success(self) -> bool:
        """Close the breaker; return whether it was open."""
        was_open = self.is_open
        self._failure_count, self._opened_at, self._is_testing = 0, None, False
        return was_open

    def record_failure(self) -> bool:
        """Count a failure; return whether the breaker opens with it, having been closed."""
        self._failure_count += 1
        opens = self._opened_at is None and self._failure_count >= self._failure_limit
        if opens or self._opened_at is not None:
            self._opened_at = self._clock()
        self._is_testing = False
        return opens

    def record_cancellation(self) -> None:
        """End a request that was cancelled, from which nothing follows about the source."""
        self._is_testing = False
