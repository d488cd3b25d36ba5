"""Brings a database's schema up to date by the Alembic migrations beside this file."""

import sqlite3
from functools import cache
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x6D61727175656531
"""Any number that no other program takes as an advisory lock: the bytes of `marquee1`."""


@cache
def newest_revision() -> str:
    """Return the newest revision that comes with this version of Marquee; files begin with their revision."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def is_up_to_date(connection: sqlite3.Connection) -> bool:
    """Return whether a SQLite database needs no migration, as at nearly every start: the driver alone tells it."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'").fetchall()
    return bool(tables) and connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
        (newest_revision(),)
    ]


def upgrade(connection: Connection) -> None:
    """Run the missing migrations, all in one transaction with their record.

    Raise StorageUnavailableError if a newer version of Marquee has migrated the database.
    """
    if connection.dialect.name == "sqlite":
        connection.execution_options(marquee_write=True)
    else:
        # Several processes may start at once on one server: the first migrates, the others wait for it.
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    current = _current_revision(connection)
    if current != newest_revision():
        # Alembic takes as long to import as the rest of bot.core.database, and other starts don't need it.
        from bot.core.database.migrations.run import run

        run(connection, MIGRATIONS, current)


def _current_revision(connection: Connection) -> str | None:
    """Return the revision that Alembic recorded in the database, or None for a new database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
