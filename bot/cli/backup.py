"""`marquee backup` and `marquee restore`: the whole database as one file, and back."""

import argparse
import asyncio
from datetime import UTC, datetime
from pathlib import Path

from bot.cli import ExitCode
from bot.config import Settings
from bot.core.database.backup import POSTGRES_SUFFIX, restore_postgres, restore_sqlite, write_backup
from bot.core.database.engine import storage_failures
from bot.core.errors import InvalidInputError
from bot.core.text.i18n import _


async def backup(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Copy the database to a new file; return the exit code.

    Raises InvalidInputError where the target exists or is no file name, StorageUnavailableError where it can't be
    written.
    """
    target = _parse_path(arguments.file)
    await write_backup(settings.database_url, target)
    print(_("Copied the database to {file}.").format(file=target))
    return ExitCode.SUCCESS


async def restore(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Put a backup in the database's place, and keep what was there; return the exit code.

    Raises InvalidInputError where the file is no backup, StorageUnavailableError while the bot runs.
    """
    source, now = _parse_path(arguments.file), datetime.now(UTC)
    with storage_failures(settings.database_url):
        if settings.database_url.startswith("sqlite"):
            kept = await restore_sqlite(settings.database_url, source, now)
        else:
            kept = None if arguments.discard else await _keep_postgres(settings, now)
            await restore_postgres(settings.database_url, source)
    print(_("Restored the database from {file}.").format(file=source))
    if kept is not None:
        print(_("What was there before is in {file}.").format(file=kept))
    print(_("Start the bot, then run `marquee verify`."))
    return ExitCode.SUCCESS


async def _keep_postgres(settings: Settings, now: datetime) -> Path:
    """Return the new file that the database as it is was copied to."""
    target = settings.data_dir / f"before-restore-{now:%Y%m%d-%H%M%S}{POSTGRES_SUFFIX}"
    await asyncio.to_thread(target.parent.mkdir, 0o700, parents=True, exist_ok=True)
    await write_backup(settings.database_url, target)
    return target


def _parse_path(text: str) -> Path:
    """Return the path. Raises InvalidInputError for an address, which SQLite would read options from."""
    if text.startswith("file:"):
        raise InvalidInputError(_("{text} isn't a file name. Enter the path of a file.").format(text=text))
    return Path(text)
