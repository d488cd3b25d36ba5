"""TMDB's client against a stand-in that fails in every way it is known to."""

import asyncio
import itertools
import logging
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from bot.core.tasks import SingleFlight
from bot.films.metadata_source import SourceGoneError, SourceRefusedError, SourceUnavailableError
from bot.sources.tmdb import client as module
from bot.sources.tmdb.client import TmdbClient
from bot.sources.tmdb.limits import Breaker, Pace
from bot.sources.tmdb.replay import ReplayServer, Reply
from bot.sources.tmdb.source import TmdbSource, open_source
from tests.tmdb_payloads import movie

Answer = Callable[[], Awaitable[web.StreamResponse | None]]


@asynccontextmanager
async def asking(tmdb: ReplayServer, **options: Any) -> AsyncIterator[TmdbClient]:
    client = TmdbClient("f" * 32, tmdb.url, **options)
    try:
        yield client
    finally:
        await client.close()


@pytest.fixture
async def client(tmdb: ReplayServer) -> AsyncIterator[TmdbClient]:
    tmdb.replies.insert(0, Reply("/3/thing", [{"id": 1}]))
    async with asking(tmdb) as client:
        yield client


def then(tmdb: ReplayServer, *answers: web.StreamResponse) -> None:
    """Let the stand-in answer these first, each once."""
    waiting = list(answers)

    async def fault(_: web.Request) -> web.StreamResponse | None:
        return waiting.pop(0) if waiting else None

    tmdb.fault = fault


def always(tmdb: ReplayServer, answer: Callable[[], web.StreamResponse]) -> None:
    async def fault(_: web.Request) -> web.StreamResponse | None:
        return answer()

    tmdb.fault = fault


async def test_a_v4_token_goes_into_the_header_and_a_v3_key_into_the_query(tmdb: ReplayServer) -> None:
    tmdb.replies.append(Reply("/3/thing", [{"id": 1}]))
    for token in ("eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl", "0123456789abcdef" * 2):
        client = TmdbClient(token, tmdb.url)
        assert await client.get("/3/thing") == {"id": 1}
        await client.close()
    first, second = tmdb.asked
    assert first.headers["Authorization"].startswith("Bearer eyJ")
    assert "api_key" not in first.query
    assert second.query["api_key"] == "0123456789abcdef" * 2
    assert "Authorization" not in second.headers


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_passing_fault_is_tried_again(tmdb: ReplayServer, client: TmdbClient, status: int) -> None:
    then(tmdb, web.Response(status=status))
    assert await client.get("/3/thing") == {"id": 1}
    assert len(tmdb.asked) == 2


async def test_429_is_waited_for_as_long_as_it_says(tmdb: ReplayServer, client: TmdbClient) -> None:
    then(tmdb, web.Response(status=429, headers={"Retry-After": "1"}))
    begin = asyncio.get_running_loop().time()
    assert await client.get("/3/thing") == {"id": 1}
    assert asyncio.get_running_loop().time() - begin >= 0.95


@pytest.mark.parametrize("after", ["3600", "Wed, 21 Oct 2065 07:28:00 GMT"])
async def test_429_that_asks_for_an_hour_is_not_waited_for(
    tmdb: ReplayServer, client: TmdbClient, after: str
) -> None:
    then(tmdb, web.Response(status=429, headers={"Retry-After": after}))
    with pytest.raises(SourceUnavailableError):
        await client.get("/3/thing")
    assert len(tmdb.asked) == 1


@pytest.mark.parametrize("after", ["", "soon", "Wed, 21 Oct 2015 07:28:00 GMT"])
async def test_429_with_an_odd_retry_after_is_tried_again(
    tmdb: ReplayServer, client: TmdbClient, after: str
) -> None:
    then(tmdb, web.Response(status=429, headers={"Retry-After": after}))
    assert await client.get("/3/thing") == {"id": 1}


