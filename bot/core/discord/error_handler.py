"""The one place where a failure becomes a reply."""

import errno
import io
import logging
import secrets
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import discord
from discord import app_commands

from bot.core.discord.uploads import Upload
from bot.core.errors import MarqueeError
from bot.core.rate_limiter import TooFastError
from bot.core.text.markdown import inert
from bot.reviews.service import BlockedError

log = logging.getLogger(__name__)
UNKNOWN_INTERACTION, ALREADY_ANSWERED = 10062, 40060
MESSAGE_LIMIT = 2_000
_CODES = ("sqlite_errorname", "sqlstate", "status", "code")


async def answer(interaction: discord.Interaction[Any], error: BaseException, typed: str = "") -> None:
    """Tell the member privately what went wrong, once; log what isn't theirs to mend, with an id they are told.

    What they had `typed` is given back to them. Never raises but for a cancellation.
    """
    cause = unwrapped(error)
    sentence = sentence_for(cause)
    if sentence is None:
        sentence = _unexpected(interaction, cause)
    if sentence:
        told = await _reply(interaction, given_back(sentence, typed))
        if told is not None and not isinstance(cause, discord.HTTPException):
            # Where Discord's own failure is the cause, it is in the log already.
            log.warning("%s: the error could not be told: %s", place(interaction), type(told).__name__)


def given_back(sentence: str, typed: str) -> dict[str, Any]:
    """Give the message with a refusal and what was typed, so that nothing is lost: under it, ready to be copied,
    or in a file where it is more than fits into a message."""
    if not typed:
        return {"content": sentence}
    # A fence inside the text would end ours; the letters stay the same to a reader.
    inside = typed.replace("```", "`\u200b`\u200b`")
    content = f"{sentence}\nWhat you typed, to be copied:\n```\n{inside}\n```"
    if len(content) <= MESSAGE_LIMIT:
        return {"content": content}
    file = Upload(io.BytesIO(typed.encode(errors="replace")), "what-you-typed.txt", description="What you typed")
    return {"content": f"{sentence}\nWhat you typed is in the file.", "file": file}


def unwrapped(error: BaseException) -> BaseException:
    """Give what discord.py wrapped, or the error itself."""
    while isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    return error


def sentence_for(error: BaseException) -> str | None:
    """Give what a member is told of an expected failure, or None where it is not expected."""
    match error:
        case BlockedError():
            lasts = f"until {_when(error.expires_at)}" if error.expires_at else "until they lift it"
            why = f" Their reason: {inert(error.reason)}" if error.reason else ""
            return f"{error} The block lasts {lasts}.{why}"
        case TooFastError():
            return f"{error} It goes on {_when(error.until)}."
        case MarqueeError():
            return str(error)
        case app_commands.MissingPermissions():
            return "That is for moderators: it takes the permission to manage the server."
        case app_commands.NoPrivateMessage():
            return "That works in a server only."
        case app_commands.CommandOnCooldown():
            return f"A little slower, please: try again in {error.retry_after:.0f} seconds."
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            return "This command has just changed. Type it anew in a minute."
        case app_commands.TransformerError():
            return f"{error.value!s:.80} can't be used there. Pick one of the choices offered."
        case app_commands.CheckFailure():
            return "You can't use that here."
    return None


def _when(time: datetime) -> str:
    """Give a time as each reader's own clock has it, and how far it is."""
    return discord.utils.format_dt(time, "R")


def report(where: str, error: BaseException) -> str:
    """Log an unexpected failure under a fresh id and give the id."""
    error_id = secrets.token_hex(4)
    log.error("error %s in %s\n%s", error_id, where, _traceback(error))
    return error_id


@contextmanager
def reported(where: str) -> Iterator[None]:
    """Log what fails inside, once, and go on after it: for work that nobody waits for.

    A loop that an error left would be at its end, and so would whatever is to be done the next night.
    """
    try:
        yield
    except Exception as error:
        report(where, error)


def _traceback(error: BaseException | None) -> str:
    """Give where the error was raised, of what kind it is and its codes, what led to it first.

    Its own text is left out: it may hold what a member typed, or the row that could not be stored.
    """
    if error is None:
        return ""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    frames = "".join(traceback.format_tb(error.__traceback__))
    return f"{_traceback(before)}{frames}{type(error).__qualname__}{_codes(error)}\n"


def _codes(error: BaseException) -> str:
    """Give the codes by which the system, the database or Discord names what went wrong."""
    codes = [f"{name} {code}" for name in _CODES if (code := getattr(error, name, None)) is not None]
    if isinstance(error, OSError) and error.errno is not None:
        codes.append(f"errno {errno.errorcode.get(error.errno, error.errno)}")
    return f" ({', '.join(codes)})" if codes else ""


def place(interaction: discord.Interaction[Any]) -> str:
    """Say what was being used: the command, or the kind of button, without what was typed."""
    if interaction.command is not None:
        return f"/{interaction.command.qualified_name}"
    data: Any = interaction.data or {}
    custom_id = str(data.get("custom_id", ""))
    return ":".join(custom_id.split(":")[:2]) or f"interaction {interaction.type}"


def _unexpected(interaction: discord.Interaction[Any], error: BaseException) -> str:
    if isinstance(error, discord.HTTPException) and error.code in (UNKNOWN_INTERACTION, ALREADY_ANSWERED):
        log.warning("%s could not be answered: Discord says %s (%d)", place(interaction), error.text, error.code)
        return ""
    error_id = report(place(interaction), error)
    return (
        "Something went wrong on Marquee's side; nothing you did. "
        f"If it happens again, tell whoever runs the bot: error `{error_id}`."
    )


async def _reply(interaction: discord.Interaction[Any], message: dict[str, Any]) -> Exception | None:
    """Tell the member; give what kept Discord from it, if anything did."""
    try:
        if interaction.type is discord.InteractionType.autocomplete:
            await interaction.response.autocomplete([])
        elif interaction.response.is_done():
            await interaction.followup.send(**message, ephemeral=True)
        else:
            await interaction.response.send_message(**message, ephemeral=True)
    except (discord.HTTPException, discord.InteractionResponded) as error:
        return error
    return None
