"""The one place where an error becomes a reply to the member or a line in the log."""

import io
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

import aiohttp
import discord
from discord import app_commands

from bot.core.discord.response import Response, respond, use_member_language
from bot.core.errors import MarqueeError, StorageUnavailableError
from bot.core.logs import format_traceback
from bot.core.rate_limiter import TooFastError
from bot.core.tasks import CommitRecord
from bot.core.text.formatting import escape_line
from bot.core.text.i18n import _

log = logging.getLogger(__name__)
UNKNOWN_INTERACTION, ALREADY_ACKNOWLEDGED = 10062, 40060
"""Discord's error codes for an interaction that expired or has its reply already."""
REPLY_ATTEMPTS = 2
MESSAGE_LIMIT = 2_000
COMMITS = "commits"
"""The key in an interaction's extras of the CommitRecord of what was stored for it."""
OUTCOME = "outcome"
"""The key in an interaction's extras of how it ended, where that was with an error."""
Error = TypeVar("Error", bound=MarqueeError)
Remedy = Callable[[discord.Interaction[Any]], Awaitable[Response]]
"""Returns the reply to a refusal that has what mends it, such as the menu of what is to be chosen first."""
_formatters: dict[type[MarqueeError], Callable[[Any], str]] = {}
_remedies: dict[type[MarqueeError], Remedy] = {}


def formats_error(kind: type[Error]) -> Callable[[Callable[[Error], str]], Callable[[Error], str]]:
    """Decorate a function that returns the message for errors of that class.

    Without one the message is the error's own text. A feature uses it where the message needs more than that, such
    as a time in the reader's own time zone.
    """

    def register(formatter: Callable[[Error], str]) -> Callable[[Error], str]:
        _formatters[kind] = formatter
        return formatter

    return register


def mends_error(kind: type[MarqueeError]) -> Callable[[Remedy], Remedy]:
    """Decorate a function that returns the embeds, buttons and menus below the message for that error."""

    def register(remedy: Remedy) -> Remedy:
        _remedies[kind] = remedy
        return remedy

    return register


async def answer_error(interaction: discord.Interaction[Any], error: BaseException, typed: str = "") -> None:
    """Tell the member privately what went wrong, once, and log under an id what they can't mend themselves.

    `typed` is returned to them so that nothing is lost. Raises nothing but a cancellation.
    """
    use_member_language(interaction)
    cause = unwrap_error(error)
    message = get_error_message(cause)
    interaction.extras[OUTCOME] = "failed" if message is None else "refused"
    if message is None:
        message = _answer_unexpected(interaction, cause)
        if has_saved(interaction):
            typed = ""  # whoever gets it back would post it again
    if message:
        response = return_input(message, typed)
        remedy = _remedies.get(type(cause)) if isinstance(cause, MarqueeError) else None
        if remedy is not None:
            with log_errors(describe_source(interaction)):
                mended = await remedy(interaction)
                response = replace(response, embeds=mended.embeds, view=mended.view)
        failure = await _reply(interaction, response)
        if failure is not None and not isinstance(cause, discord.HTTPException):
            # Where Discord's own failure is the cause, it is in the log already.
            log.warning("%s: the error reply failed: %s", describe_source(interaction), type(failure).__name__)


_RETURNED_TEXT = re.compile(r"```\n(.*)\n```", re.DOTALL)
"""The text in a message that gives it back."""


def return_input(message: str, typed: str) -> Response:
    """Return a response with the message and what the member typed, ready to be copied.

    The text is in a code block, or in a file where it is longer than a message may be.
    """
    if not typed:
        return Response(message)
    message = f"{message}\n" if message else ""
    # A fence inside the text would end ours; the letters look the same to a reader.
    inside = typed.replace("```", "`\u200b`\u200b`")
    heading = _("Your text:")
    content = f"{message}{heading}\n```\n{inside}\n```"
    if len(content) <= MESSAGE_LIMIT:
        return Response(content)
    file = discord.File(io.BytesIO(typed.encode(errors="replace")), "your-text.txt", description=_("Your text"))
    note = _("Your text is in the file.")
    return Response(f"{message}{note}", files=(file,))


def read_returned_input(message: discord.Message | None) -> str | None:
    """Return the text that a message made by `return_input` gives back, None where it is none or has a file."""
    returned = _RETURNED_TEXT.search(message.content) if message is not None else None
    return returned[1].replace("\u200b", "") if returned is not None else None


def unwrap_error(error: BaseException) -> BaseException:
    """Return the error that discord.py wrapped, or the error itself."""
    while isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    return error


