"""`marquee try`: the same bot in a local web page, with a simulated Discord around it (SimCord Preview)."""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import replace
from pathlib import Path

import discord
import simcord
from PIL import Image, ImageDraw, ImageFont
from simcord.backend.cdn import CDN_BASE
from simcord.backend.errors import SetupError

from bot.client import Marquee, create_bot
from bot.config import Settings, Shards
from bot.core.errors import MarqueeError
from bot.core.runtime import first_completed, stop_signal
from bot.preview.clock import PreviewClock
from bot.preview.pictures import Assets, stand_ins
from bot.preview.ratings import give
from bot.preview.turns import Turns
from bot.services import Services, running_services
from bot.sources.tmdb.replay import ReplayServer, load_replies

SERVER_ID = 1_100_000_000_000_000_000
MEMBERS = (("mina", "Mina", "#7C6BD6"), ("jonas", "Jonas", "#3B9C86"))
MODERATOR = ("sam", "Sam (moderator)", "#C25B6E")
FACE = "drawn"
"""Stands where Discord has the hash of a member's picture."""
REPLAY_KEY = "0" * 32
"""A key for recorded replies, which ask for none."""
PATIENCE = 60.0
"""Seconds that a command may take there before it is given up: a small machine may be busy."""
NIGHT = 10.0
"""Seconds that stand for a night between two checks of alerts, where replies are recorded."""


class PortTakenError(MarqueeError):
    """The page's port is in use."""


async def serve(
    settings: Settings, port: int, replay: Path | None = None, *, direct: bool = False, speed: float = 1.0
) -> None:
    """Show the bot in a page on 127.0.0.1 until the page is ended or the process is stopped.

    `replay` is a folder with replies in TMDB's place; TMDB itself is not asked. `direct` shows Mina's direct
    messages with the bot in place of the channel. Time there goes `speed` times faster; where it went ahead
    before, it goes on from there, since what was planned and announced is kept.

    Raises InvalidInputError where the folder holds no replies, PortTakenError where the port is in use,
    StorageUnavailableError where the database can't be opened.
    """
    database = settings.data_dir / "try.db"
    settings = replace(settings, database_url=f"sqlite+aiosqlite:///{database}", shards=Shards(), tmdb_token=None)
    async with contextlib.AsyncExitStack() as running:
        stopped = running.enter_context(stop_signal())
        services, drawn = await running.enter_async_context(_services(settings, replay))
        bot = create_bot(services)
        env = simcord.Env(bot, check_errors=False, settle_timeout=PATIENCE)
        channel, viewers = _world(env)
        clock = PreviewClock(env, bot, speed)
        await clock.start()
        with env.time_context():
            await give(services, SERVER_ID, {viewer.user.name: viewer.id for viewer in viewers})
        await env.start()
        running.push_async_callback(env.shutdown)
        bot.command_ids.clear()  # the page shows commands' ids as they are written, so /help names them without
        if bot.user is not None:
            await bot.user.edit(username="Marquee")
        assets = _faces(env, viewers) | drawn
        mina = viewers[0].user
        place, seen_by = (mina.dm_channel, [mina]) if direct else (channel, viewers)
        page = env.preview(place, viewers=seen_by, layout="channel", port=port, assets=assets)
        with _port(port):
            async with page as preview:
                print(f"Marquee is at {preview.url}", flush=True)
                print(f"What members do is kept in {database}. Ctrl-C stops.", flush=True)
                await first_completed(preview.wait_closed(), stopped.wait(), *_going(env, bot, clock, preview))


@contextlib.contextmanager
def _port(port: int) -> Iterator[None]:
    """Raise PortTakenError where a page can't be had at the port."""
    try:
        yield
    except SetupError as error:
        if "bind" not in str(error):
            raise
        raise PortTakenError(f"Port {port} is in use: try another, with --port.") from error


def _going(
    env: simcord.Env, bot: Marquee, clock: PreviewClock, preview: simcord.Preview
) -> tuple[Awaitable[object], ...]:
    """Give what goes on as long as the page is open: time passes, and the page follows."""
    turns = Turns(env, preview)
    return clock.follow(turns), _pass_nights(env, bot, turns)


@contextlib.asynccontextmanager
async def _services(settings: Settings, replay: Path | None) -> AsyncIterator[tuple[Services, Assets]]:
    """Open the services, with recorded replies in TMDB's place where there are any, and drawn pictures."""
    if replay is None:
        async with running_services(settings) as services:
            yield replace(services, periodic=False), {}
        return
    replies = load_replies(replay)
    async with ReplayServer(replies) as server:
        settings = replace(settings, tmdb_token=REPLAY_KEY)
        async with running_services(settings, server.url) as services:
            yield replace(services, periodic=False), stand_ins(replies)


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


async def _pass_nights(env: simcord.Env, bot: Marquee, turns: Turns) -> None:
    """Let what is done nightly be done every few seconds, and show the page what came of it."""

    async def night() -> None:
        with env.time_context():
            bot.dispatch("marquee_night")
        await env.settle()

    while True:
        await asyncio.sleep(NIGHT)
        await turns.take(night)
