"""Adds films to watchlists, and picks one at random."""

import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from cachetools import TTLCache

from bot.core.text.folding import find_titles
from bot.films.local_titles import list_titles
from bot.films.models import ListedTitle
from bot.watchlists.models import EmptyWatchlistError, NothingToWatchError
from bot.watchlists.repository import WatchlistRepository

CACHED_LISTS, CACHED_SECONDS = 2_000, 60.0
"""Lists kept in memory for the letters that a member types one after the other, and for how long."""


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
        self._titles: TTLCache[tuple[int, int], list[ListedTitle]] = TTLCache(CACHED_LISTS, CACHED_SECONDS)

    async def add_film(self, server_id: int, member_id: int, film_id: str, *, is_kept: bool = False) -> bool:
        """Add the film to the member's list and return whether it is new there.

        With `is_kept` it stays on the list when the member rates it. Raises WatchlistFullError, FilmGoneError.
        """
        is_new = await self.repository.add_film(server_id, member_id, film_id, is_kept=is_kept, now=self._now())
        self._titles.pop((server_id, member_id), None)
        return is_new

    async def remove_film(self, server_id: int, member_id: int, film_id: str) -> bool:
        """Remove the film from the member's list and return whether it was there."""
        was_listed = await self.repository.remove_film(server_id, member_id, film_id)
        self._titles.pop((server_id, member_id), None)
        return was_listed

    async def find_listed(self, server_id: int, member_id: int, text: str, limit: int = 25) -> list[ListedTitle]:
        """Return the films on the member's list that fit what is typed, latest first."""
        key = (server_id, member_id)
        if (titles := self._titles.get(key)) is None:
            titles = self._titles[key] = await self.repository.list_titles(server_id, member_id)
        return find_titles(text, titles, lambda film: list_titles(film, film.original_title), limit)

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
