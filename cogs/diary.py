"""`/diary`, `/profile` and `/top`: what members saw, and what the server likes best."""

from datetime import timedelta

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import require_guild_id
from bot.films.autocomplete import suggest_genres
from bot.films.models import parse_genre
from bot.members.context import refresh_members
from bot.members.server_settings_repository import ServerSettingsRepository
from bot.reviews import diary_views as ui
from bot.reviews.diary import DEFAULT_MINIMUM_RATERS, DiaryService, TopQuery

Context = discord.Interaction[Marquee]
PERIODS = {"week": 7, "month": 30, "year": 365}
_PERIODS = [app_commands.Choice(name=f"Rated in the last {name}", value=name) for name in PERIODS]
_DECADES = [app_commands.Choice(name=f"{year}s", value=year) for year in range(2020, 1880, -10)]


class DiaryCog(commands.Cog, name="Diary"):
    """Shows diaries, profiles and the best."""

    def __init__(self, diary: DiaryService, server_settings: ServerSettingsRepository) -> None:
        self.diary = diary
        self.server_settings = server_settings

    @app_commands.command(name="diary")
    @app_commands.guild_only()
    @app_commands.describe(member="Whose diary, where they have opened it; yours where you leave it out")
    async def show_diary(self, interaction: Context, member: discord.Member | None = None) -> None:
        """See what you saw, latest first; for yourself alone."""
        whose = member or interaction.user
        await interaction.response.send_message(**await ui.diary_of(interaction, whose.id), ephemeral=True)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(member="Whose profile; yours where you leave it out")
    async def profile(self, interaction: Context, member: discord.Member | None = None) -> None:
        """See how a member rates: how many films, their mean and spread, favourites, directors."""
        whose = member or interaction.user
        await interaction.response.send_message(**await ui.profile_of(interaction, whose.id))

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(genre="Of one genre", decade="Of one decade", period="By what was rated lately")
    @app_commands.choices(decade=_DECADES)
    @app_commands.choices(period=_PERIODS)
    @app_commands.autocomplete(genre=suggest_genres)
    async def top(
        self, interaction: Context, genre: str | None = None,
        decade: app_commands.Choice[int] | None = None, period: app_commands.Choice[str] | None = None,
    ) -> None:  # fmt: skip
        """See which films this server likes best."""
        server_id, genre = require_guild_id(interaction), parse_genre(genre)
        minimum = (await self.server_settings.get(server_id)).minimum_raters or DEFAULT_MINIMUM_RATERS
        since = interaction.created_at - timedelta(days=PERIODS[period.value]) if period is not None else None
        query = TopQuery(minimum, genre, decade.value if decade is not None else None, since)
        chosen = (genre, decade and decade.name, period and period.name.lower())
        what = ", ".join(each for each in chosen if each)
        await interaction.response.send_message(**ui.top(await self.diary.top(server_id, query), what, minimum))
        await refresh_members(interaction)


async def setup(bot: Marquee) -> None:
    """Add the cog and what its messages hold."""
    bot.add_dynamic_items(*ui.ITEMS)
    await bot.add_cog(DiaryCog(bot.services.diary, bot.services.server_settings))


async def teardown(bot: Marquee) -> None:
    """Take the buttons out again."""
    bot.remove_dynamic_items(*ui.ITEMS)
