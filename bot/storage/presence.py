"""Who is in a server still, and what that does to its totals."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.database import Database, upsert
from bot.storage.schema import ratings, server_members
from bot.storage.totals import change_totals, lock_servers


async def count_again(connection: AsyncConnection, server_id: int, member_id: int) -> None:
    """Count a member's ratings again."""
    await _set_counted(connection, server_id, member_id, counted=True)


async def _set_counted(connection: AsyncConnection, server_id: int, member_id: int, *, counted: bool) -> None:
    theirs = (
        ratings.c.server_id == server_id,
        ratings.c.member_id == member_id,
        ratings.c.counted.is_not(counted),
    )
    rows = (await connection.execute(select(ratings.c.film_id, ratings.c.stars).where(*theirs))).all()
    await connection.execute(update(ratings).where(*theirs).values(counted=counted))
    await change_totals(
        connection,
        (
            (server_id, row.film_id, None, row.stars) if counted else (server_id, row.film_id, row.stars, None)
            for row in rows
        ),
    )


class PresenceStore:
    """Keeps who was seen in a server, and when."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def departed(self, server_id: int, member_ids: Iterable[int], now: datetime) -> None:
        """Stop counting these members in that server, where they had counted."""
        await self._note(server_id, sorted(member_ids), now, departed=True)

    async def present(self, server_id: int, member_ids: Iterable[int], now: datetime) -> None:
        """Note that these members are there, and count them again where they had left."""
        await self._note(server_id, sorted(member_ids), now, departed=False)

    async def _note(self, server_id: int, member_ids: list[int], now: datetime, *, departed: bool) -> None:
        if not member_ids:
            return
        async with self._database.write() as connection:
            await lock_servers(connection, [server_id])
            for member_id in member_ids:
                await _set_counted(connection, server_id, member_id, counted=not departed)
            pairs = [(server_id, member_id) for member_id in member_ids]
            statement = update(server_members).where(
                tuple_(server_members.c.server_id, server_members.c.member_id).in_(pairs)
            )
            await connection.execute(statement.values(checked=now, departed=now if departed else None))

    async def unchecked(self, server_id: int, before: datetime, limit: int) -> list[int]:
        """Give members not looked up since that time, longest ago first."""
        table = server_members
        statement = (
            select(table.c.member_id)
            .where(table.c.server_id == server_id, table.c.checked < before)
            .order_by(table.c.checked, table.c.member_id)
            .limit(limit)
        )
        return [row.member_id for row in await self._database.rows(statement)]


async def note_present(connection: AsyncConnection, server_id: int, member_id: int, now: datetime) -> None:
    """Note in a write of this member's that they are there; the write goes on in the same transaction."""
    await lock_servers(connection, [server_id])
    await _set_counted(connection, server_id, member_id, counted=True)
    row = {"server_id": server_id, "member_id": member_id, "checked": now, "departed": None}
    statement = upsert(
        connection.dialect.name, server_members, ("server_id", "member_id"), ("checked", "departed")
    )
    await connection.execute(statement, [row])
