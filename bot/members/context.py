"""What a command, button or menu needs to know about the member who uses it, and about the server's members."""

from typing import Any

import discord

from bot.core.discord import get_service
from bot.members.membership_service import MembershipService
from bot.members.preference_service import PreferenceService


async def get_country(interaction: discord.Interaction[Any]) -> str | None:
    """Return the country (ISO 3166-1 alpha-2) that applies to the member here, or None if none is set."""
    preferences = get_service(interaction, PreferenceService)
    return await preferences.get_country_code(interaction.user.id, interaction.guild_id)


async def refresh_members(interaction: discord.Interaction[Any]) -> None:
    """Look up which members are still in the server the interaction came from.

    Call it after the reply: it takes up to three requests to Discord.
    """
    if interaction.guild is not None:
        await get_service(interaction, MembershipService).refresh_members(interaction.guild)
