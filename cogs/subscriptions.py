"""`/services`: what a member subscribes to."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import Choices, autocomplete
from bot.streaming import subscription_views as ui
from bot.streaming.subscriptions import SubscriptionService

Context = discord.Interaction[Marquee]


class SubscriptionsCog(commands.Cog, name="Subscriptions"):
    """Keeps what members subscribe to."""

    def __init__(self, subscriptions: SubscriptionService) -> None:
        self.subscriptions = subscriptions

    @app_commands.command()
    @app_commands.describe(add="A service you subscribe to", remove="One you no longer subscribe to")
    async def services(self, interaction: Context, add: str | None = None, remove: str | None = None) -> None:
        """Name what you subscribe to: your services come first on cards, and alerts tell of them."""
        member = interaction.user.id
        if remove:
            await self.subscriptions.remove(member, remove)
        if add:
            await self.subscriptions.add(member, add)
        shown = await ui.card(interaction, await self.subscriptions.of(member))
        await interaction.response.send_message(ephemeral=True, **shown)

    @services.autocomplete("add")
    @services.autocomplete("remove")
    @autocomplete
    async def suggest_service(self, interaction: Context, current: str) -> Choices:
        """Offer services, from memory."""
        return [ui.choice(name) for name in self.subscriptions.suggest(current, None)]


async def setup(bot: Marquee) -> None:
    """Add the cog and its menu."""
    bot.add_dynamic_items(*ui.ITEMS)
    await bot.add_cog(SubscriptionsCog(bot.services.subscriptions))


async def teardown(bot: Marquee) -> None:
    """Take the menu out again."""
    bot.remove_dynamic_items(*ui.ITEMS)
