"""`marquee health`: asks the running bot whether it works, for a container's health check."""

import argparse
import json

import aiohttp

from bot.cli import CannotRunError, ExitCode
from bot.config import HEALTH_HOST, Settings
from bot.core.text.i18n import _

TIMEOUT = aiohttp.ClientTimeout(total=4.0)


async def health(settings: Settings, _arguments: argparse.Namespace) -> ExitCode:
    """Print what works and what does not; return PARTIAL if anything does not, or if the bot doesn't answer.

    Raises CannotRunError where no port is set.
    """
    if settings.health_port is None:
        raise CannotRunError(_("HEALTH_PORT isn't set. Set it to a port on 127.0.0.1 and restart the bot."))
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as session,
            session.get(f"http://{HEALTH_HOST}:{settings.health_port}/readyz") as response,
        ):
            checks = json.loads(await response.text())
    except (aiohttp.ClientError, TimeoutError, ValueError):
        print(_("The bot doesn't answer on port {port}.").format(port=settings.health_port))
        return ExitCode.PARTIAL
    for name, is_good in checks.items():
        print(f"{name}: {_('OK') if is_good else _('failing')}")
    return ExitCode.SUCCESS if all(checks.values()) else ExitCode.PARTIAL
