"""`/alert`: one direct message when a film comes to a service of the member's. Checked nightly."""

import logging
from datetime import time, timedelta

import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.client import Marquee
from bot.core.discord import respond
from bot.core.discord.error_handler import log_errors
from bot.core.errors import InvalidInputError
from bot.films.autocomplete import suggest_films
from bot.films.service import FilmService
from bot.films.views import render_nothing_found
from bot.streaming import alert_views as ui
from bot.streaming.alerts import CHECKED, News

log = logging.getLogger(__name__)
Context = discord.Interaction[Marquee]
NIGHTLY = time(4, 30)
"""In UTC, after what is kept was tidied up."""
LAST_CHECK = "alerts checked on"


class AlertsCog(commands.Cog, name="Alerts"):
    """Keeps alerts and tells what came."""

    def __init__(self, bot: Marquee, catalogue: FilmService) -> None:
        self.bot = bot
        self.catalogue = catalogue

    async def cog_load(self) -> None:
        """Begin to check nightly."""
        if self.bot.services.online.enabled and self.bot.services.periodic:
            self.nightly.start()

    async def cog_unload(self) -> None:
        """Stop checking."""
        self.nightly.cancel()

    @app_commands.command()
    @app_commands.describe(film="What you wait for; leave it out to see all you wait for")
    @app_commands.autocomplete(film=suggest_films)
    async def alert(self, interaction: Context, film: str | None = None) -> None:
        """Get a direct message when a film comes to a service of yours in your country."""
        services = self.bot.services
        if not services.online.enabled:
            raise InvalidInputError("Where films stream is not looked up here: whoever runs the bot can add that.")
        await interaction.response.defer(ephemeral=True, thinking=True)
        if film is None:
            await interaction.followup.send(ephemeral=True, **await ui.listed_for(interaction))
            return
        lookup = await self.catalogue.find(film)
        if lookup.film is None:
            await respond(interaction, render_nothing_found(lookup), ephemeral=True)
        elif lookup.guessed:
            await interaction.followup.send(ephemeral=True, **ui.which(lookup))
        else:
            await interaction.followup.send(await ui.ask(interaction, lookup.film), ephemeral=True)

    @tasks.loop(time=NIGHTLY)
    async def nightly(self) -> None:
        """Check every film that somebody waits for, and tell who waited. One process of several does it."""
        services = self.bot.services
        with log_errors("the nightly check of alerts"):
            if await services.claim(LAST_CHECK, services.online.now(), CHECKED):
                await self._check(CHECKED)

    @commands.Cog.listener()
    async def on_marquee_night(self) -> None:
        """Check at once, however young what is kept is: the try page lets a night pass."""
        await self._check(timedelta(0))

    async def _check(self, max_age: timedelta) -> None:
        for member_id, news in (await self.bot.services.alerts.check(max_age)).items():
            await self._tell(member_id, news)

    async def _tell(self, member_id: int, news: list[News]) -> None:
        """Send one message for all that came; a member whose messages are closed is tried again."""
        alerts = self.bot.services.alerts
        try:
            channel = await self.bot.create_dm(discord.Object(member_id))
            await channel.send(**ui.news_card(news))
        except discord.NotFound:
            await alerts.take_back(member_id)
        except discord.HTTPException as error:
            log.info("an alert could not be delivered: Discord says %d", error.code)
            await alerts.not_told(member_id, news)
        else:
            await alerts.told(member_id, news)


async def setup(bot: Marquee) -> None:
    """Add the cog and its buttons."""
    bot.add_dynamic_items(*ui.ITEMS)
    await bot.add_cog(AlertsCog(bot, bot.services.catalogue))


async def teardown(bot: Marquee) -> None:
    """Take the buttons out again."""
    bot.remove_dynamic_items(*ui.ITEMS)
