"""What all starts of bots read of one catalogue, read once in a process for all the bots that tests start."""

from pathlib import Path

from sqlalchemy import func, select

from bot.core.database.engine import Database
from bot.core.database.key_value import CATALOGUE_VERSION, KeyValueRepository
from bot.films.models import Person
from bot.films.repository import PersonRepository
from bot.films.tables import film_changes
from bot.recommendations import model_cache
from bot.recommendations.repository import RecommendationRepository
from bot.sources import starter

_list_best_known, _fingerprint = PersonRepository.list_best_known, starter.fingerprint
_read_shared_data = model_cache.ModelCache._read_shared_data
_people: dict[tuple[str, int], list[Person]] = {}
"""The best known people by the version of the catalogue, which is random, and the limit."""
_shared_data: dict[str, model_cache._SharedData] = {}
"""What all servers' recommendations are fitted on, by the version of the catalogue."""
_fingerprints: dict[tuple[Path, int, int], str] = {}
"""The fingerprints of files by their path, size and time."""


async def _get_unchanged_version(database: Database) -> str | None:
    """Return the version of the catalogue, None if there is none or a film has changed since it was imported."""
    ((changes,),) = await database.fetch_all(select(func.count()).select_from(film_changes))
    return None if changes else await KeyValueRepository(database).get(CATALOGUE_VERSION)


async def _list_best_known_once(repository: PersonRepository, limit: int) -> list[Person]:
    """Return what the repository lists; read anew unless the catalogue is exactly as it was imported."""
    version = await _get_unchanged_version(repository._database)
    if version is None:
        return await _list_best_known(repository, limit)
    if (version, limit) not in _people:
        _people[version, limit] = await _list_best_known(repository, limit)
    return list(_people[version, limit])


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
    PersonRepository.list_best_known = _list_best_known_once  # type: ignore[method-assign]
    model_cache.ModelCache._read_shared_data = _read_shared_data_once  # type: ignore[method-assign]
    starter.fingerprint = _fingerprint_once
