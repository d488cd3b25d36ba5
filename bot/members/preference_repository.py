"""SQL for members' preferences."""

from cachetools import TTLCache
from sqlalchemy import select

from bot.core.database.engine import Database, upsert
from bot.members.tables import member_settings

CACHED_MEMBERS, CACHE_SECONDS = 100_000, 60.0
"""Members whose preferences are cached, and for how long another process's change may go unnoticed."""


class PreferenceRepository:
    """Reads and writes members' preferences, with a cache."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._countries: TTLCache[int, str | None] = TTLCache(CACHED_MEMBERS, CACHE_SECONDS)

    async def get_country(self, member_id: int) -> str | None:
        """Return the member's country (ISO 3166-1 alpha-2), or None if they have set none."""
        if member_id in self._countries:
            return self._countries.get(member_id)
        statement = select(member_settings.c.country).where(member_settings.c.member_id == member_id)
        rows = await self._database.fetch_all(statement)
        country: str | None = rows[0].country if rows else None
        self._countries[member_id] = country
        return country

    async def set_country(self, member_id: int, country: str | None) -> None:
        """Store the member's country; None removes it."""
        statement = upsert(self._database.dialect, member_settings, ("member_id",), ("country",))
        async with self._database.write() as connection:
            await connection.execute(statement, [{"member_id": member_id, "country": country}])
        self._countries[member_id] = country
