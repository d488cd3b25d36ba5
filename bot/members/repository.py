"""SQL for members and servers: who is there, their preferences, privacy and settings, and all data of a member."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from cachetools import TTLCache
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    delete,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Executable

from bot.core.caches import CacheUse
from bot.core.database.engine import Database, lock_servers, upsert
from bot.core.database.executors import AnyRow
from bot.core.database.transaction_script import TransactionScript, param, run_script
from bot.members.models import DataExport, Privacy
from bot.members.personal_data import PersonalData
from bot.members.server_settings import ServerSettings
from bot.members.tables import member_privacy, member_settings, server_members, server_settings

SetMemberCounted = Callable[[str, int, int, bool], TransactionScript[None]]
"""A transaction script with which the ratings of a member count in a server from now on, or no longer.

Its parameters are the database's dialect, the ids of server and member, and whether the ratings count.
"""


@cache
def build_membership_upsert(dialect: str) -> Executable:
    """Return the statement that records a member of a server with when they were looked up and when they left.

    Its parameters are `p_` and the name of each column.
    """
    values = {column.name: param(column) for column in server_members.c}
    return upsert(dialect, server_members, ("server_id", "member_id"), ("checked_at", "departed_at"), values)


def is_present_member(server_id: ColumnElement[int], member_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition with which rows of `server_members` join those of members who are in their server."""
    return and_(
        server_members.c.server_id == server_id,
        server_members.c.member_id == member_id,
        server_members.c.departed_at.is_(None),
    )


class MembershipRepository:
    """Reads and writes which members are in a server.

    `set_member_counted` counts a member's ratings in the server's totals, or takes them out of these.
    """

    def __init__(self, database: Database, set_member_counted: SetMemberCounted) -> None:
        self._database = database
        self._set_member_counted = set_member_counted

    async def mark_departed(self, server_id: int, member_ids: Iterable[int], now: datetime) -> None:
        """Record that these members left the server, and stop counting their ratings there."""
        await self._mark(server_id, sorted(member_ids), now, is_present=False)

    async def mark_present(self, server_id: int, member_ids: Iterable[int], now: datetime) -> None:
        """Record that these members are in the server, and count the ratings of those who had left again."""
        await self._mark(server_id, sorted(member_ids), now, is_present=True)

    async def _mark(self, server_id: int, member_ids: list[int], now: datetime, *, is_present: bool) -> None:
        if not member_ids:
            return
        async with self._database.write(
            member_ids=member_ids, server_ids=[server_id], is_upkeep=True
        ) as connection:
            for member_id in member_ids:
                await self._count_ratings(connection, server_id, member_id, is_counted=is_present)
            pairs = [(server_id, member_id) for member_id in member_ids]
            statement = update(server_members).where(
                tuple_(server_members.c.server_id, server_members.c.member_id).in_(pairs)
            )
            await connection.execute(statement.values(checked_at=now, departed_at=None if is_present else now))

    async def list_servers(self, member_id: int) -> list[int]:
        """Return the ids of the servers in which the member is, as far as they have left something there."""
        statement = select(server_members.c.server_id).where(
            server_members.c.member_id == member_id, server_members.c.departed_at.is_(None)
        )
        return [row.server_id for row in await self._database.fetch_all(statement)]

    async def list_unchecked(self, server_id: int, *, before: datetime, after: datetime, limit: int) -> list[int]:
        """Return the ids of members not looked up since `before`, longest ago first.

        A look-up later than `after` was made before the clock was set back, and does not count.
        """
        table = server_members
        statement = (
            select(table.c.member_id)
            .where(
                table.c.server_id == server_id,
                or_(table.c.checked_at < before, table.c.checked_at > after),
            )
            .order_by(table.c.checked_at, table.c.member_id)
            .limit(limit)
        )
        return [row.member_id for row in await self._database.fetch_all(statement)]

    async def record_activity(
        self, connection: AsyncConnection, server_id: int, member_id: int, now: datetime
    ) -> None:
        """Record, in a transaction that writes something of the member's, that they are in the server.

        Member and server must be locked.
        """
        await self._count_ratings(connection, server_id, member_id, is_counted=True)
        row = {
            "p_server_id": server_id,
            "p_member_id": member_id,
            "p_checked_at": now,
            "p_departed_at": None,
        }
        await connection.execute(build_membership_upsert(connection.dialect.name), row)

    async def _count_ratings(
        self, connection: AsyncConnection, server_id: int, member_id: int, *, is_counted: bool
    ) -> None:
        steps = self._set_member_counted(connection.dialect.name, server_id, member_id, is_counted)
        await run_script(connection, steps)


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
        async with self._database.write(member_ids=[member_id]) as connection:
            await connection.execute(statement, [{"member_id": member_id, "country": country}])
        self._countries[member_id] = country

    async def set_locale(self, member_id: int, locale: str) -> None:
        """Store the language of the member's Discord client, for messages that they get without asking."""
        statement = upsert(self._database.dialect, member_settings, ("member_id",), ("locale",))
        async with self._database.write(member_ids=[member_id], is_upkeep=True) as connection:
            await connection.execute(statement, [{"member_id": member_id, "locale": locale}])

    async def list_locales(self, member_ids: Collection[int]) -> dict[int, str]:
        """Return the languages of these members' Discord clients, without members of whom none is stored."""
        table = member_settings
        statement = select(table.c.member_id, table.c.locale).where(
            table.c.member_id.in_(sorted(member_ids)), table.c.locale.is_not(None)
        )
        return {row.member_id: row.locale for row in await self._database.fetch_all(statement)}

    async def claim_country_hint(self, member_id: int) -> bool:
        """Return whether the member was never told how to set their country, and record that they are told now."""
        statement = select(member_settings.c.is_country_hinted).where(member_settings.c.member_id == member_id)
        if any(row.is_country_hinted for row in await self._database.fetch_all(statement)):
            return False
        record = upsert(self._database.dialect, member_settings, ("member_id",), ("is_country_hinted",))
        async with self._database.write(member_ids=[member_id], is_upkeep=True) as connection:
            if (await connection.execute(statement)).scalar_one_or_none():
                return False
            await connection.execute(record, [{"member_id": member_id, "is_country_hinted": True}])
        return True


