"""What Marquee has to be allowed in a channel, in the words of Discord's own settings."""

from collections.abc import Sequence
from typing import Any

import discord

from bot.core.text.formatting import join_list
from bot.core.text.i18n import _, gettext_noop

_NAMES = {
    "view_channel": gettext_noop("View Channel"),
    "send_messages": gettext_noop("Send Messages"),
    "send_messages_in_threads": gettext_noop("Send Messages in Threads"),
    "embed_links": gettext_noop("Embed Links"),
    "attach_files": gettext_noop("Attach Files"),
    "read_message_history": gettext_noop("Read Message History"),
}
TEXT = ("view_channel", "send_messages")
"""What a message of text alone takes."""
CARD = (*TEXT, "embed_links")
"""What a message with an embed takes."""
UPDATED_CARD = (*CARD, "attach_files", "read_message_history")
"""What a message with an embed and a picture takes that is found again to be changed."""


def list_missing_permissions(
    channel: discord.abc.GuildChannel | discord.Thread, needed: Sequence[str] = CARD
) -> list[str]:
    """Return which of the needed permissions Marquee lacks in the channel, in words."""
    permissions = channel.permissions_for(channel.guild.me)
    return [_(_NAMES[name]) for name in needed if not getattr(permissions, name)]


def describe_missing_permissions(
    channel: discord.abc.GuildChannel | discord.Thread, needed: Sequence[str] = CARD
) -> str:
    """Return what Marquee lacks to post in the channel, as a sentence, "" if it can."""
    missing = list_missing_permissions(channel, needed)
    if not missing:
        return ""
    sentence = _("I can't post in {channel}. Allow me: {missing}.")
    return sentence.format(channel=channel.mention, missing=join_list(missing))


def describe_channel_problem(
    interaction: discord.Interaction[Any], channel_id: int | None, needed: Sequence[str] = CARD
) -> str | None:
    """Return what Marquee lacks to post in the server's channel of that id; None if it can, or there is none."""
    guild = interaction.guild
    channel = guild.get_channel(channel_id) if guild is not None and channel_id is not None else None
    return (describe_missing_permissions(channel, needed) or None) if channel is not None else None
