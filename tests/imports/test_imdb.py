import asyncio
import gzip
import io
import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.core.database.engine import Database
from bot.core.database.key_value import CATALOGUE_VERSION, KeyValueRepository
from bot.core.errors import InvalidInputError
from bot.films import tables
from bot.films.models import Availability, Credit, CreditJob, Film, RegionalTitle
from bot.films.repository import FilmRepository, PersonRepository
from bot.imports.imdb import ImdbImport, ImdbReport, ImportOptions
from bot.imports.progress import ProgressLines
from bot.imports.starter import import_starter
from bot.sources.imdb.dataset import compute_fame, open_dataset
from bot.sources.imdb.tsv import FileReport
from tests.imports.imdb_files import HEADERS, ROWS, write, write_table

ALL = {f"tt900000{number}" for number in (1, 3, 6)}
STARTER = Film(
    id="two-moons-2011",
    title="Two Moons",
    original_title="Dvě luny",
    year=2011,
    other_titles=("Zwei Monde",),
    runtime=94,
    genres=("Drama",),
    credits=(
        Credit("Novotny Jan", CreditJob.DIRECTOR, None, "novotny-jan"),
        Credit("Ida Ek", CreditJob.CAST, "A", "ida-ek"),
    ),
    logline="Two neighbours watch the sky.",
    availability=(Availability("Somewhere", ("CZ",), date(2025, 1, 1)),),
    ids={"tmdb": "77"},
    fame=50,
)


def list_skipped(report: FileReport) -> set[str]:
    return {reason.describe(count) for reason, count in report.skipped.items()}


def temporary_files(folder: Path) -> list[Path]:
    return list(folder.glob("import-*"))


async def import_files(
    database: Database,
    folder: Path,
    temporary_folder: Path,
    progress: ProgressLines | None = None,
    **options: bool,
) -> ImdbReport:
    progress = progress or ProgressLines(io.StringIO())
    imdb_import = ImdbImport(database, open_dataset(folder), temporary_folder, progress)
    await imdb_import.run(ImportOptions(**options))
    assert temporary_files(temporary_folder) == []
    return imdb_import.report


async def ids_in(database: Database) -> set[str]:
    async with database.read() as connection:
        return set((await connection.execute(select(tables.films.c.id))).scalars())


async def counts(database: Database) -> dict[str, int]:
    async with database.read() as connection:
        return {
            table.name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for table in (tables.films, tables.titles, tables.people, tables.credits, tables.film_ids)
        }


def problems(report: ImdbReport) -> list[str]:
    return [problem for file in report.files for problem in file.problems]


async def test_a_film_is_imported_with_all_that_the_files_hold(database: Database, tmp_path: Path) -> None:
    report = await import_files(database, write(tmp_path / "imdb"), tmp_path)
    assert report.is_complete
    assert await ids_in(database) == ALL
    film = await FilmRepository(database).get("tt9000001")
    assert film == Film(
        id="tt9000001",
        title="The Lamp Lighter",
        original_title="Lykttändaren",
        year=1987,
        regional_titles=(RegionalTitle("The Lamp Lighter", "XWW", "en"), RegionalTitle("등불지기", "KR", "ko")),
        runtime=101,
        genres=("Drama", "Science Fiction"),
        credits=(
            Credit("Mira Holt", CreditJob.CAST, "Ida", "nm9000002"),
            Credit("Otto Brandt", CreditJob.CAST, 'The "Mayor" / His Twin', "nm9000004"),
            Credit("Nil Ray", CreditJob.COMPOSER, None, "nm9000005"),
            Credit("Åsa Lind", CreditJob.DIRECTOR, None, "nm9000001"),
            Credit("Åsa Lind", CreditJob.WRITER, None, "nm9000001"),
            Credit("Mira Holt", CreditJob.WRITER, None, "nm9000002"),
        ),
        ids={"imdb": "tt9000001"},
        fame=pytest.approx(compute_fame(1000)),
        source="imdb",
    )
    bare = await FilmRepository(database).get("tt9000003")
    assert bare is not None
    assert (bare.year, bare.runtime, bare.genres, bare.credits, bare.fame) == (None, None, (), (), 0.0)
    moons = await FilmRepository(database).get("tt9000006")
    assert moons is not None
    assert moons.genres == ("Noir", "Crime")
    assert moons.other_titles == ("Dve luny",)
    assert moons.directors == ("Jan Novotný", "Åsa Lind")
    assert [credit.name for credit in moons.cast] == [f"Extra {order}" for order in range(1, 11)]


