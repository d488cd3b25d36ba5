"""What a server's members are offered before they have typed anything: its marquee, and what was on lately."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

RECENT = 10
"""Films rated or looked up lately that are offered: the rest of the list is what everybody asks for."""
STALE = timedelta(seconds=60)
"""How long what was read holds."""
SERVERS = 5_000
"""Servers remembered, those of late: some hundred bytes each."""


@dataclass(frozen=True, slots=True)
class OnLately:
    """The films on a server's marquee, and those rated there lately, newest first."""

    featured: tuple[str, ...] = ()
    rated: tuple[str, ...] = ()


class OnLatelyStore(Protocol):
    """Where a server's picks and ratings are kept."""

    async def on_lately(self, server_id: int, limit: int) -> OnLately:
        """Give what is on the server's marquee, and at most `limit` films rated there lately."""
        ...


@dataclass(slots=True)
class _Server:
    known: OnLately
    looked_up: tuple[str, ...]
    read_at: datetime | None


class ServerFilms:
    """Remembers servers' films, so that autocomplete can offer them without asking the database.

    It is a ShownFirst. Who calls `due` at each interaction, and `load` beside what members wait for when it says
    so, keeps it true within a minute.
    """

    def __init__(self, store: OnLatelyStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._servers: OrderedDict[int, _Server] = OrderedDict()

    def __call__(self, server_id: int | None) -> Sequence[str]:
        """Give the film ids for that server: on the marquee, looked up lately, rated lately; each once."""
        server = self._servers.get(server_id) if server_id is not None else None
        if server is None:
            return ()
        lately = list(dict.fromkeys((*server.looked_up, *server.known.rated)))
        return list(dict.fromkeys((*server.known.featured, *lately[:RECENT])))

    def look_up(self, server_id: int, film_id: str) -> None:
        """Remember that a film was looked up in that server."""
        server = self._server(server_id)
        others = [known for known in server.looked_up if known != film_id]
        server.looked_up = (film_id, *others[: RECENT // 2 - 1])

    def due(self, server_id: int) -> bool:
        """Tell whether what is known of the server is to be read again; the next call says no."""
        server = self._server(server_id)
        now = self._now()
        if server.read_at is not None and now - server.read_at < STALE:
            return False
        server.read_at = now
        return True

    async def load(self, server_id: int) -> None:
        """Read what is on the server's marquee and what was rated there."""
        known = await self._store.on_lately(server_id, RECENT)
        self._server(server_id).known = known

    def _server(self, server_id: int) -> _Server:
        server = self._servers.setdefault(server_id, _Server(OnLately(), (), None))
        self._servers.move_to_end(server_id)
        while len(self._servers) > SERVERS:
            self._servers.popitem(last=False)
        return server
