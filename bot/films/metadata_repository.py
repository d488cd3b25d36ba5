"""Reads and writes what was fetched from a metadata source, with its age."""

from collections.abc import Collection as AnyCollection
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from cachetools import TTLCache
from sqlalchemy import String, bindparam, delete, or_, select, update

from bot.core.caches import CacheUse
from bot.core.database.engine import Database, upsert
from bot.core.database.executors import AnyRow
from bot.films.metadata import (
    CachedCollection,
    CachedMetadata,
    Collection,
    CollectionPart,
    CountryOffers,
    Details,
    LocalizedText,
    OfferKind,
    StreamingOffers,
)
from bot.films.repository import link_source_id
from bot.films.tables import film_collections, film_metadata, film_offers, films

CACHED_FILMS, CACHED_SECONDS = 2_048, 60.0
"""Films kept in memory, and the seconds for which another process's change may stay unseen."""
_FILM_ID = bindparam("film_id", type_=String)
_METADATA_AND_OFFERS = tuple(
    select(table).where(table.c.film_id == _FILM_ID) for table in (film_metadata, film_offers)
)


class MetadataRepository:
    """Metadata of films in the database. `source` is the source's name in `film_ids`."""

    def __init__(self, database: Database, source: str) -> None:
        self._database = database
        self._source = source
        self.cache_use = CacheUse()
        self._cache: TTLCache[str, CachedMetadata] = TTLCache(CACHED_FILMS, CACHED_SECONDS)

    async def get(self, film_id: str) -> CachedMetadata | None:
        """Return what is stored of the film, with its collection; None if nothing is."""
        cached = self._cache.get(film_id)
        self.cache_use.count(is_hit=cached is not None)
        if cached is not None:
            return cached
        rows, offers = await self._database.fetch_snapshot(_METADATA_AND_OFFERS, {"film_id": film_id})
        if not rows:
            return None
        metadata = _parse_metadata(rows[0], offers)
        named = metadata.details.collection if metadata.details is not None else None
        if named is not None and (stored := await self.get_collection(named.source_id)) is not None:
            metadata = replace(metadata, collection=stored.collection)
        self._cache[film_id] = metadata
        return metadata

    async def save(self, film_id: str, metadata: CachedMetadata) -> None:
        """Store the details and offers in place of earlier ones, and the source's id with the film.

        Nothing is stored of a film that has been deleted meanwhile.
        """
        statement = upsert(
            self._database.dialect,
            film_metadata,
            ("film_id",),
            ("source", "source_id", "details", "fetched_at", "offers_fetched_at"),
        )
        details = metadata.details
        row = {
            "film_id": film_id,
            "source": self._source,
            "source_id": details.source_id if details else None,
            "details": asdict(details) if details else None,
            "fetched_at": metadata.fetched_at,
            "offers_fetched_at": metadata.offers_fetched_at,
        }
        # The film is kept from being deleted until the transaction ends.
        film = select(films.c.id).where(films.c.id == film_id).with_for_update(read=True, key_share=True)
        async with self._database.write(is_upkeep=True) as connection:
            if (await connection.execute(film)).one_or_none() is None:
                return
            await connection.execute(statement, [row])
            await connection.execute(delete(film_offers).where(film_offers.c.film_id == film_id))
            if rows := _offer_rows(film_id, metadata.streaming):
                await connection.execute(film_offers.insert(), rows)
            if details is not None:
                await link_source_id(connection, film_id, details.source, details.source_id)
        self._cache.pop(film_id, None)

    async def list_fresh(
        self, film_ids: AnyCollection[str], *, details_after: datetime, offers_after: datetime
    ) -> set[str]:
        """Return those of the films whose details and offers were fetched after these times.

        A film that the source does not know has no offers to be fetched.
        """
        columns = film_metadata.c
        statement = select(columns.film_id).where(
            columns.film_id.in_(film_ids),
            columns.fetched_at >= details_after,
            or_(columns.source_id.is_(None), columns.offers_fetched_at > offers_after),
        )
        return {film_id for (film_id,) in await self._database.fetch_all(statement)}

    async def list_ingested_before(self, moment: datetime) -> list[str]:
        """Return the ids of the source's own films that were last fetched before `moment`, oldest first."""
        statement = (
            select(films.c.id)
            .join(film_metadata, film_metadata.c.film_id == films.c.id)
            .where(films.c.source == self._source, film_metadata.c.fetched_at < moment)
            .order_by(film_metadata.c.fetched_at)
        )
        return [row.id for row in await self._database.fetch_all(statement)]

    async def get_collection(self, collection_id: str) -> CachedCollection | None:
        """Return the collection, or None if it is not cached."""
        statement = select(film_collections).where(film_collections.c.source_id == collection_id)
        rows = await self._database.fetch_all(statement)
        return CachedCollection(_parse_collection(rows[0].collection), rows[0].fetched_at) if rows else None

    async def save_collection(self, collection: Collection, fetched_at: datetime) -> None:
        """Store the collection."""
        columns = ("collection", "fetched_at")
        statement = upsert(self._database.dialect, film_collections, ("source_id",), columns)
        row = {
            "source_id": collection.source_id,
            "collection": asdict(collection),
            "fetched_at": fetched_at,
        }
        async with self._database.write(is_upkeep=True) as connection:
            await connection.execute(statement, [row])
        self._cache.clear()

    async def delete_before(self, moment: datetime) -> int:
        """Delete everything fetched before `moment`; return how many films lost their details."""
        old_details = film_metadata.c.fetched_at < moment
        old_offers = film_metadata.c.offers_fetched_at < moment
        async with self._database.write(is_upkeep=True) as connection:
            for condition in (old_details, old_offers):
                ids = select(film_metadata.c.film_id).where(condition)
                await connection.execute(delete(film_offers).where(film_offers.c.film_id.in_(ids)))
            deleted = await connection.execute(delete(film_metadata).where(old_details))
            await connection.execute(update(film_metadata).where(old_offers).values(offers_fetched_at=None))
            await connection.execute(delete(film_collections).where(film_collections.c.fetched_at < moment))
        self._cache.clear()
        return int(deleted.rowcount)


