"""Reads one of IMDb's files line by line, damaged or not, in memory that doesn't grow with the file."""

import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from bot.core.errors import InvalidInputError
from bot.core.text.cldr import format_number
from bot.core.text.i18n import _, gettext_noop, ngettext

GZIP_MAGIC = b"\x1f\x8b"
BLOCK_BYTES = 1 << 20
LINE_LIMIT = 1 << 20
"""Bytes of a line. IMDb's longest are some thousand; a file without line ends must not fill the memory."""
MAX_NAMED_LINES = 10
"""Bad lines of a file that are named one by one; the others are counted."""
BLOCKS_BETWEEN_UPDATES = 32
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
"""Stands for a line whose problem has been reported already; recognised by identity, not by its text."""
Row = tuple[str, ...]
OnRead = Callable[[int], None]
"""Called now and then with the number of bytes of the file, as it lies on the disk, that have been read."""


class SkipReason(NamedTuple):
    """Why lines are left out: a message with the place of `{count}`, and of `{detail}` where it needs one."""

    message: str
    detail: str = ""

    def describe(self, count: int) -> str:
        """Return how many lines were left out for this reason."""
        return _(self.message).format(count=format_number(count), detail=self.detail)


@dataclass(slots=True)
class FileReport:
    """What became of a file's `lines_read`: `kept` of them were of use, as the message `unit` says, others not.

    `skipped` counts those left out, by reason, `bad_lines` those that can't be read; `problems` names the first of
    these. A file that breaks off `is_truncated`; in one that `is_unsorted` a film's rows are out of order.
    """

    name: str
    unit: str = gettext_noop("rows: {count}")
    lines_read: int = 0
    kept: int = 0
    skipped: Counter[SkipReason] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    bad_lines: int = 0
    is_truncated: bool = False
    is_unsorted: bool = False

    def skip_the_rest(self, reason: SkipReason) -> None:
        """Count all lines that were neither kept nor bad nor skipped yet as skipped for this reason."""
        if (rest := self.lines_read - self.kept - self.bad_lines - self.skipped.total()) > 0:
            self.skipped[reason] += rest

    def add_problem(self, line: int, message: str) -> None:
        """Count a bad line; name it if few came before."""
        self.bad_lines += 1
        if len(self.problems) < MAX_NAMED_LINES:
            self.problems.append(f"{self.name}:{line}: {message}")


class TsvFile:
    """A file of tab-separated columns with a header, gzipped or not, opened anew for every reading.

    Raises InvalidInputError where it can't be opened, or lacks one of the `required` columns. Missing `optional`
    columns are left out of its rows, and further columns are ignored.
    """

    def __init__(self, path: Path, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
        self.path = path
        self.report = FileReport(path.name)
        self.on_read: OnRead = lambda _: None
        self.size = max(1, path.stat().st_size)
        """Bytes of the file as it lies on the disk."""
        self._header = self._read_first_line().removeprefix("\ufeff").split("\t")
        missing = [name for name in required if name not in self._header]
        if missing:
            raise InvalidInputError(
                _("{file}:1: no column {columns} in the file's first line.").format(
                    file=path.name, columns=", ".join(missing)
                )
            )
        self._columns = (*required, *(name for name in optional if name in self._header))

    def _read_first_line(self) -> str:
        try:
            with self.path.open("rb") as raw, _decompressed(raw) as stream:
                line: bytes = stream.readline(LINE_LIMIT)
                return line.decode().rstrip("\r\n")
        except (EOFError, zlib.error, OSError) as error:
            raise InvalidInputError(
                _("{file}:1: can't be read ({reason}).").format(file=self.path.name, reason=_reason(error))
            ) from error
        except UnicodeDecodeError as error:
            raise InvalidInputError(
                _("{file}:1: not UTF-8 at byte {number}.").format(file=self.path.name, number=error.start)
            ) from error

    def rows(self) -> Iterator[Row]:
        """Yield the columns of every good line; a bad line is reported and left out.

        Where the file itself breaks off, that is reported with the line, and the rows end there.
        """
        pick = itemgetter(*(self._header.index(name) for name in self._columns))
        width = len(self._header)
        for first_number, lines in self._line_blocks():
            self.report.lines_read += len(lines)
            for number, line in enumerate(lines, first_number):
                fields = line.split("\t")
                if len(fields) == width:
                    yield pick(fields)
                elif line is not UNREADABLE:
                    self.report.add_problem(number, _describe_width(len(fields), width))

    def _line_blocks(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the lines after the header, many at a time, with the number of the first."""
        number, rest = 1, b""
        try:
            for block in self._blocks():
                complete, newline, rest = (rest + block).rpartition(b"\n")
                if newline:
                    lines = self._decode_lines(number, complete)
                    yield (number, lines) if number > 1 else (2, lines[1:])
                    number += complete.count(b"\n") + 1
                elif len(rest) > LINE_LIMIT:
                    raise EOFError(_("a line without an end"))
        except (EOFError, zlib.error, OSError) as error:
            self.report.is_truncated = True
            damaged = _("the file is damaged from here on ({reason})").format(reason=_reason(error))
            self.report.add_problem(number, damaged)
        else:
            if rest and number > 1:
                self.report.is_truncated = True
                self.report.add_problem(number, _("half a line: the file breaks off here"))

    def _blocks(self) -> Iterator[bytes]:
        with self.path.open("rb") as raw, _decompressed(raw) as stream:
            count = 0
            while block := stream.read1(BLOCK_BYTES):
                yield block
                count += 1
                if count % BLOCKS_BETWEEN_UPDATES == 0:
                    self.on_read(raw.tell())
        self.on_read(self.size)

    def _decode_lines(self, first_number: int, complete: bytes) -> list[str]:
        """Return the lines of a block, UNREADABLE for those that are not UTF-8, which are reported."""
        try:
            text = complete.decode()
        except UnicodeDecodeError:
            lines = complete.split(b"\n")
            return [self._decode_line(number, line) for number, line in enumerate(lines, first_number)]
        return (text + "\n").replace("\r\n", "\n").split("\n")[:-1] if "\r" in text else text.split("\n")

    def _decode_line(self, number: int, line: bytes) -> str:
        try:
            return line.removesuffix(b"\r").decode()
        except UnicodeDecodeError as error:
            problem = _("not UTF-8 at byte {number} of the line").format(number=error.start)
            self.report.add_problem(number, problem)
            return UNREADABLE


def _describe_width(count: int, expected: int) -> str:
    """Return that a line has another number of columns than the header."""
    # Translators: a line of a table that is read; {expected} is how many columns it should have
    message = ngettext("{count} column instead of {expected}", "{count} columns instead of {expected}", count)
    return message.format(count=count, expected=expected)


def _decompressed(raw: BufferedReader) -> Any:
    # Recognised by its content: browsers decompress files while they download, and keep the name.
    return gzip.open(raw) if raw.peek(2)[:2] == GZIP_MAGIC else raw


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
