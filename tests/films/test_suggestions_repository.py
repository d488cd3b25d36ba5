from datetime import UTC, datetime

import pytest

from bot.core.database.engine import Database
from bot.films import suggestions_repository as shown_first
from bot.films.models import Film
from bot.films.repository import FilmStore
from bot.films.suggestions import OnLately
from bot.films.suggestions_repository import OnLatelyStore
from bot.picks.models import NewPick
from bot.picks.service import PickService
from bot.reviews.models import Draft
from tests.repositories import pick_repository, review_repository

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HERE, THERE = 100, 200


async def rate(database: Database, server_id: int, member_id: int, *film_ids: str) -> None:
    for film_id in film_ids:
        await review_repository(database).store(Draft(server_id, member_id, film_id, 8), NOW)


@pytest.fixture
async def store(database: Database) -> OnLatelyStore:
    await FilmStore(database).put_many([Film(f"film-{at}", f"Film {at}", f"Film {at}", 2000) for at in range(6)])
    return OnLatelyStore(database)


async def test_the_pick_that_is_on_and_the_latest_ratings_are_read(
    database: Database, store: OnLatelyStore
) -> None:
    assert await store.on_lately(HERE, 10) == OnLately()
    picks = PickService(pick_repository(database), lambda: NOW)
    for film_id in ("film-4", "film-5"):
        await picks.add(HERE, NewPick(film_id, 1))
    await picks.start_next(HERE)
    await rate(database, HERE, 1, "film-0", "film-1")
    await rate(database, HERE, 2, "film-0", "film-2")
    await rate(database, THERE, 1, "film-3")
    assert await store.on_lately(HERE, 10) == OnLately(("film-4",), ("film-2", "film-0", "film-1"))
    assert await store.on_lately(HERE, 2) == OnLately(("film-4",), ("film-2", "film-0"))
    assert await store.on_lately(THERE, 10) == OnLately((), ("film-3",))


async def test_only_the_newest_of_all_ratings_are_looked_through(
    database: Database, store: OnLatelyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shown_first, "LATEST", 2)
    await rate(database, HERE, 1, "film-0", "film-1")
    await rate(database, THERE, 1, "film-3")
    assert await store.on_lately(HERE, 10) == OnLately((), ("film-1",))
