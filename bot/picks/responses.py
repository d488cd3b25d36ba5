"""Replies to curators and members: their input returned if it can't be used, and notices they have not seen."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import discord

from bot.core.discord import Response, get_service, require_guild_id, respond
from bot.core.discord.error_handler import answer_error, return_input
from bot.core.errors import MarqueeError
from bot.picks.scheduler_service import PickScheduler


@asynccontextmanager
async def return_options_on_error(
    interaction: discord.Interaction[Any], options: Mapping[str, object]
) -> AsyncIterator[None]:
    """Answer an expected error raised inside, with the command's options as they were typed, to be copied."""
    try:
        yield
    except MarqueeError as error:
        await answer_error(interaction, error, _format_options(options))


async def respond_with_options(
    interaction: discord.Interaction[Any], message: str, options: Mapping[str, object]
) -> None:
    """Reply privately with the message and the command's options as they were typed, to be copied."""
    await respond(interaction, return_input(message, _format_options(options)), ephemeral=True)


def _format_options(options: Mapping[str, object]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in options.items() if value not in (None, ""))


async def confirm_change(interaction: discord.Interaction[Any], response: Response) -> None:
    """Let the scheduler know that picks have changed, reply to a curator privately, and send pending notices."""
    interaction.client.dispatch("picks_changed", require_guild_id(interaction))
    await respond(interaction, response, ephemeral=True)
    await send_pending_notices(interaction)


async def send_pending_notices(interaction: discord.Interaction[Any]) -> None:
    """Send a curator, after the reply, the notices that no moderator has seen yet."""
    server_id = require_guild_id(interaction)
    repository = get_service(interaction, PickScheduler).repository
    for notice in await repository.list_pending_notices(server_id):
        await interaction.followup.send(f"⚠ {notice.text}", ephemeral=True)
        await repository.mark_delivered(server_id, notice)
