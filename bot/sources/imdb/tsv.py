"""Reads one of IMDb's files line by line, whatever state it is in, in memory that doesn't grow with it."""

import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from operator import itemgetter
from pathlib import Path
from typing import Any

from bot.core.errors import InvalidInputError

GZIP = b"\x1f\x8b"
BLOCK = 1 << 20
LINE_LIMIT = 1 << 20
"""Bytes of a line. IMDb's longest are some thousand; a file without line ends must not fill the memory."""
TOLD_LINES = 10
"""Bad lines of a file that are named one by one; the others are counted."""
BLOCKS_A_TICK = 32
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
"""Stands for a line whose problem has been noted; told by being this very object."""
Row = tuple[str, ...]
Tick = Callable[[int], None]
"""Is told now and then how many bytes of the file, as it lies on the disk, have been read."""


@dataclass(slots=True)
class FileReport:
    """What became of a file: `read` lines, of which `kept` parts (counted in `unit`) were of use, or why not.

    `problems` name the first bad lines, `bad` counts them all; `broken` files end before their end, and what
    belongs to one film is out of order in `shuffled` ones.
    """

    name: str
    unit: str = "rows"
    read: int = 0
    kept: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    bad: int = 0
    broken: bool = False
    shuffled: bool = False

    def skip_the_rest(self, reason: str) -> None:
        """Put all lines down to that reason which were neither kept nor bad nor skipped for another."""
        if (rest := self.read - self.kept - self.bad - self.skipped.total()) > 0:
            self.skipped[reason] += rest

    def problem(self, line: int, message: str) -> None:
        """Note what is wrong with a line."""
        self.bad += 1
        if len(self.problems) < TOLD_LINES:
            self.problems.append(f"{self.name}:{line}: {message}")


class TsvFile:
    """A file of tab-separated columns with a header, gzipped or not, opened anew for every reading.

    Raises InvalidInputError where it can't be opened, or lacks one of the `required` columns; the
    `optional` ones are read as `\\N` where they are missing, and further ones are ignored.
    """

    def __init__(self, path: Path, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
        self.path = path
        self.report = FileReport(path.name)
        self.tick: Tick = lambda _: None
        self.size = max(1, path.stat().st_size)
        self._header = self._first_line().removeprefix("\ufeff").split("\t")
        missing = [name for name in required if name not in self._header]
        if missing:
            raise InvalidInputError(f"{path.name}:1: no column {', '.join(missing)} in the file's first line.")
        self._columns = (*required, *(name for name in optional if name in self._header))
        self.absent = tuple(name for name in optional if name not in self._header)

    def _first_line(self) -> str:
        try:
            with self.path.open("rb") as raw, _unpacked(raw) as stream:
                line: bytes = stream.readline(LINE_LIMIT)
                return line.decode().rstrip("\r\n")
        except (EOFError, zlib.error, OSError) as error:
            raise InvalidInputError(f"{self.path.name}:1: can't be read ({_reason(error)}).") from error
        except UnicodeDecodeError as error:
            raise InvalidInputError(f"{self.path.name}:1: not UTF-8 at byte {error.start}.") from error

    def rows(self) -> Iterator[Row]:
        """Give the asked columns of every good line; a bad one is noted in `report`, and the rest goes on.

        Where the file itself breaks off, that is noted with the line, and what came before stays given.
        """
        pick = itemgetter(*(self._header.index(name) for name in self._columns))
        width = len(self._header)
        for first, lines in self._line_blocks():
            self.report.read += len(lines)
            for number, line in enumerate(lines, first):
                fields = line.split("\t")
                if len(fields) == width:
                    yield pick(fields)
                elif line is not UNREADABLE:
                    self.report.problem(number, f"{len(fields)} columns instead of {width}")

    def _line_blocks(self) -> Iterator[tuple[int, list[str]]]:
        """Give the lines after the header, many at a time, with the number of the first."""
        number, rest = 1, b""
        try:
            for block in self._blocks():
                whole, newline, rest = (rest + block).rpartition(b"\n")
                if newline:
                    lines = self._decoded(number, whole)
                    yield (number, lines) if number > 1 else (2, lines[1:])
                    number += whole.count(b"\n") + 1
                elif len(rest) > LINE_LIMIT:
                    raise EOFError("a line without an end")
        except (EOFError, zlib.error, OSError) as error:
            self.report.broken = True
            self.report.problem(number, f"the file is damaged from here on ({_reason(error)})")
        else:
            if rest and number > 1:
                self.report.broken = True
                self.report.problem(number, "half a line: the file breaks off here")

    def _blocks(self) -> Iterator[bytes]:
        with self.path.open("rb") as raw, _unpacked(raw) as stream:
            count = 0
            while block := stream.read1(BLOCK):
                yield block
                count += 1
                if count % BLOCKS_A_TICK == 0:
                    self.tick(raw.tell())
        self.tick(self.size)

    def _decoded(self, number: int, whole: bytes) -> list[str]:
        """Give the lines of a block; of those that are not UTF-8, which are noted, UNREADABLE."""
        try:
            text = whole.decode()
        except UnicodeDecodeError:
            return [self._decoded_line(at, line) for at, line in enumerate(whole.split(b"\n"), number)]
        return (text + "\n").replace("\r\n", "\n").split("\n")[:-1] if "\r" in text else text.split("\n")

    def _decoded_line(self, number: int, line: bytes) -> str:
        try:
            return line.removesuffix(b"\r").decode()
        except UnicodeDecodeError as error:
            self.report.problem(number, f"not UTF-8 at byte {error.start} of the line")
            return UNREADABLE


def _unpacked(raw: BufferedReader) -> Any:
    # Told by its content, as browsers unpack files on the way and leave them their name.
    return gzip.open(raw) if raw.peek(2)[:2] == GZIP else raw


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
