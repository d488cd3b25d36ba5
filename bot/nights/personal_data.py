"""What of nights is exported for a member, and what deleting their data does to nights."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Select, and_, delete, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.members.personal_data import ExportedRows, PersonalData, export_table
from bot.nights.models import AT_ONCE, NightJobKind, NightState
from bot.nights.tables import (
    night_ballots,
    night_day_votes,
    night_fairness_debts,
    night_jobs,
    night_nominations,
    night_rsvps,
    night_supporters,
    nights,
)
from bot.nights.transactions import IS_OPEN


def _select_hosted(member_id: int) -> Select[Any]:
    columns = (
        nights.c.id, nights.c.server_id, nights.c.name, nights.c.starts_at, nights.c.film_id,
        (nights.c.host_id == member_id).label("is_host"), (nights.c.turn_member_id == member_id).label("is_turn"),
    )  # fmt: skip
    is_named = or_(nights.c.host_id == member_id, nights.c.turn_member_id == member_id)
    return select(*columns).where(is_named).order_by(nights.c.id)


def _select_nominations(member_id: int) -> Select[Any]:
    return (
        select(night_nominations)
        .where(night_nominations.c.member_id == member_id)
        .order_by(night_nominations.c.id)
    )


def _select_servers(member_id: int) -> CompoundSelect[Any]:
    """Return the statement that selects the servers whose nights have something of the member's."""
    of_night: Sequence[Any] = (night_rsvps, night_day_votes, night_ballots, night_nominations)
    selects = [
        select(nights.c.server_id)
        .join(table, table.c.night_id == nights.c.id)
        .where(table.c.member_id == member_id)
        for table in of_night
    ]
    supported = (
        select(nights.c.server_id)
        .join(night_nominations, night_nominations.c.night_id == nights.c.id)
        .join(night_supporters, night_supporters.c.nomination_id == night_nominations.c.id)
        .where(night_supporters.c.member_id == member_id)
    )
    own = select(nights.c.server_id).where(
        or_(nights.c.host_id == member_id, nights.c.turn_member_id == member_id)
    )
    return union(own, *selects, supported)


async def _prepare_deletion(connection: AsyncConnection, member_id: int) -> None:
    """Remove the member's name from nights that they host and films that they nominated, with their reasons.

    Reminders to them are dropped. Cards that name them are brought up to date by `member_name_changed`.
    """
    await connection.execute(update(nights).where(nights.c.host_id == member_id).values(host_id=None))
    is_their_turn = and_(nights.c.turn_member_id == member_id, nights.c.state == NightState.CHOOSING.value)
    await connection.execute(update(nights).where(is_their_turn).values(next_at=AT_ONCE))
    await connection.execute(
        update(nights).where(nights.c.turn_member_id == member_id).values(turn_member_id=None)
    )
    nominated = update(night_nominations).where(night_nominations.c.member_id == member_id)
    await connection.execute(nominated.values(member_id=None, reason=""))
    is_reminder = night_jobs.c.kind.like(f"{NightJobKind.REMIND_DIRECTLY.value}:%:{member_id}")
    is_turn = night_jobs.c.kind == f"{NightJobKind.TURN.value}:{member_id}"
    await connection.execute(delete(night_jobs).where(or_(is_reminder, is_turn)))


def _select_announced_servers(member_id: int) -> Select[Any]:
    """Return the statement that selects the servers with the card of a night to come that may name the member."""
    servers = _select_servers(member_id).subquery()
    return (
        select(nights.c.server_id)
        .where(nights.c.server_id.in_(select(servers.c.server_id)), nights.c.message_id.is_not(None), IS_OPEN)
        .distinct()
    )


PERSONAL_DATA = PersonalData(
    exported_rows=(
        export_table(night_rsvps, 220),
        ExportedRows(night_nominations.name, 221, _select_nominations),
        export_table(night_supporters, 222),
        export_table(night_ballots, 223),
        export_table(night_fairness_debts, 224),
        ExportedRows(nights.name, 225, _select_hosted),
        export_table(night_day_votes, 226),
    ),
    deleted_tables=(night_rsvps, night_day_votes, night_supporters, night_ballots, night_fairness_debts),
    prepare_deletion=_prepare_deletion,
    select_further_servers=_select_servers,
    select_announced_servers=_select_announced_servers,
)
