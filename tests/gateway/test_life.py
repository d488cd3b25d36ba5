"""The life of a connection: it begins, is cut, resumed, refused and begun again, and nobody's command is lost."""

import asyncio
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import discord
from aiohttp import web

from bot.cli.run import describe_refusal
from tests.gateway.bot_process import running_bot
from tests.gateway.standin import (
    APPLICATION_ID,
    CHANNEL_ID,
    HEARTBEAT,
    HELLO,
    IDENTIFY,
    INVALID_SESSION,
    RECONNECT,
    RESUME,
    TIMEOUT,
    TOKEN,
    Connection,
    StandIn,
    reply,
)
from tests.gateway.test_messages import _sent

FILM = "ballerina-2023"
SLOW_SECONDS = 5.0
MEMBERS = 60
Handler = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


@dataclass
class Route:
    """Handles requests to paths with that ending by `handlers`, one after the other; then Discord itself does."""

    ending: str
    handlers: list[Handler]
    seen: int = 0

    async def __call__(self, request: web.Request) -> web.StreamResponse | None:
        if not request.path.endswith(self.ending):
            return None
        self.seen += 1
        return await self.handlers.pop(0)(request) if self.handlers else None


@dataclass
class Gate:
    """Holds a request until it is opened."""

    is_open: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, _request: web.Request) -> None:
        await self.is_open.wait()


def _answer(status: int, retry_after: float | None = None, **headers: str) -> Handler:
    async def handle(_request: web.Request) -> web.StreamResponse:
        if retry_after is None:
            return web.Response(text="<html>Bad gateway</html>", status=status, content_type="text/html")
        body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": bool(headers)}
        headers_of_limit = {"Via": "1.1 google", "Retry-After": "1", "X-RateLimit-Bucket": "messages", **headers}
        return reply(body, status, **headers_of_limit)

    return handle


