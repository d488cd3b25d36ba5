"""`/where`: where a film streams, in several countries side by side if asked."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.films.catalogue import Catalogue
from bot.films.errors import InvalidInputError
from bot.films.film import Film
from bot.films.online.details import Known
from bot.films.online.service import Online
from bot.ui import countries as names
from bot.ui.films import views
from bot.ui.films.card import card
from bot.ui.films.online import reader_of
from bot.ui.offers import films, flagged_countries
from bot.ui.streaming import Reader, where_card

Context = discord.Interaction[Marquee]
NO_COUNTRY = "No country set: name one here, or set yours with `/me country`."


class Streaming(commands.Cog):
    """Tells where films stream."""

    def __init__(self, catalogue: Catalogue, online: Online) -> None:
        self.catalogue = catalogue
        self.online = online

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
        await self._tell(interaction, lookup.film, codes, reader)

    async def _tell(self, interaction: Context, film: Film, codes: list[str], reader: Reader) -> None:
        if not self.online.enabled:
            await interaction.response.send_message(embeds=[card(film, code) for code in codes])
            return
        known: Known | None = await self.online.look(film)
        if known is None:
            await interaction.response.defer(thinking=True)
            known = await self.online.fetch(film)
            await interaction.followup.send(embed=where_card(film, known, codes, reader.mine, self.online.now()))
            return
        embed = where_card(film, known, codes, reader.mine, self.online.now())
        await interaction.response.send_message(embed=embed)


async def setup(bot: Marquee) -> None:
    """Add the cog."""
    await bot.add_cog(Streaming(bot.services.catalogue, bot.services.online))
