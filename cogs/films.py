"""`/film`: the card of a film, whatever the spelling."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.films.catalogue import Catalogue
from bot.films.titles.query import FIRST_YEAR, LAST_YEAR
from bot.ui.base import Choices, suggestions
from bot.ui.films import alike, country, found, online, views
from bot.ui.films.card import choice
from bot.ui.presence import roll_call

Year = app_commands.Range[int, FIRST_YEAR, LAST_YEAR]


class Films(commands.Cog):
    """Looks films up."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    @app_commands.command()
    @app_commands.describe(title="Any spelling, any language, half of it will do", year="Where you know it")
    async def film(self, interaction: discord.Interaction[Marquee], title: str, year: Year | None = None) -> None:
        """Look a film up: who made it, who is in it, what it is about, where to stream it."""
        lookup = await self.catalogue.find(title, year)
        await found.answer(interaction, lookup, year)
        if lookup.film is not None and interaction.guild_id is not None:
            interaction.client.services.server_films.look_up(interaction.guild_id, lookup.film.id)
        await roll_call(interaction)

    @film.autocomplete("title")
    @suggestions
    async def suggest_title(self, interaction: discord.Interaction[Marquee], current: str) -> Choices:
        """Offer films while somebody types."""
        year = interaction.namespace.year
        matches = self.catalogue.suggest(
            current, year if isinstance(year, int) else None, server_id=interaction.guild_id
        )
        return [choice(match) for match in matches]


ITEMS = (*views.ITEMS, *online.ITEMS, *found.ITEMS, *country.ITEMS, *alike.ITEMS)


async def setup(bot: Marquee) -> None:
    """Add the cog and what its cards hold."""
    bot.add_dynamic_items(*ITEMS)
    await bot.add_cog(Films(bot.services.catalogue))


async def teardown(bot: Marquee) -> None:
    """Take the cards' buttons out again."""
    bot.remove_dynamic_items(*ITEMS)
