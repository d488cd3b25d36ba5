"""Brings a database's schema up to date by the Alembic migrations beside this file."""

from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x6D61727175656531
"""Any number that no other program takes as an advisory lock: the bytes of `marquee1`."""


def newest() -> str:
    """Give the last migration that comes with this version of Marquee: files are named by their number."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def upgrade(connection: Connection) -> None:
    """Run the missing migrations, all in one transaction with their record.

    Raises StorageUnavailableError where the database has been migrated by a newer version.
    """
    if connection.dialect.name == "sqlite":
        connection.execution_options(marquee_write=True)
    else:
        # Several processes may start at once on one server: the first migrates, the others wait for it.
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    current = _current(connection)
    if current != newest():
        # Alembic is as dear to import as all else of the storage, and no other start needs it.
        from bot.core.database.migrations.run import run

        run(connection, MIGRATIONS, current)


def _current(connection: Connection) -> str | None:
    """Give the migration that the database is at, as Alembic keeps it; None where there was none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
