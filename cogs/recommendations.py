"""`/recommend`, `/similar`, `/tonight` and `/taste`: films for a member or a group, and how tastes match."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import Response, acknowledge, require_guild_id, respond, respond_publicly, user_installable
from bot.core.discord.localisation import gettext_lazy
from bot.films.autocomplete import suggest_countries, suggest_films, suggest_genres, suggest_languages
from bot.films.card import CardAction
from bot.films.choice_views import Completion, FilmChoiceMenu, add_alternatives
from bot.films.models import Film
from bot.films.views import render_no_film, resolve_lookup
from bot.members.context import refresh_members
from bot.members.server_choice import ServerMenu, resolve_server
from bot.recommendations import group_views, taste_match_views, views
from bot.recommendations.filter_options import (
    DECADE_CHOICES,
    MOOD_CHOICES,
    SURPRISE_CHOICES,
    Minutes,
    pack_filters,
    parse_filters,
    unpack_filters,
)

Context = discord.Interaction[Marquee]
ITEMS = (*views.ITEMS, *group_views.ITEMS, *taste_match_views.ITEMS)


class RecommendationCog(commands.Cog, name="Recommendations"):
    """Recommends films."""

    def __init__(self, bot: Marquee) -> None:
        self.tree = bot.tree
        self.group_sessions = bot.services.group_sessions
        self.taste_menu = app_commands.ContextMenu(name=gettext_lazy("Compare taste"), callback=self.compare_taste)

    async def cog_load(self) -> None:
        """Add what a right click on a member offers."""
        self.tree.add_command(self.taste_menu)

    async def cog_unload(self) -> None:
        """Remove it again."""
        self.tree.remove_command(self.taste_menu.name, type=self.taste_menu.type)

    @app_commands.guild_only()
    async def compare_taste(self, interaction: Context, member: discord.Member) -> None:
        """Show how the tastes of two members match."""
        await self._show_taste_match(interaction, member)

    @user_installable
    @app_commands.command(description=gettext_lazy("Get five films picked for you; only you can see them"))
    @app_commands.describe(
        genre=gettext_lazy("Only one genre"), mood=gettext_lazy("What you're in the mood for"),
        max_minutes=gettext_lazy("Longest runtime in minutes"), decade=gettext_lazy("Only one decade"),
        language=gettext_lazy("Only one language"), country=gettext_lazy("Only films made in one country"),
        surprise=gettext_lazy("Include lesser-known films"),
        only_my_services=gettext_lazy("Only films on your streaming services (set them with /services)"),
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
        """Show films for the member, with the stars they would give them and the reasons why."""
        filters = parse_filters(
            genre=genre, mood=mood, max_minutes=max_minutes, decade=decade, language=language, country=country,
            surprise=surprise, only_my_services=only_my_services,
        )  # fmt: skip
        await acknowledge(interaction, ephemeral=True)
        server_id = await resolve_server(interaction, "recommend", pack_filters(filters))
        if server_id is None:
            return
        for response in await views.render_recommendations(interaction, server_id, filters):
            await respond(interaction, response, ephemeral=True)
        await refresh_members(interaction)

    @app_commands.command(description=gettext_lazy("Find films like one you love"))
    @app_commands.guild_only()
    @app_commands.describe(film=gettext_lazy("The film's title"))
    @app_commands.autocomplete(film=suggest_films)
    async def similar(self, interaction: Context, film: str) -> None:
        """Show films like one, by who liked it and by what it is."""
        lookup = await resolve_lookup(interaction, film)
        if lookup.film is None:
            await respond(interaction, render_no_film(interaction, lookup))
            return
        await acknowledge(interaction, ephemeral=False)
        response = await views.render_similar(interaction, lookup.film.id)
        await respond_publicly(interaction, add_alternatives(response, lookup, lookup.film, Completion("similar")))
        await refresh_members(interaction)

    @app_commands.command(description=gettext_lazy("Find a film for up to ten of you to watch tonight"))
    @app_commands.guild_only()
    @app_commands.describe(
        max_minutes=gettext_lazy("Longest runtime in minutes"), genre=gettext_lazy("Only one genre"),
        mood=gettext_lazy("What you're in the mood for"), decade=gettext_lazy("Only one decade"),
        language=gettext_lazy("Only one language"), country=gettext_lazy("Only films made in one country"),
        only_my_services=gettext_lazy("Only films on a streaming service that one of you has"),
    )  # fmt: skip
    @app_commands.choices(mood=MOOD_CHOICES)
    @app_commands.choices(decade=DECADE_CHOICES)
    @app_commands.autocomplete(genre=suggest_genres, language=suggest_languages, country=suggest_countries)
    async def tonight(
        self, interaction: Context, max_minutes: Minutes | None = None, genre: str | None = None,
        mood: str | None = None, decade: int | None = None, language: str | None = None,
        country: str | None = None, only_my_services: bool = False,
    ) -> None:  # fmt: skip
        """Show films for a group, with the stars each would give; the menu says who is watching."""
        filters = parse_filters(
            genre=genre, mood=mood, max_minutes=max_minutes, decade=decade, language=language, country=country,
            only_my_services=only_my_services,
        )  # fmt: skip
        await acknowledge(interaction, ephemeral=False)
        session = await self.group_sessions.create(require_guild_id(interaction), [interaction.user.id], filters)
        await respond(interaction, await group_views.render_group_films(interaction, session))
        await refresh_members(interaction)

    @app_commands.command(
        description=gettext_lazy("Compare your taste with another member's; only you can see it")
    )
    @app_commands.guild_only()
    @app_commands.describe(member=gettext_lazy("Who to compare with"))
    async def taste(self, interaction: Context, member: discord.Member) -> None:
        """Show how two members' tastes match, and what each should show the other."""
        await self._show_taste_match(interaction, member)

    async def _show_taste_match(self, interaction: Context, member: discord.Member) -> None:
        await acknowledge(interaction, ephemeral=True)
        response = await taste_match_views.render_taste_match(interaction, member)
        await respond(interaction, response, ephemeral=True)
        await refresh_members(interaction)


async def _show_similar(interaction: discord.Interaction[Any], film: Film, _completion: Completion) -> Response:
    """Return the films like the one chosen."""
    return await views.render_similar(interaction, film.id)


async def _recommend_directly(interaction: discord.Interaction[Any], server_id: int, filters: str) -> Response:
    """Return the last message with films from the server chosen; those before it are sent."""
    *before, last = await views.render_recommendations(interaction, server_id, unpack_filters(filters))
    for response in before:
        await respond(interaction, response, ephemeral=True)
    return last


async def setup(bot: Marquee) -> None:
    """Add the cog, its buttons and menus, and its button on the film card."""
    bot.add_dynamic_items(*ITEMS)
    action = CardAction("similar", 50, views.SimilarButton, is_guild_only=True)
    bot.services.film_card.add_action(action)
    ServerMenu.add_view("recommend", _recommend_directly)
    FilmChoiceMenu.add_completion("similar", _show_similar)
    await bot.add_cog(RecommendationCog(bot))


async def teardown(bot: Marquee) -> None:
    """Remove the buttons and menus again."""
    bot.remove_dynamic_items(*ITEMS)
    bot.services.film_card.remove("similar")