async def test_a_hang_ends_after_the_time_limit_and_is_tried_again(
    tmdb: ReplayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TIMEOUT", 0.6)
    tmdb.replies.append(Reply("/3/thing", [{"id": 1}]))
    turns = itertools.count()

    async def fault(_: web.Request) -> web.StreamResponse | None:
        if next(turns) == 0:
            await asyncio.sleep(5)
        return None

    tmdb.fault = fault
    async with asking(tmdb) as client:
        assert await client.get("/3/thing") == {"id": 1}
    assert len(tmdb.asked) == 2


async def test_a_connection_cut_half_way_is_tried_again(tmdb: ReplayServer, client: TmdbClient) -> None:
    turns = itertools.count()

    async def fault(request: web.Request) -> web.StreamResponse | None:
        if next(turns) == 0 and request.transport is not None:
            request.transport.close()
        return None

    tmdb.fault = fault
    assert await client.get("/3/thing") == {"id": 1}


BAD = {
    "html": lambda: web.Response(text="<html>down for maintenance</html>", content_type="text/html"),
    "half": lambda: web.Response(text='{"id": 1, "title": "cut o'),
    "list": lambda: web.json_response([1, 2]),
    "null": lambda: web.json_response(None),
    "empty": lambda: web.Response(),
    "deep": lambda: web.Response(text='{"a":' * 100_000),
    "bytes": lambda: web.Response(body=b"\xff\xfe\x00"),
    "large": lambda: web.Response(body=b'{"a": "' + b"x" * (module.BODY_LIMIT + 10) + b'"}'),
    "bomb": lambda: web.Response(
        body=zlib.compress(b'{"a": "' + b"x" * (4 * module.BODY_LIMIT) + b'"}'),
        headers={"Content-Encoding": "deflate"},
    ),
    "status": lambda: web.Response(status=418),
}


@pytest.mark.parametrize("kind", BAD)
async def test_an_answer_that_cannot_be_read_is_unavailable_and_asked_for_once(
    tmdb: ReplayServer, client: TmdbClient, kind: str
) -> None:
    always(tmdb, BAD[kind])
    with pytest.raises(SourceUnavailableError):
        await client.get("/3/thing")
    assert len(tmdb.asked) == 1


async def test_an_endless_redirect_is_unavailable(tmdb: ReplayServer, client: TmdbClient) -> None:
    always(tmdb, lambda: web.Response(status=302, headers={"Location": "/3/thing"}))
    with pytest.raises(SourceUnavailableError):
        await client.get("/3/thing")


async def test_a_redirect_to_the_film_it_became_is_followed(tmdb: ReplayServer, client: TmdbClient) -> None:
    tmdb.replies.append(Reply("/3/movie/2", [{"id": 2}]))
    then(tmdb, web.Response(status=301, headers={"Location": "/3/movie/2"}))
    assert await client.get("/3/movie/1") == {"id": 2}


async def test_what_is_not_there_is_gone(client: TmdbClient) -> None:
    with pytest.raises(SourceGoneError):
        await client.get("/3/movie/404")


@pytest.mark.parametrize("status", [401, 403])
async def test_a_key_that_is_not_taken_is_told_apart(tmdb: ReplayServer, client: TmdbClient, status: int) -> None:
    always(tmdb, lambda: web.json_response({"success": False}, status=status))
    with pytest.raises(SourceRefusedError):
        await client.get("/3/thing")


async def test_what_many_ask_at_once_is_asked_once(tmdb: ReplayServer, client: TmdbClient) -> None:
    answers = await asyncio.gather(*(client.get("/3/thing", {"a": "1"}) for _ in range(100)))
    assert answers == [{"id": 1}] * 100
    assert len(tmdb.asked) == 1
    await client.get("/3/thing", {"a": "2"})
    assert len(tmdb.asked) == 2


async def test_who_leaves_does_not_end_it_for_the_others() -> None:
    flights: SingleFlight[str, int] = SingleFlight()
    go = asyncio.Event()

    async def work() -> int:
        await go.wait()
        return 7

    first = asyncio.create_task(flights.run("k", work))
    second = asyncio.create_task(flights.run("k", work))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    go.set()
    assert await second == 7
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_at_most_eight_are_under_way_at_a_time(tmdb: ReplayServer, client: TmdbClient) -> None:
    inside = highest = 0

    async def fault(_: web.Request) -> web.StreamResponse | None:
        nonlocal inside, highest
        inside += 1
        highest = max(highest, inside)
        await asyncio.sleep(0.02)
        inside -= 1
        return None

    tmdb.fault = fault
    await asyncio.gather(*(client.get("/3/thing", {"a": str(at)}) for at in range(30)))
    assert highest == 8


async def test_at_most_forty_enter_within_any_second() -> None:
    pace, entered = Pace(per_second=40, at_once=100), []
    loop = asyncio.get_running_loop()

    async def enter() -> None:
        async with pace.place():
            entered.append(loop.time())

    await asyncio.gather(*(enter() for _ in range(90)))
    gaps = [later - first for first, later in zip(entered, entered[40:], strict=False)]
    assert min(gaps) > 0.95


async def test_who_waits_for_the_second_to_pass_holds_no_place() -> None:
    now = 0.0
    pace = Pace(per_second=1, at_once=1, clock=lambda: now)

    async def enter() -> None:
        async with pace.place():
            pass

    await enter()
    waiting = [asyncio.create_task(enter()) for _ in range(3)]
    for _ in range(10):
        await asyncio.sleep(0)
    assert not pace._places.locked()
    assert not any(task.done() for task in waiting)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_after_repeated_failures_it_is_left_alone_until_it_answers(
    tmdb: ReplayServer, caplog: pytest.LogCaptureFixture
) -> None:
    now = 0.0
    tmdb.replies.append(Reply("/3/thing", [{"id": 1}]))
    always(tmdb, lambda: web.Response(status=418))
    async with asking(tmdb, breaker=Breaker(3, 60.0, lambda: now)) as client:
        for _ in range(3):
            with pytest.raises(SourceUnavailableError):
                await client.get("/3/thing")
        asked = len(tmdb.asked)
        with pytest.raises(SourceUnavailableError, match="left alone"):
            await client.get("/3/thing")
        assert len(tmdb.asked) == asked
        now = 61.0
        with pytest.raises(SourceUnavailableError, match="418"):
            await client.get("/3/thing")
        with pytest.raises(SourceUnavailableError, match="left alone"):
            await client.get("/3/thing")
        now, tmdb.fault = 130.0, None
        assert await client.get("/3/thing") == {"id": 1}
        assert await client.get("/3/thing") == {"id": 1}
    told = [record.getMessage() for record in caplog.records if record.name == "bot.sources.tmdb.client"]
    assert told == ["TMDB is left alone for a while: status 418", "TMDB answers again"]


async def test_while_the_breaker_tries_only_one_request_goes_out() -> None:
    now = 0.0
    breaker = Breaker(1, 60.0, lambda: now)
    assert breaker.failed()
    now = 60.0
    breaker.check()
    with pytest.raises(SourceUnavailableError):
        breaker.check()
    breaker.gave_up()
    breaker.check()
    assert breaker.succeeded()
    breaker.check()


async def test_a_wrong_key_is_one_sentence_and_no_source(
    tmdb: ReplayServer, caplog: pytest.LogCaptureFixture
) -> None:
    always(tmdb, lambda: web.json_response({"success": False, "status_code": 7}, status=401))
    assert await open_source("f" * 32, tmdb.url) is None
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "going on without TMDB" in caplog.text
    assert "f" * 32 not in caplog.text


@pytest.mark.parametrize("token", ["two words", "grün", "a\tb"])
async def test_what_is_no_key_is_not_sent(tmdb: ReplayServer, token: str) -> None:
    assert await open_source(token, tmdb.url) is None
    assert tmdb.asked == []


async def test_a_start_while_tmdb_is_down_keeps_the_source(
    tmdb: ReplayServer, caplog: pytest.LogCaptureFixture
) -> None:
    always(tmdb, lambda: web.Response(status=418))
    source = await open_source("f" * 32, tmdb.url)
    assert source is not None
    assert not source.reached
    await source.close()
    assert "just now" in caplog.text


@pytest.mark.parametrize("part", ["credits", "watch/providers", "images", "translations"])
async def test_an_answer_without_a_part_is_no_answer(tmdb: ReplayServer, client: TmdbClient, part: str) -> None:
    source = TmdbSource(client)
    tmdb.replies.append(Reply("/3/movie/5", [movie("5", "Five", **{part: None})]))
    with pytest.raises(SourceUnavailableError, match=part):
        await source.fetch("5")


async def test_whatever_comes_is_an_answer_or_an_error_of_ours(tmdb: ReplayServer, client: TmdbClient) -> None:
    kinds = itertools.cycle([None, *BAD.values(), None, lambda: web.Response(status=500)])

    async def fault(_: web.Request) -> web.StreamResponse | None:
        kind = next(kinds)
        return kind() if kind is not None else None

    tmdb.fault = fault
    results = await asyncio.gather(
        *(client.get("/3/thing", {"a": str(at)}) for at in range(12)), return_exceptions=True
    )
    assert all(result == {"id": 1} or isinstance(result, SourceUnavailableError) for result in results)
    assert {"id": 1} in results
