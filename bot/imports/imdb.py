"""Imports IMDb's files into the catalogue: staged in a temporary file, joined there, written batch by batch."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import aclosing, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.core.database.engine import Database
from bot.core.database.failures import DatabaseUnavailableError
from bot.core.errors import StorageUnavailableError
from bot.core.text.i18n import _
from bot.films.deduplication import unordered_key
from bot.films.models import CAST_LIMIT, CreditJob, name_key
from bot.films.repository import FilmRepository
from bot.imports.bulk_writer import BulkWriter, WriteCounts, read_batches
from bot.imports.deduplication import Deduplicator
from bot.imports.progress import Progress
from bot.imports.repository import ImportRepository
from bot.imports.staging import IdLookup, Rows, Staging
from bot.sources.imdb import dataset
from bot.sources.imdb.dataset import ImdbDataset
from bot.sources.imdb.tsv import FileReport, SkipReason, TsvFile

SOURCE = "imdb"
FILMS_PER_BATCH = 10_000
"""Films of a transaction. It holds SQLite's write lock for a second or two, so a bot can go on meanwhile."""
PEOPLE_PER_BATCH = 20_000
ReadRows = Callable[[TsvFile, dataset.IsWanted], Iterator[Any]]


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What to import besides feature films."""

    include_shorts: bool = False
    include_adult: bool = False


@dataclass(slots=True)
class ImdbReport:
    """The result of an import: of each file, and of the catalogue."""

    files: tuple[FileReport, ...]
    written: WriteCounts = field(default_factory=WriteCounts)
    people: int = 0
    unnamed_credits: int = 0
    """Credits left out because name.basics doesn't name the person."""
    duplicates: int = 0
    """Films that were in the catalogue under another id, and gained titles and ids."""

    @property
    def is_complete(self) -> bool:
        """Whether no file had a bad line or ended early."""
        return not any(file.bad_lines for file in self.files)


