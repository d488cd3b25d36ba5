"""Who may curate, what is handed back to them, and what they are told of troubles."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord

from bot.errors import answer
from bot.films.errors import MarqueeError
from bot.ui.base import server_of, services


class NotCuratorError(MarqueeError):
    """Somebody who may not curate."""

    def __init__(self) -> None:
        super().__init__(
            "That is for curators: it takes the permission to manage the server, or the role that "
            "`/settings picks` names."
        )


async def require_curator(interaction: discord.Interaction[Any]) -> int:
    """Give the server's id. Raises NotCuratorError where the member may not curate now."""
    server_id = server_of(interaction)
    if not interaction.permissions.manage_guild:
        role_id = (await services(interaction).picks.settings(server_id)).curator_role
        if role_id is None or role_id not in {role.id for role in getattr(interaction.user, "roles", ())}:
            raise NotCuratorError
    return server_id


async def may_curate(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether the member may curate now."""
    try:
        await require_curator(interaction)
    except NotCuratorError:
        return False
    return True


@asynccontextmanager
async def giving_back(interaction: discord.Interaction[Any], **typed: object) -> AsyncIterator[None]:
    """Answer a member's mistake with what they had typed, ready to be copied."""
    try:
        yield
    except MarqueeError as error:
        given = {name: value for name, value in typed.items() if value not in (None, "")}
        await answer(interaction, error, "\n".join(f"{name}: {value}" for name, value in given.items()))


async def tell_troubles(interaction: discord.Interaction[Any]) -> None:
    """Tell a curator who has had their answer what went wrong since, once."""
    server_id = server_of(interaction)
    clock = services(interaction).pick_clock
    for kind, text in await clock.untold(server_id):
        await interaction.followup.send(f"⚠ {text}", ephemeral=True)
        await clock.told(server_id, kind)
