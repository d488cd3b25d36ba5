"""The settings of servers, in and out of the database."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from typing import Any

from cachetools import TTLCache
from sqlalchemy import BigInteger, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, lock_servers, upsert
from bot.core.database.read_executor import AnyRow
from bot.members.server_settings import ServerSettings
from bot.members.tables import server_settings

CACHED_SERVERS, CACHED_SECONDS = 10_000, 60.0
"""Servers whose settings are cached, and for how long another process's change may go unnoticed."""
_NAMES = tuple(field.name for field in fields(ServerSettings))
_SERVER_ID = bindparam("server_id", type_=BigInteger)
_SELECT = select(server_settings).where(server_settings.c.server_id == _SERVER_ID)
SettingsChange = Callable[[ServerSettings], ServerSettings]
FollowUp = Callable[[AsyncConnection, ServerSettings, ServerSettings], Awaitable[None]]
"""Called with the connection and the settings before and after a change."""


class ServerSettingsRepository:
    """Reads and writes the settings of servers; those read lately come from memory."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cache: TTLCache[int, ServerSettings] = TTLCache(CACHED_SERVERS, CACHED_SECONDS)

    async def get(self, server_id: int) -> ServerSettings:
        """Return the server's settings."""
        if (cached := self._cache.get(server_id)) is not None:
            return cached
        (rows,) = await self._database.fetch_snapshot((_SELECT,), {"server_id": server_id})
        # A change that was stored while this was read is newer and stays.
        return self._cache.setdefault(server_id, _settings_from_row(rows[0]) if rows else ServerSettings())

    async def change(
        self, server_id: int, change: SettingsChange, follow_up: FollowUp | None = None
    ) -> ServerSettings:
        """Store what `change` makes of the server's settings and return it.

        The settings are read and written in one transaction under the server's lock, so that changes made at the
        same time are all kept. `follow_up` runs in that transaction too; it may store what must come with the
        change, such as a log entry, and is called even where nothing changes.
        """
        async with self._database.write() as connection:
            await lock_servers(connection, [server_id])
            before = await read_server_settings(connection, server_id)
            after = change(before)
            if after != before:
                await connection.execute(
                    upsert(connection.dialect.name, server_settings, ("server_id",), _NAMES),
                    [{"server_id": server_id, **asdict(after)}],
                )
            if follow_up is not None:
                await follow_up(connection, before, after)
        self._cache[server_id] = after
        return after


async def read_server_settings(connection: AsyncConnection, server_id: int) -> ServerSettings:
    """Return the server's settings as the connection's transaction sees them."""
    row = (await connection.execute(_SELECT, {"server_id": server_id})).one_or_none()
    return _settings_from_row(row) if row is not None else ServerSettings()


def _settings_from_row(row: AnyRow) -> ServerSettings:
    values: dict[str, Any] = {}
    for name in _NAMES:
        value = getattr(row, name)
        values[name] = tuple(value) if isinstance(value, list) else value
    return ServerSettings(**values)
