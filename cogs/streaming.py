"""`/where`: where a film streams, in several countries side by side if asked."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import respond
from bot.core.errors import InvalidInputError
from bot.core.text import countries as names
from bot.films.autocomplete import suggest_countries_with_flags, suggest_films
from bot.films.service import FilmService
from bot.films.views import render_nothing_found
from bot.members.context import get_country
from bot.streaming import where_views as ui
from bot.streaming.card import CARD_SECTION

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
        film=suggest_films,
        country=suggest_countries_with_flags,
        country2=suggest_countries_with_flags,
        country3=suggest_countries_with_flags,
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
        codes = list(dict.fromkeys(asked))
        if not codes:
            country = await get_country(interaction)
            if country is None:
                raise InvalidInputError(NO_COUNTRY)
            codes = [country]
        lookup = await self.catalogue.find(film)
        if lookup.film is None:
            await respond(interaction, render_nothing_found(lookup))
            return
        await ui.answer_where(interaction, lookup, lookup.film, codes)


async def setup(bot: Marquee) -> None:
    """Add the cog, its menu and its section of the film card."""
    bot.add_dynamic_items(*ui.ITEMS)
    bot.services.film_card.add_section(CARD_SECTION)
    await bot.add_cog(Streaming(bot.services.catalogue))


async def teardown(bot: Marquee) -> None:
    """Remove the menu and the section again."""
    bot.remove_dynamic_items(*ui.ITEMS)
    bot.services.film_card.remove(CARD_SECTION.name)
