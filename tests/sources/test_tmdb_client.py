"""TMDB's client against a stand-in that fails in every known way."""

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
from bot.films.metadata import SourceGoneError, SourceRefusedError, SourceUnavailableError
from bot.sources.tmdb import client as client_module
from bot.sources.tmdb.client import CircuitBreaker, RequestLimiter, TmdbClient
from bot.sources.tmdb.endpoints import DETAILS_PARTS
from bot.sources.tmdb.parse import APPENDED_PARTS
from bot.sources.tmdb.replay import RecordedReply, ReplayServer
from bot.sources.tmdb.source import TmdbSource, open_tmdb
from tests.tmdb_payloads import movie

Answer = Callable[[], Awaitable[web.StreamResponse | None]]


@asynccontextmanager
async def open_client(tmdb: ReplayServer, **options: Any) -> AsyncIterator[TmdbClient]:
    client = TmdbClient("f" * 32, tmdb.url, **options)
    try:
        yield client
    finally:
        await client.close()


@pytest.fixture
async def client(tmdb: ReplayServer) -> AsyncIterator[TmdbClient]:
    tmdb.replies.insert(0, RecordedReply("/3/thing", [{"id": 1}]))
    async with open_client(tmdb) as client:
        yield client


def answer_first(tmdb: ReplayServer, *answers: web.StreamResponse) -> None:
    """Make the stand-in answer with these first, each once."""
    pending = list(answers)

    async def fault(_: web.Request) -> web.StreamResponse | None:
        return pending.pop(0) if pending else None

    tmdb.fault = fault


def answer_always(tmdb: ReplayServer, answer: Callable[[], web.StreamResponse]) -> None:
    async def fault(_: web.Request) -> web.StreamResponse | None:
        return answer()

    tmdb.fault = fault


async def test_a_v4_token_goes_into_the_header_and_a_v3_key_into_the_query(tmdb: ReplayServer) -> None:
    tmdb.replies.append(RecordedReply("/3/thing", [{"id": 1}]))
    for token in ("eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl", "0123456789abcdef" * 2):
        client = TmdbClient(token, tmdb.url)
        assert await client.get("/3/thing") == {"id": 1}
        await client.close()
    first, second = tmdb.requests
    assert first.headers["Authorization"].startswith("Bearer eyJ")
    assert "api_key" not in first.query
    assert second.query["api_key"] == "0123456789abcdef" * 2
    assert "Authorization" not in second.headers


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_is_retried(tmdb: ReplayServer, client: TmdbClient, status: int) -> None:
    answer_first(tmdb, web.Response(status=status))
    assert await client.get("/3/thing") == {"id": 1}
    assert len(tmdb.requests) == 2


async def test_429_is_retried_after_retry_after(tmdb: ReplayServer, client: TmdbClient) -> None:
    answer_first(tmdb, web.Response(status=429, headers={"Retry-After": "1"}))
    begin = asyncio.get_running_loop().time()
    assert await client.get("/3/thing") == {"id": 1}
    assert asyncio.get_running_loop().time() - begin >= 0.95


@pytest.mark.parametrize("after", ["3600", "Wed, 21 Oct 2065 07:28:00 GMT"])
async def test_429_with_a_long_retry_after_is_not_retried(
    tmdb: ReplayServer, client: TmdbClient, after: str
) -> None:
    answer_first(tmdb, web.Response(status=429, headers={"Retry-After": after}))
    with pytest.raises(SourceUnavailableError):
        await client.get("/3/thing")
    assert len(tmdb.requests) == 1


@pytest.mark.parametrize("after", ["", "soon", "Wed, 21 Oct 2015 07:28:00 GMT"])
async def test_429_with_an_unusable_retry_after_is_retried(
    tmdb: ReplayServer, client: TmdbClient, after: str
) -> None:
    answer_first(tmdb, web.Response(status=429, headers={"Retry-After": after}))
    assert await client.get("/3/thing") == {"id": 1}


async def test_a_request_that_hangs_times_out_and_is_retried(
    tmdb: ReplayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "TIMEOUT", 0.6)
    tmdb.replies.append(RecordedReply("/3/thing", [{"id": 1}]))
    turns = itertools.count()

    async def fault(_: web.Request) -> web.StreamResponse | None:
        if next(turns) == 0:
            await asyncio.sleep(5)
        return None

    tmdb.fault = fault
    async with open_client(tmdb) as client:
        assert await client.get("/3/thing") == {"id": 1}
    assert len(tmdb.requests) == 2


