"""`/rate`, `/reviews` and `/review`: stars and short reviews."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import Choices, autocomplete, handle_modal_submit, require_guild_id
from bot.films.autocomplete import suggest_films
from bot.films.card import CardAction
from bot.films.views import autocomplete_hint, resolve_film
from bot.members.context import refresh_members
from bot.reviews import components as ui
from bot.reviews import stars_embeds as starry
from bot.reviews.rating_form import RateButton, open_form, rate
from bot.reviews.review_pages import SORTS, ReviewsButton, page_of
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
    @app_commands.autocomplete(film=suggest_films)
    async def rate(self, interaction: Context, film: str, stars: str) -> None:
        """Give a film ½ to 5 stars; the Rate button on its card takes a review with them."""
        if (found := await resolve_film(interaction, film)) is not None:
            await rate(interaction, found, stars)

    @app_commands.command(name="reviews")
    @app_commands.guild_only()
    @app_commands.describe(film="The film", order="Which reviews come first")
    @app_commands.choices(order=_SORTS)
    @app_commands.autocomplete(film=suggest_films)
    async def list_reviews(
        self, interaction: Context, film: str, order: app_commands.Choice[str] | None = None
    ) -> None:
        """Read what this server's members wrote about a film."""
        if (found := await resolve_film(interaction, film)) is not None:
            sort = Sort(order.value) if order is not None else Sort.NEWEST
            await interaction.response.send_message(**await page_of(interaction, found, sort))
            await refresh_members(interaction)

    @review.command()
    @app_commands.describe(film="A film you rated")
    @app_commands.autocomplete(film=suggest_films)
    async def edit(self, interaction: Context, film: str) -> None:
        """Change the stars or the review you gave a film."""
        if (found := await resolve_film(interaction, film)) is not None:
            await open_form(interaction, found.id)

    @review.command()
    @app_commands.describe(film="A film you rated")
    @app_commands.autocomplete(film=suggest_films)
    async def delete(self, interaction: Context, film: str) -> None:
        """Delete the stars and the review you gave a film; your diary keeps that you saw it."""
        if (found := await resolve_film(interaction, film, autocomplete_hint("Nothing is deleted"))) is not None:
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
    """Add the cog, what its messages hold and its part of the film card."""
    bot.add_dynamic_items(*ui.ITEMS)
    card = bot.services.film_card
    card.add_action(CardAction("rate", 10, lambda film: RateButton(film.id), is_guild_only=True))
    card.add_action(CardAction("reviews", 20, lambda film: ReviewsButton(film.id), is_guild_only=True))
    card.add_section(starry.CARD_SECTION)
    await bot.add_cog(ReviewCog(bot.services.reviews))


async def teardown(bot: Marquee) -> None:
    """Remove the buttons and the part of the card again."""
    bot.remove_dynamic_items(*ui.ITEMS)
    bot.services.film_card.remove("rate", "reviews", starry.CARD_SECTION.name)
