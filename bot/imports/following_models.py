"""Members' accounts at Letterboxd that Marquee follows, and what can go wrong with one."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bot.core.errors import MarqueeError
from bot.sources.letterboxd.client import USERNAME, FeedValidators
from bot.sources.letterboxd.feed import FeedEntry

POLL_INTERVALS = timedelta(minutes=10), timedelta(minutes=30)
"""How long after a feed was read it is read again: anything in between, so that members are spread."""
LONGEST_BACK_OFF = timedelta(hours=6)
MISSING_LIMIT = 3
"""How often in a row Letterboxd may not know a name before the account is disconnected."""
POSTS_PER_HOUR = 10
"""Entries posted in one server within an hour."""
POST_LIFETIME = timedelta(days=2)
"""After this an entry that waited to be posted is news no more."""
LONGEST_SNOOZE_HOURS = 24 * 14
_ADDRESS = re.compile(r"(?:https?://)?(?:www\.)?letterboxd\.com/([^/?#]+).*", re.IGNORECASE)


class FollowingOffError(MarqueeError):
    """A bot that reads no feeds: its operator switched them off."""


class InvalidUsernameError(MarqueeError):
    """What was typed is no name that Letterboxd gives."""


class UnknownUsernameError(MarqueeError):
    """A name that Letterboxd doesn't know."""


class LetterboxdUnavailableError(MarqueeError):
    """Letterboxd can't be asked at the moment."""


class AccountTakenError(MarqueeError):
    """An account that another member of the server has connected."""


class NotConnectedError(MarqueeError):
    """A member who has connected no account: the one who asks, or another of that id."""

    def __init__(self, member_id: int | None = None) -> None:
        super().__init__("no Letterboxd account is connected")
        self.member_id = member_id


@dataclass(frozen=True, slots=True)
class Account:
    """A member's account at Letterboxd, connected in one server."""

    id: int
    server_id: int
    member_id: int
    username: str
    takes_reviews: bool
    validators: FeedValidators
    next_poll_at: datetime
    failure_count: int
    missing_count: int
    connected_at: datetime


@dataclass(frozen=True, slots=True)
class Post:
    """An entry to be shown in the server's channel; `film_id` is the catalogue's film, None if it has none."""

    id: int
    server_id: int
    member_id: int
    title: str
    year: int | None
    film_id: str | None
    half_stars: int | None
    is_rewatch: bool
    is_liked: bool
    review: str
    is_spoiler: bool
    link: str
    watched_on: date | None


@dataclass(frozen=True, slots=True)
class TakenEntry:
    """What an entry said when it was seen last: the day, and a digest of its review, "" without one."""

    watched_on: date | None
    review_digest: str

    @classmethod
    def of(cls, entry: FeedEntry) -> "TakenEntry":
        """Return what is kept of the entry."""
        return cls(entry.watched_on, digest_review(entry.review))

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {
            "watched": self.watched_on.isoformat() if self.watched_on is not None else None,
            "review": self.review_digest,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "TakenEntry":
        """Return a stored one."""
        watched = stored["watched"]
        return cls(date.fromisoformat(watched) if watched else None, stored["review"])


def digest_review(text: str) -> str:
    """Return what stands for a review that is not to be stored once more, "" for none."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


@dataclass(frozen=True, slots=True)
class SeenEntry:
    """An entry that was seen; `taken` is None where that was before edits were followed."""

    digest: str
    taken: TakenEntry | None


def parse_username(text: str) -> str:
    """Return the name in what a member typed: a name, with an @ or not, or the address of a profile.

    Raises InvalidUsernameError.
    """
    text = text.strip()
    match = _ADDRESS.fullmatch(text)
    name = (match[1] if match is not None else text.removeprefix("@")).lower()
    if USERNAME.fullmatch(name) is None:
        raise InvalidUsernameError
    return name


def back_off(failure_count: int) -> timedelta:
    """Return how long to wait after so many failures in a row."""
    return min(POLL_INTERVALS[1] * (1 << min(failure_count - 1, 10)), LONGEST_BACK_OFF)


def entry_to_json(entry: FeedEntry, *, with_review: bool) -> dict[str, Any]:
    """Return what is posted of an entry, without what is empty."""
    values: dict[str, Any] = {
        "title": entry.title,
        "year": entry.year,
        "stars": entry.half_stars,
        "rewatch": entry.is_rewatch,
        "liked": entry.is_liked,
        "review": entry.review if with_review else "",
        "spoiler": entry.is_spoiler,
        "link": entry.link,
        "watched": entry.watched_on.isoformat() if entry.watched_on is not None else None,
    }
    return {name: value for name, value in values.items() if value}
