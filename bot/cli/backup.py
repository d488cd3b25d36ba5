"""`marquee backup`: copies the SQLite database while it is in use."""

import argparse
import asyncio
from pathlib import Path

from bot.bootstrap import open_catalogue
from bot.cli import ExitCode
from bot.config import Settings
from bot.core.errors import InvalidInputError


async def backup(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Copy the database to a new file; return the exit code.

    Raises InvalidInputError where the target exists or is no file name, StorageUnavailableError where it can't be
    written.
    """
    if arguments.file.startswith("file:"):
        raise InvalidInputError(f"{arguments.file} isn't a file name. Enter the path of a new file.")
    target = Path(arguments.file)
    try:
        is_taken = await asyncio.to_thread(target.exists)
    except OSError as error:
        raise InvalidInputError(f"{target} can't be written: {error.strerror}.") from error
    if is_taken:
        raise InvalidInputError(f"{target} already exists. Enter the path of a new file.")
    async with open_catalogue(settings) as (database, _):
        await database.backup(target)
    print(f"Copied the database to {target}.")
    return ExitCode.SUCCESS
