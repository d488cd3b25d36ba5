"""SQL for streaming services, members' subscriptions and alerts."""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, cast, delete, func, or_, select, update

from bot.core.database.engine import Database, upsert
from bot.films.metadata import INCLUDED, StreamingService, service_key
from bot.films.models import EVERYWHERE
from bot.films.repository import lock_catalogue, record_changes
from bot.films.tables import availability, film_offers
from bot.members.personal_data import PersonalData, export_table
from bot.streaming.models import ALERTS_LIMIT, Alert, AlertsFullError, find_renamed_services
from bot.streaming.tables import alerts, streaming_service_ids, streaming_services, subscriptions

FILMS_PER_QUERY = 500
SERVICE_NAME_LIMIT = 120
CATALOGUE_NAME_LIMIT = 80
_INCLUDED_KINDS = tuple(offer.name.lower() for offer in INCLUDED)
_ALERT_STATE = ("country", "created_at", "services", "available_at", "attempts")


class StreamingRepository:
    """Reads and writes streaming services, subscriptions and alerts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_services(self) -> list[StreamingService]:
        """Return all streaming services that the metadata source knows."""
        rows = await self._database.fetch_all(select(streaming_services))
        return [StreamingService(row.name, dict(row.display_priorities)) for row in rows]

    async def replace_services(self, services: Sequence[StreamingService]) -> dict[str, str]:
        """Store these streaming services in place of those stored.

        Subscriptions, offers and the catalogue follow services that have a new name; return the renamed ones' new
        names by the old one.
        """
        by_name = {service.name[:SERVICE_NAME_LIMIT]: service.display_priorities for service in services}
        rows = [{"name": name, "display_priorities": priorities} for name, priorities in by_name.items()]
        id_rows = [
            {"source_id": service.source_id, "name": service.name[:SERVICE_NAME_LIMIT]}
            for service in {each.source_id: each for each in services if each.source_id is not None}.values()
        ]
        stored = {row.source_id: row.name for row in await self._database.fetch_all(select(streaming_service_ids))}
        renames = find_renamed_services(stored, services)
        if renames:
            # Before the ids are stored: what is interrupted here is begun again with the next refresh.
            unused = {service_key(name) for name in renames} - {service_key(name) for name in by_name}
            await self._rename_subscriptions(renames, unused)
            await self._rename_in_offers(renames)
            await self._rename_in_catalogue(renames)
        async with self._database.write() as connection:
            # Processes that do this at the same time would store each service twice.
            await lock_catalogue(connection)
            await connection.execute(delete(streaming_services))
            if rows:
                await connection.execute(streaming_services.insert(), rows)
            if id_rows:
                statement = upsert(self._database.dialect, streaming_service_ids, ("source_id",), ("name",))
                await connection.execute(statement, id_rows)
        return renames

    async def _rename_subscriptions(self, renames: Mapping[str, str], unused_keys: Collection[str]) -> None:
        """Rename services in members' subscriptions: those of these names, and those whose key no service has."""
        new_names = {service_key(old): new for old, new in renames.items()}

        def rename(services: dict[str, str]) -> dict[str, str]:
            renamed: dict[str, str] = {}
            for key, name in services.items():
                new = renames.get(name) or (new_names[key] if key in unused_keys else name)
                renamed.setdefault(service_key(new) if new != name else key, new)
            return renamed

        is_affected = or_(
            subscriptions.c.service_name.in_(list(renames)), subscriptions.c.service_key.in_(list(unused_keys))
        )
        statement = select(subscriptions.c.member_id).where(is_affected).distinct()
        for (member_id,) in await self._database.fetch_all(statement):
            await self.change_subscriptions(member_id, rename)

    async def _rename_in_offers(self, renames: Mapping[str, str]) -> None:
        """Rename services in the offers that are cached, some films at a time."""
        columns = film_offers.c
        text = cast(columns.services, Text)
        is_affected = or_(*(text.contains(json.dumps(name), autoescape=True) for name in renames))
        film_ids = [
            row.film_id
            for row in await self._database.fetch_all(select(columns.film_id).where(is_affected).distinct())
        ]
        statement = (
            update(film_offers)
            .where(columns.film_id == bindparam("of_film"), columns.country == bindparam("of_country"))
            .values(services=bindparam("services"))
        )
        for start in range(0, len(film_ids), FILMS_PER_QUERY):
            batch = select(film_offers).where(columns.film_id.in_(film_ids[start : start + FILMS_PER_QUERY]))
            async with self._database.write(is_upkeep=True) as connection:
                rows = [
                    {
                        "of_film": row.film_id,
                        "of_country": row.country,
                        "services": {
                            kind: list(dict.fromkeys(renames.get(name, name) for name in names))
                            for kind, names in row.services.items()
                        },
                    }
                    for row in (await connection.execute(batch.with_for_update())).all()
                ]
                if rows:
                    await connection.execute(statement, rows)

    async def _rename_in_catalogue(self, renames: Mapping[str, str]) -> None:
        """Rename services in the catalogue's own data."""
        columns = availability.c
        async with self._database.write(is_upkeep=True) as connection:
            await lock_catalogue(connection)
            old = (await connection.execute(select(availability).where(columns.service.in_(list(renames))))).all()
            if old:
                await connection.execute(delete(availability).where(columns.service.in_(list(renames))))
                rows = [{**row._mapping, "service": renames[row.service][:CATALOGUE_NAME_LIMIT]} for row in old]
                statement = upsert(self._database.dialect, availability, ("film_id", "service"), ())
                await connection.execute(statement, rows)
                await record_changes(connection, {row.film_id for row in old})

    async def list_catalogue_services(self) -> list[str]:
        """Return the names of the streaming services in the catalogue's own data."""
        statement = select(availability.c.service).distinct().order_by(availability.c.service)
        return [row.service for row in await self._database.fetch_all(statement)]

    async def get_subscriptions(self, member_id: int) -> dict[str, str]:
        """Return the member's services, their names by key, in the order of their names."""
        rows = await self._database.fetch_all(_select_subscriptions(member_id))
        return {row.service_key: row.service_name for row in rows}

    async def replace_subscriptions(self, member_id: int, services: Mapping[str, str]) -> None:
        """Store exactly these services of the member, names by key."""
        await self.change_subscriptions(member_id, lambda _: dict(services))

    async def change_subscriptions(
        self, member_id: int, change: Callable[[dict[str, str]], dict[str, str]]
    ) -> dict[str, str]:
        """Store what `change` makes of the member's services, names by key, and return it.

        Changes at the same time are all kept. What `change` raises leaves the services as they are.
        """
        async with self._database.write(member_ids=[member_id]) as connection:
            stored = (await connection.execute(_select_subscriptions(member_id))).all()
            services = change({row.service_key: row.service_name for row in stored})
            rows = [
                {
                    "member_id": member_id,
                    "service_key": key[:SERVICE_NAME_LIMIT],
                    "service_name": name[:SERVICE_NAME_LIMIT],
                }
                for key, name in services.items()
            ]
            await connection.execute(delete(subscriptions).where(subscriptions.c.member_id == member_id))
            if rows:
                await connection.execute(subscriptions.insert(), rows)
        return services

    async def list_including_services(
        self, country: str, film_ids: Collection[str] | None = None
    ) -> dict[str, set[str]]:
        """Return the keys of the services that show each film in the country without a further payment.

        All films if `film_ids` is None. Films that no service shows are absent.
        """
        if film_ids is None:
            return await self._list_including_services(country, None)
        remaining, services = list(film_ids), dict[str, set[str]]()
        for start in range(0, len(remaining), FILMS_PER_QUERY):
            services |= await self._list_including_services(country, remaining[start : start + FILMS_PER_QUERY])
        return services

    async def _list_including_services(self, country: str, film_ids: list[str] | None) -> dict[str, set[str]]:
        fetched = select(film_offers.c.film_id, film_offers.c.services).where(film_offers.c.country == country)
        own = select(availability.c.film_id, availability.c.service, availability.c.countries)
        if film_ids is not None:
            fetched = fetched.where(film_offers.c.film_id.in_(film_ids))
            own = own.where(availability.c.film_id.in_(film_ids))
        keys: dict[str, set[str]] = defaultdict(set)
        async with self._database.read() as connection:
            for film_id, services in (await connection.execute(fetched)).all():
                names = (name for kind in _INCLUDED_KINDS for name in services.get(kind, ()))
                keys[film_id] |= {service_key(name) for name in names}
            for film_id, service, countries in (await connection.execute(own)).all():
                if country in countries or EVERYWHERE in countries:
                    keys[film_id].add(service_key(service))
        return {film_id: services for film_id, services in keys.items() if services}

    async def list_alerts(self, member_id: int) -> list[Alert]:
        """Return the member's alerts, oldest first."""
        return await self._select_alerts(alerts.c.member_id == member_id)

    async def list_alerts_for_film(self, film_id: str) -> list[Alert]:
        """Return all members' alerts for the film, oldest first."""
        return await self._select_alerts(alerts.c.film_id == film_id)

    async def list_alert_film_ids(self) -> list[str]:
        """Return the ids of the films that any member has an alert for."""
        statement = select(alerts.c.film_id).distinct().order_by(alerts.c.film_id)
        return [row.film_id for row in await self._database.fetch_all(statement)]

    async def save_alert(self, alert: Alert) -> None:
        """Store the alert in place of one of the same member and film. Raises AlertsFullError."""
        statement = upsert(self._database.dialect, alerts, ("member_id", "film_id"), _ALERT_STATE)
        row = {"member_id": alert.member_id, "film_id": alert.film_id, **_alert_state(alert)}
        others = select(func.count()).where(
            alerts.c.member_id == alert.member_id, alerts.c.film_id != alert.film_id
        )
        async with self._database.write(member_ids=[alert.member_id]) as connection:
            if (await connection.execute(others)).scalar_one() >= ALERTS_LIMIT:
                raise AlertsFullError
            await connection.execute(statement, [row])

    async def update_alerts(self, updated: Sequence[Alert]) -> None:
        """Store the state of these alerts in one transaction; those deleted in the meantime stay deleted."""
        if not updated:
            return
        statement = (
            update(alerts)
            .where(alerts.c.member_id == bindparam("of_member"), alerts.c.film_id == bindparam("of_film"))
            .values({name: bindparam(name) for name in _ALERT_STATE})
        )
        rows = [
            {"of_member": alert.member_id, "of_film": alert.film_id, **_alert_state(alert)} for alert in updated
        ]
        # A film may have thousands of alerts, and this adds none: their members need not be locked.
        async with self._database.write() as connection:
            await connection.execute(statement, rows)

    async def count_failed_attempt(self, member_id: int, film_ids: Collection[str]) -> None:
        """Count an attempt to notify the member of these films, which failed."""
        is_theirs = and_(alerts.c.member_id == member_id, alerts.c.film_id.in_(film_ids))
        async with self._database.write(member_ids=[member_id]) as connection:
            await connection.execute(update(alerts).where(is_theirs).values(attempts=alerts.c.attempts + 1))

    async def delete_alerts(self, member_id: int, film_ids: Sequence[str] | None = None) -> int:
        """Delete the member's alerts for these films, or all of them; return how many there were."""
        statement = delete(alerts).where(alerts.c.member_id == member_id)
        if film_ids is not None:
            statement = statement.where(alerts.c.film_id.in_(list(film_ids)))
        async with self._database.write(member_ids=[member_id]) as connection:
            return int((await connection.execute(statement)).rowcount)

    async def _select_alerts(self, condition: ColumnElement[bool]) -> list[Alert]:
        order = (alerts.c.created_at, alerts.c.film_id, alerts.c.member_id)
        return [
            Alert(
                row.member_id,
                row.film_id,
                row.country,
                row.created_at,
                tuple(row.services or ()),
                row.available_at,
                row.attempts,
            )
            for row in await self._database.fetch_all(select(alerts).where(condition).order_by(*order))
        ]


def _select_subscriptions(member_id: int) -> Select[Any]:
    return (
        select(subscriptions.c.service_key, subscriptions.c.service_name)
        .where(subscriptions.c.member_id == member_id)
        .order_by(subscriptions.c.service_name)
    )


def _alert_state(alert: Alert) -> dict[str, Any]:
    return {
        "country": alert.country,
        "created_at": alert.created_at,
        "services": list(alert.services) or None,
        "available_at": alert.available_at,
        "attempts": alert.attempts,
    }


PERSONAL_DATA = PersonalData(
    exported_rows=(export_table(subscriptions, 120), export_table(alerts, 130)),
    deleted_tables=(subscriptions, alerts),
)
