"""Messages and forms whose failures are answered, and how a message takes another's place."""

from typing import Any

import discord
from discord import ui

from bot.core.discord.error_handler import answer

COLOUR = discord.Colour(0xE0A82E)
"""Marquee's own: the warm yellow of its lamps."""


class MarqueeView(ui.View):
    """A view whose failures are answered. Without a timeout: its items carry their state themselves."""

    def __init__(self, *items: ui.Item[Any]) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, item: ui.Item[Any], /
    ) -> None:
        """Answer the failure."""
        await answer(interaction, error)


class MarqueeLayout(ui.LayoutView):
    """A message of texts with buttons between them; failures are answered, and it has no timeout either."""

    def __init__(self, *items: ui.Item[Any]) -> None:
        super().__init__(timeout=None)
        self.add_item(ui.Container(*items, accent_colour=COLOUR))

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, item: ui.Item[Any], /
    ) -> None:
        """Answer the failure."""
        await answer(interaction, error)


class MarqueeModal(ui.Modal):
    """A form whose failures are answered."""

    async def on_error(  # type: ignore[override]  # discord.py's own Modal narrows it so
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        """Answer the failure."""
        await answer(interaction, error)


def changed(content: dict[str, Any]) -> dict[str, Any]:
    """Give a message's content as it is to be put in place of another's: its pictures instead of those there."""
    kept = {name: value for name, value in content.items() if name not in {"embed", "files"}}
    if "embed" in content:
        kept["embeds"] = [content["embed"]]
    return kept | {"attachments": content.get("files", [])}


async def show(interaction: discord.Interaction[Any], *, replace: bool, **content: Any) -> None:
    """Change the message that was pressed, where `replace` says so, else answer privately beside it.

    A message that is changed keeps nothing of what it was: neither embeds nor pictures.
    """
    if replace:
        await interaction.response.edit_message(**changed(content))
    else:
        await interaction.response.send_message(
            ephemeral=True, **{k: v for k, v in content.items() if v is not None}
        )