async def test_the_report_counts_skipped_lines_by_reason(database: Database, tmp_path: Path) -> None:
    basics, ratings, akas, crew, *_ = (await import_files(database, write(tmp_path / "imdb"), tmp_path)).files
    assert (basics.lines_read, basics.kept) == (6, 3)
    assert list_skipped(basics) == {
        "skipped, of type short: 1",
        "skipped, of type tvSeries: 1",
        "skipped, adult titles: 1",
    }
    assert (ratings.lines_read, ratings.kept) == (3, 2)
    assert list_skipped(ratings) == {"skipped, of titles left out: 1"}
    assert (akas.lines_read, akas.kept) == (6, 4)
    assert list_skipped(akas) == {"skipped, of titles left out: 1", "skipped, listed twice: 1"}
    assert list_skipped(crew) == {"skipped, of titles left out: 1"}


@pytest.mark.parametrize(
    ("options", "more"),
    [({"include_shorts": True}, {"tt9000002"}), ({"include_adult": True}, {"tt9000004"}), ({}, set())],
)
async def test_shorts_and_adult_titles_are_imported_on_request(
    database: Database, tmp_path: Path, options: dict[str, bool], more: set[str]
) -> None:
    await import_files(database, write(tmp_path / "imdb", gzipped=False), tmp_path, **options)
    assert await ids_in(database) == ALL | more


async def test_a_persons_fame_is_the_sum_of_their_films_fame(database: Database, tmp_path: Path) -> None:
    await import_files(database, write(tmp_path / "imdb"), tmp_path)
    people = PersonRepository(database)
    director = await people.get("nm9000001")
    assert director is not None
    assert (director.name, director.film_count) == ("Åsa Lind", 2)
    assert director.fame == pytest.approx(compute_fame(1000) + compute_fame(100_000))
    assert [person.id for person in await people.list_best_known(1)] == ["nm9000001"]
    assert [person.id for person in await people.list_by_name("jan nov", 5)] == ["nm9000003"]
    assert await people.get("nm9000900") is None
    assert await people.get("nm9000111") is None  # the eleventh of a cast
    assert {entry.film_id for entry in await people.list_filmography("nm9000001")} == {"tt9000001", "tt9000006"}


def test_fame_grows_with_the_logarithm_of_votes() -> None:
    assert compute_fame(0) == 0
    assert (
        compute_fame(10)
        < compute_fame(11)
        < compute_fame(2_000_000)
        < compute_fame(3_000_000)
        == 100
        == compute_fame(10**9)
    )
    assert math.isclose(compute_fame(999) * 2, compute_fame(999_999), rel_tol=1e-3)


async def test_importing_again_updates_films_without_duplicates(database: Database, tmp_path: Path) -> None:
    folder = write(tmp_path / "imdb")
    await import_files(database, folder, tmp_path)
    before = await counts(database)
    key_values = KeyValueRepository(database)
    version = await key_values.get(CATALOGUE_VERSION)
    again = await import_files(database, folder, tmp_path)
    assert await counts(database) == before
    assert (again.written.new, again.written.updated) == (0, 3)
    assert await key_values.get(CATALOGUE_VERSION) not in (None, version)
    renamed = [row.replace("Two Moons", "Three Moons") for row in ROWS["title.basics"]]
    await import_files(
        database, write(folder, {"title.basics": renamed, "title.crew": ROWS["title.crew"][:1]}), tmp_path
    )
    film = await FilmRepository(database).get("tt9000006")
    assert film is not None
    assert (film.title, film.directors) == ("Three Moons", ())
    assert await PersonRepository(database).get("nm9000003") is None  # has no film left


async def test_films_of_an_earlier_import_count_for_people_too(database: Database, tmp_path: Path) -> None:
    folder = write(tmp_path / "imdb")
    await import_files(database, folder, tmp_path, include_shorts=True)
    await import_files(database, folder, tmp_path)
    assert await ids_in(database) == ALL | {"tt9000002"}
    director = await PersonRepository(database).get("nm9000001")
    assert director is not None
    assert director.film_count == 3


async def test_facts_from_other_sources_are_kept(database: Database, tmp_path: Path) -> None:
    folder = write(tmp_path / "imdb")
    await import_files(database, folder, tmp_path)
    store = FilmRepository(database)
    film = await store.get("tt9000001")
    assert film is not None
    there = (Availability("Somewhere", ("SE",), date(2025, 1, 1)),)
    more = {"logline": "A lamp goes out.", "availability": there, "ids": film.ids | {"tmdb": "5"}}
    await store.save_many([replace(film, **more)])
    await import_files(database, folder, tmp_path)
    film = await FilmRepository(database).get("tt9000001")
    assert film is not None
    assert {name: getattr(film, name) for name in more} == more


