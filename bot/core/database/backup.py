"""Backups: the whole database as one file, and back. SQLite copies itself; PostgreSQL has pg_dump and psql."""

import asyncio
import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import inspect, make_url, text
from sqlalchemy.engine import URL, Connection

from bot.core.database.columns import metadata
from bot.core.database.engine import OWNER_ONLY_FILE, create_database_engine, create_private_file
from bot.core.database.migrate import MIGRATIONS
from bot.core.database.postgres_url import APPLICATION_NAME
from bot.core.errors import InvalidInputError, StorageUnavailableError
from bot.core.text.i18n import _

SQLITE_SUFFIX, POSTGRES_SUFFIX = ".db", ".dump"
SQLITE_MAGIC, POSTGRES_MAGIC = b"SQLite format 3\x00", b"PGDMP"
"""How the files begin to which each kind of database is copied."""
PART_SUFFIX = ".part"
"""What a backup's name ends with until it is whole."""
_PSQL_ARGUMENTS = (
    "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null",
)  # fmt: skip
INTERRUPT_SECONDS = 0.1
"""How soon a copy that is no longer wanted is interrupted again."""
REVISION_TABLE = "alembic_version"
_LIBPQ_VARIABLES = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "options": "PGOPTIONS",
    "channel_binding": "PGCHANNELBINDING",
}
"""libpq's options in a URL, and the variables that its programs read them from."""


async def write_backup(url: str, target: Path) -> None:
    """Write a consistent copy of the database of that SQLAlchemy URL, which may be in use, to a new file.

    Its owner alone can read it, nothing that was deleted is in it, and it has its name only when it is whole. For
    PostgreSQL it is an archive of pg_dump's custom format. Raises InvalidInputError where `target` is there
    already, StorageUnavailableError where there is no database or `target` can't be written.
    """
    part = target.with_name(target.name + PART_SUFFIX)
    try:
        if await asyncio.to_thread(target.exists):
            raise InvalidInputError(_("{file} already exists. Enter the path of a new file.").format(file=target))
        await asyncio.to_thread(part.unlink, missing_ok=True)
        await asyncio.to_thread(create_private_file, part)
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            await _copy_sqlite(Path(str(parsed.database)), part)
        else:
            await _dump_postgres(parsed, part)
        await asyncio.to_thread(part.rename, target)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else _("that file name isn't allowed")
        raise StorageUnavailableError(
            _("{file} can't be written: {reason}.").format(file=target, reason=reason)
        ) from error
    finally:
        with contextlib.suppress(OSError, ValueError):
            await asyncio.to_thread(part.unlink, missing_ok=True)


async def restore_sqlite(url: str, source: Path, now: datetime) -> Path | None:
    """Put the backup in the place of the SQLite database; return where the one before is kept, None without one.

    Raises InvalidInputError where `source` is no whole backup of this version or an older one, and
    StorageUnavailableError while the bot runs or where files can't be written.
    """
    return await asyncio.to_thread(_restore_sqlite, Path(str(make_url(url).database)), source, now)


async def restore_postgres(url: str, source: Path) -> None:
    """Replace Marquee's tables by those in the archive, in one transaction.

    Raises InvalidInputError where `source` is no archive of pg_dump's custom format, StorageUnavailableError while
    the bot runs or where PostgreSQL's programs are missing or fail.
    """
    parsed = make_url(url)
    sentence = _("{file} is a copy of a SQLite database, but DATABASE_URL names PostgreSQL.")
    await asyncio.to_thread(_refuse_other_kind, source, SQLITE_MAGIC, sentence)
    tables = await _list_tables_to_replace(url)
    with tempfile.TemporaryDirectory(prefix="marquee-restore-") as folder:
        script = Path(folder) / "restore.sql"
        await asyncio.to_thread(create_private_file, script)
        arguments = ("--clean", "--if-exists", "--no-owner", "--no-privileges", f"--file={script}", str(source))
        if (problem := await _run_tool("pg_restore", arguments, {})) is not None:
            raise InvalidInputError(
                _("{file} isn't a backup that pg_restore can read: {problem}").format(file=source, problem=problem)
            )
        drop = f"DROP TABLE IF EXISTS {', '.join(tables)} CASCADE" if tables else "SELECT 1"
        problem = await _run_tool(
            "psql",
            (*_PSQL_ARGUMENTS, f"--command={drop}", f"--file={script}"),
            _build_libpq_environment(parsed),
        )
    if problem is not None:
        raise StorageUnavailableError(_("Nothing was restored. psql says: {problem}").format(problem=problem))


async def _copy_sqlite(path: Path, part: Path) -> None:
    """Copy the database into the empty file; a cancellation stops the copying."""
    if not await asyncio.to_thread(path.is_file):
        raise StorageUnavailableError(_("There's no database at {file} yet.").format(file=path))
    try:
        with contextlib.closing(
            sqlite3.connect(path, timeout=30.0, isolation_level=None, check_same_thread=False)
        ) as connection:
            # An absolute path is one for SQLite in any case, and no URI with options.
            target = str(await asyncio.to_thread(part.absolute))
            copying = asyncio.ensure_future(asyncio.to_thread(connection.execute, "VACUUM INTO ?", (target,)))
            try:
                await asyncio.shield(copying)
            except asyncio.CancelledError:
                while not copying.done():  # the thread may not have begun when it is first interrupted
                    connection.interrupt()
                    await asyncio.wait((copying,), timeout=INTERRUPT_SECONDS)
                await asyncio.gather(copying, return_exceptions=True)
                raise
    except sqlite3.Error as error:
        raise StorageUnavailableError(
            _("{file} can't be copied: {reason}.").format(file=path, reason=error)
        ) from error


