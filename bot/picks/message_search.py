"""Finds what was sent under a claim that nobody settled, among Marquee's own messages."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import discord

from bot.core.discord import custom_id
from bot.picks.channels import Place
from bot.picks.models import Pick, Posted
from bot.picks.retrospect import heading

SLACK = timedelta(minutes=2)
"""How far Discord's clock and ours may differ."""
MESSAGES = 200


async def announcement_of(place: Place, pick: Pick, since: datetime) -> Posted | None:
    """Give where the pick was announced since a time, or None where it was not."""
    marker = custom_id("going", pick.id)
    if isinstance(place, discord.ForumChannel):
        for thread in place.threads:
            if thread.owner_id == place.guild.me.id and thread.created_at and thread.created_at >= since - SLACK:
                async for message in _own(thread, since):
                    if marker in custom_ids(message):
                        return Posted(thread.id, message.id, thread.id)
        return None
    async for message in _own(place, since):
        if marker in custom_ids(message):
            return Posted(place.id, message.id, message.thread.id if message.thread else None)
    return None


async def retrospect_of(place: discord.TextChannel | discord.Thread, pick: Pick, since: datetime) -> bool:
    """Tell whether the pick was looked back on since a time."""
    return await _any(place, since, lambda message: any(each.title == heading(pick) for each in message.embeds))


async def vote_in(place: discord.TextChannel, question: str, since: datetime) -> discord.Message | None:
    """Give the vote with that question that was called since a time, or None."""
    async for message in _own(place, since):
        if message.poll is not None and message.poll.question == question:
            return message
    return None


def custom_ids(message: discord.Message) -> set[str]:
    """Give the custom_ids of the message's buttons."""
    children: list[Any] = [child for row in message.components for child in getattr(row, "children", [])]
    return {child.custom_id for child in children if getattr(child, "custom_id", None)}


async def _own(place: discord.TextChannel | discord.Thread, since: datetime) -> AsyncIterator[discord.Message]:
    async for message in place.history(limit=MESSAGES, after=since - SLACK, oldest_first=True):
        if message.author.id == place.guild.me.id:
            yield message


async def _any(
    place: discord.TextChannel | discord.Thread, since: datetime, found: Callable[[discord.Message], bool]
) -> bool:
    async for message in _own(place, since):
        if found(message):
            return True
    return False
