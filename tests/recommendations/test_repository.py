"""What is stored for recommendations, and read for training."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from sqlalchemy import delete

from bot.core.database.engine import Database
from bot.core.database.key_value import CATALOGUE_VERSION, KeyValueRepository
from bot.films.models import Credit, CreditJob, Film, FilmGoneError
from bot.films.repository import FilmRepository
from bot.members.repository import ServerSettingsRepository
from bot.recommendations.facts import FilmFacts
from bot.recommendations.models import RatingSet, member_key, other_server_member_key, sort_rating_set
from bot.recommendations.reasons import ServerMean
from bot.recommendations.repository import RecommendationRepository
from bot.recommendations.tables import rating_sets
from bot.reviews.models import Draft
from tests.recommendations.world import iterate_ratings
from tests.repositories import delete_film, membership_repository, privacy_repository, review_repository

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
HERE, THERE = 100, 200
MINA, JONAS, SAM = 1, 2, 3
BUS, HARBOUR, SALT = "night-bus-1994", "glass-harbour-2003", "salt-2011"


def film(name: str, source: str = "starter", **ids: str) -> Film:
    credits = (
        Credit("Dora Lind", CreditJob.DIRECTOR, None, "dora"),
        Credit("Al Moss", CreditJob.WRITER, None, "al"),
    )
    return Film(
        name,
        name.title(),
        f"{name} original",
        2001,
        other_titles=(f"{name} also",),
        runtime=90,
        genres=("Drama",),
        languages=("de",),
        countries=("DE",),
        credits=credits,
        ids=ids,
        fame=40.0,
        source=source,
    )


def rating_set(name: str = "small") -> RatingSet:
    rows = np.array([[9, 0, 10], [7, 0, 1], [7, 1, 6], [4_000_000_000, 1, 9], [7, 0, 2]])
    sorted_set, dropped = sort_rating_set(
        name,
        ("lantern", "tide"),
        member=rows[:, 0].astype(np.uint32),
        film=rows[:, 1].astype(np.uint32),
        half_stars=rows[:, 2].astype(np.uint8),
    )
    assert dropped == 1
    return sorted_set


async def test_facts_come_through_the_guard(database: Database) -> None:
    await FilmRepository(database).save_many([film("lantern"), film("tide", "tmdb")])
    lantern, tide = await RecommendationRepository(database).list_film_facts()
    assert (lantern.film_id, lantern.directors, lantern.genres) == ("lantern", ("dora",), ("Drama",))
    assert tide == FilmFacts("tide")
    assert (await RecommendationRepository(database).list_film_facts({"lantern": 12}))[0].fame == 12.0
    assert len(await RecommendationRepository(database).list_film_facts(limit=1)) == 1


async def test_films_are_found_by_id_or_by_title_and_year_unless_several_share_it(database: Database) -> None:
    twin = Film("twin", "Lantern", "Lantern", 2001, ids={"tmdb": "5"})
    await FilmRepository(database).save_many([film("lantern", imdb="tt0000101"), film("tide"), twin])
    lookup = await RecommendationRepository(database).get_film_lookup()
    assert lookup.find({"imdb": "tt0000101"}, None, None) == "lantern"
    assert lookup.find({"tmdb": "5"}, "Tide", 2001) == "twin"
    assert lookup.find({}, "TIDE also", 2001) == "tide"
    assert lookup.find({}, "Lantern", 2001) is None
    assert lookup.find({}, "Tide", 1990) is None
    assert lookup.find({"imdb": "tt9"}, None, 2001) is None


async def test_a_set_comes_back_as_it_was_and_a_new_one_takes_its_place(database: Database) -> None:
    await FilmRepository(database).save_many([film("lantern"), film("tide")])
    repository = RecommendationRepository(database)
    await repository.save_rating_set(rating_set(), NOW)
    await repository.save_rating_set(rating_set(), NOW)
    (stored,) = await repository.list_rating_sets()
    assert list(iterate_ratings(stored)) == list(iterate_ratings(rating_set()))
    assert stored.member_count == 3
    async with database.write() as connection:
        await connection.execute(delete(rating_sets))
    assert await repository.list_rating_sets() == []


async def test_ratings_of_a_film_that_left_the_catalogue_are_left_out(database: Database) -> None:
    films = FilmRepository(database)
    await films.save_many([film("lantern"), film("tide")])
    repository = RecommendationRepository(database)
    await repository.save_rating_set(rating_set(), NOW)
    await delete_film(database, films, "lantern")
    (stored,) = await repository.list_rating_sets()
    assert [(name, stars) for _, name, stars in iterate_ratings(stored)] == [("tide", 3.0), ("tide", 4.5)]


@pytest.fixture
async def repository(database: Database) -> RecommendationRepository:
    await FilmRepository(database).save_many(
        [Film(id=each, title=each, original_title=each, year=2000) for each in (BUS, HARBOUR, SALT)]
    )
    return RecommendationRepository(database)


async def rate(database: Database, server: int, member: int, film: str, stars: int) -> None:
    await review_repository(database).store(Draft(server, member, film, stars), NOW)


async def share_ratings(database: Database, server: int, at: datetime | None = NOW) -> None:
    await ServerSettingsRepository(database).change(server, lambda before: replace(before, ratings_shared_at=at))


async def test_training_data_is_the_servers_own_present_members_ratings(
    database: Database, repository: RecommendationRepository
) -> None:
    await rate(database, HERE, MINA, BUS, 9)
    await rate(database, HERE, JONAS, BUS, 4)
    await rate(database, THERE, SAM, BUS, 2)
    training_data = await repository.get_training_data(HERE)
    assert training_data.ratings == [(member_key(MINA), BUS, 4.5), (member_key(JONAS), BUS, 2.0)]
    assert training_data.server_members == {member_key(MINA), member_key(JONAS)}
    await membership_repository(database).mark_departed(HERE, [JONAS], NOW)
    assert (await repository.get_training_data(HERE)).server_members == {member_key(MINA)}


async def test_learning_across_takes_both_servers_and_the_member(
    database: Database, repository: RecommendationRepository
) -> None:
    await rate(database, HERE, MINA, BUS, 9)
    for member in (MINA, JONAS, SAM):
        await rate(database, THERE, member, HARBOUR, 6)
    for member in (MINA, JONAS):
        await repository.set_member_sharing(member, True, NOW)
    own = [(member_key(MINA), BUS, 4.5)]
    assert (await repository.get_training_data(HERE)).ratings == own
    await share_ratings(database, HERE)
    assert (await repository.get_training_data(HERE)).ratings == own
    await share_ratings(database, THERE)
    await share_ratings(database, THERE)  # twice is once
    # Mina is a member here: her ratings there do not make her a second one.
    training_data = await repository.get_training_data(HERE)
    assert training_data.ratings == [*own, (other_server_member_key(JONAS), HARBOUR, 3.0)]
    assert training_data.server_members == {member_key(MINA)}
    await repository.set_member_sharing(JONAS, False, NOW)
    assert (await repository.get_training_data(HERE)).ratings == own
    assert not await repository.is_member_sharing(JONAS)
    await repository.set_member_sharing(JONAS, True, NOW)
    await share_ratings(database, HERE, at=None)
    assert (await repository.get_training_data(HERE)).ratings == own
    assert (await ServerSettingsRepository(database).get(HERE)).ratings_shared_at is None


async def test_every_change_of_the_training_data_changes_its_version(
    database: Database, repository: RecommendationRepository
) -> None:
    await share_ratings(database, THERE)
    await repository.set_member_sharing(SAM, True, NOW)
    versions = [await repository.get_training_data_version(HERE)]
    for step in (
        rate(database, HERE, MINA, BUS, 9),
        rate(database, HERE, JONAS, BUS, 4),
        review_repository(database).store(Draft(HERE, JONAS, BUS, 5), NOW + timedelta(days=1)),
        membership_repository(database).mark_departed(HERE, [JONAS], NOW),
        share_ratings(database, HERE),
        rate(database, THERE, SAM, SALT, 7),
        repository.set_member_sharing(SAM, False, NOW),
        privacy_repository(database).delete_data(MINA),
    ):
        await step
        versions.append(await repository.get_training_data_version(HERE))
    assert all(before != after for before, after in pairwise(versions))
    assert await repository.get_training_data_version(HERE) == versions[-1]


async def test_another_catalogue_changes_the_version_of_the_shared_data(
    database: Database, repository: RecommendationRepository
) -> None:
    before = await repository.get_shared_data_version()
    assert await repository.get_shared_data_version() == before
    await KeyValueRepository(database).set(CATALOGUE_VERSION, "another")
    assert await repository.get_shared_data_version() != before


async def test_a_rating_history_is_one_servers(database: Database, repository: RecommendationRepository) -> None:
    await rate(database, HERE, MINA, BUS, 9)
    await rate(database, HERE, MINA, HARBOUR, 4)
    await review_repository(database).delete(HERE, MINA, HARBOUR)
    assert await repository.dismiss(HERE, MINA, SALT, NOW)
    assert not await repository.dismiss(HERE, MINA, SALT, NOW)
    with pytest.raises(FilmGoneError):
        await repository.dismiss(HERE, MINA, "gone-1900", NOW)
    histories = await repository.get_rating_histories(HERE, [MINA, JONAS])
    assert histories[MINA].ratings == {BUS: 4.5}
    assert histories[MINA].seen == {BUS, HARBOUR}
    assert histories[MINA].dismissed == {SALT}
    assert histories[MINA].excluded == {BUS, HARBOUR, SALT}
    assert not histories[JONAS].excluded
    assert not (await repository.get_rating_histories(THERE, [MINA]))[MINA].excluded
    assert await repository.restore(HERE, MINA, SALT)
    assert not await repository.restore(HERE, MINA, SALT)


async def test_means_are_the_servers(database: Database, repository: RecommendationRepository) -> None:
    for member, stars in ((MINA, 9), (JONAS, 4)):
        await rate(database, HERE, member, BUS, stars)
    await rate(database, THERE, SAM, BUS, 1)
    assert await repository.get_mean_stars(HERE, [BUS, SALT]) == {BUS: ServerMean(3.25, 2)}
    await membership_repository(database).mark_departed(HERE, [MINA], NOW)
    assert await repository.get_mean_stars(HERE, [BUS]) == {BUS: ServerMean(2.0, 1)}
