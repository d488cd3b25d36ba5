"""Copies the database once a day while the bot runs, and keeps the newest copies."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import make_url

from bot.config import Settings
from bot.core.database.backup import PART_SUFFIX, POSTGRES_SUFFIX, SQLITE_SUFFIX, write_backup
from bot.core.database.engine import Database
from bot.core.database.key_value import KeyValueRepository
from bot.core.discord.error_handler import log_errors
from bot.core.errors import MarqueeError

log = logging.getLogger(__name__)
EVERY = timedelta(hours=23, minutes=30)
"""A claim counts as long as this, so that copies stay at the same hour of the day."""
CHECK_SECONDS = 1800.0
"""How often it is looked whether a copy is due, and how soon one that failed is tried again."""
CLAIM = "database copied at"
"""The name under which the database keeps when a process began the latest copy."""


class DailyBackup:
    """Writes a copy into `folder` once a day, in one process of several, and deletes all but the newest `keep`."""

    def __init__(
        self, url: str, folder: Path, keep: int, values: KeyValueRepository, now: Callable[[], datetime]
    ) -> None:
        self._url = url
        self._folder = folder
        self._keep = keep
        self._values = values
        self._now = now
        self._suffix = SQLITE_SUFFIX if make_url(url).get_backend_name() == "sqlite" else POSTGRES_SUFFIX

    async def run_if_due(self) -> Path | None:
        """Return the copy that was written, None where another of the last day is there.

        Raises StorageUnavailableError where it can't be written; the next call tries again.
        """
        now = self._now()
        if not await self._values.claim_job(CLAIM, now, EVERY):
            return None
        target = self._folder / f"marquee-{now:%Y-%m-%d-%H%M%S}{self._suffix}"
        try:
            await asyncio.to_thread(self._folder.mkdir, 0o700, parents=True, exist_ok=True)
            await write_backup(self._url, target)
        except BaseException:
            await self._values.set(CLAIM, "")
            raise
        await asyncio.to_thread(self._delete_old)
        return target

    def _delete_old(self) -> None:
        """Delete the oldest copies, whose names sort by time, and what a process left that ended while copying."""
        name = f"marquee-????-??-??-??????{self._suffix}"
        copies = sorted(self._folder.glob(name))
        unfinished = self._folder.glob(f"{name}{PART_SUFFIX}")
        for copy in (*copies[: -self._keep], *unfinished):
            copy.unlink(missing_ok=True)


@contextlib.asynccontextmanager
async def daily_backups(
    settings: Settings, database: Database, now: Callable[[], datetime]
) -> AsyncIterator[None]:
    """Copy the database every day inside the block, if an operator asked for it."""
    if settings.backup_dir is None:
        yield
        return
    values = KeyValueRepository(database)
    backup = DailyBackup(settings.database_url, settings.backup_dir, settings.backup_keep, values, now)
    task = asyncio.create_task(_run(backup))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _run(backup: DailyBackup) -> None:
    while True:
        with log_errors("copying the database"):
            try:
                if (target := await backup.run_if_due()) is not None:
                    log.info("the database is copied to %s", target)
            except (MarqueeError, OSError) as error:
                reason = str(error) if isinstance(error, MarqueeError) else error.strerror
                log.error("the database is not copied. %s Next try in %d min.", reason, CHECK_SECONDS // 60)
        await asyncio.sleep(CHECK_SECONDS)
