"""Who may plan and change film nights, and whether Marquee may create events."""

from typing import Any

import discord

from bot.core.discord import get_service, has_role, require_guild_id
from bot.core.errors import MarqueeError
from bot.core.text.i18n import _
from bot.members.repository import ServerSettingsRepository
from bot.nights.models import Night

NightChannel = discord.TextChannel


class NotHostError(MarqueeError):
    """The member may not plan or change film nights."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Only hosts can do that: you need the Manage Server or Manage Events permission, or the role "
                "chosen with `/settings nights`."
            )
        )


async def is_host(interaction: discord.Interaction[Any], night: Night | None = None) -> bool:
    """Return whether the member may plan nights, or change this one, which they may if they host it."""
    if interaction.permissions.manage_guild or interaction.permissions.manage_events:
        return True
    if night is not None and night.host_id == interaction.user.id:
        return True
    settings = await get_service(interaction, ServerSettingsRepository).get(require_guild_id(interaction))
    return has_role(interaction, settings.night_host_role_id)


async def require_host(interaction: discord.Interaction[Any], night: Night | None = None) -> int:
    """Return the server's id. Raises NotHostError if the member may not plan nights, or change this one."""
    server_id = require_guild_id(interaction)
    if not await is_host(interaction, night):
        raise NotHostError
    return server_id


def is_moderator(interaction: discord.Interaction[Any]) -> bool:
    """Return whether the member may strike nominations: those who may manage messages or the server."""
    return interaction.permissions.manage_messages or interaction.permissions.manage_guild


def may_create_events(guild: discord.Guild) -> bool:
    """Return whether Marquee may create Discord's scheduled events in the server."""
    permissions = guild.me.guild_permissions
    return permissions.create_events or permissions.manage_events
