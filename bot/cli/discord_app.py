"""`marquee invite`, `marquee sync` and `marquee emojis`: the bot's application at Discord."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import aiohttp
import discord

from bot.cli import CannotRunError, ExitCode, require_token
from bot.cli.run import GATEWAY_REFUSALS, describe_refusal, describe_unreachable
from bot.client import create_bot, get_invite_url
from bot.config import Settings
from bot.core.database.key_value import KeyValueRepository
from bot.core.images.stars import draw_star
from bot.core.text.i18n import _, ngettext
from bot.reviews.star_emojis import HALF_STAR_NAME, STAR_NAME, StarEmojis, store_star_emojis
from bot.services import running_services

STAR_PICTURES = {STAR_NAME: partial(draw_star, is_half=False), HALF_STAR_NAME: partial(draw_star, is_half=True)}
"""What draws each emoji, by its name."""


async def invite(settings: Settings, _arguments: argparse.Namespace) -> ExitCode:
    """Print the address that adds the bot to a server. Raises CannotRunError where Discord refuses the token."""
    with _discord_failures():
        async with discord.Client(intents=discord.Intents(guilds=True)) as client:
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


async def emojis(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Upload the stars that Marquee shows in place of symbols, or with `--remove` delete them.

    Raises CannotRunError where Discord refuses.
    """
    token = require_token(settings)
    with _discord_failures():
        async with (
            running_services(settings) as services,
            discord.Client(intents=discord.Intents(guilds=True)) as client,
        ):
            await client.login(token)
            stored = {each.name: each for each in await client.fetch_application_emojis()}
            values = KeyValueRepository(services.database)
            if arguments.remove:
                await store_star_emojis(values, None)  # first, or the bot would name what is no longer there
                for name in STAR_PICTURES.keys() & stored.keys():
                    await stored[name].delete()
                print(_("Removed the emojis. Restart the bot: it shows stars as text again."))
                return ExitCode.SUCCESS
            for name, picture in STAR_PICTURES.items():
                if name not in stored:
                    stored[name] = await client.create_application_emoji(name=name, image=picture())
            ids = stored[STAR_NAME].id, stored[HALF_STAR_NAME].id
            await store_star_emojis(values, StarEmojis(client.application_id or 0, *ids))
    print(_("Uploaded the emojis. Restart the bot: it shows stars as pictures."))
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
