"""`/tonight`: a film for a group, that leaves nobody out."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import require_guild_id
from bot.films.autocomplete import (
    suggest_countries,
    suggest_genres,
    suggest_languages,
)
from bot.members.context import refresh_members
from bot.recommendations import tonight_views as ui
from bot.recommendations.command_options import DECADE_CHOICES, MOOD_CHOICES, Minutes, parse_filters
from bot.recommendations.service import GroupSessionService

Context = discord.Interaction[Marquee]


class TonightCog(commands.Cog, name="Tonight"):
    """Finds films for groups."""

    def __init__(self, group_sessions: GroupSessionService) -> None:
        self.group_sessions = group_sessions

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(
        max_minutes="Longer is left out", genre="Of one genre", mood="What you are in the mood for",
        decade="Of one decade", language="In one language", country="Made in one country",
        only_my_services="Only what a service of at least one of you shows in their country (see /services)",
    )  # fmt: skip
    @app_commands.choices(mood=MOOD_CHOICES)
    @app_commands.choices(decade=DECADE_CHOICES)
    @app_commands.autocomplete(genre=suggest_genres, language=suggest_languages, country=suggest_countries)
    async def tonight(
        self, interaction: Context, max_minutes: Minutes | None = None, genre: str | None = None,
        mood: str | None = None, decade: int | None = None, language: str | None = None,
        country: str | None = None, only_my_services: bool = False,
    ) -> None:  # fmt: skip
        """Films for up to ten of you, with the stars each would give; the menu says who is watching."""
        filters = parse_filters(
            {
                "genre": genre, "mood": mood, "max_minutes": max_minutes, "decade": decade, "language": language,
                "country": country, "only_my_services": only_my_services,
            }
        )  # fmt: skip
        await interaction.response.defer(thinking=True)
        session = await self.group_sessions.create(require_guild_id(interaction), [interaction.user.id], filters)
        await interaction.followup.send(**await ui.list_for(interaction, session))
        await refresh_members(interaction)


async def setup(bot: Marquee) -> None:
    """Add the cog and what its messages hold."""
    bot.add_dynamic_items(*ui.ITEMS)
    await bot.add_cog(TonightCog(bot.services.group_sessions))


async def teardown(bot: Marquee) -> None:
    """Take the menus out again."""
    bot.remove_dynamic_items(*ui.ITEMS)
