"""`marquee health`: asks the running bot whether it works, for a container's health check."""

import argparse
import asyncio
import json
from http.client import HTTPConnection, HTTPException

from bot.cli import CannotRunError, ExitCode
from bot.config import HEALTH_HOST, Settings

TIMEOUT = 4.0
"""Seconds that an answer may take."""


async def health(settings: Settings, _arguments: argparse.Namespace) -> ExitCode:
    """Print what works and what does not; return PARTIAL if anything does not, or if the bot doesn't answer.

    Raises CannotRunError where no port is set.
    """
    if settings.health_port is None:
        raise CannotRunError("HEALTH_PORT isn't set. Set it to a port on 127.0.0.1 and restart the bot.")
    try:
        checks = await asyncio.to_thread(_ask, settings.health_port)
    except (OSError, HTTPException, TypeError, ValueError):
        print(f"The bot doesn't answer on port {settings.health_port}.")
        return ExitCode.PARTIAL
    for name, is_good in checks.items():
        print(f"{name}: {'OK' if is_good else 'failing'}")
    return ExitCode.SUCCESS if all(checks.values()) else ExitCode.PARTIAL


def _ask(port: int) -> dict[str, bool]:
    """Return for each thing that members need whether it works.

    It runs every half minute for as long as a container does: the standard library is loaded sooner than aiohttp.
    """
    connection = HTTPConnection(HEALTH_HOST, port, timeout=TIMEOUT)
    try:
        connection.request("GET", "/readyz")
        return dict(json.loads(connection.getresponse().read()))
    finally:
        connection.close()