async def test_a_closed_connection_is_retried(tmdb: ReplayServer, client: TmdbClient) -> None:
    turns = itertools.count()

    async def fault(request: web.Request) -> web.StreamResponse | None:
        if next(turns) == 0 and request.transport is not None:
            request.transport.close()
        return None

    tmdb.fault = fault
    assert await client.get("/3/thing") == {"id": 1}


UNREADABLE = {
    "html": lambda: web.Response(text="<html>down for maintenance</html>", content_type="text/html"),
    "half": lambda: web.Response(text='{"id": 1, "title": "cut o'),
    "list": lambda: web.json_response([1, 2]),
    "null": lambda: web.json_response(None),
    "empty": lambda: web.Response(),
    "deep": lambda: web.Response(text='{"a":' * 100_000),
    "bytes": lambda: web.Response(body=b"\xff\xfe\x00"),
    "large": lambda: web.Response(body=b'{"a": "' + b"x" * (client_module.BODY_LIMIT + 10) + b'"}'),
    "bomb": lambda: web.Response(
        body=zlib.compress(b'{"a": "' + b"x" * (4 * client_module.BODY_LIMIT) + b'"}'),
        headers={"Content-Encoding": "deflate"},
    ),
    "status": lambda: web.Response(status=418),
}


@pytest.mark.parametrize("kind", UNREADABLE)
async def test_an_unreadable_reply_is_unavailable_and_not_retried(
    tmdb: ReplayServer, client: TmdbClient, kind: str
) -> None:
    answer_always(tmdb, UNREADABLE[kind])
    with pytest.raises(SourceUnavailableError):
        await client.get("/3/thing")
    assert len(tmdb.requests) == 1


async def test_an_endless_redirect_is_unavailable(tmdb: ReplayServer, client: TmdbClient) -> None:
    answer_always(tmdb, lambda: web.Response(status=302, headers={"Location": "/3/thing"}))
    with pytest.raises(SourceUnavailableError):
        await client.get("/3/thing")


async def test_a_redirect_is_followed(tmdb: ReplayServer, client: TmdbClient) -> None:
    tmdb.replies.append(RecordedReply("/3/movie/2", [{"id": 2}]))
    answer_first(tmdb, web.Response(status=301, headers={"Location": "/3/movie/2"}))
    assert await client.get("/3/movie/1") == {"id": 2}


async def test_a_404_is_gone(client: TmdbClient) -> None:
    with pytest.raises(SourceGoneError):
        await client.get("/3/movie/404")


@pytest.mark.parametrize("status", [401, 403])
async def test_a_rejected_key_is_refused(tmdb: ReplayServer, client: TmdbClient, status: int) -> None:
    answer_always(tmdb, lambda: web.json_response({"success": False}, status=status))
    with pytest.raises(SourceRefusedError):
        await client.get("/3/thing")


async def test_equal_requests_at_the_same_time_are_sent_once(tmdb: ReplayServer, client: TmdbClient) -> None:
    answers = await asyncio.gather(*(client.get("/3/thing", {"a": "1"}) for _ in range(100)))
    assert answers == [{"id": 1}] * 100
    assert len(tmdb.requests) == 1
    await client.get("/3/thing", {"a": "2"})
    assert len(tmdb.requests) == 2


async def test_a_cancelled_caller_leaves_the_request_to_the_others() -> None:
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


async def test_at_most_eight_requests_run_at_a_time(tmdb: ReplayServer, client: TmdbClient) -> None:
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


async def test_at_most_forty_requests_start_within_any_second() -> None:
    limiter, entered = RequestLimiter(per_second=40, concurrent=100), []
    loop = asyncio.get_running_loop()

    async def enter() -> None:
        async with limiter.slot():
            entered.append(loop.time())

    await asyncio.gather(*(enter() for _ in range(90)))
    gaps = [later - first for first, later in zip(entered, entered[40:], strict=False)]
    assert min(gaps) > 0.95


