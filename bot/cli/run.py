"""`marquee run`: the bot on Discord."""

import argparse
import asyncio
import gc
import logging
import os
import traceback
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from typing import Any

import aiohttp
import discord

from bot.backups import daily_backups
from bot.cli import CannotRunError, ExitCode, require_token
from bot.client import Marquee, connect_to_standin, create_bot
from bot.config import Settings, SettingsError
from bot.core.database.engine import storage_failures
from bot.core.discord import utcnow
from bot.core.runtime import first_completed, stop_signal
from bot.core.text.i18n import SOURCE_LOCALE, _, get_locale, gettext_noop, use_locale
from bot.services import open_services

ANSWER_SECONDS = 5.0
"""How long a stop waits for members who are being served."""
CLOSE_SECONDS = 1.5
"""How long a stop waits for Discord to close its end of the connection, and for background work to end."""
TOO_MANY_REQUESTS = 429
TOO_MANY_SERVERS = 4011
GATEWAY_REFUSALS = {
    4004: gettext_noop("Discord rejected DISCORD_TOKEN. Copy the token again from the developer portal."),
    4010: gettext_noop(
        "Discord rejected the shard. Check SHARDS: every process needs the same number after the slash."
    ),
    TOO_MANY_SERVERS: gettext_noop("The bot is in too many servers for its shards. Set SHARDS=auto."),
    4012: gettext_noop("Discord no longer supports this gateway version. Update Marquee."),
    4013: gettext_noop("Discord doesn't know an intent that Marquee asks for. Update Marquee."),
    4014: gettext_noop("Discord doesn't allow an intent that Marquee asks for. Update Marquee."),
}
"""What an operator reads when the gateway closes for good, by its close code."""
CLOSED_FOR_GOOD = gettext_noop("Discord closed the connection for good: code {code}.")
"""What they read where the code is none of these."""


async def run(settings: Settings, _arguments: argparse.Namespace) -> ExitCode:
    """Run the bot on Discord until it is stopped; return the exit code.

    Raises CannotRunError where Discord refuses it.
    """
    token, locale = require_token(settings), get_locale()
    connect_to_standin(settings.discord_standin_url)
    # The operator's language is no server's: what the bot posts on its own is English where nobody's is known.
    with use_locale(SOURCE_LOCALE):
        await _run_until_stopped(settings, token, locale)
    return ExitCode.SUCCESS


async def _run_until_stopped(settings: Settings, token: str, locale: str) -> None:
    """Run the bot; what keeps it from running is said in that locale."""
    with (
        open_error_reports(settings.sentry_dsn),
        stop_signal() as stopped,
        storage_failures(settings.database_url),
    ):
        opening = asyncio.create_task(open_services(settings))
        await first_completed(opening, stopped.wait())
        if opening.cancelled():
            return
        services = opening.result()
        try:
            gc.freeze()  # The services live as long as the process: no reply should wait for their collection.
            async with (
                daily_backups(settings, services.database, utcnow),
                create_bot(services) as bot,
                _health_server(bot, settings.health_port),
            ):
                serving = await _serve(bot, token, stopped)
            if not stopped.is_set():
                with use_locale(locale):
                    _raise_refusal(serving)
        finally:
            await services.close()


def open_error_reports(dsn: str | None) -> AbstractContextManager[None]:
    """Return what sends errors to Sentry, or nothing where no DSN is set. Raises SettingsError."""
    if dsn is None:
        return nullcontext()
    try:
        from bot.error_reports import error_reports  # with Sentry's client, which only the extra installs
    except ModuleNotFoundError as error:
        message = _("SENTRY_DSN is set, but Sentry's client isn't installed: install {package}.")
        raise SettingsError(message.format(package="sentry-sdk")) from error
    return error_reports(dsn)


def _health_server(bot: Marquee, port: int | None) -> AbstractAsyncContextManager[None]:
    """Return the server that says whether the bot works, or nothing where no port is set."""
    if port is None:
        return nullcontext()
    from bot.health import health_server  # with Prometheus' client, which takes its time to import

    return health_server(bot, port)


async def _serve(bot: Marquee, token: str, stopped: asyncio.Event) -> asyncio.Task[None]:
    """Serve Discord until the process is stopped or Discord refuses the bot; return the task that has served."""
    others = asyncio.all_tasks()
    serving = asyncio.create_task(bot.start(token))
    stop = asyncio.create_task(stopped.wait())
    await asyncio.wait((serving, stop), return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if not serving.done():
        await bot.finish_interactions(ANSWER_SECONDS)
        # What it says from now on about connections that end is no news to whoever ends them.
        logging.getLogger("discord").setLevel(logging.CRITICAL)
    # Closed first, cancelled after: a shard that reconnects takes a cancellation for a lost connection.
    await asyncio.wait((asyncio.create_task(bot.close()),), timeout=CLOSE_SECONDS)
    await _end_tasks(others)
    return serving


async def _end_tasks(others: set[asyncio.Task[Any]]) -> None:
    """Cancel all tasks but `others` and wait until they have ended, and with them their database connections.

    A connection whose statement was cut off closes itself, and would hang if the database closed meanwhile.
    """
    left = asyncio.all_tasks() - others
    for task in left:
        if not task.cancelling():  # a second cancellation would cut off the clearing up after the first
            task.cancel()
    for _attempt in range(2):  # clearing up may start tasks, which end by themselves
        if left:
            await asyncio.wait(left, timeout=CLOSE_SECONDS / 2)
        left = asyncio.all_tasks() - others


def _raise_refusal(serving: asyncio.Task[None]) -> None:
    """Raise what ended the connection, in an operator's words where there are some."""
    if serving.cancelled() or not serving.done():
        return
    try:
        serving.result()
    except discord.LoginFailure as error:
        raise CannotRunError(_(GATEWAY_REFUSALS[4004])) from error
    except discord.PrivilegedIntentsRequired as error:
        raise CannotRunError(_(GATEWAY_REFUSALS[4014])) from error
    except discord.ConnectionClosed as error:
        refusal = GATEWAY_REFUSALS.get(error.code, CLOSED_FOR_GOOD)
        reason = _(refusal).format(code=error.code)
        raise CannotRunError(reason) from error
    except discord.HTTPException as error:
        raise describe_refusal(error) from error
    except (OSError, discord.GatewayNotFound) as error:
        raise describe_unreachable(error) from error
    except Exception as error:
        frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
        if all(frame.f_globals["__name__"] != discord.gateway.__name__ for frame in frames):
            raise
        raise CannotRunError(
            _("Discord sent something that can't be read ({error}).").format(error=type(error).__name__),
            is_temporary=True,
        ) from error


def describe_refusal(error: discord.HTTPException) -> CannotRunError:
    """Return, in an operator's words, that Discord answered a request with an error."""
    is_temporary = error.status >= 500 or error.status == TOO_MANY_REQUESTS
    # An error with a code of Discord's own has a sentence; others may have a web page.
    reason = error.text if error.code and error.text else _("status {number}").format(number=error.status)
    return CannotRunError(_("Discord refused: {reason}.").format(reason=reason), is_temporary=is_temporary)


def describe_unreachable(error: Exception) -> CannotRunError:
    """Return that Discord can't be reached, which may pass."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        message = _("Can't reach Discord: {host} can't be looked up. Check the network.").format(host=error.host)
    else:
        number = getattr(error, "errno", None)
        reason = os.strerror(number) if number and number > 0 else type(error).__name__
        message = _("Can't reach Discord: {reason}.").format(reason=reason)
    return CannotRunError(message, is_temporary=True)
