"""What each feature stores about a member: how it is exported and how it is deleted.

Each feature declares a `PersonalData` in its `repository.py`; `bot.services` lists them all. This module
defines the class and declares the tables of the members feature itself.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.schema import Table

from bot.members.tables import member_privacy, member_settings, server_members


@dataclass(frozen=True, slots=True)
class ExportedRows:
    """Rows about a member in the export.

    `name` is their key in data.json and `position` the key's place in it; `select` returns the statement that
    reads the rows of the member with that id, in the order in which they are exported.
    """

    name: str
    position: int
    select: Callable[[int], Select[Any]]


def export_table(table: Table, position: int) -> ExportedRows:
    """Return the rows of a table whose `member_id` is the member's, in the order of their primary key."""
    statement = select(table).order_by(*table.primary_key.columns)
    return ExportedRows(table.name, position, lambda member_id: statement.where(table.c.member_id == member_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """What one feature stores about a member.

    `deleted_tables` lose the rows whose `member_id` is the member's, in this order. Before that,
    `prepare_deletion` changes what depends on these rows, such as totals, in the same transaction. It holds the
    locks of the member and of all servers in which they have something: those that the deleted tables name, and
    those that `select_further_servers` selects, for rows that have no `server_id`.
    `select_announced_servers` selects the ids of the servers that have a message naming the member, which is to
    be updated when the member deletes their data or hides their name.
    `export_files` returns further files of the export, their text by name.
    """

    exported_rows: tuple[ExportedRows, ...]
    deleted_tables: tuple[Table, ...]
    prepare_deletion: Callable[[AsyncConnection, int], Awaitable[None]] | None = None
    select_further_servers: Callable[[int], Select[Any] | CompoundSelect[Any]] | None = None
    select_announced_servers: Callable[[int], Select[Any]] | None = None
    export_files: Callable[[AsyncConnection, int], Awaitable[Mapping[str, str]]] | None = None


PERSONAL_DATA = PersonalData(
    exported_rows=(
        export_table(server_members, 90),
        export_table(member_privacy, 100),
        export_table(member_settings, 110),
    ),
    deleted_tables=(server_members, member_privacy, member_settings),
)
