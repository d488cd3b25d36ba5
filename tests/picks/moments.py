"""Moments for the tests of picks."""

from datetime import UTC, datetime


def utc(text: str) -> datetime:
    """Return the UTC time of an ISO date and time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
