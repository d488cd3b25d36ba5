"""Writes films by the hundred thousand, a batch a transaction: by COPY on PostgreSQL, by prepared rows on SQLite.

Rows are tuples that go to the driver as they are: Core's work on each would cost as much as the database's.
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
from bot.core.database.key_value import CATALOGUE_VERSION, put_fact
from bot.films.people_repository import RECOUNT, lock_catalogue, recount
from bot.films.tables import credits, film_ids, films, people, titles
from bot.imports.staging import Rows, Staging

IDS_AT_ONCE = 500
RECOUNTED_AT_ONCE = 5_000
PAGE_CACHE_KIB = 96 * 1024
PAGES_BETWEEN_CHECKPOINTS = 32_000
"""Pages (of 4 KiB) in SQLite's log before they go to their places: each batch changes many pages again."""
_FILM_CHANGE = ("title", "original_title", "year", "runtime", "genres", "fame")
"""What a film that is there takes over: the rest the source knows nothing of."""
_PERSON = ("id", "name", "name_key")
_FILMS = """
SELECT id, title, original_title, year, NULL, runtime, '[]', '[]', genres, '[]', '', coalesce(fame, 0.0), ?
FROM films LEFT JOIN votes ON film_id = id WHERE id BETWEEN ? AND ?
"""
_TITLES = "SELECT film_id, place, title, region, language FROM titles WHERE film_id BETWEEN ? AND ?"
_CREDITS = "SELECT film_id, job, place, person_id, role FROM credits WHERE film_id BETWEEN ? AND ?"


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows as the tables of films, titles and credits take them."""

    films: Rows
    titles: Rows
    credits: Rows

    def without(self, film_ids: Collection[str]) -> "Batch":
        """Give the batch without those films."""
        if not film_ids:
            return self
        parts = (self.films, self.titles, self.credits)
        return Batch(*([row for row in rows if row[0] not in film_ids] for rows in parts))


@dataclass(slots=True)
class Written:
    """How many films were `new`, `changed`, or `spared` as the source was broken where it tells of them."""

    new: int = 0
    changed: int = 0
    spared: int = 0


def batches(staging: Staging, source: str, size: int) -> Iterator[Batch]:
    """Give the staged films with all their parts, `size` at a time."""
    for span in staging.ranges("films", "id", size):
        found = staging.ask(_FILMS, source, *span)
        own = {(row[0], title) for row in found for title in row[1:3]}
        yield Batch(
            films=found,
            # A title of no place that is the film's own says nothing new.
            titles=[row for row in staging.ask(_TITLES, *span) if row[3] or row[4] or (row[0], row[2]) not in own],
            credits=staging.ask(_CREDITS, *span),
        )


class BulkWriter:
    """Writes one source's films and people. Every transaction leaves a catalogue that can be used."""

    def __init__(self, database: Database, source: str) -> None:
        self._database = database
        self._source = source
        self.written = Written()

    async def put_people(self, rows: Rows) -> None:
        """Store people (id, name, key of the name) in one transaction."""
        async with self._database.write() as connection:
            await self._prepare(connection)
            await self._upsert(connection, people, rows, ("id",), ("name", "name_key"), _PERSON)

    async def put_films(self, batch: Batch, spared: Collection[str] = ()) -> None:
        """Store the films in one transaction, in place of what they were; `spared` ones only where they are new.

        What another source has given to a film, such as its streaming services, stays.
        """
        async with self._database.write() as connection:
            await self._prepare(connection)
            there = await _there(connection, [row[0] for row in batch.films])
            left = there & set(spared)
            batch, changed = batch.without(left), there - left
            for ids in _slices(sorted(changed)):
                for table in (titles, credits):
                    await connection.execute(delete(table).where(table.c.film_id.in_(ids)))
            await self._upsert(connection, films, batch.films, ("id",), _FILM_CHANGE)
            await self._insert(connection, titles, batch.titles)
            await self._insert(connection, credits, batch.credits)
            ids_there = [(self._source, row[0], row[0]) for row in batch.films]
            await self._upsert(connection, film_ids, ids_there, ("source", "value"), ("film_id",))
            await put_fact(connection, CATALOGUE_VERSION, uuid.uuid4().hex)
        self.written.new += len(batch.films) - len(changed)
        self.written.changed += len(changed)
        self.written.spared += len(left)

    async def count_films(self) -> int:
        """Count the films that are the source's own."""
        async with self._database.read() as connection:
            counted = select(func.count()).select_from(films).where(films.c.source == self._source)
            return int((await connection.execute(counted)).scalar_one())

    async def put_fame(self, rows: Rows) -> None:
        """Store how many films people have, and how well known they are, as (id, films, fame)."""
        async with self._database.write() as connection:
            await self._prepare(connection)
            if self._database.is_sqlite:
                update = people.update().where(people.c.id == bindparam("person"))
                update = update.values(film_count=bindparam("films"), fame=bindparam("known"))
                values = [{"person": row[0], "films": row[1], "known": row[2]} for row in rows]
                await connection.execute(update, values)
            elif rows:
                incoming = await self._incoming(connection, people, rows, ("id", "film_count", "fame"))
                changes = {"film_count": incoming.c.film_count, "fame": incoming.c.fame}
                await connection.execute(people.update().where(people.c.id == incoming.c.id).values(changes))
                await connection.execute(DropTable(incoming))

    async def recount(self, person_ids: Collection[str]) -> None:
        """Count those people's films and fame anew, from the catalogue."""
        async with self._database.write() as connection:
            await lock_catalogue(connection)
            await recount(connection, person_ids)

    async def recount_everybody(self) -> AsyncGenerator[int, None]:
        """Count everybody's films and fame anew, many a transaction; give how many after each."""
        last = ""
        while True:
            async with self._database.write() as connection:
                await lock_catalogue(connection)
                end = "SELECT id FROM people WHERE id > :last ORDER BY id LIMIT 1 OFFSET :rows"
                found = await connection.execute(text(end), {"last": last, "rows": RECOUNTED_AT_ONCE - 1})
                until = found.scalar_one_or_none()
                span = "id > :last" + (" AND id <= :until" if until is not None else "")
                values = {"last": last} | ({"until": until} if until is not None else {})
                await connection.execute(text(RECOUNT + span), values)
            yield RECOUNTED_AT_ONCE
            if until is None:
                return
            last = until

    async def _prepare(self, connection: AsyncConnection) -> None:
        await lock_catalogue(connection)
        if self._database.is_sqlite:
            await connection.exec_driver_sql(f"PRAGMA cache_size=-{PAGE_CACHE_KIB}")
            await connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint={PAGES_BETWEEN_CHECKPOINTS}")

    async def _insert(
        self, connection: AsyncConnection, table: Table, rows: Rows, columns: Sequence[str] = ()
    ) -> None:
        """Insert rows of these columns, of all where none are named."""
        columns = columns or table.columns.keys()
        if not rows:
            return
        if self._database.is_sqlite:
            await connection.exec_driver_sql(_sql(connection, table.insert(), columns), rows)
            return
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection
        await driver.copy_records_to_table(table.name, records=rows, columns=list(columns))

    async def _incoming(
        self, connection: AsyncConnection, table: Table, rows: Rows, columns: Sequence[str]
    ) -> Table:
        """Give a table of this transaction's own that holds the rows, for PostgreSQL to work on at once."""
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
        keys: tuple[str, ...],
        change: tuple[str, ...],
        columns: Sequence[str] = (),
    ) -> None:
        """Insert the rows; where one with the same keys is there, set the columns `change` of it."""
        columns = columns or table.columns.keys()
        if not rows:
            return
        if self._database.is_sqlite:
            statement = upsert("sqlite", table, keys, change)
            await connection.exec_driver_sql(_sql(connection, statement, columns), rows)
            return
        incoming = await self._incoming(connection, table, rows, columns)
        insert = postgresql.insert(table).from_select(list(columns), select(incoming))
        changes = {name: insert.excluded[name] for name in change}
        await connection.execute(insert.on_conflict_do_update(index_elements=list(keys), set_=changes))
        await connection.execute(DropTable(incoming))


def _sql(connection: AsyncConnection, statement: Any, columns: Sequence[str]) -> str:
    """Give the text of an INSERT of these columns, which stand in the table's own order."""
    return str(statement.compile(dialect=connection.dialect, column_keys=list(columns)))


async def _there(connection: AsyncConnection, film_ids: list[str]) -> set[str]:
    there: set[str] = set()
    for ids in _slices(film_ids):
        there |= set((await connection.execute(select(films.c.id).where(films.c.id.in_(ids)))).scalars())
    return there


def _slices(ids: list[str]) -> Iterator[list[str]]:
    return (ids[start : start + IDS_AT_ONCE] for start in range(0, len(ids), IDS_AT_ONCE))
