"""What a member saw, and when; what it adds up to."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.core.errors import InvalidInputError, MarqueeError, NoSuchDayError
from bot.reviews.stars import Prior, Totals

VIEWINGS_ON_PAGE = 10
DEFAULT_MINIMUM_RATERS = 3
"""Members who must have rated a film for `/top` to list it, where the server has set no other number."""
FIRST_DAY = date(1888, 10, 14)
"""The oldest film that survives was shot on this day; nobody watched one before."""
FURTHEST_ZONE = timedelta(hours=14)
"""Where the day begins first it is this much ahead of UTC, so that `today` there is no future date."""
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DOTTED = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})")


class PrivateDiaryError(MarqueeError):
    """A diary that its member keeps to themselves."""

    def __init__(self) -> None:
        super().__init__("That diary is private. Its member can open it with `/mydata diary`.")


def parse_day(text: str, now: datetime) -> date | None:
    """Give the day that `text` names (today, yesterday, 2026-11-20, 20.11.2026), None for an empty text.

    `now` is an aware time; today is the day in UTC. Raises InvalidInputError for what is no day, lies in the
    future everywhere on Earth, or before there were films.
    """
    asked = text.strip().lower()
    if not asked:
        return None
    if asked in ("today", "yesterday"):
        return now.date() - timedelta(days=asked == "yesterday")
    if match := _ISO.fullmatch(asked):
        year, month, day = (int(part) for part in match.groups())
    elif match := _DOTTED.fullmatch(asked):
        day, month, year = (int(part) for part in match.groups())
    else:
        raise InvalidInputError("A day is written like today, yesterday, 2026-11-20 or 20.11.2026.")
    try:
        found = date(year, month, day)
    except ValueError:
        raise NoSuchDayError from None
    if found > (now + FURTHEST_ZONE).date():
        raise InvalidInputError("That day is still to come. Give one up to today, or leave it out.")
    if found < FIRST_DAY:
        raise InvalidInputError("There were no films on that day yet.")
    return found


class PrivateProfileError(MarqueeError):
    """The profile of a member who keeps their name out of lists."""

    def __init__(self) -> None:
        super().__init__("That member keeps their name out of lists, and so their profile.")


@dataclass(frozen=True, slots=True)
class Viewing:
    """One time a member saw a film. `watched_on` is None where they rated it without saying when."""

    id: int
    film_id: str
    title: str
    year: int | None
    watched_on: date | None
    stars: int | None
    is_rewatch: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DiaryPage:
    """One page of a diary, latest first; `page` counts from 0, `count` is of all viewings."""

    viewings: tuple[Viewing, ...]
    count: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.count // VIEWINGS_ON_PAGE))


@dataclass(frozen=True, slots=True)
class RankedFilm:
    """A film in a list of the best: its year, its ratings' number and sum in half-stars, its average in stars."""

    film_id: str
    title: str
    year: int | None
    count: int
    sum: int
    average: float


@dataclass(frozen=True, slots=True)
class Profile:
    """What a member's ratings come to; `directors` are names with how many of their films they rated."""

    totals: Totals
    viewings: int
    favourites: tuple[RankedFilm, ...]
    directors: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class TopQuery:
    """Which films a list of the best is of: a genre, a decade's first year, ratings since a time."""

    minimum_raters: int
    genre: str | None = None
    decade: int | None = None
    since: datetime | None = None


class DiaryStore(Protocol):
    """Where viewings are kept."""

    async def page(self, server_id: int, member_id: int, page: int) -> DiaryPage:
        """Give a page of the member's diary; one past the end is the last."""
        ...

    async def profile(self, server_id: int, member_id: int) -> Profile:
        """Give what the member's ratings come to."""
        ...

    async def top(self, server_id: int, query: TopQuery, limit: int) -> list[RankedFilm]:
        """Give the server's best films, best first."""
        ...

    async def prior(self, server_id: int) -> Prior:
        """Give what the server expects of a film."""
        ...


class DiaryService:
    """Gives diaries, profiles and lists of the best. `now` gives the time."""

    def __init__(self, store: DiaryStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def day(self, text: str) -> date | None:
        """Give the day that `text` names, or None for an empty text. Raises InvalidInputError."""
        return parse_day(text, self._now())

    async def page(self, server_id: int, member_id: int, page: int = 0) -> DiaryPage:
        """Give a page of the member's diary; one past the end is the last."""
        return await self._store.page(server_id, member_id, page)

    async def profile(self, server_id: int, member_id: int) -> Profile:
        """Give what the member's ratings come to."""
        return await self._store.profile(server_id, member_id)

    async def top(self, server_id: int, query: TopQuery, limit: int = 10) -> list[RankedFilm]:
        """Give the server's best films by Bayesian average, best first."""
        return await self._store.top(server_id, query, limit)
