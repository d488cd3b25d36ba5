"""Writes films by the hundred thousand, a batch a transaction: by COPY on PostgreSQL, by prepared rows on SQLite.

Rows are tuples that go to the driver as they are: SQLAlchemy Core's work on each would cost as much as the
database's.
"""

import uuid
from collections.abc import AsyncGenerator, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, MetaData, Table, bindparam, delete, func, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable, DropTable

from bot.core.database.engine import Database, upsert
from bot.core.database.key_value import CATALOGUE_VERSION, set_value
from bot.films.repository import UPDATE_FILM_COUNTS, lock_catalogue, update_film_counts
from bot.films.tables import credits, film_ids, films, people, titles
from bot.imports.repository import find_existing_ids, slice_ids
from bot.imports.staging import Rows, Staging

PEOPLE_PER_RECOUNT = 5_000
PAGE_CACHE_KIB = 96 * 1024
PAGES_BETWEEN_CHECKPOINTS = 32_000
"""Pages (of 4 KiB) in SQLite's log between two checkpoints: each batch changes many pages again."""
_FILM_COLUMNS = ("title", "original_title", "year", "runtime", "genres", "fame")
"""What an existing film takes over; the source knows nothing of the other columns."""
_STAGED_FILM_COLUMNS = tuple(column.name for column in films.columns if column.name != "keywords")
"""The columns of a staged film; no source but the starter catalogue has keywords."""
_PERSON_COLUMNS = ("id", "name", "name_key")
_FILMS = """
SELECT id, title, original_title, year, NULL, runtime, '[]', '[]', genres, '[]', '', coalesce(fame, 0.0), ?
FROM films LEFT JOIN film_fame ON film_id = id WHERE id BETWEEN ? AND ?
"""
_TITLES = "SELECT film_id, position, title, region, language FROM titles WHERE film_id BETWEEN ? AND ?"
_CREDITS = "SELECT film_id, job, position, person_id, role FROM credits WHERE film_id BETWEEN ? AND ?"


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows in the columns of the tables films, titles and credits; a film's id comes first in each."""

    films: Rows
    titles: Rows
    credits: Rows

    def without(self, film_ids: Collection[str]) -> "Batch":
        """Return the batch without those films."""
        if not film_ids:
            return self
        parts = (self.films, self.titles, self.credits)
        return Batch(*([row for row in rows if row[0] not in film_ids] for rows in parts))


@dataclass(slots=True)
class WriteCounts:
    """How many films were `new`, `updated`, or `preserved`: left as they were, as a truncated file lacks parts."""

    new: int = 0
    updated: int = 0
    preserved: int = 0


def read_batches(staging: Staging, source: str, size: int) -> Iterator[Batch]:
    """Yield the staged films with their titles and credits, `size` films at a time."""
    for first, last in staging.key_ranges("films", "id", size):
        film_rows = staging.query(_FILMS, source, first, last)
        main_titles = {(row[0], title) for row in film_rows for title in row[1:3]}
        title_rows = staging.query(_TITLES, first, last)
        yield Batch(
            films=film_rows,
            # A film's own title, without a region or a language, adds nothing.
            titles=[row for row in title_rows if row[3] or row[4] or (row[0], row[2]) not in main_titles],
            credits=staging.query(_CREDITS, first, last),
        )


