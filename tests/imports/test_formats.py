"""Every format is recognised by its content and read in full; hostile files are refused with a reason."""

import json
import struct
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.imports.formats import files, json_parts
from bot.imports.formats.files import FileProblem, UnreadableFileError
from bot.imports.formats.reader import read_history
from bot.imports.formats.values import parse_day, parse_half_stars, parse_number
from bot.imports.history import (
    ImportedReview,
    ImportedViewing,
    Kind,
    Problem,
    Service,
    merge_viewings,
    run_at_once,
)
from tests.imports.exports import (
    DIARY,
    IMDB_LIST,
    IMDB_RATINGS,
    LISTED,
    RATED,
    archive,
    by_title,
    letterboxd,
    read,
    table,
    trakt,
)


def test_a_letterboxd_archive_is_read_in_full() -> None:
    history = read(letterboxd())
    assert history.service is Service.LETTERBOXD
    films = by_title(history)
    assert sorted(films) == ["Burning", "Heat", "Oldboy", "Parasite"]  # nothing of what was deleted there
    burning = films["Burning"]
    assert (burning.half_stars, burning.rated_on, burning.is_liked) == (9, date(2023, 1, 5), True)
    assert burning.viewings == [
        ImportedViewing(date(2023, 1, 3), date(2023, 1, 5), 8, False, ("cinema", "35mm")),
        ImportedViewing(date(2024, 6, 1), date(2024, 6, 2), 9, True),
    ]
    review = ImportedReview("Smoke, and\nno fire.", False, date(2023, 1, 3), date(2023, 1, 5))
    assert burning.reviews == [review]
    assert films["Oldboy"].half_stars == 1  # half a star is a rating
    assert films["Heat"].half_stars is None  # and a blank is none
    assert films["Heat"].viewings == [ImportedViewing(logged_on=date(2023, 1, 5))]
    assert films["Parasite"].is_on_watchlist
    assert films["Parasite"].viewings == []


def test_the_profile_with_the_address_is_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    content, opened = letterboxd(), []
    original = zipfile.ZipFile.open

    def note(self: zipfile.ZipFile, member: zipfile.ZipInfo, *args: object, **values: object) -> object:
        opened.append(member.filename)
        return original(self, member, *args, **values)  # type: ignore[arg-type]

    monkeypatch.setattr(zipfile.ZipFile, "open", note)
    read(content)
    assert "diary.csv" in opened
    assert not [name for name in opened if "profile" in name or name.startswith("deleted")]


@pytest.mark.parametrize("prefix", ["", "letterboxd-nobody-2024/", "../../etc/", "C:\\temp\\"])
def test_paths_in_an_archive_lead_nowhere(prefix: str) -> None:
    history = read(archive({f"{prefix}ratings.csv": table(RATED, [("2023-01-05", "Burning", 2018, "u", "4.5")])}))
    assert [film.film.title for film in history.films] == ["Burning"]


@pytest.mark.parametrize(
    ("name", "kind"), [("watchlist.csv", Kind.WATCHLIST), ("watched.csv", Kind.DIARY), ("other.csv", Kind.LISTS)]
)
def test_a_letterboxd_file_alone_is_told_by_its_name(name: str, kind: Kind) -> None:
    history = read(table(LISTED, [("2023-01-05", "Burning", 2018, "u")]), name)
    assert history.count() == Counter({kind: 1})


def test_a_letterboxd_list_has_its_films_after_lines_about_itself() -> None:
    text = (
        'Letterboxd list export v7\nDate,Name,Tags,URL,Description\n2023-01-01,Best,,u,"Two\nlines"\n\n'
        "Position,Name,Year,URL,Description\n1,Burning,2018,u,\n2,Oldboy,2003,u,\n"
    )
    history = read(text, "best.csv")
    assert history.count() == Counter({Kind.LISTS: 2})