async def _trickle(request: web.Request) -> web.StreamResponse:
    """Send an answer in pieces, as over a bad line."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for piece in (b'{"interaction": {"id": "1", "type": 2}', b', "resource": {"type": 5}', b"}"):
        await response.write(piece)
        await asyncio.sleep(0.05)
    await response.write_eof()
    return response


async def _hello_often(connection: Connection) -> None:
    await connection.send(HELLO, {"heartbeat_interval": 100})


async def _refuse_to_resume(connection: Connection) -> None:
    await connection.send(INVALID_SESSION, False)


async def _use_everything(standin: StandIn) -> None:
    """A command, autocomplete, a button that opens a form, and the form."""
    assert "/film" in await (await standin.slash("help")).answered()
    assert FILM in await (await standin.type("film", "title", "balerina")).answered()
    form = await (await standin.press(f"v1:rate:{FILM}")).answered()
    assert f"v1:rating:{FILM}" in form
    submitted = await standin.submit(f"v1:rating:{FILM}", stars="8", review="Quick on its feet.")
    assert "Chart of 1 rating" in await submitted.answered()


async def _survive_cuts(standin: StandIn) -> None:
    """Resume after a cut in mid-command, after RECONNECT, and after a session that Discord no longer knows."""
    gate = Gate()
    standin.on_request = Route("/callback", [gate])
    rating = await standin.slash("rate", film=FILM, stars="4")
    await standin.wait_for_requests("/callback", 1)
    first = standin.connections[-1]
    assert first.socket._req is not None
    assert first.socket._req.transport is not None
    first.socket._req.transport.abort()
    while not first.socket.closed:  # noqa: ASYNC110  (the socket has no event for it)
        await asyncio.sleep(0.01)
    meanwhile = await standin.slash("help")
    await standin.wait_for_connections(2)
    assert "/film" in await meanwhile.answered()
    gate.is_open.set()
    assert "rating" in await rating.answered()
    (resumed,) = standin.list_received(RESUME)
    assert (resumed["session_id"], resumed["token"]) == ("session", TOKEN)
    assert resumed["seq"] >= 3

    await standin.connections[-1].send(RECONNECT, None)
    await standin.wait_for_connections(3)
    assert "/film" in await (await standin.slash("help")).answered()
    assert len(standin.list_received(RESUME)) == 2

    # While the shard waits five seconds to identify again, Discord takes as long for an answer.
    async def take_long(_request: web.Request) -> None:
        await asyncio.sleep(SLOW_SECONDS)

    slow = standin.on_request = Route("/callback", [take_long])
    patient = await standin.slash("rate", film="burning-2018", stars="5")
    while not slow.seen:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    standin.on_resume = _refuse_to_resume
    await standin.connections[-1].send(RECONNECT, None)
    await standin.wait_for_connections(5)
    assert "rating" in await patient.answered()
    while len(standin.list_received(IDENTIFY)) < 2:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    assert "/film" in await (await standin.slash("help")).answered()


async def _survive_limits(standin: StandIn) -> None:
    """Wait as long as Discord says, for one bucket or for all, and try again what it fails to answer."""
    # Members' mentions are answered by messages in the channel: one bucket, then everything is limited.
    limits = [_answer(429, 0.1), _answer(429, 0.1, **{"X-RateLimit-Global": "true"}), _answer(502), _answer(500)]
    messages = standin.on_request = Route(f"/channels/{CHANNEL_ID}/messages", limits)
    mention = _sent(1, f"<@{APPLICATION_ID}> a korean thriller", APPLICATION_ID)
    await standin.connections[-1].dispatch("MESSAGE_CREATE", mention)
    # Beside it, what interactions are answered with meets the same, and a slow line.
    while messages.seen < 3:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    followups = Route("/messages/@original", [_answer(429, 0.1), _answer(502)])
    callbacks = Route("/callback", [_trickle, _answer(500)])

    async def route(request: web.Request) -> web.StreamResponse | None:
        for each in (messages, followups, callbacks):
            if (response := await each(request)) is not None:
                return response
        return None

    standin.on_request = route
    slow = await standin.slash("rate", film="oldboy-2003", stars="5")
    refused = await standin.slash("help")
    assert "/film" in await refused.answered()
    assert "Oldboy" in await slow.answered()
    while not standin.messages:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    assert (len(standin.messages), messages.seen) == (1, 5)
    standin.on_request = None


async def test_a_connection_from_its_beginning_to_its_end(discord_standin: StandIn, data_folder: Path) -> None:
    discord_standin.on_connect = _hello_often
    async with running_bot(discord_standin, data_folder) as bot, asyncio.timeout(TIMEOUT):
        await discord_standin.wait_until_ready()
        (identity,) = discord_standin.list_received(IDENTIFY)
        assert (identity["token"], identity["shard"]) == (TOKEN, [0, 1])
        privileged = discord.Intents(members=True, presences=True, message_content=True)
        assert identity["intents"] & privileged.value == 0
        await _use_everything(discord_standin)
        while len(discord_standin.list_received(HEARTBEAT)) < 3:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert discord_standin.list_received(HEARTBEAT)[-1] >= 2  # the number of the last event
        await _survive_cuts(discord_standin)
        await _survive_limits(discord_standin)
        # A stop in a burst: whoever reads that a rating is saved finds it saved.
        discord_standin.member_ids = map(str, range(1_000, 1_000 + MEMBERS))
        burst = [await discord_standin.slash("rate", film="parasite-2019", stars="5") for _ in range(MEMBERS)]
        await burst[MEMBERS // 3].answered()
        code, _ = await bot.stop(signal.SIGTERM)
        assert (code, "Traceback" in bot.log) == (0, False), bot.log
    told = {number for number, each in enumerate(burst, 1_000) if "rating" in each.texts}
    with sqlite3.connect(data_folder / "marquee.db") as database:
        rows = database.execute("SELECT member_id FROM ratings WHERE film_id = 'parasite-2019'").fetchall()
    database.close()
    assert len(told) > MEMBERS // 3
    assert told <= {member_id for (member_id,) in rows}


async def test_a_discord_that_cannot_be_reached_is_tried_again_by_the_supervisor(data_folder: Path) -> None:
    nowhere = StandIn()
    nowhere.url = "http://127.0.0.1:1"
    async with running_bot(nowhere, data_folder) as bot:
        assert await bot.wait() == 1
        assert bot.log == "marquee: Can't reach Discord: Connection refused.\n"


async def test_only_what_a_person_can_mend_keeps_a_supervisor_from_starting_again() -> None:
    class Answer:
        reason = "x"

        def __init__(self, status: int) -> None:
            self.status = status

    for status, is_temporary in ((500, True), (502, True), (429, True), (400, False), (403, False)):
        error = discord.HTTPException(Answer(status), "<html>\nsecond line")  # type: ignore[arg-type]
        refusal = describe_refusal(error)
        assert refusal.is_temporary is is_temporary
        assert str(refusal) == f"Discord refused: status {status}."
