"""Loads IMDb's files into the catalogue: staged in a scratch file, joined there, written batch by batch."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import aclosing, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.core.database.engine import Database
from bot.core.errors import StorageUnavailableError
from bot.films.deduplication import unordered_key
from bot.films.models import CAST_LIMIT, Job
from bot.films.people import name_key
from bot.films.repository import FilmStore
from bot.imports.bulk_writer import BulkWriter, Written, batches
from bot.imports.deduplication import Twins
from bot.imports.progress import Progress
from bot.imports.staging import Rows, Staging
from bot.sources.imdb import records
from bot.sources.imdb.folder import ImdbFolder
from bot.sources.imdb.tsv import FileReport, TsvFile

SOURCE = "imdb"
FILMS_AT_ONCE = 10_000
"""Films of a transaction: it holds SQLite's write lock for a second or two, so that a bot goes on beside it."""
PEOPLE_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Wishes:
    """What to take besides feature films."""

    shorts: bool = False
    adult: bool = False


@dataclass(slots=True)
class ImdbReport:
    """What an import came to: of each file, and of the catalogue."""

    files: tuple[FileReport, ...]
    written: Written = field(default_factory=Written)
    people: int = 0
    unnamed: int = 0
    """Credits left out because name.basics doesn't tell whose they are."""
    twins: int = 0
    """Films that were in the catalogue under another id, and gained titles and ids."""

    @property
    def whole(self) -> bool:
        """Whether no file had a bad line or an early end."""
        return not any(file.bad for file in self.files)


