"""Who is still in a server. Those who left do not count there, and count again when they come back.

Discord tells a bot of members who leave only with a privileged intent, which Marquee does without. Instead
it looks a few authors up whenever a server uses it, those longest unseen first, and each at most once a day.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol

CHECKED_EVERY = timedelta(days=1)
LOOKED_UP = 3
"""Members looked up at a time: each is one request to Discord."""


class PresenceStore(Protocol):
    """Where it is kept who was seen when."""

    async def departed(self, server_id: int, member_ids: Iterable[int], now: datetime) -> None:
        """Stop counting these members in that server."""
        ...

    async def present(self, server_id: int, member_ids: Iterable[int], now: datetime) -> None:
        """Note that these members are there, and count them again where they had left."""
        ...

    async def unchecked(self, server_id: int, before: datetime, limit: int) -> list[int]:
        """Give authors not looked up since that time, longest ago first."""
        ...


class MembershipService:
    """Keeps track of who is still there. `now` gives the time."""

    def __init__(self, store: PresenceStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def due(self, server_id: int) -> list[int]:
        """Give the members to look up now; none most of the time."""
        return await self._store.unchecked(server_id, self._now() - CHECKED_EVERY, LOOKED_UP)

    async def departed(self, server_id: int, *member_ids: int) -> None:
        """Stop counting members who are no longer in the server."""
        await self._store.departed(server_id, member_ids, self._now())

    async def present(self, server_id: int, *member_ids: int) -> None:
        """Note that members are in the server, and count them again where they had left."""
        await self._store.present(server_id, member_ids, self._now())
