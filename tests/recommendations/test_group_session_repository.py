from datetime import UTC, datetime, timedelta

import pytest

from bot.core.database.engine import Database
from bot.core.errors import InvalidInputError
from bot.films.models import Film
from bot.films.repository import FilmStore
from bot.recommendations.filters import Wishes
from bot.recommendations.group_session_repository import EveningStore
from bot.recommendations.group_sessions import KEPT_OPEN, Evening, EveningGoneError, EveningOverError, Evenings
from bot.recommendations.moods import Mood
from tests.repositories import privacy_repository

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
async def evenings(database: Database, clock: Clock) -> Evenings:
    await FilmStore(database).put_many([Film(id=BUS, title=BUS, original_title=BUS, year=2000)])
    return Evenings(EveningStore(database), clock)


async def test_an_evening_is_kept_as_it_was_asked_for(evenings: Evenings) -> None:
    wishes = Wishes(genre="Drama", mood=Mood.CRY, max_minutes=120)
    begun = await evenings.begin(HERE, [MINA], wishes)
    kept = await evenings.get(HERE, begun.id)
    assert kept == begun
    assert kept.wishes == wishes
    await evenings.set_weight(await evenings.set_members(kept, [JONAS, MINA, JONAS]), 75)
    changed = await evenings.get(HERE, begun.id)
    assert (set(changed.members), changed.weight) == ({MINA, JONAS}, 75)
    with pytest.raises(EveningGoneError):
        await evenings.get(THERE, begun.id)


async def test_an_evening_that_all_its_members_left_is_gone(evenings: Evenings, database: Database) -> None:
    begun = await evenings.begin(HERE, [MINA, JONAS], Wishes())
    await privacy_repository(database).delete_data(MINA)
    assert (await evenings.get(HERE, begun.id)).members == (JONAS,)
    await privacy_repository(database).delete_data(JONAS)
    with pytest.raises(EveningGoneError):
        await evenings.get(HERE, begun.id)


async def test_a_group_is_one_to_ten(evenings: Evenings) -> None:
    for members in ([], list(range(11))):
        with pytest.raises(InvalidInputError):
            await evenings.begin(HERE, members, Wishes())
    evening = await evenings.begin(HERE, list(range(10)), Wishes())
    with pytest.raises(InvalidInputError):
        await evenings.set_weight(evening, 101)


async def carried(evenings: Evenings, server: int = HERE) -> dict[int, float]:
    return await evenings.burdens(server, [MINA, JONAS, SAM])


async def choose(evenings: Evenings, burdens: dict[int, float], server: int = HERE) -> Evening:
    evening = await evenings.begin(server, list(burdens), Wishes())
    await evenings.choose(evening, BUS, burdens)
    return evening


async def test_the_latest_evening_each_took_part_in_counts(evenings: Evenings, clock: Clock) -> None:
    assert await carried(evenings) == {MINA: 0, JONAS: 0, SAM: 0}
    await choose(evenings, {MINA: 0.0, JONAS: 0.8})
    clock.now += timedelta(days=7)
    await choose(evenings, {MINA: 0.5, SAM: 0.0})
    await choose(evenings, {SAM: 9.0}, THERE)
    assert await carried(evenings) == {MINA: 0.5, JONAS: 0.8, SAM: 0}
    await evenings.begin(HERE, [MINA, JONAS, SAM], Wishes())  # nothing chosen yet
    assert await carried(evenings) == {MINA: 0.5, JONAS: 0.8, SAM: 0}


async def test_a_film_is_chosen_once(evenings: Evenings) -> None:
    evening = await choose(evenings, {MINA: 0.0})
    for late in (
        evenings.choose(evening, BUS, {MINA: 1.0}),
        evenings.set_weight(evening, 0),
        evenings.get(HERE, evening.id),
    ):
        with pytest.raises(EveningOverError):
            await late
    assert await carried(evenings) == {MINA: 0, JONAS: 0, SAM: 0}


async def test_a_film_that_goes_takes_no_evening_with_it(database: Database, evenings: Evenings) -> None:
    await choose(evenings, {MINA: 0.5})
    await FilmStore(database).delete(BUS)
    assert (await carried(evenings))[MINA] == 0.5


async def test_lists_left_open_are_forgotten_and_chosen_ones_are_not(evenings: Evenings, clock: Clock) -> None:
    left = await evenings.begin(HERE, [MINA], Wishes())
    await choose(evenings, {JONAS: 0.5})
    clock.now += KEPT_OPEN + timedelta(minutes=1)
    await evenings.begin(HERE, [SAM], Wishes())
    with pytest.raises(EveningGoneError):
        await evenings.get(HERE, left.id)
    assert (await carried(evenings))[JONAS] == 0.5