class ImdbImport:
    """One import. `report` can be read at any time, also after an interruption."""

    def __init__(self, database: Database, files: ImdbFolder, scratch: Path, progress: Progress) -> None:
        self._database = database
        self._files = files
        self._scratch = scratch
        self._progress = progress
        self._writer = BulkWriter(database, SOURCE)
        self.report = ImdbReport(tuple(file.report for file in files.files), self._writer.written)

    async def run(self, wishes: Wishes) -> None:
        """Read all files and write what is wanted; every batch written stays, whatever happens after it.

        Raises StorageUnavailableError where the database or the scratch file can't be written.
        """
        try:
            with closing(Staging(self._scratch)) as staging:
                await self._stage_titles(staging, wishes)
                twins = await Twins.among(self._database, SOURCE)
                await self._stage_people(staging, twins)
                self._spare(staging)
                await twins.part(staging)
                await self._write(staging)
                self.report.twins = await twins.unite(FilmStore(self._database))
                await self._tell_fame(staging, twins.people)
        except (sqlite3.Error, SQLAlchemyError, OSError) as error:
            raise StorageUnavailableError(
                f"The import stopped: {error}. What was written stays; the same command again makes it whole."
            ) from error

    async def _stage_titles(self, staging: Staging, wishes: Wishes) -> None:
        files = self._files
        await self._fill(
            staging, "films", files.basics, records.films(files.basics, shorts=wishes.shorts, adult=wishes.adult)
        )
        self._known = {file.path.name: staging.known("films", "id") for file in files.files}
        for table, file, read, rest in (
            ("votes", files.ratings, records.votes, records.OF_NO_FILM),
            ("titles", files.akas, records.titles, records.OF_NO_FILM),
            ("credits", files.crew, records.crew, ""),
            ("credits", files.principals, records.principals, records.OF_NO_CAST),
        ):
            reader: Callable[[TsvFile, records.Wanted], Iterator[Any]] = read
            await self._fill(staging, table, file, reader(file, self._known[file.path.name]))
            if rest:
                file.report.skip_the_rest(rest)

    async def _stage_people(self, staging: Staging, twins: Twins) -> None:
        """Stage the names of all who have a part in the films, and note who may be known already."""
        if self._files.principals.report.shuffled or not self._known[self._files.principals.path.name].in_order:
            staging.keep_first(Job.CAST.value, CAST_LIMIT)
        staging.want_people()
        suspects: Rows = []

        def keyed() -> Iterator[tuple[str, str, str]]:
            for person, name in records.names(self._files.names, staging.known("wanted", "person_id")):
                if unordered_key(name) in twins.directors:
                    suspects.append((person, name))
                yield person, name, name_key(name)

        await self._fill(staging, "names", self._files.names, keyed())
        self._files.names.report.skip_the_rest(records.OF_NOBODY)
        staging.change("INSERT OR IGNORE INTO suspects VALUES (?, ?)", suspects)
        if staging.count("names") < staging.count("wanted"):
            if self._files.names.report.broken:
                staging.change(
                    "INSERT OR IGNORE INTO spared SELECT film_id FROM credits"
                    " WHERE person_id NOT IN (SELECT person_id FROM names)"
                )
            self.report.unnamed = staging.change(
                "DELETE FROM credits WHERE person_id NOT IN (SELECT person_id FROM names)"
            )

    async def _fill(self, staging: Staging, table: str, file: TsvFile, rows: Iterator[Any]) -> None:
        """Stage what is wanted of a file."""
        report = file.report
        self._progress.begin(file.path.name, file.size)
        file.tick = lambda done: self._progress.at(done, report.read)
        for given, new in staging.fill(table, rows):
            report.kept += new
            if given > new:
                report.skipped["given twice"] += given - new
            await asyncio.sleep(0)  # lets an interruption in
        self._progress.end()

    def _spare(self, staging: Staging) -> None:
        """Note the films of which a broken file can't tell everything: those in the catalogue stay as they are."""
        files = self._files
        for file, last_told in (
            (files.ratings, "SELECT max(film_id) FROM votes"),
            (files.akas, "SELECT max(film_id) FROM titles"),
            (files.crew, "SELECT max(film_id) FROM credits WHERE job IN ('director', 'writer')"),
            (files.principals, "SELECT max(film_id) FROM credits WHERE job IN ('cast', 'composer')"),
        ):
            if file.report.broken:
                # The last film told of may be told of by half. Without order nobody knows which those are.
                last = staging.ask(last_told)[0][0]
                first = last if last and self._known[file.path.name].in_order else ""
                staging.change("INSERT OR IGNORE INTO spared SELECT id FROM films WHERE id >= ?", [(first,)])

    async def _write(self, staging: Staging) -> None:
        """Write people first, whom the films refer to, then the films, then how well known people are."""
        self._progress.begin("people", staging.count("names"))
        for span in staging.ranges("names", "person_id", PEOPLE_AT_ONCE):
            statement = (
                "SELECT person_id, name, key FROM names WHERE person_id BETWEEN ? AND ?"
                " AND person_id NOT IN (SELECT person_id FROM same)"
            )
            rows = staging.ask(statement, *span)
            await self._writer.put_people(rows)
            self.report.people += len(rows)
            self._progress.at(self.report.people, self.report.people)
        self._progress.end()
        spared = {film_id for (film_id,) in staging.ask("SELECT film_id FROM spared LIMIT 1")}
        self._progress.begin("films", staging.count("films"))
        done = 0
        for batch in batches(staging, SOURCE, FILMS_AT_ONCE):
            if spared:
                span = (batch.films[0][0], batch.films[-1][0])
                among = staging.ask("SELECT film_id FROM spared WHERE film_id BETWEEN ? AND ?", *span)
                await self._writer.put_films(batch, {film_id for (film_id,) in among})
            else:
                await self._writer.put_films(batch)
            done += len(batch.films)
            self._progress.at(done, done)
        self._progress.end()

    async def _tell_fame(self, staging: Staging, not_staged: set[str]) -> None:
        """Store how well known people are: as staged where that is all there is, else counted anew: slower."""
        self._progress.begin("how well known people are", self.report.people)
        done = 0
        written = self.report.written
        fresh = not written.changed and not written.spared
        if fresh and await self._writer.count_films() == staging.count("films"):
            for span in staging.ranges("wanted", "person_id", PEOPLE_AT_ONCE):
                rows = staging.ask(
                    "SELECT person_id, films, fame FROM wanted WHERE person_id BETWEEN ? AND ?", *span
                )
                await self._writer.put_fame(rows)
                done += len(rows)
                self._progress.at(done, done)
            await self._writer.recount(not_staged)
        else:
            async with aclosing(self._writer.recount_everybody()) as counted:
                async for people in counted:
                    done += people
                    self._progress.at(done, min(done, self.report.people))
        self._progress.end()
