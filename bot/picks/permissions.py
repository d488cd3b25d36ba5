"""Who may curate."""

from typing import Any

import discord

from bot.core.discord import get_service, has_role, require_guild_id
from bot.core.errors import MarqueeError
from bot.core.text.i18n import _
from bot.picks.service import PickService


class NotCuratorError(MarqueeError):
    """The member may not curate."""

    def __init__(self) -> None:
        super().__init__(
            _("Only curators can do that: you need the Manage Server permission or the curator role.")
        )


async def require_curator(interaction: discord.Interaction[Any]) -> int:
    """Return the server's id. Raises NotCuratorError if the member may not curate now."""
    server_id = require_guild_id(interaction)
    if not await is_curator(interaction):
        raise NotCuratorError
    return server_id


async def is_curator(interaction: discord.Interaction[Any]) -> bool:
    """Return whether the member may curate now."""
    if interaction.permissions.manage_guild:
        return True
    settings = await get_service(interaction, PickService).repository.get_settings(require_guild_id(interaction))
    return has_role(interaction, settings.curator_role_id)


def is_cached_curator(interaction: discord.Interaction[Any]) -> bool:
    """Return whether the member may curate, as far as the cache knows, for autocomplete, which must not wait."""
    if interaction.permissions.manage_guild:
        return True
    snapshot = get_service(interaction, PickService).cache.get(require_guild_id(interaction))
    return snapshot is not None and has_role(interaction, snapshot.programme.settings.curator_role_id)
