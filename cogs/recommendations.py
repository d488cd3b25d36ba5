"""`/recommend` and `/similar`: what a member may like, and what is like a film."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.films.autocomplete import (
    suggest_countries,
    suggest_films,
    suggest_genres,
    suggest_languages,
)
from bot.films.card import CardAction
from bot.films.views import resolve_film
from bot.members.context import refresh_members
from bot.recommendations.command_options import (
    DECADE_CHOICES,
    MOOD_CHOICES,
    SURPRISE_CHOICES,
    Minutes,
    parse_filters,
)
from bot.recommendations.components import ITEMS
from bot.recommendations.list_views import for_you, like
from bot.recommendations.similar_views import SimilarButton

Context = discord.Interaction[Marquee]


class RecommendationCog(commands.Cog, name="Recommendations"):
    """Recommends films."""

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(
        genre="Of one genre", mood="What you are in the mood for", max_minutes="Longer is left out",
        decade="Of one decade", language="In one language", country="Made in one country",
        surprise="Off the beaten track",
        only_my_services="Only what the services you named with /services show in your country",
    )  # fmt: skip
    @app_commands.choices(mood=MOOD_CHOICES)
    @app_commands.choices(decade=DECADE_CHOICES)
    @app_commands.choices(surprise=SURPRISE_CHOICES)
    @app_commands.autocomplete(genre=suggest_genres, language=suggest_languages, country=suggest_countries)
    async def recommend(
        self, interaction: Context, genre: str | None = None, mood: str | None = None,
        max_minutes: Minutes | None = None, decade: int | None = None, language: str | None = None,
        country: str | None = None, surprise: float | None = None, only_my_services: bool = False,
    ) -> None:  # fmt: skip
        """Five films for you, with stars you would give them and the reason why; for your eyes alone."""
        filters = parse_filters(
            {
                "genre": genre, "mood": mood, "max_minutes": max_minutes, "decade": decade, "language": language,
                "country": country, "surprise": surprise, "only_my_services": only_my_services,
            }
        )  # fmt: skip
        await interaction.response.defer(ephemeral=True, thinking=True)
        for message in await for_you(interaction, filters):
            await interaction.followup.send(**message, ephemeral=True)
        await refresh_members(interaction)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(film="The film")
    @app_commands.autocomplete(film=suggest_films)
    async def similar(self, interaction: Context, film: str) -> None:
        """Films like one, by who liked it and by what it is, each with the reason."""
        if (found := await resolve_film(interaction, film)) is not None:
            await interaction.response.defer(thinking=True)
            await interaction.followup.send(**await like(interaction, found.id))
            await refresh_members(interaction)


async def setup(bot: Marquee) -> None:
    """Add the cog, what its messages hold and its button on the film card."""
    bot.add_dynamic_items(*ITEMS, SimilarButton)
    action = CardAction("similar", 50, lambda film: SimilarButton(film.id), is_guild_only=True)
    bot.services.film_card.add_action(action)
    await bot.add_cog(RecommendationCog())


async def teardown(bot: Marquee) -> None:
    """Remove the buttons again."""
    bot.remove_dynamic_items(*ITEMS, SimilarButton)
    bot.services.film_card.remove("similar")
