"""What clients of other sites share: bodies of bounded size, and the pause that a site asks for."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp


class BodyTooLargeError(Exception):
    """A body has more bytes than its reader takes."""


async def read_body(content: aiohttp.StreamReader, limit: int) -> bytes:
    """Return the decompressed body. Raises BodyTooLargeError where it has more than `limit` bytes."""
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > limit:
            raise BodyTooLargeError
    return bytes(body)


def parse_retry_after(value: str) -> float | None:
    """Return the seconds of a Retry-After header (RFC 9110, 10.2.3), or None where its value is unusable."""
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