def test_imdb_ratings_and_lists_of_both_forms() -> None:
    row = {"Const": "tt7282468", "Your Rating": 9, "Date Rated": "2024-02-03", "Title": "Burning",
           "Original Title": "Beoning", "Title Type": "Movie", "Year": 2018,
           "Directors": "Lee Chang-dong"}  # fmt: skip
    series = {**row, "Const": "tt0903747", "Title Type": "TV Series"}
    (film,) = read(table(IMDB_RATINGS, [row, series]), "ratings.csv").films
    assert (film.film.ids, film.film.year, film.half_stars) == ({"imdb": "tt7282468"}, 2018, 9)
    assert (film.film.directors, film.film.original_title) == (("Lee Chang-dong",), "Beoning")
    assert (film.rated_on, film.viewings) == (date(2024, 2, 3), [])
    listed = {**row, "Position": 1, "Created": "2024-01-01", "Your Rating": ""}
    for columns in (IMDB_LIST, tuple(name for name in IMDB_LIST if name != "Original Title")):
        (film,) = read(table(columns, [listed]), "WATCHLIST.csv").films
        assert (film.is_on_watchlist, film.watchlisted_on, film.half_stars) == (True, date(2024, 1, 1), None)
        (film,) = read(table(columns, [{**listed, "Your Rating": 3}]), "Korean.csv").films
        assert (film.is_listed, film.is_on_watchlist, film.half_stars) == (True, False, 3)


def test_a_trakt_archive_with_history_ratings_comments_and_lists() -> None:
    first = {"title": "Burning", "year": 2018, "ids": {"trakt": 1, "imdb": "tt7282468", "tmdb": 491584}}
    second = {"title": "Oldboy", "year": 2003, "ids": {"tmdb": 670}}
    history = read(trakt(films=[first, second, first]))
    assert history.service is Service.TRAKT
    films = by_title(history)
    assert films["Burning"].film.ids == {"imdb": "tt7282468", "tmdb": "491584"}
    day = date(2024, 5, 1)
    assert films["Burning"].viewings == [
        ImportedViewing(day, day),
        ImportedViewing(day, day, is_rewatch=True),
    ]
    assert films["Burning"].reviews == [ImportedReview("He did it.", True, None, date(2024, 5, 3))]
    assert (films["Burning"].is_liked, films["Burning"].is_on_watchlist) == (True, True)
    assert (films["Oldboy"].half_stars, films["Oldboy"].rated_on) == (7, date(2024, 5, 2))


def test_history_files_are_read_by_their_number() -> None:
    film = {"title": "Burning", "ids": {"imdb": "tt7282468"}}
    files = {
        f"watched-history-{number}.json": json.dumps([{"watched_at": f"20{10 + number}-01-01", "movie": film}])
        for number in (10, 9, 1)
    }
    (read_film,) = read(archive(files)).films
    assert [viewing.watched_on for viewing in read_film.viewings] == [
        date(2011, 1, 1), date(2019, 1, 1), date(2020, 1, 1),
    ]  # fmt: skip


def test_trakts_import_format_and_single_files() -> None:
    items = [
        {"imdb_id": "tt7282468", "type": "movie", "watched_at": "2024-05-01T00:00:00Z", "rating": 1},
        {"tmdb_id": 670, "title": "Oldboy", "type": "movie", "watchlisted_at": "2024-05-01T00:00:00Z"},
        {"imdb_id": "tt0903747", "type": "show", "watched_at": "2024-05-01T00:00:00Z"},
    ]
    first, second = read(json.dumps(items), "trakt.json").films
    assert (first.half_stars, len(first.viewings)) == (1, 1)
    assert (second.is_on_watchlist, second.film.ids) == (True, {"tmdb": "670"})


