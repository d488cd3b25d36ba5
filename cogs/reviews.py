"""`/rate`, `/reviews`, `/review`, `/diary`, `/profile` and `/top`: ratings, reviews and what they add up to."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import (
    Response,
    acknowledge,
    acknowledge_if_busy,
    get_service,
    require_guild_id,
    respond,
    respond_publicly,
    user_installable,
)
from bot.core.discord.localisation import gettext_lazy, lazy_decade
from bot.films.autocomplete import suggest_films, suggest_genres
from bot.films.choice_views import Completion, FilmChoiceMenu, add_alternatives, find_or_ask
from bot.films.models import Film, parse_genre
from bot.films.views import render_no_film, resolve_film, resolve_lookup
from bot.members.context import refresh_members
from bot.members.server_choice import ServerMenu, resolve_server
from bot.reviews import diary_views, profile_views, rating_views, reply_views, views
from bot.reviews.autocomplete import suggest_rated_films, suggest_stars
from bot.reviews.embeds import SORT_LABELS, STARS_SECTION
from bot.reviews.models import SortOrder
from bot.reviews.profile_views import PERIOD_LABELS
from bot.reviews.rating_views import complete_rating, open_rate_modal, rate_film, render_delete_question
from bot.reviews.service import ReviewService
from bot.reviews.sharing import SharedReviewUpdater
from bot.reviews.stars import parse_stars
from bot.reviews.top import TopFilters, TopPeriod
from bot.reviews.views import CARD_ACTIONS, RateMenu

Context = discord.Interaction[Marquee]
ITEMS = (*views.ITEMS, *rating_views.ITEMS, *reply_views.ITEMS, *diary_views.ITEMS, *profile_views.ITEMS)
MODALS = (*rating_views.MODALS, *reply_views.MODALS, *diary_views.MODALS)
_SORT_ORDERS = [
    app_commands.Choice(name=gettext_lazy(label), value=each.value) for each, label in SORT_LABELS.items()
]
_PERIODS = [
    app_commands.Choice(name=gettext_lazy(label), value=period.value) for period, label in PERIOD_LABELS.items()
]
_DECADES = [app_commands.Choice(name=lazy_decade(year), value=year) for year in range(2020, 1880, -10)]
FILM = gettext_lazy("The film's title")


class ReviewCog(commands.Cog, name="Reviews"):
    """Commands of ratings, reviews, diaries and profiles."""

    review = app_commands.Group(
        name="review", description=gettext_lazy("Edit or delete your rating and review of a film"), guild_only=True
    )

    def __init__(self, bot: Marquee) -> None:
        self.tree = bot.tree
        self.reviews = bot.services.reviews
        self.diary = bot.services.diary
        self.sharing = SharedReviewUpdater(
            bot,
            bot.services.shared_reviews,
            films=bot.services.film_repository,
            metadata=bot.services.metadata,
            languages=bot.services.languages,
        )
        self.profile_menu = app_commands.ContextMenu(name=gettext_lazy("Profile"), callback=self.show_profile)

    async def cog_load(self) -> None:
        """Add what a right click on a member offers, and listen to ratings, which shared cards show."""
        self.tree.add_command(self.profile_menu)
        self.reviews.listeners.append(self.sharing.refresh_film)

    async def cog_unload(self) -> None:
        """Remove it again."""
        self.tree.remove_command(self.profile_menu.name, type=self.profile_menu.type)
        self.reviews.listeners.remove(self.sharing.refresh_film)
        await self.sharing.close()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Bring the cards up to date that were not when the bot stopped."""
        self.sharing.refresh_all()

    @commands.Cog.listener()
    async def on_reviews_changed(self, server_id: int, film_id: str) -> None:
        """Bring the cards of that film up to date after a decision of moderators or reports."""
        self.sharing.refresh_film(server_id, film_id)

    @commands.Cog.listener()
    async def on_shared_reviews_outdated(self, server_id: int, film_id: str) -> None:
        """Bring the cards of that film up to date after something else changed than stars and text."""
        self.sharing.refresh_film(server_id, film_id)

    @commands.Cog.listener()
    async def on_replies_changed(self, review_id: int) -> None:
        """Bring the cards of that review up to date, which count its replies."""
        self.sharing.refresh_review(review_id)

    @commands.Cog.listener()
    async def on_member_data_deleted(self) -> None:
        """Empty the cards of reviews that are deleted, in all servers."""
        self.sharing.refresh_deleted()

    @app_commands.guild_only()
    async def show_profile(self, interaction: Context, member: discord.Member) -> None:
        """Show the member's profile privately."""
        await acknowledge(interaction, ephemeral=True)
        await respond(
            interaction,
            await profile_views.render_profile(interaction, require_guild_id(interaction), member),
            ephemeral=True,
        )

    @app_commands.command(description=gettext_lazy("Rate a film from ½ to 5 stars"))
    @app_commands.guild_only()
    @app_commands.describe(film=FILM, stars=gettext_lazy("½ to 5 stars, like 4, 3.5 or 7/10"))
    @app_commands.autocomplete(film=suggest_films, stars=suggest_stars)
    async def rate(self, interaction: Context, film: str, stars: str) -> None:
        """Rate a film; a review can be added afterwards."""
        await acknowledge(interaction, ephemeral=True)
        completion = Completion("rate", f"{parse_stars(stars) / 2:g}")
        if (chosen := await find_or_ask(interaction, film, completion)) is not None:
            await rate_film(interaction, chosen, stars)

    @app_commands.command(name="reviews", description=gettext_lazy("Read this server's reviews of a film"))
    @app_commands.guild_only()
    @app_commands.describe(film=FILM, order=gettext_lazy("Which reviews come first"))
    @app_commands.choices(order=_SORT_ORDERS)
    @app_commands.autocomplete(film=suggest_films)
    async def list_reviews(
        self, interaction: Context, film: str, order: app_commands.Choice[str] | None = None
    ) -> None:
        """Show what this server's members wrote about a film."""
        lookup = await resolve_lookup(interaction, film)
        if lookup.film is None:
            await respond(interaction, render_no_film(interaction, lookup))
            return
        await acknowledge_if_busy(interaction, ephemeral=False)
        sort_order = SortOrder(order.value) if order is not None else SortOrder.NEWEST
        response = await views.render_reviews(interaction, lookup.film, sort_order, can_sort=not lookup.is_guess)
        completion = Completion("reviews", sort_order.value)
        await respond_publicly(interaction, add_alternatives(response, lookup, lookup.film, completion))
        await refresh_members(interaction)

    @review.command(description=gettext_lazy("Edit your rating, review or the date you watched a film"))
    @app_commands.describe(film=gettext_lazy("A film you've rated"))
    @app_commands.autocomplete(film=suggest_rated_films)
    async def edit(self, interaction: Context, film: str) -> None:
        """Open the form filled in with what the member gave the film."""
        if (chosen := await resolve_film(interaction, film, is_in_catalogue=True)) is not None:
            await open_rate_modal(interaction, chosen.id)

    @review.command(description=gettext_lazy("Delete your rating and review of a film"))
    @app_commands.describe(film=gettext_lazy("A film you've rated"))
    @app_commands.autocomplete(film=suggest_rated_films)
    async def delete(self, interaction: Context, film: str) -> None:
        """Ask whether to delete what the member gave the film; their diary keeps that they saw it."""
        await acknowledge(interaction, ephemeral=True)
        if (chosen := await find_or_ask(interaction, film, Completion("review-delete"))) is not None:
            await respond(interaction, await _ask_to_delete(interaction, chosen))

    @user_installable
    @app_commands.command(name="diary", description=gettext_lazy("See what you watched and when"))
    @app_commands.describe(member=gettext_lazy("Whose diary, if they share it (default: yours)"))
    async def show_diary(self, interaction: Context, member: discord.User | None = None) -> None:
        """Show a diary, latest viewing first, to the member who asks alone."""
        await acknowledge_if_busy(interaction, ephemeral=True)
        owner_id = (member or interaction.user).id
        if (server_id := await resolve_server(interaction, "diary", str(owner_id))) is not None:
            response = await diary_views.render_diary(interaction, server_id, owner_id)
            await respond(interaction, response, ephemeral=True)

    @user_installable
    @app_commands.command(description=gettext_lazy("See your film profile, or another member's"))
    @app_commands.describe(member=gettext_lazy("Whose profile (default: yours)"))
    async def profile(self, interaction: Context, member: discord.User | None = None) -> None:
        """Show what a member's ratings add up to."""
        await acknowledge_if_busy(interaction, ephemeral=True)
        owner = member or interaction.user
        if (server_id := await resolve_server(interaction, "profile", str(owner.id))) is not None:
            response = await profile_views.render_profile(interaction, server_id, owner)
            await (respond if response.is_ephemeral else respond_publicly)(interaction, response)

    @app_commands.command(description=gettext_lazy("See this server's top films"))
    @app_commands.guild_only()
    @app_commands.describe(
        genre=gettext_lazy("Only one genre"),
        decade=gettext_lazy("Only one decade"),
        period=gettext_lazy("Only recent ratings"),
    )
    @app_commands.choices(decade=_DECADES)
    @app_commands.choices(period=_PERIODS)
    @app_commands.autocomplete(genre=suggest_genres)
    async def top(
        self, interaction: Context, genre: str | None = None,
        decade: app_commands.Choice[int] | None = None, period: app_commands.Choice[str] | None = None,
    ) -> None:  # fmt: skip
        """Show the server's best films."""
        filters = TopFilters(
            parse_genre(genre),
            decade.value if decade is not None else None,
            TopPeriod(period.value) if period is not None else None,
        )
        await acknowledge(interaction, ephemeral=False)
        await respond(interaction, await profile_views.render_top(interaction, filters))
        await refresh_members(interaction)


