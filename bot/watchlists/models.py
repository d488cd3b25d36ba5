"""Watchlists: the films members want to see, a page at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from bot.core.errors import MarqueeError
from bot.core.paging import count_pages
from bot.core.text.cldr import format_number
from bot.core.text.i18n import _

WATCHLIST_LIMIT = 1_000
FILMS_PER_PAGE = 15
ListedFilm = TypeVar("ListedFilm")


class WatchlistFullError(MarqueeError):
    """A watchlist has as many films as one may have."""

    def __init__(self) -> None:
        super().__init__(
            _("Your watchlist is full ({count} films). Remove one with `/watchlist remove` first.").format(
                count=format_number(WATCHLIST_LIMIT)
            )
        )


class EmptyWatchlistError(MarqueeError):
    """A watchlist has no film to pick."""

    def __init__(self) -> None:
        super().__init__(_("This watchlist is empty. Add films to yours with `/watchlist add`."))


class NothingToWatchError(MarqueeError):
    """A watchlist has no film that the member's streaming services show."""

    def __init__(self) -> None:
        super().__init__(
            _("Nothing on this watchlist is on your streaming services. Look a film up with `/where`.")
        )


class PrivateWatchlistError(MarqueeError):
    """The watchlist belongs to a member who hides their name."""

    def __init__(self) -> None:
        super().__init__(_("This member keeps their watchlist private. See yours with `/watchlist show`."))


@dataclass(frozen=True, slots=True)
class WatchlistFilm:
    """A film on a member's watchlist; with `is_kept` it stays there when the member rates it."""

    film_id: str
    title: str
    year: int | None
    added_at: datetime
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class CommonFilm:
    """A film that is on the lists of several members, and on how many."""

    film_id: str
    title: str
    year: int | None
    list_count: int


@dataclass(frozen=True, slots=True)
class WantedFilm:
    """A film on the watchlists of a server's members, and the ids of these members."""

    film_id: str
    title: str
    year: int | None
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WatchlistPage(Generic[ListedFilm]):
    """One page of a list of `count` films; `page` counts from 0."""

    films: tuple[ListedFilm, ...]
    count: int
    page: int

    @property
    def page_count(self) -> int:
        """Return how many pages the list has, at least one."""
        return count_pages(self.count, FILMS_PER_PAGE)
