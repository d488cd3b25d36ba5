"""Keeps the title index that look-up searches true to the database: on disk, at the start, and while running."""

import asyncio
import json
import logging
from dataclasses import replace
from math import isclose
from pathlib import Path

from sqlalchemy import delete, func, select

from bot.core.database.engine import Database
from bot.core.database.key_value import CATALOGUE_VERSION, FactStore
from bot.core.runtime import gc_paused
from bot.films.repository import FilmStore
from bot.films.tables import film_changes
from bot.search import file
from bot.search.arrays import Arrays
from bot.search.build import Builder
from bot.search.engine import FastTitleIndex
from bot.search.index import TitleEntry

log = logging.getLogger(__name__)
OVERLAP = 200
"""Changes before the last one seen that are looked at again: a transaction may commit after a later one."""
MANY_PENDING = 5_000
"""Changes since the file was built from which on building it anew is quicker."""
_YIELD_EVERY = 200


class TitleIndexKeeper:
    """Opens the index from its file where that fits the catalogue, else builds both; brings it up to date."""

    def __init__(self, database: Database, store: FilmStore, path: Path) -> None:
        self._database = database
        self._store = store
        self._path = path
        self._version = ""
        self._seen = 0
        self._refreshing = asyncio.Lock()
        self.index = FastTitleIndex()

    async def open(self) -> FastTitleIndex:
        """Give the index of all films there are."""
        version, _, last = await self._state()
        arrays = await self._from_file(version)
        if arrays is None:
            arrays = await self._built(version, last)
        self.index.replace_base(arrays)
        await self._amend()
        return self.index

    async def refresh(self) -> bool:
        """Take over what other processes changed since; tell whether anything was looked at.

        After an import by another process its index file is taken over, or the index built anew, while the
        old one answers.
        """
        async with self._refreshing:
            version, _, last = await self._state()
            if version == self._version and last == self._seen:
                return False
            if version != self._version:
                arrays = await self._from_file(version) or await self._built(version, last)
                self.index.replace_base(arrays)
            await self._amend()
            return True

    async def _state(self) -> tuple[str, int, int]:
        """Give the catalogue's version and the first and the last change recorded."""
        version = await FactStore(self._database).get(CATALOGUE_VERSION) or ""
        bounds = select(func.min(film_changes.c.id), func.max(film_changes.c.id))
        ((first, last),) = await self._database.rows(bounds)
        return version, first or 0, last or 0

    async def _from_file(self, version: str) -> Arrays | None:
        """Give the arrays of the file where it fits the catalogue but for a few changes, else None."""
        try:
            key, arrays = await asyncio.to_thread(file.read, self._path)
        except file.IndexFileError as error:
            log.info("%s is built anew: %s", self._path.name, error)
            return None
        built = json.loads(key)
        _, first, last = await self._state()
        fits = built["version"] == version and built["database"] == await self._identity()
        if not fits or first > built["change"] + 1 or last - built["change"] > MANY_PENDING:
            log.info("%s is built anew: the catalogue changed", self._path.name)
            return None
        self._version, self._seen = version, built["change"]
        return arrays

    async def _identity(self) -> str:
        """Give what tells this database from others, whose versions and changes may look alike."""
        facts = FactStore(self._database)
        name = "database"
        if (known := await facts.get(name)) is None:
            await facts.put_new(name)
            known = await facts.get(name)
        return known or ""

    async def _built(self, version: str, last: int) -> Arrays:
        """Build the arrays of all films and write them to the file."""
        builder = Builder()
        count = 0
        with gc_paused():  # a million entries would be looked through again and again
            async for entry in self._store.entries():
                builder.add(entry)
                count += 1
                if count % _YIELD_EVERY == 0:
                    await asyncio.sleep(0)  # members go on being answered by the old index
        arrays = await asyncio.to_thread(builder.finish)
        key = json.dumps({"version": version, "database": await self._identity(), "change": last})
        try:
            await asyncio.to_thread(file.write, self._path, arrays, key)
        except OSError as error:
            log.warning("%s can't be written, so the next start builds it again: %s", self._path.name, error)
        else:
            await self._forget_changes(last)
        self._version, self._seen = version, last
        log.info("title index: %d films, %d names", arrays.films, arrays.names)
        return arrays

    async def _forget_changes(self, last: int) -> None:
        """Delete the changes that files of this catalogue hold, but for some that other processes may need."""
        async with self._database.write() as connection:
            await connection.execute(delete(film_changes).where(film_changes.c.id < last - MANY_PENDING))

    async def _amend(self) -> None:
        """Bring the films into the index that changed since what it holds."""
        pending = select(film_changes.c.id, film_changes.c.film_id)
        rows = await self._database.rows(pending.where(film_changes.c.id > self._seen - OVERLAP))
        if not rows:
            return
        missing = {row.film_id for row in rows}
        async for entry in self._store.entries(missing.copy()):
            missing.discard(entry.film_id)
            if not _known(self.index, entry):
                self.index.put(entry)
        for film_id in missing:
            self.index.discard(film_id)
        self._seen = max(row.id for row in rows)


def _known(index: FastTitleIndex, entry: TitleEntry) -> bool:
    """Tell whether the index knows just this of the film; fame is kept in single precision."""
    known = index.get(entry.film_id)
    return (
        known is not None
        and isclose(known.fame, entry.fame, rel_tol=1e-5)
        and replace(known, fame=entry.fame) == entry
    )
