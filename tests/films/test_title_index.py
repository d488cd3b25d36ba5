from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.database.engine import Database
from bot.core.database.key_value import CATALOGUE_VERSION, KeyValueRepository
from bot.films import repository as repository_module
from bot.films import title_index as title_index_module
from bot.films.models import Credit, CreditJob, Film
from bot.films.repository import FilmRepository
from bot.films.title_index import TitleIndexManager
from bot.search.index import write_index_file
from tests.repositories import delete_film

BURNING = Film("burning-2018", "Burning", "버닝", 2018, other_titles=("Beoning",), fame=70.3)
POETRY = Film(
    "poetry-2010",
    "Poetry",
    "시",
    2010,
    credits=(Credit("Lee Chang-dong", CreditJob.DIRECTOR, None, "lee-chang-dong"),),
)
OASIS = Film("oasis-2002", "Oasis", "오아시스", 2002)

CreateManager = Callable[[], TitleIndexManager]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "titles.index"


@pytest.fixture
async def store(database: Database) -> AsyncIterator[FilmRepository]:
    store = FilmRepository(database)
    await store.save_many([BURNING, POETRY])
    return store


@pytest.fixture
def create_manager(database: Database, store: FilmRepository, path: Path) -> CreateManager:
    """Return a function that creates a manager, like another process's, of the same database and file."""
    return lambda: TitleIndexManager(database, FilmRepository(database), path)


@pytest.fixture
def written_files(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Record the index files that are written."""
    written: list[Path] = []
    write = write_index_file

    def record_and_write(path: Path, *rest: object) -> None:
        written.append(path)
        write(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(title_index_module, "write_index_file", record_and_write)
    return written


async def test_the_first_start_builds_the_file_and_the_next_reads_it(
    create_manager: CreateManager, written_files: list[Path]
) -> None:
    first = await create_manager().open()
    second = await create_manager().open()
    assert len(written_files) == 1
    for index in (first, second):
        assert [match.film_id for match in index.search("beoning")] == ["burning-2018"]
        poetry = index.get("poetry-2010")
        assert poetry is not None
        assert poetry.directors == ("Lee Chang-dong",)


async def test_changes_since_the_file_was_built_are_applied_without_rebuilding(
    database: Database, create_manager: CreateManager, store: FilmRepository, written_files: list[Path]
) -> None:
    await create_manager().open()
    await store.save_many([OASIS, replace(BURNING, title="Barn Burning", other_titles=())])
    await delete_film(database, store, "poetry-2010")
    index = await create_manager().open()
    assert len(written_files) == 1
    assert len(index) == 2
    assert index.search("oasis")[0].film_id == "oasis-2002"
    assert index.search("barn burning")[0].film_id == "burning-2018"
    assert index.get("poetry-2010") is None


async def test_a_running_process_applies_what_others_change(
    create_manager: CreateManager, store: FilmRepository
) -> None:
    manager = create_manager()
    index = await manager.open()
    assert not await manager.refresh()
    await store.save_many([OASIS])
    assert await manager.refresh()
    assert index.search("oasis")[0].film_id == "oasis-2002"
    assert not await manager.refresh()


async def test_an_import_makes_the_file_obsolete(
    create_manager: CreateManager, store: FilmRepository, database: Database, written_files: list[Path]
) -> None:
    manager = create_manager()
    index = await manager.open()
    await store.save_many([OASIS])
    await KeyValueRepository(database).set(CATALOGUE_VERSION, "after an import")
    assert await manager.refresh()
    assert index.search("oasis")[0].film_id == "oasis-2002"
    assert len(written_files) == 2
    assert len(await create_manager().open()) == 3
    assert len(written_files) == 2


async def test_many_films_at_once_count_as_an_import(
    create_manager: CreateManager,
    store: FilmRepository,
    written_files: list[Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(repository_module, "MANY_CHANGES", 1)
    await create_manager().open()
    await store.save_many([OASIS, replace(BURNING, title="Barn Burning")])
    assert len(await create_manager().open()) == 3
    assert len(written_files) == 2


def damage(path: Path, content: bytes | None) -> None:
    """Put something else into the file, or cut its end off."""
    path.write_bytes(path.read_bytes()[:-100] if content is None else content)


@pytest.mark.parametrize("content", [b"", b"not an index", b"MARQUEE TITLES\r\n" + b"\x01" * 500])
async def test_a_damaged_file_is_rebuilt(
    create_manager: CreateManager, path: Path, written_files: list[Path], content: bytes
) -> None:
    await create_manager().open()
    damage(path, content)
    assert (await create_manager().open()).search("burning")[0].film_id == "burning-2018"
    assert len(written_files) == 2


async def test_a_file_cut_short_is_rebuilt(
    create_manager: CreateManager, path: Path, written_files: list[Path]
) -> None:
    await create_manager().open()
    damage(path, None)
    assert (await create_manager().open()).search("burning")[0].film_id == "burning-2018"
    assert len(written_files) == 2


async def test_another_databases_file_is_rebuilt(
    create_manager: CreateManager, path: Path, tmp_path: Path
) -> None:
    await create_manager().open()
    other = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'other.db'}")
    index = await TitleIndexManager(other, FilmRepository(other), path).open()
    assert len(index) == 0
    await other.close()


async def test_an_index_opens_though_its_file_cannot_be_written(
    database: Database, store: FilmRepository, tmp_path: Path
) -> None:
    damage(tmp_path / "taken", b"a file, no folder")
    index = await TitleIndexManager(database, store, tmp_path / "taken" / "titles.index").open()
    assert len(index) == 2


async def test_entries_are_read_in_batches(store: FilmRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository_module, "ENTRIES_BATCH", 1)
    assert [entry.film_id async for entry in store.stream_entries()] == ["burning-2018", "poetry-2010"]
    assert [entry.film_id async for entry in store.stream_entries(["poetry-2010", "nothing"])] == ["poetry-2010"]
