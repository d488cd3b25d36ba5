"""What the marquee stores about a member: who is in for a pick, suggestions, who planned a pick."""

from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.members.personal_data import ExportedRows, PersonalData, export_table
from bot.picks.models import PickState
from bot.picks.tables import pick_rsvps, pick_suggestions, picks


def _select_planned_picks(member_id: int) -> Select[Any]:
    return select(picks).where(picks.c.curator_id == member_id).order_by(picks.c.id)


def _select_announced_servers(member_id: int) -> Select[Any]:
    """Return the statement that selects the servers whose current pick's card names the member."""
    return (
        select(picks.c.server_id)
        .join(pick_rsvps, pick_rsvps.c.pick_id == picks.c.id)
        .where(pick_rsvps.c.member_id == member_id, picks.c.state == PickState.CURRENT.value)
    )


async def _remove_curator(connection: AsyncConnection, member_id: int) -> None:
    """Remove the member's name from picks that they planned; the picks stay."""
    await connection.execute(update(picks).where(picks.c.curator_id == member_id).values(curator_id=None))


PERSONAL_DATA = PersonalData(
    exported_rows=(
        export_table(pick_rsvps, 170),
        export_table(pick_suggestions, 180),
        ExportedRows(picks.name, 200, _select_planned_picks),
    ),
    deleted_tables=(pick_rsvps, pick_suggestions),
    prepare_deletion=_remove_curator,
    select_announced_servers=_select_announced_servers,
)
