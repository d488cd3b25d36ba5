"""`/about`: what Marquee is, and whose data it shows."""

from importlib.metadata import version

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import about as ui


class About(commands.Cog):
    """Names the sources."""

    @app_commands.command()
    async def about(self, interaction: discord.Interaction[Marquee]) -> None:
        """See what Marquee is, and whose data it shows."""
        tmdb = interaction.client.services.metadata.is_enabled
        await interaction.response.send_message(embed=ui.card(version("marquee-bot"), tmdb=tmdb), ephemeral=True)


async def setup(bot: Marquee) -> None:
    """Add the cog."""
    await bot.add_cog(About())