def test_simkl_movielens_tv_time_and_marquees_own() -> None:
    ids = {"imdb": "tt7282468"}
    simkl = {"movies": [
        {"status": "completed", "user_rating": 8, "last_watched_at": "2024-05-01T20:00:00Z",
         "movie": {"title": "Burning", "year": 2018, "ids": ids}},
        {"status": "plantowatch", "user_rating": None, "movie": {"title": "Oldboy", "year": 2003, "ids": {}}},
    ], "shows": [{"status": "watching"}]}  # fmt: skip
    films = by_title(read(archive({"SimklBackup.json": json.dumps(simkl)})))
    assert (films["Burning"].half_stars, len(films["Burning"].viewings)) == (8, 1)
    assert (films["Oldboy"].half_stars, films["Oldboy"].is_on_watchlist) == (None, True)
    columns = ("movie_id", "imdb_id", "tmdb_id", "rating", "average_rating", "title")
    (film,) = read(table(columns, [(1, "0114709", 862, 0.5, 3.9, "Matrix, The (1999)")]), "m.csv").films
    assert (film.film.title, film.film.year, film.half_stars) == ("The Matrix", 1999, 1)
    assert film.film.ids == {"imdb": "tt0114709", "tmdb": "862"}
    columns = ("type-uuid-n", "entity_type", "movie_name", "release_date", "created_at", "series_name")
    events = [
        ("watch-1-0", "movie", "Burning", "2018-05-17 00:00:00", "2021-03-04 20:00:00", ""),
        ("rewatch-1-1", "movie", "Burning", "2018-05-17 00:00:00", "2022-03-04 20:00:00", ""),
        ("towatch-2-0", "movie", "Oldboy", "2003-11-21 00:00:00", "2021-03-04 20:00:00", ""),
        ("watch-3-0", "episode", "", "", "2021-03-04 20:00:00", "A series"),
    ]
    films = by_title(read(archive({"tracking-prod-records.csv": table(columns, events)})))
    assert [viewing.is_rewatch for viewing in films["Burning"].viewings] == [False, True]
    assert films["Oldboy"].is_on_watchlist
    own = {
        "ratings": [{"film_id": "burning-2018", "stars": 9, "text": "Yes.", "created_at": "2024-01-01T00:00:00"}],
        "viewings": [
            {"film_id": "burning-2018", "watched_on": "2024-01-01", "stars": 9, "server_id": server}
            for server in ("1", "2")  # noted in two servers, seen once
        ],
        "watchlist": [{"film_id": "oldboy-2003", "added_at": "2024-01-01T00:00:00"}],
    }
    files = {"data.json": json.dumps(own), "letterboxd-1.csv": "Title,Year\nBurning,2018\n"}
    first, second = read(archive(files)).films
    assert first.film.ids == {"marquee": "burning-2018"}
    assert (first.half_stars, len(first.viewings), first.reviews[0].text) == (9, 1, "Yes.")
    assert second.is_on_watchlist


@pytest.mark.parametrize(
    ("ratings", "half_stars"), [(("4,5", "0,5"), 9), (("9", "1"), 9), (("90", "10"), 9), (("★★★★½", "½"), 9)]
)
def test_a_plain_file_is_read_by_its_columns_and_the_scale_by_its_ratings(
    ratings: tuple[str, str], half_stars: int
) -> None:
    rows = [("Burning", "2018", ratings[0]), ("Oldboy (2003)", "", ratings[1])]
    history = read(table(("FILM", "Year", "Rating"), rows, ";"), "mine.csv")
    assert history.service is Service.PLAIN
    first, second = history.films
    assert first.half_stars == half_stars
    assert (second.film.title, second.film.year, second.half_stars) == ("Oldboy", 2003, 1)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters_of_spreadsheets(encoding: str, delimiter: str) -> None:
    text = table(("Title", "Year", "Rating"), [("Amélie", 2001, "3,5"), ("Ça, alors", 1999, "4")], delimiter)
    first, second = read(text.encode(encoding), "f.csv").films
    assert (first.film.title, first.half_stars, second.film.title) == ("Amélie", 7, "Ça, alors")


