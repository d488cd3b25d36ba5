"""Watchlists: the films members want to see, a page at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from bot.core.errors import MarqueeError
from bot.core.paging import count_pages

WATCHLIST_LIMIT = 1_000
FILMS_PER_PAGE = 15
ListedFilm = TypeVar("ListedFilm")


class WatchlistFullError(MarqueeError):
    """A watchlist has as many films as one may have."""

    def __init__(self) -> None:
        super().__init__(
            f"Your watchlist holds {WATCHLIST_LIMIT:,} films, and that is the limit. "
            "`/watchlist remove` makes room."
        )


class EmptyWatchlistError(MarqueeError):
    """A watchlist has no film to pick."""

    def __init__(self) -> None:
        super().__init__("There is nothing on that watchlist. `/watchlist add` puts a film on yours.")


class NothingToWatchError(MarqueeError):
    """A watchlist has no film that the member's streaming services show."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing on that watchlist is known to be on the services you subscribe to. "
            "`/where` shows where a film is."
        )


class PrivateWatchlistError(MarqueeError):
    """The watchlist belongs to a member who hides their name."""

    def __init__(self) -> None:
        super().__init__("That member keeps their name out of lists, and so their watchlist.")


@dataclass(frozen=True, slots=True)
class WatchlistFilm:
    """A film on a member's watchlist; with `is_kept` it stays there when the member rates it."""

    film_id: str
    title: str
    year: int | None
    added_at: datetime
    is_kept: bool = False


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
