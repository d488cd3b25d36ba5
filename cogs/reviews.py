"""`/rate`, `/reviews` and `/review`: stars and short reviews."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import Choices, autocomplete, handle_modal_submit, require_guild_id
from bot.films.autocomplete import films
from bot.films.selection import chosen_film, pick_offered
from bot.members.context import refresh_members
from bot.reviews import components as ui
from bot.reviews import stars_embeds as starry
from bot.reviews.rating_form import open_form, rate
from bot.reviews.review_pages import SORTS, page_of
from bot.reviews.service import ReviewService, Sort

Context = discord.Interaction[Marquee]
_SORTS = [app_commands.Choice(name=label, value=sort.value) for sort, label in SORTS.items()]


class ReviewCog(commands.Cog, name="Reviews"):
    """Takes and shows stars and reviews."""

    review = app_commands.Group(name="review", description="Change what you gave a film.", guild_only=True)

    def __init__(self, reviews: ReviewService) -> None:
        self.reviews = reviews

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(film="The film", stars="½ to 5, in halves")
    @app_commands.autocomplete(film=films)
    async def rate(self, interaction: Context, film: str, stars: str) -> None:
        """Give a film ½ to 5 stars; the Rate button on its card takes a review with them."""
        if (found := await chosen_film(interaction, film)) is not None:
            await rate(interaction, found, stars)

    @app_commands.command(name="reviews")
    @app_commands.guild_only()
    @app_commands.describe(film="The film", order="Which reviews come first")
    @app_commands.choices(order=_SORTS)
    @app_commands.autocomplete(film=films)
    async def list_reviews(
        self, interaction: Context, film: str, order: app_commands.Choice[str] | None = None
    ) -> None:
        """Read what this server's members wrote about a film."""
        if (found := await chosen_film(interaction, film)) is not None:
            sort = Sort(order.value) if order is not None else Sort.NEWEST
            await interaction.response.send_message(**await page_of(interaction, found, sort))
            await refresh_members(interaction)

    @review.command()
    @app_commands.describe(film="A film you rated")
    @app_commands.autocomplete(film=films)
    async def edit(self, interaction: Context, film: str) -> None:
        """Change the stars or the review you gave a film."""
        if (found := await chosen_film(interaction, film)) is not None:
            await open_form(interaction, found.id)

    @review.command()
    @app_commands.describe(film="A film you rated")
    @app_commands.autocomplete(film=films)
    async def delete(self, interaction: Context, film: str) -> None:
        """Delete the stars and the review you gave a film; your diary keeps that you saw it."""
        if (found := await chosen_film(interaction, film, pick_offered("Nothing is deleted"))) is not None:
            await self.reviews.delete(require_guild_id(interaction), interaction.user.id, found.id)
            told = ui.deleted(found)
            await interaction.response.send_message(told, ephemeral=True)

    @rate.autocomplete("stars")
    @autocomplete
    async def suggest_stars(self, interaction: Context, current: str) -> Choices:
        """Offer stars, the nearest to what is typed first."""
        return starry.offered(current)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Take the forms of ratings, replies and reports."""
        await handle_modal_submit(interaction, ui.FORMS)


async def setup(bot: Marquee) -> None:
    """Add the cog and what its messages hold."""
    bot.add_dynamic_items(*ui.ITEMS)
    await bot.add_cog(ReviewCog(bot.services.reviews))


async def teardown(bot: Marquee) -> None:
    """Take the buttons out again."""
    bot.remove_dynamic_items(*ui.ITEMS)
