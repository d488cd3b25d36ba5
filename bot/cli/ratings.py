"""`marquee import ratings`: a whole server's ratings, diaries and watchlists, moved from another bot."""

import argparse
import asyncio
import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from bot.cli import ExitCode, describe_skipped_rows, log_warnings_only
from bot.config import Settings
from bot.core.discord.error_handler import get_error_message
from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.text.cldr import format_number
from bot.core.text.i18n import _, get_list_separator, ngettext
from bot.imports.embeds import KIND_ORDER, count_kind, count_problem
from bot.imports.formats.csv_formats import LETTERBOXD_SCALE, PLAIN, RowReader
from bot.imports.formats.files import CsvTable, Limits, Row, SourceFile, UnreadableFileError, decode
from bot.imports.history import HistoryBuilder, Kind, Problem, Service, run_at_once
from bot.imports.models import FilmState
from bot.services import running_services

ROWS_LIMIT = 10_000_000
"""Rows of a file: an operator's own is as long as it is."""
MAX_NAMED_ROWS = 5
"""Bad rows that are named one by one; the others are counted."""
Key = tuple[int, int]
"""The ids of a server and a member."""


@dataclass(slots=True)
class ServerFile:
    """What a file has of each member in each server, and the rows that name no member, or no film."""

    histories: dict[Key, HistoryBuilder] = field(default_factory=lambda: defaultdict(HistoryBuilder))
    bad_rows: int = 0
    problems: list[str] = field(default_factory=list)


def read_server_file(path: Path, server_id: int | None, is_film: Callable[[str], bool]) -> ServerFile:
    """Return what the file has; rows that name no server are about `server_id`. `is_film` knows our films' ids.

    Raises InvalidInputError where the file can't be read or lacks a column.
    """
    result, (table, source) = ServerFile(), _open_table(path, server_id)
    with _readable(path):
        rows: Iterator[Row | None] = table.rows(Limits(rows_left=ROWS_LIMIT))
        for number, row in enumerate(rows, start=2):
            key = _parse_key(row, server_id) if row is not None else None
            if row is None or key is None:
                result.bad_rows += 1
                if len(result.problems) < MAX_NAMED_ROWS:
                    result.problems.append(
                        _("{file}: row {number} needs the ids of a member and a server").format(
                            file=path.name, number=number
                        )
                    )
                continue
            film = row.get("film", "")
            if film and is_film(film):
                row = {**row, "film": "", "marquee_id": film}
            elif film.startswith("tt") and film[2:].isdigit():
                row = {**row, "film": "", "imdb_id": film}
            PLAIN.handle(RowReader(result.histories[key], source, LETTERBOXD_SCALE), row)
    return result


def _open_table(path: Path, server_id: int | None) -> tuple[CsvTable, SourceFile]:
    """Return the file's rows below its header, and the file.

    Raises InvalidInputError where it can't be read or lacks a column.
    """
    with _readable(path):
        content = path.read_bytes()
        table = CsvTable(run_at_once(decode(content, path.name)), path.name)
        columns = table.read_header()
    if "member" not in columns or not {"film", "title"} & set(columns):
        raise InvalidInputError(_("The file needs a header line with the columns member and film."))
    if server_id is None and "server" not in columns:
        raise InvalidInputError(_("Choose the server with --server ID, or add a column `server`."))
    return table, SourceFile(PurePosixPath(path.name), content)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Raise InvalidInputError for what keeps the file from being read."""
    try:
        yield
    except OSError as error:
        raise InvalidInputError(
            _("{file} can't be read: {reason}.").format(file=path, reason=error.strerror)
        ) from error
    except (UnreadableFileError, csv.Error) as error:
        raise InvalidInputError(
            _("{file} is not a CSV file: {reason}.").format(file=path, reason=error)
        ) from error


def _parse_key(row: Row, server_id: int | None) -> Key | None:
    member, server = row.get("member", ""), row.get("server", "") or str(server_id or "")
    ids = [int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else 0 for text in (server, member)]
    return (ids[0], ids[1]) if all(0 < each < 2**63 for each in ids) else None


async def import_ratings(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Take a file of many members over; return PARTIAL where rows or films were left out.

    Each member gets an import of their own in `/import history`, which they can undo.
    """
    log_warnings_only(settings)
    path = Path(arguments.file)
    if not await asyncio.to_thread(path.is_file):
        raise InvalidInputError(_("{file} isn't a file.").format(file=arguments.file))
    await asyncio.to_thread(_open_table, path, arguments.server)  # a wrong file is told before films are loaded
    async with running_services(settings) as services:
        file = await asyncio.to_thread(
            read_server_file,
            path,
            arguments.server,
            lambda film: services.films.index.get(film) is not None,
        )
        counts: Counter[str] = Counter()
        undecided = members = 0
        problems, failures = Counter[Problem](), Counter[str]()
        for (server_id, member_id), builder in sorted(file.histories.items()):
            history = builder.build(Service.PLAIN)
            problems += Counter(history.problems)
            if not history.films:
                continue
            try:
                taken, states = await services.imports.take_history(server_id, member_id, history)
            except MarqueeError as error:
                failures[get_error_message(error) or str(error)] += 1
                continue
            counts += Counter(taken.result)
            undecided += states[FilmState.DOUBTFUL] + states[FilmState.UNKNOWN]
            members += 1
            if sys.stderr.isatty():
                print(_describe_members(members), end="\r", file=sys.stderr, flush=True)
    for line in file.problems:
        print(line, file=sys.stderr)
    if file.bad_rows:
        print(describe_skipped_rows(file.bad_rows), file=sys.stderr)
    for problem, count in problems.items():
        print(count_problem(problem, count), file=sys.stderr)
    for failure, count in failures.items():
        print(f"{format_number(count)} × {failure}", file=sys.stderr)
    _print_counts(counts, members, undecided)
    is_partial = bool(file.bad_rows or problems or failures or undecided)
    return ExitCode.PARTIAL if is_partial else ExitCode.SUCCESS


def _print_counts(counts: Counter[str], members: int, undecided: int) -> None:
    entries = get_list_separator().join(_count_kind(kind, counts[kind]) for kind in KIND_ORDER if counts[kind])
    print(f"{_describe_members(members)}: {entries or _('nothing new')}")
    if undecided:
        message = ngettext(
            "{count} film wasn't found or matches several. Members can settle it with `/import repair`.",
            "{count} films weren't found or match several. Members can settle them with `/import repair`.",
            undecided,
        )
        print(message.format(count=f"{undecided:,}"))


def _count_kind(kind: Kind, count: int) -> str:
    if kind is not Kind.WATCHLIST:
        return count_kind(kind, count)
    message = ngettext("{count} film on a watchlist", "{count} films on watchlists", count)
    return message.format(count=format_number(count))


def _describe_members(count: int) -> str:
    return ngettext("{count} member", "{count} members", count).format(count=f"{count:,}")
