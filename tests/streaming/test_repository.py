"""Subscriptions, alerts and streaming services, in both kinds of database."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.core.database.engine import Database
from bot.films.metadata import CachedMetadata, CountryOffers, Details, OfferKind, StreamingOffers, StreamingService
from bot.films.metadata_repository import MetadataRepository
from bot.films.models import EVERYWHERE, Availability, Film
from bot.films.repository import FilmRepository
from bot.streaming.models import ALERTS_LIMIT, Alert
from bot.streaming.repository import StreamingRepository
from bot.streaming.service import SubscriptionService
from tests.repositories import delete_film

NOW = datetime(2026, 5, 4, tzinfo=UTC)
MINA, JONAS = 11, 12
FIRST = Alert(MINA, "online-2001", "DE", NOW)
SECOND = Alert(MINA, "own-2003", "DE", NOW + timedelta(days=1))
OTHERS = Alert(JONAS, "online-2001", "FR", NOW)


@pytest.fixture
async def repository(database: Database) -> StreamingRepository:
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
    metadata = MetadataRepository(database, "tmdb")
    for film_id, offer in (("online-2001", OfferKind.ADS), ("rented-2002", OfferKind.RENT)):
        streaming = StreamingOffers({"DE": CountryOffers({offer: ("Lantern Plus with Ads", "Reel")})})
        await metadata.save(film_id, CachedMetadata(Details("tmdb", film_id[-1]), NOW, streaming, NOW))
    return StreamingRepository(database)


@pytest.fixture
async def alerts(repository: StreamingRepository) -> StreamingRepository:
    """The same repository with three alerts."""
    for alert in (SECOND, FIRST, OTHERS):
        await repository.save_alert(alert)
    return repository


async def test_services_are_replaced_whole(repository: StreamingRepository) -> None:
    await repository.replace_services([StreamingService("Old", {"DE": 1})])
    new = [StreamingService("First", {"DE": 0, "FR": 3}), StreamingService("Second", {"DE": 1})]
    await repository.replace_services(new)
    assert sorted(await repository.list_services(), key=lambda each: each.name) == new


async def list_names(repository: StreamingRepository, member_id: int) -> list[str]:
    return list((await repository.get_subscriptions(member_id)).values())


async def test_a_renamed_service_is_the_same_service_everywhere(repository: StreamingRepository) -> None:
    reel = StreamingService("Reel", {"DE": 1}, 2)
    assert await repository.replace_services([StreamingService("Lantern Plus with Ads", {"DE": 0}, 1), reel]) == {}
    await repository.replace_subscriptions(MINA, {"lantern plus": "Lantern+", "reel": "Reel"})
    await repository.replace_subscriptions(JONAS, {"reel": "Reel"})
    renames = await repository.replace_services([StreamingService("HBO “Lumen”", {"DE": 0}, 1), reel])
    assert renames == {"Lantern Plus with Ads": "HBO “Lumen”"}
    assert await list_names(repository, MINA) == ["HBO “Lumen”", "Reel"]
    assert await list_names(repository, JONAS) == ["Reel"]
    mine = (await repository.get_subscriptions(MINA)).keys()
    including = await repository.list_including_services("DE", ["online-2001"])
    assert including["online-2001"] == mine  # the offers that were cached under its old name, too
    # A further rename, and back again; the service it shared a name with stays what it is.
    await repository.replace_services([StreamingService("Reel", {"DE": 0}, 1), StreamingService("Spool", {}, 2)])
    assert await list_names(repository, MINA) == ["Reel"]  # both go by one name while they do
    await repository.replace_services([StreamingService("Lumen", {"DE": 0}, 1), StreamingService("Spool", {}, 2)])
    assert await list_names(repository, MINA) == ["Lumen"]


async def test_the_catalogues_names_are_tied_to_ids(database: Database, repository: StreamingRepository) -> None:
    film = Film("own-2003", "Own", "Own", 2003)
    mine = Availability("Prime Video", ("PL",), date(2026, 1, 1))
    await FilmRepository(database).save_many([replace(film, availability=(mine,))])
    await repository.replace_subscriptions(MINA, {"prime video": "Prime Video"})
    for _ in range(2):  # the starter is loaded again after an update
        await repository.replace_services([StreamingService("Amazon Prime Video", {"PL": 0}, 9)])
        assert await repository.list_including_services("PL", ["own-2003"]) == {"own-2003": {"amazon prime video"}}
        assert await list_names(repository, MINA) == ["Amazon Prime Video"]
        await FilmRepository(database).save_many([replace(film, availability=(mine,))])


async def test_a_plan_that_shares_a_name_does_not_take_subscribers_along(repository: StreamingRepository) -> None:
    """Netflix and its plan with ads have one key: a new name of the plan changes nothing for subscribers."""
    service = StreamingService("Lantern", {"DE": 0}, 1)
    await repository.replace_services([service, StreamingService("Lantern with Ads", {"DE": 1}, 2)])
    await repository.replace_subscriptions(MINA, {"lantern": "Lantern"})
    await repository.replace_services([service, StreamingService("Lantern Light", {"DE": 1}, 2)])
    assert await list_names(repository, MINA) == ["Lantern"]
    await repository.replace_services(
        [StreamingService("Lamp", {"DE": 0}, 1), StreamingService("Lantern", {"DE": 1}, 3)]
    )
    assert await list_names(repository, MINA) == ["Lantern"]  # another service has the name now: nobody can tell


async def test_services_are_kept_for_each_member(repository: StreamingRepository) -> None:
    await repository.replace_subscriptions(MINA, {"lantern plus": "Lantern+", "reel": "Reel"})
    await repository.replace_subscriptions(JONAS, {"reel": "Reel"})
    await repository.replace_subscriptions(MINA, {"lantern plus": "Lantern+"})
    assert await repository.get_subscriptions(MINA) == {"lantern plus": "Lantern+"}
    assert await repository.get_subscriptions(JONAS) == {"reel": "Reel"}
    await repository.replace_subscriptions(JONAS, {})
    assert await repository.get_subscriptions(JONAS) == {}


async def test_what_is_included_counts_and_what_is_rented_does_not(repository: StreamingRepository) -> None:
    assert await repository.list_including_services("DE") == {
        "online-2001": {"lantern plus", "reel"},
        "everywhere-2004": {"lantern plus"},
    }
    assert await repository.list_including_services("PL") == {
        "own-2003": {"kinoteca"},
        "everywhere-2004": {"lantern plus"},
    }
    assert await repository.list_including_services("DE", ["rented-2002", "everywhere-2004"]) == {
        "everywhere-2004": {"lantern plus"}
    }
    many = [f"none-{number}" for number in range(1_200)]
    assert await repository.list_including_services("DE", [*many, "online-2001"]) == {
        "online-2001": {"lantern plus", "reel"}
    }


async def test_only_films_on_the_members_services_are_watchable(repository: StreamingRepository) -> None:
    service = SubscriptionService(repository)
    await service.open()
    assert await service.list_watchable_films(MINA, "DE") == set()
    await service.set_subscriptions(MINA, ["lantern plus"])
    assert await repository.get_subscriptions(MINA) == {"lantern plus": "Lantern+"}
    assert await service.list_watchable_films(MINA, "DE") == {"online-2001", "everywhere-2004"}
    assert await service.list_watchable_films(MINA, "DE", ["online-2001", "rented-2002"]) == {"online-2001"}
    assert await service.list_watchable_films(MINA, "PL") == {"everywhere-2004"}


async def test_a_service_that_was_renamed_or_is_gone_keeps_no_other_from_being_chosen(
    repository: StreamingRepository,
) -> None:
    await repository.replace_subscriptions(MINA, {"old lantern": "Old Lantern", "kinoteca": "Kinoteca"})
    service = SubscriptionService(repository)
    await service.open()
    subscriptions = await service.choose_subscriptions(MINA, ["Lantern+", "Kinoteca"], ["Lantern+"])
    assert subscriptions == {"old lantern": "Old Lantern", "lantern plus": "Lantern+"}
    assert await repository.get_subscriptions(MINA) == subscriptions
    assert await service.choose_subscriptions(MINA, ["Old Lantern", "Lantern+"], []) == {}


async def test_services_changed_at_once_are_all_kept(database: Database, repository: StreamingRepository) -> None:
    service = SubscriptionService(repository)
    await service.open()
    await service.set_subscriptions(MINA, ["Kinoteca"])
    await asyncio.gather(
        service.add_subscription(MINA, "Lantern+"),
        service.remove_subscription(MINA, "Kinoteca"),
        service.add_subscription(MINA, "Lantern+"),
    )
    assert await repository.get_subscriptions(MINA) == {"lantern plus": "Lantern+"}


async def test_alerts_at_once_stay_within_the_limit(database: Database, repository: StreamingRepository) -> None:
    films = [f"film-{number}" for number in range(ALERTS_LIMIT + 4)]
    await FilmRepository(database).save_many([Film(each, each, each, 2000) for each in films])
    first, late = films[: ALERTS_LIMIT - 1], films[ALERTS_LIMIT - 1 :]
    for film_id in first:
        await repository.save_alert(replace(FIRST, film_id=film_id))
    saved = (repository.save_alert(replace(FIRST, film_id=film_id)) for film_id in late)
    outcomes = await asyncio.gather(*saved, return_exceptions=True)
    assert sorted(type(each).__name__ for each in outcomes) == ["AlertsFullError"] * 4 + ["NoneType"]
    assert len(await repository.list_alerts(MINA)) == ALERTS_LIMIT
    await repository.save_alert(replace(FIRST, film_id=films[0], country="AT"))  # one they have can be changed


async def test_failed_attempts_are_counted(alerts: StreamingRepository) -> None:
    for _ in range(2):
        await alerts.count_failed_attempt(MINA, ["online-2001", "no-such-film"])
    assert [alert.attempts for alert in await alerts.list_alerts(MINA)] == [2, 0]
    assert [alert.attempts for alert in await alerts.list_alerts(JONAS)] == [0]


async def test_alerts_are_read_by_member_and_by_film(alerts: StreamingRepository) -> None:
    assert await alerts.list_alerts(MINA) == [FIRST, SECOND]
    assert await alerts.list_alerts_for_film("online-2001") == [FIRST, OTHERS]
    assert await alerts.list_alert_film_ids() == ["online-2001", "own-2003"]


async def test_an_alert_for_the_same_film_replaces_the_first(alerts: StreamingRepository) -> None:
    await alerts.save_alert(replace(FIRST, country="AT"))
    assert [alert.country for alert in await alerts.list_alerts(MINA)] == ["AT", "DE"]


async def test_updates_are_stored_but_for_alerts_deleted_meanwhile(alerts: StreamingRepository) -> None:
    await alerts.delete_alerts(MINA, ["own-2003"])
    updated = [replace(alert, services=("Lantern",), available_at=NOW, attempts=1) for alert in (FIRST, SECOND)]
    await alerts.update_alerts(updated)
    assert await alerts.list_alerts(MINA) == updated[:1]


async def test_deleting_alerts_returns_how_many_there_were(alerts: StreamingRepository) -> None:
    assert await alerts.delete_alerts(MINA, ["online-2001", "none"]) == 1
    assert await alerts.delete_alerts(MINA) == 1
    assert await alerts.delete_alerts(MINA) == 0
    assert await alerts.list_alerts(JONAS) == [OTHERS]


async def test_an_alert_goes_with_its_film(database: Database, alerts: StreamingRepository) -> None:
    await delete_film(database, FilmRepository(database), "online-2001")
    assert await alerts.list_alert_film_ids() == ["own-2003"]
