"""Cached models: fitted once, and again when something changed, without making anybody wait."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bot.recommendations import model_cache
from bot.recommendations.adaptation import Adaptation
from bot.recommendations.crowd import Crowd
from bot.recommendations.facts import Content, FilmFacts
from bot.recommendations.model_cache import MAX_MODELS, ModelCache
from bot.recommendations.models import DataVersion, RatingSet, TrainingData
from bot.recommendations.weights import SignalWeights, shipped_weights

FILMS = [FilmFacts(f"film-{number}", 1990 + number, ("Drama",), fame=float(number)) for number in range(8)]


class FakeRepository:
    """What models are fitted on, in memory."""

    def __init__(self) -> None:
        self.films = list(FILMS)
        self.version = 1
        self.server_ratings: dict[int, list[tuple[str, str, float]]] = {}
        self.rating_sets: list[RatingSet] = []
        self.reads = 0
        self.is_broken = False
        self.adaptations: dict[int, Adaptation] = {}

    async def get_shared_data_version(self) -> DataVersion:
        return (self.version,)

    async def get_training_data_version(self, server_id: int) -> DataVersion:
        return tuple(self.server_ratings.get(server_id, []))

    async def get_training_data(self, server_id: int) -> TrainingData:
        if self.is_broken:
            raise RuntimeError(f"the database is away: {self.server_ratings}")
        ratings = list(self.server_ratings.get(server_id, []))
        return TrainingData(ratings, frozenset(member for member, _, _ in ratings))

    async def list_film_facts(self, rater_counts: Mapping[str, int] | None = None) -> list[FilmFacts]:
        self.reads += 1
        return self.films

    async def get_adaptation(self, key: int) -> Adaptation | None:
        return self.adaptations.get(key)

    async def save_adaptation(self, key: int, adaptation: Adaptation) -> None:
        self.adaptations[key] = adaptation

    async def list_rating_sets(self) -> list[RatingSet]:
        return self.rating_sets


@pytest.fixture
def repository() -> FakeRepository:
    return FakeRepository()


@pytest.fixture
def cache(repository: FakeRepository) -> ModelCache:
    fake: Any = repository
    return ModelCache(fake)


async def test_a_model_is_kept_until_something_changes(repository: FakeRepository, cache: ModelCache) -> None:
    first = await cache.get(1)
    assert await cache.get(1) is first
    repository.server_ratings[1] = [("1", "film-1", 4.5)]
    second = await cache.get(1)
    assert second is not first
    assert second.crowd.member_keys == ("1",)
    assert repository.reads == 1


async def test_servers_have_models_of_their_own_over_the_same_films(
    repository: FakeRepository, cache: ModelCache
) -> None:
    repository.server_ratings = {1: [("1", "film-1", 4.5)], 2: [("2", "film-2", 1.0)]}
    one, other = await asyncio.gather(cache.get(1), cache.get(2))
    assert one.crowd.member_keys == ("1",)
    assert other.crowd.member_keys == ("2",)
    assert one.content is other.content
    assert repository.reads == 1


async def test_a_request_does_not_wait_long_for_a_newer_model(
    repository: FakeRepository, cache: ModelCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await cache.get(1)
    may_go = asyncio.Event()
    get_training_data = repository.get_training_data

    async def slow(server_id: int) -> TrainingData:
        await may_go.wait()
        return await get_training_data(server_id)

    monkeypatch.setattr(model_cache, "REFIT_WAIT", 0.01)
    monkeypatch.setattr(repository, "get_training_data", slow)
    repository.server_ratings[1] = [("1", "film-1", 4.5)]
    assert await cache.get(1) is first
    may_go.set()
    await cache.close()
    assert (await cache.get(1)).crowd.member_keys == ("1",)


async def test_a_fit_that_fails_leaves_the_previous_model(repository: FakeRepository, cache: ModelCache) -> None:
    first = await cache.get(1)
    repository.is_broken = True
    repository.server_ratings[1] = [("1", "film-1", 4.5)]
    assert await cache.get(1) is first
    with pytest.raises(RuntimeError):
        await cache.get(2)
    repository.is_broken = False
    assert (await cache.get(1)).crowd.member_keys == ("1",)


async def test_a_failed_fit_is_logged_once_without_anybodys_data(
    repository: FakeRepository, cache: ModelCache, caplog: pytest.LogCaptureFixture
) -> None:
    first = await cache.get(1)
    repository.is_broken = True
    repository.server_ratings[1] = [("4242", "film-1", 4.5)]
    for _ in range(3):
        assert await cache.get(1) is first
    failures = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.name for record in failures] == [model_cache.__name__]
    assert "RuntimeError" in caplog.text
    assert "4242" not in caplog.text  # the error's own text, which may hold values
    repository.is_broken = False
    assert await cache.get(1) is not first
    repository.is_broken = True
    repository.server_ratings[1] = []
    await cache.get(1)
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 2


async def test_a_catalogue_that_cannot_be_read_leaves_the_previous_model(
    repository: FakeRepository,
    cache: ModelCache,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first = await cache.get(1)

    async def fails(rater_counts: Mapping[str, int] | None = None) -> list[FilmFacts]:
        raise RuntimeError("the database is away")

    with monkeypatch.context() as away:
        away.setattr(repository, "list_film_facts", fails)
        repository.version = 2
        assert await cache.get(1) is first
        assert await cache.get(1) is first
        with pytest.raises(RuntimeError):
            await cache.get(2)
    assert len(caplog.records) == 1
    assert await cache.get(1) is not first


async def test_another_catalogue_is_read_again(repository: FakeRepository, cache: ModelCache) -> None:
    await cache.get(1)
    repository.films.append(FilmFacts("film-new", 2026))
    assert "film-new" not in (await cache.get(1)).content.row_of
    repository.version = 2
    assert "film-new" in (await cache.get(1)).content.row_of
    assert repository.reads == 2


async def test_a_large_rating_set_has_one_model_for_all_servers(
    repository: FakeRepository, cache: ModelCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = np.arange(4, dtype=np.uint32)
    rating_set = RatingSet("set", tuple(film.film_id for film in FILMS), arrays, arrays, np.full(4, 9, np.uint8))
    repository.rating_sets = [rating_set]
    repository.server_ratings = {1: [("1", "film-1", 4.5)], 2: []}
    assert (await cache.get(1)).crowd.member_keys == ("1", "set:0", "set:1", "set:2", "set:3")
    monkeypatch.setattr(model_cache, "LARGE_RATING_SETS", 4)
    shared = await cache.get(1)
    assert await cache.get(2) is shared
    assert "1" not in shared.crowd.member_keys


async def test_only_so_many_models_are_kept(cache: ModelCache) -> None:
    first = await cache.get(1)
    for server_id in range(2, MAX_MODELS + 2):
        await cache.get(server_id)
    assert await cache.get(1) is not first


def ratings_of_many() -> list[tuple[str, str, float]]:
    return [(f"m{member:03d}", film.film_id, 4.0) for member in range(100) for film in FILMS]


@pytest.mark.parametrize("is_kept", [True, False])
async def test_a_large_crowd_gets_weights_of_its_own_in_the_background_once(
    repository: FakeRepository, cache: ModelCache, monkeypatch: pytest.MonkeyPatch, *, is_kept: bool
) -> None:
    runs: list[int] = []
    own = replace(shipped_weights(), terms=shipped_weights().terms * 2)

    def learn(_content: Content, crowd: Crowd, start: SignalWeights) -> Adaptation:
        assert start is shipped_weights()
        runs.append(len(crowd))
        return Adaptation(own, len(crowd), 0.05 if is_kept else -0.05, 0.01)

    monkeypatch.setattr(model_cache, "adapt_weights", learn)
    repository.server_ratings[1] = ratings_of_many()
    repository.server_ratings[2] = ratings_of_many()[:80]
    first = await cache.get(1)
    assert first.signal_weights is shipped_weights()  # nobody waits for it
    await cache.get(2)
    await cache.close()
    assert ((await cache.get(1)).signal_weights is own) == is_kept
    assert (await cache.get(2)).signal_weights is shipped_weights()
    repository.server_ratings[1] += [("m001", "film-3", 2.0)]
    await cache.get(1)
    await cache.close()
    assert ((await cache.get(1)).signal_weights is own) == is_kept
    assert runs == [100]
    fake: Any = repository
    switched_off = ModelCache(fake, adapts_weights=False)
    assert (await switched_off.get(1)).signal_weights is shipped_weights()
