"""A supervisor learns whether the bot works: over HTTP on loopback, and from `marquee health`."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp

from bot.core.jobs import Job
from bot.health import is_fresh
from bot.nights.models import NightJobName
from bot.nights.service import NightScheduler
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


def _check_dashboard(metrics: str) -> None:
    """Every metric that the dashboard shows exists."""
    names = set()
    for name, kind in re.findall(r"(?m)^# TYPE (\w+) (\w+)$", metrics):
        names |= {f"{name}_{part}" for part in ("bucket", "sum", "count")} if kind == "histogram" else {name}
    dashboard = (ROOT / "deploy" / "grafana-dashboard.json").read_text(encoding="utf-8")
    shown = set(re.findall(r"\b(?:marquee|process)_[a-z_]+", dashboard))
    assert len(shown) > 10
    assert shown - names == set()


def test_a_heartbeat_that_is_not_confirmed_is_no_life() -> None:
    def beat(sent: float, confirmed: float) -> Any:
        return SimpleNamespace(_last_send=sent, _last_ack=confirmed)

    assert is_fresh(beat(100.0, 100.2), now=140.0)
    assert is_fresh(beat(141.0, 100.2), now=150.0)
    assert not is_fresh(beat(141.0, 100.2), now=151.5)


async def test_how_late_a_job_is_is_told_without_whom_it_is_for() -> None:
    class Repository:
        async def claim_job(self, server_id: int, now: datetime, token: str) -> Any:
            due_at = now - timedelta(seconds=90)
            return Job(1, server_id, NightJobName("direct:60:123456789"), 7, token, now, due_at)

    repository: Any = Repository()
    scheduler = NightScheduler(repository, lambda: datetime(2026, 1, 1, tzinfo=UTC))
    seen: list[tuple[str, float]] = []
    scheduler.observers.append(lambda job, seconds: seen.append((job, seconds)))
    assert await scheduler.claim_job(1) is not None
    assert seen == [("direct", 90.0)]


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
        for kind, count in (("application_command", 2), ("component", 1)):
            assert f'marquee_acknowledgement_seconds_count{{kind="{kind}"}} {count}.0' in metrics
        # Logging in, the commands' sync, three callbacks, and what follows upon some of them.
        assert int(float(re.findall(r'marquee_discord_requests_total{status="200"} (.+)', metrics)[0])) >= 6
        assert re.search(r'marquee_database_seconds_count{operation="read"} [1-9]', metrics)
        assert re.search(r'marquee_database_seconds_count{operation="write"} [1-9]', metrics)
        assert re.search(r"marquee_database_wait_seconds_count [1-9]", metrics)
        assert re.search(r'marquee_cache_requests_total{cache="films",result="miss"} [1-9]', metrics)
        assert re.search(r'marquee_build_info{discord_py="[0-9.]+",version="[0-9.]+"} 1.0', metrics)
        _check_dashboard(metrics)
        assert "secret" not in metrics
        # No label has an id, or anything else that tells members and servers apart.
        labels = {value for name, value in re.findall(r'(\w+)="([^"]*)"', metrics) if name not in ("le", "shard")}
        assert {each for each in labels if re.search("[0-9]{4}", each)} == set()
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
