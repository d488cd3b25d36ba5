"""Adds films to watchlists, and picks one at random."""

import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from bot.watchlists.models import EmptyWatchlistError, NothingToWatchError
from bot.watchlists.repository import WatchlistRepository


class WatchlistService:
    """Changes watchlists; `repository` reads them. `now` returns the current time, `choose` a random item."""

    def __init__(
        self,
        repository: WatchlistRepository,
        now: Callable[[], datetime],
        choose: Callable[[Sequence[str]], str] = secrets.choice,
    ) -> None:
        self.repository = repository
        self._now = now
        self._choose = choose

    async def add_film(self, server_id: int, member_id: int, film_id: str, *, is_kept: bool = False) -> bool:
        """Add the film to the member's list and return whether it is new there.

        With `is_kept` it stays on the list when the member rates it. Raises WatchlistFullError, FilmGoneError.
        """
        return await self.repository.add_film(server_id, member_id, film_id, is_kept=is_kept, now=self._now())

    async def pick_random_film(
        self, server_id: int, member_id: int, candidates: Collection[str] | None = None
    ) -> str:
        """Return the id of a film on the member's list, each as likely as the others.

        If `candidates` are passed, it is one of these. Raises EmptyWatchlistError if the list is empty,
        NothingToWatchError if it has none of the candidates.
        """
        films = await self.repository.list_film_ids(server_id, member_id)
        if not films:
            raise EmptyWatchlistError
        if candidates is not None:
            films = [film_id for film_id in films if film_id in candidates]
        if not films:
            raise NothingToWatchError
        return self._choose(films)
