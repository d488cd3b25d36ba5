"""Models kept at hand: fitted once, anew when something changed, without making anybody wait."""

import asyncio
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from bot.recommendations.rating_history import Changes, Lesson
from bot.recommendations.rating_sets import RatingsSet, crowd_with_sets

from bot.recommendations import model_cache as models_module
from bot.recommendations.content import content_of
from bot.recommendations.crowd import crowd_of
from bot.recommendations.facts import FilmFacts
from bot.recommendations.model_cache import MOST_MODELS, Models

FILMS = [FilmFacts(f"film-{number}", 1990 + number, ("Drama",), fame=float(number)) for number in range(8)]


class World:
    """What models learn from, in memory."""

    def __init__(self) -> None:
        self.films = list(FILMS)
        self.version = 1
        self.given: dict[int, list[tuple[str, str, float]]] = {}
        self.outside: list[RatingsSet] = []
        self.read = 0
        self.broken = False

    async def ground(self) -> Changes:
        return (self.version,)

    async def changes(self, server_id: int) -> Changes:
        return tuple(self.given.get(server_id, []))

    async def lesson(self, server_id: int) -> Lesson:
        if self.broken:
            raise RuntimeError(f"the database is away: {self.given}")
        ratings = list(self.given.get(server_id, []))
        return Lesson(ratings, frozenset(member for member, _, _ in ratings))

    async def facts(self, raters: Mapping[str, int] | None = None) -> list[FilmFacts]:
        self.read += 1
        return self.films

    async def sets(self) -> list[RatingsSet]:
        return self.outside


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def models(world: World) -> Models:
    kept: Any = world
    return Models(kept, kept)


async def test_a_model_is_kept_until_something_changes(world: World, models: Models) -> None:
    first = await models.of(1)
    assert await models.of(1) is first
    world.given[1] = [("1", "film-1", 4.5)]
    second = await models.of(1)
    assert second is not first
    assert second.crowd.members == ("1",)
    assert world.read == 1


async def test_servers_have_models_of_their_own_over_the_same_films(world: World, models: Models) -> None:
    world.given = {1: [("1", "film-1", 4.5)], 2: [("2", "film-2", 1.0)]}
    here, there = await asyncio.gather(models.of(1), models.of(2))
    assert here.crowd.members == ("1",)
    assert there.crowd.members == ("2",)
    assert here.content is there.content
    assert world.read == 1


async def test_a_question_does_not_wait_long_for_a_newer_model(
    world: World, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await models.of(1)
    may_go = asyncio.Event()
    lesson = world.lesson

    async def slow(server_id: int) -> Lesson:
        await may_go.wait()
        return await lesson(server_id)

    monkeypatch.setattr(models_module, "PATIENCE", 0.01)
    monkeypatch.setattr(world, "lesson", slow)
    world.given[1] = [("1", "film-1", 4.5)]
    assert await models.of(1) is first
    may_go.set()
    await models.close()
    assert (await models.of(1)).crowd.members == ("1",)


async def test_a_fit_that_fails_leaves_the_model_of_before(world: World, models: Models) -> None:
    first = await models.of(1)
    world.broken = True
    world.given[1] = [("1", "film-1", 4.5)]
    assert await models.of(1) is first
    with pytest.raises(RuntimeError):
        await models.of(2)
    world.broken = False
    assert (await models.of(1)).crowd.members == ("1",)


async def test_a_failed_fit_is_logged_once_without_anybodys_data(
    world: World, models: Models, caplog: pytest.LogCaptureFixture
) -> None:
    first = await models.of(1)
    world.broken = True
    world.given[1] = [("4242", "film-1", 4.5)]
    for _ in range(3):
        assert await models.of(1) is first
    failures = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.name for record in failures] == [models_module.__name__]
    assert "RuntimeError" in caplog.text
    assert "4242" not in caplog.text  # the error's own text, which may hold values
    world.broken = False
    assert await models.of(1) is not first
    world.broken = True
    world.given[1] = []
    await models.of(1)
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 2


async def test_a_catalogue_that_cannot_be_read_leaves_the_model_of_before(
    world: World, models: Models, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = await models.of(1)

    async def fails(raters: Mapping[str, int] | None = None) -> list[FilmFacts]:
        raise RuntimeError("the database is away")

    with monkeypatch.context() as away:
        away.setattr(world, "facts", fails)
        world.version = 2
        assert await models.of(1) is first
        assert await models.of(1) is first
        with pytest.raises(RuntimeError):
            await models.of(2)
    assert len(caplog.records) == 1
    assert await models.of(1) is not first


async def test_another_catalogue_is_read_anew(world: World, models: Models) -> None:
    await models.of(1)
    world.films.append(FilmFacts("film-new", 2026))
    assert "film-new" not in (await models.of(1)).content.at
    world.version = 2
    assert "film-new" in (await models.of(1)).content.at
    assert world.read == 2


async def test_a_large_set_from_outside_is_learnt_once_for_all(
    world: World, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = np.arange(4, dtype=np.uint32)
    outside = RatingsSet("set", tuple(film.film_id for film in FILMS), arrays, arrays, np.full(4, 9, np.uint8))
    world.outside = [outside]
    world.given = {1: [("1", "film-1", 4.5)], 2: []}
    assert (await models.of(1)).crowd.members == ("1", "set:0", "set:1", "set:2", "set:3")
    monkeypatch.setattr(models_module, "LARGE", 4)
    shared = await models.of(1)
    assert await models.of(2) is shared
    assert "1" not in shared.crowd.members


def test_sets_are_counted_as_their_ratings_one_by_one_would_be() -> None:
    random = np.random.default_rng(3)
    films = ("unheard-of", *(film.film_id for film in FILMS))
    drawn = random.integers(0, len(films), (60, 2)).tolist()
    pairs = np.array(sorted({(member, film) for member, film in drawn}), dtype=np.uint32)
    halves = random.integers(1, 11, len(pairs)).astype(np.uint8)
    sets = [RatingsSet(name, films, pairs[:, 0], pairs[:, 1], halves) for name in ("one", "two")]
    own = [("7", "noir-1", 4.5), ("70", "space-1", 1.0), ("7", "noir-1", 2.0), ("7", "unheard-of", 5.0)]
    content = content_of(FILMS)
    found = crowd_with_sets(sets, own, content)
    plain = crowd_of([*(rating for each in sets for rating in each.ratings()), *own], content)
    assert found.members == plain.members
    for name in ("seen", "liked", "quality", "member_mean", "watched", "together", "agree"):
        assert np.allclose(getattr(found, name), getattr(plain, name)), name
    assert (found.by_film != plain.by_film).nnz == 0
    assert crowd_with_sets([], [], content).members == ()


async def test_only_so_many_models_are_kept(models: Models) -> None:
    first = await models.of(0 + 1)
    for server_id in range(2, MOST_MODELS + 2):
        await models.of(server_id)
    assert await models.of(1) is not first
