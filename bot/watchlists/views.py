"""Watchlists: a member's own, and what a server's members have in common."""

from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    COLOUR,
    Button,
    View,
    custom_id,
    get_service,
    is_command_author,
    is_ephemeral,
    require_guild_id,
    show,
)
from bot.core.text.escaping import escape_line
from bot.core.text.formatting import join_limited, with_year
from bot.films.models import Film
from bot.films.views import require_film
from bot.members.names import MemberNames, get_member_names, with_mentions
from bot.watchlists.service import (
    FILMS_ON_PAGE,
    PrivateWatchlistError,
    WantedFilm,
    WatchlistFilm,
    WatchlistPage,
    WatchlistService,
)

NAMES_SHOWN = 160
"""Characters of the names beside a film: fifteen films stay inside an embed."""


def added(film: Film, *, new: bool, keep: bool) -> str:
    """Say that the film is on the list."""
    title = escape_line(film.dated_title, 200)
    if not new:
        rest = " It stays there when you rate it." if keep else ""
        return f"**{title}** is on your watchlist already.{rest}"
    rest = "It stays there when you rate it." if keep else "It leaves it when you rate it."
    return f"**{title}** is on your watchlist. {rest}"


def removed(film: Film, *, there: bool) -> str:
    """Say that the film is off the list."""
    title = escape_line(film.dated_title, 200)
    return f"**{title}** is off your watchlist." if there else f"**{title}** is not on your watchlist."


async def list_of(interaction: discord.Interaction[Any], member_id: int, page: int = 0) -> dict[str, Any]:
    """Give the message with a page of a member's list. Raises PrivateWatchlistError for who may not read it."""
    mine = member_id == interaction.user.id
    name = await refuse_nameless(interaction, member_id)
    found = await get_service(interaction, WatchlistService).page(require_guild_id(interaction), member_id, page)
    embed = discord.Embed(title="Your watchlist" if mine else "Watchlist", colour=COLOUR)
    lines = [_own_line(film) for film in found.films] if mine else [name, *map(_own_line, found.films)]
    if not found.count:
        lines.append("Nothing yet." + (" `/watchlist add`, or **Watchlist** on a film's card." if mine else ""))
    embed.description = "\n".join(lines)
    return with_mentions({"embed": _numbered(embed, found), "view": _pages(str(member_id), found)})


async def refuse_nameless(interaction: discord.Interaction[Any], member_id: int) -> str:
    """Give the member as lists show them. Raises PrivateWatchlistError where others may not read their list."""
    names = await get_member_names(interaction, [member_id])
    if names.is_hidden(member_id) and member_id != interaction.user.id:
        raise PrivateWatchlistError
    return names.format(member_id)


async def server_list(interaction: discord.Interaction[Any], page: int = 0) -> dict[str, Any]:
    """Give the message with a page of what most members of the server want to see."""
    found = await get_service(interaction, WatchlistService).wanted(require_guild_id(interaction), page)
    names = await get_member_names(interaction, {member for film in found.films for member in film.members})
    embed = discord.Embed(title="What most want to see here", colour=COLOUR)
    embed.description = "\n".join(_wanted_line(film, names) for film in found.films)
    if not found.count:
        embed.description = "Nobody here has put a film on their watchlist yet."
    return with_mentions({"embed": _numbered(embed, found), "view": _pages("server", found)})


def _own_line(film: WatchlistFilm) -> str:
    kept = " · kept when rated" if film.is_kept else ""
    added = discord.utils.format_dt(film.added_at, "d")
    return f"**{escape_line(with_year(film.title, film.year), 150)}** · {added}{kept}"


def _wanted_line(film: WantedFilm, names: MemberNames) -> str:
    who = join_limited([names.format(member) for member in film.members], NAMES_SHOWN)
    return f"**{escape_line(with_year(film.title, film.year), 80)}** · {len(film.members)}: {who}"


def _numbered(embed: discord.Embed, page: WatchlistPage[Any]) -> discord.Embed:
    if page.pages > 1:
        embed.set_footer(text=f"{page.count:,} films · page {page.page + 1} of {page.pages}")
    return embed


def _pages(which: str, page: WatchlistPage[Any]) -> View:
    view = View()
    if page.page > 0:
        view.add_item(ListPageButton(which, str(page.page - 1), "Back"))
    if (page.page + 1) * FILMS_ON_PAGE < page.count:
        view.add_item(ListPageButton(which, str(page.page + 1), "More"))
    return view


class ListPageButton(Button, template=r"v1:watchlist:(?P<which>[0-8]?\d{1,18}|server):(?P<page>\d{1,4})"):
    """Another page of a member's or the server's list; whether it may be read is asked again."""

    def __init__(self, which: str, page: str, label: str = "More") -> None:
        self.which = which
        self.page = int(page)
        super().__init__(ui.Button(label=label, custom_id=custom_id("watchlist", which, self.page)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page for the member who asked, show it privately to others."""
        if self.which == "server":
            message = await server_list(interaction, self.page)
        else:
            message = await list_of(interaction, int(self.which), self.page)
        await show(interaction, replace=is_command_author(interaction) or is_ephemeral(interaction), **message)


class WatchlistButton(Button, template=r"v1:watch:(?P<film_id>[a-z0-9-]+)"):
    """Puts a card's film on the list of who presses."""

    def __init__(self, film_id: str) -> None:
        self.film_id = film_id
        super().__init__(ui.Button(label="Watchlist", custom_id=custom_id("watch", film_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Put it there, and offer the way back."""
        server_id = require_guild_id(interaction)
        film = await require_film(interaction, self.film_id)
        new = await get_service(interaction, WatchlistService).add(server_id, interaction.user.id, film.id)
        view = View(UnwatchButton(film.id))
        await interaction.response.send_message(added(film, new=new, keep=False), view=view, ephemeral=True)


class UnwatchButton(Button, template=r"v1:unwatch:(?P<film_id>[a-z0-9-]+)"):
    """Takes a film off the list of who presses."""

    def __init__(self, film_id: str) -> None:
        self.film_id = film_id
        super().__init__(ui.Button(label="Take it off", custom_id=custom_id("unwatch", film_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Take it off."""
        server_id = require_guild_id(interaction)
        film = await require_film(interaction, self.film_id)
        there = await get_service(interaction, WatchlistService).remove(server_id, interaction.user.id, film.id)
        await interaction.response.edit_message(content=removed(film, there=there), view=None)


ITEMS = (ListPageButton, WatchlistButton, UnwatchButton)
