"""Keeps floods of ratings and reviews out: so many in a while from a member, so many from a server."""

from collections import deque
from datetime import datetime, timedelta

from bot.core.errors import MarqueeError

WINDOW = timedelta(minutes=10)
MEMBER_LIMIT, SERVER_LIMIT = 30, 600
"""Posts in a window: more than anybody types, less than a script does."""
REMEMBERED = 100_000
"""Members and servers counted before those who have gone quiet are forgotten."""


class TooFastError(MarqueeError):
    """A member or server that posts faster than the limit; `until` is when it goes on."""

    def __init__(self, until: datetime, *, whole_server: bool) -> None:
        who = "This server's members have" if whole_server else "You have"
        super().__init__(f"{who} posted a lot in the last minutes.")
        self.until = until


class Flood:
    """Counts posts in memory: a server's traffic reaches one process alone."""

    def __init__(self, member_limit: int = MEMBER_LIMIT, server_limit: int = SERVER_LIMIT) -> None:
        self._limits = {True: server_limit, False: member_limit}
        self._times: dict[tuple[int, int | None], deque[datetime]] = {}

    def count(self, server_id: int, member_id: int, now: datetime) -> None:
        """Count a post. Raises TooFastError, without counting, where it is one too many."""
        windows = [self._window((server_id, owner), now) for owner in (member_id, None)]
        for times, whole_server in zip(windows, (False, True), strict=True):
            if len(times) >= self._limits[whole_server]:
                raise TooFastError(times[0] + WINDOW, whole_server=whole_server)
        for times in windows:
            times.append(now)

    def _window(self, key: tuple[int, int | None], now: datetime) -> deque[datetime]:
        if key not in self._times and len(self._times) >= REMEMBERED:
            recent = ((each, times) for each, times in self._times.items() if times and times[-1] > now - WINDOW)
            self._times = dict(recent)
        times = self._times.setdefault(key, deque())
        while times and times[0] <= now - WINDOW:
            times.popleft()
        return times
