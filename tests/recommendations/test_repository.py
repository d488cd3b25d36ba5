from datetime import UTC, datetime

import numpy as np

from bot.core.database.engine import Database
from bot.films.models import Credit, Film, Job
from bot.films.repository import FilmRepository
from bot.recommendations.facts import FilmFacts
from bot.recommendations.rating_sets import RatingsSet, sorted_set
from bot.recommendations.repository import RecommendationStore

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def film(name: str, source: str = "starter", **ids: str) -> Film:
    credits = (Credit("Dora Lind", Job.DIRECTOR, None, "dora"), Credit("Al Moss", Job.WRITER, None, "al"))
    return Film(
        name,
        name.title(),
        f"{name} original",
        2001,
        also=(f"{name} also",),
        runtime=90,
        genres=("Drama",),
        languages=("de",),
        countries=("DE",),
        credits=credits,
        ids=ids,
        fame=40.0,
        source=source,
    )


def ratings_set(name: str = "small") -> RatingsSet:
    rows = np.array([[9, 0, 10], [7, 0, 1], [7, 1, 6], [4_000_000_000, 1, 9], [7, 0, 2]])
    arrays = rows[:, 0].astype(np.uint32), rows[:, 1].astype(np.uint32), rows[:, 2].astype(np.uint8)
    found, again = sorted_set(name, ("lantern", "tide"), arrays)
    assert again == 1
    return found


async def test_facts_come_through_the_guard(database: Database) -> None:
    await FilmRepository(database).save_many([film("lantern"), film("tide", "tmdb")])
    lantern, tide = await RecommendationStore(database).facts()
    assert (lantern.film_id, lantern.directors, lantern.genres) == ("lantern", ("dora",), ("Drama",))
    assert tide == FilmFacts("tide")
    assert (await RecommendationStore(database).facts({"lantern": 12}))[0].fame == 12.0
    assert len(await RecommendationStore(database).facts(most=1)) == 1


async def test_films_are_found_by_id_or_by_title_and_year_unless_several_share_it(database: Database) -> None:
    twin = Film("twin", "Lantern", "Lantern", 2001, ids={"tmdb": "5"})
    await FilmRepository(database).save_many([film("lantern", imdb="tt0000101"), film("tide"), twin])
    known = await RecommendationStore(database).known_films()
    assert known.find({"imdb": "tt0000101"}, None, None) == "lantern"
    assert known.find({"tmdb": "5"}, "Tide", 2001) == "twin"
    assert known.find({}, "TIDE also", 2001) == "tide"
    assert known.find({}, "Lantern", 2001) is None
    assert known.find({}, "Tide", 1990) is None
    assert known.find({"imdb": "tt9"}, None, 2001) is None


async def test_a_set_comes_back_as_it_was_and_a_new_one_takes_its_place(database: Database) -> None:
    await FilmRepository(database).save_many([film("lantern"), film("tide")])
    store = RecommendationStore(database)
    await store.put_set(ratings_set(), NOW)
    await store.put_set(ratings_set(), NOW)
    (found,) = await store.sets()
    assert list(found.ratings()) == list(ratings_set().ratings())
    assert found.members == 3
    assert await store.delete_set("small")
    assert not await store.delete_set("small")
    assert await store.sets() == []


async def test_ratings_of_a_film_that_left_the_catalogue_are_left_out(database: Database) -> None:
    films = FilmRepository(database)
    await films.save_many([film("lantern"), film("tide")])
    store = RecommendationStore(database)
    await store.put_set(ratings_set(), NOW)
    await films.delete("lantern")
    (found,) = await store.sets()
    assert [(name, stars) for _, name, stars in found.ratings()] == [("tide", 3.0), ("tide", 4.5)]
