"""`/featured`, and the clock that keeps the marquee."""

import logging
from datetime import timedelta

import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.client import Marquee
from bot.core.discord import require_guild_id
from bot.core.discord.error_handler import log_errors
from bot.picks import card
from bot.picks import list_views as lists
from bot.picks.announcer import Announcer
from bot.picks.scheduler import PickScheduler
from bot.picks.service import PickService
from bot.reviews.service import ReviewService

log = logging.getLogger(__name__)
AFTER_FAILURE = timedelta(minutes=1)
Context = discord.Interaction[Marquee]


class FeaturedCog(commands.Cog, name="Featured"):
    """Shows what is on, and brings on what comes when its time has come."""

    def __init__(self, bot: Marquee) -> None:
        self.bot = bot
        self.picks: PickService = bot.services.picks
        self.clock: PickScheduler = bot.services.pick_clock
        self.reviews: ReviewService = bot.services.reviews
        self.announcer = Announcer(bot.services.registry)
        self.changed = False

    async def cog_load(self) -> None:
        """Hear of ratings: an announcement shows the stars."""
        self.reviews.listeners.append(self._rated)

    async def cog_unload(self) -> None:
        """Stop the clock."""
        if self._rated in self.reviews.listeners:
            self.reviews.listeners.remove(self._rated)
        self.tick.cancel()

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(history="See what was on before instead")
    async def featured(self, interaction: Context, history: bool = False) -> None:
        """See what is on the marquee."""
        if history:
            await interaction.response.send_message(**await lists.history(interaction))
            return
        current = (await self.picks.programme(require_guild_id(interaction))).current
        if current is None or interaction.guild is None:
            told = "Nothing is on the marquee. `/pick suggest` tells the moderators what you would like there."
            await interaction.response.send_message(told, ephemeral=True)
            return
        await interaction.response.defer(thinking=True)
        await card.fetch(self.bot.services.registry, current.film_id)
        await interaction.followup.send(**await card.card(self.bot.services.registry, interaction.guild, current))

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Start the clock once the servers are known."""
        if not self.tick.is_running():
            self.tick.start()
        await self.picks.warm({guild.id for guild in self.bot.guilds})

    @commands.Cog.listener()
    async def on_guild_available(self, _: discord.Guild) -> None:
        """Look at the clock: something may have become due while Discord did not have the server."""
        self._wake()

    @commands.Cog.listener()
    async def on_guild_join(self, _: discord.Guild) -> None:
        """Look at the clock: the server may have been here before, with a programme."""
        self._wake()

    @commands.Cog.listener()
    async def on_marquee_changed(self, server_id: int) -> None:
        """Look at the clock at once: something was planned, moved or brought on."""
        self._wake()
        await self.picks.outlooks.renew(server_id)
        # Until when the current pick is on may depend on what comes next.
        await self.on_marquee_shown_anew(server_id)

    @commands.Cog.listener()
    async def on_marquee_shown_anew(self, server_id: int, film_id: str | None = None) -> None:
        """Bring the announcement up to date soon, where that film is on, or with None whatever is."""
        if await self.clock.refresh(server_id, film_id):
            self._wake()

    @commands.Cog.listener()
    async def on_member_name_changed(self, server_id: int) -> None:
        """Update the announcement, which names the members who go."""
        await self.on_marquee_shown_anew(server_id)

    def _rated(self, server_id: int, film_id: str) -> None:
        self.bot.dispatch("marquee_shown_anew", server_id, film_id)

    def _wake(self) -> None:
        self.changed = True
        self.tick.change_interval(seconds=0)

    @tasks.loop(seconds=1)
    async def tick(self) -> None:
        """Do what is due, and sleep until something is again."""
        self.changed = False
        looked, wait = self.clock.now(), AFTER_FAILURE
        with log_errors("the marquee's clock"):
            for server_id in await self.clock.due():
                await self._keep(server_id)
            # To serve them takes its time, in which more may have become due.
            wait = await self.clock.wait(looked)
        # A change that came while this was at work is looked at without a wait.
        self.tick.change_interval(seconds=0 if self.changed else wait.total_seconds())

    async def _keep(self, server_id: int) -> None:
        """Bring one server's marquee up to now, if this process serves that server."""
        guild = self.bot.get_guild(server_id)
        if guild is None or guild.unavailable:
            return
        with log_errors(f"the marquee of server {server_id}"):
            if await self.clock.advance(server_id):
                await self.picks.outlooks.renew(server_id)
            await self.announcer.run(guild)


async def setup(bot: Marquee) -> None:
    """Add the cog and what its cards hold."""
    bot.add_dynamic_items(*card.ITEMS, *lists.ITEMS)
    await bot.add_cog(FeaturedCog(bot))


async def teardown(bot: Marquee) -> None:
    """Take the buttons out again."""
    bot.remove_dynamic_items(*card.ITEMS, *lists.ITEMS)
