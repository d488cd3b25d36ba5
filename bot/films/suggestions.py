"""What autocomplete suggests in a server before anything is typed: what is on there, and what was on lately."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cachetools import LRUCache

RECENT_LIMIT = 10
"""Films rated or looked up lately that are suggested; the most famous ones fill the rest of the list."""
MAX_AGE = timedelta(seconds=60)
"""From this age on what was read from the sources is read again."""
CACHED_SERVERS = 5_000
"""Servers kept in memory, the ones used last: some hundred bytes each."""
SuggestionSource = Callable[[int, int], Awaitable[Sequence[str]]]
"""Returns at most so many film ids for a server: `await source(server_id, limit)`."""


@dataclass(slots=True)
class _Server:
    featured: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()
    looked_up: tuple[str, ...] = ()
    read_at: datetime | None = None


class SuggestionService:
    """Keeps each server's films in memory, so that autocomplete never waits for the database.

    `featured` sources come before the films looked up lately, `recent` ones after them. `claim_refresh` at each
    interaction, and `refresh` in the background whenever it says so, keep the films true within a minute.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        featured: Sequence[SuggestionSource] = (),
        recent: Sequence[SuggestionSource] = (),
    ) -> None:
        self._now = now
        self._featured = featured
        self._recent = recent
        self._servers: LRUCache[int, _Server] = LRUCache(CACHED_SERVERS)

    def list_film_ids(self, server_id: int | None) -> list[str]:
        """Return the ids of the films to suggest in that server, each once; none for a direct message (None)."""
        server = self._servers.get(server_id) if server_id is not None else None
        if server is None:
            return []
        recent = list(dict.fromkeys((*server.looked_up, *server.recent)))[:RECENT_LIMIT]
        return list(dict.fromkeys((*server.featured, *recent)))

    def add_lookup(self, server_id: int, film_id: str) -> None:
        """Remember that a film was looked up in that server."""
        server = self._get_server(server_id)
        others = [other for other in server.looked_up if other != film_id]
        server.looked_up = (film_id, *others[: RECENT_LIMIT // 2 - 1])

    def claim_refresh(self, server_id: int) -> bool:
        """Return whether the server's films have to be read again; the next call returns False."""
        server = self._get_server(server_id)
        now = self._now()
        if server.read_at is not None and abs(now - server.read_at) < MAX_AGE:  # the clock may have been set back
            return False
        server.read_at = now
        return True

    async def refresh(self, server_id: int) -> None:
        """Read the server's films from the sources."""
        featured = [film for source in self._featured for film in await source(server_id, RECENT_LIMIT)]
        recent = [film for source in self._recent for film in await source(server_id, RECENT_LIMIT)]
        server = self._get_server(server_id)
        server.featured, server.recent = tuple(featured), tuple(recent)

    def _get_server(self, server_id: int) -> _Server:
        if (server := self._servers.get(server_id)) is None:
            server = self._servers[server_id] = _Server()
        return server
