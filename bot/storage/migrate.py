"""Brings a database's schema up to date by the Alembic migrations beside this file."""

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection

from bot.films.errors import StorageUnavailableError

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x6D61727175656531
"""Any number that no other program takes as an advisory lock: the bytes of `marquee1`."""


@cache
def script_directory() -> ScriptDirectory:
    """Give the migrations that come with this version of Marquee."""
    config = Config()
    config.set_main_option("script_location", MIGRATIONS.as_posix())
    return ScriptDirectory.from_config(config)


def upgrade(connection: Connection) -> None:
    """Run the missing migrations, all in one transaction with their record.

    Raises StorageUnavailableError where the database has been migrated by a newer version.
    """
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.execution_options(marquee_write=True)
    else:
        # Several processes may start at once on one server: the first migrates, the others wait for it.
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    scripts = script_directory()
    current = MigrationContext.configure(connection).get_current_revision()
    head = scripts.get_current_head()
    if current == head:
        return
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise StorageUnavailableError(
            "The database was made by a newer version of Marquee: bring this installation up to date, "
            "or restore the backup made before the newer one first ran."
        )
    config = scripts_config(scripts)
    with EnvironmentContext(
        config, scripts, fn=lambda revision, _: scripts._upgrade_revs("head", revision)
    ) as environment:
        environment.configure(connection=connection, transactional_ddl=True, render_as_batch=sqlite)
        environment.run_migrations()


def scripts_config(scripts: ScriptDirectory) -> Config:
    """Give an Alembic configuration that points at these migrations."""
    config = Config()
    config.set_main_option("script_location", str(scripts.dir))
    return config
