"""`/watchlist`: what members want to see, in servers and in direct messages."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import (
    Response,
    acknowledge,
    acknowledge_if_busy,
    gettext_lazy,
    respond,
    user_installable,
)
from bot.films.autocomplete import suggest_films
from bot.films.choice_views import Completion, FilmChoiceMenu, find_or_ask
from bot.films.models import Film
from bot.films.views import require_film, show_film
from bot.members.context import refresh_members
from bot.members.server_choice import ServerMenu, resolve_server
from bot.streaming.views import filter_watchable
from bot.watchlists import views
from bot.watchlists.autocomplete import suggest_listed_films
from bot.watchlists.service import WatchlistService

Context = discord.Interaction[Marquee]


@user_installable
class WatchlistCog(commands.GroupCog, name="watchlist", description=gettext_lazy("Films you want to watch")):
    """`/watchlist`: a member's own list, and what the server's lists have in common."""

    def __init__(self, watchlists: WatchlistService) -> None:
        self.watchlists = watchlists

    @app_commands.command(description=gettext_lazy("Add a film to your watchlist"))
    @app_commands.describe(
        film=gettext_lazy("The film"), keep=gettext_lazy("Keep it on the list after you rate it")
    )
    @app_commands.autocomplete(film=suggest_films)
    async def add(self, interaction: Context, film: str, keep: bool = False) -> None:
        """Add the film that was picked or named beyond doubt."""
        await acknowledge(interaction, ephemeral=True)
        completion = Completion("watchlist-add", "keep" if keep else "add")
        if (resolved := await find_or_ask(interaction, film, completion)) is None:
            return
        if (response := await _add(interaction, resolved, completion)) is not None:
            await respond(interaction, response, ephemeral=True)

    @app_commands.command(description=gettext_lazy("Remove a film from your watchlist"))
    @app_commands.describe(film=gettext_lazy("A film on your watchlist"))
    @app_commands.autocomplete(film=suggest_listed_films)
    async def remove(self, interaction: Context, film: str) -> None:
        """Remove the film that was picked or named beyond doubt."""
        await acknowledge(interaction, ephemeral=True)
        if (resolved := await find_or_ask(interaction, film, Completion("watchlist-remove"))) is None:
            return
        if (response := await _remove(interaction, resolved)) is not None:
            await respond(interaction, response)

    @app_commands.command(description=gettext_lazy("See your watchlist, or another member's"))
    @app_commands.describe(member=gettext_lazy("Whose watchlist (default: yours)"))
    async def show(self, interaction: Context, member: discord.User | None = None) -> None:
        """Show the first page privately."""
        await acknowledge_if_busy(interaction, ephemeral=True)
        member_id = (member or interaction.user).id
        if (server_id := await resolve_server(interaction, "watchlist", str(member_id))) is not None:
            response = await views.render_watchlist(interaction, server_id, member_id)
            await respond(interaction, response, ephemeral=True)

    @app_commands.command(description=gettext_lazy("Pick a random film from a watchlist"))
    @app_commands.describe(
        member=gettext_lazy("Whose watchlist (default: yours)"),
        only_my_services=gettext_lazy("Only films on your streaming services"),
    )
    async def random(
        self, interaction: Context, member: discord.User | None = None, only_my_services: bool = False
    ) -> None:
        """Show the card of a film, each as likely as the others."""
        await acknowledge_if_busy(interaction, ephemeral=True)
        member_id = (member or interaction.user).id
        if (server_id := await resolve_server(interaction, "watchlist", str(member_id))) is None:
            return
        await views.require_visible_name(interaction, member_id)
        candidates = None
        if only_my_services:
            listed = await self.watchlists.repository.list_film_ids(server_id, member_id)
            candidates = await filter_watchable(interaction, listed)
        film_id = await self.watchlists.pick_random_film(server_id, member_id, candidates)
        await show_film(interaction, film_id, edit=False)

    @app_commands.command(description=gettext_lazy("See what most members here want to watch"))
    async def server(self, interaction: Context) -> None:
        """Show the films on most lists, and whose they are."""
        if (server_id := await resolve_server(interaction, "watchlist-server")) is not None:
            await acknowledge_if_busy(interaction, ephemeral=False)
            await respond(interaction, await views.render_server_watchlist(interaction, server_id))
            await refresh_members(interaction)


async def _add(interaction: discord.Interaction[Any], film: Film, completion: Completion) -> Response | None:
    """Add the film, and return the confirmation; None where a direct message first asks for the server."""
    server_id = await resolve_server(interaction, "watchlist-add", f"{completion.details}:{film.id}")
    if server_id is None:
        return None
    return await views.render_added(interaction, server_id, film, is_kept=completion.details == "keep")


async def _remove(
    interaction: discord.Interaction[Any], film: Film, _completion: Completion | None = None
) -> Response | None:
    """Remove the film, and return the confirmation; None where a direct message first asks for the server."""
    server_id = await resolve_server(interaction, "watchlist-remove", film.id)
    return await views.remove_film(interaction, server_id, film) if server_id is not None else None


async def _add_directly(interaction: discord.Interaction[Any], server_id: int, argument: str) -> Response:
    """Add the film to the list in the server chosen; `argument` is as in `/watchlist add`."""
    kind, _, film_id = argument.partition(":")
    film = await require_film(interaction, film_id)
    return await views.render_added(interaction, server_id, film, is_kept=kind == "keep")


async def _remove_directly(interaction: discord.Interaction[Any], server_id: int, film_id: str) -> Response:
    """Remove the film from the list in the server chosen."""
    return await views.remove_film(interaction, server_id, await require_film(interaction, film_id))


async def _show_directly(interaction: discord.Interaction[Any], server_id: int, member_id: str) -> Response:
    """Return the member's list in the server chosen."""
    return await views.render_watchlist(interaction, server_id, int(member_id))


async def _show_server_directly(interaction: discord.Interaction[Any], server_id: int, _argument: str) -> Response:
    """Return what most members of the server chosen want to watch."""
    return await views.render_server_watchlist(interaction, server_id)


async def setup(bot: Marquee) -> None:
    """Add the cog, its buttons, and the button on the film card."""
    bot.add_dynamic_items(*views.ITEMS)
    bot.services.film_card.add_action(views.CARD_ACTION)
    FilmChoiceMenu.add_completion("watchlist-add", _add)
    FilmChoiceMenu.add_completion("watchlist-remove", _remove)
    ServerMenu.add_view("watchlist", _show_directly)
    ServerMenu.add_view("watchlist-add", _add_directly)
    ServerMenu.add_view("watchlist-remove", _remove_directly)
    ServerMenu.add_view("watchlist-server", _show_server_directly)
    await bot.add_cog(WatchlistCog(bot.services.watchlists))


async def teardown(bot: Marquee) -> None:
    """Remove the buttons again."""
    bot.remove_dynamic_items(*views.ITEMS)
    bot.services.film_card.remove(views.CARD_ACTION.name)
