"""Diaries and profiles: what members watched and when, and what their ratings add up to."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.paging import count_pages
from bot.core.text.cldr import format_day_of_year
from bot.core.text.days import parse_past_day
from bot.core.text.formatting import escape_line
from bot.core.text.i18n import _
from bot.reviews.stars import StarTotals
from bot.reviews.top import RankedFilm

DIARY_PAGE_SIZE = 10
FAVOURITE_WEIGHT, FAVOURITE_BONUS = 4, 0.5
"""Of `rank_favourites`: imaginary ratings, and the half-stars by which watching something counts as liking it."""
Key = TypeVar("Key", str, int)
FIRST_DAY = date(1888, 10, 14)
"""The oldest surviving film was shot on this day; nobody watched one before."""
EXAMPLE_DAY = date(2026, 11, 20)
"""The day that forms show as an example."""
EARLIEST_TIME_ZONE = timedelta(hours=14)
"""Where the day begins first it is this far ahead of UTC, so that `today` there is no future date."""


class ViewingGoneError(MarqueeError):
    """A viewing that is not in the member's diary: deleted, or another member's."""

    def __init__(self) -> None:
        super().__init__(_("That entry is no longer in your diary. See the others with `/diary`."))


class PrivateDiaryError(MarqueeError):
    """A diary that its member keeps private."""

    def __init__(self) -> None:
        super().__init__(_("This diary is private. See yours with `/diary`."))


class PrivateProfileError(MarqueeError):
    """The profile of a member who keeps their name out of lists."""

    def __init__(self) -> None:
        super().__init__(_("This profile is private. See yours with `/profile`."))


def parse_day(text: str, now: datetime, *, time_zone: str = "UTC", locale: str = "en-US") -> date | None:
    """Return the day that `text` names (today, last Friday, Nov 20, 11/20/2026), or None for an empty text.

    `now` is an aware time; today is the day in the IANA time zone. `locale` is the reader's, as Discord names it.
    Raises InvalidInputError for anything else, for a day in the future everywhere on Earth, and for one before
    there were films.
    """
    if not text.strip():
        return None
    day = parse_past_day(text, now.astimezone(ZoneInfo(time_zone)).date(), locale)
    if day is None:
        # Translators: {day} is 20 November as the reader's language writes it: “Nov 20”
        sentence = _("I can't read that date. Try “yesterday”, “last Friday”, “{day}” or 2026-11-20.")
        raise InvalidInputError(sentence.format(day=format_day_of_year(EXAMPLE_DAY)))
    if day > (now.astimezone(UTC) + EARLIEST_TIME_ZONE).date():
        raise InvalidInputError(_("That date is in the future. Enter today or an earlier day."))
    if day < FIRST_DAY:
        raise InvalidInputError(_("There were no films yet on that date. Enter a later one."))
    return day


def require_released(day: date | None, title: str, year: int | None) -> None:
    """Raise InvalidInputError for a day on which nobody can have seen the film of that title and year.

    A year before its own it may have been at a festival.
    """
    if day is not None and year is not None and day.year < year - 1:
        # Translators: {title} is a film, {year} when it came out; a member said that they watched it before
        sentence = _("{title} came out in {year}. Enter a later date.")
        raise InvalidInputError(sentence.format(title=f"**{escape_line(title, 200)}**", year=year))


def format_day_as_typed(day: date | None, locale: str) -> str:
    """Return the day as the reader would type it, so that `parse_day` reads it again; "" for None."""
    if day is None:
        return ""
    try:
        text = format_date(day, "medium", Locale.parse(locale.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return day.isoformat()
    return text if parse_past_day(text, day, locale) == day else day.isoformat()


def describe_typed_days() -> str:
    """Return days as a reader of the current language may type them, for the empty field of a form."""
    # Translators: examples in a form; {day} is 20 November as the reader's language writes it: “Nov 20”
    return _("today, last Friday, {day}").format(day=format_day_of_year(EXAMPLE_DAY))


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
    """What a member's ratings and viewings add up to.

    `minutes_watched` are those of all viewings of films whose runtime is known. `genres`, `decades` (by their
    first year) and `directors` are the favourite ones, the most liked first; `favourites` are the films.
    """

    totals: StarTotals
    viewing_count: int
    minutes_watched: int
    favourites: tuple[RankedFilm, ...]
    genres: tuple[str, ...]
    decades: tuple[int, ...]
    directors: tuple[str, ...]

    @property
    def hours_watched(self) -> int:
        """The hours of all viewings, rounded."""
        return round(self.minutes_watched / 60)


def rank_favourites(
    ratings: Iterable[tuple[Key, int]], mean: float, limit: int, *, minimum: int = 1
) -> tuple[Key, ...]:
    """Return what a member likes best of, for example, genres: at most `limit` of them, the most liked first.

    `ratings` are half-stars, each with what it counts for; `mean` is the mean of all. A key's score is how far its
    ratings lie above a little less than the mean, together, held down by FAVOURITE_WEIGHT imaginary ratings: many
    good ratings say more than a single very good one. Keys with fewer than `minimum` ratings are left out.
    """
    counts: dict[Key, int] = defaultdict(int)
    sums: dict[Key, float] = defaultdict(float)
    for key, half_stars in ratings:
        counts[key] += 1
        sums[key] += half_stars - mean + FAVOURITE_BONUS
    scores = {key: sums[key] / (count + FAVOURITE_WEIGHT) for key, count in counts.items() if count >= minimum}
    return tuple(sorted(scores, key=lambda key: (-scores[key], -counts[key], str(key)))[:limit])