async def test_waiting_for_the_second_to_pass_holds_no_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    now, sleepers = 0.0, 0
    sleep = asyncio.sleep

    async def count_and_sleep(delay: float) -> None:
        nonlocal sleepers
        sleepers += 1
        await sleep(delay)

    limiter = RequestLimiter(per_second=1, concurrent=1, clock=lambda: now)

    async def enter() -> None:
        async with limiter.slot():
            pass

    await enter()
    monkeypatch.setattr("bot.sources.tmdb.client.asyncio.sleep", count_and_sleep)
    waiting = [asyncio.create_task(enter()) for _ in range(3)]
    for _ in range(10):
        await sleep(0)
    assert sleepers == 3  # one that kept the only slot would keep the others from it
    assert not any(task.done() for task in waiting)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_repeated_failures_open_the_circuit_breaker_until_tmdb_answers(
    tmdb: ReplayServer, caplog: pytest.LogCaptureFixture
) -> None:
    now = 0.0
    tmdb.replies.append(RecordedReply("/3/thing", [{"id": 1}]))
    answer_always(tmdb, lambda: web.Response(status=418))
    async with open_client(tmdb, breaker=CircuitBreaker(3, 60.0, lambda: now)) as client:
        for _ in range(3):
            with pytest.raises(SourceUnavailableError):
                await client.get("/3/thing")
        request_count = len(tmdb.requests)
        with pytest.raises(SourceUnavailableError, match="left alone"):
            await client.get("/3/thing")
        assert len(tmdb.requests) == request_count
        now = 61.0
        with pytest.raises(SourceUnavailableError, match="418"):
            await client.get("/3/thing")
        with pytest.raises(SourceUnavailableError, match="left alone"):
            await client.get("/3/thing")
        now, tmdb.fault = 130.0, None
        assert await client.get("/3/thing") == {"id": 1}
        assert await client.get("/3/thing") == {"id": 1}
    messages = [record.getMessage() for record in caplog.records if record.name == "bot.sources.tmdb.client"]
    assert messages == ["TMDB is left alone for a while: status 418", "TMDB answers again"]


async def test_the_circuit_breaker_tests_with_one_request() -> None:
    now = 0.0
    breaker = CircuitBreaker(1, 60.0, lambda: now)
    assert breaker.record_failure()
    now = 60.0
    breaker.check()
    with pytest.raises(SourceUnavailableError):
        breaker.check()
    breaker.record_cancellation()
    breaker.check()
    assert breaker.record_success()
    breaker.check()


async def test_a_rejected_key_is_logged_in_one_sentence_and_gives_no_source(
    tmdb: ReplayServer, caplog: pytest.LogCaptureFixture
) -> None:
    answer_always(tmdb, lambda: web.json_response({"success": False, "status_code": 7}, status=401))
    assert await open_tmdb("f" * 32, tmdb.url) is None
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "Starting without TMDB" in caplog.text
    assert "f" * 32 not in caplog.text


@pytest.mark.parametrize("token", ["two words", "grün", "a\tb"])
async def test_an_impossible_key_is_not_sent(tmdb: ReplayServer, token: str) -> None:
    assert await open_tmdb(token, tmdb.url) is None
    assert tmdb.requests == []


async def test_a_start_while_tmdb_is_down_gives_a_source(
    tmdb: ReplayServer, caplog: pytest.LogCaptureFixture
) -> None:
    answer_always(tmdb, lambda: web.Response(status=418))
    source = await open_tmdb("f" * 32, tmdb.url)
    assert source is not None
    assert not source.is_key_checked
    await source.close()
    assert "just now" in caplog.text


@pytest.mark.parametrize("part", DETAILS_PARTS)
@pytest.mark.parametrize("is_null", [True, False])
async def test_a_reply_without_a_part_has_the_others(
    tmdb: ReplayServer, client: TmdbClient, part: str, is_null: bool
) -> None:
    body = movie("5", "Five") | {part: None}
    if not is_null:
        del body[part]
    tmdb.replies.append(RecordedReply("/3/movie/5", [body]))
    fetched = await TmdbSource(client).fetch_film("5")
    assert fetched.film.title == "Five"
    assert fetched.details.poster is not None
    assert fetched.missing == {APPENDED_PARTS[part]}


async def test_every_reply_is_a_result_or_a_source_error(tmdb: ReplayServer, client: TmdbClient) -> None:
    kinds = itertools.cycle([None, *UNREADABLE.values(), None, lambda: web.Response(status=500)])

    async def fault(_: web.Request) -> web.StreamResponse | None:
        kind = next(kinds)
        return kind() if kind is not None else None

    tmdb.fault = fault
    results = await asyncio.gather(
        *(client.get("/3/thing", {"a": str(at)}) for at in range(12)), return_exceptions=True
    )
    assert all(result == {"id": 1} or isinstance(result, SourceUnavailableError) for result in results)
    assert {"id": 1} in results
