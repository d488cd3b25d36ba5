"""`/watchlist`: what members want to see."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import require_guild_id
from bot.films.autocomplete import suggest_films
from bot.films.card import CardAction
from bot.films.views import autocomplete_hint, resolve_film, show_film
from bot.members.context import refresh_members
from bot.streaming.subscription_views import on_services_of
from bot.watchlists import views as ui
from bot.watchlists.service import WatchlistService

Context = discord.Interaction[Marquee]


@app_commands.guild_only()
class WatchlistCog(commands.GroupCog, name="watchlist", description="What you want to see."):
    """Keeps watchlists."""

    def __init__(self, watchlists: WatchlistService) -> None:
        self.watchlists = watchlists

    @app_commands.command()
    @app_commands.describe(film="The film", keep="Leave it on the list when you rate it")
    @app_commands.autocomplete(film=suggest_films)
    async def add(self, interaction: Context, film: str, keep: bool = False) -> None:
        """Put a film on your watchlist."""
        if (found := await resolve_film(interaction, film)) is not None:
            new = await self.watchlists.add(
                require_guild_id(interaction), interaction.user.id, found.id, keep=keep
            )
            await interaction.response.send_message(ui.added(found, new=new, keep=keep), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(film="The film")
    @app_commands.autocomplete(film=suggest_films)
    async def remove(self, interaction: Context, film: str) -> None:
        """Take a film off your watchlist."""
        if (found := await resolve_film(interaction, film, autocomplete_hint("Nothing is off"))) is not None:
            there = await self.watchlists.remove(require_guild_id(interaction), interaction.user.id, found.id)
            await interaction.response.send_message(ui.removed(found, there=there), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(member="Whose list; yours where you leave it out")
    async def show(self, interaction: Context, member: discord.Member | None = None) -> None:
        """See a watchlist, for yourself alone."""
        message = await ui.list_of(interaction, (member or interaction.user).id)
        await interaction.response.send_message(**message, ephemeral=True)

    @app_commands.command()
    @app_commands.describe(
        member="Whose list to pick from; yours where you leave it out",
        only_my_services="Only what the services you named with /services show in your country",
    )
    async def random(
        self, interaction: Context, member: discord.Member | None = None, only_my_services: bool = False
    ) -> None:
        """Let chance pick a film from a watchlist."""
        whose = (member or interaction.user).id
        await ui.refuse_nameless(interaction, whose)
        server_id, among = require_guild_id(interaction), None
        if only_my_services:
            among = await on_services_of(interaction, await self.watchlists.film_ids(server_id, whose))
        film_id = await self.watchlists.random(server_id, whose, among)
        await show_film(interaction, film_id, edit=False)

    @app_commands.command()
    async def server(self, interaction: Context) -> None:
        """See what most members of this server want to see, and who."""
        await interaction.response.send_message(**await ui.server_list(interaction))
        await refresh_members(interaction)


async def setup(bot: Marquee) -> None:
    """Add the cog, what its messages hold and its button on the film card."""
    bot.add_dynamic_items(*ui.ITEMS)
    action = CardAction("watchlist", 30, lambda film: ui.WatchlistButton(film.id), is_guild_only=True)
    bot.services.film_card.add_action(action)
    await bot.add_cog(WatchlistCog(bot.services.watchlists))


async def teardown(bot: Marquee) -> None:
    """Remove the buttons again."""
    bot.remove_dynamic_items(*ui.ITEMS)
    bot.services.film_card.remove("watchlist")
