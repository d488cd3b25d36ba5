"""`/mydata`: what is kept about a member is theirs to have, to hide and to delete."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.members import privacy_views as ui
from bot.members.privacy import PrivacyService
from bot.picks.engagement import PickEngagementService
from bot.recommendations.service import Recommender

Context = discord.Interaction[Marquee]


class MyData(commands.GroupCog, name="mydata", description="What is kept about you."):
    """Hands out, hides and deletes."""

    def __init__(
        self, member_data: PrivacyService, recommender: Recommender, voices: PickEngagementService
    ) -> None:
        self.member_data = member_data
        self.recommender = recommender
        self.voices = voices

    @app_commands.command()
    async def export(self, interaction: Context) -> None:
        """Get everything Marquee keeps about you, as a ZIP."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send(**await ui.export(interaction), ephemeral=True)

    @app_commands.command()
    async def delete(self, interaction: Context) -> None:
        """Delete everything Marquee keeps about you, in all servers."""
        await interaction.response.send_message(**await ui.ask_delete(interaction), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(hidden="Whether your name stays out of lists")
    async def hide(self, interaction: Context, hidden: bool = True) -> None:
        """Keep your name out of lists, or let it be shown again."""
        await self.member_data.set_name_hidden(interaction.user.id, hidden)
        await interaction.response.send_message(ui.name_hidden(hidden), ephemeral=True)
        ui.name_anew(interaction, await self.voices.going_in(interaction.user.id))

    @app_commands.command()
    @app_commands.describe(public="Whether others may read your diary")
    async def diary(self, interaction: Context, public: bool) -> None:
        """Open your diary to others, or close it."""
        await self.member_data.set_diary_public(interaction.user.id, public)
        await interaction.response.send_message(ui.diary_opened(public), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(shared="Whether other servers may learn; left out: see what holds")
    async def learning(self, interaction: Context, shared: bool | None = None) -> None:
        """Let other servers' recommendations learn from your stars, without a name; by default they don't."""
        if shared is not None:
            await self.recommender.set_member_shares(interaction.user.id, shared)
        holds = await self.recommender.tastes.member_shares(interaction.user.id)
        await interaction.response.send_message(ui.learning(holds), ephemeral=True)


async def setup(bot: Marquee) -> None:
    """Add the cog and what its messages hold."""
    bot.add_dynamic_items(*ui.ITEMS)
    await bot.add_cog(MyData(bot.services.member_data, bot.services.recommender, bot.services.pick_voices))


async def teardown(bot: Marquee) -> None:
    """Take the button out again."""
    bot.remove_dynamic_items(*ui.ITEMS)
