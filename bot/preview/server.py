"""`marquee try`: the bot in a local web page, with a simulated Discord around it (SimCord Preview)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import discord
import simcord
from simcord.backend.cdn import CDN_BASE
from simcord.backend.errors import SetupError

from bot.client import Marquee, create_bot
from bot.config import Settings, Shards
from bot.core.errors import MarqueeError
from bot.core.runtime import first_completed, stop_signal
from bot.preview.clock import ActionQueue, PreviewClock
from bot.preview.images import Assets, draw_avatar, draw_film_images
from bot.preview.seed_ratings import seed_ratings
from bot.services import Services, running_services
from bot.sources.tmdb.replay import ReplayServer, load_replies

SERVER_ID = 1_100_000_000_000_000_000
AVATAR_HASH = "drawn"
"""Takes the place of the hash by which Discord names a member's avatar."""
REPLAY_KEY = "0" * 32
"""A TMDB key for recorded replies, which need none."""
COMMAND_TIMEOUT = 60.0
"""Seconds after which SimCord gives a command up: a small machine may be busy."""
SECONDS_BETWEEN_NIGHTS = 10.0
"""Seconds between two runs of the nightly jobs."""


class PortTakenError(MarqueeError):
    """The page's port is in use."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A member as whom the page can be viewed."""

    user_name: str
    display_name: str
    avatar_colour: str
    is_moderator: bool = False


VIEWERS = (
    Viewer("mina", "Mina", "#7C6BD6"),
    Viewer("jonas", "Jonas", "#3B9C86"),
    Viewer("sam", "Sam (moderator)", "#C25B6E", is_moderator=True),
)


async def serve(
    settings: Settings, port: int, replay: Path | None = None, *, direct: bool = False, speed: float = 1.0
) -> None:
    """Serve the page on 127.0.0.1 until a visitor ends it or the process is stopped.

    `replay` is a folder with recorded replies of TMDB; TMDB itself is never asked. `direct` shows Mina's direct
    messages with the bot in place of the channel. Simulated time passes `speed` times as fast as real time; where
    it got ahead in an earlier run it continues from there, because the database holds what was planned then.

    Raises InvalidInputError where the folder holds no replies, PortTakenError where the port is in use,
    StorageUnavailableError where the database can't be opened.
    """
    database = settings.data_dir / "try.db"
    settings = replace(settings, database_url=f"sqlite+aiosqlite:///{database}", shards=Shards(), tmdb_token=None)
    async with contextlib.AsyncExitStack() as stack:
        stopped = stack.enter_context(stop_signal())
        services, film_images = await stack.enter_async_context(_open_services(settings, replay))
        bot = create_bot(services)
        env = simcord.Env(bot, check_errors=False, settle_timeout=COMMAND_TIMEOUT)
        channel, members = _create_server(env)
        clock = PreviewClock(env, bot, speed)
        await clock.start()
        with env.time_context():
            await seed_ratings(services, SERVER_ID, {member.user.name: member.id for member in members})
        await env.start()
        stack.push_async_callback(env.shutdown)
        bot.command_ids.clear()  # the page shows a command mention as it is written, so /help writes plain names
        if bot.user is not None:
            await bot.user.edit(username="Marquee")
        assets = _draw_avatars(env, members) | film_images
        mina = members[0].user
        place, viewed_by = (mina.dm_channel, [mina]) if direct else (channel, members)
        page = env.preview(place, viewers=viewed_by, layout="channel", port=port, assets=assets)
        with _port_errors(port):
            async with page as preview:
                print(f"Marquee is at {preview.url}", flush=True)
                print(f"What members do is kept in {database}. Ctrl-C stops.", flush=True)
                actions = ActionQueue(env, preview)
                await first_completed(
                    preview.wait_closed(),
                    stopped.wait(),
                    clock.run(actions),
                    _run_nightly_jobs(env, bot, actions),
                )


@contextlib.contextmanager
def _port_errors(port: int) -> Iterator[None]:
    """Raise PortTakenError where SimCord can't use the port."""
    try:
        yield
    except SetupError as error:
        if "bind" not in str(error):
            raise
        raise PortTakenError(f"Port {port} is in use: try another, with --port.") from error


@contextlib.asynccontextmanager
async def _open_services(settings: Settings, replay: Path | None) -> AsyncIterator[tuple[Services, Assets]]:
    """Yield the services, with a stand-in for TMDB where there are replies, and drawn images of their films."""
    async with contextlib.AsyncExitStack() as stack:
        if replay is None:
            services = await stack.enter_async_context(running_services(settings))
            film_images: Assets = {}
        else:
            replies = load_replies(replay)
            server = await stack.enter_async_context(ReplayServer(replies))
            settings = replace(settings, tmdb_token=REPLAY_KEY)
            services = await stack.enter_async_context(running_services(settings, server.url))
            film_images = draw_film_images(replies)
        yield replace(services, has_nightly_jobs=False), film_images


def _create_server(env: simcord.Env) -> tuple[simcord.builders.ChannelHandle, list[simcord.actors.MemberActor]]:
    """Create the server and its members; return its channel and the members.

    This must happen before the clock is set: ids follow from the time and must be the same at every start, so that
    what is stored about members is found again.
    """
    server = env.create_guild("Film club", id=SERVER_ID)
    channel = server.create_text_channel("films", topic="Try /film ballerina")
    permissions = discord.Permissions(manage_guild=True, manage_messages=True, moderate_members=True)
    moderators = server.create_role("Moderators", permissions=permissions)
    members = []
    for viewer in VIEWERS:
        user = env.create_user(viewer.user_name, global_name=viewer.display_name, avatar=AVATAR_HASH)
        members.append(server.add_member(user, roles=[moderators] if viewer.is_moderator else []))
    return channel, members


def _draw_avatars(env: simcord.Env, members: list[simcord.actors.MemberActor]) -> Assets:
    """Return drawn avatars of the members and the bot by the address that they have at Discord."""
    avatars = {
        f"{CDN_BASE}/avatars/{member.id}/{AVATAR_HASH}.png": (
            f"{viewer.user_name}.png",
            draw_avatar(viewer.display_name[0], viewer.avatar_colour),
        )
        for member, viewer in zip(members, VIEWERS, strict=True)
    }
    if (bot := env.bot.user) is not None:
        default_avatar = f"{CDN_BASE}/embed/avatars/{(bot.id >> 22) % 6}.png"
        avatars[default_avatar] = ("marquee.png", draw_avatar("M", "#E0A82E"))
    return avatars


async def _run_nightly_jobs(env: simcord.Env, bot: Marquee, actions: ActionQueue) -> None:
    """Run the nightly jobs every few seconds, and show their results in the page."""

    async def run_once() -> None:
        with env.time_context():
            bot.dispatch("preview_night")
        await env.settle()

    while True:
        await asyncio.sleep(SECONDS_BETWEEN_NIGHTS)
        await actions.run(run_once)
