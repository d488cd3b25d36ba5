"""Alerts, in both kinds of database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.database.engine import Database
from bot.films.models import Film
from bot.films.repository import FilmStore
from bot.streaming.alerts import Alert
from bot.streaming.alerts_repository import AlertStore

NOW = datetime(2026, 5, 4, tzinfo=UTC)
FIRST = Alert(11, "one-2001", "DE", NOW)
SECOND = Alert(11, "two-2002", "DE", NOW + timedelta(days=1))
OTHERS = Alert(12, "one-2001", "FR", NOW)


@pytest.fixture
async def store(database: Database) -> AlertStore:
    films = FilmStore(database)
    await films.put_many([Film("one-2001", "One", "One", 2001), Film("two-2002", "Two", "Two", 2002)])
    store = AlertStore(database)
    for alert in (SECOND, FIRST, OTHERS):
        await store.put(alert)
    return store


async def test_alerts_are_given_by_member_and_by_film(store: AlertStore) -> None:
    assert await store.of(11) == [FIRST, SECOND]
    assert await store.waiting_for("one-2001") == [FIRST, OTHERS]
    assert await store.film_ids() == ["one-2001", "two-2002"]


async def test_asking_again_changes_the_one_there_is(store: AlertStore) -> None:
    await store.put(replace(FIRST, country="AT"))
    assert [alert.country for alert in await store.of(11)] == ["AT", "DE"]


async def test_what_came_is_kept_but_for_what_was_taken_back(store: AlertStore) -> None:
    await store.delete(11, ["two-2002"])
    came = [replace(alert, services=("Lantern",), available_at=NOW, attempts=1) for alert in (FIRST, SECOND)]
    await store.put_many(came)
    assert await store.of(11) == came[:1]


async def test_deleting_counts(store: AlertStore) -> None:
    assert await store.delete(11, ["one-2001", "none"]) == 1
    assert await store.delete(11) == 1
    assert await store.delete(11) == 0
    assert await store.of(12) == [OTHERS]


async def test_an_alert_goes_with_its_film(database: Database, store: AlertStore) -> None:
    await FilmStore(database).delete("one-2001")
    assert await store.film_ids() == ["two-2002"]
