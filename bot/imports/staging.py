"""A scratch SQLite file in which another source's rows, too many for the memory, are sorted and joined."""

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

ROWS_AT_ONCE = 20_000
CACHE_KIB = 64 * 1024
STEPS_BEFORE_SEEK = 1_000
_LAST = "\U0010ffff"
_metadata = MetaData()


def _table(name: str, key: tuple[str, ...], /, **columns: type[TypeEngine[Any]]) -> Table:
    """Give a table that lies in the order of its key, as SQLite's tables without row ids do."""
    described = (Column(column, kind, primary_key=column in key) for column, kind in columns.items())
    return Table(name, _metadata, *described, sqlite_with_rowid=False)


_table("films", ("id",), id=Text, title=Text, original_title=Text, year=Integer, runtime=Integer, genres=Text)
_table("votes", ("film_id",), film_id=Text, fame=REAL)
_table("titles", ("film_id", "place"), film_id=Text, place=Integer, title=Text, region=Text, language=Text)
_table("credits", ("film_id", "job", "place"), film_id=Text, job=Text, place=Integer, person_id=Text, role=Text)
_table("wanted", ("person_id",), person_id=Text, films=Integer, fame=REAL)
"""People who have a part in a film, with how many films those are, and their summed fame."""
_table("names", ("person_id",), person_id=Text, name=Text, key=Text)
_table("suspects", ("person_id",), person_id=Text, name=Text)
"""People called like a director of a film that the catalogue has under another id."""
_table("same", ("person_id",), person_id=Text, known_id=Text)
"""People whom the catalogue has under another id."""
_table("spared", ("film_id",), film_id=Text)
"""Films that a broken file doesn't tell everything of."""
Rows = list[tuple[Any, ...]]


class Staging:
    """The scratch file: filled table by table, joined, read back in the order of ids, and gone when closed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="import-", suffix=".scratch", dir=folder)
        os.close(handle)
        self._path = Path(name)
        self._connection = sqlite3.connect(name, isolation_level=None)
        # A file without a name is gone with the process, however that ends. Windows keeps it until close().
        with suppress(OSError):
            self._path.unlink()
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "temp_store=FILE"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        for table in _metadata.sorted_tables:
            self._connection.execute(_sql(CreateTable(table)))
        self._connection.execute("BEGIN")

    def close(self) -> None:
        """Close the file and let it go."""
        self._connection.close()
        self._path.unlink(missing_ok=True)

    def fill(self, table: str, rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[int, int]]:
        """Take the rows in, of two with one key the first; give after every so many how many, and how many new."""
        insert = _sql(_metadata.tables[table].insert().prefix_with("OR IGNORE"))
        while batch := list(islice(rows, ROWS_AT_ONCE)):
            added = self._connection.executemany(insert, batch)
            yield len(batch), added.rowcount

    def known(self, table: str, column: str) -> "Known":
        """Give a test of whether an id stands in that column, the table's key."""
        return Known(self._connection, table, column)

    def keep_first(self, job: str, limit: int) -> None:
        """Drop all but the first credits for that job of each film: needed where they came out of order."""
        self._connection.execute(
            "DELETE FROM credits WHERE job = ? AND place > (SELECT max(place) FROM (SELECT place FROM credits c"
            " WHERE c.film_id = credits.film_id AND c.job = credits.job ORDER BY place LIMIT ?))",
            (job, limit),
        )

    def want_people(self) -> None:
        """Note all who have a credit, each with how many films and how famous."""
        self._connection.execute(
            "INSERT INTO wanted SELECT person_id, count(*), coalesce(sum(fame), 0.0) FROM"
            " (SELECT person_id, film_id FROM credits GROUP BY person_id, film_id) parts"
            " LEFT JOIN votes ON votes.film_id = parts.film_id GROUP BY person_id ORDER BY person_id"
        )

    def count(self, table: str) -> int:
        """Count the table's rows."""
        return int(self.ask(_sql(select(func.count()).select_from(_metadata.tables[table])))[0][0])

    def ask(self, statement: str, *values: Any) -> Rows:
        """Give the rows of a statement, all at once: for few."""
        return self._connection.execute(statement, values).fetchall()

    def change(self, statement: str, rows: Iterable[tuple[Any, ...]] = ((),)) -> int:
        """Run a statement for each of the rows of values; give how many rows it changed."""
        return self._connection.executemany(statement, rows).rowcount

    def ranges(self, table: str, key: str, size: int) -> Iterator[tuple[str, str]]:
        """Give first and last key of every `size` rows."""
        column = _metadata.tables[table].c[key]
        some = select(column.label("key")).where(column > bindparam("last")).order_by(column)
        span = some.limit(bindparam("size", type_=Integer)).subquery()
        statement = _sql(select(func.min(span.c.key), func.max(span.c.key)))
        last = ""
        while True:
            # SQLAlchemy writes SQLite's LIMIT with an offset, which is the third value.
            first, last = self._connection.execute(statement, (last, size, 0)).fetchone()
            if first is None:
                return
            yield first, last


def _sql(statement: Any) -> str:
    return str(statement.compile(dialect=sqlite.dialect()))


class Known:
    """Tells whether an id stands in a table of the scratch file.

    Ids asked in ascending order, as files sorted by id bring them, cost one step each along the table; any
    other order costs a look into the table, so that nothing depends on the order but the time.
    """

    def __init__(self, connection: sqlite3.Connection, table: str, column: str) -> None:
        self._connection = connection
        here = _metadata.tables[table].c[column]
        self._statement = _sql(select(here).where(here >= bindparam("key")).order_by(here))
        self._asked, self._answer = "", False
        self.in_order = True
        """Whether all ids asked so far came in ascending order."""
        self._ids: Iterator[tuple[str]] = iter(())
        self._here = ""
        self._seek("")

    def __call__(self, key: str) -> bool:
        """Tell whether it does."""
        if key == self._asked:
            return self._answer
        if key < self._asked:
            self.in_order = False
            self._seek(key)
        steps = 0
        while self._here < key:
            self._here = next(self._ids, (_LAST,))[0]
            steps += 1
            if steps == STEPS_BEFORE_SEEK:
                self._seek(key)
        self._asked, self._answer = key, self._here == key
        return self._answer

    def _seek(self, key: str) -> None:
        self._ids = self._connection.execute(self._statement, (key,))
        self._here = next(self._ids, (_LAST,))[0]