def _parse_metadata(row: AnyRow, offers: Sequence[AnyRow]) -> CachedMetadata:
    streaming = None
    if row.offers_fetched_at is not None:
        streaming = StreamingOffers({offer.country: _parse_offers(offer) for offer in offers})
    return CachedMetadata(_parse_details(row.details), row.fetched_at, streaming, row.offers_fetched_at)


def _parse_offers(row: AnyRow) -> CountryOffers:
    # Kinds of a later version are left out.
    services = {
        offer: row.services[offer.name.lower()] for offer in OfferKind if offer.name.lower() in row.services
    }
    return CountryOffers({offer: tuple(names) for offer, names in services.items()}, row.link)


def _offer_rows(film_id: str, streaming: StreamingOffers | None) -> list[dict[str, Any]]:
    return [
        {
            "film_id": film_id,
            "country": country,
            "link": offers.link,
            "services": {offer.name.lower(): list(names) for offer, names in offers.services.items()},
        }
        for country, offers in (streaming.countries if streaming else {}).items()
    ]


def _parse_details(value: dict[str, Any] | None) -> Details | None:
    if value is None:
        return None
    collection = value["collection"]
    # A field that is new is missing in rows cached before, and then has its default.
    known = {field.name: value[field.name] for field in fields(Details) if field.name in value}
    known["texts"] = {language: LocalizedText(**text) for language, text in value["texts"].items()}
    known["stills"] = tuple(value["stills"])
    known["collection"] = _parse_collection(collection) if collection is not None else None
    return Details(**known)


def _parse_collection(value: dict[str, Any]) -> Collection:
    parts = tuple(CollectionPart(**part) for part in value["parts"])
    return Collection(value["source_id"], value["name"], parts)
