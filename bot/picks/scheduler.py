"""The marquee's clock: what is due, and what is to be done in Discord for it, each thing once.

The database keeps the time. Moving a marquee on and noting the errands that follow is one transaction, and the
database takes each errand but once. Whoever does an errand claims it first; a claim that is never settled, since
its process died, is taken over after LEASE, and whoever takes it over looks whether it was done before doing it.
"""

import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Protocol

from bot.picks.models import Posted, Task, Vote

LEASE = timedelta(seconds=90)
"""How long a claim holds: longer than anything that is done under one may take."""
LONGEST_WAIT = timedelta(minutes=5)
"""How long what another process changed may stay unseen."""
LONGEST_WAIT_ALONE = timedelta(days=1)
"""The same where no other bot uses the database: one that rests asks it nothing."""
AGAIN_AFTER = timedelta(minutes=15)
"""How long what could not be done waits for the next try."""
REFRESHED_AFTER = timedelta(seconds=10)
"""How long changes to what an announcement shows are gathered before it is brought up to date."""


class PickClockStore(Protocol):
    """Where the time is kept."""

    async def due(self, now: datetime) -> list[int]:
        """Give the servers for which something is due."""
        ...

    async def next_due(self, now: datetime) -> datetime | None:
        """Give when something is due next after `now`, or None."""
        ...

    async def advance(self, server_id: int, now: datetime) -> bool:
        """Move the server's marquee on to `now`; tell whether anything changed."""
        ...

    async def refresh(self, server_id: int, film_id: str | None, due: datetime) -> bool:
        """Note that the card of what is on, of that film, is to be renewed; tell whether there is one."""
        ...

    async def claim(self, server_id: int, now: datetime, token: str) -> Task | None:
        """Claim the server's next errand that is due, or None."""
        ...

    async def settle(self, task: Task) -> bool:
        """Note that the claimed errand is done; tell whether the claim still held."""
        ...

    async def postpone(self, task: Task, due: datetime) -> None:
        """Give the claimed errand back until a time."""
        ...

    async def posted(self, task: Task, posted: Posted) -> None:
        """Note where the errand's pick was announced."""
        ...

    async def notice(self, server_id: int, kind: str, text: str, now: datetime) -> bool:
        """Keep something to tell the moderators; tell whether it is news."""
        ...

    async def told(self, server_id: int, kind: str) -> None:
        """Note that the moderators were told."""
        ...

    async def untold(self, server_id: int) -> list[tuple[str, str]]:
        """Give what the moderators were not told yet: its kind and text."""
        ...

    async def mended(self, server_id: int, kinds: Collection[str]) -> None:
        """Forget troubles that are over, so that they are told of when they come again."""
        ...

    async def vote(self, server_id: int, vote_id: int) -> Vote | None:
        """Give the vote of that id, or None."""
        ...

    async def vote_posted(self, task: Task, channel_id: int, message_id: int, ends: datetime) -> None:
        """Note where the vote is, when it is to be counted, and that this is done."""
        ...

    async def elect(self, task: Task, film_id: str, now: datetime) -> None:
        """Put the vote's winner on the marquee, unless something else has come on or is planned for now."""
        ...


class PickScheduler:
    """Moves marquees on and hands out errands. `now` gives the time, `longest_wait` is how long it
    may sleep though nothing is due, since others may have changed what is."""

    def __init__(
        self, store: PickClockStore, now: Callable[[], datetime], longest_wait: timedelta = LONGEST_WAIT
    ) -> None:
        self._store = store
        self._now = now
        self._longest_wait = longest_wait

    def now(self) -> datetime:
        """Give the present moment."""
        return self._now()

    async def due(self) -> list[int]:
        """Give the servers for which something is due."""
        return await self._store.due(self._now())

    async def wait(self, since: datetime | None = None) -> timedelta:
        """Give how long until something is due again, but for `longest_wait` at most.

        What has become due after `since`, when somebody looked last, is waited for no more.
        """
        now = self._now()
        due = await self._store.next_due(since or now)
        return self._longest_wait if due is None else min(self._longest_wait, max(timedelta(), due - now))

    async def advance(self, server_id: int) -> bool:
        """Move the server's marquee on to now; tell whether anything changed."""
        return await self._store.advance(server_id, self._now())

    async def refresh(self, server_id: int, film_id: str | None = None) -> bool:
        """Let the card of what is on be brought up to date soon; tell whether there is one.

        With `film_id` only where that film is on. Whatever is asked for until then is one change.
        """
        return await self._store.refresh(server_id, film_id, self._now() + REFRESHED_AFTER)

    async def claim(self, server_id: int) -> Task | None:
        """Claim the server's next errand, or None where none is due."""
        return await self._store.claim(server_id, self._now(), secrets.token_hex(16))

    async def settle(self, task: Task) -> None:
        """Note that the claimed errand is done."""
        await self._store.settle(task)

    async def postpone(self, task: Task, wait: timedelta = AGAIN_AFTER) -> None:
        """Give the claimed errand back for a while."""
        await self._store.postpone(task, self._now() + wait)

    async def posted(self, task: Task, posted: Posted) -> None:
        """Note where the errand's pick was announced."""
        await self._store.posted(task, posted)

    async def notice(self, server_id: int, kind: str, text: str) -> bool:
        """Keep something to tell the moderators; tell whether it is news to them."""
        return await self._store.notice(server_id, kind, text, self._now())

    async def told(self, server_id: int, kind: str) -> None:
        """Note that the moderators were told."""
        await self._store.told(server_id, kind)

    async def untold(self, server_id: int) -> list[tuple[str, str]]:
        """Give what the moderators were not told yet: its kind and text."""
        return await self._store.untold(server_id)

    async def mended(self, server_id: int, *kinds: str) -> None:
        """Forget troubles that are over, so that they are told of when they come again."""
        await self._store.mended(server_id, kinds)

    async def vote(self, server_id: int, vote_id: int) -> Vote | None:
        """Give the vote of that id, or None."""
        return await self._store.vote(server_id, vote_id)

    async def vote_posted(self, task: Task, channel_id: int, message_id: int, ends: datetime) -> None:
        """Note where the vote is, when it is to be counted, and that this is done."""
        await self._store.vote_posted(task, channel_id, message_id, ends)

    async def elect(self, task: Task, film_id: str) -> None:
        """Put the vote's winner on the marquee, unless something else has come on since."""
        await self._store.elect(task, film_id, self._now())
