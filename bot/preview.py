"""`marquee try`: the same bot in a local web page, with a simulated Discord around it (SimCord Preview)."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime

import discord
import simcord
from simcord.backend.errors import SetupError

from bot.client import create_bot
from bot.films.errors import MarqueeError
from bot.services import running_services
from bot.settings import Settings

SERVER_ID = 1_100_000_000_000_000_000
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
    async with (
        running_services(settings) as services,
        simcord.run(create_bot(services), check_errors=False) as env,
    ):
        channel, viewers = _world(env)
        await _catch_up(env)
        try:
            async with env.preview(channel, viewers=viewers, layout="channel", port=port) as preview:
                print(f"Marquee is at {preview.url}", flush=True)
                print(f"What members do is kept in {database}. Ctrl-C stops.", flush=True)
                await _until_stopped(preview.wait_closed(), _follow_clock(env))
        except OSError as error:
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
    return channel, [
        server.add_member(env.create_user("mina", global_name="Mina")),
        server.add_member(env.create_user("jonas", global_name="Jonas")),
        server.add_member(env.create_user("sam", global_name="Sam (moderator)"), roles=[moderators]),
    ]


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


async def _until_stopped(closed: Awaitable[None], beside: Awaitable[None]) -> None:
    """Wait until `closed` is done or the process is asked to stop, with `beside` running meanwhile."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no handlers; Ctrl-C raises there
            loop.add_signal_handler(number, stopped.set)
    tasks = [asyncio.ensure_future(each) for each in (closed, stopped.wait(), beside)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
