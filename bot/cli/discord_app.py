"""`marquee invite` and `marquee sync`: the bot's application at Discord."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import aiohttp
import discord

from bot.cli import CannotRunError, ExitCode, require_token
from bot.cli.run import GATEWAY_REFUSALS, describe_refusal, describe_unreachable
from bot.client import create_bot, get_invite_url
from bot.config import Settings
from bot.core.text.i18n import _, ngettext
from bot.services import running_services


async def invite(settings: Settings, _arguments: argparse.Namespace) -> ExitCode:
    """Print the address that adds the bot to a server. Raises CannotRunError where Discord refuses the token."""
    with _discord_failures():
        async with discord.Client(intents=discord.Intents.none()) as client:
            await client.login(require_token(settings))
            print(get_invite_url(client.application_id or 0))
    return ExitCode.SUCCESS


async def sync(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Tell Discord the commands, with `--guild` for that server at once; print how many there are.

    Raises CannotRunError where Discord refuses them.
    """
    token = require_token(settings)
    with _discord_failures():
        async with (
            running_services(settings) as services,
            create_bot(replace(services, has_nightly_jobs=False)) as bot,
        ):
            await bot.login(token)
            if arguments.guild is None:
                count = len(await bot.command_sync.sync(is_forced=True))
            else:
                server = discord.Object(arguments.guild)
                bot.tree.copy_global_to(guild=server)
                count = len(await bot.tree.sync(guild=server))
    print(ngettext("Synced {count} command.", "Synced {count} commands.", count).format(count=count))
    return ExitCode.SUCCESS


@contextmanager
def _discord_failures() -> Iterator[None]:
    """Raise CannotRunError, in an operator's words, for what Discord or the way to it has against a request."""
    try:
        yield
    except discord.LoginFailure as error:
        raise CannotRunError(_(GATEWAY_REFUSALS[4004])) from error
    except discord.HTTPException as error:
        raise describe_refusal(error) from error
    except (OSError, aiohttp.ClientError) as error:
        raise describe_unreachable(error) from error
