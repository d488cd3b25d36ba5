"""The command line, one module per command. Each command is a coroutine that returns its exit code."""

import logging
from enum import IntEnum

from bot.config import Settings
from bot.core.errors import MarqueeError
from bot.core.logs import OWN_LOGGERS
from bot.core.text.i18n import _, ngettext


class ExitCode(IntEnum):
    """The exit status of the process, by which a supervisor starts it again or not."""

    SUCCESS = 0
    PARTIAL = 1
    """Done in part, or failed for now: it may succeed when it is run again."""
    UNUSABLE = 2
    """Impossible until a person mends something."""


class CannotRunError(MarqueeError):
    """Something keeps the bot from running; the message tells the operator what to do."""

    def __init__(self, message: str, *, is_temporary: bool = False) -> None:
        super().__init__(message)
        self.is_temporary = is_temporary


def require_token(settings: Settings) -> str:
    """Return the bot's token. Raises CannotRunError where none is set."""
    if not settings.discord_token:
        raise CannotRunError(
            _("DISCORD_TOKEN isn't set. Put the bot's token in .env; README.md says where to get it.")
        )
    return settings.discord_token


def log_warnings_only(settings: Settings) -> None:
    """Log no news, unless an operator asked for more: what a command prints says all."""
    if settings.log_level == "INFO":
        for name in OWN_LOGGERS:
            logging.getLogger(name).setLevel(logging.WARNING)


def describe_skipped_rows(count: int) -> str:
    """Return how many rows of a file were left out."""
    return ngettext("{count} row skipped", "{count} rows skipped", count).format(count=f"{count:,}")
