"""Files that members upload, opened with suspicion: archives, encodings, CSV and JSON.

Nothing is written to the disk, so that a path in an archive leads nowhere. What an archive inflates to is counted
while it inflates, because the sizes that it declares may lie.
"""

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any, NoReturn

from bot.core.errors import MarqueeError
from bot.core.tasks import Steps
from bot.core.text.csv_files import read_cell
from bot.imports.formats.json_parts import parse_json_in_parts

FILE_LIMIT = 25_000_000
"""Bytes of an upload."""
INFLATED_LIMIT = 64 * 1024 * 1024
"""Bytes of all files of an archive that are read, inflated."""
JSON_LIMIT = 16 * 1024 * 1024
"""Characters of one JSON file."""
DIRECTORY_LIMIT = 500_000
"""Bytes of an archive's directory: some 5,000 files. It is read as a whole when the archive is opened."""
JSON_VALUES_LIMIT = 1_000_000
"""Values of one JSON file, about: 100,000 rows of a real one have fewer."""
ROWS_LIMIT, LINES_LIMIT = 100_000, 1_000_000
"""Rows of all files together, and lines, the blank ones too."""
CHUNK = 256 * 1024
FIELD_LIMIT = 131_072
"""Characters of one cell, the csv module's own limit."""
ROW_LIMIT, CELLS_LIMIT = 500_000, 1_000
"""Characters and cells of one row, which is read without a pause."""
_LINE = re.compile(rf"[^\r\n]{{0,{ROW_LIMIT + 1}}}+(?:\r\n|\r|\n)?")
"""A line, or the first part of one that is longer than a row may be."""
_END_RECORD = 22
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How files may be packed: only these inflate no more at a time than was asked for."""
_OTHER_ARCHIVES = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
_READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


class FileProblem(StrEnum):
    """Why a file can't be read at all."""

    EMPTY = "empty"
    TOO_LARGE = "too large"
    INFLATES_TOO_FAR = "inflates too far"
    TOO_MANY_FILES = "too many files"
    TOO_MANY_ROWS = "too many rows"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    NESTED = "an archive in an archive"
    OTHER_ARCHIVE = "another kind of archive"
    NOT_TEXT = "no text"
    QUOTES = "a quotation mark that is never closed"
    LONG_CELL = "a cell that is too long"
    LONG_ROW = "a row that is too long"
    JSON = "no JSON"
    UNKNOWN = "an unknown format"
    WRONG_COLUMNS = "wrong columns"
    NO_FILMS = "no films"


class UnreadableFileError(MarqueeError):
    """A file that can't be imported: why, and where in it, as far as that is known."""

    def __init__(self, problem: FileProblem, *, name: str = "", line: int | None = None) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.name = name
        self.line = line


