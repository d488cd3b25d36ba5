"""Limits how many ratings, reviews and replies a member, and a whole server, can post in a while."""

from collections import deque
from datetime import datetime, timedelta

from bot.core.errors import MarqueeError
from bot.core.text.i18n import _

WINDOW = timedelta(minutes=10)
MEMBER_LIMIT, SERVER_LIMIT = 30, 600
"""Posts in a window: more than anybody types, fewer than a script sends."""
TRACKED_KEYS_LIMIT = 100_000
"""Members and servers tracked before those without recent posts are forgotten."""


class TooFastError(MarqueeError):
    """A member or server that posts faster than the limit, and has to wait until `until`."""

    def __init__(self, until: datetime, *, whole_server: bool) -> None:
        super().__init__(_("This server is posting too fast.") if whole_server else _("You're posting too fast."))
        self.until = until


class RateLimiter:
    """Counts posts of the last minutes in memory: a server's traffic reaches one process only."""

    def __init__(self, member_limit: int = MEMBER_LIMIT, server_limit: int = SERVER_LIMIT) -> None:
        self._member_limit = member_limit
        self._server_limit = server_limit
        self._post_times: dict[tuple[int, int | None], deque[datetime]] = {}

    def record(self, server_id: int, member_id: int, now: datetime) -> None:
        """Count a post of the member's. Raises TooFastError, without counting it, if it is one too many."""
        of_member = self._get_recent((server_id, member_id), now)
        of_server = self._get_recent((server_id, None), now)
        if len(of_member) >= self._member_limit:
            raise TooFastError(of_member[0] + WINDOW, whole_server=False)
        if len(of_server) >= self._server_limit:
            raise TooFastError(of_server[0] + WINDOW, whole_server=True)
        of_member.append(now)
        of_server.append(now)

    def _get_recent(self, key: tuple[int, int | None], now: datetime) -> deque[datetime]:
        """Return the times of the posts in the window, oldest first.

        Posts later than now were made before the clock was set back; they are forgotten, or members would have to
        wait until the clock has caught up.
        """
        if key not in self._post_times and len(self._post_times) >= TRACKED_KEYS_LIMIT:
            self._post_times = {
                each: times
                for each, times in self._post_times.items()
                if any(now - WINDOW < time <= now for time in times)
            }
        times = self._post_times.setdefault(key, deque())
        while times and times[0] <= now - WINDOW:
            times.popleft()
        while times and times[-1] > now:
            times.pop()
        return times
