"""Settings of the member who uses a command, button or menu."""

from typing import Any

import discord

from bot.core.discord import get_service
from bot.members.preferences import PreferenceService


async def get_country(interaction: discord.Interaction[Any]) -> str | None:
    """Return the country (ISO 3166-1 alpha-2) that applies to the member here, or None if none is set."""
    country = await get_service(interaction, PreferenceService).country(interaction.user.id, interaction.guild_id)
    return country[0] if country else None