@dataclass(slots=True)
class Limits:
    """What may still be read of an upload."""

    bytes_left: int = INFLATED_LIMIT
    rows_left: int = ROWS_LIMIT
    lines_left: int = LINES_LIMIT

    def take_bytes(self, count: int) -> None:
        """Count inflated bytes. Raises UnreadableFileError if they are too many."""
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise UnreadableFileError(FileProblem.INFLATES_TOO_FAR)

    def take_row(self) -> None:
        """Count a row. Raises UnreadableFileError if it is one too many."""
        self.rows_left -= 1
        if self.rows_left < 0:
            raise UnreadableFileError(FileProblem.TOO_MANY_ROWS)

    def take_line(self) -> None:
        """Count a line of a table, blank or not. Raises UnreadableFileError if it is one too many."""
        self.lines_left -= 1
        if self.lines_left < 0:
            raise UnreadableFileError(FileProblem.TOO_MANY_ROWS)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it was uploaded, or as an archive has it; `path` is its name there, in lower case."""

    path: PurePosixPath
    content: bytes


def read_files(content: bytes, name: str, limits: Limits) -> Steps[list[SourceFile]]:
    """Return the file itself, or those of an archive that may hold something. Raises UnreadableFileError."""
    if not content:
        raise UnreadableFileError(FileProblem.EMPTY)
    if len(content) > FILE_LIMIT:
        raise UnreadableFileError(FileProblem.TOO_LARGE)
    if content.startswith(_OTHER_ARCHIVES):
        raise UnreadableFileError(FileProblem.OTHER_ARCHIVE)
    if not content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if name.lower().endswith(".zip"):
            raise UnreadableFileError(FileProblem.DAMAGED)
        limits.take_bytes(len(content))
        return [SourceFile(PurePosixPath(name.lower()), content)]
    _check_directory(content)
    files = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [info for info in archive.infolist() if is_wanted(info.filename)]
            if not members and any(info.filename.lower().endswith(".zip") for info in archive.infolist()):
                raise UnreadableFileError(FileProblem.NESTED)
            for info in members:
                if info.flag_bits & 0x1:
                    raise UnreadableFileError(FileProblem.ENCRYPTED)
                if info.compress_type not in _METHODS:
                    raise UnreadableFileError(FileProblem.DAMAGED, name=info.filename)
                inflated = yield from _inflate(archive, info, limits)
                files.append(SourceFile(PurePosixPath(info.filename.lower().replace("\\", "/")), inflated))
    except _READ_ERRORS as error:
        raise UnreadableFileError(FileProblem.DAMAGED) from error
    return files


def is_wanted(name: str) -> bool:
    """Return whether a file of an archive may be read.

    Letterboxd's profile.csv has the member's e-mail address; what they deleted there is not theirs any more.
    """
    path = PurePosixPath(name.lower().replace("\\", "/"))
    is_left_out = {"deleted", "orphaned", "__macosx"} & set(path.parts[:-1])
    return path.suffix in (".csv", ".json") and not is_left_out and path.name != "profile.csv"


def _check_directory(content: bytes) -> None:
    """Raise UnreadableFileError where the archive's directory is missing or too long to be read at once."""
    start = len(content) - _END_RECORD
    if content[start : start + 4] != b"PK\x05\x06" or content[-2:] != b"\0\0":
        start = content.rfind(b"PK\x05\x06", max(0, len(content) - _END_RECORD - 65_535))
    if start < 0 or start + _END_RECORD > len(content):
        raise UnreadableFileError(FileProblem.DAMAGED)
    if content[max(0, start - 20) : start].startswith(b"PK\x06\x07"):  # ZIP64, which no file of this size needs
        raise UnreadableFileError(FileProblem.TOO_MANY_FILES)
    if int.from_bytes(content[start + 12 : start + 16], "little") > DIRECTORY_LIMIT:
        raise UnreadableFileError(FileProblem.TOO_MANY_FILES)


def _inflate(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: Limits) -> Steps[bytes]:
    chunks = []
    with archive.open(info) as file:
        while chunk := file.read(CHUNK):
            limits.take_bytes(len(chunk))
            chunks.append(chunk)
            yield
    return b"".join(chunks)


