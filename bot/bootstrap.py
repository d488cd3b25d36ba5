"""Opens what films are looked up in: the database with the starter catalogue in it, and the title index."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.config import Settings
from bot.core.database.engine import Database
from bot.films.repository import FilmStore
from bot.films.title_index import TitleIndexManager
from bot.imports.starter import load_starter
from bot.search.engine import TitleIndex

TITLE_INDEX_FILE = "titles.index"


@asynccontextmanager
async def open_catalogue(settings: Settings) -> AsyncIterator[tuple[Database, FilmStore]]:
    """Open the database with the starter catalogue in it, without a title index, which imports don't need.

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
    """Open the title index, and nothing that title look-up can do without.

    Raises StorageUnavailableError where the database can't be opened.
    """
    async with open_catalogue(settings) as (database, film_store):
        yield await title_index(settings, database, film_store).open()


def title_index(settings: Settings, database: Database, film_store: FilmStore) -> TitleIndexManager:
    """Return the manager of the title index, which has its file in the data directory."""
    return TitleIndexManager(database, film_store, settings.data_dir / TITLE_INDEX_FILE)
