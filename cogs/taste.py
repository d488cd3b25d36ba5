"""`/taste`: how far two members agree."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.members.context import refresh_members
from bot.recommendations import taste_views as ui

Context = discord.Interaction[Marquee]


class TasteCog(commands.Cog, name="Taste"):
    """Compares tastes."""

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(member="Whom to compare yourself with")
    async def taste(self, interaction: Context, member: discord.Member) -> None:
        """How far you and another member agree, and what each should show the other; for your eyes alone."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send(**await ui.compared(interaction, member), ephemeral=True)
        await refresh_members(interaction)


async def setup(bot: Marquee) -> None:
    """Add the cog and what its messages hold."""
    bot.add_dynamic_items(*ui.ITEMS)
    await bot.add_cog(TasteCog())


async def teardown(bot: Marquee) -> None:
    """Take the buttons out again."""
    bot.remove_dynamic_items(*ui.ITEMS)