def decode(content: bytes, name: str = "") -> Steps[str]:
    """Return the text, whether it is UTF-8, UTF-16 or, where it is neither, Windows' Western alphabet.

    Raises UnreadableFileError if it is no text.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif len(content) > 1 and content[1] == 0 and content[0]:
        encoding = "utf-16-le"
    elif len(content) > 1 and content[0] == 0 and content[1]:
        encoding = "utf-16-be"
    else:
        encoding = "utf-8-sig"
    try:
        text = yield from _decode_as(content, encoding, "strict")
    except UnicodeDecodeError:
        text = yield from _decode_as(content, "cp1252", "replace")
    if "\0" in text:
        raise UnreadableFileError(FileProblem.NOT_TEXT, name=name)
    return text.removeprefix("\ufeff")


def _decode_as(content: bytes, encoding: str, errors: str) -> Steps[str]:
    """Return the text in that encoding, chunk by chunk. Raises UnicodeDecodeError."""
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    parts = []
    for start in range(0, len(content), CHUNK):
        parts.append(decoder.decode(content[start : start + CHUNK]))
        yield
    parts.append(decoder.decode(b"", final=True))
    return "".join(parts)


def looks_like_json(text: str) -> bool:
    """Return whether the text is to be read as JSON."""
    return text.lstrip()[:1] in ("{", "[")


def parse_json(text: str, name: str) -> Steps[Any]:
    """Return the parsed JSON. Raises UnreadableFileError."""
    if len(text) > JSON_LIMIT:
        raise UnreadableFileError(FileProblem.TOO_LARGE, name=name)
    value_count = 0
    for start in range(0, len(text), CHUNK):
        value_count += sum(text.count(sign, start, start + CHUNK) for sign in "[{,")
        yield
    if value_count > JSON_VALUES_LIMIT:
        raise UnreadableFileError(FileProblem.TOO_MANY_ROWS, name=name)
    try:
        return (yield from parse_json_in_parts(text))
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(FileProblem.JSON, name=name, line=getattr(error, "lineno", None)) from error


_TOLD_DELIMITER = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)
"""How a spreadsheet may begin a file."""
Row = dict[str, str]
"""The cells of a row by their column's name in lower case."""


class CsvTable:
    """The rows of a CSV file (RFC 4180), separated by commas, semicolons, tabs or bars."""

    def __init__(self, text: str, name: str) -> None:
        self._name = name
        if (told := _TOLD_DELIMITER.match(text)) is not None:
            text = text[told.end() :]
        self._delimiter = told[1] if told is not None else _guess_delimiter(text)
        self._row_length = 0
        # strict: a quotation mark that is never closed is an error, not a cell as long as the rest of the file.
        self._reader = csv.reader(self._lines(text), delimiter=self._delimiter, strict=True)
        self.columns: list[str] = []

    def read_header(self) -> list[str]:
        """Return the names of the columns in lower case. Raises UnreadableFileError."""
        self.columns = [cell.strip().casefold() for cell in self._next() or ()]
        return self.columns

    def rows(self, limits: Limits) -> Iterator[Row | None]:
        """Yield each row, None for one with more cells than there are columns, an empty one for a blank line.

        Raises UnreadableFileError.
        """
        while (cells := self._next()) is not None:
            limits.take_line()
            if not any(map(str.strip, cells)):
                yield {}
                continue
            limits.take_row()
            if len(cells) > len(self.columns) and any(map(str.strip, cells[len(self.columns) :])):
                yield None
                continue
            yield {name: read_cell(cell.strip()) for name, cell in zip(self.columns, cells, strict=False) if name}

    def _lines(self, text: str) -> Iterator[str]:
        """Yield the text's lines. Raises UnreadableFileError where one row takes too many or too long ones."""
        for match in _LINE.finditer(text):  # io.StringIO would hold four bytes for each character
            self._row_length += match.end() - match.start()
            if self._row_length > ROW_LIMIT:
                self._refuse_row()
            if match[0]:
                yield match[0]

    def _refuse_row(self) -> NoReturn:
        raise UnreadableFileError(FileProblem.LONG_ROW, name=self._name, line=self._reader.line_num + 1)

    def _next(self) -> list[str] | None:
        self._row_length = 0
        try:
            cells = next(self._reader, None)
        except csv.Error as error:
            is_long = "field limit" in str(error)
            problem = FileProblem.LONG_CELL if is_long else FileProblem.QUOTES
            raise UnreadableFileError(problem, name=self._name, line=self._reader.line_num) from error
        if cells is not None and len(cells) > CELLS_LIMIT:
            self._refuse_row()
        return cells


def _guess_delimiter(text: str) -> str:
    """Return what separates the cells of the first line."""
    first_line = text[:10_000].lstrip().partition("\n")[0]
    outside_quotes = "".join(first_line.split('"')[::2])
    return max(",;\t|", key=lambda each: (outside_quotes or first_line).count(each))
