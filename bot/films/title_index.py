"""Keeps the title index in memory in step with the database, and its file on disk."""

import asyncio
import json
import logging
from dataclasses import dataclass, replace
from math import isclose
from pathlib import Path

from sqlalchemy import delete, func, select

from bot.core.database.engine import Database
from bot.core.database.key_value import CATALOGUE_VERSION, KeyValueRepository
from bot.core.runtime import gc_paused
from bot.films.repository import FilmRepository
from bot.films.tables import film_changes
from bot.search.build import IndexBuilder
from bot.search.engine import TitleIndex
from bot.search.index import IndexArrays, IndexFileError, TitleEntry, read_index_file, write_index_file

log = logging.getLogger(__name__)
OVERLAP = 200
"""Changes before the last one applied that are read again: a transaction may commit after a later one."""
MANY_CHANGES = 5_000
"""With more changes since the file was built, rebuilding it is faster than applying them."""
_ENTRIES_BETWEEN_YIELDS = 200


@dataclass(frozen=True, slots=True)
class _CatalogueState:
    """The catalogue's version, and the ids of the first and the last change recorded, 0 without changes."""

    version: str
    first_change: int
    last_change: int


class TitleIndexManager:
    """Opens the title index from its file if that fits the catalogue, else builds both; keeps it up to date."""

    def __init__(self, database: Database, repository: FilmRepository, path: Path) -> None:
        self._database = database
        self._repository = repository
        self._path = path
        self._version = ""
        self._last_change = 0
        self._refreshing = asyncio.Lock()
        self.index = TitleIndex()

    async def open(self) -> TitleIndex:
        """Return the index of all films in the database."""
        state = await self._get_catalogue_state()
        await self._replace_films(state.version, state.last_change)
        await self._apply_changes()
        return self.index

    async def refresh(self) -> bool:
        """Apply what other processes changed; return whether there was anything new.

        After an import by another process its index file is read, or the index rebuilt, while the old one answers.
        """
        async with self._refreshing:
            state = await self._get_catalogue_state()
            if state.version == self._version and state.last_change == self._last_change:
                return False
            if state.version != self._version:
                await self._replace_films(state.version, state.last_change)
            await self._apply_changes()
            return True

    async def _replace_films(self, version: str, last_change: int) -> None:
        arrays = await self._read_file(version) or await self._build(version, last_change)
        self.index.replace_films(arrays)

    async def _get_catalogue_state(self) -> _CatalogueState:
        version = await KeyValueRepository(self._database).get(CATALOGUE_VERSION) or ""
        bounds = select(func.min(film_changes.c.id), func.max(film_changes.c.id))
        ((first, last),) = await self._database.fetch_all(bounds)
        return _CatalogueState(version, first or 0, last or 0)

    async def _read_file(self, version: str) -> IndexArrays | None:
        """Return the arrays of the file if it fits the catalogue except for a few changes, else None."""
        try:
            key, arrays = await asyncio.to_thread(read_index_file, self._path)
        except IndexFileError as error:
            log.info("%s is rebuilt: %s", self._path.name, error)
            return None
        built_from = json.loads(key)
        state = await self._get_catalogue_state()
        fits = built_from["version"] == version and built_from["database"] == await self._get_database_id()
        change = built_from["change"]
        if not fits or state.first_change > change + 1 or state.last_change - change > MANY_CHANGES:
            log.info("%s is rebuilt: the catalogue has changed", self._path.name)
            return None
        self._version, self._last_change = version, change
        return arrays

    async def _get_database_id(self) -> str:
        """Return what identifies this database among others, whose versions and changes may be the same."""
        key_values = KeyValueRepository(self._database)
        name = "database"
        database_id = await key_values.get(name)
        if database_id is None:
            await key_values.set_random_if_missing(name)
            database_id = await key_values.get(name)
        return database_id or ""

    async def _build(self, version: str, last_change: int) -> IndexArrays:
        """Return the arrays of all films, built now and written to the file."""
        builder = IndexBuilder()
        count = 0
        with gc_paused():  # the garbage collector would go through a million entries again and again
            async for entry in self._repository.stream_entries():
                builder.add(entry)
                count += 1
                if count % _ENTRIES_BETWEEN_YIELDS == 0:
                    await asyncio.sleep(0)  # members are still answered from the old index
        arrays = await asyncio.to_thread(builder.build)
        key = json.dumps({"version": version, "database": await self._get_database_id(), "change": last_change})
        try:
            await asyncio.to_thread(write_index_file, self._path, arrays, key)
        except OSError as error:
            log.warning("%s can't be written, so the next start rebuilds it: %s", self._path.name, error)
        else:
            # The file holds these changes; the latest stay for processes that have not applied them yet.
            async with self._database.write(is_upkeep=True) as connection:
                await connection.execute(
                    delete(film_changes).where(film_changes.c.id < last_change - MANY_CHANGES)
                )
        self._version, self._last_change = version, last_change
        log.info("title index: %d films, %d names", arrays.film_count, arrays.name_count)
        return arrays

    async def _apply_changes(self) -> None:
        """Update the index with the films that changed since what it holds."""
        changes = select(film_changes.c.id, film_changes.c.film_id)
        rows = await self._database.fetch_all(changes.where(film_changes.c.id > self._last_change - OVERLAP))
        if not rows:
            return
        missing = {row.film_id for row in rows}
        async for entry in self._repository.stream_entries(missing.copy()):
            missing.discard(entry.film_id)
            if not _is_indexed(self.index, entry):
                self.index.put(entry)
        for film_id in missing:
            self.index.discard(film_id)
        self._last_change = max(row.id for row in rows)


def _is_indexed(index: TitleIndex, entry: TitleEntry) -> bool:
    """Return whether the index has exactly this entry; fame is stored in single precision."""
    indexed = index.get(entry.film_id)
    return (
        indexed is not None
        and isclose(indexed.fame, entry.fame, rel_tol=1e-5)
        and replace(indexed, fame=entry.fame) == entry
    )
