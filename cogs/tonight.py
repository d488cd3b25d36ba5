"""`/tonight`: a film for a group, that leaves nobody out."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.films.recommendations.evenings import Evenings
from bot.films.recommendations.moods import Mood
from bot.films.recommendations.wishes import Wishes
from bot.ui import tonight as ui
from bot.ui.base import Choices, server_of, suggestions
from bot.ui.genres import genre_choices, known_genre
from bot.ui.presence import roll_call
from bot.ui.recommendations.wishes import MOODS

Context = discord.Interaction[Marquee]
_MOODS = [app_commands.Choice(name=name, value=mood.value) for mood, name in MOODS.items()]
Minutes = app_commands.Range[int, 1, 999]


class TonightCog(commands.Cog, name="Tonight"):
    """Finds films for groups."""

    def __init__(self, evenings: Evenings) -> None:
        self.evenings = evenings

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(
        max_minutes="Longer is left out", genre="Of one genre", mood="What you are in the mood for"
    )
    @app_commands.choices(mood=_MOODS)
    async def tonight(
        self, interaction: Context, max_minutes: Minutes | None = None, genre: str | None = None,
        mood: str | None = None,
    ) -> None:  # fmt: skip
        """Films for up to ten of you, with the stars each would give; the menu says who is watching."""
        wishes = Wishes(
            genre=known_genre(genre),
            mood=Mood(mood) if mood is not None else None,
            max_minutes=max_minutes,
        )
        await interaction.response.defer(thinking=True)
        evening = await self.evenings.begin(server_of(interaction), [interaction.user.id], wishes)
        await interaction.followup.send(**await ui.list_for(interaction, evening))
        await roll_call(interaction)

    @tonight.autocomplete("genre")
    @suggestions
    async def suggest_genre(self, interaction: Context, current: str) -> Choices:
        """Offer the catalogue's genres."""
        return genre_choices(current)


async def setup(bot: Marquee) -> None:
    """Add the cog and what its messages hold."""
    bot.add_dynamic_items(*ui.ITEMS)
    await bot.add_cog(TonightCog(bot.services.evenings))


async def teardown(bot: Marquee) -> None:
    """Take the menus out again."""
    bot.remove_dynamic_items(*ui.ITEMS)
