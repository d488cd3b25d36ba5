"""Lists of films: begins, fills and deletes them, and finds the one that is meant."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from cachetools import TTLCache

from bot.core.caches import SnapshotCache
from bot.core.errors import InvalidInputError
from bot.core.tasks import Foreground
from bot.core.text.folding import find_titles, fold
from bot.core.text.formatting import clean_input, clean_line
from bot.core.text.i18n import _
from bot.films.local_titles import list_titles
from bot.films.models import ListedTitle
from bot.lists.models import NAME_LIMIT, FilmList, ListGoneError
from bot.lists.repository import ListRepository

CACHED_LISTS, CACHED_SECONDS = 200, 20.0
"""Lists whose films are kept while members type, and for how long: another process may change them."""


class ListService:
    """Changes lists; `repository` reads them. `now` returns the current time."""

    def __init__(self, repository: ListRepository, now: Callable[[], datetime], foreground: Foreground) -> None:
        self.repository = repository
        self._now = now
        self.cache: SnapshotCache[Sequence[FilmList]] = SnapshotCache(
            repository.list_all, now, foreground, name="a server's lists"
        )
        """Lists in memory, for autocomplete; changes here refresh them."""
        self._titles: TTLCache[tuple[int, int], list[ListedTitle]] = TTLCache(CACHED_LISTS, CACHED_SECONDS)

    async def create(
        self, server_id: int, member_id: int, name: str, *, is_shared: bool, film_ids: Sequence[str] = ()
    ) -> FilmList:
        """Store a new list with these films, as far as they fit, and return it.

        Raises InvalidInputError, ListNameTakenError, TooManyListsError, BlockedError.
        """
        name = clean_line(clean_input(name))
        if not fold(name):
            raise InvalidInputError(_("Give the list a name."))
        if len(name) > NAME_LIMIT:
            raise InvalidInputError(_("Shorten the list's name to {limit} characters.").format(limit=NAME_LIMIT))
        film_list = await self.repository.create(server_id, member_id, name, self._now(), is_shared=is_shared)
        if film_ids:
            count = await self.repository.fill(film_list, film_ids, self._now())
            film_list = replace(film_list, film_count=count)
        await self.cache.refresh(server_id)
        return film_list

    async def find(self, server_id: int, text: str, member_id: int) -> FilmList:
        """Return the server's list of that id or name, if the member may read it. Raises ListGoneError."""
        key = fold(text)
        for film_list in await self.repository.list_all(server_id):
            is_meant = text.strip() == str(film_list.id) or key == fold(film_list.name)
            if is_meant and film_list.is_readable_by(member_id):
                return film_list
        raise ListGoneError

    async def find_listed(self, film_list: FilmList, text: str) -> list[ListedTitle]:
        """Return the films on the list that fit what is typed, those added last first.

        They are kept for the letters that a member types one after the other, until the list changes.
        """
        key = (film_list.server_id, film_list.id)
        if (listed := self._titles.get(key)) is None:
            listed = self._titles[key] = await self.repository.list_titles(*key)
        return find_titles(text, listed, lambda film: list_titles(film, film.original_title))

    async def add_film(
        self, server_id: int, list_id: int, member_id: int, film_id: str, *, added_at: datetime | None = None
    ) -> bool:
        """Add the film to the list; return whether it is new there. Raises what the repository's raises."""
        is_new = await self.repository.add_film(
            server_id, list_id, member_id, film_id, self._now(), added_at=added_at
        )
        self._titles.pop((server_id, list_id), None)
        await self.cache.refresh(server_id)
        return is_new

    async def remove_film(
        self, server_id: int, list_id: int, member_id: int, film_id: str, *, is_moderator: bool
    ) -> datetime | None:
        """Remove the film from the list; return when it was added, None if it wasn't there.

        Raises ListGoneError, NotYourListError.
        """
        added_at = await self.repository.remove_film(
            server_id, list_id, member_id, film_id, self._now(), is_moderator=is_moderator
        )
        self._titles.pop((server_id, list_id), None)
        await self.cache.refresh(server_id)
        return added_at

    async def delete(self, server_id: int, list_id: int, member_id: int, *, is_moderator: bool) -> FilmList:
        """Delete the list and return it. Raises ListGoneError, NotYourListError."""
        film_list = await self.repository.delete(
            server_id, list_id, member_id, self._now(), is_moderator=is_moderator
        )
        await self.cache.refresh(server_id)
        return film_list
