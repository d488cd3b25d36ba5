"""Sentences about conversations for members and moderators."""

from collections.abc import Collection

import discord

from bot.conversation.models import (
    ConversationBusyError,
    ConversationGoneError,
    OthersConversationError,
    TooManyQuestionsError,
)
from bot.core.discord.error_handler import formats_error
from bot.core.text.formatting import join_limited
from bot.core.text.i18n import _

CHANNELS_LENGTH_LIMIT = 1_000


@formats_error(TooManyQuestionsError)
def _format_too_many(error: TooManyQuestionsError) -> str:
    when = discord.utils.format_dt(error.until, "R")
    return _("That's five questions in a minute. Ask again {when}.").format(when=when)


@formats_error(ConversationBusyError)
def _format_busy(_error: ConversationBusyError) -> str:
    return _("Too many questions at once here. Ask again in a moment.")


@formats_error(ConversationGoneError)
def _format_gone(_error: ConversationGoneError) -> str:
    return _("That conversation is over. Ask again with `/ask`.")


@formats_error(OthersConversationError)
def _format_others(_error: OthersConversationError) -> str:
    return _("That's someone else's question. Ask your own with `/ask`.")


def describe_listening(*, is_off: bool, channel_ids: Collection[int]) -> str:
    """Return where the bot answers messages that mention it in a server."""
    if is_off and channel_ids:
        sentence = _("I don't answer mentions in this server. Once you turn it on again, I answer in {channels}.")
        return sentence.format(channels=_list_channels(channel_ids))
    if is_off:
        return _("I don't answer mentions in this server. Use `/ask` instead.")
    if channel_ids:
        return _("I answer mentions in {channels}.").format(channels=_list_channels(channel_ids))
    return _("I answer mentions in every channel where I can post.")


def _list_channels(channel_ids: Collection[int]) -> str:
    return join_limited([f"<#{channel_id}>" for channel_id in channel_ids], CHANNELS_LENGTH_LIMIT)
