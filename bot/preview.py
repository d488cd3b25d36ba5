"""`marquee try`: the same bot in a local web page, with a simulated Discord around it (SimCord Preview)."""

import asyncio
import contextlib
import io
import signal
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime

import discord
import simcord
from PIL import Image, ImageDraw, ImageFont
from simcord.backend.cdn import CDN_BASE
from simcord.backend.errors import SetupError

from bot.client import create_bot
from bot.films.errors import MarqueeError
from bot.services import running_services
from bot.settings import Settings

SERVER_ID = 1_100_000_000_000_000_000
MEMBERS = (("mina", "Mina", "#7C6BD6"), ("jonas", "Jonas", "#3B9C86"))
MODERATOR = ("sam", "Sam (moderator)", "#C25B6E")
FACE = "drawn"
"""Stands where Discord has the hash of a member's picture."""
TICK = 5.0
"""Seconds between two looks at the real clock, which the simulated one follows."""


class PortTakenError(MarqueeError):
    """The page's port is in use."""


async def serve(settings: Settings, port: int) -> None:
    """Show the bot in a page on 127.0.0.1 until the page is ended or the process is stopped.

    Raises PortTakenError where the port is in use, StorageUnavailableError where the database can't be opened.
    """
    database = settings.data_dir / "try.db"
    settings = replace(settings, database_url=f"sqlite+aiosqlite:///{database}", shards=1)
    stopped = _stop_signal()
    async with (
        running_services(settings) as services,
        simcord.run(marquee := create_bot(services), check_errors=False) as env,
    ):
        # Else it would look at the catalogue once for every minute that the simulated clock is behind.
        marquee.follow_catalogue.cancel()
        channel, viewers = _world(env)
        if (bot := env.bot.user) is not None:
            await bot.edit(username="Marquee")
        await _catch_up(env)
        marquee.follow_catalogue.start()
        page = env.preview(channel, viewers=viewers, layout="channel", port=port, assets=_faces(env, viewers))
        try:
            async with page as preview:
                print(f"Marquee is at {preview.url}", flush=True)
                print(f"What members do is kept in {database}. Ctrl-C stops.", flush=True)
                await _first_of(preview.wait_closed(), stopped.wait(), _follow_clock(env))
        except SetupError as error:
            if "bind" not in str(error):
                raise
            raise PortTakenError(f"Port {port} is in use: try another, with --port.") from error


def _world(env: simcord.Env) -> tuple[simcord.builders.ChannelHandle, list[simcord.actors.MemberActor]]:
    """Make the server, two members and a moderator.

    They are made before the clock is set, so that they have the same ids at every start and what is stored
    about them is found again.
    """
    server = env.create_guild("Film club", id=SERVER_ID)
    channel = server.create_text_channel("films", topic="Try /film ballerina")
    rights = discord.Permissions(manage_guild=True, manage_messages=True, moderate_members=True)
    moderators = server.create_role("Moderators", permissions=rights)
    viewers = [
        server.add_member(env.create_user(name, global_name=shown, avatar=FACE)) for name, shown, _ in MEMBERS
    ]
    name, shown, _ = MODERATOR
    user = env.create_user(name, global_name=shown, avatar=FACE)
    return channel, [*viewers, server.add_member(user, roles=[moderators])]


def _faces(env: simcord.Env, viewers: list[simcord.actors.MemberActor]) -> dict[str, tuple[str, bytes]]:
    """Give drawn stand-ins for the pictures that would come from Discord, by address."""
    faces = {
        f"{CDN_BASE}/avatars/{viewer.id}/{FACE}.png": (f"{name}.png", _face(shown[0], colour))
        for viewer, (name, shown, colour) in zip(viewers, (*MEMBERS, MODERATOR), strict=True)
    }
    if (bot := env.bot.user) is not None:
        faces[f"{CDN_BASE}/embed/avatars/{(bot.id >> 22) % 6}.png"] = ("marquee.png", _face("M", "#E0A82E"))
    return faces


def _face(letter: str, colour: str) -> bytes:
    """Draw a letter on a coloured ground, as PNG."""
    picture = Image.new("RGB", (128, 128), colour)
    ImageDraw.Draw(picture).text((64, 64), letter, "white", ImageFont.load_default(72), anchor="mm")
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


async def _catch_up(env: simcord.Env) -> None:
    """Bring the simulated clock to the real time."""
    behind = (datetime.now(UTC) - env.now()).total_seconds()
    if behind > 0:
        await env.advance_time(behind)


async def _follow_clock(env: simcord.Env) -> None:
    """Keep the simulated clock at the real time. While somebody acts, it waits for the next look."""
    while True:
        await asyncio.sleep(TICK)
        with contextlib.suppress(SetupError, TimeoutError):
            await _catch_up(env)


def _stop_signal() -> asyncio.Event:
    """Give an event that is set when the process is asked to stop."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no handlers; Ctrl-C raises there
            loop.add_signal_handler(number, stopped.set)
    return stopped


async def _first_of(*awaitables: Awaitable[object]) -> None:
    """Wait until one of them is done, and end the others."""
    tasks = [asyncio.ensure_future(each) for each in awaitables]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
