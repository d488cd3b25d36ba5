"""Alerts, in and out of the database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from bot.core.database.engine import Database, upsert
from bot.core.database.read_executor import AnyRow
from bot.streaming.alerts import Alert
from bot.streaming.tables import alerts

_STATE = ("country", "created_at", "services", "available_at", "attempts")


class AlertStore:
    """Reads and writes alerts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, member_id: int) -> list[Alert]:
        """Give the member's alerts, oldest first."""
        return await self._select(alerts.c.member_id == member_id)

    async def waiting_for(self, film_id: str) -> list[Alert]:
        """Give the alerts of a film."""
        return await self._select(alerts.c.film_id == film_id)

    async def film_ids(self) -> list[str]:
        """Give the films that somebody waits for, each once."""
        asked = select(alerts.c.film_id).distinct().order_by(alerts.c.film_id)
        return [row.film_id for row in await self._database.rows(asked)]

    async def put(self, alert: Alert) -> None:
        """Store the alert, in place of one of the same member and film."""
        statement = upsert(self._database.dialect, alerts, ("member_id", "film_id"), _STATE)
        row = {"member_id": alert.member_id, "film_id": alert.film_id, **_state(alert)}
        async with self._database.write() as connection:
            await connection.execute(statement, [row])

    async def put_many(self, changed: Sequence[Alert]) -> None:
        """Store the alerts that still stand, in one transaction; one taken back meanwhile stays so."""
        if not changed:
            return
        statement = (
            update(alerts)
            .where(alerts.c.member_id == bindparam("of_member"), alerts.c.film_id == bindparam("of_film"))
            .values({name: bindparam(name) for name in _STATE})
        )
        rows = [{"of_member": each.member_id, "of_film": each.film_id, **_state(each)} for each in changed]
        async with self._database.write() as connection:
            await connection.execute(statement, rows)

    async def delete(self, member_id: int, film_ids: Sequence[str] | None = None) -> int:
        """Delete the member's alerts of these films, or all; give how many there were."""
        statement = delete(alerts).where(alerts.c.member_id == member_id)
        if film_ids is not None:
            statement = statement.where(alerts.c.film_id.in_(list(film_ids)))
        async with self._database.write() as connection:
            return int((await connection.execute(statement)).rowcount)

    async def _select(self, condition: Any) -> list[Alert]:
        asked = select(alerts).where(condition).order_by(alerts.c.created_at, alerts.c.film_id, alerts.c.member_id)
        return [_alert(row) for row in await self._database.rows(asked)]


def _state(alert: Alert) -> dict[str, Any]:
    services = list(alert.services) if alert.services else None
    return {
        "country": alert.country,
        "created_at": alert.created_at,
        "services": services,
        "available_at": alert.available_at,
        "attempts": alert.attempts,
    }


def _alert(row: AnyRow) -> Alert:
    return Alert(
        row.member_id,
        row.film_id,
        row.country,
        row.created_at,
        tuple(row.services or ()),
        row.available_at,
        row.attempts,
    )
