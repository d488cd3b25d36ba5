"""Diaries and profiles: what members watched and when, and what their ratings add up to."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.paging import count_pages
from bot.core.text.days import parse_numeric_day
from bot.reviews.stars import StarTotals
from bot.reviews.top import RankedFilm

DIARY_PAGE_SIZE = 10
FIRST_DAY = date(1888, 10, 14)
"""The oldest surviving film was shot on this day; nobody watched one before."""
EARLIEST_TIME_ZONE = timedelta(hours=14)
"""Where the day begins first it is this far ahead of UTC, so that `today` there is no future date."""


class PrivateDiaryError(MarqueeError):
    """A diary that its member keeps private."""

    def __init__(self) -> None:
        super().__init__("That diary is private. Its member can open it with `/mydata diary`.")


class PrivateProfileError(MarqueeError):
    """The profile of a member who keeps their name out of lists."""

    def __init__(self) -> None:
        super().__init__("That member keeps their name out of lists, and so their profile.")


def parse_day(text: str, now: datetime) -> date | None:
    """Return the day that `text` names (today, yesterday, 2026-11-20, 20.11.2026), or None for an empty text.

    `now` is an aware time; today is the day in UTC. Raises InvalidInputError for anything else, for a day in the
    future everywhere on Earth, and for one before there were films.
    """
    text = text.strip().lower()
    if not text:
        return None
    if text in ("today", "yesterday"):
        return now.date() - timedelta(days=text == "yesterday")
    day = parse_numeric_day(text)
    if day is None:
        raise InvalidInputError("A day is written like today, yesterday, 2026-11-20 or 20.11.2026.")
    if day > (now + EARLIEST_TIME_ZONE).date():
        raise InvalidInputError("That day is still to come. Give one up to today, or leave it out.")
    if day < FIRST_DAY:
        raise InvalidInputError("There were no films on that day yet.")
    return day


@dataclass(frozen=True, slots=True)
class Viewing:
    """One time a member watched a film. `watched_on` is None if they rated it without a day."""

    id: int
    film_id: str
    title: str
    year: int | None
    watched_on: date | None
    half_stars: int | None
    is_rewatch: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DiaryPage:
    """One page of a diary, latest viewing first. `page` counts from 0, `viewing_count` is of all pages."""

    viewings: tuple[Viewing, ...]
    viewing_count: int
    page: int

    @property
    def page_count(self) -> int:
        """How many pages there are, at least one."""
        return count_pages(self.viewing_count, DIARY_PAGE_SIZE)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a member's ratings add up to; `directors` are names with how many of their films were rated."""

    totals: StarTotals
    viewing_count: int
    favourites: tuple[RankedFilm, ...]
    directors: tuple[tuple[str, int], ...]
