"""Writes films by the hundred thousand, a batch a transaction: by COPY on PostgreSQL, by prepared rows on SQLite.

Rows are tuples that go to the driver as they are: Core's work on each would cost as much as the database's.
"""

import uuid
from collections.abc import AsyncGenerator, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, MetaData, Table, delete, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateTable, DropTable

from bot.films.film import CAST_LIMIT, Job
from bot.storage.database import Database, upsert
from bot.storage.facts import CATALOGUE_VERSION, put_fact
from bot.storage.people import RECOUNT
from bot.storage.schema import credits, film_ids, films, people, titles
from bot.storage.staging import Rows, Staging

IDS_AT_ONCE = 500
PEOPLE_AT_ONCE = 20_000
PAGE_CACHE_KIB = 64 * 1024
_FILM_CHANGE = ("title", "original_title", "year", "runtime", "genres", "fame")
"""What a film that is there takes over: the rest the source knows nothing of."""
_PERSON = ("id", "name", "key")
_FILMS = """
SELECT id, title, original_title, year, NULL, runtime, '[]', '[]', genres, '[]', '', coalesce(fame, 0.0), ?
FROM films LEFT JOIN votes ON film_id = id WHERE id BETWEEN ? AND ?
"""
_TITLES = """
SELECT film_id, row_number() OVER (PARTITION BY film_id ORDER BY min(place)) - 1, t.title, region, language
FROM titles t JOIN films f ON f.id = film_id
WHERE film_id BETWEEN ? AND ?
AND NOT (region IS NULL AND language IS NULL AND t.title IN (f.title, original_title))
GROUP BY film_id, t.title, region, language
"""
_CREDITS = """
SELECT film_id, job, position, person_id, role FROM (
    SELECT film_id, job, row_number() OVER (PARTITION BY film_id, job ORDER BY place) - 1 AS position,
    coalesce(known_id, c.person_id) AS person_id, role
    FROM credits c LEFT JOIN same s ON s.person_id = c.person_id WHERE film_id BETWEEN ? AND ?
) WHERE job <> ? OR position < ?
"""


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
        yield Batch(
            films=staging.ask(_FILMS, source, *span),
            titles=staging.ask(_TITLES, *span),
            credits=staging.ask(_CREDITS, *span, Job.CAST.value, CAST_LIMIT),
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
            await self._tune(connection)
            await self._upsert(connection, people, rows, ("id",), ("name", "key"), _PERSON)

    async def put_films(self, batch: Batch, spared: Collection[str] = ()) -> None:
        """Store the films in one transaction, in place of what they were; `spared` ones only where they are new.

        What another source has given to a film, such as its streaming services, stays.
        """
        async with self._database.write() as connection:
            await self._tune(connection)
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

    async def recount_people(self) -> AsyncGenerator[int, None]:
        """Count everybody's films and fame anew, many a transaction; give how many after each."""
        last = ""
        while True:
            async with self._database.write() as connection:
                end = "SELECT id FROM people WHERE id > :last ORDER BY id LIMIT 1 OFFSET :rows"
                found = await connection.execute(text(end), {"last": last, "rows": PEOPLE_AT_ONCE - 1})
                until = found.scalar_one_or_none()
                span = "id > :last" + (" AND id <= :until" if until is not None else "")
                values = {"last": last} | ({"until": until} if until is not None else {})
                await connection.execute(text(RECOUNT + span), values)
            yield PEOPLE_AT_ONCE
            if until is None:
                return
            last = until

    async def _tune(self, connection: AsyncConnection) -> None:
        if self._database.is_sqlite:
            await connection.exec_driver_sql(f"PRAGMA cache_size=-{PAGE_CACHE_KIB}")

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
        incoming = Table(
            "incoming",
            MetaData(),
            *(Column(name, table.c[name].type) for name in columns),
            prefixes=["TEMPORARY"],
            postgresql_on_commit="DROP",
        )
        await connection.execute(CreateTable(incoming))
        await self._insert(connection, incoming, rows)
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
