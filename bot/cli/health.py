"""`marquee health`: asks the running bot whether it works, for a container's health check."""

import argparse
import asyncio
import json
from http.client import HTTPConnection, HTTPException

from bot.cli import CannotRunError, ExitCode
from bot.config import HEALTH_HOST, Settings
from bot.core.text.i18n import _, gettext_noop

CHECK_LABELS = {
    # Translators: the connection to Discord, in the command line's answer whether the bot works
    "gateway": gettext_noop("gateway"),
    "database": gettext_noop("database"),
    "catalogue": gettext_noop("catalogue"),
}
"""What the bot checks, by its name in the answer of /readyz."""
TIMEOUT = 4.0
"""Seconds that an answer may take."""


async def health(settings: Settings, _arguments: argparse.Namespace) -> ExitCode:
    """Print what works and what does not; return PARTIAL if anything does not, or if the bot doesn't answer.

    Raises CannotRunError where no port is set.
    """
    if settings.health_port is None:
        raise CannotRunError(_("HEALTH_PORT isn't set. Set it to a port on 127.0.0.1 and restart the bot."))
    try:
        checks = await asyncio.to_thread(_ask, settings.health_port)
    except (OSError, HTTPException, TypeError, ValueError):
        print(_("The bot doesn't answer on port {port}.").format(port=settings.health_port))
        return ExitCode.PARTIAL
    for name, is_good in checks.items():
        label = _(CHECK_LABELS[name]) if name in CHECK_LABELS else name
        print(_("{check}: OK").format(check=label) if is_good else _("{check}: failing").format(check=label))
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
