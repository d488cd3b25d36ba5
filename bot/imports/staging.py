"""A temporary SQLite file in which another source's rows, too many for memory, are sorted and joined."""

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import REAL, Column, Integer, MetaData, Table, Text, bindparam, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import TypeEngine

INSERT_BATCH = 20_000
CACHE_KIB = 64 * 1024
STEPS_BEFORE_SEEK = 1_000
_AFTER_ALL_IDS = "\U0010ffff"
_metadata = MetaData()


def _table(name: str, key: tuple[str, ...], /, **columns: type[TypeEngine[Any]]) -> Table:
    """Return a table whose rows lie in the order of its key, as in SQLite's tables without row ids."""
    described = (Column(column, kind, primary_key=column in key) for column, kind in columns.items())
    return Table(name, _metadata, *described, sqlite_with_rowid=False)


_table("films", ("id",), id=Text, title=Text, original_title=Text, year=Integer, runtime=Integer, genres=Text)
_table("film_fame", ("film_id",), film_id=Text, fame=REAL)
_table("titles", ("film_id", "position"), film_id=Text, position=Integer, title=Text, region=Text, language=Text)
_table(
    "credits", ("film_id", "job", "position"), film_id=Text, job=Text, position=Integer, person_id=Text, role=Text
)
_table("credited_people", ("person_id",), person_id=Text, film_count=Integer, fame=REAL)
"""People with a credit in a staged film: how many films they have, and the sum of these films' fame."""
_table("names", ("person_id",), person_id=Text, name=Text, key=Text)
_table("director_namesakes", ("person_id",), person_id=Text, name=Text)
"""People of the same name as a director of a film that the catalogue has under another id."""
_table("catalogue_people", ("person_id",), person_id=Text, catalogue_id=Text)
"""People whom the catalogue has under another id."""
_table("incomplete_films", ("film_id",), film_id=Text)
"""Films of which a truncated file doesn't hold everything."""
Rows = list[tuple[Any, ...]]


class Staging:
    """The temporary file: filled table by table, joined, read in the order of ids, and deleted when closed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="import-", suffix=".scratch", dir=folder)
        os.close(handle)
        self._path = Path(name)
        self._connection = sqlite3.connect(name, isolation_level=None)
        # An unlinked file disappears with the process, however that ends. Windows keeps it until close().
        with suppress(OSError):
            self._path.unlink()
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "temp_store=FILE"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        for table in _metadata.sorted_tables:
            self._connection.execute(_sql(CreateTable(table)))
        self._connection.execute("BEGIN")

    def close(self) -> None:
        """Close and delete the file."""
        self._connection.close()
        self._path.unlink(missing_ok=True)

    def insert_rows(self, table: str, rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[int, int]]:
        """Insert the rows, of two with one key the first; yield the numbers read and inserted after each batch."""
        insert = _sql(_metadata.tables[table].insert().prefix_with("OR IGNORE"))
        while batch := list(islice(rows, INSERT_BATCH)):
            inserted = self._connection.executemany(insert, batch).rowcount
            yield len(batch), inserted

    def id_lookup(self, table: str, column: str) -> "IdLookup":
        """Return a test of whether an id is in that column, which is the table's key."""
        return IdLookup(self._connection, table, column)

    def limit_credits(self, job: str, limit: int) -> None:
        """Delete all but the first credits for that job of each film: needed where they came out of order."""
        self._connection.execute(
            "DELETE FROM credits WHERE job = ? AND position > (SELECT max(position) FROM"
            " (SELECT position FROM credits c WHERE c.film_id = credits.film_id AND c.job = credits.job"
            " ORDER BY position LIMIT ?))",
            (job, limit),
        )

    def collect_credited_people(self) -> None:
        """Fill the table of everybody with a credit."""
        self._connection.execute(
            "INSERT INTO credited_people SELECT person_id, count(*), coalesce(sum(fame), 0.0) FROM"
            " (SELECT person_id, film_id FROM credits GROUP BY person_id, film_id) parts"
            " LEFT JOIN film_fame ON film_fame.film_id = parts.film_id GROUP BY person_id ORDER BY person_id"
        )

    def count(self, table: str) -> int:
        """Return the number of the table's rows."""
        return int(self.query(_sql(select(func.count()).select_from(_metadata.tables[table])))[0][0])

    def query(self, statement: str, *values: Any) -> Rows:
        """Return all rows of a SELECT; meant for few rows."""
        return self._connection.execute(statement, values).fetchall()

    def execute(self, statement: str, rows: Iterable[tuple[Any, ...]] = ((),)) -> int:
        """Run a statement once for each of the rows of values; return how many rows it changed."""
        return self._connection.executemany(statement, rows).rowcount

    def key_ranges(self, table: str, key: str, size: int) -> Iterator[tuple[str, str]]:
        """Yield the first and last key of every `size` rows, in the order of the key."""
        column = _metadata.tables[table].c[key]
        some = select(column.label("key")).where(column > bindparam("last")).order_by(column)
        batch = some.limit(bindparam("size", type_=Integer)).subquery()
        statement = _sql(select(func.min(batch.c.key), func.max(batch.c.key)))
        last = ""
        while True:
            # SQLAlchemy compiles SQLite's LIMIT with an offset, which is the third value.
            first, last = self._connection.execute(statement, (last, size, 0)).fetchone()
            if first is None:
                return
            yield first, last


def _sql(statement: Any) -> str:
    return str(statement.compile(dialect=sqlite.dialect()))


class IdLookup:
    """Tests whether an id is in a table of the temporary file.

    Ids looked up in ascending order, as files sorted by id bring them, cost one step each along the table; any
    other order costs a search in the table. Only the time depends on the order, never the result.
    """

    def __init__(self, connection: sqlite3.Connection, table: str, column: str) -> None:
        self._connection = connection
        id_column = _metadata.tables[table].c[column]
        self._statement = _sql(select(id_column).where(id_column >= bindparam("key")).order_by(id_column))
        self._last_key, self._last_result = "", False
        self.is_in_order = True
        """Whether all ids looked up so far came in ascending order."""
        self._ids: Iterator[tuple[str]] = iter(())
        self._current = ""
        self._seek("")

    def __call__(self, key: str) -> bool:
        """Return whether the id is in the table."""
        if key == self._last_key:
            return self._last_result
        if key < self._last_key:
            self.is_in_order = False
            self._seek(key)
        steps = 0
        while self._current < key:
            self._current = next(self._ids, (_AFTER_ALL_IDS,))[0]
            steps += 1
            if steps == STEPS_BEFORE_SEEK:
                self._seek(key)
        self._last_key, self._last_result = key, self._current == key
        return self._last_result

    def _seek(self, key: str) -> None:
        self._ids = self._connection.execute(self._statement, (key,))
        self._current = next(self._ids, (_AFTER_ALL_IDS,))[0]
