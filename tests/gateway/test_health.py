"""A supervisor learns whether the bot works: over HTTP on loopback, and from `marquee health`."""

import asyncio
from pathlib import Path

import aiohttp

from tests.command_line import marquee
from tests.gateway.bot_process import running_bot
from tests.gateway.standin import TIMEOUT, Connection, StandIn
from tests.postgres import find_free_port


async def _stay_silent(connection: Connection) -> None:
    """Never say HELLO."""


async def _wait_for_status(url: str, status: int) -> dict[str, bool]:
    async with aiohttp.ClientSession() as session, asyncio.timeout(TIMEOUT):
        while True:
            try:
                async with session.get(url) as response:
                    if response.status == status:
                        return dict(await response.json())
            except aiohttp.ClientConnectionError:
                pass  # it is not listening yet
            await asyncio.sleep(0.05)


async def test_a_bot_says_whether_members_are_served(discord_standin: StandIn, data_folder: Path) -> None:
    port = find_free_port()
    url = f"http://127.0.0.1:{port}/readyz"

    async def ask() -> tuple[int, str]:
        done = await asyncio.to_thread(
            marquee, "health", folder=data_folder, HEALTH_PORT=str(port), LOG_LEVEL="ERROR"
        )
        return done.returncode, done.stdout

    async with running_bot(discord_standin, data_folder, HEALTH_PORT=str(port)) as bot:
        working = await _wait_for_status(url, 200)
        assert working == {"gateway": True, "database": True, "catalogue": True}
        assert await ask() == (0, "gateway: good\ndatabase: good\ncatalogue: good\n")
        # The process is alive while Discord is not there, but members are not served.
        discord_standin.on_connect = _stay_silent
        await discord_standin.connections[-1].close(4000)
        assert (await _wait_for_status(url, 503))["gateway"] is False
        code, output = await ask()
        assert code == 1
        assert output.startswith("gateway: not good\ndatabase: good")
        assert (await bot.stop(), bot.log)[1] == ""
    assert await ask() == (1, f"the bot doesn't answer on port {port}\n")
    unset = await asyncio.to_thread(marquee, "health", folder=data_folder)
    assert unset.returncode == 2
    assert "HEALTH_PORT is not set" in unset.stderr
