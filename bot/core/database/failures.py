"""What is wrong where the database can't be used, told from errors that are Marquee's own."""

import os
import re
import sqlite3

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.core.errors import StorageUnavailableError
from bot.core.text.i18n import _

CONNECT_ERRORS = (OSError, TimeoutError)
"""What asyncpg raises where it can't reach its server; other code raises these for other reasons, too."""
STATEMENT_TIMEOUT = "57014"
OPERATIONAL_SQLSTATES = (STATEMENT_TIMEOUT, "08", "28", "53", "57P", "58", "25006")
"""How PostgreSQL's codes begin where the server, the connection or a right is at fault, not the statement."""
TEMPORARY_SQLSTATES = ("08", "53300", "57P")
"""How its codes begin where the connection failed, the server has too many, or it starts or stops."""
OPERATIONAL_SQLITE_CODES = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
)
_DRIVER_CLASS = re.compile("^<class '[^']*'>: ")
"""What SQLAlchemy puts before asyncpg's message."""


class DatabaseUnavailableError(StorageUnavailableError):
    """The database could not be used while Marquee was running, such as on a full disk."""

    def __init__(self) -> None:
        super().__init__(_("Marquee's database isn't answering right now. Try again in a few minutes."))


def is_operational(error: BaseException) -> bool:
    """Return whether the database's state or its server caused the error, not a statement."""
    if isinstance(error, PoolTimeoutError) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return True
    driver_error = get_driver_error(error)
    if isinstance(driver_error, sqlite3.Error):
        # The extended codes have the primary one in their lowest byte.
        return _get_sqlite_code(driver_error) in OPERATIONAL_SQLITE_CODES
    return str(getattr(driver_error, "sqlstate", None) or "").startswith(OPERATIONAL_SQLSTATES)


def is_temporary(error: BaseException) -> bool:
    """Return whether the database may answer again without anybody's doing, as after a restart of its server."""
    driver_error = get_driver_error(error)
    if isinstance(driver_error, sqlite3.Error):
        return _get_sqlite_code(driver_error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    if isinstance(driver_error, OSError):
        return driver_error.filename is None  # otherwise a file can't be used
    code = str(getattr(driver_error, "sqlstate", None) or "")
    return isinstance(error, PoolTimeoutError) or code.startswith(TEMPORARY_SQLSTATES)


def describe_unavailable(url: str, error: BaseException) -> StorageUnavailableError:
    """Return the error for operators about why the database can't be used."""
    return StorageUnavailableError(describe_failure(url, error), is_temporary=is_temporary(error))


def describe_failure(url: str, error: BaseException) -> str:
    """Return one sentence for operators about why the database can't be used, without the password in the URL."""
    try:
        parsed = make_url(url)
        # As operators write it, without the driver.
        shown_url = parsed.set(drivername=parsed.get_backend_name()).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        # SQLAlchemy's message may quote a part of the password.
        return _(
            "DATABASE_URL isn't a database address. Write it as postgresql://user:password@host:port/database."
        )
    driver_error = get_driver_error(error)
    if getattr(driver_error, "sqlstate", None) == STATEMENT_TIMEOUT:
        return _(
            "The database {database} stopped a statement that took too long. "
            "Raise statement_timeout for Marquee's role."
        ).format(database=shown_url)
    if isinstance(driver_error, sqlite3.Error):
        match _get_sqlite_code(driver_error):
            case sqlite3.SQLITE_CORRUPT:
                return _("The database {database} is damaged. Restore your latest backup.").format(
                    database=shown_url
                )
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return _("Another program has locked the database {database}. Close it.").format(
                    database=shown_url
                )
            case sqlite3.SQLITE_FULL:
                return _("The disk of the database {database} is full.").format(database=shown_url)
    if isinstance(error, PoolTimeoutError):
        return _("The database {database} is too slow: all its connections stayed busy.").format(
            database=shown_url
        )
    reason = str(driver_error).strip().splitlines()
    text = _DRIVER_CLASS.sub("", reason[0]) if reason else type(error).__name__
    if isinstance(driver_error, OSError) and driver_error.errno:
        text = os.strerror(driver_error.errno)
    return _("The database {database} can't be opened: {reason}.").format(database=shown_url, reason=text)


def get_driver_error(error: BaseException) -> BaseException:
    """Return the driver's error that SQLAlchemy wrapped, or the error itself."""
    return (error.orig or error) if isinstance(error, DBAPIError) else error


def _get_sqlite_code(error: sqlite3.Error) -> int:
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
