"""`/rate`, `/reviews`, `/review`, `/diary`, `/profile` and `/top`: ratings, reviews and what they add up to."""

from datetime import timedelta

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import Response, acknowledge, require_guild_id, respond, respond_publicly
from bot.films.autocomplete import suggest_films, suggest_genres
from bot.films.models import parse_genre
from bot.films.views import autocomplete_hint, resolve_film
from bot.members.context import refresh_members
from bot.members.repository import ServerSettingsRepository
from bot.members.server_settings import or_default
from bot.reviews import reply_views, views
from bot.reviews.autocomplete import suggest_stars
from bot.reviews.embeds import SORT_LABELS, STARS_SECTION, describe_deleted
from bot.reviews.models import SortOrder
from bot.reviews.service import DiaryService, ReviewService
from bot.reviews.top import DEFAULT_MINIMUM_RATERS, TopQuery
from bot.reviews.views import CARD_ACTIONS, RateModal, open_rate_modal, rate_film

Context = discord.Interaction[Marquee]
ITEMS = (*views.ITEMS, *reply_views.ITEMS)
MODALS = (RateModal, *reply_views.MODALS)
DAYS_PER_PERIOD = {"week": 7, "month": 30, "year": 365}
_SORT_ORDERS = [app_commands.Choice(name=label, value=each.value) for each, label in SORT_LABELS.items()]
_PERIODS = [app_commands.Choice(name=f"Rated in the last {period}", value=period) for period in DAYS_PER_PERIOD]
_DECADES = [app_commands.Choice(name=f"{year}s", value=year) for year in range(2020, 1880, -10)]


class ReviewCog(commands.Cog, name="Reviews"):
    """Commands of ratings, reviews, diaries and profiles."""

    review = app_commands.Group(name="review", description="Change what you gave a film.", guild_only=True)

    def __init__(
        self, reviews: ReviewService, diary: DiaryService, server_settings: ServerSettingsRepository
    ) -> None:
        self.reviews = reviews
        self.diary = diary
        self.server_settings = server_settings

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(film="The film", stars="½ to 5, in halves")
    @app_commands.autocomplete(film=suggest_films, stars=suggest_stars)
    async def rate(self, interaction: Context, film: str, stars: str) -> None:
        """Give a film ½ to 5 stars; the Rate button on its card takes a review with them."""
        await acknowledge(interaction, ephemeral=True)
        if (chosen := await resolve_film(interaction, film)) is not None:
            await rate_film(interaction, chosen, stars)

    @app_commands.command(name="reviews")
    @app_commands.guild_only()
    @app_commands.describe(film="The film", order="Which reviews come first")
    @app_commands.choices(order=_SORT_ORDERS)
    @app_commands.autocomplete(film=suggest_films)
    async def list_reviews(
        self, interaction: Context, film: str, order: app_commands.Choice[str] | None = None
    ) -> None:
        """Read what this server's members wrote about a film."""
        if (chosen := await resolve_film(interaction, film)) is not None:
            sort_order = SortOrder(order.value) if order is not None else SortOrder.NEWEST
            await respond_publicly(interaction, await views.render_reviews(interaction, chosen, sort_order))
            await refresh_members(interaction)

    @review.command()
    @app_commands.describe(film="A film you rated")
    @app_commands.autocomplete(film=suggest_films)
    async def edit(self, interaction: Context, film: str) -> None:
        """Change the stars or the review you gave a film."""
        if (chosen := await resolve_film(interaction, film, is_in_catalogue=True)) is not None:
            await open_rate_modal(interaction, chosen.id)

    @review.command()
    @app_commands.describe(film="A film you rated")
    @app_commands.autocomplete(film=suggest_films)
    async def delete(self, interaction: Context, film: str) -> None:
        """Delete the stars and the review you gave a film; your diary keeps that you saw it."""
        await acknowledge(interaction, ephemeral=True)
        if (chosen := await resolve_film(interaction, film, autocomplete_hint())) is not None:
            await self.reviews.delete(require_guild_id(interaction), interaction.user.id, chosen.id)
            await respond(interaction, Response(describe_deleted(chosen), is_ephemeral=True))

    @app_commands.command(name="diary")
    @app_commands.guild_only()
    @app_commands.describe(member="Whose diary, where they have opened it; yours where you leave it out")
    async def show_diary(self, interaction: Context, member: discord.Member | None = None) -> None:
        """See what you saw, latest first; for yourself alone."""
        owner = member or interaction.user
        await respond(interaction, await views.render_diary(interaction, owner.id), ephemeral=True)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(member="Whose profile; yours where you leave it out")
    async def profile(self, interaction: Context, member: discord.Member | None = None) -> None:
        """See how a member rates: how many films, their mean and spread, favourites, directors."""
        owner = member or interaction.user
        await respond(interaction, await views.render_profile(interaction, owner.id))

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
        settings = await self.server_settings.get(server_id)
        minimum_raters = or_default(settings.minimum_raters, DEFAULT_MINIMUM_RATERS)
        since = interaction.created_at - timedelta(days=DAYS_PER_PERIOD[period.value]) if period else None
        query = TopQuery(minimum_raters, genre, decade.value if decade else None, since)
        ranked = await self.diary.repository.list_top_films(server_id, query)
        filters = (genre, decade.name if decade else None, period.name.lower() if period else None)
        response = views.render_top(
            ranked, filters=", ".join(filter(None, filters)), minimum_raters=minimum_raters
        )
        await respond(interaction, response)
        await refresh_members(interaction)


async def setup(bot: Marquee) -> None:
    """Add the cog, what its messages hold and its part of the film card."""
    bot.add_dynamic_items(*ITEMS)
    bot.add_modals(*MODALS)
    services = bot.services
    for action in CARD_ACTIONS:
        services.film_card.add_action(action)
    services.film_card.add_section(STARS_SECTION)
    await bot.add_cog(ReviewCog(services.reviews, services.diary, services.server_settings))


async def teardown(bot: Marquee) -> None:
    """Remove the buttons and menus and the part of the card again."""
    bot.remove_dynamic_items(*ITEMS)
    bot.remove_modals(*MODALS)
    bot.services.film_card.remove(*(action.name for action in CARD_ACTIONS), STARS_SECTION.name)
