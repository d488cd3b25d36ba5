"""Small facts about the database itself, such as which catalogue was loaded into it."""

import uuid

from sqlalchemy import String, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, upsert
from bot.core.database.key_value_table import key_values

CATALOGUE_VERSION = "catalogue version"
"""The fact that is another after every import: what is built from the catalogue is built anew then."""
_NAMED = (select(key_values.c.value).where(key_values.c.name == bindparam("name", type_=String)),)


class FactStore:
    """Reads and writes named facts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> str | None:
        """Give the value of that name, or None."""
        (rows,) = await self._database.together(_NAMED, name=name)
        return str(rows[0].value) if rows else None

    async def put(self, name: str, value: str) -> None:
        """Store the value under that name."""
        async with self._database.write() as connection:
            await put_fact(connection, name, value)

    async def claim(self, name: str, value: str, before: str) -> bool:
        """Store the value under that name unless a value from `before` on is there; tell whether it was stored.

        Values compare as texts. Of several processes that claim at once one succeeds.
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
        """Store a value that no other database has under that name, unless there is one."""
        statement = upsert(self._database.dialect, key_values, ("name",), ())
        async with self._database.write() as connection:
            await connection.execute(statement, [{"name": name, "value": uuid.uuid4().hex}])


async def put_fact(connection: AsyncConnection, name: str, value: str) -> None:
    """Store the value under that name, in the transaction of what it tells of."""
    statement = upsert(connection.dialect.name, key_values, ("name",), ("value",))
    await connection.execute(statement, [{"name": name, "value": value}])
