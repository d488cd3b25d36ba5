"""What all starts of bots read of one catalogue, read once in a process for all the bots that tests start."""

from pathlib import Path

from sqlalchemy import func, select

from bot.core.database.key_value import CATALOGUE_VERSION, KeyValueRepository
from bot.films.models import Person
from bot.films.repository import PersonRepository
from bot.films.tables import film_changes
from bot.sources import starter

_list_best_known, _fingerprint = PersonRepository.list_best_known, starter.fingerprint
_people: dict[tuple[str, int], list[Person]] = {}
"""The best known people by the version of the catalogue, which is random, and the limit."""
_fingerprints: dict[tuple[Path, int, int], str] = {}
"""The fingerprints of files by their path, size and time."""


async def _list_best_known_once(repository: PersonRepository, limit: int) -> list[Person]:
    """Return what the repository lists; read anew unless the catalogue is exactly as it was imported."""
    database = repository._database
    version = await KeyValueRepository(database).get(CATALOGUE_VERSION)
    ((changes,),) = await database.fetch_all(select(func.count()).select_from(film_changes))
    if version is None or changes:
        return await _list_best_known(repository, limit)
    if (version, limit) not in _people:
        _people[version, limit] = await _list_best_known(repository, limit)
    return list(_people[version, limit])


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
    starter.fingerprint = _fingerprint_once
