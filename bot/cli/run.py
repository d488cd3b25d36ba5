"""`marquee run`: the bot on Discord."""

import argparse
import gc

import discord

from bot.cli import CannotRunError, ExitCode
from bot.client import create_bot
from bot.config import Settings
from bot.core.runtime import first_completed, stop_signal
from bot.services import running_services


async def run(settings: Settings, _arguments: argparse.Namespace) -> ExitCode:
    """Run the bot on Discord until it is stopped; return the exit code.

    Raises CannotRunError without a token that works.
    """
    if not settings.discord_token:
        raise CannotRunError(
            "DISCORD_TOKEN is not set: put the bot's token into .env (README.md says where to get it)."
        )
    async with running_services(settings) as services, create_bot(services) as bot:
        gc.freeze()  # The services live as long as the process: no reply should wait for their collection.
        try:
            with stop_signal() as stopped:
                await first_completed(bot.start(settings.discord_token), stopped.wait())
        except discord.LoginFailure as error:
            raise CannotRunError(
                "Discord refuses DISCORD_TOKEN: copy the token anew from the developer portal."
            ) from error
        except (OSError, discord.HTTPException, discord.GatewayNotFound) as error:
            raise CannotRunError(f"Discord can't be reached: {type(error).__name__}.") from error
    return ExitCode.SUCCESS