def get_error_message(error: BaseException) -> str | None:
    """Return the message for an expected error, or None for an unexpected one."""
    if isinstance(error, TooFastError):
        # Translators: {when} is such as “in 5 minutes”
        again = _("Try again {when}.").format(when=discord.utils.format_dt(error.until, "R"))
        return f"{error} {again}"
    if isinstance(error, MarqueeError):
        for kind in type(error).__mro__:
            if (formatter := _formatters.get(kind)) is not None:
                return formatter(error)
        return str(error)
    match error:
        case app_commands.MissingPermissions():
            return _("Only members who can manage this server can use that.")
        case app_commands.NoPrivateMessage():
            return _("Use this command in a server.")
        case app_commands.CommandOnCooldown():
            return _("You're doing that too fast. Try again in {seconds} seconds.").format(
                seconds=f"{error.retry_after:.0f}"
            )
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            return _("This command was just updated. Try again in a minute.")
        case app_commands.TransformerError():
            return _("“{text}” isn't one of the choices. Pick one from the list.").format(
                text=escape_line(str(error.value), 80)
            )
        case app_commands.CheckFailure():
            return _("You can't use that here.")
    return None


def log_error(source: str, error: BaseException) -> str:
    """Log an unexpected error under a new id and return the id.

    Where the database can't be used, one line is enough: it is in the log why, and no code of ours is at fault.
    """
    error_id = secrets.token_hex(4)
    if isinstance(error, StorageUnavailableError):
        log.error("error %s in %s: the database could not be used", error_id, source)
    else:
        # Not as `exc_info`, of which other programs' handlers show the error's own text.
        about = {"error": error, "error_id": error_id}
        log.error("error %s in %s\n%s", error_id, source, format_traceback(error), extra=about)
    return error_id


@contextmanager
def log_errors(source: str) -> Iterator[None]:
    """Log an error raised inside and continue after the block, for work that nobody waits for.

    An error that left a loop would end it, and with it everything the loop has still to do.
    """
    try:
        yield
    except Exception as error:
        log_error(source, error)


def describe_source(interaction: discord.Interaction[Any]) -> str:
    """Return what was used, as the command or the kind of component, without anything that was typed."""
    if interaction.command is not None:
        return f"/{interaction.command.qualified_name}"
    data: Any = interaction.data or {}
    custom_id = str(data.get("custom_id", ""))
    return ":".join(custom_id.split(":")[:2]) or f"interaction {interaction.type}"


def _answer_unexpected(interaction: discord.Interaction[Any], error: BaseException) -> str:
    """Log the error and return the message for the member, "" if Discord takes no reply any more."""
    if isinstance(error, discord.HTTPException) and error.code in (UNKNOWN_INTERACTION, ALREADY_ACKNOWLEDGED):
        log.warning("%s got no reply: Discord says %s (%d)", describe_source(interaction), error.text, error.code)
        return ""
    error_id = log_error(describe_source(interaction), error)
    if has_saved(interaction):
        return _(
            "Your change is saved, but I couldn't show the rest of the reply. "
            "If this keeps happening, tell the bot's owner: error `{code}`."
        ).format(code=error_id)
    return _(
        "Something went wrong on my side. Try again. "
        "If this keeps happening, tell the bot's owner: error `{code}`."
    ).format(code=error_id)


def has_saved(interaction: discord.Interaction[Any]) -> bool:
    """Return whether anything was committed for the interaction."""
    record: CommitRecord | None = interaction.extras.get(COMMITS)
    return record is not None and record.has_committed


async def _reply(interaction: discord.Interaction[Any], response: Response) -> Exception | None:
    """Send the reply, once more if the connection breaks; return the error if it can't be sent."""
    failure: Exception | None = None
    for _attempt in range(REPLY_ATTEMPTS):
        try:
            if interaction.type is discord.InteractionType.autocomplete:
                await interaction.response.autocomplete([])
            elif _is_acknowledged(failure):
                # Discord has an acknowledgement whose confirmation was lost on the way.
                await interaction.followup.send(**response.as_message(), ephemeral=True)
            else:
                await respond(interaction, response, ephemeral=True)
        except Exception as error:
            failure = error
            if not isinstance(error, OSError | aiohttp.ClientError | TimeoutError) and not _is_acknowledged(error):
                break
        else:
            return None
    return failure


def _is_acknowledged(failure: Exception | None) -> bool:
    return isinstance(failure, discord.HTTPException) and failure.code == ALREADY_ACKNOWLEDGED
