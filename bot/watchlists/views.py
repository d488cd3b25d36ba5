"""Watchlists as Discord shows them, and the buttons that change them."""

from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    COLOUR,
    Button,
    Response,
    View,
    can_edit_message,
    custom_id,
    edit_or_respond,
    get_service,
    require_guild_id,
)
from bot.core.text.escaping import escape_line
from bot.core.text.formatting import join_limited
from bot.films.card import CardAction, FilmButton
from bot.films.embeds import format_bold_title
from bot.films.models import Film
from bot.films.views import require_film
from bot.members.context import MemberNames, get_member_names, with_mentions
from bot.watchlists.models import PrivateWatchlistError, WantedFilm, WatchlistPage
from bot.watchlists.service import WatchlistService

NAMES_LENGTH_LIMIT = 160
"""Characters of the names beside a film: those of a whole page fit into an embed."""


def describe_added(film: Film, *, is_new: bool, is_kept: bool) -> str:
    """Return the reply to a member who added the film to their list."""
    title = escape_line(film.dated_title, 200)
    if not is_new:
        note = " It stays there when you rate it." if is_kept else ""
        return f"**{title}** is on your watchlist already.{note}"
    note = "It stays there when you rate it." if is_kept else "It leaves it when you rate it."
    return f"**{title}** is on your watchlist. {note}"


def describe_removed(film: Film, *, was_listed: bool) -> str:
    """Return the reply to a member who removed the film from their list."""
    title = escape_line(film.dated_title, 200)
    return f"**{title}** is off your watchlist." if was_listed else f"**{title}** is not on your watchlist."


async def render_watchlist(interaction: discord.Interaction[Any], member_id: int, page: int = 0) -> Response:
    """Return a page of the member's list. Raises PrivateWatchlistError if the reader may not see it."""
    is_own = member_id == interaction.user.id
    name = await require_visible_name(interaction, member_id)
    repository = get_service(interaction, WatchlistService).repository
    listed = await repository.get_page(require_guild_id(interaction), member_id, page)
    lines = [] if is_own else [name]
    for film in listed.films:
        note = " · kept when rated" if film.is_kept else ""
        title = format_bold_title(film.title, film.year, 150)
        lines.append(f"{title} · {discord.utils.format_dt(film.added_at, 'd')}{note}")
    if not listed.count:
        lines.append("Nothing yet." + (" `/watchlist add`, or **Watchlist** on a film's card." if is_own else ""))
    return _render_page("Your watchlist" if is_own else "Watchlist", "\n".join(lines), str(member_id), listed)


async def render_server_watchlist(interaction: discord.Interaction[Any], page: int = 0) -> Response:
    """Return a page of the films on most lists of the server's members, with their names."""
    repository = get_service(interaction, WatchlistService).repository
    wanted = await repository.get_server_page(require_guild_id(interaction), page)
    names = await get_member_names(interaction, {member for film in wanted.films for member in film.members})
    description = "\n".join(_format_wanted_film(film, names) for film in wanted.films)
    if not wanted.count:
        description = "Nobody here has put a film on their watchlist yet."
    return _render_page("What most want to see here", description, "server", wanted)


async def require_visible_name(interaction: discord.Interaction[Any], member_id: int) -> str:
    """Return the member's name as lists show it. Raises PrivateWatchlistError if it is hidden from the reader."""
    names = await get_member_names(interaction, [member_id])
    if names.is_hidden(member_id) and member_id != interaction.user.id:
        raise PrivateWatchlistError
    return names.format(member_id)


def _format_wanted_film(film: WantedFilm, names: MemberNames) -> str:
    members = join_limited([names.format(member) for member in film.members], NAMES_LENGTH_LIMIT)
    return f"{format_bold_title(film.title, film.year, 80)} · {len(film.members)}: {members}"


def _render_page(title: str, description: str, owner: str, listed: WatchlistPage[Any]) -> Response:
    """Return the page with buttons to those before and after it; `owner` is a member's id or `server`."""
    embed = discord.Embed(title=title, description=description, colour=COLOUR)
    if listed.page_count > 1:
        embed.set_footer(text=f"{listed.count:,} films · page {listed.page + 1} of {listed.page_count}")
    view = View()
    if listed.page > 0:
        view.add_item(WatchlistPageButton(owner, str(listed.page - 1), "Back"))
    if listed.page + 1 < listed.page_count:
        view.add_item(WatchlistPageButton(owner, str(listed.page + 1), "More"))
    return with_mentions(Response(embeds=(embed,), view=view))


class WatchlistPageButton(Button, template=r"v1:watchlist:(?P<owner>[0-8]?\d{1,18}|server):(?P<page>\d{1,4})"):
    """Shows another page of a member's or the server's list, after checking again that the reader may see it."""

    def __init__(self, owner: str, page: str, label: str = "More") -> None:
        self.owner = owner
        self.page = int(page)
        super().__init__(ui.Button(label=label, custom_id=custom_id("watchlist", owner, self.page)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the page in place for the member who used the command, privately for others."""
        if self.owner == "server":
            response = await render_server_watchlist(interaction, self.page)
        else:
            response = await render_watchlist(interaction, int(self.owner), self.page)
        await edit_or_respond(interaction, response, edit=can_edit_message(interaction))


class WatchlistButton(FilmButton, name="watch", label="Watchlist"):
    """Adds the film to the list of the member who presses."""

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Add it, and offer to take it off again."""
        server_id = require_guild_id(interaction)
        film = await require_film(interaction, self.film_id)
        is_new = await get_service(interaction, WatchlistService).add_film(server_id, interaction.user.id, film.id)
        content = describe_added(film, is_new=is_new, is_kept=False)
        view = View(RemoveFromWatchlistButton(film.id))
        await interaction.response.send_message(content, view=view, ephemeral=True)


class RemoveFromWatchlistButton(FilmButton, name="unwatch", label="Take it off"):
    """Removes the film from the list of the member who presses."""

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Remove it."""
        server_id = require_guild_id(interaction)
        film = await require_film(interaction, self.film_id)
        repository = get_service(interaction, WatchlistService).repository
        was_listed = await repository.remove_film(server_id, interaction.user.id, film.id)
        content = describe_removed(film, was_listed=was_listed)
        await interaction.response.edit_message(content=content, view=None)


CARD_ACTION = CardAction("watchlist", 30, WatchlistButton, is_guild_only=True)
ITEMS = (WatchlistPageButton, WatchlistButton, RemoveFromWatchlistButton)
