"""SQL for which members are in a server, and for whether their ratings count there."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, and_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import Executable

from bot.core.database.engine import Database, lock_servers, upsert
from bot.core.database.transaction_script import TransactionScript, param, run_script
from bot.members.tables import server_members

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
        async with self._database.write(is_upkeep=True) as connection:
            await lock_servers(connection, [server_id])
            for member_id in member_ids:
                await self._count_ratings(connection, server_id, member_id, is_counted=is_present)
            pairs = [(server_id, member_id) for member_id in member_ids]
            statement = update(server_members).where(
                tuple_(server_members.c.server_id, server_members.c.member_id).in_(pairs)
            )
            await connection.execute(statement.values(checked_at=now, departed_at=None if is_present else now))

    async def list_unchecked(self, server_id: int, before: datetime, limit: int) -> list[int]:
        """Return the ids of members not looked up since `before`, longest ago first."""
        table = server_members
        statement = (
            select(table.c.member_id)
            .where(table.c.server_id == server_id, table.c.checked_at < before)
            .order_by(table.c.checked_at, table.c.member_id)
            .limit(limit)
        )
        return [row.member_id for row in await self._database.fetch_all(statement)]

    async def record_activity(
        self, connection: AsyncConnection, server_id: int, member_id: int, now: datetime
    ) -> None:
        """Record, in a transaction that writes something of the member's, that they are in the server.

        The server stays locked until the transaction ends.
        """
        await lock_servers(connection, [server_id])
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
