"""`/where`: where a film streams, in several countries side by side. Renews nightly which services there are."""

from datetime import time

import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.client import Marquee
from bot.core.discord import respond
from bot.core.discord.error_handler import log_errors
from bot.core.errors import InvalidInputError
from bot.core.text import countries as names
from bot.films.autocomplete import suggest_countries_with_flags, suggest_films
from bot.films.views import render_nothing_found
from bot.members.context import get_country
from bot.streaming import where_views as ui
from bot.streaming.card import CARD_SECTION

Context = discord.Interaction[Marquee]
SERVICES_RENEWAL_TIME = time(4, 0)
"""In UTC."""
NO_COUNTRY = "No country set: name one here, or set yours with `/me country`."


class Streaming(commands.Cog):
    """Shows where films stream."""

    def __init__(self, bot: Marquee) -> None:
        self.services = bot.services
        self.films = bot.services.films

    async def cog_load(self) -> None:
        """Renew the streaming services after the start, then every night."""
        if self.services.periodic:
            self.renew_services_nightly.start()
        self.renew_services_at_start.start()

    async def cog_unload(self) -> None:
        """Stop renewing them."""
        self.renew_services_nightly.cancel()
        self.renew_services_at_start.cancel()

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
        lookup = await self.films.lookup(film)
        if lookup.film is None:
            await respond(interaction, render_nothing_found(lookup))
            return
        await ui.answer_where(interaction, lookup, lookup.film, codes)

    @tasks.loop(count=1)
    async def renew_services_at_start(self) -> None:
        """Renew the streaming services once."""
        with log_errors("the streaming services"):
            await self.services.subscriptions.refresh_services()

    @tasks.loop(time=SERVICES_RENEWAL_TIME)
    async def renew_services_nightly(self) -> None:
        """Renew the streaming services."""
        with log_errors("the streaming services"):
            await self.services.subscriptions.refresh_services()


async def setup(bot: Marquee) -> None:
    """Add the cog, its menu and its section of the film card."""
    bot.add_dynamic_items(*ui.ITEMS)
    bot.services.film_card.add_section(CARD_SECTION)
    await bot.add_cog(Streaming(bot))


async def teardown(bot: Marquee) -> None:
    """Remove the menu and the section again."""
    bot.remove_dynamic_items(*ui.ITEMS)
    bot.services.film_card.remove(CARD_SECTION.name)
