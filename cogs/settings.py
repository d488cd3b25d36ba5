"""`/settings` for moderators, `/me` for members."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.films.preferences import Preferences
from bot.ui import settings as ui
from bot.ui.base import Choices, suggestions
from bot.ui.countries import country_code, country_name, find_countries, flag

NONE = "none"
Context = discord.Interaction[Marquee]


def _offer(current: str) -> Choices:
    """Offer countries, and the way back to none."""
    choices = [
        app_commands.Choice(name=f"{flag(code)} {country_name(code)}", value=code)
        for code in find_countries(current, 24)
    ]
    if not current.strip() or NONE.startswith(current.strip().lower()):
        choices.append(app_commands.Choice(name="None: forget the country", value=NONE))
    return choices


def _chosen(country: str) -> str | None:
    """Give the code of what was picked or typed. Raises InvalidInputError where it is no country."""
    return None if country.strip().lower() == NONE else country_code(country)


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class ServerSettings(
    commands.GroupCog, name="settings", description="What holds for this server, for its moderators to set."
):
    """The server's settings."""

    def __init__(self, preferences: Preferences) -> None:
        self.preferences = preferences

    @app_commands.command()
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(country="Whose streaming services cards show, unless a member sets their own")
    async def country(self, interaction: Context, country: str) -> None:
        """Set the server's country."""
        if interaction.guild_id is None:
            raise app_commands.NoPrivateMessage
        code = _chosen(country)
        await self.preferences.set_server_country(interaction.guild_id, code)
        await interaction.response.send_message(ui.country_stored(code, server=True), ephemeral=True)

    @country.autocomplete("country")
    @suggestions
    async def suggest_country(self, interaction: Context, current: str) -> Choices:
        """Offer countries."""
        return _offer(current)


class MemberSettings(commands.GroupCog, name="me", description="What holds for you."):
    """A member's own settings."""

    def __init__(self, preferences: Preferences) -> None:
        self.preferences = preferences

    @app_commands.command()
    @app_commands.describe(country="Whose streaming services cards show you; leave it out to see what is set")
    async def country(self, interaction: Context, country: str | None = None) -> None:
        """Set your country, or see which one holds for you."""
        if country is None:
            found = await self.preferences.country(interaction.user.id, interaction.guild_id)
            told = ui.country_in_force(found)
        else:
            code = _chosen(country)
            await self.preferences.set_member_country(interaction.user.id, code)
            told = ui.country_stored(code, server=False)
        await interaction.response.send_message(told, ephemeral=True)

    @country.autocomplete("country")
    @suggestions
    async def suggest_country(self, interaction: Context, current: str) -> Choices:
        """Offer countries."""
        return _offer(current)


async def setup(bot: Marquee) -> None:
    """Add both groups."""
    await bot.add_cog(ServerSettings(bot.services.preferences))
    await bot.add_cog(MemberSettings(bot.services.preferences))
