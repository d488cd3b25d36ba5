"""What the try page's server answers, and whom it refuses."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import pytest
import simcord

from bot.client import Marquee
from bot.preview.clock import PreviewClock
from bot.preview.snapshot import Snapshot
from bot.preview.web import PageContent, PageServer, PortTakenError, Welcome
from bot.preview.world import PreviewWorld, create_world


@pytest.fixture
def preview(env: simcord.Env) -> PreviewWorld:
    return create_world(env)


@pytest.fixture
async def page(preview: PreviewWorld, bot: Marquee) -> AsyncIterator[PageServer]:
    clock = PreviewClock(preview.env, bot, 1.0)
    server = PageServer()
    server.show(PageContent(preview, clock, {}, Snapshot(preview, {}), Welcome(True, 41, "try.db")))
    yield server
    await server.stop()


async def act(session: aiohttp.ClientSession, preview: PreviewWorld, kind: str, **body: Any) -> Any:
    body = {
        "kind": kind,
        "viewer": str(next(iter(preview.people))),
        "channel": str(preview.channels[0].id),
        **body,
    }
    async with session.post("/action", json={"kind": kind, **body}) as response:
        return await response.json() if response.ok else response.status


async def test_only_the_page_itself_is_answered(page: PageServer, preview: PreviewWorld) -> None:
    url = await page.start(0)
    port = url.removesuffix("/").rpartition(":")[2]
    with pytest.raises(PortTakenError):
        await page.start(int(port))
    async with aiohttp.ClientSession(url) as session:
        async with session.get("/") as response:
            assert response.status == 200
            policy = response.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'")
            assert "unsafe" not in policy
        for headers, status in (
            ({"Host": "films.example"}, 421),
            ({"Host": f"films.example:{port}"}, 421),
            ({"Host": f"localhost:{port}"}, 200),
            ({"Origin": "http://films.example"}, 403),
            ({"Origin": "null"}, 403),
        ):
            async with session.get("/", headers=headers) as response:
                assert response.status == status, headers
                assert "Content-Security-Policy" in response.headers
        async with session.post(
            "/action", data='{"kind": "send"}', headers={"Content-Type": "text/plain"}
        ) as reply:
            assert reply.status == 415
        for path in (
            "/static/../server.py",
            "/static/%2e%2e/server.py",
            "/media/film/nothing.svg",
            "/media/font/x",
        ):
            async with session.get(path) as response:
                assert response.status in (403, 404)
        for body in ({"kind": "nothing"}, {"kind": "slash"}, {"kind": "click", "message": "x"}, {"viewer": "12"}):
            assert await act(session, preview, **({"kind": "send"} | body)) == 400  # type: ignore[arg-type]


async def test_a_visitor_who_comes_early_is_told_to_wait() -> None:
    server = PageServer()
    async with aiohttp.ClientSession(await server.start(0)) as session:
        async with session.get("/") as response:
            assert "Marquee is starting" in await response.text()
        async with session.get("/static/style.css") as response:
            assert response.status == 200
        async with session.get("/events") as response:
            assert response.status == 503
    await server.stop()


async def test_what_discord_would_refuse_is_said_beside_the_option(
    page: PageServer, preview: PreviewWorld
) -> None:
    async with aiohttp.ClientSession(await page.start(0)) as session:

        async def refuse(command: str, **options: Any) -> tuple[str, str]:
            reply = await act(session, preview, "slash", command=command, options=options)
            return reply["option"], reply["error"]

        assert await refuse("film") == ("title", "This option is required.")
        assert await refuse("film", title="alien", year="soon") == ("year", "Enter a whole number.")
        assert await refuse("film", title="alien", year="1") == ("year", "Enter a number from 1874 to 2100.")
        assert await refuse("taste", member="17") == ("member", "Choose one of the list.")
        assert await refuse("recommend", mood="Grumpy") == ("mood", "Choose one of the list.")
        assert await refuse("featured", history="yes") == ("history", "Choose True or False.")
        assert await refuse("settings show") == (None, "You can't use /settings show here.")
        for kind, body in (
            ("click", {"message": "1", "custom_id": "v1:rate:alien-1979"}),
            ("submit", {"form": "1", "values": {}}),
            ("speed", {"speed": 60}),
        ):
            assert "error" in await act(session, preview, kind, **body)


async def test_everybody_sees_their_own_messages_at_once(
    page: PageServer, preview: PreviewWorld, bot: Marquee
) -> None:
    mina, jonas, _ = preview.members.values()
    url = await page.start(0)
    async with aiohttp.ClientSession(url) as session:
        streams = [await session.get("/events", params={"viewer": str(each.id)}) for each in (mina, jonas)]
        states = [await read_event(stream) for stream in streams]
        assert [state["viewer"] for state in states] == [str(mina.id), str(jonas.id)]
        await mina.slash(preview.channels[0], "help")  # an ephemeral answer
        await mina.send(preview.channels[0], "<@1> and 발레리나")
        seen = [await read_messages(stream, lambda each: "발레리나" in each["content"]) for stream in streams]
        assert [each["is_ephemeral"] for each in seen[0]] == [True, False]
        assert [each["is_ephemeral"] for each in seen[1]] == [False]
        gone = await act(session, preview, "click", message=seen[0][0]["id"], custom_id="v1:rate:alien-1979")
        assert gone["error"] == "The message has changed. Look at it again."
        await act(session, preview, "dismiss", message=seen[0][0]["id"])
        assert (await read_event(streams[0]))["type"] == "gone"
        poll = discord.Poll(question="What next?", duration=timedelta(hours=1))
        poll.add_answer(text="Heat").add_answer(text="Ronin")
        message = await bot.get_partial_messageable(preview.channels[0].id).send(poll=poll)
        await act(session, preview, "vote", message=str(message.id), answers=[2])
        await act(session, preview, "react", message=str(message.id), emoji="🍿", reacted=True)
        for stream, is_mine in zip(streams, (True, False), strict=True):
            seen_poll = await read_messages(stream, lambda each: each["reactions"])
            counts = seen_poll[-1]["poll"]["results"]["answer_counts"]
            assert [(each["id"], each["count"], each["me_voted"]) for each in counts if each["count"]] == [
                (2, 1, is_mine)
            ]
        earlier = await session.get(
            "/messages", params={"channel": str(preview.channels[0].id), "before": "9" * 19}
        )
        assert [each["content"] for each in (await earlier.json())["messages"]] == ["<@1> and 발레리나", ""]


async def read_event(stream: aiohttp.ClientResponse) -> Any:
    while not (line := await stream.content.readline()).startswith(b"data: "):
        pass
    return json.loads(line.removeprefix(b"data: "))


async def read_messages(stream: aiohttp.ClientResponse, is_last: Callable[[Any], Any]) -> list[Any]:
    """Return the messages up to the last that is waited for, as they were in the end."""
    messages: dict[str, Any] = {}
    while not any(is_last(each) for each in messages.values()):
        event = await read_event(stream)
        if event["type"] == "message":
            messages[event["message"]["id"]] = event["message"]
    return list(messages.values())
