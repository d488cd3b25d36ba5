"""`marquee import`: loads films and ratings, one command a source."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.bootstrap import open_catalogue
from bot.cli import ExitCode, log_warnings_only
from bot.config import Settings
from bot.core.errors import InvalidInputError
from bot.core.text.cldr import format_number
from bot.core.text.i18n import _, ngettext
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
    log_warnings_only(settings)
    path = Path(arguments.file) if arguments.file else bundled_data_path(starter.STARTER_FILE)
    async with open_catalogue(settings) as (database, film_repository):
        try:
            catalogue = await starter.import_starter(database, film_repository, path)
        except OSError as error:
            raise InvalidInputError(
                _("{file} can't be read: {reason}.").format(file=path, reason=error.strerror)
            ) from error
    for problem in catalogue.problems:
        print(problem, file=sys.stderr)
    film_count, bad_count = len(catalogue.films), len(catalogue.problems)
    loaded = ngettext("{count} film loaded", "{count} films loaded", film_count).format(count=f"{film_count:,}")
    skipped = ngettext("{count} line skipped", "{count} lines skipped", bad_count).format(count=f"{bad_count:,}")
    print(f"{loaded}, {skipped}")
    return ExitCode.PARTIAL if catalogue.problems else ExitCode.SUCCESS


async def import_imdb(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Load IMDb's files; return PARTIAL where one is damaged or the import was interrupted.

    Raises InvalidInputError where a file or a column is missing, StorageUnavailableError where the database
    or the temporary file can't be written.
    """
    files = open_dataset(Path(arguments.folder))
    options = ImportOptions(include_shorts=arguments.shorts, include_adult=arguments.adult)
    async with open_catalogue(settings) as (database, _films):
        imdb_import = ImdbImport(database, files, settings.data_dir, progress_on(sys.stderr))
        try:
            await imdb_import.run(options)
        except asyncio.CancelledError:
            interrupted = _("Interrupted. What was loaded stays. Run the command again to load the rest.")
            print(f"\n{interrupted}", file=sys.stderr)
            _print_report(imdb_import.report)
            return ExitCode.PARTIAL
    _print_report(imdb_import.report)
    return ExitCode.SUCCESS if imdb_import.report.is_complete else ExitCode.PARTIAL


async def import_movielens(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Load a MovieLens folder; return PARTIAL where rows were left out.

    Raises InvalidInputError where none of its films is in the catalogue.
    """
    async with open_catalogue(settings) as (database, _films):
        repository = RecommendationRepository(database)
        lookup = await repository.get_film_lookup()
        result = await asyncio.to_thread(
            movielens.read,
            Path(arguments.folder),
            lambda film: lookup.find(film.ids, film.title, film.year),
            _print_ratings_read,
        )
        if not len(result.ratings):
            raise InvalidInputError(_("None of its films are in the catalogue. Import IMDb's files first."))
        await repository.save_rating_set(result.ratings, datetime.now(UTC))
    for line in result.problems.examples:
        print(line, file=sys.stderr)
    for kind, count in result.problems.counts.items():
        print(f"{count:,} × {kind}", file=sys.stderr)
    ratings = result.ratings
    loaded = ngettext(
        "{count} rating loaded (films: {films}, members: {members})",
        "{count} ratings loaded (films: {films}, members: {members})",
        len(ratings),
    )
    counts = {"films": f"{len(ratings.film_ids):,}", "members": f"{ratings.member_count:,}"}
    print(loaded.format(count=f"{len(ratings):,}", **counts))
    if result.unknown_films:
        unknown = ngettext(
            "{count} film isn't in the catalogue (ratings: {ratings})",
            "{count} films aren't in the catalogue (ratings: {ratings})",
            result.unknown_films,
        )
        print(unknown.format(count=f"{result.unknown_films:,}", ratings=f"{result.unknown_film_ratings:,}"))
    return ExitCode.PARTIAL if result.problems.counts else ExitCode.SUCCESS


def _print_ratings_read(count: int) -> None:
    message = ngettext("{count} rating read", "{count} ratings read", count)
    print(message.format(count=f"{count:,}"), file=sys.stderr, flush=True)


def _print_report(report: ImdbReport) -> None:
    for file in report.files:
        _print_file_report(file)
    written = report.written
    print(_("films: {new} new, {updated} updated").format(new=f"{written.new:,}", updated=f"{written.updated:,}"))
    known = ngettext(
        "{count} already in the catalogue under another id; added its titles and ids",
        "{count} already in the catalogue under other ids; added their titles and ids",
        report.duplicates,
    )
    print("  " + known.format(count=f"{report.duplicates:,}"))
    if written.preserved:
        kept = ngettext(
            "{count} left unchanged, because a file is damaged",
            "{count} left unchanged, because a file is damaged",
            written.preserved,
        )
        print("  " + kept.format(count=f"{written.preserved:,}"))
    print(_("people: {count}").format(count=f"{report.people:,}"))
    if report.unnamed_credits:
        skipped = ngettext(
            "{count} credit skipped, because {file} doesn't name the person",
            "{count} credits skipped, because {file} doesn't name the person",
            report.unnamed_credits,
        )
        print("  " + skipped.format(count=f"{report.unnamed_credits:,}", file=report.files[-1].name))


def _print_file_report(file: FileReport) -> None:
    lines = ngettext("{file}: {count} line read", "{file}: {count} lines read", file.lines_read)
    kept = _(file.unit).format(count=format_number(file.kept))
    print(f"{lines.format(file=file.name, count=format_number(file.lines_read))} · {kept}")
    for reason, count in file.skipped.most_common(MAX_SKIP_REASONS):
        print("  " + reason.describe(count))
    for problem in file.problems:
        print(problem, file=sys.stderr)
    if (more := file.bad_lines - len(file.problems)) > 0:
        message = ngettext("{file}: {count} more line like these", "{file}: {count} more lines like these", more)
        print(message.format(file=file.name, count=f"{more:,}"), file=sys.stderr)
