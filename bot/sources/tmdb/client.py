"""An HTTP client for TMDB's API, version 3: limited in rate and time, and wary of whatever is answered."""

import asyncio
import json
import logging
import re
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import stamina

from bot.core.tasks import SingleFlight
from bot.films.metadata import SourceGoneError, SourceRefusedError, SourceUnavailableError
from bot.sources.http import BodyTooLargeError, parse_retry_after, read_body

log = logging.getLogger(__name__)
Clock = Callable[[], float]
"""Returns seconds from any fixed moment."""
BASE_URL = "https://api.themoviedb.org"
TIMEOUT = 3.0
"""Seconds that one request may take in all."""
BODY_LIMIT = 5 * 1024 * 1024
"""Bytes of a body after decompression."""
ATTEMPTS = 4
MAX_RETRY_AFTER = 10.0
"""Seconds of a Retry-After header that are waited for; beyond that the request fails."""
_V3_KEY = re.compile(r"[0-9a-f]{32}")
Params = Mapping[str, str]
RequestKey = tuple[str, tuple[tuple[str, str], ...]]


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


class _TemporaryError(SourceUnavailableError):
    """A failure after which a retry may succeed, `retry_after` seconds later where TMDB says so."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class TmdbClient:
    """A client for one key. Close it when done."""

    def __init__(
        self,
        token: str,
        base_url: str = BASE_URL,
        limiter: RequestLimiter | None = None,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._params, headers = credentials(token)
        self._session = aiohttp.ClientSession(
            headers={"Accept": "application/json", **headers},
            timeout=aiohttp.ClientTimeout(total=TIMEOUT),
        )
        self._limiter = limiter or RequestLimiter()
        self._breaker = breaker or CircuitBreaker()
        self.outcomes: Counter[str] = Counter()
        """How many requests were answered, found nothing, were refused, or failed."""
        self._flights: SingleFlight[RequestKey, dict[str, Any]] = SingleFlight()

    async def get(self, path: str, params: Params | None = None) -> dict[str, Any]:
        """Return the JSON object at `path`. Callers who want the same at the same time share one request.

        Raises SourceGoneError where there is none, SourceRefusedError where TMDB rejects the key,
        SourceUnavailableError where TMDB can't answer.
        """
        query = dict(params or {})
        key = path, tuple(sorted(query.items()))
        return await self._flights.run(key, lambda: self._get_unless_broken(path, query))

    async def close(self) -> None:
        """Cancel running requests and close the connections."""
        await self._flights.close()
        await self._session.close()

    async def _get_unless_broken(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        self._breaker.check()
        try:
            body = await self._get_with_retries(path, params)
        except (SourceGoneError, SourceRefusedError) as error:
            self.outcomes["gone" if isinstance(error, SourceGoneError) else "refused"] += 1
            self._record_answer()
            raise
        except SourceUnavailableError as error:
            self.outcomes["failed"] += 1
            if self._breaker.record_failure():
                log.warning("TMDB is left alone for a while: %s", error)
            raise
        except BaseException:
            self._breaker.record_cancellation()
            raise
        self.outcomes["answered"] += 1
        self._record_answer()
        return body

    def _record_answer(self) -> None:
        if self._breaker.record_success():
            log.warning("TMDB answers again")

    async def _get_with_retries(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        attempts = stamina.retry_context(
            on=_retry_delay,
            attempts=ATTEMPTS,
            timeout=4 * TIMEOUT,
            wait_initial=0.2,
            wait_max=2.0,
            wait_jitter=0.3,
        )
        async for attempt in attempts:
            with attempt:
                async with self._limiter.slot():
                    return await self._get_once(path, params)
        raise SourceUnavailableError("no attempt was made")

    async def _get_once(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        try:
            async with self._session.get(self._base_url + path, params={**self._params, **params}) as response:
                _check_status(response.status, response.headers)
                return _parse_object(await read_body(response.content, BODY_LIMIT))
        except BodyTooLargeError as error:
            raise SourceUnavailableError(f"an answer over {BODY_LIMIT // 1024 // 1024} MB") from error
        except TimeoutError as error:
            raise _TemporaryError(f"no answer within {TIMEOUT:.0f} s") from error
        except aiohttp.TooManyRedirects as error:
            raise SourceUnavailableError("redirected in a circle") from error
        except (aiohttp.ClientError, OSError) as error:
            raise _TemporaryError(f"no connection ({type(error).__name__})") from error


def credentials(token: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the query parameters and the headers that carry the key: v3 keys are 32 hex digits, v4 keys a JWT."""
    if _V3_KEY.fullmatch(token):
        return {"api_key": token}, {}
    return {}, {"Authorization": f"Bearer {token}"}


def _retry_delay(error: Exception) -> bool | float:
    """Return whether to retry with stamina's own delay, or the seconds after which to retry."""
    if not isinstance(error, _TemporaryError):
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after <= MAX_RETRY_AFTER else False


def _check_status(status: int, headers: Mapping[str, str]) -> None:
    if status in (401, 403):
        raise SourceRefusedError(f"the key is not taken (status {status})")
    if status == 404:
        raise SourceGoneError("status 404")
    if status == 429:
        raise _TemporaryError("status 429", parse_retry_after(headers.get("Retry-After", "")))
    if status >= 500:
        raise _TemporaryError(f"status {status}")
    if status != 200:
        raise SourceUnavailableError(f"status {status}")


def _parse_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SourceUnavailableError("an answer that is not JSON") from error
    if not isinstance(value, dict):
        raise SourceUnavailableError("an answer that is not a JSON object")
    return value
