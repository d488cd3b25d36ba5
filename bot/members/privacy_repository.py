"""SQL for what members decide about their data, and for the export and deletion of all of it."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import delete, select

from bot.core.database.engine import Database, lock_servers, upsert
from bot.core.database.read_executor import AnyRow
from bot.members.models import DataExport, Privacy
from bot.members.personal_data import PersonalData
from bot.members.tables import member_privacy


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

    async def set_privacy(self, member_id: int, privacy: Privacy) -> None:
        """Store what others may see of the member."""
        columns = ("is_name_hidden", "is_diary_public")
        statement = upsert(self._database.dialect, member_privacy, ("member_id",), columns)
        row = {
            "member_id": member_id,
            "is_name_hidden": privacy.is_name_hidden,
            "is_diary_public": privacy.is_diary_public,
        }
        async with self._database.write() as connection:
            await connection.execute(statement, [row])

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

    async def delete_data(self, member_id: int) -> None:
        """Delete everything stored about the member, in all servers, in one transaction."""
        async with self._database.write() as connection:
            servers: set[int] = set()
            for data in self._personal_data:
                if data.select_locked_servers is not None:
                    servers.update((await connection.execute(data.select_locked_servers(member_id))).scalars())
            await lock_servers(connection, servers)
            for data in self._personal_data:
                if data.prepare_deletion is not None:
                    await data.prepare_deletion(connection, member_id)
            for data in self._personal_data:
                for table in data.deleted_tables:
                    await connection.execute(delete(table).where(table.c.member_id == member_id))

    async def list_announced_servers(self, member_id: int) -> list[int]:
        """Return the ids of the servers that have a message naming the member."""
        servers: list[int] = []
        for data in self._personal_data:
            if data.select_announced_servers is not None:
                rows = await self._database.fetch_all(data.select_announced_servers(member_id))
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
