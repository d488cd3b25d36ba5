"""Members' preferences, in and out of the database."""

from cachetools import TTLCache
from sqlalchemy import select

from bot.core.database.engine import Database, upsert
from bot.members.tables import member_settings

CACHED_MEMBERS, CACHED_SECONDS = 100_000, 60.0
"""Preferences kept in memory, and for how long another process's change may stay unseen."""


class PreferenceStore:
    """Reads and writes members' preferences; those read lately come from memory."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._countries: TTLCache[int, str | None] = TTLCache(CACHED_MEMBERS, CACHED_SECONDS)

    async def member_country(self, member_id: int) -> str | None:
        """Return the member's country (ISO 3166-1 alpha-2), or None."""
        if member_id in self._countries:
            return self._countries.get(member_id)
        statement = select(member_settings.c.country).where(member_settings.c.member_id == member_id)
        rows = await self._database.rows(statement)
        country: str | None = rows[0].country if rows else None
        self._countries[member_id] = country
        return country

    async def set_member_country(self, member_id: int, country: str | None) -> None:
        """Store the member's country."""
        statement = upsert(self._database.dialect, member_settings, ("member_id",), ("country",))
        async with self._database.write() as connection:
            await connection.execute(statement, [{"member_id": member_id, "country": country}])
        self._countries[member_id] = country