def test_rows_that_cannot_be_read_are_counted_and_the_others_taken() -> None:
    rows = [
        ("2023-01-05", "Burning", 2018, "u", "4.5", "", "", "2023-01-03"),
        ("2023-01-05", "", 2018, "u", "4.5", "", "", "2023-01-03"),
        ("2023-01-05", "Oldboy", 2003, "u", "lots", "", "", "2023-02-30"),
        ("2023-01-05", "Heat", 1995, "u", "6", "", "", "2093-01-01", "one cell", "too many"),
    ]
    history = read(table(DIARY, rows), "diary.csv")
    assert [film.film.title for film in history.films] == ["Burning", "Oldboy"]
    assert history.problems == Counter({Problem.NO_TITLE: 1, Problem.RATING: 1, Problem.DAY: 1, Problem.ROW: 1})


def zip_with_false_size(size: int) -> bytes:
    """Return an archive whose file inflates to `size` bytes and declares ten."""
    packed = archive({"ratings.csv": b"Title\n" + b"a" * size})
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = packed.index(signature) + offset
        packed = packed[:start] + struct.pack("<I", 10) + packed[start + 4 :]
    return packed


def encrypted() -> bytes:
    packed = bytearray(archive({"ratings.csv": "Title\nBurning\n"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(signature) + offset] |= 1
    return bytes(packed)


def million_films() -> str:
    return "Title,Year\n" + "Burning,2018\n" * 1_000_000


# Made in the test, not while it is collected: together they are 150 MB.
HOSTILE: list[tuple[Callable[[], bytes], str, FileProblem]] = [
    (lambda: b"", "a.csv", FileProblem.EMPTY),
    (lambda: b"x" * (files.FILE_LIMIT + 1), "a.csv", FileProblem.TOO_LARGE),
    (lambda: archive({"ratings.csv": b"0" * (files.INFLATED_LIMIT + 1)}), "a.zip", FileProblem.INFLATES_TOO_FAR),
    (lambda: zip_with_false_size(5_000_000), "a.zip", FileProblem.DAMAGED),
    (lambda: archive({f"{number}.txt": "" for number in range(10_000)}, zipfile.ZIP_STORED), "a.zip",
     FileProblem.TOO_MANY_FILES),
    (lambda: million_films().encode(), "a.csv", FileProblem.TOO_MANY_ROWS),
    (lambda: archive({"ratings.csv": million_films()}), "a.zip", FileProblem.TOO_MANY_ROWS),
    (encrypted, "a.zip", FileProblem.ENCRYPTED),
    (lambda: archive({"ratings.csv": "Title\nBurning\n"}, zipfile.ZIP_LZMA), "a.zip", FileProblem.DAMAGED),
    (lambda: b"PK\x03\x04 and no more", "a.zip", FileProblem.DAMAGED),
    (lambda: b"Title\nBurning\n", "a.zip", FileProblem.DAMAGED),
    (lambda: letterboxd()[:-30], "a.zip", FileProblem.DAMAGED),
    (lambda: archive({"inner.zip": letterboxd()}), "a.zip", FileProblem.NESTED),
    (lambda: archive({"notes.txt": "hello"}), "a.zip", FileProblem.UNKNOWN),
    (lambda: archive({"films.csv": "a,b\n1,2\n"}), "a.zip", FileProblem.UNKNOWN),
    (lambda: b"Rar!\x1a\x07\x00", "a.rar", FileProblem.OTHER_ARCHIVE),
    (lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.png", FileProblem.NOT_TEXT),
    (lambda: b"Title,Year\nBurn\0ing,2018\n", "a.csv", FileProblem.NOT_TEXT),
    (lambda: b'Title,Year\n"Burning,2018\nOldboy,2003\n', "a.csv", FileProblem.QUOTES),
    (lambda: b'Title,Year\n"Burning" ing,2018\n', "a.csv", FileProblem.QUOTES),
    (lambda: b"Title,Year\n" + b"a" * 200_000 + b",2018\n", "a.csv", FileProblem.LONG_CELL),
    (lambda: b"Title,Year" + b"," * 2_000 + b"\nBurning\n", "a.csv", FileProblem.LONG_ROW),
    (lambda: b"Title,Year\n" + b"," * 2_000, "a.csv", FileProblem.LONG_ROW),
    (lambda: b"Title,Year\n" + b'"a\n",' * 200_000, "a.csv", FileProblem.LONG_ROW),
    (lambda: b"Title,Year\n" + b"\n" * 1_100_000, "a.csv", FileProblem.TOO_MANY_ROWS),
    (lambda: b"[" + b"{}," * 500_000 + b"{}]", "a.json", FileProblem.TOO_MANY_ROWS),
    (lambda: b"Artist,Album\nNobody,Nothing\n", "a.csv", FileProblem.WRONG_COLUMNS),
    (lambda: b"Artist,Album\nNobody,Nothing\n", "a.PNG", FileProblem.UNKNOWN),
    (lambda: b'[{"movie": {"title": "Burn', "a.json", FileProblem.JSON),
    (lambda: b"[" * 200_000, "a.json", FileProblem.JSON),
    (lambda: b'{"films": 3}', "a.json", FileProblem.UNKNOWN),
    (lambda: b'[{"show": {"title": "A series"}}]', "a.json", FileProblem.WRONG_COLUMNS),
    (lambda: b"Title,Year\n,2018\n", "a.csv", FileProblem.NO_FILMS),
]  # fmt: skip


@pytest.mark.parametrize(("make", "name", "problem"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_files_are_refused_with_a_reason(
    make: Callable[[], bytes], name: str, problem: FileProblem
) -> None:
    content = make()
    with pytest.raises(UnreadableFileError) as raised:
        read(content, name)
    assert raised.value.problem is problem


def test_an_archives_other_files_are_left_alone() -> None:
    files = {
        "ratings.csv": table(RATED, [("2023-01-05", "Burning", 2018, "u", "4.5")]),
        "comments.csv": 'Date,Content\n2023,"Hm"\n',
        "broken.csv": '"never closed',
        "shows.json": json.dumps([{"show": {"title": "A series"}}]),
        "inner.zip": letterboxd(),
        "bomb.bin": b"0" * (files_limit := 70_000_000),
    }
    assert files_limit > 64 * 1024 * 1024
    assert len(read(archive(files)).films) == 1


def test_texts_no_database_stores_are_mended() -> None:
    items = [{"movie": {"title": "Bur\ud800ning\u0000\u202e", "year": 2018}, "rating": 7}]
    (film,) = read(json.dumps(items), "ratings-movies.json").films
    assert film.film.title == "Bur?ning"


@pytest.mark.parametrize(
    ("text", "scale", "half_stars"),
    [("0.5", 5, 1), ("½", 5, 1), ("3½", 5, 7), ("★★", 5, 4), ("", 5, None), ("0", 10, None), ("10", 10, 10),
     ("1", 100, 1), ("4,5", 5, 9), ("4.50", 5, 9)],
)  # fmt: skip
def test_stars(text: str, scale: float, half_stars: int | None) -> None:
    assert parse_half_stars(text, scale) == half_stars


@pytest.mark.parametrize("text", ["6", "-1", "nan", "inf", "1e1", "٣", "4.5.1"])
def test_what_is_no_rating(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_half_stars(text, 5)


@pytest.mark.parametrize(
    ("text", "day"),
    [("2024-02-29", date(2024, 2, 29)), ("2024-02-29T23:59:00.000Z", date(2024, 2, 29)), ("", None),
     ("29.2.2024", date(2024, 2, 29)), ("02/29/2024", date(2024, 2, 29)), ("1970-01-01T00:00:00Z", None),
     ("2024-2-9 10:00", date(2024, 2, 9))],
)  # fmt: skip
def test_days(text: str, day: date | None) -> None:
    assert parse_day(text) == day


@given(st.text(max_size=40), st.sampled_from([5.0, 10.0, 100.0]))
def test_no_cell_raises_anything_but_value_errors(text: str, scale: float) -> None:
    for parse in (parse_day, parse_number, lambda cell: parse_half_stars(cell, scale)):
        try:
            parse(text)
        except ValueError:
            continue


@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.json", "a.zip", "watchlist.csv"]))
def test_no_file_raises_anything_but_reasons(content: bytes, name: str) -> None:
    for each in (content, b"Title,Year,Rating\n" + content, b"PK\x03\x04" + content, b"[{" + content):
        try:
            read(each, name)
        except UnreadableFileError:
            continue


days = st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 4))
viewings = st.lists(st.builds(ImportedViewing, watched_on=days), max_size=6)


@given(viewings, viewings)
def test_viewings_of_several_files_are_merged_whatever_the_order(
    first: list[ImportedViewing], second: list[ImportedViewing]
) -> None:
    merged = merge_viewings([first, second])
    assert merged == merge_viewings([second, first]) == merge_viewings([merged, first, second])
    for day in {viewing.watched_on for viewing in (*first, *second)} - {None}:
        counts = [sum(each.watched_on == day for each in group) for group in (first, second, merged)]
        assert counts[2] == max(counts[:2])


def test_an_archive_is_read_in_small_steps() -> None:
    steps = files.read_files(archive({"ratings.csv": b"0" * 4_000_000}), "a.zip", files.Limits())
    assert len(list(steps)) >= 4_000_000 // files.CHUNK


def measure_longest_step(content: bytes, name: str) -> float:
    """Return the processor seconds of the longest step in which a file is read that is refused in the end."""
    longest, steps = 0.0, read_history(content, name)
    while True:
        started = time.thread_time()
        try:
            next(steps)
        except UnreadableFileError:
            return max(longest, time.thread_time() - started)
        longest = max(longest, time.thread_time() - started)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON_VALUES, st.sampled_from([None, 1]), st.sampled_from([(3, 9), (16, 40), json_parts.PARTS]))
def test_json_in_parts_is_read_as_the_standard_library_does(
    value: Any, indent: int | None, parts: tuple[int, int]
) -> None:
    text = f" {json.dumps(value, indent=indent)}\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_parts, "PARTS", parts)
        assert run_at_once(json_parts.parse_json_in_parts(text)) == value


@given(st.text('[]{},:"01a ', max_size=30))
def test_what_is_no_json_is_none_in_parts_either(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_parts, "PARTS", (3, 9))
        try:
            expected = json.loads(text)
        except ValueError:
            with pytest.raises(ValueError):  # noqa: PT011
                run_at_once(json_parts.parse_json_in_parts(text))
        else:
            assert run_at_once(json_parts.parse_json_in_parts(text)) == expected


def test_a_large_json_file_is_parsed_in_small_steps() -> None:
    item = '{"watched_at": "2026-01-02T10:00:00.000Z", "movie": {"title": "Heat", "ids": {"tmdb": 949}}}'
    for text in ("[" + ", ".join([item] * 2_000) + "]", '{"movies": [' + ", ".join([item] * 2_000) + "]}"):
        assert len(list(json_parts.parse_json_in_parts(text))) > 2_000


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: b"Title" + b"," * 20_000_000, "a.csv"),
        (lambda: b"Title\n" + b"," * 20_000_000, "a.csv"),
        (lambda: b"Title\n" + b"\n" * 10_000_000, "a.csv"),
        (lambda: b'{"viewings": [' + b"[]," * 5_000_000 + b'[]], "ratings": []}', "a.json"),
    ],
    ids=["columns", "cells", "lines", "values"],
)
def test_no_file_is_read_in_a_step_that_keeps_members_waiting(make: Callable[[], bytes], name: str) -> None:
    """Unbounded, each of them took seconds in one step, while nobody was answered."""
    assert measure_longest_step(make(), name) < 0.5
