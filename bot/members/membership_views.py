"""Looks up whether members are still in their server, a few at a time."""

import logging
from typing import Any

import discord

from bot.core.discord import get_service
from bot.members.membership import MembershipService

log = logging.getLogger(__name__)


async def roll_call(interaction: discord.Interaction[Any]) -> None:
    """Look up those authors of this server whom nobody has looked up for longest.

    To be called when the member has their answer: it takes up to three requests to Discord, on most days none.
    """
    guild = interaction.guild
    if guild is None:
        return
    presence = get_service(interaction, MembershipService)
    for member_id in await presence.due(guild.id):
        try:
            await guild.fetch_member(member_id)
        except discord.NotFound:
            await presence.departed(guild.id, member_id)
        except discord.HTTPException as error:
            log.info("nobody was looked up: Discord says %d", error.status)
            return
        else:
            await presence.present(guild.id, member_id)
