"""What was fetched online, with its age, in and out of the database."""

from collections.abc import Collection as AnyCollection
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from cachetools import TTLCache
from sqlalchemy import String, bindparam, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.database.engine import Database, upsert
from bot.core.database.read_executor import AnyRow
from bot.films.metadata import Collection, CollectionPart, Details, Known, LocalText
from bot.films.offers import CountryOffers, Offer, Streaming
from bot.films.tables import film_collections, film_ids, film_metadata, film_offers, films

CACHED_FILMS, CACHED_SECONDS = 2_048, 60.0
"""Films kept in memory, and for how long another process's change may stay unseen."""
_FILM_ID = bindparam("film_id", type_=String)
_KEPT = tuple(select(table).where(table.c.film_id == _FILM_ID) for table in (film_metadata, film_offers))


class OnlineStore:
    """Reads and writes what a source told of films. `source` is its name in `film_ids`."""

    def __init__(self, database: Database, source: str) -> None:
        self._database = database
        self._source = source
        self._cache: TTLCache[str, Known] = TTLCache(CACHED_FILMS, CACHED_SECONDS)

    async def get(self, film_id: str) -> Known | None:
        """Give what is kept of the film with its collection, or None."""
        if (known := self._cache.get(film_id)) is not None:
            return known
        rows, offers = await self._database.together(_KEPT, film_id=film_id)
        if not rows:
            return None
        known = _known(rows[0], offers)
        named = known.details.collection if known.details is not None else None
        if named is not None and (kept := await self.collection(named.source_id)) is not None:
            known = _with(known, kept[0])
        self._cache[film_id] = known
        return known

    async def put(self, film_id: str, known: Known) -> None:
        """Keep the details and offers, whole, in place of what was kept; note the source's id of the film."""
        keep = upsert(
            self._database.dialect,
            film_metadata,
            ("film_id",),
            ("source", "source_id", "details", "fetched_at", "offers_fetched_at"),
        )
        details = known.details
        row = {
            "film_id": film_id,
            "source": self._source,
            "source_id": details.source_id if details else None,
            "details": asdict(details) if details else None,
            "fetched_at": known.fetched_at,
            "offers_fetched_at": known.offers_fetched_at,
        }
        async with self._database.write() as connection:
            if (await connection.execute(select(films.c.id).where(films.c.id == film_id))).one_or_none() is None:
                return  # the film was deleted meanwhile
            await connection.execute(keep, [row])
            await connection.execute(delete(film_offers).where(film_offers.c.film_id == film_id))
            if rows := _offer_rows(film_id, known.streaming):
                await connection.execute(film_offers.insert(), rows)
            if details is not None:
                await self._link(connection, film_id, details.source, details.source_id)
        self._cache.pop(film_id, None)

    async def fresh(self, film_ids: AnyCollection[str], details: datetime, streaming: datetime) -> set[str]:
        """Give those of the films whose details and offers were fetched at these times or later.

        A film that the source does not know has no offers to be fetched.
        """
        known = film_metadata.c
        asked = select(known.film_id).where(
            known.film_id.in_(film_ids),
            known.fetched_at >= details,
            or_(known.source_id.is_(None), known.offers_fetched_at > streaming),
        )
        return {film_id for (film_id,) in await self._database.rows(asked)}

    async def link(self, film_id: str, source: str, value: str) -> None:
        """Note a film's id at a source, in place of another there; one that is another film's stays there."""
        async with self._database.write() as connection:
            await self._link(connection, film_id, source, value)

    async def _link(self, connection: AsyncConnection, film_id: str, source: str, value: str) -> None:
        there = (film_ids.c.source == source, film_ids.c.value == value)
        if (await connection.execute(select(film_ids.c.film_id).where(*there))).one_or_none() is not None:
            return
        await connection.execute(
            delete(film_ids).where(film_ids.c.source == source, film_ids.c.film_id == film_id)
        )
        await connection.execute(film_ids.insert(), [{"source": source, "value": value, "film_id": film_id}])

    async def film_with(self, source: str, value: str) -> str | None:
        """Give the film of ours with that id at the source, or None."""
        asked = select(film_ids.c.film_id).where(film_ids.c.source == source, film_ids.c.value == value)
        rows = await self._database.rows(asked)
        return str(rows[0].film_id) if rows else None

    async def adopted_before(self, moment: datetime) -> list[str]:
        """Give the films that came from the source and were last fetched before `moment`, oldest first."""
        asked = (
            select(films.c.id)
            .join(film_metadata, film_metadata.c.film_id == films.c.id)
            .where(films.c.source == self._source, film_metadata.c.fetched_at < moment)
            .order_by(film_metadata.c.fetched_at)
        )
        return [row.id for row in await self._database.rows(asked)]

    async def collection(self, collection_id: str) -> tuple[Collection, datetime] | None:
        """Give the collection and when it was fetched, or None."""
        asked = select(film_collections).where(film_collections.c.source_id == collection_id)
        rows = await self._database.rows(asked)
        return (_collection(rows[0].collection), rows[0].fetched_at) if rows else None

    async def put_collection(self, collection: Collection, at: datetime) -> None:
        """Keep the collection."""
        keep = upsert(self._database.dialect, film_collections, ("source_id",), ("collection", "fetched_at"))
        row = {"source_id": collection.source_id, "collection": asdict(collection), "fetched_at": at}
        async with self._database.write() as connection:
            await connection.execute(keep, [row])
        self._cache.clear()

    async def delete_before(self, moment: datetime) -> int:
        """Delete everything fetched earlier; give how many films that were."""
        old = select(film_metadata.c.film_id).where(film_metadata.c.fetched_at < moment)
        async with self._database.write() as connection:
            await connection.execute(delete(film_offers).where(film_offers.c.film_id.in_(old)))
            gone = await connection.execute(delete(film_metadata).where(film_metadata.c.fetched_at < moment))
            await connection.execute(delete(film_collections).where(film_collections.c.fetched_at < moment))
            aged = film_metadata.c.offers_fetched_at < moment
            unknown = select(film_metadata.c.film_id).where(aged)
            await connection.execute(delete(film_offers).where(film_offers.c.film_id.in_(unknown)))
            await connection.execute(update(film_metadata).where(aged).values(offers_fetched_at=None))
        self._cache.clear()
        return int(gone.rowcount)