class BulkWriter:
    """Writes one source's films and people. The catalogue is consistent after every transaction."""

    def __init__(self, database: Database, source: str) -> None:
        self._database = database
        self._source = source
        self.counts = WriteCounts()

    async def write_people(self, rows: Rows) -> None:
        """Insert or update people (id, name, key of the name) in one transaction."""
        async with self._database.write() as connection:
            await self._prepare(connection)
            await self._upsert(
                connection, people, rows, keys=("id",), updates=("name", "name_key"), columns=_PERSON_COLUMNS
            )

    async def write_films(self, batch: Batch, incomplete: Collection[str] = ()) -> None:
        """Insert or update the films in one transaction; `incomplete` ones are inserted only, never updated.

        What a film has from another source, such as its streaming services, stays.
        """
        async with self._database.write() as connection:
            await self._prepare(connection)
            existing = await find_existing_ids(connection, [row[0] for row in batch.films])
            preserved = existing & set(incomplete)
            batch, updated = batch.without(preserved), existing - preserved
            for ids in slice_ids(sorted(updated)):
                for table in (titles, credits):
                    await connection.execute(delete(table).where(table.c.film_id.in_(ids)))
            await self._upsert(
                connection, films, batch.films, keys=("id",), updates=_FILM_COLUMNS, columns=_STAGED_FILM_COLUMNS
            )
            await self._insert(connection, titles, batch.titles)
            await self._insert(connection, credits, batch.credits)
            id_rows = [(self._source, row[0], row[0]) for row in batch.films]
            await self._upsert(connection, film_ids, id_rows, keys=("source", "value"), updates=("film_id",))
            await set_value(connection, CATALOGUE_VERSION, uuid.uuid4().hex)
        self.counts.new += len(batch.films) - len(updated)
        self.counts.updated += len(updated)
        self.counts.preserved += len(preserved)

    async def count_films(self) -> int:
        """Return the number of the catalogue's films that came from the source."""
        async with self._database.read() as connection:
            count = select(func.count()).select_from(films).where(films.c.source == self._source)
            return int((await connection.execute(count)).scalar_one())

    async def write_people_fame(self, rows: Rows) -> None:
        """Update people's number of films and fame, given as (id, number of films, fame), in one transaction."""
        async with self._database.write() as connection:
            await self._prepare(connection)
            if self._database.is_sqlite:
                update = people.update().where(people.c.id == bindparam("person_id"))
                update = update.values(film_count=bindparam("new_count"), fame=bindparam("new_fame"))
                values = [{"person_id": row[0], "new_count": row[1], "new_fame": row[2]} for row in rows]
                await connection.execute(update, values)
            elif rows:
                incoming = await self._create_incoming(connection, people, rows, ("id", "film_count", "fame"))
                changes = {"film_count": incoming.c.film_count, "fame": incoming.c.fame}
                await connection.execute(people.update().where(people.c.id == incoming.c.id).values(changes))
                await connection.execute(DropTable(incoming))

    async def recount_people(self, person_ids: Collection[str]) -> None:
        """Recompute those people's number of films and fame from the catalogue."""
        async with self._database.write() as connection:
            await lock_catalogue(connection)
            await update_film_counts(connection, person_ids)

    async def recount_everybody(self) -> AsyncGenerator[int, None]:
        """Recompute everybody's number of films and fame; yield a transaction's number of people after each."""
        last = ""
        while True:
            async with self._database.write() as connection:
                await lock_catalogue(connection)
                end_query = text("SELECT id FROM people WHERE id > :last ORDER BY id LIMIT 1 OFFSET :rows")
                result = await connection.execute(end_query, {"last": last, "rows": PEOPLE_PER_RECOUNT - 1})
                end = result.scalar_one_or_none()
                condition = "id > :last" + (" AND id <= :end" if end is not None else "")
                values = {"last": last} | ({"end": end} if end is not None else {})
                await connection.execute(text(UPDATE_FILM_COUNTS + condition), values)
            yield PEOPLE_PER_RECOUNT
            if end is None:
                return
            last = end

    async def _prepare(self, connection: AsyncConnection) -> None:
        await lock_catalogue(connection)
        if self._database.is_sqlite:
            await connection.exec_driver_sql(f"PRAGMA cache_size=-{PAGE_CACHE_KIB}")
            await connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint={PAGES_BETWEEN_CHECKPOINTS}")

    async def _insert(
        self, connection: AsyncConnection, table: Table, rows: Rows, columns: Sequence[str] = ()
    ) -> None:
        """Insert rows of these columns, by default of all."""
        columns = columns or table.columns.keys()
        if not rows:
            return
        if self._database.is_sqlite:
            await connection.exec_driver_sql(_sql(connection, table.insert(), columns), rows)
            return
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection
        await driver.copy_records_to_table(table.name, records=rows, columns=list(columns))

    async def _create_incoming(
        self, connection: AsyncConnection, table: Table, rows: Rows, columns: Sequence[str]
    ) -> Table:
        """Return a temporary table with the rows in it: PostgreSQL updates from it by one statement."""
        incoming = Table(
            "incoming",
            MetaData(),
            *(Column(name, table.c[name].type) for name in columns),
            prefixes=["TEMPORARY"],
            postgresql_on_commit="DROP",
        )
        await connection.execute(CreateTable(incoming))
        await self._insert(connection, incoming, rows)
        return incoming

    async def _upsert(
        self,
        connection: AsyncConnection,
        table: Table,
        rows: Rows,
        *,
        keys: tuple[str, ...],
        updates: tuple[str, ...],
        columns: Sequence[str] = (),
    ) -> None:
        """Insert rows of these columns, by default of all; update the `updates` of rows with the same keys."""
        columns = columns or table.columns.keys()
        if not rows:
            return
        if self._database.is_sqlite:
            statement = upsert("sqlite", table, keys, updates)
            await connection.exec_driver_sql(_sql(connection, statement, columns), rows)
            return
        incoming = await self._create_incoming(connection, table, rows, columns)
        insert = postgresql.insert(table).from_select(list(columns), select(incoming))
        changes = {name: insert.excluded[name] for name in updates}
        await connection.execute(insert.on_conflict_do_update(index_elements=list(keys), set_=changes))
        await connection.execute(DropTable(incoming))


def _sql(connection: AsyncConnection, statement: Any, columns: Sequence[str]) -> str:
    """Return the text of an INSERT of these columns, which are in the table's own order."""
    return str(statement.compile(dialect=connection.dialect, column_keys=list(columns)))
