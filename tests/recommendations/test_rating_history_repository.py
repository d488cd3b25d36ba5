from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bot.core.database.engine import Database
from bot.core.database.key_value import CATALOGUE_VERSION, FactStore
from bot.core.errors import FilmGoneError
from bot.films.models import Film
from bot.films.repository import FilmStore
from bot.members.server_settings_repository import ServerSettingsRepository
from bot.recommendations.rating_history import guest_name, home_name
from bot.recommendations.rating_history_repository import TasteStore
from bot.reviews.models import Draft
from tests.repositories import membership_repository, privacy_repository, review_repository

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
HERE, THERE = 100, 200
MINA, JONAS, SAM = 1, 2, 3
BUS, HARBOUR, SALT = "night-bus-1994", "glass-harbour-2003", "salt-2011"


@pytest.fixture
async def store(database: Database) -> TasteStore:
    await FilmStore(database).put_many(
        [Film(id=each, title=each, original_title=each, year=2000) for each in (BUS, HARBOUR, SALT)]
    )
    return TasteStore(database)


async def rate(database: Database, server: int, member: int, film: str, stars: int) -> None:
    await review_repository(database).store(Draft(server, member, film, stars), NOW)


async def share_ratings(database: Database, server: int, at: datetime | None = NOW) -> None:
    await ServerSettingsRepository(database).change(server, lambda before: replace(before, ratings_shared_at=at))


async def test_a_servers_lesson_is_its_own_present_members(database: Database, store: TasteStore) -> None:
    await rate(database, HERE, MINA, BUS, 9)
    await rate(database, HERE, JONAS, BUS, 4)
    await rate(database, THERE, SAM, BUS, 2)
    lesson = await store.lesson(HERE)
    assert lesson.ratings == [(home_name(MINA), BUS, 4.5), (home_name(JONAS), BUS, 2.0)]
    assert lesson.home == {home_name(MINA), home_name(JONAS)}
    await membership_repository(database).mark_departed(HERE, [JONAS], NOW)
    assert (await store.lesson(HERE)).home == {home_name(MINA)}


async def test_learning_across_takes_both_servers_and_the_member(database: Database, store: TasteStore) -> None:
    await rate(database, HERE, MINA, BUS, 9)
    for member in (MINA, JONAS, SAM):
        await rate(database, THERE, member, HARBOUR, 6)
    for member in (MINA, JONAS):
        await store.set_member_shares(member, True, NOW)
    own = [(home_name(MINA), BUS, 4.5)]
    assert (await store.lesson(HERE)).ratings == own
    await share_ratings(database, HERE)
    assert (await store.lesson(HERE)).ratings == own
    await share_ratings(database, THERE)
    await share_ratings(database, THERE)  # twice is once
    # Mina is at home here: what she gave there does not make her a second member.
    lesson = await store.lesson(HERE)
    assert lesson.ratings == [*own, (guest_name(JONAS), HARBOUR, 3.0)]
    assert lesson.home == {home_name(MINA)}
    await store.set_member_shares(JONAS, False, NOW)
    assert (await store.lesson(HERE)).ratings == own
    assert not await store.member_shares(JONAS)
    await store.set_member_shares(JONAS, True, NOW)
    await share_ratings(database, HERE, at=None)
    assert (await store.lesson(HERE)).ratings == own
    assert (await ServerSettingsRepository(database).get(HERE)).ratings_shared_at is None


async def test_changes_tell_of_every_change(database: Database, store: TasteStore) -> None:
    await share_ratings(database, THERE)
    await store.set_member_shares(SAM, True, NOW)
    states = [await store.changes(HERE)]
    for step in (
        rate(database, HERE, MINA, BUS, 9),
        rate(database, HERE, JONAS, BUS, 4),
        review_repository(database).store(Draft(HERE, JONAS, BUS, 5), NOW + timedelta(days=1)),
        membership_repository(database).mark_departed(HERE, [JONAS], NOW),
        share_ratings(database, HERE),
        rate(database, THERE, SAM, SALT, 7),
        store.set_member_shares(SAM, False, NOW),
        privacy_repository(database).delete_data(MINA),
    ):
        await step
        states.append(await store.changes(HERE))
    assert all(before != after for before, after in pairwise(states))
    assert await store.changes(HERE) == states[-1]


async def test_the_ground_tells_of_another_catalogue(database: Database, store: TasteStore) -> None:
    before = await store.ground()
    assert await store.ground() == before
    await FactStore(database).put(CATALOGUE_VERSION, "another")
    assert await store.ground() != before


async def test_a_history_is_one_servers(database: Database, store: TasteStore) -> None:
    await rate(database, HERE, MINA, BUS, 9)
    await rate(database, HERE, MINA, HARBOUR, 4)
    await review_repository(database).delete(HERE, MINA, HARBOUR)
    assert await store.refuse(HERE, MINA, SALT, NOW)
    assert not await store.refuse(HERE, MINA, SALT, NOW)
    with pytest.raises(FilmGoneError):
        await store.refuse(HERE, MINA, "gone-1900", NOW)
    histories = await store.histories(HERE, [MINA, JONAS])
    assert histories[MINA].own == {BUS: 4.5}
    assert histories[MINA].seen == {BUS, HARBOUR}
    assert histories[MINA].refused == {SALT}
    assert histories[MINA].done == {BUS, HARBOUR, SALT}
    assert not histories[JONAS].done
    assert not (await store.histories(THERE, [MINA]))[MINA].done
    assert await store.readmit(HERE, MINA, SALT)
    assert not await store.readmit(HERE, MINA, SALT)


async def test_means_are_the_servers(database: Database, store: TasteStore) -> None:
    for member, stars in ((MINA, 9), (JONAS, 4)):
        await rate(database, HERE, member, BUS, stars)
    await rate(database, THERE, SAM, BUS, 1)
    assert await store.means(HERE, [BUS, SALT]) == {BUS: (3.25, 2)}
    await membership_repository(database).mark_departed(HERE, [MINA], NOW)
    assert await store.means(HERE, [BUS]) == {BUS: (2.0, 1)}
