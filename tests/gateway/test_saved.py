"""Whoever's change is stored reads that it is, though the reply about it fails."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.gateway.bot_process import running_bot
from tests.gateway.standin import DEFERRED, TIMEOUT, Interaction, StandIn, read_body, reply

FILM = "ballerina-2023"
SAVED = "Your change is saved"
CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("rate", {"film": FILM, "stars": "4"}),
    ("watchlist add", {"film": "burning-2018"}),
    ("watchlist remove", {"film": "burning-2018"}),
    ("me country", {"country": "Finland"}),
    ("mydata hide", {"hidden": True}),
    ("mydata diary", {"public": True}),
    ("mydata learning", {"shared": True}),
    ("settings country", {"country": "Finland"}),
    ("settings learning", {"shared": True}),
    ("settings words", {"words": "spoilsport"}),
    ("pick add", {"film": FILM}),
    ("pick series create", {"name": "Korean thrillers"}),
    ("suggest", {"film": "burning-2018", "why": "Fits"}),
    ("night plan", {"name": "Friday", "when": "in 3 days"}),
    ("night nominate", {"film": FILM}),
    ("night edit", {"place": "Here"}),
]
"""Commands with their options."""
PRESSES = (
    f"v1:like:{FILM}:0",
    f"v1:review-delete:{FILM}",
    f"v1:watch:{FILM}",
    f"v1:unwatch:{FILM}",
    f"v1:refuse:{FILM}",
    f"v1:readmit:{FILM}",
    "v1:night-rsvp:1:yes",
    "v1:night-direct:1:on",
    "v1:mydata-delete",
)
"""Buttons, by their custom_ids."""
REVIEW = "Fast, loud and short."


@dataclass
class Faults:
    """Makes requests that show a member something fail; an acknowledgement alone passes."""

    count: int
    fail: Callable[[web.Request], Awaitable[web.StreamResponse]]

    async def __call__(self, request: web.Request) -> web.StreamResponse | None:
        is_callback = request.path.endswith("/callback")
        if not self.count or not (is_callback or "/webhooks/" in request.path):
            return None
        if is_callback and (await read_body(request))["type"] in DEFERRED:
            return None
        self.count -= 1
        return await self.fail(request)


async def _refuse(_request: web.Request) -> web.StreamResponse:
    return reply({"message": "Invalid Form Body", "code": 50035}, 400)


async def _reset(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _change_all(discord: StandIn) -> dict[str, Interaction]:
    """Let the member change everything there is to change, each time with one reply that fails."""
    done: dict[str, Interaction] = {}
    for command, options in CHANGES:
        discord.on_request = Faults(1, _refuse)
        done[command] = await discord.slash(command, **options)
        await done[command].answered()
    discord.on_request = Faults(1, _refuse)
    done["review"] = await discord.submit(f"v1:rating:{FILM}", stars="8", review=REVIEW)
    await done["review"].answered()
    for custom_id in PRESSES:
        discord.on_request = Faults(1, _refuse)
        done[custom_id] = await discord.press(custom_id)
        await done[custom_id].answered()
    return done


async def test_a_change_whose_reply_fails_is_told_as_saved(discord_standin: StandIn, data_folder: Path) -> None:
    async with running_bot(discord_standin, data_folder) as bot:
        await discord_standin.wait_until_ready()
        done = await _change_all(discord_standin)
        assert {name: each.texts for name, each in done.items() if SAVED not in each.texts} == {}
        assert REVIEW not in done["review"].texts  # whoever gets it back would post it again
        assert bot.log.count("HTTPException (status 400, code 50035)") == len(done)


async def test_whatever_saves_is_acknowledged_before(discord_standin: StandIn, data_folder: Path) -> None:
    async with running_bot(discord_standin, data_folder):
        await discord_standin.wait_until_ready()
        other = sqlite3.connect(data_folder / "marquee.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")  # nobody else can write now
        sent = {command: await discord_standin.slash(command, **options) for command, options in CHANGES}
        sent["review"] = await discord_standin.submit(f"v1:rating:{FILM}", stars="8", review=REVIEW)
        sent |= {custom_id: await discord_standin.press(custom_id) for custom_id in PRESSES}
        for interaction in sent.values():
            await asyncio.wait_for(interaction.is_acknowledged.wait(), TIMEOUT)
        assert {name for name, each in sent.items() if not each.is_thinking} == set()
        other.execute("ROLLBACK")
        other.close()
        for interaction in sent.values():
            await interaction.answered()


@pytest.mark.parametrize(
    ("command", "options"),
    [("help", {}), ("film", {"title": FILM}), ("diary", {}), ("ask", {"question": "a comedy"})],
)
async def test_what_changes_nothing_is_not_told_as_saved(
    discord_standin: StandIn, data_folder: Path, command: str, options: dict[str, Any]
) -> None:
    async with running_bot(discord_standin, data_folder):
        await discord_standin.wait_until_ready()
        discord_standin.on_request = Faults(1, _refuse)
        answer = await (await discord_standin.slash(command, **options)).answered()
        assert "Something went wrong" in answer


async def test_connections_that_break_are_survived(discord_standin: StandIn, data_folder: Path) -> None:
    async with running_bot(discord_standin, data_folder) as bot:
        await discord_standin.wait_until_ready()
        # The reply and the first error reply break.
        discord_standin.on_request = Faults(2, _reset)
        rating = await discord_standin.slash("rate", film=FILM, stars="4")
        assert SAVED in await rating.answered()
        # Every reply breaks: nothing is left but to log it.
        faults = discord_standin.on_request = Faults(99, _reset)
        await discord_standin.slash("rate", film=FILM, stars="3")
        await bot.wait_for_log("the error reply failed")
        assert faults.count < 99
        discord_standin.on_request = None
        await (await discord_standin.slash("help")).answered()
        assert (await bot.stop())[0] == 0
        assert "never retrieved" not in bot.log
