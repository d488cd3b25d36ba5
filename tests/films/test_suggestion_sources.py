"""What picks and reviews suggest before anything is typed, in both kinds of database."""

from datetime import UTC, datetime

import pytest

from bot.core.database.engine import Database
from bot.core.tasks import Foreground
from bot.films.models import Film
from bot.films.repository import FilmRepository
from bot.picks.models import NewPick
from bot.picks.service import PickService
from bot.reviews import repository as reviews_repository
from bot.reviews.models import Draft
from bot.reviews.repository import ReviewRepository
from tests.repositories import pick_repository, review_repository

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HERE, THERE = 100, 200


async def rate(reviews: ReviewRepository, server_id: int, member_id: int, *film_ids: str) -> None:
    for film_id in film_ids:
        await reviews.store(Draft(server_id, member_id, film_id, 8), NOW)


@pytest.fixture
async def reviews(database: Database) -> ReviewRepository:
    films = [Film(f"film-{number}", f"Film {number}", f"Film {number}", 2000) for number in range(6)]
    await FilmRepository(database).save_many(films)
    return review_repository(database)


async def test_the_current_pick_and_the_latest_ratings_are_listed(
    database: Database, reviews: ReviewRepository
) -> None:
    repository = pick_repository(database)
    assert await repository.list_current_film_ids(HERE, 10) == []
    assert await reviews.list_recently_rated_film_ids(HERE, 10) == []
    picks = PickService(repository, lambda: NOW, Foreground())
    for film_id in ("film-4", "film-5"):
        await picks.add(HERE, NewPick(film_id, 1))
    await picks.start_next(HERE)
    await rate(reviews, HERE, 1, "film-0", "film-1")
    await rate(reviews, HERE, 2, "film-0", "film-2")
    await rate(reviews, THERE, 1, "film-3")
    assert await repository.list_current_film_ids(HERE, 10) == ["film-4"]
    assert await repository.list_current_film_ids(THERE, 10) == []
    assert await reviews.list_recently_rated_film_ids(HERE, 10) == ["film-2", "film-0", "film-1"]
    assert await reviews.list_recently_rated_film_ids(HERE, 2) == ["film-2", "film-0"]
    assert await reviews.list_recently_rated_film_ids(THERE, 10) == ["film-3"]


async def test_only_the_newest_of_all_ratings_are_searched(
    reviews: ReviewRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviews_repository, "RECENT_RATINGS", 2)
    await rate(reviews, HERE, 1, "film-0", "film-1")
    await rate(reviews, THERE, 1, "film-3")
    assert await reviews.list_recently_rated_film_ids(HERE, 10) == ["film-1"]
