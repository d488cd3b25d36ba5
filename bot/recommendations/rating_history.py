"""What members like and never want to see, and which of it may be learnt from where."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.recommendations.crowd import Rating
from bot.recommendations.facts import FilmFacts
from bot.recommendations.rating_sets import RatingsSet

Changes = tuple[object, ...]
"""Equal as long as nothing has changed that a server's model learns from."""


@dataclass(frozen=True, slots=True)
class History:
    """A member in one server: stars (0.5 to 5) by film, everything they saw, and what they refused."""

    own: Mapping[str, float] = field(default_factory=dict)
    seen: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()

    @property
    def done(self) -> frozenset[str]:
        """What is not recommended again."""
        return frozenset(self.seen | self.refused | self.own.keys())


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a server's model learns from: ratings, and which of their members are the server's own."""

    ratings: list[Rating]
    home: frozenset[str]


def home_name(member_id: int) -> str:
    """Give what a member is called in their own server's crowd."""
    return str(member_id)


def guest_name(member_id: int) -> str:
    """Give what a member of another server is called in a crowd."""
    return f"elsewhere:{member_id}"


class TasteStore(Protocol):
    """Where it is kept."""

    async def ground(self) -> Changes:
        """Give what tells whether the catalogue or the ratings sets from outside have changed."""
        ...

    async def changes(self, server_id: int) -> Changes:
        """Give what tells whether the server's lesson has changed."""
        ...

    async def lesson(self, server_id: int) -> Lesson:
        """Give the stars of the server's present members, then those of consenting members of sharing servers
        where this server shares too."""
        ...

    async def histories(self, server_id: int, member_ids: Collection[int]) -> dict[int, History]:
        """Give each member's history in that server."""
        ...

    async def means(self, server_id: int, film_ids: Iterable[str]) -> dict[str, tuple[float, int]]:
        """Give the mean stars of present members and how many rated, for each film that somebody rated."""
        ...

    async def refuse(self, server_id: int, member_id: int, film_id: str, now: datetime) -> bool:
        """Store that the member never wants it; tell whether that is new. Raises FilmGoneError."""
        ...

    async def readmit(self, server_id: int, member_id: int, film_id: str) -> bool:
        """Take that back; tell whether it was there."""
        ...

    async def member_shares(self, member_id: int) -> bool:
        """Tell whether the member lets other servers learn from their stars."""
        ...

    async def set_member_shares(self, member_id: int, shares: bool, now: datetime) -> None:
        """Store it."""
        ...


class FactSource(Protocol):
    """Where the films' facts and ratings sets from outside are kept."""

    async def facts(self, raters: Mapping[str, int] | None = None) -> list[FilmFacts]:
        """Give what may be learnt from of the films; `raters` counts those of a ratings set."""
        ...

    async def sets(self) -> list[RatingsSet]:
        """Give every ratings set that the operator imported."""
        ...
