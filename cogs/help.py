"""`/help` and `/about`."""

from importlib.metadata import version

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord.help import about_embed, help_embed
from bot.films.embeds import TMDB_NOTICE
from bot.streaming.embeds import JUSTWATCH_NOTICE

Context = discord.Interaction[Marquee]


class HelpCog(commands.Cog, name="Help"):
    """What the bot does, and whose data it shows."""

    @app_commands.command()
    async def help(self, interaction: Context) -> None:
        """See everything Marquee does."""
        bot = interaction.client
        all_commands = [each for each in bot.tree.walk_commands() if isinstance(each, app_commands.Command)]
        await interaction.response.send_message(embed=help_embed(all_commands, bot.command_ids), ephemeral=True)

    @app_commands.command()
    async def about(self, interaction: Context) -> None:
        """See what Marquee is, and whose data it shows."""
        tmdb_notice = TMDB_NOTICE if interaction.client.services.metadata.is_enabled else None
        embed = about_embed(version("marquee-bot"), tmdb_notice=tmdb_notice, justwatch_notice=JUSTWATCH_NOTICE)
        await interaction.response.send_message(embed=embed, ephemeral=True)


async def setup(bot: Marquee) -> None:
    """Add the cog."""
    await bot.add_cog(HelpCog())
