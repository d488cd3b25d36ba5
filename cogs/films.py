"""`/film`: the card of a film, whatever the spelling."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import Choices, autocomplete
from bot.films import metadata_views as online
from bot.films import search_views as found
from bot.films import views
from bot.films.card import choice
from bot.films.service import FilmService
from bot.members import country_views as country
from bot.members.context import refresh_members
from bot.recommendations import similar_views as alike
from bot.search.query import FIRST_YEAR, LAST_YEAR

Year = app_commands.Range[int, FIRST_YEAR, LAST_YEAR]


class Films(commands.Cog):
    """Looks films up."""

    def __init__(self, catalogue: FilmService) -> None:
        self.catalogue = catalogue

    @app_commands.command()
    @app_commands.describe(title="Any spelling, any language, half of it will do", year="Where you know it")
    async def film(self, interaction: discord.Interaction[Marquee], title: str, year: Year | None = None) -> None:
        """Look a film up: who made it, who is in it, what it is about, where to stream it."""
        lookup = await self.catalogue.find(title, year)
        await found.answer(interaction, lookup, year)
        if lookup.film is not None and interaction.guild_id is not None:
            interaction.client.services.server_films.look_up(interaction.guild_id, lookup.film.id)
        await refresh_members(interaction)

    @film.autocomplete("title")
    @autocomplete
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