class ImdbImport:
    """One import. `report` can be read at any time, also after an interruption."""

    def __init__(self, database: Database, files: ImdbDataset, temporary_folder: Path, progress: Progress) -> None:
        self._database = database
        self._files = files
        self._temporary_folder = temporary_folder
        self._progress = progress
        self._writer = BulkWriter(database, SOURCE)
        self._film_lookups: dict[str, IdLookup] = {}
        """By file name: whether a film is wanted, and whether the file was sorted by film."""
        self.report = ImdbReport(tuple(file.report for file in files.files), self._writer.counts)

    async def run(self, options: ImportOptions) -> None:
        """Read all files and write what is wanted; every batch written stays, whatever happens after it.

        Raises StorageUnavailableError where the database or the temporary file can't be written.
        """
        repository = ImportRepository(self._database)
        try:
            with closing(Staging(self._temporary_folder)) as staging:
                await self._stage_titles(staging, options)
                deduplicator = await Deduplicator.load(repository, SOURCE)
                await self._stage_people(staging, deduplicator)
                self._find_incomplete_films(staging)
                await deduplicator.remove_duplicates(staging)
                await self._write_people(staging)
                await self._write_films(staging)
                self.report.duplicates = await deduplicator.store_merged_films(FilmRepository(self._database))
                await self._write_people_fame(staging, deduplicator.affected_people)
        except (sqlite3.Error, SQLAlchemyError, OSError, DatabaseUnavailableError) as error:
            reason = error.__cause__ if isinstance(error, DatabaseUnavailableError) else error
            raise StorageUnavailableError(
                _(
                    "The import stopped: {reason}. What was written stays; the same command again makes it whole."
                ).format(reason=reason)
            ) from error

    async def _stage_titles(self, staging: Staging, options: ImportOptions) -> None:
        files = self._files
        films = dataset.read_films(
            files.basics, include_shorts=options.include_shorts, include_adult=options.include_adult
        )
        await self._stage(staging, "films", files.basics, films)
        self._film_lookups = {file.path.name: staging.id_lookup("films", "id") for file in files.files}
        steps: tuple[tuple[str, TsvFile, ReadRows, SkipReason | None], ...] = (
            ("film_fame", files.ratings, dataset.read_fame, dataset.SKIPPED_TITLES),
            ("titles", files.akas, dataset.read_titles, dataset.SKIPPED_TITLES),
            ("credits", files.crew, dataset.read_crew, None),
            ("credits", files.principals, dataset.read_principals, dataset.SKIPPED_CREDITS),
        )
        for table, file, read_rows, skip_reason in steps:
            await self._stage(staging, table, file, read_rows(file, self._film_lookups[file.path.name]))
            if skip_reason is not None:
                file.report.skip_the_rest(skip_reason)

    async def _stage_people(self, staging: Staging, deduplicator: Deduplicator) -> None:
        """Stage the names of all who have a credit, and of those the namesakes of the catalogue's directors."""
        principals, names = self._files.principals, self._files.names
        if principals.report.is_unsorted or not self._film_lookups[principals.path.name].is_in_order:
            staging.limit_credits(CreditJob.CAST.value, CAST_LIMIT)
        staging.collect_credited_people()
        namesakes: Rows = []

        def named_people() -> Iterator[tuple[str, str, str]]:
            is_credited = staging.id_lookup("credited_people", "person_id")
            for person_id, name in dataset.read_names(names, is_credited):
                if unordered_key(name) in deduplicator.director_keys:
                    namesakes.append((person_id, name))
                yield person_id, name, name_key(name)

        await self._stage(staging, "names", names, named_people())
        names.report.skip_the_rest(dataset.SKIPPED_PEOPLE)
        staging.execute("INSERT OR IGNORE INTO director_namesakes VALUES (?, ?)", namesakes)
        if staging.count("names") < staging.count("credited_people"):
            if names.report.is_truncated:
                staging.execute(
                    "INSERT OR IGNORE INTO incomplete_films SELECT film_id FROM credits"
                    " WHERE person_id NOT IN (SELECT person_id FROM names)"
                )
            self.report.unnamed_credits = staging.execute(
                "DELETE FROM credits WHERE person_id NOT IN (SELECT person_id FROM names)"
            )

    async def _stage(self, staging: Staging, table: str, file: TsvFile, rows: Iterator[Any]) -> None:
        """Insert the rows that were read from the file, and count them in its report."""
        report = file.report
        self._progress.start_step(file.path.name, file.size)
        file.on_read = lambda done: self._progress.update(done, report.lines_read)
        for count, inserted in staging.insert_rows(table, rows):
            report.kept += inserted
            if count > inserted:
                report.skipped[dataset.SKIPPED_TWICE] += count - inserted
            await asyncio.sleep(0)  # where a cancellation can take effect
        self._progress.end_step()

    def _find_incomplete_films(self, staging: Staging) -> None:
        """Collect the films of which a truncated file may lack something: existing ones are left as they are."""
        files = self._files
        for file, last_film_query in (
            (files.ratings, "SELECT max(film_id) FROM film_fame"),
            (files.akas, "SELECT max(film_id) FROM titles"),
            (files.crew, "SELECT max(film_id) FROM credits WHERE job IN ('director', 'writer')"),
            (files.principals, "SELECT max(film_id) FROM credits WHERE job IN ('cast', 'composer')"),
        ):
            if file.report.is_truncated:
                # The last film may lack a part, and those after it everything; in an unsorted file, any film may.
                last_film = staging.query(last_film_query)[0][0]
                first = last_film if last_film and self._film_lookups[file.path.name].is_in_order else ""
                staging.execute(
                    "INSERT OR IGNORE INTO incomplete_films SELECT id FROM films WHERE id >= ?", [(first,)]
                )

    async def _write_people(self, staging: Staging) -> None:
        """Write the people, whom the films will refer to."""
        self._progress.start_step("people", staging.count("names"))
        for first, last in staging.key_ranges("names", "person_id", PEOPLE_PER_BATCH):
            rows = staging.query(
                "SELECT person_id, name, key FROM names WHERE person_id BETWEEN ? AND ?"
                " AND person_id NOT IN (SELECT person_id FROM catalogue_people)",
                first,
                last,
            )
            await self._writer.write_people(rows)
            self.report.people += len(rows)
            self._progress.update(self.report.people, self.report.people)
        self._progress.end_step()

    async def _write_films(self, staging: Staging) -> None:
        self._progress.start_step("films", staging.count("films"))
        has_incomplete = staging.count("incomplete_films") > 0
        done = 0
        for batch in read_batches(staging, SOURCE, FILMS_PER_BATCH):
            incomplete: Rows = []
            if has_incomplete:
                between = "SELECT film_id FROM incomplete_films WHERE film_id BETWEEN ? AND ?"
                incomplete = staging.query(between, batch.films[0][0], batch.films[-1][0])
            await self._writer.write_films(batch, incomplete={film_id for (film_id,) in incomplete})
            done += len(batch.films)
            self._progress.update(done, done)
        self._progress.end_step()

    async def _write_people_fame(self, staging: Staging, affected_people: set[str]) -> None:
        """Store people's number of films and fame: as staged where that is all there is, else recounted: slower.

        `affected_people` have films that are not staged.
        """
        self._progress.start_step("how well known people are", self.report.people)
        done = 0
        written = self.report.written
        all_new = not written.updated and not written.preserved
        if all_new and await self._writer.count_films() == staging.count("films"):
            for first, last in staging.key_ranges("credited_people", "person_id", PEOPLE_PER_BATCH):
                rows = staging.query(
                    "SELECT person_id, film_count, fame FROM credited_people WHERE person_id BETWEEN ? AND ?",
                    first,
                    last,
                )
                await self._writer.write_people_fame(rows)
                done += len(rows)
                self._progress.update(done, done)
            await self._writer.recount_people(affected_people)
        else:
            async with aclosing(self._writer.recount_everybody()) as counts:
                async for count in counts:
                    done += count
                    self._progress.update(done, min(done, self.report.people))
        self._progress.end_step()
