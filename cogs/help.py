"""`/help`: what there is, in one card."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import help as ui


class Help(commands.Cog):
    """Explains the bot."""

    @app_commands.command()
    async def help(self, interaction: discord.Interaction[Marquee]) -> None:
        """See everything Marquee does."""
        bot = interaction.client
        every = [each for each in bot.tree.walk_commands() if isinstance(each, app_commands.Command)]
        await interaction.response.send_message(embed=ui.card(every, bot.command_ids), ephemeral=True)


async def setup(bot: Marquee) -> None:
    """Add the cog."""
    await bot.add_cog(Help())
