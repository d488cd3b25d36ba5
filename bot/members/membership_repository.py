"""Who is in a server still, and what that does to its totals."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache

from sqlalchemy import and_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Executable

from bot.core.database.engine import Database, upsert
from bot.core.database.transaction_script import Step, Steps, param, run_steps
from bot.members.tables import server_members
from bot.reviews.tables import ratings
from bot.reviews.totals_repository import add_to_totals, lock_servers, total_rows

_THEIRS = and_(
    ratings.c.server_id == param(ratings.c.server_id),
    ratings.c.member_id == param(ratings.c.member_id),
    ratings.c.is_counted != param(ratings.c.is_counted),
)
_MISCOUNTED = select(ratings.c.film_id, ratings.c.stars).where(_THEIRS)
_COUNT = update(ratings).where(_THEIRS).values(is_counted=param(ratings.c.is_counted))


def count_member(dialect: str, server_id: int, member_id: int, *, counted: bool) -> Steps[None]:
    """Count a member's ratings from now on, or no longer."""
    theirs = {"p_server_id": server_id, "p_member_id": member_id, "p_is_counted": counted}
    miscounted = yield Step((_MISCOUNTED,), [theirs])
    yield Step((_COUNT,), [theirs])
    changes = (
        (server_id, row.film_id, None, row.stars) if counted else (server_id, row.film_id, row.stars, None)
        for row in miscounted
    )
    yield Step((add_to_totals(dialect),), total_rows(changes))


@cache
def note_member(dialect: str) -> Executable:
    """Give the statement that notes who is there, and when they were seen."""
    change = {column.name: param(column) for column in server_members.c}
    return upsert(dialect, server_members, ("server_id", "member_id"), ("checked_at", "departed_at"), change)


async def _set_counted(connection: AsyncConnection, server_id: int, member_id: int, *, counted: bool) -> None:
    dialect = connection.dialect.name
    await run_steps(connection, count_member(dialect, server_id, member_id, counted=counted))


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
            await connection.execute(statement.values(checked_at=now, departed_at=now if departed else None))

    async def unchecked(self, server_id: int, before: datetime, limit: int) -> list[int]:
        """Give members not looked up since that time, longest ago first."""
        table = server_members
        statement = (
            select(table.c.member_id)
            .where(table.c.server_id == server_id, table.c.checked_at < before)
            .order_by(table.c.checked_at, table.c.member_id)
            .limit(limit)
        )
        return [row.member_id for row in await self._database.rows(statement)]


async def note_present(connection: AsyncConnection, server_id: int, member_id: int, now: datetime) -> None:
    """Note in a write of this member's that they are there; the write goes on in the same transaction."""
    await lock_servers(connection, [server_id])
    await _set_counted(connection, server_id, member_id, counted=True)
    row = {
        "p_server_id": server_id, "p_member_id": member_id, "p_checked_at": now, "p_departed_at": None,
    }  # fmt: skip
    await connection.execute(note_member(connection.dialect.name), row)
