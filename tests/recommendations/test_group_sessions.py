"""Group sessions: who takes part, what they chose, and fairness debts."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.database.engine import Database
from bot.core.errors import InvalidInputError
from bot.films.models import Film
from bot.films.repository import FilmRepository
from bot.recommendations.filters import RecommendationFilters
from bot.recommendations.models import GroupSession, GroupSessionClosedError, GroupSessionGoneError
from bot.recommendations.moods import Mood
from bot.recommendations.repository import GroupSessionRepository
from bot.recommendations.service import OPEN_SESSION_LIFETIME, GroupSessionService
from tests.repositories import delete_film, privacy_repository

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
HERE, THERE = 100, 200
MINA, JONAS, SAM = 1, 2, 3
BUS = "night-bus-1994"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sessions(database: Database, clock: Clock) -> GroupSessionService:
    await FilmRepository(database).save_many([Film(id=BUS, title=BUS, original_title=BUS, year=2000)])
    return GroupSessionService(GroupSessionRepository(database), clock)


async def test_a_session_is_stored_with_its_filters(sessions: GroupSessionService) -> None:
    filters = RecommendationFilters(genre="Drama", mood=Mood.CRY, max_minutes=120)
    created = await sessions.create(HERE, [MINA], filters)
    stored = await sessions.get_open(HERE, created.id)
    assert stored == created
    assert stored.filters == filters
    await sessions.set_least_happy_weight(await sessions.set_members(stored, [JONAS, MINA, JONAS]), 75)
    changed = await sessions.get_open(HERE, created.id)
    assert (set(changed.members), changed.least_happy_weight) == ({MINA, JONAS}, 75)
    with pytest.raises(GroupSessionGoneError):
        await sessions.get_open(THERE, created.id)


async def test_a_session_that_all_its_members_left_is_gone(
    sessions: GroupSessionService, database: Database
) -> None:
    created = await sessions.create(HERE, [MINA, JONAS], RecommendationFilters())
    await privacy_repository(database).delete_data(MINA)
    assert (await sessions.get_open(HERE, created.id)).members == (JONAS,)
    await privacy_repository(database).delete_data(JONAS)
    with pytest.raises(GroupSessionGoneError):
        await sessions.get_open(HERE, created.id)


async def test_a_weight_changed_after_a_member_left_does_not_bring_them_back(
    sessions: GroupSessionService, database: Database
) -> None:
    shown = await sessions.create(HERE, [MINA, JONAS], RecommendationFilters())
    await privacy_repository(database).delete_data(MINA)
    assert (await sessions.set_least_happy_weight(shown, 75)).members == (JONAS,)
    assert (await sessions.get_open(HERE, shown.id)).members == (JONAS,)


async def test_a_group_is_one_to_ten(sessions: GroupSessionService) -> None:
    for members in ([], list(range(11))):
        with pytest.raises(InvalidInputError):
            await sessions.create(HERE, members, RecommendationFilters())
    session = await sessions.create(HERE, list(range(10)), RecommendationFilters())
    with pytest.raises(InvalidInputError):
        await sessions.set_least_happy_weight(session, 101)


async def get_debts(sessions: GroupSessionService, server: int = HERE) -> dict[int, float]:
    return await sessions.repository.get_fairness_debts(server, [MINA, JONAS, SAM])


async def choose(sessions: GroupSessionService, debts: dict[int, float], server: int = HERE) -> GroupSession:
    session = await sessions.create(server, list(debts), RecommendationFilters())
    await sessions.choose_film(session, BUS, debts)
    return session


async def test_the_latest_session_each_took_part_in_counts(sessions: GroupSessionService, clock: Clock) -> None:
    assert await get_debts(sessions) == {MINA: 0, JONAS: 0, SAM: 0}
    await choose(sessions, {MINA: 0.0, JONAS: 0.8})
    clock.now += timedelta(days=7)
    await choose(sessions, {MINA: 0.5, SAM: 0.0})
    await choose(sessions, {SAM: 9.0}, THERE)
    assert await get_debts(sessions) == {MINA: 0.5, JONAS: 0.8, SAM: 0}
    await sessions.create(HERE, [MINA, JONAS, SAM], RecommendationFilters())  # nothing chosen yet
    assert await get_debts(sessions) == {MINA: 0.5, JONAS: 0.8, SAM: 0}


async def test_a_film_is_chosen_once(sessions: GroupSessionService) -> None:
    session = await choose(sessions, {MINA: 0.0})
    for late in (
        sessions.choose_film(session, BUS, {MINA: 1.0}),
        sessions.set_least_happy_weight(session, 0),
        sessions.get_open(HERE, session.id),
    ):
        with pytest.raises(GroupSessionClosedError):
            await late
    assert await get_debts(sessions) == {MINA: 0, JONAS: 0, SAM: 0}


async def test_a_film_that_goes_takes_no_session_with_it(
    database: Database, sessions: GroupSessionService
) -> None:
    await choose(sessions, {MINA: 0.5})
    await delete_film(database, FilmRepository(database), BUS)
    assert (await get_debts(sessions))[MINA] == 0.5


async def test_old_open_sessions_are_deleted_and_closed_ones_are_not(
    sessions: GroupSessionService, clock: Clock
) -> None:
    left = await sessions.create(HERE, [MINA], RecommendationFilters())
    await choose(sessions, {JONAS: 0.5})
    clock.now += OPEN_SESSION_LIFETIME + timedelta(minutes=1)
    await sessions.create(HERE, [SAM], RecommendationFilters())
    with pytest.raises(GroupSessionGoneError):
        await sessions.get_open(HERE, left.id)
    assert (await get_debts(sessions))[JONAS] == 0.5
