"""SQL that SQLAlchemy compiled for one test's database, kept for those of all tests in the process.

Each engine has a cache of its own, so that each of thousands of databases had the same statements compiled anew:
an eighth of what a test of a repository takes.
"""

from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache

MAX_STATEMENTS = 3_000


class SharedCache(LRUCache[Any, Any]):
    """Compiled statements by the class of their dialect; SQLAlchemy's are by the dialect, one for each engine."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        """Return the statement compiled for any engine with such a dialect."""
        return super().get((type(key[0]), *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        super().__setitem__((type(key[0]), *key[1:]), value)


_compiled = SharedCache(MAX_STATEMENTS)


def install() -> None:
    """Let all engines of this process share what they compile, whatever cache each is created with."""
    shared = property(lambda engine: _compiled, lambda engine, own: None)
    Engine._compiled_cache = shared  # type: ignore[assignment]
