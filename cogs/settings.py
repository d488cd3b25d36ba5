"""`/settings` for moderators, `/me` for members."""

from dataclasses import replace

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import Choices, autocomplete, require_guild_id
from bot.core.text.countries import parse_country
from bot.films.autocomplete import list_countries_with_flags
from bot.members import country_views
from bot.members import settings_embeds as ui
from bot.members.preferences import PreferenceService
from bot.members.server_settings import or_default
from bot.members.settings_repository import ServerSettingsRepository
from bot.moderation.models import DEFAULT_REPORT_THRESHOLD
from bot.moderation.service import ModerationService
from bot.moderation.word_filter import parse_words
from bot.picks.service import PickService
from bot.recommendations.service import RecommendationService
from bot.reviews.top import DEFAULT_MINIMUM_RATERS
from bot.services import Services

NONE = "none"
Raters = app_commands.Range[int, 1, 100]
Reports = app_commands.Range[int, 0, 100]
_FORGETTABLE = [
    app_commands.Choice(name="The moderators' role", value="moderator_role"),
    app_commands.Choice(name="The log channel", value="log_channel"),
]
Context = discord.Interaction[Marquee]


@autocomplete
async def _countries(_: Context, current: str) -> Choices:
    """Offer countries, and the way back to none."""
    choices = list_countries_with_flags(current, 24)
    if not current.strip() or NONE.startswith(current.strip().lower()):
        choices.append(app_commands.Choice(name="None: forget the country", value=NONE))
    return choices


def _chosen(country: str) -> str | None:
    """Give the code of what was picked or typed. Raises InvalidInputError where it is no country."""
    return None if country.strip().lower() == NONE else parse_country(country)


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class ServerSettingsCog(
    commands.GroupCog, name="settings", description="What holds for this server, for its moderators to set."
):
    """The server's settings."""

    def __init__(self, services: Services) -> None:
        self.server_settings: ServerSettingsRepository = services.server_settings
        self.moderation: ModerationService = services.moderation
        self.marquee: PickService = services.picks
        self.recommendations: RecommendationService = services.recommendations

    @app_commands.command()
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(country="Whose streaming services cards show, unless a member sets their own")
    @app_commands.autocomplete(country=_countries)
    async def country(self, interaction: Context, country: str) -> None:
        """Set the server's country."""
        if interaction.guild_id is None:
            raise app_commands.NoPrivateMessage
        code = _chosen(country)
        await self.server_settings.change(interaction.guild_id, lambda before: replace(before, country=code))
        await interaction.response.send_message(ui.server_country_stored(code), ephemeral=True)

    @app_commands.command()
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(shared="Whether servers that share learn from each other; left out: see what holds")
    async def learning(self, interaction: Context, shared: bool | None = None) -> None:
        """Let recommendations learn across servers, from members who allow it; by default they don't."""
        server_id = require_guild_id(interaction)
        if shared is not None:
            await self.recommendations.set_server_sharing(server_id, shared)
        settings = await self.server_settings.get(server_id)
        message = ui.server_learning(settings.ratings_shared_at is not None)
        await interaction.response.send_message(message, ephemeral=True)

    @app_commands.command()
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(
        minimum_raters="How many members must have rated a film before /top lists it",
        report_threshold="How many reports hide a review until a moderator decides; 0 is off",
        moderator_role="Who may moderate reviews, besides those who may manage messages",
        log_channel="Where moderators' decisions are posted",
        forget="Settings to take back",
    )
    @app_commands.choices(forget=_FORGETTABLE)
    async def reviews(
        self, interaction: Context, minimum_raters: Raters | None = None, report_threshold: Reports | None = None,
        moderator_role: discord.Role | None = None, log_channel: discord.TextChannel | None = None,
        forget: app_commands.Choice[str] | None = None,
    ) -> None:  # fmt: skip
        """Set what holds for reviews here, or see it."""
        server_id = require_guild_id(interaction)
        options = {
            "minimum_raters": minimum_raters,
            "report_threshold": report_threshold,
            "moderator_role_id": moderator_role.id if moderator_role is not None else None,
            "log_channel_id": log_channel.id if log_channel is not None else None,
        }
        changes: dict[str, int | None] = {name: value for name, value in options.items() if value is not None}
        if forget is not None:
            changes[f"{forget.value}_id"] = None
        settings = await self.moderation.change_settings(server_id, interaction.user.id, changes)
        embed = ui.review_settings(
            settings,
            minimum_raters=or_default(settings.minimum_raters, DEFAULT_MINIMUM_RATERS),
            report_threshold=or_default(settings.report_threshold, DEFAULT_REPORT_THRESHOLD),
        )
        await interaction.response.send_message(embed=embed, ephemeral=True)

    @app_commands.command()
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(curator_role="Who may curate, besides those who manage the server; none where left out")
    async def picks(self, interaction: Context, curator_role: discord.Role | None = None) -> None:
        """Set who may plan the marquee; `/pick rotate` sets the rest."""
        role_id = curator_role.id if curator_role is not None else None
        await self.marquee.change_settings(require_guild_id(interaction), {"curator_role_id": role_id})
        await interaction.response.send_message(ui.curators(role_id), ephemeral=True)

    @app_commands.command()
    @app_commands.checks.has_permissions(manage_guild=True)
    @app_commands.describe(words="All of them, separated by commas; * stands for any letters; “none” for none")
    async def words(self, interaction: Context, words: str | None = None) -> None:
        """Set which words reviews may not hold, or see them; AutoMod's rules hold besides."""
        server_id = require_guild_id(interaction)
        if words is not None:
            chosen = () if words.strip().lower() == NONE else parse_words(words)
            await self.moderation.change_settings(server_id, interaction.user.id, {"word_filter": chosen})
        settings = await self.server_settings.get(server_id)
        await interaction.response.send_message(ui.blocked_words(settings.word_filter or ()), ephemeral=True)


class MemberSettingsCog(commands.GroupCog, name="me", description="What holds for you."):
    """A member's own settings."""

    def __init__(self, preferences: PreferenceService) -> None:
        self.preferences = preferences

    @app_commands.command()
    @app_commands.describe(country="Whose streaming services cards show you; leave it out to see what is set")
    @app_commands.autocomplete(country=_countries)
    async def country(self, interaction: Context, country: str | None = None) -> None:
        """Set your country, or see which one holds for you."""
        if country is not None:
            await self.preferences.repository.set_country(interaction.user.id, _chosen(country))
        found = await self.preferences.resolve_country(interaction.user.id, interaction.guild_id)
        told = ui.country_in_force(found) if country is None else ui.country_stored(found)
        await interaction.response.send_message(told, ephemeral=True)


async def setup(bot: Marquee) -> None:
    """Add both groups, and what sets a member's country from a card."""
    bot.add_dynamic_items(*country_views.ITEMS)
    await bot.add_cog(ServerSettingsCog(bot.services))
    await bot.add_cog(MemberSettingsCog(bot.services.preferences))


async def teardown(bot: Marquee) -> None:
    """Remove the buttons again."""
    bot.remove_dynamic_items(*country_views.ITEMS)
