"""Answers that take a moment: acknowledged first. And what a pressed message says of itself."""

from collections.abc import Callable, Coroutine
from typing import Any

import discord


async def show_late(
    interaction: discord.Interaction[Any],
    make: Callable[[], Coroutine[Any, Any, dict[str, Any]]],
    *,
    replace: bool,
) -> None:
    """Do as `show` for content that may take longer than Discord waits: acknowledge first, then `make` it."""
    if not replace:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send(**await make(), ephemeral=True)
        return
    await interaction.response.defer()
    content = await make()
    if "embed" in content:
        content["embeds"] = [content.pop("embed")]
    await interaction.edit_original_response(attachments=content.pop("files", []), **content)


def custom_ids(interaction: discord.Interaction[Any]) -> list[str]:
    """Give the custom_ids of everything on the message that was pressed, in order."""
    found: list[str] = []
    waiting: list[Any] = list(interaction.message.components) if interaction.message is not None else []
    while waiting:
        component = waiting.pop(0)
        waiting = [*getattr(component, "children", ()), *waiting]
        if identity := getattr(component, "custom_id", None):
            found.append(identity)
    return found
