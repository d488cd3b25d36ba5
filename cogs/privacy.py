"""`/mydata`: what is kept about a member is theirs to have, to hide and to delete."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import respond
from bot.members import privacy_views
from bot.members.privacy_service import PrivacyService
from bot.recommendations.service import RecommendationService

Context = discord.Interaction[Marquee]


class MyDataCog(commands.GroupCog, name="mydata", description="What is kept about you."):
    """`/mydata`: the export and deletion of a member's data, and what others may see of it."""

    def __init__(self, privacy: PrivacyService, recommendations: RecommendationService) -> None:
        self.privacy = privacy
        self.recommendations = recommendations

    @app_commands.command()
    async def export(self, interaction: Context) -> None:
        """Get everything Marquee keeps about you, as a ZIP."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await respond(interaction, await privacy_views.render_export(interaction))

    @app_commands.command()
    async def delete(self, interaction: Context) -> None:
        """Delete everything Marquee keeps about you, in all servers."""
        await respond(interaction, await privacy_views.render_delete_confirmation(interaction))

    @app_commands.command()
    @app_commands.describe(hidden="Whether your name stays out of lists")
    async def hide(self, interaction: Context, hidden: bool = True) -> None:
        """Keep your name out of lists, or let it be shown again."""
        announced = await self.privacy.set_name_hidden(interaction.user.id, hidden)
        await interaction.response.send_message(privacy_views.describe_name_hidden(hidden), ephemeral=True)
        privacy_views.dispatch_name_changed(interaction, announced)

    @app_commands.command()
    @app_commands.describe(public="Whether others may read your diary")
    async def diary(self, interaction: Context, public: bool) -> None:
        """Open your diary to others, or close it."""
        await self.privacy.set_diary_public(interaction.user.id, public)
        await interaction.response.send_message(privacy_views.describe_diary_public(public), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(shared="Whether other servers may learn; left out: see what holds")
    async def learning(self, interaction: Context, shared: bool | None = None) -> None:
        """Let other servers' recommendations learn from your stars, without a name; by default they don't."""
        if shared is not None:
            await self.recommendations.set_member_sharing(interaction.user.id, shared)
        is_shared = await self.recommendations.repository.is_member_sharing(interaction.user.id)
        await interaction.response.send_message(privacy_views.describe_rating_sharing(is_shared), ephemeral=True)


async def setup(bot: Marquee) -> None:
    """Add the cog and its button."""
    bot.add_dynamic_items(*privacy_views.ITEMS)
    await bot.add_cog(MyDataCog(bot.services.privacy, bot.services.recommendations))


async def teardown(bot: Marquee) -> None:
    """Remove the button."""
    bot.remove_dynamic_items(*privacy_views.ITEMS)
