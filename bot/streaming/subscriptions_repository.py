"""Members' subscriptions, and which films services show, in and out of the database."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import delete, select

from bot.core.database.engine import Database
from bot.films.models import EVERYWHERE
from bot.films.offers import INCLUDED, service_key
from bot.films.tables import availability, film_offers
from bot.streaming.tables import subscriptions

BATCH = 500
"""Films asked for by one statement."""
_INCLUDED = tuple(offer.name.lower() for offer in INCLUDED)


class SubscriptionStore:
    """Reads and writes subscriptions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, member_id: int) -> dict[str, str]:
        """Give the member's services, their names by key, in the order of their names."""
        asked = (
            select(subscriptions.c.service_key, subscriptions.c.service_name)
            .where(subscriptions.c.member_id == member_id)
            .order_by(subscriptions.c.service_name)
        )
        return {row.service_key: row.service_name for row in await self._database.rows(asked)}

    async def put(self, member_id: int, services: Mapping[str, str]) -> None:
        """Store exactly these services, names by key."""
        rows = [
            {"member_id": member_id, "service_key": key[:120], "service_name": name[:120]}
            for key, name in services.items()
        ]
        async with self._database.write() as connection:
            await connection.execute(delete(subscriptions).where(subscriptions.c.member_id == member_id))
            if rows:
                await connection.execute(subscriptions.insert(), rows)

    async def included(self, country: str, film_ids: Collection[str] | None = None) -> dict[str, set[str]]:
        """Give the keys of the services that show each film in the country without a further payment."""
        if film_ids is None:
            return await self._included(country, None)
        wanted = list(film_ids)
        found: dict[str, set[str]] = {}
        for start in range(0, len(wanted), BATCH):
            found |= await self._included(country, wanted[start : start + BATCH])
        return found

    async def _included(self, country: str, film_ids: list[str] | None) -> dict[str, set[str]]:
        online = select(film_offers.c.film_id, film_offers.c.services).where(film_offers.c.country == country)
        own = select(availability.c.film_id, availability.c.service, availability.c.countries)
        if film_ids is not None:
            online = online.where(film_offers.c.film_id.in_(film_ids))
            own = own.where(availability.c.film_id.in_(film_ids))
        found: dict[str, set[str]] = defaultdict(set)
        async with self._database.read() as connection:
            for film_id, services in (await connection.execute(online)).all():
                names = (name for kind in _INCLUDED for name in services.get(kind, ()))
                found[film_id] |= {service_key(name) for name in names}
            for film_id, service, countries in (await connection.execute(own)).all():
                if country in countries or EVERYWHERE in countries:
                    found[film_id].add(service_key(service))
        return {film_id: keys for film_id, keys in found.items() if keys}

    async def catalogue_services(self) -> list[str]:
        """Give the services that the catalogue itself names."""
        asked = select(availability.c.service).distinct().order_by(availability.c.service)
        return [row.service for row in await self._database.rows(asked)]
