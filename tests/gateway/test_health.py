"""A supervisor learns whether the bot works: over HTTP on loopback, and from `marquee health`."""

import asyncio
import re
from pathlib import Path

import aiohttp

from tests.command_line import marquee
from tests.gateway.bot_process import running_bot
from tests.gateway.standin import SERVER_ID, TIMEOUT, Connection, StandIn
from tests.postgres import find_free_port

ROOT = Path(__file__).parents[2]


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


async def read_metrics(url: str) -> str:
    """Return the metrics once three interactions are counted: that comes right after their answers."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(TIMEOUT):
        while True:
            async with session.get(url) as response:
                text = await response.text()
            counts = re.findall(r"(?m)^marquee_interactions_total{.*} (.+)$", text)
            if sum(map(float, counts)) >= 3:
                return text
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
        assert await ask() == (0, "gateway: OK\ndatabase: OK\ncatalogue: OK\n")
        await (await discord_standin.slash("help")).answered()
        await (await discord_standin.slash("rate", film="ballerina-2023", stars="secret-words")).answered()
        await (await discord_standin.press("v1:watch:ballerina-2023")).answered()
        metrics = await read_metrics(f"http://127.0.0.1:{port}/metrics")
        for command, outcome in (("help", "answered"), ("rate", "refused")):
            labels = f'{{command="{command}",kind="application_command",outcome="{outcome}"}}'
            assert f"marquee_interactions_total{labels} 1.0" in metrics
        assert 'marquee_interactions_total{command="",kind="component",outcome="answered"} 1.0' in metrics
        assert 'marquee_interaction_seconds_count{kind="application_command"} 2.0' in metrics
        assert 'marquee_gateway_connections_total{kind="connected",shard="0"} 1.0' in metrics
        assert 'marquee_gateway_latency_seconds{shard="0"}' in metrics
        assert "marquee_servers 1.0" in metrics
        dashboard = (ROOT / "deploy" / "grafana-dashboard.json").read_text(encoding="utf-8")
        shown = set(re.findall(r"marquee_[a-z_]+", dashboard)) - {"marquee_tmdb_requests_total"}  # without a key
        assert {name for name in shown if f"\n{name}" not in metrics} == set()
        assert "secret" not in metrics
        assert SERVER_ID not in metrics
        # The process is alive while Discord is not there, but members are not served.
        discord_standin.on_connect = _stay_silent
        await discord_standin.connections[-1].close(4000)
        assert (await _wait_for_status(url, 503))["gateway"] is False
        code, output = await ask()
        assert code == 1
        assert output.startswith("gateway: failing\ndatabase: OK")
        assert (await bot.stop(), bot.log)[1] == ""
    assert await ask() == (1, f"The bot doesn't answer on port {port}.\n")
    unset = await asyncio.to_thread(marquee, "health", folder=data_folder)
    assert unset.returncode == 2
    assert "HEALTH_PORT isn't set" in unset.stderr