async def test_a_duplicate_keeps_its_id_and_facts_and_gains_ids_and_titles(
    database: Database, tmp_path: Path
) -> None:
    store = FilmRepository(database)
    await store.save_many([STARTER])
    for _ in range(2):
        report = await import_files(database, write(tmp_path / "imdb"), tmp_path)
        assert report.duplicates == 1
        assert await ids_in(database) == {"tt9000001", "tt9000003", "two-moons-2011"}
        gained = replace(STARTER, other_titles=("Zwei Monde", "Dve luny"), ids={"tmdb": "77", "imdb": "tt9000006"})
        assert await FilmRepository(database).get("two-moons-2011") == replace(
            gained, credits=gained.credits[::-1]
        )
    # The director is one person, by the starter's id, as the two made this film; nobody else is.
    people = PersonRepository(database)
    director = await people.get("novotny-jan")
    assert director is not None
    assert director.film_count == 1
    assert await people.get("nm9000003") is None


async def test_a_person_matched_through_a_duplicate_is_the_same_in_all_films(
    database: Database, tmp_path: Path
) -> None:
    await FilmRepository(database).save_many([STARTER])
    crew = [*ROWS["title.crew"][:2], r"tt9000003|nm9000003|\N", ROWS["title.crew"][3]]
    await import_files(database, write(tmp_path / "imdb", {"title.crew": crew}), tmp_path)
    films = await PersonRepository(database).list_filmography("novotny-jan")
    assert {film.film_id for film in films} == {"two-moons-2011", "tt9000003"}
    director = await PersonRepository(database).get("novotny-jan")
    assert director is not None
    assert (director.film_count, director.fame) == (2, 50)


@pytest.mark.parametrize(
    ("film", "duplicates"),
    [
        (replace(STARTER, ids={"imdb": "tt9000006"}, credits=(), title="Luny"), 1),
        (replace(STARTER, ids={"imdb": "tt9000001"}, credits=(), year=1920), 0),  # a mistyped id
        (replace(STARTER, year=2012), 0),
        (replace(STARTER, credits=(Credit("Ivo Novotny", CreditJob.DIRECTOR, None, "ivo-novotny"),)), 0),
        (replace(STARTER, title="Moons Two!", original_title="Moons Two!", other_titles=()), 1),
        (replace(STARTER, title="One Moon", original_title="Luna", other_titles=()), 0),
    ],
)
async def test_which_films_are_duplicates(database: Database, tmp_path: Path, film: Film, duplicates: int) -> None:
    await FilmRepository(database).save_many([film])
    report = await import_files(database, write(tmp_path / "imdb"), tmp_path)
    assert report.duplicates == duplicates
    assert len(await ids_in(database)) == 4 - duplicates


async def test_a_starter_film_loaded_later_takes_its_duplicates_id(database: Database, tmp_path: Path) -> None:
    await import_files(database, write(tmp_path / "imdb"), tmp_path)
    line = {
        "id": "two-moons-2011", "title": "Two Moons", "original_title": "Dvě luny", "also": [],
        "titles": {}, "series": None, "year": 2011,
        "released": "2011-03-04", "runtime": 94, "countries": ["CZ"], "languages": ["cs"], "genres": ["Drama"],
        "directors": ["Jan Novotný"], "writers": [], "music": [], "production": [], "cast": [],
        "logline": "Two neighbours watch the sky.", "streaming": [], "ids": {"tmdb": 77}, "fame": 50,
    }  # fmt: skip
    file = tmp_path / "films.jsonl"
    file.write_text(json.dumps(line), encoding="utf-8")
    for _ in range(2):
        assert (await import_starter(database, FilmRepository(database), file)).problems == []
        assert await ids_in(database) == ALL
        film = await FilmRepository(database).get("tt9000006")
        assert film is not None
        assert film.logline == "Two neighbours watch the sky."
        assert film.ids == {"imdb": "tt9000006", "tmdb": "77"}
        assert "Dve luny" in film.other_titles
        await import_files(database, write(tmp_path / "imdb"), tmp_path)
        assert await ids_in(database) == ALL


