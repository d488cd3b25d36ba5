"""`marquee try`: the same bot in a local web page, with a simulated Discord around it (SimCord Preview)."""

import asyncio
import contextlib
import io
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import discord
import simcord
from PIL import Image, ImageDraw, ImageFont
from simcord.backend.cdn import CDN_BASE
from simcord.backend.errors import SetupError

from bot.client import create_bot
from bot.films.errors import MarqueeError
from bot.services import running_services
from bot.settings import Settings
from bot.storage.facts import FactStore

SERVER_ID = 1_100_000_000_000_000_000
MEMBERS = (("mina", "Mina", "#7C6BD6"), ("jonas", "Jonas", "#3B9C86"))
MODERATOR = ("sam", "Sam (moderator)", "#C25B6E")
FACE = "drawn"
"""Stands where Discord has the hash of a member's picture."""
TICK, FAST_TICK = 5.0, 1.0
"""Seconds between two looks at the real clock, which the simulated one follows, or outruns."""
CLOCK_FACT = "try clock"


class PortTakenError(MarqueeError):
    """The page's port is in use."""


async def serve(settings: Settings, port: int, speed: float = 1.0) -> None:
    """Show the bot in a page on 127.0.0.1 until the page is ended or the process is stopped.

    Time there goes `speed` times faster. Where it went ahead before, it goes on from there: what is planned and
    what has been announced is kept, and would not fit an earlier time.

    Raises PortTakenError where the port is in use, StorageUnavailableError where the database can't be opened.
    """
    database = settings.data_dir / "try.db"
    settings = replace(settings, database_url=f"sqlite+aiosqlite:///{database}", shards=1)
    stopped = _stop_signal()
    async with running_services(settings) as services, AsyncExitStack() as running:
        bot = create_bot(services)
        # Nobody else has this database: what looks for others' changes need not look at every minute of that time.
        services.pick_clock.longest_wait = timedelta(days=3_660)
        bot.follow_catalogue.change_interval(minutes=speed)
        env = simcord.Env(bot, check_errors=False)
        channel, viewers = _world(env)
        clock = _Clock(env, FactStore(services.database), speed)
        await clock.start()
        await env.start()
        running.push_async_callback(env.shutdown)
        if bot.user is not None:
            await bot.user.edit(username="Marquee")
        page = env.preview(channel, viewers=viewers, layout="channel", port=port, assets=_faces(env, viewers))
        try:
            async with page as preview:
                print(f"Marquee is at {preview.url}", flush=True)
                print(f"What members do is kept in {database}. Ctrl-C stops.", flush=True)
                await _first_of(preview.wait_closed(), stopped.wait(), clock.follow(preview.refresh))
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


class _Clock:
    """The simulated clock, which follows the real one, or outruns it."""

    def __init__(self, env: simcord.Env, facts: FactStore, speed: float) -> None:
        self._env = env
        self._facts = facts
        self._speed = speed
        self._began = self._began_there = datetime.now(UTC)

    async def start(self) -> None:
        """Set the clock to the real time, or to where it was where that is later, before the bot starts.

        A bot that was there already would live through all that time, minute by minute.
        """
        shown = await self._facts.get(CLOCK_FACT)
        if shown is not None:
            self._began_there = max(self._began_there, datetime.fromisoformat(shown))
        self._env.backend.advance_clock(self._behind())

    async def follow(self, refresh: Callable[[], Awaitable[None]]) -> None:
        """Keep the clock going, and `refresh` the page where the bot did something. Who acts is waited for."""
        while True:
            await asyncio.sleep(TICK if self._speed == 1 else FAST_TICK)
            with contextlib.suppress(SetupError, TimeoutError):
                done = len(self._env.http_requests)
                await self._catch_up()
                if len(self._env.http_requests) > done:
                    await refresh()
            if self._speed > 1:
                await self._facts.put(CLOCK_FACT, self._env.now().isoformat())

    async def _catch_up(self) -> None:
        await self._env.advance_time(self._behind())

    def _behind(self) -> float:
        """Give the seconds by which the simulated clock is behind."""
        there = self._began_there + (datetime.now(UTC) - self._began) * self._speed
        return max(0.0, (there - self._env.now()).total_seconds())


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
