"""What `marquee import` does with each source. Each gives the exit status."""

import argparse
import asyncio
import sys
from pathlib import Path

from bot.bootstrap import import_starter as load_catalogue_file
from bot.bootstrap import open_catalogue
from bot.cli.exit_codes import DONE, DONE_IN_PART
from bot.config import Settings
from bot.core.errors import InvalidInputError
from bot.imports.imdb import ImdbImport, ImdbReport, Wishes
from bot.imports.progress import progress_on
from bot.sources.bundled import bundled
from bot.sources.imdb.folder import open_folder
from bot.sources.imdb.tsv import FileReport

TOLD_REASONS = 12
"""Reasons for skipping told of a file; IMDb knows about as many types of title."""


async def import_starter(settings: Settings, arguments: argparse.Namespace) -> int:
    """Load a catalogue file; gives 1 where lines were left out. Raises InvalidInputError without the file."""
    path = Path(arguments.file) if arguments.file else bundled("films.jsonl")
    async with open_catalogue(settings) as (database, film_store):
        try:
            catalogue = await load_catalogue_file(database, film_store, path)
        except OSError as error:
            raise InvalidInputError(f"{path} can't be read: {error.strerror}.") from error
    for problem in catalogue.problems:
        print(problem, file=sys.stderr)
    print(f"{len(catalogue.films)} films loaded, {len(catalogue.problems)} lines left out")
    return DONE_IN_PART if catalogue.problems else DONE


async def import_imdb(settings: Settings, arguments: argparse.Namespace) -> int:
    """Load IMDb's files; gives 1 where one is damaged or the import was interrupted.

    Raises InvalidInputError where a file or a column is missing, StorageUnavailableError where the database
    or the scratch file can't be written.
    """
    folder = open_folder(Path(arguments.folder))
    wishes = Wishes(shorts=arguments.shorts, adult=arguments.adult)
    async with open_catalogue(settings) as (database, _):
        work = ImdbImport(database, folder, settings.data_dir, progress_on(sys.stderr))
        try:
            await work.run(wishes)
        except asyncio.CancelledError:
            print("\nInterrupted. What was written stays; the same command again makes it whole.", file=sys.stderr)
            _print(work.report)
            return DONE_IN_PART
    _print(work.report)
    return DONE if work.report.whole else DONE_IN_PART


def _print(report: ImdbReport) -> None:
    for file in report.files:
        _print_file(file)
    written = report.written
    print(f"films: {written.new:,} new, {written.changed:,} brought up to date, {report.twins:,} in the catalogue")
    print("  under another id, which have gained titles and ids")
    if written.spared:
        print(f"  {written.spared:,} left as they were, because a damaged file doesn't tell all of them")
    print(f"people: {report.people:,}")
    if report.unnamed:
        print(f"  {report.unnamed:,} credits left out, because {report.files[-1].name} doesn't name the person")


def _print_file(file: FileReport) -> None:
    print(f"{file.name}: {file.read:,} lines read, {file.kept:,} {file.unit} kept")
    for reason, count in file.skipped.most_common(TOLD_REASONS):
        print(f"  skipped: {count:,} {reason}")
    for problem in file.problems:
        print(problem, file=sys.stderr)
    if (more := file.bad - len(file.problems)) > 0:
        print(f"{file.name}: {more:,} more lines like these", file=sys.stderr)
