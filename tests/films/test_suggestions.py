from datetime import UTC, datetime, timedelta

from bot.films import suggestions as shown_first
from bot.films.suggestions import RECENT, STALE, OnLately, ServerFilms

HERE, THERE = 100, 200


class Shelf:
    """What was on in a server, in memory."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.known = {HERE: OnLately(("featured",), ("rated-2", "rated-1")), THERE: OnLately()}

    async def on_lately(self, server_id: int, limit: int) -> OnLately:
        self.asked.append(server_id)
        return self.known[server_id]


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


async def test_the_marquee_comes_first_then_what_was_looked_up_then_what_was_rated() -> None:
    films = ServerFilms(Shelf(), Clock())
    assert films(HERE) == ()
    await films.load(HERE)
    films.look_up(HERE, "rated-1")
    films.look_up(HERE, "looked-up")
    films.look_up(THERE, "elsewhere")
    assert films(HERE) == ["featured", "looked-up", "rated-1", "rated-2"]
    assert films(THERE) == ["elsewhere"]
    assert films(None) == ()


async def test_what_is_looked_up_often_leaves_room_for_what_was_rated() -> None:
    films = ServerFilms(Shelf(), Clock())
    await films.load(HERE)
    for number in range(3 * RECENT):
        films.look_up(HERE, f"film-{number}")
    offered = films(HERE)
    assert offered[:2] == ["featured", f"film-{3 * RECENT - 1}"]
    assert {"rated-1", "rated-2"} <= set(offered)
    assert len(offered) <= 1 + RECENT


def test_a_server_is_read_again_after_a_minute_and_not_before() -> None:
    clock = Clock()
    films = ServerFilms(Shelf(), clock)
    assert films.due(HERE)
    assert not films.due(HERE)
    assert films.due(THERE)
    clock.now += STALE - timedelta(seconds=1)
    assert not films.due(HERE)
    clock.now += timedelta(seconds=1)
    assert films.due(HERE)


def test_servers_that_are_not_used_are_forgotten() -> None:
    films = ServerFilms(Shelf(), Clock())
    for server_id in range(shown_first.SERVERS + 1):
        films.look_up(server_id, "film")
    assert films(0) == ()
    assert films(1) == ["film"]
