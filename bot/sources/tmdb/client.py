"""Asks TMDB's API version 3: politely, with a deadline, and never trusting what comes back."""

import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import stamina

from bot.core.tasks import SingleFlight
from bot.films.metadata_source import SourceGoneError, SourceRefusedError, SourceUnavailableError
from bot.sources.tmdb.limits import Breaker, Pace

log = logging.getLogger(__name__)
API = "https://api.themoviedb.org"
TIMEOUT = 3.0
"""Seconds that one request may take in all."""
BODY_LIMIT = 5 * 1024 * 1024
ATTEMPTS = 4
WAIT_LIMIT = 10.0
"""Seconds of Retry-After that are waited for; one told to wait longer is told to come back later."""
_V3_KEY = re.compile(r"[0-9a-f]{32}")
Params = Mapping[str, str]
Key = tuple[str, tuple[tuple[str, str], ...]]


class _TryAgainError(SourceUnavailableError):
    """A failure that may pass: `after` are the seconds that TMDB asks to wait, None where it doesn't say."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class TmdbClient:
    """A client for one key. Close it when done."""

    def __init__(
        self, token: str, base: str = API, pace: Pace | None = None, breaker: Breaker | None = None
    ) -> None:
        self._base = base.rstrip("/")
        self._params, headers = credentials(token)
        self._session = aiohttp.ClientSession(
            headers={"Accept": "application/json", **headers},
            timeout=aiohttp.ClientTimeout(total=TIMEOUT),
        )
        self._pace = pace or Pace()
        self._breaker = breaker or Breaker()
        self._flights: SingleFlight[Key, dict[str, Any]] = SingleFlight()

    async def get(self, path: str, params: Params | None = None) -> dict[str, Any]:
        """Give the JSON object at `path`; asked once for all who ask meanwhile.

        Raises SourceGoneError where there is none, SourceRefusedError where the key is not taken,
        SourceUnavailableError where TMDB can't answer.
        """
        asked = dict(params or {})
        return await self._flights.run((path, tuple(sorted(asked.items()))), lambda: self._guarded(path, asked))

    async def close(self) -> None:
        """End what is under way and close the connections."""
        await self._flights.close()
        await self._session.close()

    async def _guarded(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        self._breaker.check()
        try:
            body = await self._persistent(path, params)
        except (SourceGoneError, SourceRefusedError):
            self._told_back()
            raise
        except SourceUnavailableError as error:
            if self._breaker.failed():
                log.warning("TMDB is left alone for a while: %s", error)
            raise
        except BaseException:
            self._breaker.gave_up()
            raise
        self._told_back()
        return body

    def _told_back(self) -> None:
        if self._breaker.succeeded():
            log.warning("TMDB answers again")

    async def _persistent(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        attempts = stamina.retry_context(
            on=_pause, attempts=ATTEMPTS, timeout=4 * TIMEOUT, wait_initial=0.2, wait_max=2.0, wait_jitter=0.3
        )
        async for attempt in attempts:
            with attempt:
                async with self._pace.place():
                    return await self._once(path, params)
        raise SourceUnavailableError("no attempt was made")

    async def _once(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        try:
            async with self._session.get(self._base + path, params={**self._params, **params}) as response:
                _check_status(response.status, response.headers)
                return _object(await _body(response.content))
        except TimeoutError as error:
            raise _TryAgainError(f"no answer within {TIMEOUT:.0f} s") from error
        except aiohttp.TooManyRedirects as error:
            raise SourceUnavailableError("redirected in a circle") from error
        except (aiohttp.ClientError, OSError) as error:
            raise _TryAgainError(f"no connection ({type(error).__name__})") from error


def credentials(token: str) -> tuple[dict[str, str], dict[str, str]]:
    """Give the query parameters and the headers that carry the key: v3 keys are 32 hex digits, v4 a JWT."""
    if _V3_KEY.fullmatch(token):
        return {"api_key": token}, {}
    return {}, {"Authorization": f"Bearer {token}"}


def _pause(error: Exception) -> bool | float:
    """Tell whether to try again, or after how many seconds."""
    if not isinstance(error, _TryAgainError):
        return False
    if error.after is None:
        return True
    return error.after if error.after <= WAIT_LIMIT else False


def _check_status(status: int, headers: Mapping[str, str]) -> None:
    if status in (401, 403):
        raise SourceRefusedError(f"the key is not taken (status {status})")
    if status == 404:
        raise SourceGoneError("status 404")
    if status == 429:
        raise _TryAgainError("status 429", _retry_after(headers.get("Retry-After", "")))
    if status >= 500:
        raise _TryAgainError(f"status {status}")
    if status != 200:
        raise SourceUnavailableError(f"status {status}")


def _retry_after(value: str) -> float | None:
    """Give the seconds of a Retry-After header (RFC 9110, 10.2.3), or None where it says nothing usable."""
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


async def _body(content: aiohttp.StreamReader) -> bytes:
    """Read at most BODY_LIMIT bytes, counted after decompression. Raises SourceUnavailableError beyond."""
    read = bytearray()
    async for chunk in content.iter_any():
        read += chunk
        if len(read) > BODY_LIMIT:
            raise SourceUnavailableError(f"an answer over {BODY_LIMIT // 1024 // 1024} MB")
    return bytes(read)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SourceUnavailableError("an answer that is not JSON") from error
    if not isinstance(value, dict):
        raise SourceUnavailableError("an answer that is not a JSON object")
    return value
