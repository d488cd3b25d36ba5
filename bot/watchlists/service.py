"""Films that members want to see: each member's own list, and what a server's lists have in common."""

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from bot.core.errors import MarqueeError

LIST_LIMIT = 1_000
FILMS_ON_PAGE = 15
Entry = TypeVar("Entry")


class WatchlistFullError(MarqueeError):
    """A watchlist that holds as many films as one may."""

    def __init__(self) -> None:
        super().__init__(
            f"Your watchlist holds {LIST_LIMIT:,} films, and that is the limit. `/watchlist remove` makes room."
        )


class EmptyWatchlistError(MarqueeError):
    """A watchlist with nothing to pick from."""

    def __init__(self) -> None:
        super().__init__("There is nothing on that watchlist. `/watchlist add` puts a film on yours.")


class NothingToWatchError(MarqueeError):
    """A watchlist without a film that the member's services show."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing on that watchlist is known to be on the services you subscribe to. "
            "`/where` shows where a film is."
        )


class PrivateWatchlistError(MarqueeError):
    """The list of a member who keeps their name out of lists."""

    def __init__(self) -> None:
        super().__init__("That member keeps their name out of lists, and so their watchlist.")


@dataclass(frozen=True, slots=True)
class WatchlistFilm:
    """A film on a list; one kept stays when it is rated."""

    film_id: str
    title: str
    year: int | None
    added_at: datetime
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class WantedFilm:
    """A film on several members' lists, and whose."""

    film_id: str
    title: str
    year: int | None
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WatchlistPage(Generic[Entry]):
    """One page of a list; `page` counts from 0."""

    films: tuple[Entry, ...]
    count: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.count // FILMS_ON_PAGE))


class WatchlistStore(Protocol):
    """Where watchlists are kept."""

    async def add(self, server_id: int, member_id: int, film: WatchlistFilm) -> bool:
        """Store it; tell whether it is new. Raises WatchlistFullError, FilmGoneError."""
        ...

    async def remove(self, server_id: int, member_id: int, film_id: str) -> bool:
        """Take it off; tell whether it was there."""
        ...

    async def page(self, server_id: int, member_id: int, page: int) -> WatchlistPage[WatchlistFilm]:
        """Give a page of the member's list, latest first."""
        ...

    async def film_ids(self, server_id: int, member_id: int) -> list[str]:
        """Give the ids of all films on the member's list, latest first."""
        ...

    async def wanted(self, server_id: int, page: int) -> WatchlistPage[WantedFilm]:
        """Give a page of what most present members want to see, most wanted first."""
        ...


class WatchlistService:
    """Keeps watchlists. `now` gives the time, `pick` one of several at random."""

    def __init__(
        self,
        store: WatchlistStore,
        now: Callable[[], datetime],
        pick: Callable[[Sequence[str]], str] = secrets.choice,
    ) -> None:
        self._store = store
        self._now = now
        self._pick = pick

    async def add(self, server_id: int, member_id: int, film_id: str, *, keep: bool = False) -> bool:
        """Put the film on the list; tell whether it is new there. Raises WatchlistFullError, FilmGoneError."""
        return await self._store.add(server_id, member_id, WatchlistFilm(film_id, "", None, self._now(), keep))

    async def remove(self, server_id: int, member_id: int, film_id: str) -> bool:
        """Take the film off the list; tell whether it was there."""
        return await self._store.remove(server_id, member_id, film_id)

    async def page(self, server_id: int, member_id: int, page: int = 0) -> WatchlistPage[WatchlistFilm]:
        """Give a page of the member's list, latest first; one past the end is the last."""
        return await self._store.page(server_id, member_id, page)

    async def film_ids(self, server_id: int, member_id: int) -> list[str]:
        """Give the ids of all films on the member's list, latest first."""
        return await self._store.film_ids(server_id, member_id)

    async def random(self, server_id: int, member_id: int, among: Collection[str] | None = None) -> str:
        """Give the id of a film on the list, of those in `among` where it is given, each as likely as the others.

        Raises EmptyWatchlistError, NothingToWatchError.
        """
        films = await self._store.film_ids(server_id, member_id)
        if not films:
            raise EmptyWatchlistError
        left = films if among is None else [film_id for film_id in films if film_id in among]
        if not left:
            raise NothingToWatchError
        return self._pick(left)

    async def wanted(self, server_id: int, page: int = 0) -> WatchlistPage[WantedFilm]:
        """Give a page of what most members want to see, most wanted first."""
        return await self._store.wanted(server_id, page)