def rewrite(folder: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    path = folder / f"{name}.tsv.gz"
    content = gzip.decompress(path.read_bytes())
    path.unlink()
    path.with_suffix("").write_bytes(change(content))


async def test_a_truncated_gzip_is_reported_and_earlier_lines_are_kept(database: Database, tmp_path: Path) -> None:
    rows = [rf"tt8{number:06}|movie|Film {number}|Film {number}|0|2000|\N|90|Drama" for number in range(20_000)]
    folder = write(tmp_path / "imdb", {"title.basics": rows})
    path = folder / "title.basics.tsv.gz"
    path.write_bytes(path.read_bytes()[:-2_000])
    report = await import_files(database, folder, tmp_path)
    assert not report.is_complete
    (problem,) = problems(report)
    films = len(await ids_in(database))
    assert 0 < films < 20_000
    assert problem.startswith(f"title.basics.tsv.gz:{films + 2}: the file is damaged from here on (")


async def test_gzip_damaged_in_the_middle(database: Database, tmp_path: Path) -> None:
    folder = write(tmp_path / "imdb")
    path = folder / "title.akas.tsv.gz"
    content = path.read_bytes()
    path.write_bytes(content[:-8] + bytes(8))  # the checksum
    report = await import_files(database, folder, tmp_path)
    assert [problem.partition(" (")[0] for problem in problems(report)] == [
        "title.akas.tsv.gz:8: the file is damaged from here on"
    ]
    assert await ids_in(database) == ALL


async def test_half_a_line_at_the_end_is_reported(database: Database, tmp_path: Path) -> None:
    folder = write(tmp_path / "imdb")
    rewrite(folder, "title.basics", lambda content: content[:-20])
    report = await import_files(database, folder, tmp_path)
    assert problems(report) == ["title.basics.tsv:7: half a line: the file breaks off here"]
    assert await ids_in(database) == {"tt9000001", "tt9000003"}


async def test_a_line_with_too_few_columns_is_reported_and_skipped(database: Database, tmp_path: Path) -> None:
    folder = write(tmp_path / "imdb", {"title.basics": ["tt9000000|movie|Half", *ROWS["title.basics"]]})
    report = await import_files(database, folder, tmp_path)
    assert problems(report) == ["title.basics.tsv.gz:2: 3 columns instead of 9"]
    assert await ids_in(database) == ALL


async def test_a_line_that_is_not_utf_8_is_reported_and_skipped(database: Database, tmp_path: Path) -> None:
    folder = write(tmp_path / "imdb")
    rewrite(folder, "title.basics", lambda content: content.replace("Lykttändaren".encode(), b"Lyktt\xe4ndaren"))
    report = await import_files(database, folder, tmp_path)
    assert problems(report) == ["title.basics.tsv:2: not UTF-8 at byte 38 of the line"]
    assert await ids_in(database) == ALL - {"tt9000001"}


async def test_windows_line_ends_and_a_byte_order_mark_are_accepted(database: Database, tmp_path: Path) -> None:
    folder = write(tmp_path / "imdb")
    rewrite(folder, "title.basics", lambda content: b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"))
    report = await import_files(database, folder, tmp_path)
    assert report.is_complete
    film = await FilmRepository(database).get("tt9000006")
    assert film is not None
    assert film.genres == ("Noir", "Crime")


async def test_a_line_without_an_end_does_not_fill_memory(database: Database, tmp_path: Path) -> None:
    folder = write(tmp_path / "imdb")
    rewrite(folder, "title.akas", lambda content: content + b"x" * 5_000_000)
    report = await import_files(database, folder, tmp_path)
    assert problems(report) == ["title.akas.tsv:8: the file is damaged from here on (a line without an end)"]


@pytest.mark.parametrize("name", ["title.akas", "title.ratings", "title.crew", "title.principals", "name.basics"])
async def test_a_damaged_file_leaves_existing_films_unchanged(
    database: Database, tmp_path: Path, name: str
) -> None:
    folder = write(tmp_path / "imdb")
    await import_files(database, folder, tmp_path)
    before = {film_id: await FilmRepository(database).get(film_id) for film_id in sorted(ALL)}
    rewrite(folder, name, lambda content: content[: content.index(b"\n") + 12])
    report = await import_files(database, folder, tmp_path)
    assert not report.is_complete
    assert report.written.preserved > 0
    assert {film_id: await FilmRepository(database).get(film_id) for film_id in sorted(ALL)} == before


async def test_unsorted_files_give_the_same_result(database: Database, tmp_path: Path) -> None:
    folder = write(tmp_path / "imdb", {name: rows[::-1] for name, rows in ROWS.items()})
    report = await import_files(database, folder, tmp_path)
    assert report.is_complete
    assert await ids_in(database) == ALL
    moons = await FilmRepository(database).get("tt9000006")
    assert moons is not None
    assert [credit.name for credit in moons.cast] == [f"Extra {order}" for order in range(1, 11)]
    assert moons.fame == pytest.approx(compute_fame(100_000))


async def test_further_columns_and_another_order_are_accepted(database: Database, tmp_path: Path) -> None:
    folder = write(tmp_path / "imdb")
    header = ["new", *HEADERS["title.ratings"].split()[::-1]]
    write_table(folder, "title.ratings", header, ["x|1000|7.1|tt9000001"])
    write_table(folder, "title.crew", ["tconst", "directors"], ["tt9000001|nm9000001"])
    assert (await import_files(database, folder, tmp_path)).is_complete
    film = await FilmRepository(database).get("tt9000001")
    assert film is not None
    assert film.fame == pytest.approx(compute_fame(1000))
    assert (film.directors, film.list_names(CreditJob.WRITER)) == (("Åsa Lind",), ())


def test_all_missing_files_and_columns_are_named_before_anything_is_read(tmp_path: Path) -> None:
    folder = write(tmp_path / "imdb")
    (folder / "title.crew.tsv.gz").unlink()
    write_table(folder, "title.akas", ["titleId", "ordering", "title", "language"], [])
    (folder / "name.basics.tsv.gz").write_bytes(b"\x1f\x8bnot gzip at all")
    rewrite(folder, "title.ratings", lambda content: content.decode().encode("utf-16"))
    with pytest.raises(InvalidInputError) as refused:
        open_dataset(folder)
    lines = str(refused.value).splitlines()
    assert [line.partition(" ")[0] for line in lines] == [
        "title.ratings.tsv:1:", "title.akas.tsv.gz:1:", "title.crew.tsv.gz", "name.basics.tsv.gz:1:",
    ]  # fmt: skip
    assert lines[1] == "title.akas.tsv.gz:1: no column region in the file's first line."


async def test_credits_of_unnamed_people_are_left_out(database: Database, tmp_path: Path) -> None:
    folder = write(tmp_path / "imdb", {"name.basics": ROWS["name.basics"][1:]})
    report = await import_files(database, folder, tmp_path)
    assert report.unnamed_credits == 3
    film = await FilmRepository(database).get("tt9000001")
    assert film is not None
    assert film.directors == ()


async def test_unusable_values_are_left_out_and_the_film_is_kept(database: Database, tmp_path: Path) -> None:
    basics = [
        r"tt9000001|movie|A\u0000B  |C|0|12|\N|-5|Space,Drama".replace("\\u0000", "\0"),
        r"ttx|movie|X|X|0|\N|\N|\N|\N",
    ]
    principals = [r"tt9000001|1|nm9000002|actress|\N|[broken", r"tt9000001|x|nm9000004|actor|\N|\N"]
    ratings = ["tt9000001|7.1|many"]
    changes = {"title.basics": basics, "title.principals": principals, "title.ratings": ratings}
    report = await import_files(database, write(tmp_path / "imdb", changes), tmp_path)
    film = await FilmRepository(database).get("tt9000001")
    assert film is not None
    assert (film.title, film.year, film.runtime, film.genres, film.fame) == ("A B", None, None, ("Drama",), 0.0)
    assert film.cast == (Credit("Mira Holt", CreditJob.CAST, None, "nm9000002"),)
    assert list_skipped(report.files[0]) == {"skipped, without a usable ID or title: 1"}


async def test_an_interrupted_import_keeps_what_was_written(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(ProgressLines):
        def update(self, done: int, rows: int) -> None:
            if self._step.label == "films":
                raise asyncio.CancelledError

    monkeypatch.setattr("bot.imports.imdb.FILMS_PER_BATCH", 1)
    folder = write(tmp_path / "imdb")
    with pytest.raises(asyncio.CancelledError):
        await import_files(database, folder, tmp_path, Interrupted(io.StringIO()))
    assert await ids_in(database) == {"tt9000001"}
    assert await KeyValueRepository(database).get(CATALOGUE_VERSION) is not None
    film = await FilmRepository(database).get("tt9000001")
    await import_files(database, folder, tmp_path)
    assert await ids_in(database) == ALL
    assert await FilmRepository(database).get("tt9000001") == film


async def test_progress_shows_rows_and_rate(database: Database, tmp_path: Path) -> None:
    output = io.StringIO()
    await import_files(database, write(tmp_path / "imdb"), tmp_path, ProgressLines(output))
    lines = output.getvalue().splitlines()
    assert len(lines) == 9
    assert re.fullmatch(r"title\.basics\.tsv\.gz: 6 rows, [\d,]+ rows/s, [\d.]+ s", lines[0])
    assert lines[7].startswith("films: 3 rows")
