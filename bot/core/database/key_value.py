"""Named values about the database itself, such as which catalogue was loaded into it."""

import uuid

from sqlalchemy import String, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, upsert
from bot.core.database.key_value_table import key_values

CATALOGUE_VERSION = "catalogue version"
"""The name of a value that every import changes, so that caches built from the catalogue are rebuilt."""
_SELECT_VALUE = (select(key_values.c.value).where(key_values.c.name == bindparam("name", type_=String)),)


class KeyValueRepository:
    """Reads and writes named values."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> str | None:
        """Return the value stored under `name`, or None."""
        (rows,) = await self._database.fetch_snapshot(_SELECT_VALUE, name=name)
        return str(rows[0].value) if rows else None

    async def put(self, name: str, value: str) -> None:
        """Store `value` under `name`, over any earlier value."""
        async with self._database.write() as connection:
            await put_value(connection, name, value)

    async def claim(self, name: str, value: str, before: str) -> bool:
        """Store `value` under `name` unless a value of at least `before` is stored. Return whether it was stored.

        Values compare as strings. Of several processes that claim at the same time, one succeeds.
        """
        first = upsert(self._database.dialect, key_values, ("name",), ())
        later = (
            update(key_values).where(key_values.c.name == name, key_values.c.value < before).values(value=value)
        )
        async with self._database.write() as connection:
            if (await connection.execute(first, {"name": name, "value": value})).rowcount == 1:
                return True
            return bool((await connection.execute(later)).rowcount == 1)

    async def put_new(self, name: str) -> None:
        """Store a random value, unique to this database, under `name` unless a value is stored."""
        statement = upsert(self._database.dialect, key_values, ("name",), ())
        async with self._database.write() as connection:
            await connection.execute(statement, [{"name": name, "value": uuid.uuid4().hex}])


async def put_value(connection: AsyncConnection, name: str, value: str) -> None:
    """Store `value` under `name` within the transaction of `connection`."""
    statement = upsert(connection.dialect.name, key_values, ("name",), ("value",))
    await connection.execute(statement, [{"name": name, "value": value}])
