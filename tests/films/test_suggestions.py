from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.films.suggestions import CACHED_SERVERS, MAX_AGE, RECENT_LIMIT, SuggestionService

HERE, THERE = 100, 200


async def list_featured(server_id: int, limit: int) -> Sequence[str]:
    return ["featured"] if server_id == HERE else []


async def list_rated(server_id: int, limit: int) -> Sequence[str]:
    return ["rated-2", "rated-1"] if server_id == HERE else []


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def create_service(clock: Clock | None = None) -> SuggestionService:
    return SuggestionService(clock or Clock(), featured=[list_featured], recent=[list_rated])


async def test_featured_films_come_first_then_those_looked_up_then_those_rated() -> None:
    suggestions = create_service()
    assert suggestions.list_film_ids(HERE) == []
    await suggestions.refresh(HERE)
    suggestions.add_lookup(HERE, "rated-1")
    suggestions.add_lookup(HERE, "looked-up")
    suggestions.add_lookup(THERE, "elsewhere")
    assert suggestions.list_film_ids(HERE) == ["featured", "looked-up", "rated-1", "rated-2"]
    assert suggestions.list_film_ids(THERE) == ["elsewhere"]
    assert suggestions.list_film_ids(None) == []


async def test_many_look_ups_leave_room_for_films_that_were_rated() -> None:
    suggestions = create_service()
    await suggestions.refresh(HERE)
    for number in range(3 * RECENT_LIMIT):
        suggestions.add_lookup(HERE, f"film-{number}")
    film_ids = suggestions.list_film_ids(HERE)
    assert film_ids[:2] == ["featured", f"film-{3 * RECENT_LIMIT - 1}"]
    assert {"rated-1", "rated-2"} <= set(film_ids)
    assert len(film_ids) <= 1 + RECENT_LIMIT


def test_a_server_is_due_again_after_a_minute_and_not_before() -> None:
    clock = Clock()
    suggestions = create_service(clock)
    assert suggestions.claim_refresh(HERE)
    assert not suggestions.claim_refresh(HERE)
    assert suggestions.claim_refresh(THERE)
    clock.now += MAX_AGE - timedelta(seconds=1)
    assert not suggestions.claim_refresh(HERE)
    clock.now += timedelta(seconds=1)
    assert suggestions.claim_refresh(HERE)


def test_servers_that_are_not_used_are_forgotten() -> None:
    suggestions = create_service()
    for server_id in range(CACHED_SERVERS + 1):
        suggestions.add_lookup(server_id, "film")
    assert suggestions.list_film_ids(0) == []
    assert suggestions.list_film_ids(1) == ["film"]


def test_a_clock_set_back_does_not_keep_films_from_being_read_again() -> None:
    clock = Clock()
    suggestions = create_service(clock)
    assert suggestions.claim_refresh(HERE)
    clock.now -= timedelta(days=365)
    assert suggestions.claim_refresh(HERE)
    assert not suggestions.claim_refresh(HERE)
