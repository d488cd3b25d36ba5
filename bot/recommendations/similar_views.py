"""The way from a film to those like it."""

from typing import Any

import discord
from discord import ui

from bot.core.discord import Button, custom_id, is_ephemeral
from bot.core.discord.response import show_late


class SimilarButton(Button, template=r"v1:alike:(?P<film_id>[a-z0-9-]+):(?P<skip>\d{1,5})"):
    """Films like one: from its card, or the next of a list of them; `skip` came before."""

    def __init__(self, film_id: str, skip: str = "0", label: str = "Similar") -> None:
        self.film_id = film_id
        self.skip = int(skip)
        super().__init__(ui.Button(label=label, custom_id=custom_id("alike", film_id, skip)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show them to who pressed: beside a card, or in place where the list is theirs alone."""
        from bot.recommendations.list_views import like  # here, because a card leads to this button

        async def make() -> dict[str, Any]:
            return await like(interaction, self.film_id, self.skip)

        await show_late(interaction, make, replace=self.skip > 0 and is_ephemeral(interaction))


ITEMS = (SimilarButton,)
