"""What all starts of bots read of one catalogue, read once in a process for all the bots that tests start."""

from pathlib import Path

from sqlalchemy import func, select

from bot.core.database.engine import Database
from bot.core.database.key_value import CATALOGUE_VERSION, KeyValueRepository
from bot.films.models import Person
from bot.films.people_service import PersonService
from bot.films.repository import PersonRepository
from bot.films.tables import film_changes, films
from bot.recommendations import model_cache
from bot.recommendations.repository import RecommendationRepository
from bot.sources import starter

_load_people, _fingerprint = PersonService.load, starter.fingerprint
_read_shared_data = model_cache.ModelCache._read_shared_data
_people: dict[tuple[str, int], list[Person]] = {}
"""The best known people, in order, by the version of the catalogue, which is random, and their greatest number."""
_shared_data: dict[str, model_cache._SharedData] = {}
"""What all servers' recommendations are fitted on, by the version of the catalogue."""
_fingerprints: dict[tuple[Path, int, int], str] = {}
"""The fingerprints of files by their path, size and time."""


async def _get_unchanged_version(database: Database) -> str | None:
    """Return the version of the catalogue, None if there is none or a film has changed since it was imported.

    A test may have deleted films without a record of it: one without films is none.
    """
    ((changes,),) = await database.fetch_all(select(func.count()).select_from(film_changes))
    has_films = await database.fetch_all(select(films.c.id).limit(1))
    return None if changes or not has_films else await KeyValueRepository(database).get(CATALOGUE_VERSION)


async def _load_people_once(service: PersonService) -> None:
    """Read the best known people into memory, or take those that another bot has read of the same catalogue."""
    version = None
    if type(service.repository) is PersonRepository:  # and not a test's own
        version = await _get_unchanged_version(service.repository._database)
    if version is None:
        await _load_people(service)
        return
    key = (version, service._in_memory)
    if key not in _people:
        await _load_people(service)
        _people[key] = service._people
    service._people, service._names = _people[key], None


async def _read_shared_data_once(cache: model_cache.ModelCache) -> model_cache._SharedData:
    """Return the films' facts; read anew if there are rating sets or the catalogue is not exactly as imported."""
    repository = cache._repository
    if not isinstance(repository, RecommendationRepository) or await repository.list_rating_sets():
        return await _read_shared_data(cache)
    version = await _get_unchanged_version(repository._database)
    if version is None:
        return await _read_shared_data(cache)
    if version not in _shared_data:
        _shared_data[version] = await _read_shared_data(cache)
    return _shared_data[version]


def _fingerprint_once(path: Path) -> str:
    """Return the file's fingerprint; computed anew when the file has changed."""
    state = path.stat()
    key = (path, state.st_size, state.st_mtime_ns)
    if key not in _fingerprints:
        _fingerprints[key] = _fingerprint(path)
    return _fingerprints[key]


def install() -> None:
    """Let all bots of this process share what they read."""
    PersonService.load = _load_people_once  # type: ignore[method-assign]
    model_cache.ModelCache._read_shared_data = _read_shared_data_once  # type: ignore[method-assign]
    starter.fingerprint = _fingerprint_once
