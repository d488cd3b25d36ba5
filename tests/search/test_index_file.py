from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search import index as index_module
from bot.search.build import build_index
from bot.search.engine import TitleIndex
from bot.search.index import (
    ARRAY_FIELDS,
    FILE_MAGIC,
    IndexFileError,
    TitleEntry,
    read_index_file,
    write_index_file,
)

ENTRIES = [
    TitleEntry("burning-2018", "Burning", "버닝", 2018, ("Lee Chang-dong",), ("Beoning",), 70.5),
    TitleEntry("untitled", "…", "…", None),
    TitleEntry("kill-bill-2003", "Kill Bill: Vol. 1", "Kill Bill: Vol. 1", 2003, (), (), 90),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "deep" / "titles.index"
    write_index_file(path, build_index(ENTRIES), "some catalogue")
    return path


def test_a_file_is_read_as_it_was_written(path: Path) -> None:
    key, arrays = read_index_file(path)
    assert key == "some catalogue"
    for name in ARRAY_FIELDS:
        written, read = getattr(build_index(ENTRIES), name), getattr(arrays, name)
        assert written.tobytes() == read.tobytes() if isinstance(written, np.ndarray) else written == read
    index = TitleIndex(arrays)
    assert [index.get(entry.film_id) for entry in ENTRIES] == ENTRIES
    assert index.search("버닝")[0].film_id == "burning-2018"
    index.discard("burning-2018")
    assert index.get("burning-2018") is None
    assert list(path.parent.iterdir()) == [path]


def test_an_index_without_films_can_be_written(tmp_path: Path) -> None:
    write_index_file(tmp_path / "empty", build_index([]), "")
    assert TitleIndex(read_index_file(tmp_path / "empty")[1]).search("burning") == []


def test_writing_again_leaves_open_files_as_they_were(path: Path) -> None:
    index = TitleIndex(read_index_file(path)[1])
    write_index_file(path, build_index(ENTRIES[1:]), "another")
    assert index.search("burning")[0].film_id == "burning-2018"
    assert read_index_file(path)[0] == "another"


@pytest.mark.parametrize("content", [b"", b"x", b"not an index at all " * 100, FILE_MAGIC])
def test_a_foreign_file_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(IndexFileError):
        read_index_file(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(IndexFileError):
            read_index_file(path)


def test_another_layout_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "FILE_VERSION", index_module.FILE_VERSION + 1)
    with pytest.raises(IndexFileError, match="layout"):
        read_index_file(path)


@given(st.data())
def test_any_damage_is_noticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("damaged") / "titles.index"
    write_index_file(path, build_index(ENTRIES), "some catalogue")
    content = path.read_bytes()
    position = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        path.write_bytes(content[:position])
    else:
        changed = bytes([content[position] ^ data.draw(st.integers(1, 255))])
        path.write_bytes(content[:position] + changed + content[position + 1 :])
    with pytest.raises(IndexFileError):
        read_index_file(path)
