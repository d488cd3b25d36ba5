"""Who may curate, what is handed back to them, and what they are told of troubles."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import discord

from bot.core.discord import get_service, require_guild_id, respond
from bot.core.discord.error_handler import answer_error, return_input
from bot.core.errors import MarqueeError
from bot.picks.scheduler import PickScheduler
from bot.picks.service import PickService


class NotCuratorError(MarqueeError):
    """Somebody who may not curate."""

    def __init__(self) -> None:
        super().__init__(
            "That is for curators: it takes the permission to manage the server, or the role that "
            "`/settings picks` names."
        )


async def require_curator(interaction: discord.Interaction[Any]) -> int:
    """Give the server's id. Raises NotCuratorError where the member may not curate now."""
    server_id = require_guild_id(interaction)
    if not interaction.permissions.manage_guild:
        role_id = (await get_service(interaction, PickService).settings(server_id)).curator_role
        if not _has_role(interaction, role_id):
            raise NotCuratorError
    return server_id


def known_curator(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether the member may curate, as far as memory knows: for autocompletes, which wait for nothing."""
    if interaction.permissions.manage_guild:
        return True
    outlook = get_service(interaction, PickService).outlooks.of(require_guild_id(interaction))
    return outlook is not None and _has_role(interaction, outlook.programme.settings.curator_role)


def _has_role(interaction: discord.Interaction[Any], role_id: int | None) -> bool:
    return role_id is not None and role_id in {role.id for role in getattr(interaction.user, "roles", ())}


async def may_curate(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether the member may curate now."""
    try:
        await require_curator(interaction)
    except NotCuratorError:
        return False
    return True


@asynccontextmanager
async def giving_back(interaction: discord.Interaction[Any], **typed: object) -> AsyncIterator[None]:
    """Answer a member's mistake with what they had typed, by the options' names, ready to be copied."""
    try:
        yield
    except MarqueeError as error:
        await answer_error(interaction, error, _copied(typed))


async def hand_back(interaction: discord.Interaction[Any], sentence: str, **typed: object) -> None:
    """Give back what a member had typed beside an answer that could not do what they wanted yet."""
    await respond(interaction, return_input(sentence, _copied(typed)), ephemeral=True)


def _copied(typed: Mapping[str, object]) -> str:
    given = {name: value for name, value in typed.items() if value not in (None, "")}
    return "\n".join(f"{name}: {value}" for name, value in given.items())


async def tell_troubles(interaction: discord.Interaction[Any]) -> None:
    """Tell a curator who has had their answer what went wrong since, once."""
    server_id = require_guild_id(interaction)
    clock = get_service(interaction, PickScheduler)
    for kind, text in await clock.untold(server_id):
        await interaction.followup.send(f"⚠ {text}", ephemeral=True)
        await clock.told(server_id, kind)