class PrivacyRepository:
    """Reads and deletes what every feature declares as `personal_data`."""

    def __init__(self, database: Database, personal_data: Sequence[PersonalData]) -> None:
        self._database = database
        self._personal_data = tuple(personal_data)

    async def list_privacy(self, member_ids: Collection[int]) -> dict[int, Privacy]:
        """Return what others may see of these members, by member, without those who chose nothing."""
        statement = select(member_privacy).where(member_privacy.c.member_id.in_(sorted(member_ids)))
        rows = await self._database.fetch_all(statement)
        return {row.member_id: Privacy(row.is_name_hidden, row.is_diary_public) for row in rows}

    async def change_privacy(self, member_id: int, change: Callable[[Privacy], Privacy]) -> None:
        """Store what `change` makes of the member's privacy; changes made at the same time are all kept."""
        columns = ("is_name_hidden", "is_diary_public")
        statement = upsert(self._database.dialect, member_privacy, ("member_id",), columns)
        async with self._database.write(member_ids=[member_id]) as connection:
            stored = select(member_privacy).where(member_privacy.c.member_id == member_id)
            row = (await connection.execute(stored)).one_or_none()
            before = Privacy(row.is_name_hidden, row.is_diary_public) if row is not None else Privacy()
            await connection.execute(statement, [{"member_id": member_id, **asdict(change(before))}])

    async def export(self, member_id: int) -> DataExport:
        """Return everything stored about the member, read in one snapshot."""
        exported = [rows for data in self._personal_data for rows in data.exported_rows]
        files: dict[str, str] = {}
        async with self._database.read() as connection:
            rows = {
                each.name: [_convert_row(row) for row in await connection.execute(each.select(member_id))]
                for each in sorted(exported, key=lambda each: each.position)
            }
            for data in self._personal_data:
                if data.export_files is not None:
                    files |= await data.export_files(connection, member_id)
        return DataExport(rows, files)

    async def delete_data(self, member_id: int) -> list[int]:
        """Delete everything stored about the member, in all servers, in one transaction.

        Return the ids of the servers that have a message naming the member.
        """
        # Once the member is locked, nothing of theirs is added in any server, so that these stay all there are.
        async with self._database.write(member_ids=[member_id]) as connection:
            await lock_servers(connection, await self._list_servers(connection, member_id))
            announced = await self._list_announced_servers(connection, member_id)
            for data in self._personal_data:
                if data.prepare_deletion is not None:
                    await data.prepare_deletion(connection, member_id)
            for data in self._personal_data:
                for table in data.deleted_tables:
                    await connection.execute(delete(table).where(table.c.member_id == member_id))
        return announced

    async def _list_servers(self, connection: AsyncConnection, member_id: int) -> set[int]:
        """Return the ids of the servers in which something is stored about the member."""
        selects: list[Select[Any] | CompoundSelect[Any]] = []
        for data in self._personal_data:
            selects += [
                select(table.c.server_id).where(table.c.member_id == member_id)
                for table in data.deleted_tables
                if "server_id" in table.c
            ]
            if data.select_further_servers is not None:
                selects.append(data.select_further_servers(member_id))
        return {server_id for each in selects for server_id in (await connection.execute(each)).scalars()}

    async def erase_deleted(self) -> None:
        """Leave nothing of what was deleted in the database's files."""
        await self._database.erase_deleted()

    async def list_announced_servers(self, member_id: int) -> list[int]:
        """Return the ids of the servers that have a message naming the member."""
        async with self._database.read() as connection:
            return await self._list_announced_servers(connection, member_id)

    async def _list_announced_servers(self, connection: AsyncConnection, member_id: int) -> list[int]:
        servers: list[int] = []
        for data in self._personal_data:
            if data.select_announced_servers is not None:
                rows = await connection.execute(data.select_announced_servers(member_id))
                servers += [row.server_id for row in rows]
        return servers


