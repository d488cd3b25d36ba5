"""An HTTP client for Letterboxd's RSS feeds: polite, limited in size and time, and wary of where it is sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import aiohttp

from bot.sources.http import BodyTooLargeError, parse_retry_after, read_body

TIMEOUT = 5.0
"""Seconds that one request may take in all."""
BODY_LIMIT = 1024 * 1024
"""Bytes of a feed after decompression."""
REDIRECTS_LIMIT = 3
"""Redirects that are followed, all of them within Letterboxd."""
USER_AGENT = "Marquee (Discord bot; reads the feeds of members who asked for it)"
USERNAME = re.compile(r"[a-z0-9_]{2,15}")
"""A name at Letterboxd, in lower case."""
_FEED_PATH = re.compile(r"/([a-z0-9_]{2,15})/rss/?")
VALIDATOR_LIMIT = 200
"""Characters of an ETag or a date that are kept."""


class FeedError(Exception):
    """A feed that could not be read."""


class FeedGoneError(FeedError):
    """A member whom Letterboxd doesn't know, or no longer."""


class FeedUnavailableError(FeedError):
    """Letterboxd can't answer at the moment."""


class FeedLimitedError(FeedUnavailableError):
    """Letterboxd asks to be asked less often: not again for so many seconds, where it says so."""

    def __init__(self, retry_after: float | None) -> None:
        super().__init__("status 429")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class FeedValidators:
    """What a conditional request sends back, so that an unchanged feed is not sent again (RFC 9110, 13.1)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class FetchedFeed:
    """What was answered: `body` is None where nothing has changed, `username` is the member's name now."""

    body: bytes | None
    validators: FeedValidators
    username: str


class LetterboxdClient:
    """A client for one address. Close it when done."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._session = aiohttp.ClientSession(
            headers={"Accept": "application/rss+xml, application/xml", "User-Agent": USER_AGENT},
            timeout=aiohttp.ClientTimeout(total=TIMEOUT),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def fetch(self, username: str, validators: FeedValidators = FeedValidators()) -> FetchedFeed:
        """Return the member's feed. A member who has renamed themselves is found where Letterboxd redirects to.

        Raises FeedGoneError, FeedLimitedError, FeedUnavailableError.
        """
        headers = {}
        if validators.etag is not None:
            headers["If-None-Match"] = validators.etag
        if validators.last_modified is not None:
            headers["If-Modified-Since"] = validators.last_modified
        url = f"{self._base_url}/{username}/rss/"
        try:
            for _ in range(REDIRECTS_LIMIT + 1):
                async with self._session.get(url, headers=headers, allow_redirects=False) as response:
                    if response.status in (301, 302, 307, 308):
                        url = self._follow(url, response.headers.get("Location", ""))
                        continue
                    if response.status == 304:
                        return FetchedFeed(None, validators, self._read_username(url, username))
                    _check_status(response.status, response.headers)
                    body = await read_body(response.content, BODY_LIMIT)
                    return FetchedFeed(
                        body, _read_validators(response.headers), self._read_username(url, username)
                    )
        except BodyTooLargeError as error:
            raise FeedUnavailableError("a feed over 1 MB") from error
        except TimeoutError as error:
            raise FeedUnavailableError(f"no answer within {TIMEOUT:.0f} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise FeedUnavailableError(f"no connection ({type(error).__name__})") from error
        raise FeedUnavailableError("redirected too often")

    def _follow(self, url: str, location: str) -> str:
        """Return where a redirect leads. Raises FeedGoneError if it is no feed of the same site."""
        target = urljoin(url, location)
        base = urlsplit(self._base_url)
        parts = urlsplit(target)
        if (parts.scheme, parts.netloc) != (base.scheme, base.netloc) or not _FEED_PATH.fullmatch(parts.path):
            raise FeedGoneError("redirected elsewhere")
        return f"{self._base_url}{parts.path}"

    def _read_username(self, url: str, otherwise: str) -> str:
        match = _FEED_PATH.fullmatch(url.removeprefix(self._base_url))
        return match[1] if match is not None else otherwise

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()


def _check_status(status: int, headers: Mapping[str, str]) -> None:
    if status in (404, 410):
        raise FeedGoneError(f"status {status}")
    if status == 429:
        raise FeedLimitedError(parse_retry_after(headers.get("Retry-After", "")))
    if status != 200:
        raise FeedUnavailableError(f"status {status}")


def _read_validators(headers: Mapping[str, str]) -> FeedValidators:
    etag, modified = headers.get("ETag"), headers.get("Last-Modified")
    return FeedValidators(
        etag if etag is not None and len(etag) <= VALIDATOR_LIMIT else None,
        modified if modified is not None and len(modified) <= VALIDATOR_LIMIT else None,
    )
