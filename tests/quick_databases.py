"""What every test's database costs besides what is tested, made less.

SQLAlchemy gives each engine a cache of its own, so that each of thousands of databases had the same statements
compiled anew. And aiosqlite sends each step with a cursor to a thread and waits for it, four times for one SELECT.
"""

import sqlite3
from typing import Any
from weakref import WeakKeyDictionary

from aiosqlite import Connection
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
_execute = Connection._execute
_running: WeakKeyDictionary[Connection, set[object]] = WeakKeyDictionary()
"""What the thread of each connection has still to do."""


async def _execute_at_once(connection: Connection, step: Any, *args: Any, **options: Any) -> Any:
    """Take a step at once if it never waits for the file and the thread is idle, and others in the thread.

    Statements, commits and rollbacks go to the thread, so that other tasks run meanwhile as they do in the bot.
    """
    running = _running.setdefault(connection, set())
    if not running and _never_waits(step):
        return step(*args, **options)
    token = object()
    running.add(token)

    def run() -> Any:
        try:
            return step(*args, **options)
        finally:
            running.discard(token)

    try:
        return await _execute(connection, run)
    except ValueError:
        running.discard(token)  # the connection is closed, and the thread was not asked
        raise


def _never_waits(step: Any) -> bool:
    """Return whether the step creates or closes a cursor, or fetches rows of a statement that runs already."""
    owner, name = getattr(step, "__self__", None), getattr(step, "__name__", "")
    return (isinstance(owner, sqlite3.Cursor) and name in {"fetchall", "close"}) or (
        isinstance(owner, sqlite3.Connection) and name == "cursor"
    )


def install() -> None:
    """Let this process's engines share what they compile, and take quick steps with SQLite at once."""
    shared = property(lambda engine: _compiled, lambda engine, own: None)
    Engine._compiled_cache = shared  # type: ignore[assignment]
    Connection._execute = _execute_at_once  # type: ignore[method-assign]
