"""What is said of a review or a reply that is stored and not shown: to its author, and to the moderators."""

from typing import Any

import discord

from bot.core.discord.error_handler import formats_error
from bot.core.text.escaping import escape_markdown
from bot.moderation.notifications import post_to_log_channel
from bot.reviews.service import BlockedError, HiddenBy


def author_told(hidden: HiddenBy | None, noun: str) -> list[str]:
    """Give the sentence for the author of what was just stored, or none where it is shown."""
    match hidden:
        case HiddenBy.HELD:
            return [f"An earlier {noun} of yours was taken down, so the moderators look at this one first."]
        case HiddenBy.MODERATOR:
            by = f"The {noun} stays hidden: a moderator hid it."
            return [f"{by} Other words would be looked at before they are shown."]
        case HiddenBy.REPORTS:
            return [f"The {noun} stays hidden until the moderators have decided about it."]
    return []


async def tell_moderators(interaction: discord.Interaction[Any], server_id: int, noun: str) -> None:
    """Say in the log channel that something waits which nobody reported."""
    note = f"A {noun} posted anew by {interaction.user.mention} waits: `/moderation queue`."
    await post_to_log_channel(interaction, server_id, note)


@formats_error(BlockedError)
def format_blocked(error: BlockedError) -> str:
    """Return the message for a blocked member: how long the block lasts, in their own time zone, and why."""
    lasts = f"until {discord.utils.format_dt(error.expires_at, 'R')}" if error.expires_at else "until they lift it"
    reason = f" Their reason: {escape_markdown(error.reason)}" if error.reason else ""
    return f"{error} The block lasts {lasts}.{reason}"