async def _show_reviews(interaction: discord.Interaction[Any], film: Film, completion: Completion) -> Response:
    """Return the reviews of the film chosen; the completion's details are the order."""
    return await views.render_reviews(interaction, film, SortOrder(completion.details), can_sort=False)


async def _ask_to_delete(
    interaction: discord.Interaction[Any], film: Film, _completion: Completion | None = None
) -> Response:
    """Return the question whether to delete what the member gave the film. Raises NotRatedError."""
    reviews = get_service(interaction, ReviewService)
    review = await reviews.get_own(require_guild_id(interaction), interaction.user.id, film.id)
    return render_delete_question(film, review)


async def _show_diary_directly(interaction: discord.Interaction[Any], server_id: int, member_id: str) -> Response:
    """Return the member's diary in the server chosen."""
    return await diary_views.render_diary(interaction, server_id, int(member_id))


async def _show_profile_directly(
    interaction: discord.Interaction[Any], server_id: int, member_id: str
) -> Response:
    """Return the profile in the server chosen, of the member who asks: a direct message has no other."""
    owner = interaction.user
    if owner.id != int(member_id):
        owner = await interaction.client.fetch_user(int(member_id))
    return await profile_views.render_profile(interaction, server_id, owner)


async def setup(bot: Marquee) -> None:
    """Add the cog, what its messages hold and its part of the film card."""
    bot.add_dynamic_items(*ITEMS)
    bot.add_modals(*MODALS)
    services = bot.services
    for action in CARD_ACTIONS:
        services.film_card.add_action(action)
    services.film_card.add_section(STARS_SECTION)
    services.film_card.list_menus["rate"] = RateMenu
    FilmChoiceMenu.add_completion("review-delete", _ask_to_delete)
    FilmChoiceMenu.add_completion("rate", complete_rating)
    FilmChoiceMenu.add_completion("reviews", _show_reviews)
    ServerMenu.add_view("diary", _show_diary_directly)
    ServerMenu.add_view("profile", _show_profile_directly)
    await bot.add_cog(ReviewCog(bot))


async def teardown(bot: Marquee) -> None:
    """Remove the buttons and menus and the part of the card again."""
    bot.remove_dynamic_items(*ITEMS)
    bot.remove_modals(*MODALS)
    bot.services.film_card.list_menus.pop("rate", None)
    bot.services.film_card.remove(*(action.name for action in CARD_ACTIONS), STARS_SECTION.name)
