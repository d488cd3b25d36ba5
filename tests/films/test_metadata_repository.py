"""Metadata in both kinds of database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.database.engine import Database
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
from bot.films.metadata_repository import MetadataRepository
from bot.films.models import Film
from bot.films.repository import FilmRepository
from tests.repositories import delete_film

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
FILM = Film("lantern-2001", "Lantern", "Lantern", 2001, ids={"imdb": "tt0000001"})
OTHER = Film("reel-2002", "Reel", "Reel", 2002, source="tmdb")
DETAILS = Details(
    source="tmdb",
    source_id="71",
    texts={"de": LocalizedText("Laterne", "Was geschieht.", ""), "en": LocalizedText("Lantern")},
    poster="https://image.tmdb.org/t/p/w500/a.jpg",
    stills=("https://image.tmdb.org/t/p/w1280/b.jpg",),
    trailer="https://www.youtube.com/watch?v=abcdefgh",
    certifications={"DE": "12"},
    collection=Collection("9", "Lanterns"),
)
STREAMING = StreamingOffers(
    {
        "DE": CountryOffers({OfferKind.SUBSCRIPTION: ("First", "Second"), OfferKind.BUY: ("Shop",)}, "https://x"),
        "FR": CountryOffers({OfferKind.ADS: ("Ouvert",)}),
    }
)
KNOWN = CachedMetadata(DETAILS, NOW, STREAMING, NOW - timedelta(hours=1))


@pytest.fixture
async def films(database: Database) -> FilmRepository:
    films = FilmRepository(database)
    await films.save_many([FILM, OTHER])
    return films


@pytest.fixture
def store(database: Database, films: FilmRepository) -> MetadataRepository:
    return MetadataRepository(database, "tmdb")


async def test_saved_metadata_is_read_back_the_same(database: Database, store: MetadataRepository) -> None:
    assert await store.get(FILM.id) is None
    await store.save(FILM.id, KNOWN)
    assert await store.get(FILM.id) == KNOWN
    assert await MetadataRepository(database, "tmdb").get(FILM.id) == KNOWN


async def test_saving_again_replaces_everything(database: Database, store: MetadataRepository) -> None:
    await store.save(FILM.id, KNOWN)
    fresh = CachedMetadata(
        replace(DETAILS, poster=None), NOW, StreamingOffers({"PL": CountryOffers({OfferKind.RENT: ("R",)})}), NOW
    )
    await store.save(FILM.id, fresh)
    assert await MetadataRepository(database, "tmdb").get(FILM.id) == fresh


async def test_fresh_films_are_listed_among_many(store: MetadataRepository) -> None:
    await store.save(FILM.id, KNOWN)
    await store.save(OTHER.id, CachedMetadata(None, NOW))
    both, day, hour = [FILM.id, OTHER.id, "unheard-of"], NOW - timedelta(days=1), NOW - timedelta(hours=1)
    assert await store.list_fresh(both, details_after=day, offers_after=day) == {
        FILM.id,
        OTHER.id,
    }  # of one not known there nothing can be fresher
    assert await store.list_fresh(both, details_after=day, offers_after=hour) == {OTHER.id}
    assert await store.list_fresh(both, details_after=NOW + timedelta(hours=1), offers_after=day) == set()
    assert await store.list_fresh([], details_after=day, offers_after=day) == set()


async def test_it_is_stored_that_the_source_does_not_know_a_film(store: MetadataRepository) -> None:
    await store.save(FILM.id, CachedMetadata(None, NOW))
    assert await store.get(FILM.id) == CachedMetadata(None, NOW)


async def test_nothing_is_stored_of_a_film_deleted_meanwhile(
    database: Database, films: FilmRepository, store: MetadataRepository
) -> None:
    await delete_film(database, films, FILM.id)
    await store.save(FILM.id, KNOWN)
    assert await store.get(FILM.id) is None


async def test_the_sources_id_is_stored_with_the_film_and_replaced(
    films: FilmRepository, store: MetadataRepository
) -> None:
    await store.save(FILM.id, KNOWN)
    assert await films.find_by_ids({"tmdb": "71"}) == FILM.id
    await store.save(FILM.id, replace(KNOWN, details=replace(DETAILS, source_id="72")))
    assert await films.find_by_ids({"tmdb": "72"}) == FILM.id
    assert await films.find_by_ids({"tmdb": "71"}) is None
    assert await films.find_by_ids({"imdb": "tt0000001"}) == FILM.id


async def test_an_id_that_another_film_has_stays_its_own(films: FilmRepository, store: MetadataRepository) -> None:
    await store.save(FILM.id, KNOWN)
    await store.save(OTHER.id, KNOWN)
    assert await films.find_by_ids({"tmdb": "71"}) == FILM.id


async def test_a_collection_is_read_with_its_films(database: Database, store: MetadataRepository) -> None:
    whole = Collection("9", "Lanterns", (CollectionPart("71", "Lantern", 2001), CollectionPart("72", "Two", None)))
    await store.save(FILM.id, KNOWN)
    await store.save_collection(whole, NOW)
    assert await store.get_collection("9") == CachedCollection(whole, NOW)
    assert await store.get(FILM.id) == replace(KNOWN, collection=whole)


async def test_old_metadata_is_deleted_and_the_film_stays(
    films: FilmRepository, store: MetadataRepository
) -> None:
    await store.save(FILM.id, replace(KNOWN, fetched_at=NOW - timedelta(days=181)))
    await store.save(OTHER.id, replace(KNOWN, offers_fetched_at=NOW - timedelta(days=181)))
    await store.save_collection(Collection("9", "Lanterns"), NOW - timedelta(days=181))
    assert await store.delete_before(NOW - timedelta(days=180)) == 1
    assert await store.get(FILM.id) is None
    other = await store.get(OTHER.id)
    assert other is not None
    assert (other.details, other.streaming, other.offers_fetched_at) == (DETAILS, None, None)
    assert await store.get_collection("9") is None
    assert await films.get(FILM.id) is not None


async def test_ingested_films_are_listed_by_age(store: MetadataRepository) -> None:
    await store.save(FILM.id, replace(KNOWN, fetched_at=NOW - timedelta(days=200)))
    await store.save(OTHER.id, replace(KNOWN, fetched_at=NOW - timedelta(days=160)))
    assert await store.list_ingested_before(NOW - timedelta(days=150)) == [OTHER.id]
    assert await store.list_ingested_before(NOW - timedelta(days=170)) == []
