"""Opens what films are looked up in: the database, the starter catalogue in it, the title index."""

import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.config import Settings
from bot.core.database.engine import Database
from bot.core.database.key_value import CATALOGUE_VERSION, FactStore
from bot.films.deduplication_repository import adopted
from bot.films.repository import FilmStore
from bot.films.title_index import TitleIndexKeeper
from bot.search.index import TitleIndex
from bot.sources import starter
from bot.sources.starter import bundled_data_path

log = logging.getLogger(__name__)
TITLE_INDEX = "titles.index"
STARTER_FACT = "starter catalogue"


@asynccontextmanager
async def open_catalogue(settings: Settings) -> AsyncIterator[tuple[Database, FilmStore]]:
    """Open the database alone, with the starter catalogue in it: imports need no index over a million films.

    Raises StorageUnavailableError where the database can't be opened.
    """
    database = await Database.open(settings.database_url)
    try:
        film_store = FilmStore(database)
        await load_starter(database, film_store)
        yield database, film_store
    finally:
        await database.close()


@asynccontextmanager
async def open_titles(settings: Settings) -> AsyncIterator[TitleIndex]:
    """Open the title index, and nothing that look-up can do without.

    Raises StorageUnavailableError where the database can't be opened.
    """
    async with open_catalogue(settings) as (database, film_store):
        yield await title_index(settings, database, film_store).open()


def title_index(settings: Settings, database: Database, film_store: FilmStore) -> TitleIndexKeeper:
    """Give what keeps the title index of that database, in its file in the data directory."""
    return TitleIndexKeeper(database, film_store, settings.data_dir / TITLE_INDEX)


async def load_starter(database: Database, film_store: FilmStore) -> None:
    """Load the bundled catalogue unless this very one was loaded before."""
    path = bundled_data_path("films.jsonl")
    if await FactStore(database).get(STARTER_FACT) == starter.fingerprint(path):
        return
    catalogue = await import_starter(database, film_store, path)
    for problem in catalogue.problems:
        log.warning("left out of the starter catalogue: %s", problem)


async def import_starter(database: Database, film_store: FilmStore, path: Path) -> starter.StarterCatalogue:
    """Load the catalogue file into the database and give what was read, bad lines included.

    Films that are no longer in the file stay: members may have rated them. Raises OSError where the file
    can't be read.
    """
    catalogue = starter.load(path)
    await film_store.put_many(await adopted(database, film_store, "imdb", catalogue.films))
    facts = FactStore(database)
    await facts.put(CATALOGUE_VERSION, uuid.uuid4().hex)
    await facts.put(STARTER_FACT, catalogue.fingerprint)
    log.info("starter catalogue: %d films", len(catalogue.films))
    return catalogue