def _with(known: Known, collection: Collection) -> Known:
    return Known(known.details, known.fetched_at, known.streaming, known.offers_fetched_at, collection)


def _known(row: AnyRow, offers: Sequence[AnyRow]) -> Known:
    streaming = None
    if row.offers_fetched_at is not None:
        streaming = Streaming({offer.country: _offers(offer) for offer in offers})
    return Known(_details(row.details), row.fetched_at, streaming, row.offers_fetched_at)


def _offer_rows(film_id: str, streaming: Streaming | None) -> list[dict[str, Any]]:
    return [
        {
            "film_id": film_id,
            "country": country,
            "link": offers.link,
            "services": {offer.name.lower(): list(names) for offer, names in offers.services.items()},
        }
        for country, offers in (streaming.countries if streaming else {}).items()
    ]


def _offers(row: AnyRow) -> CountryOffers:
    kinds = {offer.name.lower(): offer for offer in Offer}
    services = {kinds[key]: tuple(names) for key, names in row.services.items() if key in kinds}
    return CountryOffers({offer: services[offer] for offer in Offer if offer in services}, row.link)


def _details(value: dict[str, Any] | None) -> Details | None:
    if value is None:
        return None
    named = value["collection"]
    return Details(
        source=value["source"],
        source_id=value["source_id"],
        texts={language: LocalText(**text) for language, text in value["texts"].items()},
        poster=value["poster"],
        stills=tuple(value["stills"]),
        trailer=value["trailer"],
        certifications=value["certifications"],
        collection=_collection(named) if named is not None else None,
    )


def _collection(value: dict[str, Any]) -> Collection:
    return Collection(value["source_id"], value["name"], tuple(CollectionPart(**part) for part in value["parts"]))
