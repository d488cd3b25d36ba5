"""Finds what an earlier claim of a job may have sent, among Marquee's own messages."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import discord

from bot.core.discord import custom_id
from bot.picks.channels import AnnouncementChannel
from bot.picks.models import Announcement, Pick
from bot.picks.retrospectives import format_heading

CLOCK_TOLERANCE = timedelta(minutes=2)
"""How far Discord's clock and ours may differ."""
MESSAGES_SEARCHED = 200


async def find_announcement(channel: AnnouncementChannel, pick: Pick, since: datetime) -> Announcement | None:
    """Return the announcement of the pick sent since that time, found by the pick's button, or None."""
    marker = custom_id("going", pick.id)
    if isinstance(channel, discord.ForumChannel):
        for thread in channel.threads:
            is_own = thread.owner_id == channel.guild.me.id
            if is_own and thread.created_at and thread.created_at >= since - CLOCK_TOLERANCE:
                async for message in _iterate_own_messages(thread, since):
                    if marker in list_button_ids(message):
                        return Announcement(thread.id, message.id, thread.id)
        return None
    async for message in _iterate_own_messages(channel, since):
        if marker in list_button_ids(message):
            return Announcement(channel.id, message.id, message.thread.id if message.thread else None)
    return None


async def has_retrospective(
    channel: discord.TextChannel | discord.Thread, pick: Pick, since: datetime
) -> bool:  # fmt: skip
    """Return whether the pick's retrospective was sent since that time, found by its title."""
    heading = format_heading(pick)
    async for message in _iterate_own_messages(channel, since):
        if any(embed.title == heading for embed in message.embeds):
            return True
    return False


async def find_poll(channel: discord.TextChannel, question: str, since: datetime) -> discord.Message | None:
    """Return the message with the poll of that question sent since that time, or None."""
    async for message in _iterate_own_messages(channel, since):
        if message.poll is not None and message.poll.question == question:
            return message
    return None


def list_button_ids(message: discord.Message) -> set[str]:
    """Return the custom_ids of the message's buttons."""
    children: list[Any] = [child for row in message.components for child in getattr(row, "children", [])]
    return {child.custom_id for child in children if getattr(child, "custom_id", None)}


async def _iterate_own_messages(
    channel: discord.TextChannel | discord.Thread, since: datetime
) -> AsyncIterator[discord.Message]:
    after = since - CLOCK_TOLERANCE
    async for message in channel.history(limit=MESSAGES_SEARCHED, after=after, oldest_first=True):
        if message.author.id == channel.guild.me.id:
            yield message
