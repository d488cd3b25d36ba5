"""The command line, one module per command. Each command is a coroutine that returns its exit code."""

from enum import IntEnum

from bot.config import Settings
from bot.core.errors import MarqueeError


class ExitCode(IntEnum):
    """The exit status of the process: done, done in part, or impossible."""

    SUCCESS = 0
    PARTIAL = 1
    UNUSABLE = 2


class CannotRunError(MarqueeError):
    """Something keeps the bot from running; the message tells the operator what to do."""


def require_token(settings: Settings) -> str:
    """Return the bot's token. Raises CannotRunError where none is set."""
    if not settings.discord_token:
        raise CannotRunError(
            "DISCORD_TOKEN isn't set. Put the bot's token in .env; README.md says where to get it."
        )
    return settings.discord_token
