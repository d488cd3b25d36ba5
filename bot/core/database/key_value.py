"""Named values about the database itself, such as which catalogue was loaded into it."""

import uuid
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Column, String, Table, Text, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Executable

from bot.core.database.columns import metadata
from bot.core.database.engine import Database, upsert
from bot.core.database.transaction_script import StatementBatch, TransactionScript

CATALOGUE_VERSION = "catalogue version"
"""The name of a value that every import changes: what is built from the catalogue is rebuilt then."""
key_values = Table(
    "key_values",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", Text, nullable=False),
)
_SELECT_VALUE = (select(key_values.c.value).where(key_values.c.name == bindparam("name", type_=String)),)


class KeyValueRepository:
    """Reads and writes named values."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> str | None:
        """Return the value of that name, or None."""
        (rows,) = await self._database.fetch_snapshot(_SELECT_VALUE, {"name": name})
        return str(rows[0].value) if rows else None

    async def set(self, name: str, value: str) -> None:
        """Store the value under that name."""
        await self._database.run_script(_store(self._database.dialect, name, value), is_upkeep=True)

    async def claim(self, name: str, value: str, *, stale_before: str, stale_after: str) -> bool:
        """Store the value under that name unless there is one from `stale_before` to `stale_after`.

        Return whether it was stored. Values are compared as texts. If several processes claim at once, one of them
        succeeds.
        """
        # Most claims come too early, and reading takes a fraction of what a transaction does.
        current = await self.get(name)
        if current is not None and stale_before <= current <= stale_after:
            return False
        insert = upsert(self._database.dialect, key_values, ("name",), ())
        is_stale = or_(key_values.c.value < stale_before, key_values.c.value > stale_after)
        replace = update(key_values).where(key_values.c.name == name, is_stale).values(value=value)
        async with self._database.write(is_upkeep=True) as connection:
            if (await connection.execute(insert, {"name": name, "value": value})).rowcount == 1:
                return True
            return bool((await connection.execute(replace)).rowcount == 1)

    async def claim_job(self, name: str, now: datetime, every: timedelta) -> bool:
        """Return whether this process is the only one to claim a periodic job since `now - every`.

        A claim later than `now + every` was made before the clock was set back, and does not count.
        """
        stale_before, stale_after = (now - every).isoformat(), (now + every).isoformat()
        return await self.claim(name, now.isoformat(), stale_before=stale_before, stale_after=stale_after)

    async def set_random_if_missing(self, name: str) -> None:
        """Store a value that no other database has under that name, unless there is a value already."""
        statement = upsert(self._database.dialect, key_values, ("name",), ())
        async with self._database.write(is_upkeep=True) as connection:
            await connection.execute(statement, [{"name": name, "value": uuid.uuid4().hex}])


def _store(dialect: str, name: str, value: str) -> TransactionScript[None]:
    yield StatementBatch((_build_upsert(dialect),), [{"name": name, "value": value}])


@cache
def _build_upsert(dialect: str) -> Executable:
    return upsert(dialect, key_values, ("name",), ("value",))


async def set_value(connection: AsyncConnection, name: str, value: str) -> None:
    """Store the value under that name in the connection's transaction."""
    await connection.execute(_build_upsert(connection.dialect.name), [{"name": name, "value": value}])
