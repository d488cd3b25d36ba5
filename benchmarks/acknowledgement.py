"""Measures how long an acknowledgement takes when many use the bot at once, beside a bare discord.py bot.

    python -m benchmarks.acknowledgement

`marquee run` and a bot whose one command replies at once are connected to a stand-in for Discord, one after the
other. Each gets mixed interactions of as many members (look-ups, ratings, watchlists, buttons) within one second.
The time is taken from sending an interaction over the gateway to its callback request.
"""

import asyncio
import itertools
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from aiohttp import web

from tests.command_line import PROCESSES
from tests.gateway.bot_process import running_bot
from tests.gateway.standin import TOKEN, Interaction, StandIn

COUNTS = (200, 700)
"""Interactions in the one second."""
PATIENCE = 30.0
FILMS = ("burning-2018", "parasite-2019", "oldboy-2003", "ballerina-2023", "heat-1995", "stalker-1979", "up-2009")


class Stopwatch:
    """Takes the time of each interaction's first callback request."""

    def __init__(self, discord: StandIn) -> None:
        self.acknowledged_at: dict[str, float] = {}
        discord.on_request = self._note

    async def _note(self, request: web.Request) -> web.StreamResponse | None:
        if request.path.endswith("/callback"):
            self.acknowledged_at.setdefault(request.path.split("/")[-2], time.perf_counter())
        return None


async def send_mixed(discord: StandIn, number: int) -> Interaction:
    """Send one of the mixed interactions."""
    film = FILMS[number % len(FILMS)]
    match number % 8:
        case 0 | 1 | 2:
            return await discord.slash("film", title=film)
        case 3 | 4:
            return await discord.slash("rate", film=film, stars="4")
        case 5:
            return await discord.slash("watchlist add", film=film)
        case 6:
            return await discord.press(f"v1:watch:{film}")
        case _:
            return await discord.press(f"v1:read:{film}")


async def send_bare(discord: StandIn, number: int) -> Interaction:
    """Send the bare bot's command."""
    return await discord.slash("bare", title=FILMS[number % len(FILMS)])


async def measure(discord: StandIn, send: Any, count: int) -> list[float]:
    """Return the seconds to the acknowledgement of each interaction; those without one count as PATIENCE."""
    watch = Stopwatch(discord)
    discord.member_ids = map(str, itertools.count(10_000))
    sent: dict[str, float] = {}
    interactions = []
    start = time.perf_counter()
    for number in range(count):
        await asyncio.sleep(max(0.0, start + number / count - time.perf_counter()))
        interaction = await send(discord, number)
        sent[interaction.token] = time.perf_counter()
        interactions.append(interaction)
    waits = [asyncio.create_task(interaction.is_acknowledged.wait()) for interaction in interactions]
    _, late = await asyncio.wait(waits, timeout=PATIENCE)
    for wait in late:
        wait.cancel()
    return [watch.acknowledged_at.get(token, at + PATIENCE) - at for token, at in sent.items()]


@asynccontextmanager
async def bare_bot(discord: StandIn) -> AsyncIterator[None]:
    """Run the bare bot."""
    process = PROCESSES.Process(target=_run_bare, args=(discord.url,))
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def _run_bare(url: str) -> NoReturn:
    os.environ.pop("DATABASE_URL", None)
    import discord
    import yarl
    from discord import app_commands

    discord.http.Route.BASE = f"{url}/api"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"{url}/gateway".replace("http", "ws"))
    client = discord.Client(intents=discord.Intents(guilds=True))
    tree = app_commands.CommandTree(client)

    @tree.command()
    async def bare(interaction: discord.Interaction[Any], title: str) -> None:
        """Reply with a constant embed as large as a card."""
        embed = discord.Embed(title=title, description="x" * 150)
        for name in "abcdefgh":
            embed.add_field(name=name, value="y" * 20)
        await interaction.response.send_message(embed=embed)

    client.run(TOKEN, log_handler=None)
    sys.exit(0)


def describe(seconds: list[float]) -> str:
    """Return the percentiles of the seconds, and how many are within three seconds."""
    p50, p99 = np.percentile(seconds, (50, 99))
    return f"p50 {p50:.2f} s, p99 {p99:.2f} s, within 3 s {sum(each <= 3 for each in seconds)} of {len(seconds)}"


async def main() -> None:
    """Print the figures."""
    for count in COUNTS:
        async with StandIn().run() as discord, bare_bot(discord):
            await discord.wait_until_ready()
            await asyncio.sleep(1)
            print(
                f"{count} in a second, bare:    {describe(await measure(discord, send_bare, count))}", flush=True
            )
        with tempfile.TemporaryDirectory() as folder:
            async with StandIn().run() as discord, running_bot(discord, Path(folder)):
                await discord.wait_until_ready()
                await measure(discord, send_mixed, 20)
                print(
                    f"{count} in a second, Marquee: {describe(await measure(discord, send_mixed, count))}",
                    flush=True,
                )


if __name__ == "__main__":
    asyncio.run(main())
