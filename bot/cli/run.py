"""What the commands do that run the bot or look after it. Each gives the exit status."""

import argparse
import asyncio
import gc
import logging
from importlib.util import find_spec
from pathlib import Path

import discord

from bot.cli.exit_codes import DONE, DONE_IN_PART
from bot.client import create_bot
from bot.config import Settings
from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.gc_control import lasting
from bot.core.shutdown import first_of, stop_signal
from bot.search.engine import TitleIndex
from bot.services import running_services

LAST_PORT = 65_535


class CannotRunError(MarqueeError):
    """Something that keeps the bot from running; the message says what to do."""


async def run(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Run the bot on Discord until it is stopped. Raises CannotRunError without a token that works."""
    if not settings.discord_token:
        raise CannotRunError(
            "DISCORD_TOKEN is not set: put the bot's token into .env (README.md says where to get it)."
        )
    async with running_services(settings) as services, create_bot(services) as bot:
        gc.freeze()  # All this lasts: no answer waits while it is looked through for garbage.
        try:
            with stop_signal() as stopped:
                await first_of(bot.start(settings.discord_token), stopped.wait())
        except discord.LoginFailure as error:
            raise CannotRunError(
                "Discord refuses DISCORD_TOKEN: copy the token anew from the developer portal."
            ) from error
        except (OSError, discord.HTTPException, discord.GatewayNotFound) as error:
            raise CannotRunError(f"Discord can't be reached: {type(error).__name__}.") from error
    return DONE


async def attempt(settings: Settings, arguments: argparse.Namespace) -> int:
    """Open the bot in a local web page.

    Raises CannotRunError where SimCord Preview is not installed, InvalidInputError where the port is none.
    """
    if not 0 <= arguments.port <= LAST_PORT:
        raise InvalidInputError(f"--port must be a whole number from 0 to {LAST_PORT}.")
    # SimCord builds a client of its own while it is imported, which warns of what the page doesn't need.
    logging.getLogger("discord").setLevel(logging.ERROR)
    try:
        with lasting():
            from bot.preview import server as preview
    except ImportError as error:
        raise CannotRunError("The try page needs the extra `try`: pip install 'marquee-bot[try]'.") from error
    replay = Path(arguments.tmdb_replay) if arguments.tmdb_replay else None
    await preview.serve(settings, arguments.port, replay, direct=arguments.direct, speed=arguments.clock)
    return DONE


async def doctor(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Check what the bot needs and say what is missing; gives 1 where something is."""
    print("database: " + ("SQLite, " if "sqlite" in settings.database_url else "PostgreSQL, "), end="")
    async with running_services(settings) as services:
        print("open and up to date")
        index: TitleIndex = services.catalogue.index
        print(f"catalogue: {len(index)} films")
        source = services.tmdb
    print("Discord token: " + ("set" if settings.discord_token else "not set; `marquee try` needs none"))
    if settings.tmdb_token is None:
        print("TMDB: not set; cards go without posters and where to stream")
    elif source is None:
        print("TMDB: the key is not taken")
    else:
        print("TMDB: " + ("the key is good" if source.reached else "can't be asked about the key just now"))
    installed = find_spec("simcord") is not None
    print("try page: " + ("installed" if installed else "not installed (pip install 'marquee-bot[try]')"))
    return DONE if settings.discord_token else DONE_IN_PART


async def backup(settings: Settings, arguments: argparse.Namespace) -> int:
    """Copy the database.

    Raises InvalidInputError where the target is there already, StorageUnavailableError where it can't be written.
    """
    target = Path(arguments.file)
    if await asyncio.to_thread(target.exists):
        raise InvalidInputError(f"{target} is there already: name a new file.")
    async with running_services(settings) as services:
        await services.database.backup(target)
    print(f"copied to {target}")
    return DONE
