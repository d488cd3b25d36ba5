"""Evenings together, in and out of the database."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database
from bot.recommendations.filters import Wishes
from bot.recommendations.group_sessions import Evening
from bot.recommendations.moods import Mood
from bot.recommendations.tables import group_session_members, group_sessions


class EveningStore:
    """Reads and writes group sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, evening: Evening, now: datetime) -> Evening:
        """Store it and give it with its id."""
        row = {
            "server_id": evening.server_id,
            "filters": asdict(evening.wishes),
            "least_happy_weight": evening.weight,
            "created_at": now,
        }
        async with self._database.write() as connection:
            found = await connection.execute(group_sessions.insert().returning(group_sessions.c.id), [row])
            stored = replace(evening, id=found.scalar_one())
            await _put_members(connection, stored)
        return stored

    async def get(self, server_id: int, evening_id: int) -> Evening | None:
        """Give the server's evening of that id, or None."""
        one = select(group_sessions).where(
            group_sessions.c.id == evening_id, group_sessions.c.server_id == server_id
        )
        who = select(group_session_members.c.member_id).where(
            group_session_members.c.group_session_id == evening_id
        )
        async with self._database.read() as connection:
            row = (await connection.execute(one)).one_or_none()
            members = (await connection.execute(who.order_by(group_session_members.c.member_id))).scalars().all()
        if row is None:
            return None
        return Evening(
            row.id,
            row.server_id,
            tuple(members),
            _wishes(row.filters),
            row.least_happy_weight,
            row.film_id,
            row.chosen_at,
        )

    async def change(self, evening: Evening) -> bool:
        """Store its members and weight; tell whether it was there and nothing chosen."""
        statement = update(group_sessions).where(_open(evening)).values(least_happy_weight=evening.weight)
        async with self._database.write() as connection:
            if not (await connection.execute(statement)).rowcount:
                return False
            await connection.execute(
                delete(group_session_members).where(group_session_members.c.group_session_id == evening.id)
            )
            await _put_members(connection, evening)
        return True

    async def choose(self, evening: Evening, burdens: Mapping[int, float]) -> bool:
        """Store its film and what each member carries from it; tell whether nothing was chosen before."""
        values = {"film_id": evening.film_id, "chosen_at": evening.chosen}
        async with self._database.write() as connection:
            if not (
                await connection.execute(update(group_sessions).where(_open(evening)).values(values))
            ).rowcount:
                return False
            for member_id, burden in burdens.items():
                await connection.execute(
                    update(group_session_members)
                    .where(
                        group_session_members.c.group_session_id == evening.id,
                        group_session_members.c.member_id == member_id,
                    )
                    .values(fairness_debt=burden)
                )
        return True

    async def burdens(self, server_id: int, member_ids: Sequence[int]) -> dict[int, float]:
        """Give what each carries from the latest evening they took part in, 0 for none."""
        latest = (
            select(group_session_members.c.member_id, func.max(group_sessions.c.chosen_at).label("chosen_at"))
            .join(group_sessions, group_sessions.c.id == group_session_members.c.group_session_id)
            .where(
                group_sessions.c.server_id == server_id,
                group_sessions.c.chosen_at.is_not(None),
                group_session_members.c.member_id.in_(member_ids),
            )
            .group_by(group_session_members.c.member_id)
            .subquery()
        )
        statement = (
            select(group_session_members.c.member_id, group_session_members.c.fairness_debt)
            .join(group_sessions, group_sessions.c.id == group_session_members.c.group_session_id)
            .join(
                latest,
                and_(
                    latest.c.member_id == group_session_members.c.member_id,
                    latest.c.chosen_at == group_sessions.c.chosen_at,
                ),
            )
            .where(group_sessions.c.server_id == server_id)
            .order_by(group_sessions.c.id)
        )
        rows = await self._database.rows(statement)
        return dict.fromkeys(member_ids, 0.0) | {row.member_id: row.fairness_debt or 0.0 for row in rows}

    async def forget_open(self, before: datetime) -> None:
        """Delete evenings made before that time for which nothing was chosen."""
        statement = delete(group_sessions).where(
            group_sessions.c.chosen_at.is_(None), group_sessions.c.created_at < before
        )
        async with self._database.write() as connection:
            await connection.execute(statement)


def _open(evening: Evening) -> ColumnElement[bool]:
    return and_(
        group_sessions.c.id == evening.id,
        group_sessions.c.server_id == evening.server_id,
        group_sessions.c.chosen_at.is_(None),
    )


async def _put_members(connection: AsyncConnection, evening: Evening) -> None:
    rows = [{"group_session_id": evening.id, "member_id": member_id} for member_id in evening.members]
    await connection.execute(group_session_members.insert(), rows)


def _wishes(stored: dict[str, Any]) -> Wishes:
    mood = stored.get("mood")
    return Wishes(**{**stored, "mood": Mood(mood) if mood else None})