def _convert_row(row: AnyRow) -> dict[str, Any]:
    """Return the row as values that JSON can represent; ids as text, as JavaScript's numbers are too small."""
    values: dict[str, Any] = {}
    for name, value in row._mapping.items():
        if isinstance(value, datetime):
            values[name] = value.astimezone(UTC).isoformat()
        elif isinstance(value, date):
            values[name] = value.isoformat()
        elif name.endswith("_id") and isinstance(value, int):
            values[name] = str(value)
        else:
            values[name] = value
    return values


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
        self.cache_use = CacheUse()
        self._cache: TTLCache[int, ServerSettings] = TTLCache(CACHED_SERVERS, CACHED_SECONDS)

    async def get(self, server_id: int) -> ServerSettings:
        """Return the server's settings."""
        cached = self._cache.get(server_id)
        self.cache_use.count(is_hit=cached is not None)
        if cached is not None:
            return cached
        (rows,) = await self._database.fetch_snapshot((_SELECT,), {"server_id": server_id})
        # A change that was stored while this was read is newer and stays.
        return self._cache.setdefault(server_id, _settings_from_row(rows[0]) if rows else ServerSettings())

    async def list_languages(self) -> dict[int, str]:
        """Return the locales that moderators chose, by server, without servers where they chose none."""
        statement = select(server_settings.c.server_id, server_settings.c.language).where(
            server_settings.c.language.is_not(None)
        )
        return {row.server_id: row.language for row in await self._database.fetch_all(statement)}

    async def change(
        self, server_id: int, change: SettingsChange, follow_up: FollowUp | None = None
    ) -> ServerSettings:
        """Store what `change` makes of the server's settings and return it.

        The settings are read and written in one transaction under the server's lock, so that changes made at the
        same time are all kept. `follow_up` runs in that transaction too; it may store what must come with the
        change, such as a log entry, and is called even where nothing changes.
        """
        async with self._database.write(server_ids=[server_id]) as connection:
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
