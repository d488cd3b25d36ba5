"""What was fetched online, in both kinds of database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.database.engine import Database
from bot.core.database.key_value import FactStore
from bot.films.metadata import Collection, CollectionPart, Details, Known, LocalText
from bot.films.metadata_repository import OnlineStore
from bot.films.models import Film
from bot.films.offers import CountryOffers, Offer, Streaming
from bot.films.repository import FilmStore

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
FILM = Film("lantern-2001", "Lantern", "Lantern", 2001, ids={"imdb": "tt0000001"})
OTHER = Film("reel-2002", "Reel", "Reel", 2002, source="tmdb")
DETAILS = Details(
    source="tmdb",
    source_id="71",
    texts={"de": LocalText("Laterne", "Was geschieht.", ""), "en": LocalText("Lantern")},
    poster="https://image.tmdb.org/t/p/w500/a.jpg",
    stills=("https://image.tmdb.org/t/p/w1280/b.jpg",),
    trailer="https://www.youtube.com/watch?v=abcdefgh",
    certifications={"DE": "12"},
    collection=Collection("9", "Lanterns"),
)
STREAMING = Streaming(
    {
        "DE": CountryOffers({Offer.SUBSCRIPTION: ("First", "Second"), Offer.BUY: ("Shop",)}, "https://x"),
        "FR": CountryOffers({Offer.ADS: ("Ouvert",)}),
    }
)
KNOWN = Known(DETAILS, NOW, STREAMING, NOW - timedelta(hours=1))


@pytest.fixture
async def films(database: Database) -> FilmStore:
    films = FilmStore(database)
    await films.put_many([FILM, OTHER])
    return films


@pytest.fixture
def store(database: Database, films: FilmStore) -> OnlineStore:
    return OnlineStore(database, "tmdb")


async def test_what_is_put_comes_back_the_same(database: Database, store: OnlineStore) -> None:
    assert await store.get(FILM.id) is None
    await store.put(FILM.id, KNOWN)
    assert await store.get(FILM.id) == KNOWN
    assert await OnlineStore(database, "tmdb").get(FILM.id) == KNOWN


async def test_putting_anew_replaces_it_whole(database: Database, store: OnlineStore) -> None:
    await store.put(FILM.id, KNOWN)
    fresh = Known(replace(DETAILS, poster=None), NOW, Streaming({"PL": CountryOffers({Offer.RENT: ("R",)})}), NOW)
    await store.put(FILM.id, fresh)
    assert await OnlineStore(database, "tmdb").get(FILM.id) == fresh


async def test_what_is_fresh_is_told_for_many_films_at_once(store: OnlineStore) -> None:
    await store.put(FILM.id, KNOWN)
    await store.put(OTHER.id, Known(None, NOW))
    both, day, hour = [FILM.id, OTHER.id, "unheard-of"], NOW - timedelta(days=1), NOW - timedelta(hours=1)
    assert await store.fresh(both, day, day) == {
        FILM.id,
        OTHER.id,
    }  # of one not known there nothing can be fresher
    assert await store.fresh(both, day, hour) == {OTHER.id}
    assert await store.fresh(both, NOW + timedelta(hours=1), day) == set()
    assert await store.fresh([], day, day) == set()


async def test_that_the_source_does_not_know_a_film_is_kept_too(store: OnlineStore) -> None:
    await store.put(FILM.id, Known(None, NOW))
    assert await store.get(FILM.id) == Known(None, NOW)


async def test_a_film_deleted_meanwhile_is_not_written_to(films: FilmStore, store: OnlineStore) -> None:
    await films.delete(FILM.id)
    await store.put(FILM.id, KNOWN)
    assert await store.get(FILM.id) is None


async def test_the_sources_id_goes_with_the_film_and_changes_with_it(store: OnlineStore) -> None:
    await store.put(FILM.id, KNOWN)
    assert await store.film_with("tmdb", "71") == FILM.id
    await store.put(FILM.id, replace(KNOWN, details=replace(DETAILS, source_id="72")))
    assert await store.film_with("tmdb", "72") == FILM.id
    assert await store.film_with("tmdb", "71") is None
    assert await store.film_with("imdb", "tt0000001") == FILM.id


async def test_an_id_that_another_film_has_stays_there(store: OnlineStore) -> None:
    await store.put(FILM.id, KNOWN)
    await store.put(OTHER.id, KNOWN)
    assert await store.film_with("tmdb", "71") == FILM.id


async def test_a_collection_comes_back_with_its_films(database: Database, store: OnlineStore) -> None:
    whole = Collection("9", "Lanterns", (CollectionPart("71", "Lantern", 2001), CollectionPart("72", "Two", None)))
    await store.put(FILM.id, KNOWN)
    await store.put_collection(whole, NOW)
    assert await store.collection("9") == (whole, NOW)
    assert await store.get(FILM.id) == replace(KNOWN, collection=whole)


async def test_what_is_too_old_is_deleted_and_the_film_stays(films: FilmStore, store: OnlineStore) -> None:
    await store.put(FILM.id, replace(KNOWN, fetched_at=NOW - timedelta(days=181)))
    await store.put(OTHER.id, replace(KNOWN, offers_fetched_at=NOW - timedelta(days=181)))
    await store.put_collection(Collection("9", "Lanterns"), NOW - timedelta(days=181))
    assert await store.delete_before(NOW - timedelta(days=180)) == 1
    assert await store.get(FILM.id) is None
    other = await store.get(OTHER.id)
    assert other is not None
    assert (other.details, other.streaming, other.offers_fetched_at) == (DETAILS, None, None)
    assert await store.collection("9") is None
    assert await films.get(FILM.id) is not None


async def test_films_that_came_from_the_source_are_found_by_their_age(store: OnlineStore) -> None:
    await store.put(FILM.id, replace(KNOWN, fetched_at=NOW - timedelta(days=200)))
    await store.put(OTHER.id, replace(KNOWN, fetched_at=NOW - timedelta(days=160)))
    assert await store.adopted_before(NOW - timedelta(days=150)) == [OTHER.id]
    assert await store.adopted_before(NOW - timedelta(days=170)) == []


async def test_a_periodic_job_is_claimed_by_one(database: Database) -> None:
    facts = FactStore(database)
    assert await facts.claim("job", "2026-05-04T04:00", "2026-05-03T16:00")
    assert not await facts.claim("job", "2026-05-04T04:01", "2026-05-03T16:01")
    assert await facts.claim("job", "2026-05-05T04:00", "2026-05-04T16:00")
