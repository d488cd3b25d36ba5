"""`marquee import imdb`, as an operator uses it."""

from pathlib import Path

from tests.cli.test_main import folder
from tests.command_line import marquee
from tests.imports.imdb_files import write

__all__ = ["folder"]  # the fixture


def test_imported_films_are_found_beside_the_starter_catalogue(folder: Path) -> None:
    write(folder / "imdb")
    done = marquee("import", "imdb", "imdb", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "title.basics.tsv.gz: 6 lines read · films: 3" in done.stdout
    assert "  skipped, adult titles: 1" in done.stdout
    assert "films: 3 new, 0 updated" in done.stdout
    assert "title.basics.tsv.gz: 6 rows, " in done.stderr
    assert "[tt9000001]" in marquee("find", "등불지기", folder=folder).stdout
    assert "[ballerina-2023]" in marquee("find", "ballerina 2023", folder=folder).stdout


def test_a_damaged_file_is_named_with_exit_code_1(folder: Path) -> None:
    write(folder / "imdb")
    path = folder / "imdb" / "title.akas.tsv.gz"
    path.write_bytes(path.read_bytes()[:-9])
    done = marquee("import", "imdb", "imdb", "--shorts", folder=folder)
    assert done.returncode == 1
    assert "title.akas.tsv.gz:" in done.stderr
    assert "Traceback" not in done.stderr
    assert "[tt9000002]" in marquee("find", "a short walk 1990", folder=folder).stdout


def test_a_missing_file_is_named_with_exit_code_2(folder: Path) -> None:
    write(folder / "imdb")
    (folder / "imdb" / "name.basics.tsv.gz").unlink()
    done = marquee("import", "imdb", "imdb", folder=folder)
    assert done.returncode == 2
    assert "name.basics.tsv.gz isn't in imdb" in done.stderr
