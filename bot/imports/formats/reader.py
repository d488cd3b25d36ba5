"""Reads an upload into a history: recognises what it is by its content, and reads it in small steps."""

from collections.abc import Iterator
from itertools import islice
from pathlib import PurePath
from zoneinfo import ZoneInfo

from bot.core.tasks import Steps
from bot.imports.formats.csv_formats import (
    FORMATS,
    IMPORT_COLUMN,
    LETTERBOXD_LIST,
    LETTERBOXD_SCALE,
    PLAIN,
    TITLE_COLUMNS,
    CsvFormat,
    RowReader,
    find_highest_rating,
    guess_scale,
)
from bot.imports.formats.files import (
    CsvTable,
    FileProblem,
    Limits,
    Row,
    SourceFile,
    UnreadableFileError,
    decode,
    looks_like_json,
    parse_json,
    read_files,
)
from bot.imports.formats.json_formats import ItemReader, is_other_media, recognise, sort_key
from bot.imports.history import UTC_ZONE, History, HistoryBuilder, Problem, Service

_OTHER_SUFFIXES = frozenset(
    [".txt", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf", ".doc", ".docx", ".xlsx", ".html"]
)
"""What ends the name of a file that nobody means to be a table, even where it holds text."""
LINES_ABOUT_A_LIST = 6
"""Rows within which the header of the films comes in a list that Letterboxd exported."""


def read_history(content: bytes, name: str, zone: ZoneInfo = UTC_ZONE) -> Steps[History]:
    """Return what an uploaded file of that name holds; moments are days in that zone. Raises UnreadableFileError.

    An archive's files that are of another kind are left alone; a file by itself must be of a known kind.
    """
    limits, builder = Limits(), HistoryBuilder(zone)
    files = yield from read_files(content, name, limits)
    is_archive = not (len(files) == 1 and files[0].content is content)
    services: list[Service] = []
    tables: list[tuple[CsvFormat, SourceFile, CsvTable]] = []
    for file in sorted(files, key=sort_key):
        text = yield from decode(file.content, file.path.name)
        if looks_like_json(text):
            services += yield from _read_json(text, file, builder, limits, is_archive=is_archive)
        elif text.strip():
            table = CsvTable(text, file.path.name)
            kind = _recognise_table(table, file, is_archive=is_archive)
            if kind is not None:
                tables.append((kind, file, table))
        yield
    if Service.MARQUEE in services:
        tables = []  # its archive has the same once more as files for other services
    for kind, file, table in sorted(tables, key=lambda each: each[0].rank):
        services.append(kind.service)
        yield from _read_table(kind, file, table, builder, limits)
    if not services:
        is_table = not is_archive and PurePath(name).suffix.lower() not in _OTHER_SUFFIXES
        raise UnreadableFileError(FileProblem.WRONG_COLUMNS if is_table else FileProblem.UNKNOWN)
    history = yield from builder.build_in_steps(services[0])
    if not history.films:
        raise UnreadableFileError(FileProblem.NO_FILMS)
    return history


def _read_json(
    text: str, file: SourceFile, builder: HistoryBuilder, limits: Limits, *, is_archive: bool
) -> Steps[list[Service]]:
    document = yield from parse_json(text, file.path.name)
    parts = recognise(document, file)
    if not parts and not is_archive and not is_other_media(document):
        raise UnreadableFileError(FileProblem.UNKNOWN, name=file.path.name)
    for part in parts:
        reader = ItemReader(builder, file)
        for item in part.items:
            limits.take_row()
            part.handle(reader, item)
            yield
    return [part.service for part in parts]


def _recognise_table(table: CsvTable, file: SourceFile, *, is_archive: bool) -> CsvFormat | None:
    """Return the kind of file, None for one of another kind in an archive. Raises UnreadableFileError."""
    try:
        columns = table.read_header()
        if columns and columns[0].startswith(LETTERBOXD_LIST):
            for _ in range(LINES_ABOUT_A_LIST):
                columns = table.read_header()
                if "position" in columns:
                    break
    except UnreadableFileError:
        if is_archive:
            return None
        raise
    kind = next((each for each in FORMATS if each.fits(columns, file)), None)
    if kind is None and set(TITLE_COLUMNS) & set(columns):
        kind = PLAIN
    return kind


def _read_table(
    kind: CsvFormat, file: SourceFile, table: CsvTable, builder: HistoryBuilder, limits: Limits
) -> Steps[None]:
    rows: Iterator[Row | None] = table.rows(limits)
    reader = RowReader(builder, file)
    if kind is PLAIN:
        if IMPORT_COLUMN in table.columns:
            reader.scale = LETTERBOXD_SCALE
        else:  # what ratings are out of is known once all have been seen
            kept: list[Row | None] = []
            highest = 0.0
            while batch := list(islice(rows, 200)):
                kept += batch
                highest = max(highest, find_highest_rating(filter(None, batch)))
                yield
            reader.scale = guess_scale(highest)
            rows = iter(kept)
    for row in rows:
        if row is None:
            builder.problems[Problem.ROW] += 1
        elif row:
            kind.handle(reader, row)
        yield