def _refuse_other_kind(source: Path, magic: bytes, sentence: str) -> None:
    """Raise InvalidInputError with the sentence if the file begins with these bytes."""
    if source.is_file():
        with source.open("rb") as file:
            if file.read(len(magic)) == magic:
                raise InvalidInputError(sentence.format(file=source))


def _restore_sqlite(path: Path, source: Path, now: datetime) -> Path | None:
    sentence = _("{file} is a copy of a PostgreSQL database, but DATABASE_URL names SQLite.")
    _refuse_other_kind(source, POSTGRES_MAGIC, sentence)
    _check_sqlite_backup(source)
    kept = None
    part = path.with_name(path.name + PART_SUFFIX)
    try:
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        create_private_file(part)
        shutil.copyfile(source, part)
        part.chmod(OWNER_ONLY_FILE)
        with part.open("rb+") as copied:
            os.fsync(copied.fileno())
        if path.exists():
            _check_unused(path)
            kept = path.with_name(f"{path.stem}-before-restore-{now:%Y%m%d-%H%M%S}{path.suffix}")
            if kept.exists():
                raise StorageUnavailableError(_("{file} already exists. Try again in a second.").format(file=kept))
            for suffix in ("-wal", "-shm", ""):
                old = path.with_name(path.name + suffix)
                if old.exists():
                    old.rename(kept.with_name(kept.name + suffix))
        part.rename(path)
    except OSError as error:
        raise StorageUnavailableError(
            _("{file} can't be replaced: {reason}.").format(file=path, reason=error.strerror)
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return kept


def _check_sqlite_backup(source: Path) -> None:
    """Raise InvalidInputError unless the file is a whole SQLite database that this version of Marquee knows."""
    if not source.is_file():
        raise InvalidInputError(_("{file} isn't a file.").format(file=source))
    try:
        with contextlib.closing(
            sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as copy:
            is_whole = copy.execute("PRAGMA quick_check").fetchone() == ("ok",)
            row = copy.execute(f"SELECT version_num FROM {REVISION_TABLE}").fetchone()  # noqa: S608 - a constant
    except sqlite3.Error as error:
        raise InvalidInputError(
            _("{file} isn't a backup of Marquee: {reason}.").format(file=source, reason=error)
        ) from error
    if not is_whole:
        raise InvalidInputError(_("{file} is damaged. Use another backup.").format(file=source))
    revision = str(row[0]) if row else ""
    if not any((MIGRATIONS / "versions").glob(f"{revision}_*.py")):
        raise InvalidInputError(
            _("{file} was made by a newer version of Marquee. Update Marquee first.").format(file=source)
        )


def _check_unused(path: Path) -> None:
    """Raise StorageUnavailableError while another process has the database open; else move its log into it."""
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=1.0, isolation_level=None)) as connection:
            # Leaving WAL mode needs the file for oneself, and empties the log.
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise StorageUnavailableError(_("The bot is running. Stop it before you restore a backup.")) from error
    except sqlite3.DatabaseError:
        pass  # A damaged database is kept as it is.


async def _list_tables_to_replace(url: str) -> list[str]:
    """Return the quoted names of Marquee's tables. Raises StorageUnavailableError while the bot runs."""
    engine = create_database_engine(url)

    def read(connection: Connection) -> list[str]:
        others = connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name = :name AND pid <> pg_backend_pid()"
            ),
            {"name": APPLICATION_NAME},
        ).scalar()
        if others:
            raise StorageUnavailableError(_("The bot is running. Stop it before you restore a backup."))
        quote = connection.dialect.identifier_preparer.quote
        known = {*metadata.tables, REVISION_TABLE}
        return [quote(name) for name in inspect(connection).get_table_names() if name in known]

    try:
        async with engine.connect() as connection:
            return await connection.run_sync(read)
    finally:
        await engine.dispose()


async def _dump_postgres(url: URL, target: Path) -> None:
    arguments = ("--format=custom", "--no-owner", f"--file={target}")
    if (problem := await _run_tool("pg_dump", arguments, _build_libpq_environment(url))) is not None:
        raise StorageUnavailableError(_("Nothing was copied. pg_dump says: {problem}").format(problem=problem))


async def _run_tool(name: str, arguments: tuple[str, ...], variables: Mapping[str, str]) -> str | None:
    """Run one of PostgreSQL's programs; return None if it succeeds, else the last line of what it says.

    Raises StorageUnavailableError where it is not installed.
    """
    program = shutil.which(name)
    if program is None:
        raise StorageUnavailableError(
            _("{name} is not installed. Install PostgreSQL's client programs.").format(name=name)
        )
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **variables},
    )
    try:
        _output, errors = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode == 0:
        return None
    lines = [line for line in errors.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else f"exit status {process.returncode}"


def _build_libpq_environment(url: URL) -> dict[str, str]:
    """Return the variables that connect libpq's programs; everybody could read a password on a command line."""
    variables = {
        "PGHOST": url.host,
        "PGPORT": None if url.port is None else str(url.port),
        "PGUSER": url.username,
        "PGPASSWORD": None if url.password is None else str(url.password),
        "PGDATABASE": url.database,
    }
    for name, variable in _LIBPQ_VARIABLES.items():
        value = url.query.get(name)
        variables[variable] = value if value is None or isinstance(value, str) else value[-1]
    return {name: value for name, value in variables.items() if value is not None}
