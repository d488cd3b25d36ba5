"""What core counts of its own work, for whoever shows it; without that it costs next to nothing."""

from collections.abc import Callable
from dataclasses import dataclass

DatabaseObserver = Callable[[str, float], None]
"""Called with READ, WRITE or WAIT and the seconds that it took."""
READ, WRITE, WAIT = "read", "write", "wait"
"""A read; a transaction from its request until its commit; the part of that before its first statement."""


@dataclass(slots=True)
class CacheUse:
    """How often a cache had what it was asked for, and how often not."""

    hits: int = 0
    misses: int = 0

    def count(self, *, is_hit: bool) -> None:
        """Count one request."""
        if is_hit:
            self.hits += 1
        else:
            self.misses += 1
