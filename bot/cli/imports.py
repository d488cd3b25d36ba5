"""`marquee import`: loads films and ratings, one command a source."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.bootstrap import open_catalogue
from bot.cli import ExitCode
from bot.config import Settings
from bot.core.errors import InvalidInputError
from bot.imports import starter
from bot.imports.imdb import ImdbImport, ImdbReport, ImportOptions
from bot.imports.progress import progress_on
from bot.recommendations.repository import RecommendationRepository
from bot.sources import movielens
from bot.sources.imdb.dataset import open_dataset
from bot.sources.imdb.tsv import FileReport
from bot.sources.starter import bundled_data_path

MAX_SKIP_REASONS = 12
"""Reasons for skipping that are printed of a file; IMDb has about as many types of title."""


async def import_starter(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Load a catalogue file; return PARTIAL where lines were left out.

    Raises InvalidInputError where the file can't be read.
    """
    path = Path(arguments.file) if arguments.file else bundled_data_path(starter.STARTER_FILE)
    async with open_catalogue(settings) as (database, film_repository):
        try:
            catalogue = await starter.import_starter(database, film_repository, path)
        except OSError as error:
            raise InvalidInputError(f"{path} can't be read: {error.strerror}.") from error
    for problem in catalogue.problems:
        print(problem, file=sys.stderr)
    print(f"{len(catalogue.films):,} films loaded, {len(catalogue.problems):,} lines skipped")
    return ExitCode.PARTIAL if catalogue.problems else ExitCode.SUCCESS


async def import_imdb(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Load IMDb's files; return PARTIAL where one is damaged or the import was interrupted.

    Raises InvalidInputError where a file or a column is missing, StorageUnavailableError where the database
    or the temporary file can't be written.
    """
    files = open_dataset(Path(arguments.folder))
    options = ImportOptions(include_shorts=arguments.shorts, include_adult=arguments.adult)
    async with open_catalogue(settings) as (database, _):
        imdb_import = ImdbImport(database, files, settings.data_dir, progress_on(sys.stderr))
        try:
            await imdb_import.run(options)
        except asyncio.CancelledError:
            print("\nInterrupted. What was loaded stays. Run the command again to load the rest.", file=sys.stderr)
            _print_report(imdb_import.report)
            return ExitCode.PARTIAL
    _print_report(imdb_import.report)
    return ExitCode.SUCCESS if imdb_import.report.is_complete else ExitCode.PARTIAL


async def import_movielens(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Load a MovieLens folder; return PARTIAL where rows were left out.

    Raises InvalidInputError where none of its films is in the catalogue.
    """
    async with open_catalogue(settings) as (database, _):
        repository = RecommendationRepository(database)
        lookup = await repository.get_film_lookup()
        result = await asyncio.to_thread(
            movielens.read,
            Path(arguments.folder),
            lambda film: lookup.find(film.ids, film.title, film.year),
            lambda count: print(f"{count:,} ratings read", file=sys.stderr, flush=True),
        )
        if not len(result.ratings):
            raise InvalidInputError("None of its films are in the catalogue. Import IMDb's files first.")
        await repository.save_rating_set(result.ratings, datetime.now(UTC))
    for line in result.problems.examples:
        print(line, file=sys.stderr)
    for kind, count in result.problems.counts.items():
        print(f"{count:,} × {kind}", file=sys.stderr)
    ratings = result.ratings
    films, members = len(ratings.film_ids), ratings.member_count
    print(f"{len(ratings):,} ratings of {films:,} films by {members:,} members loaded")
    if result.unknown_films:
        count = result.unknown_film_ratings
        print(f"{result.unknown_films:,} films with {count:,} ratings aren't in the catalogue")
    return ExitCode.PARTIAL if result.problems.counts else ExitCode.SUCCESS


def _print_report(report: ImdbReport) -> None:
    for file in report.files:
        _print_file_report(file)
    written = report.written
    print(f"films: {written.new:,} new, {written.updated:,} updated, ", end="")
    print(f"{report.duplicates:,} in the catalogue")
    print("  under another id, which have gained titles and ids")
    if written.preserved:
        print(f"  {written.preserved:,} kept as they were, because a damaged file doesn't have all of them")
    print(f"people: {report.people:,}")
    if report.unnamed_credits:
        names_file = report.files[-1].name
        print(f"  {report.unnamed_credits:,} credits skipped, because {names_file} doesn't name the person")


def _print_file_report(file: FileReport) -> None:
    print(f"{file.name}: {file.lines_read:,} lines read, {file.kept:,} {file.unit} kept")
    for reason, count in file.skipped.most_common(MAX_SKIP_REASONS):
        print(f"  skipped: {count:,} {reason}")
    for problem in file.problems:
        print(problem, file=sys.stderr)
    if (more := file.bad_lines - len(file.problems)) > 0:
        print(f"{file.name}: {more:,} more lines like these", file=sys.stderr)
