"""`/where`: where a film streams, in several countries side by side if asked."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.errors import InvalidInputError
from bot.core.text import countries as names
from bot.films import views
from bot.films.autocomplete import films, flagged_countries
from bot.films.metadata_views import reader_of
from bot.films.service import FilmService
from bot.streaming import where_views as ui

Context = discord.Interaction[Marquee]
NO_COUNTRY = "No country set: name one here, or set yours with `/me country`."


class Streaming(commands.Cog):
    """Tells where films stream."""

    def __init__(self, catalogue: FilmService) -> None:
        self.catalogue = catalogue

    @app_commands.command()
    @app_commands.describe(
        film="Any spelling will do",
        country="Yours if you leave it out",
        country2="A second country, side by side",
        country3="A third one",
    )
    @app_commands.autocomplete(
        film=films, country=flagged_countries, country2=flagged_countries, country3=flagged_countries
    )
    async def where(
        self,
        interaction: Context,
        film: str,
        country: str | None = None,
        country2: str | None = None,
        country3: str | None = None,
    ) -> None:
        """See where a film streams: subscription, free, with ads, to rent, to buy."""
        asked = [names.country_code(text) for text in (country, country2, country3) if text]
        reader = await reader_of(interaction)
        codes = list(dict.fromkeys(asked)) or ([reader.country] if reader.country else [])
        if not codes:
            raise InvalidInputError(NO_COUNTRY)
        lookup = await self.catalogue.find(film)
        if lookup.film is None:
            await interaction.response.send_message(**views.reply(lookup, reader.country))
            return
        await ui.tell(interaction, lookup, lookup.film, codes)


async def setup(bot: Marquee) -> None:
    """Add the cog and its menu."""
    bot.add_dynamic_items(*ui.ITEMS)
    await bot.add_cog(Streaming(bot.services.catalogue))


async def teardown(bot: Marquee) -> None:
    """Take the menu out again."""
    bot.remove_dynamic_items(*ui.ITEMS)
