"""Settings of servers and members, in and out of the database."""

from cachetools import TTLCache
from sqlalchemy import select
from sqlalchemy.sql.schema import Column, Table

from bot.core.database.engine import Database, upsert
from bot.members.tables import member_settings, server_settings

CACHED_OWNERS, CACHED_SECONDS = 100_000, 60.0
"""Settings kept in memory, and for how long another process's change may stay unseen."""


class PreferenceStore:
    """Reads and writes settings, those asked for lately from memory."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cache: TTLCache[tuple[str, int], str | None] = TTLCache(CACHED_OWNERS, CACHED_SECONDS)

    async def server_country(self, server_id: int) -> str | None:
        """Give the server's country, or None."""
        return await self._country(server_settings, server_settings.c.server_id, server_id)

    async def member_country(self, member_id: int) -> str | None:
        """Give the member's country, or None."""
        return await self._country(member_settings, member_settings.c.member_id, member_id)

    async def set_server_country(self, server_id: int, country: str | None) -> None:
        """Store the server's country."""
        await self._set_country(server_settings, server_settings.c.server_id, server_id, country)

    async def set_member_country(self, member_id: int, country: str | None) -> None:
        """Store the member's country."""
        await self._set_country(member_settings, member_settings.c.member_id, member_id, country)

    async def _country(self, table: Table, key: Column[int], owner: int) -> str | None:
        at = (table.name, owner)
        if at not in self._cache:
            rows = await self._database.rows(select(table.c.country).where(key == owner))
            country: str | None = rows[0].country if rows else None
            self._cache[at] = country
            return country
        return self._cache.get(at)

    async def _set_country(self, table: Table, key: Column[int], owner: int, country: str | None) -> None:
        statement = upsert(self._database.dialect, table, (key.name,), ("country",))
        async with self._database.write() as connection:
            await connection.execute(statement, [{key.name: owner, "country": country}])
        self._cache[table.name, owner] = country
