"""`/watchlist`: what members want to see."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import Response, acknowledge, require_guild_id, respond
from bot.films.autocomplete import suggest_films
from bot.films.views import autocomplete_hint, resolve_film, show_film
from bot.members.context import refresh_members
from bot.streaming.views import filter_watchable
from bot.watchlists import views
from bot.watchlists.service import WatchlistService

Context = discord.Interaction[Marquee]


@app_commands.guild_only()
class WatchlistCog(commands.GroupCog, name="watchlist", description="What you want to see."):
    """`/watchlist`: a member's own list, and what the server's lists have in common."""

    def __init__(self, watchlists: WatchlistService) -> None:
        self.watchlists = watchlists

    @app_commands.command()
    @app_commands.describe(film="The film", keep="Leave it on the list when you rate it")
    @app_commands.autocomplete(film=suggest_films)
    async def add(self, interaction: Context, film: str, keep: bool = False) -> None:
        """Put a film on your watchlist."""
        await acknowledge(interaction, ephemeral=True)
        if (resolved := await resolve_film(interaction, film)) is not None:
            server_id = require_guild_id(interaction)
            is_new = await self.watchlists.add_film(server_id, interaction.user.id, resolved.id, is_kept=keep)
            content = views.describe_added(resolved, is_new=is_new, is_kept=keep)
            await respond(interaction, Response(content), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(film="The film")
    @app_commands.autocomplete(film=suggest_films)
    async def remove(self, interaction: Context, film: str) -> None:
        """Take a film off your watchlist."""
        await acknowledge(interaction, ephemeral=True)
        if (resolved := await resolve_film(interaction, film, autocomplete_hint())) is not None:
            server_id = require_guild_id(interaction)
            was_listed = await self.watchlists.repository.remove_film(server_id, interaction.user.id, resolved.id)
            content = views.describe_removed(resolved, was_listed=was_listed)
            await respond(interaction, Response(content), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(member="Whose list; yours where you leave it out")
    async def show(self, interaction: Context, member: discord.Member | None = None) -> None:
        """See a watchlist, for yourself alone."""
        response = await views.render_watchlist(interaction, (member or interaction.user).id)
        await respond(interaction, response, ephemeral=True)

    @app_commands.command()
    @app_commands.describe(
        member="Whose list to pick from; yours where you leave it out",
        only_my_services="Only what the services you named with /services show in your country",
    )
    async def random(
        self, interaction: Context, member: discord.Member | None = None, only_my_services: bool = False
    ) -> None:
        """Let chance pick a film from a watchlist."""
        server_id, member_id = require_guild_id(interaction), (member or interaction.user).id
        await views.require_visible_name(interaction, member_id)
        candidates = None
        if only_my_services:
            listed = await self.watchlists.repository.list_film_ids(server_id, member_id)
            candidates = await filter_watchable(interaction, listed)
        film_id = await self.watchlists.pick_random_film(server_id, member_id, candidates)
        await show_film(interaction, film_id, edit=False)

    @app_commands.command()
    async def server(self, interaction: Context) -> None:
        """See what most members of this server want to see, and who."""
        await respond(interaction, await views.render_server_watchlist(interaction))
        await refresh_members(interaction)


async def setup(bot: Marquee) -> None:
    """Add the cog, its buttons, and the button on the film card."""
    bot.add_dynamic_items(*views.ITEMS)
    bot.services.film_card.add_action(views.CARD_ACTION)
    await bot.add_cog(WatchlistCog(bot.services.watchlists))


async def teardown(bot: Marquee) -> None:
    """Remove the buttons again."""
    bot.remove_dynamic_items(*views.ITEMS)
    bot.services.film_card.remove(views.CARD_ACTION.name)
