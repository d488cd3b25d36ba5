"""`/import`: members' film histories from other services."""

from datetime import timedelta
from functools import partial

import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.client import Marquee
from bot.core.discord import acknowledge, require_guild_id, respond
from bot.core.discord.error_handler import log_errors
from bot.core.discord.localisation import gettext_lazy
from bot.imports import preview_views, review_views, views
from bot.imports.member_service import MemberImportService
from bot.services import Services

Context = discord.Interaction[Marquee]
CLEANUP_INTERVAL = timedelta(hours=20)
"""How far apart the nightly clean-ups are at least."""


@app_commands.guild_only()
class ImportCog(
    commands.GroupCog, name="import", description=gettext_lazy("Bring your films from another service")
):
    """`/import`: files from Letterboxd, IMDb, Trakt and others, and what came of them."""

    def __init__(self, bot: Marquee) -> None:
        self.bot = bot
        self.services: Services = bot.services
        self.imports: MemberImportService = bot.services.imports

    async def cog_load(self) -> None:
        """Count imported ratings of a film anew whenever somebody rates it here."""
        self.services.reviews.listeners.append(self._on_rating)

    async def cog_unload(self) -> None:
        """Stop the nightly job."""
        self.services.reviews.listeners.remove(self._on_rating)
        self.clean_up.cancel()

    @app_commands.command(description=gettext_lazy("Import an export from Letterboxd, IMDb, Trakt and others"))
    @app_commands.describe(file=gettext_lazy("The ZIP, CSV or JSON file, as exported"))
    async def file(self, interaction: Context, file: discord.Attachment | None = None) -> None:
        """Show what a file would bring, or the form to upload one."""
        if file is None:
            await interaction.response.send_modal(preview_views.UploadModal())
            return
        await acknowledge(interaction, ephemeral=True)
        await respond(interaction, await preview_views.render_upload(interaction, file))

    @app_commands.command(description=gettext_lazy("See your imports and undo them"))
    async def history(self, interaction: Context) -> None:
        """Show the member's imports."""
        await acknowledge(interaction, ephemeral=True)
        await respond(interaction, await views.render_history(interaction))

    @app_commands.command(description=gettext_lazy("Fix films that couldn't be matched"))
    async def repair(self, interaction: Context) -> None:
        """Show the first film that needs a decision."""
        await acknowledge(interaction, ephemeral=True)
        require_guild_id(interaction)
        await respond(interaction, await views.render_repair(interaction))

    @app_commands.command(description=gettext_lazy("Publish the reviews you imported, one by one or all"))
    async def reviews(self, interaction: Context) -> None:
        """Show the first of the member's private reviews."""
        await acknowledge(interaction, ephemeral=True)
        require_guild_id(interaction)
        await respond(interaction, await review_views.render_private_review(interaction))

    def _on_rating(self, server_id: int, film_id: str) -> None:
        self.imports.start_background(self.imports.recount_film(server_id, film_id))

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Go on with what a restart interrupted, and start the nightly job."""
        with log_errors("interrupted imports"):
            await self.imports.resume(self._is_served)
        if self.services.has_nightly_jobs and not self.clean_up.is_running():
            self.clean_up.start()

    @tasks.loop(hours=24)
    async def clean_up(self) -> None:
        """Delete files that were never taken, and what undoing needs once its time is over."""
        with log_errors("cleaning imports up"):
            claim = partial(self.services.claim_job, "imports cleaned up", discord.utils.utcnow())
            if await claim(CLEANUP_INTERVAL):
                await self.imports.delete_expired()
            await self.imports.resume_searches(self._is_served)

    def _is_served(self, server_id: int) -> bool:
        return self.bot.get_guild(server_id) is not None


async def setup(bot: Marquee) -> None:
    """Add the cog, its buttons, menus and form."""
    bot.add_dynamic_items(*views.ITEMS, *preview_views.ITEMS, *review_views.ITEMS)
    bot.add_modals(*views.MODALS, *preview_views.MODALS, *review_views.MODALS)
    await bot.add_cog(ImportCog(bot))


async def teardown(bot: Marquee) -> None:
    """Remove the buttons, menus and form again."""
    bot.remove_dynamic_items(*views.ITEMS, *preview_views.ITEMS, *review_views.ITEMS)
    bot.remove_modals(*views.MODALS, *preview_views.MODALS, *review_views.MODALS)
