"""Subscriptions, and which films services show, in both kinds of database."""

from datetime import UTC, date, datetime

import pytest

from bot.core.database.engine import Database
from bot.films.metadata import CachedMetadata, Details
from bot.films.metadata_repository import MetadataRepository
from bot.films.models import EVERYWHERE, Availability, Film
from bot.films.offers import CountryOffers, Offer, StreamingOffers, StreamingService
from bot.films.repository import FilmRepository
from bot.streaming.subscriptions import SubscriptionService
from bot.streaming.subscriptions_repository import SubscriptionStore

NOW = datetime(2026, 5, 4, tzinfo=UTC)
MINA = 11


@pytest.fixture
async def store(database: Database) -> SubscriptionStore:
    own = Availability("Kinoteca", ("PL",), date(2026, 1, 1))
    everywhere = Availability("Lantern+", (EVERYWHERE,), date(2026, 1, 1))
    await FilmRepository(database).save_many(
        [
            Film("online-2001", "Online", "Online", 2001),
            Film("rented-2002", "Rented", "Rented", 2002),
            Film("own-2003", "Own", "Own", 2003, availability=(own,)),
            Film("everywhere-2004", "Everywhere", "Everywhere", 2004, availability=(everywhere,)),
        ]
    )
    online = MetadataRepository(database, "tmdb")
    for film_id, offer in (("online-2001", Offer.ADS), ("rented-2002", Offer.RENT)):
        streaming = StreamingOffers({"DE": CountryOffers({offer: ("Lantern Plus with Ads", "Reel")})})
        await online.save(film_id, CachedMetadata(Details("tmdb", film_id[-1]), NOW, streaming, NOW))
    return SubscriptionStore(database)


async def test_services_are_kept_for_each_member(store: SubscriptionStore) -> None:
    await store.put(MINA, {"lantern plus": "Lantern+", "reel": "Reel"})
    await store.put(12, {"reel": "Reel"})
    await store.put(MINA, {"lantern plus": "Lantern+"})
    assert await store.of(MINA) == {"lantern plus": "Lantern+"}
    assert await store.of(12) == {"reel": "Reel"}
    await store.put(12, {})
    assert await store.of(12) == {}


async def test_what_is_included_counts_and_what_is_rented_does_not(store: SubscriptionStore) -> None:
    assert await store.included("DE") == {
        "online-2001": {"lantern plus", "reel"},
        "everywhere-2004": {"lantern plus"},
    }
    assert await store.included("PL") == {"own-2003": {"kinoteca"}, "everywhere-2004": {"lantern plus"}}
    assert await store.included("DE", ["rented-2002", "everywhere-2004"]) == {"everywhere-2004": {"lantern plus"}}
    many = [f"none-{at}" for at in range(1_200)]
    assert await store.included("DE", [*many, "online-2001"]) == {"online-2001": {"lantern plus", "reel"}}


async def test_only_mine_keeps_what_a_member_can_watch(store: SubscriptionStore) -> None:
    subscriptions = SubscriptionService(store)
    await subscriptions.load()
    assert await subscriptions.only_mine(MINA, "DE") == set()
    await subscriptions.choose(MINA, ["lantern plus"])
    assert await subscriptions.of(MINA) == {"lantern plus": "Lantern+"}
    assert await subscriptions.only_mine(MINA, "DE") == {"online-2001", "everywhere-2004"}
    assert await subscriptions.only_mine(MINA, "DE", ["online-2001", "rented-2002"]) == {"online-2001"}
    assert await subscriptions.only_mine(MINA, "PL") == {"everywhere-2004"}


async def test_a_service_that_was_renamed_or_is_gone_keeps_no_other_from_being_chosen(
    store: SubscriptionStore,
) -> None:
    await store.put(MINA, {"old lantern": "Old Lantern", "kinoteca": "Kinoteca"})
    subscriptions = SubscriptionService(store)
    await subscriptions.load()
    mine = await subscriptions.choose_among(MINA, ["Lantern+", "Kinoteca"], ["Lantern+"])
    assert mine == {"old lantern": "Old Lantern", "lantern plus": "Lantern+"}
    assert await store.of(MINA) == mine
    assert await subscriptions.choose_among(MINA, ["Old Lantern", "Lantern+"], []) == {}


async def test_services_are_replaced_whole(store: SubscriptionStore) -> None:
    await store.replace_source_services([StreamingService("Old", {"DE": 1})])
    new = [StreamingService("First", {"DE": 0, "FR": 3}), StreamingService("Second", {"DE": 1})]
    await store.replace_source_services(new)
    assert sorted(await store.list_source_services(), key=lambda each: each.name) == new
