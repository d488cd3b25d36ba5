"""Opens what films are looked up in: the database with the starter catalogue in it, and the title index."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.config import Settings
from bot.core.database.engine import Database, storage_failures
from bot.films.repository import FilmRepository
from bot.films.service import FilmService
from bot.films.title_index import TitleIndexManager
from bot.imports.starter import load_starter

TITLE_INDEX_FILE = "titles.index"


@asynccontextmanager
async def open_catalogue(settings: Settings) -> AsyncIterator[tuple[Database, FilmRepository]]:
    """Return the database with the starter catalogue in it, open inside the block; no title index, as for imports.

    Raises StorageUnavailableError where the database can't be opened or used.
    """
    with storage_failures(settings.database_url):
        database = await Database.open(settings.database_url, settings.database_pool_size)
        try:
            film_repository = FilmRepository(database)
            await load_starter(database, film_repository)
            yield database, film_repository
        finally:
            await database.close()


@asynccontextmanager
async def open_titles(settings: Settings) -> AsyncIterator[FilmService]:
    """Return the look-up of films by title, with nothing open that it can do without.

    Raises StorageUnavailableError where the database can't be opened.
    """
    async with open_catalogue(settings) as (database, film_repository):
        index = await title_index(settings, database, film_repository).open()
        yield FilmService(film_repository, index)


def title_index(settings: Settings, database: Database, film_repository: FilmRepository) -> TitleIndexManager:
    """Return the manager of the title index, which has its file in the data directory."""
    return TitleIndexManager(database, film_repository, settings.data_dir / TITLE_INDEX_FILE)
