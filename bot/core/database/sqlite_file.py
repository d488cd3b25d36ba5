"""The file of a SQLite database: readable by its owner alone, and watched while it is in use."""

import contextlib
import logging
import os
from pathlib import Path

from bot.core.errors import StorageUnavailableError
from bot.core.text.i18n import _

log = logging.getLogger(__name__)
OWNER_ONLY_FILE, OWNER_ONLY_FOLDER = 0o600, 0o700
"""Modes on POSIX systems; others ignore them."""
_OTHERS = 0o077
_SUFFIXES = ("", "-wal", "-shm")


class DatabaseFileGoneError(StorageUnavailableError):
    """The database file was deleted, moved or replaced under the running bot."""

    def __init__(self) -> None:
        super().__init__(
            _("I can't save anything right now: my database file was moved or deleted. Tell the bot's owner.")
        )


def create_private_file(path: Path) -> None:
    """Create an empty file that its owner alone can read. Raise FileExistsError or another OSError."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY_FILE))


def prepare_database_file(path: Path) -> None:
    """Create the database file and its folder where they are missing, and keep others from reading the file.

    A folder that is there stays as it is: it may hold more than Marquee's files. Raises OSError.
    """
    path.parent.mkdir(OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
    # A file that is there is not opened here: closing it would end the locks of this process's connections to it.
    with contextlib.suppress(FileExistsError):
        create_private_file(path)
    if os.name == "posix":
        for suffix in _SUFFIXES:
            _remove_rights_of_others(path.with_name(path.name + suffix))


def _remove_rights_of_others(path: Path) -> None:
    """Let only the owner read and write the file; where it is somebody else's, it stays as it is."""
    with contextlib.suppress(FileNotFoundError, PermissionError):
        if path.is_file() and path.stat().st_mode & _OTHERS:
            path.chmod(OWNER_ONLY_FILE)


class DatabaseFile:
    """A database file in use.

    SQLite goes on writing to a file that was deleted or replaced, and loses all of it at the end.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity = _identify(path)
        self._is_gone = False

    def check(self) -> None:
        """Raise DatabaseFileGoneError if the path no longer names the file that was opened."""
        was_gone, self._is_gone = self._is_gone, _identify(self._path) != self._identity
        if self._is_gone:
            if not was_gone:
                log.error(
                    "%s was deleted, moved or replaced while it was in use: nothing is saved until it is back. "
                    "Without the file, stop the bot and put a backup there.",
                    self._path,
                )
            raise DatabaseFileGoneError


def _identify(path: Path) -> tuple[int, int] | None:
    """Return what distinguishes the file from every other one, None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
