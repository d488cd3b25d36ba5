from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.database.engine import Database
from bot.core.database.key_value import CATALOGUE_VERSION, FactStore
from bot.films import repository as films_module
from bot.films import title_index as titles_module
from bot.films.models import Credit, Film, Job
from bot.films.repository import FilmStore
from bot.films.title_index import TitleIndexManager
from bot.search import index_file

BURNING = Film("burning-2018", "Burning", "버닝", 2018, also=("Beoning",), fame=70.3)
POETRY = Film(
    "poetry-2010", "Poetry", "시", 2010, credits=(Credit("Lee Chang-dong", Job.DIRECTOR, None, "lee-chang-dong"),)
)
OASIS = Film("oasis-2002", "Oasis", "오아시스", 2002)

Open = Callable[[], TitleIndexManager]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "titles.index"


@pytest.fixture
async def store(database: Database) -> AsyncIterator[FilmStore]:
    store = FilmStore(database)
    await store.put_many([BURNING, POETRY])
    return store


@pytest.fixture
def another(database: Database, store: FilmStore, path: Path) -> Open:
    """Another process's keeper of the same database and file."""
    return lambda: TitleIndexManager(database, FilmStore(database), path)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files written so far."""
    written: list[Path] = []
    write = index_file.write

    def noted(path: Path, *rest: object) -> None:
        written.append(path)
        write(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(titles_module.index_file, "write", noted)
    return written


async def test_the_first_start_builds_the_file_and_the_next_reads_it(another: Open, built: list[Path]) -> None:
    first = await another().open()
    second = await another().open()
    assert len(built) == 1
    for index in (first, second):
        assert [match.film_id for match in index.search("beoning")] == ["burning-2018"]
        poetry = index.get("poetry-2010")
        assert poetry is not None
        assert poetry.directors == ("Lee Chang-dong",)


async def test_what_changed_since_the_file_was_built_is_known_without_building(
    another: Open, store: FilmStore, built: list[Path]
) -> None:
    await another().open()
    await store.put_many([OASIS, replace(BURNING, title="Barn Burning", also=())])
    await store.delete("poetry-2010")
    index = await another().open()
    assert len(built) == 1
    assert len(index) == 2
    assert index.search("oasis")[0].film_id == "oasis-2002"
    assert index.search("barn burning")[0].film_id == "burning-2018"
    assert index.get("poetry-2010") is None


async def test_a_running_process_takes_over_what_others_change(another: Open, store: FilmStore) -> None:
    keeper = another()
    index = await keeper.open()
    assert not await keeper.refresh()
    await store.put_many([OASIS])
    assert await keeper.refresh()
    assert index.search("oasis")[0].film_id == "oasis-2002"
    assert not await keeper.refresh()


async def test_an_import_makes_the_file_old(
    another: Open, store: FilmStore, database: Database, built: list[Path]
) -> None:
    keeper = another()
    index = await keeper.open()
    await store.put_many([OASIS])
    await FactStore(database).put(CATALOGUE_VERSION, "after an import")
    assert await keeper.refresh()
    assert index.search("oasis")[0].film_id == "oasis-2002"
    assert len(built) == 2
    assert len(await another().open()) == 3
    assert len(built) == 2


async def test_many_films_at_once_count_as_an_import(
    another: Open, store: FilmStore, built: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(films_module, "MANY_CHANGES", 1)
    await another().open()
    await store.put_many([OASIS, replace(BURNING, title="Barn Burning")])
    assert len(await another().open()) == 3
    assert len(built) == 2


def damage(path: Path, content: bytes | None) -> None:
    """Put something else into the file, or cut its end off."""
    path.write_bytes(path.read_bytes()[:-100] if content is None else content)


@pytest.mark.parametrize("content", [b"", b"not an index", b"MARQUEE TITLES\r\n" + b"\x01" * 500])
async def test_a_damaged_file_is_built_anew(another: Open, path: Path, built: list[Path], content: bytes) -> None:
    await another().open()
    damage(path, content)
    assert (await another().open()).search("burning")[0].film_id == "burning-2018"
    assert len(built) == 2


async def test_a_file_cut_short_is_built_anew(another: Open, path: Path, built: list[Path]) -> None:
    await another().open()
    damage(path, None)
    assert (await another().open()).search("burning")[0].film_id == "burning-2018"
    assert len(built) == 2


async def test_another_databases_file_is_built_anew(another: Open, path: Path, tmp_path: Path) -> None:
    await another().open()
    other = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'other.db'}")
    index = await TitleIndexManager(other, FilmStore(other), path).open()
    assert len(index) == 0
    await other.close()


async def test_a_folder_that_cannot_be_written_still_gives_an_index(
    database: Database, store: FilmStore, tmp_path: Path
) -> None:
    damage(tmp_path / "taken", b"a file, no folder")
    index = await TitleIndexManager(database, store, tmp_path / "taken" / "titles.index").open()
    assert len(index) == 2


async def test_films_stream_by_in_pieces(store: FilmStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films_module, "ENTRIES", 1)
    assert [entry.film_id async for entry in store.entries()] == ["burning-2018", "poetry-2010"]
    assert [entry.film_id async for entry in store.entries(["poetry-2010", "nothing"])] == ["poetry-2010"]
