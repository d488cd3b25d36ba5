"""Runs the migrations in `versions`."""

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from bot.core.errors import StorageUnavailableError
from bot.core.text.i18n import _


@cache
def script_directory(folder: Path) -> ScriptDirectory:
    """Return the migrations in that folder."""
    return ScriptDirectory.from_config(_config(folder))


def run(connection: Connection, folder: Path, current: str | None) -> None:
    """Run the folder's migrations that come after `current`, in the connection's transaction.

    Raises StorageUnavailableError where `current` is none of them: a newer version made the database.
    """
    scripts = script_directory(folder)
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise StorageUnavailableError(
            _(
                "The database was made by a newer version of Marquee: bring this installation up to date, "
                "or restore the backup made before the newer one first ran."
            )
        )
    with EnvironmentContext(
        _config(folder), scripts, fn=lambda revision, _context: scripts._upgrade_revs("head", revision)
    ) as environment:
        environment.configure(
            connection=connection,
            transactional_ddl=True,
            render_as_batch=connection.dialect.name == "sqlite",
        )
        environment.run_migrations()


def _config(folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", folder.as_posix())
    return config
