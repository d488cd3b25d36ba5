"""`/recommend` and `/similar`: what a member may like, and what is like a film."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.films.catalogue import Catalogue
from bot.films.recommendations.moods import Mood
from bot.films.recommendations.wishes import Wishes
from bot.ui.base import Choices, suggestions
from bot.ui.countries import (
    country_code,
    country_name,
    find_countries,
    find_languages,
    language_code,
    language_name,
)
from bot.ui.films.card import choice
from bot.ui.films.views import chosen_film
from bot.ui.genres import genre_choices, known_genre
from bot.ui.presence import roll_call
from bot.ui.recommendations import ITEMS
from bot.ui.recommendations.lists import for_you, like
from bot.ui.recommendations.wishes import MOODS, SURPRISES

Context = discord.Interaction[Marquee]
MOOD_CHOICES = [app_commands.Choice(name=name, value=mood.value) for mood, name in MOODS.items()]
_DECADES = [app_commands.Choice(name=f"{year}s", value=year) for year in range(2020, 1880, -10)]
_SURPRISES = [app_commands.Choice(name=name, value=value) for value, name in SURPRISES.items()]
Minutes = app_commands.Range[int, 1, 999]


class RecommendationCog(commands.Cog, name="Recommendations"):
    """Recommends films."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(
        genre="Of one genre", mood="What you are in the mood for", max_minutes="Longer is left out",
        decade="Of one decade", language="In one language", country="Made in one country",
        surprise="Off the beaten track",
    )  # fmt: skip
    @app_commands.choices(mood=MOOD_CHOICES)
    @app_commands.choices(decade=_DECADES)
    @app_commands.choices(surprise=_SURPRISES)
    async def recommend(
        self, interaction: Context, genre: str | None = None, mood: str | None = None,
        max_minutes: Minutes | None = None, decade: int | None = None, language: str | None = None,
        country: str | None = None, surprise: float | None = None,
    ) -> None:  # fmt: skip
        """Five films for you, with stars you would give them and the reason why; for your eyes alone."""
        wishes = Wishes(
            genre=known_genre(genre),
            mood=Mood(mood) if mood is not None else None,
            max_minutes=max_minutes,
            decade=decade,
            language=language_code(language) if language else None,
            country=country_code(country) if country else None,
            surprise=surprise or 0.0,
        )
        await interaction.response.defer(ephemeral=True, thinking=True)
        for message in await for_you(interaction, wishes):
            await interaction.followup.send(**message, ephemeral=True)
        await roll_call(interaction)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(film="The film")
    async def similar(self, interaction: Context, film: str) -> None:
        """Films like one, by who liked it and by what it is, each with the reason."""
        if (found := await chosen_film(interaction, film)) is not None:
            await interaction.response.defer(thinking=True)
            await interaction.followup.send(**await like(interaction, found.id))
            await roll_call(interaction)

    @similar.autocomplete("film")
    @suggestions
    async def suggest_film(self, interaction: Context, current: str) -> Choices:
        """Offer films while somebody types."""
        return [choice(match) for match in self.catalogue.suggest(current, server_id=interaction.guild_id)]

    @recommend.autocomplete("genre")
    @suggestions
    async def suggest_genre(self, interaction: Context, current: str) -> Choices:
        """Offer the catalogue's genres."""
        return genre_choices(current)

    @recommend.autocomplete("language")
    @suggestions
    async def suggest_language(self, interaction: Context, current: str) -> Choices:
        """Offer languages."""
        return [app_commands.Choice(name=language_name(code), value=code) for code in find_languages(current)]

    @recommend.autocomplete("country")
    @suggestions
    async def suggest_country(self, interaction: Context, current: str) -> Choices:
        """Offer countries."""
        return [app_commands.Choice(name=country_name(code), value=code) for code in find_countries(current)]


async def setup(bot: Marquee) -> None:
    """Add the cog and what its messages hold."""
    bot.add_dynamic_items(*ITEMS)
    await bot.add_cog(RecommendationCog(bot.services.catalogue))


async def teardown(bot: Marquee) -> None:
    """Take the buttons out again."""
    bot.remove_dynamic_items(*ITEMS)
