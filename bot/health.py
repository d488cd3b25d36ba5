"""Whether the bot works, for supervisors: an HTTP server on loopback with /healthz, /readyz and /metrics."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
from aiohttp import web
from discord.gateway import KeepAliveHandler
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import select, text

from bot.client import Marquee
from bot.config import HEALTH_HOST, SettingsError
from bot.core.errors import StorageUnavailableError
from bot.core.text.i18n import _
from bot.metrics import Metrics

DATABASE_SECONDS = 2.0
"""How long the database may take to answer."""
ACKNOWLEDGEMENT_SECONDS = 10.0
"""How long Discord may take to confirm a heartbeat; it takes a fraction of a second, and 60 end the connection."""
_ANSWER = select(text("1"))


class Health:
    """Follows the bot's shards, and checks what members need."""

    def __init__(self, bot: Marquee) -> None:
        self._bot = bot
        self._disconnected: set[int] = set()
        for event, change in (
            ("on_shard_connect", self._disconnected.discard),
            ("on_shard_resumed", self._disconnected.discard),
            ("on_shard_disconnect", self._disconnected.add),
        ):
            bot.add_listener(_as_listener(change), event)

    async def check(self) -> dict[str, bool]:
        """Return for each thing that members need whether it works."""
        is_ready = self._bot.is_ready() and not self._bot.is_closed()
        return {
            "gateway": is_ready and not self._disconnected and all(map(_is_alive, self._bot.shards.values())),
            "database": await self._does_database_answer(),
            "catalogue": len(self._bot.services.films.index) > 0,
        }

    async def _does_database_answer(self) -> bool:
        try:
            async with asyncio.timeout(DATABASE_SECONDS):
                await self._bot.services.database.fetch_all(_ANSWER)
        except (StorageUnavailableError, TimeoutError):
            return False
        return True


def _as_listener(change: Any) -> Any:
    async def listen(shard_id: int) -> None:
        change(shard_id)

    return listen


def _is_alive(shard: discord.ShardInfo) -> bool:
    """Return whether the shard is connected and Discord has confirmed its heartbeats."""
    # discord.py tells the latency of the last heartbeat that was confirmed, but not whether one is missing.
    heartbeat = shard._parent.ws._keep_alive
    return not shard.is_closed() and heartbeat is not None and is_fresh(heartbeat, time.perf_counter())


def is_fresh(heartbeat: KeepAliveHandler, now: float) -> bool:
    """Return whether the last heartbeat was confirmed, or was sent only just now."""
    return heartbeat._last_ack >= heartbeat._last_send or now - heartbeat._last_send < ACKNOWLEDGEMENT_SECONDS


@asynccontextmanager
async def health_server(bot: Marquee, port: int) -> AsyncIterator[None]:
    """Answer on that port of loopback inside the block.

    /healthz says that the process runs, /readyz with status 200 or 503 whether members are served, /metrics what
    Prometheus reads. Raises SettingsError where the port is taken.
    """
    health, metrics = Health(bot), Metrics(bot)

    async def readiness(_: web.Request) -> web.Response:
        checks = await health.check()
        return web.json_response(checks, status=200 if all(checks.values()) else 503)

    async def liveness(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def measurements(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.add_routes(
        [web.get("/healthz", liveness), web.get("/readyz", readiness), web.get("/metrics", measurements)]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, HEALTH_HOST, port).start()
        except OSError as error:
            raise SettingsError(
                _("HEALTH_PORT is {port}, which another program uses.").format(port=port)
            ) from error
        yield
    finally:
        await runner.cleanup()
