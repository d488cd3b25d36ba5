"""Loads the starter catalogue, or a file in its format, into the database."""

import logging
import uuid
from dataclasses import replace
from pathlib import Path

from bot.core.database.engine import Database
from bot.core.database.key_value import CATALOGUE_VERSION, KeyValueRepository
from bot.films.deduplication import add_titles_and_ids, unordered_keys
from bot.films.models import Film, RegionalTitle
from bot.films.repository import FilmRepository
from bot.imports.repository import ImportRepository
from bot.sources import starter

log = logging.getLogger(__name__)
STARTER_FILE = "films.jsonl"
STARTER_FINGERPRINT = "starter catalogue"
"""The key under which the database keeps the fingerprint of the file that was loaded last."""
BULK_SOURCE = "imdb"
"""The source that the starter catalogue's films may have been imported from before."""


async def load_starter(database: Database, film_repository: FilmRepository) -> None:
    """Load the bundled catalogue unless this very file was loaded before."""
    path = starter.bundled_data_path(STARTER_FILE)
    if await KeyValueRepository(database).get(STARTER_FINGERPRINT) == starter.fingerprint(path):
        return
    catalogue = await import_starter(database, film_repository, path)
    for problem in catalogue.problems:
        log.warning("left out of the starter catalogue: %s", problem)


async def import_starter(
    database: Database, film_repository: FilmRepository, path: Path
) -> starter.StarterCatalogue:
    """Load a catalogue file into the database and return what was read, bad lines included.

    Films that are no longer in the file stay: members may have rated them. Raises OSError where the file can't be
    read.
    """
    catalogue = starter.load(path)
    repository = ImportRepository(database)
    films = catalogue.films
    if await repository.has_ids_of(BULK_SOURCE):
        films = [await _merge_with_existing(film, film_repository, repository) for film in films]
    await film_repository.save_many(films)
    key_values = KeyValueRepository(database)
    await key_values.set(CATALOGUE_VERSION, uuid.uuid4().hex)
    await key_values.set(STARTER_FINGERPRINT, catalogue.fingerprint)
    log.info("starter catalogue: %d films", len(catalogue.films))
    return catalogue


async def _merge_with_existing(film: Film, film_repository: FilmRepository, repository: ImportRepository) -> Film:
    """Return the film as it is to be stored beside IMDb's.

    One that has gained titles and ids from there keeps them. A new one that the catalogue already has from IMDb
    takes over its id, which members' ratings refer to.
    """
    existing = await film_repository.get(film.id)
    if existing is not None:
        has_gained = BULK_SOURCE in existing.ids
        return add_titles_and_ids(film, existing.regional_titles, existing.ids) if has_gained else film
    for film_id in await repository.find_similar_films(film, BULK_SOURCE):
        duplicate = await film_repository.get(film_id)
        if duplicate is None:
            continue
        has_same_id = BULK_SOURCE in film.ids and film.ids[BULK_SOURCE] == duplicate.ids.get(BULK_SOURCE)
        share_title = unordered_keys(duplicate.titles) & unordered_keys(film.titles)
        if has_same_id or (BULK_SOURCE not in film.ids and share_title):
            titles = (*(RegionalTitle(title) for title in duplicate.titles), *duplicate.regional_titles)
            return replace(add_titles_and_ids(film, titles, duplicate.ids), id=duplicate.id)
    return film
