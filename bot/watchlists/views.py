"""Watchlists as Discord shows them, and the menus and buttons that change them."""

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    COLOUR,
    Acknowledgement,
    Button,
    Menu,
    Response,
    View,
    can_edit_message,
    custom_id,
    edit_or_respond,
    get_service,
    respond,
)
from bot.core.text.cldr import format_number
from bot.core.text.formatting import escape_line, join_limited
from bot.core.text.i18n import _, gettext_noop, ngettext
from bot.films.card import CardAction, FilmButton
from bot.films.embeds import format_bold_title
from bot.films.lists import create_list_view, film_option
from bot.films.models import Film
from bot.films.views import require_film, show_film
from bot.members.context import MemberNames, get_member_names, with_mentions
from bot.members.server_choice import SERVER_ID_PATTERN, format_direct_server, require_server
from bot.reviews.service import ReviewService
from bot.reviews.star_emojis import show_stars
from bot.watchlists.models import PrivateWatchlistError, WantedFilm, WatchlistFilm, WatchlistPage
from bot.watchlists.service import WatchlistService

NAMES_LENGTH_LIMIT = 160
"""Characters of the names beside a film: those of a whole page fit into an embed."""
SERVER = "server"
"""Stands for the list of a whole server where a button names the member whose list it is."""


async def add_film(
    interaction: discord.Interaction[Any], server_id: int, film: Film, *, is_kept: bool = False
) -> str:
    """Add the film to the list of the member who acts; return the confirmation."""
    member_id = interaction.user.id
    is_new = await get_service(interaction, WatchlistService).add_film(
        server_id, member_id, film.id, is_kept=is_kept
    )
    title = escape_line(film.shown_title, 200)
    if not is_new:
        message = _("**{title}** is already on your watchlist.")
        if is_kept:
            message = _("**{title}** is already on your watchlist. It stays there when you rate it.")
        return message.format(title=title)
    own = await get_service(interaction, ReviewService).repository.get_own(server_id, member_id, film.id)
    if own is not None:
        return _("Added **{title}** to your watchlist. You've already rated it {stars}.").format(
            title=title, stars=show_stars(own.half_stars)
        )
    message = _("Added **{title}** to your watchlist. It's removed once you rate it.")
    if is_kept:
        message = _("Added **{title}** to your watchlist. It stays there when you rate it.")
    lines = [message.format(title=title)]
    names = await get_member_names(interaction, [member_id])
    listed = await get_service(interaction, WatchlistService).repository.get_page(server_id, member_id)
    if listed.count == 1 and not names.is_hidden(member_id):
        lines.append(_("Others here can see your watchlist. Hide your name from lists with `/mydata hide`."))
    return "\n".join(lines)


def describe_removed(title: str, *, was_listed: bool) -> str:
    """Return the reply to a member who removed the film of that title from their list."""
    message = (
        _("Removed **{title}** from your watchlist.") if was_listed else _("**{title}** isn't on your watchlist.")
    )
    return message.format(title=escape_line(title, 200))


async def remove_film(interaction: discord.Interaction[Any], server_id: int, film: Film) -> Response:
    """Remove the film from the list of the member who acts; return the reply, which offers to undo that."""
    was_listed = await get_service(interaction, WatchlistService).remove_film(
        server_id, interaction.user.id, film.id
    )
    view = (
        View(UndoRemovalButton(film.id, "0", format_direct_server(interaction, server_id)))
        if was_listed
        else View()
    )
    return Response(describe_removed(film.shown_title, was_listed=was_listed), view=view, is_ephemeral=True)


async def render_watchlist(
    interaction: discord.Interaction[Any], server_id: int, member_id: int, page: int = 0, notice: str | None = None
) -> Response:
    """Return a page of the member's list, below `notice`. Raises PrivateWatchlistError if it is hidden."""
    is_own = member_id == interaction.user.id
    name = await require_visible_name(interaction, member_id)
    repository = get_service(interaction, WatchlistService).repository
    listed = await repository.get_page(server_id, member_id, page)
    lines = [] if is_own else [name]
    for film in listed.films:
        title = format_bold_title(film, 150)
        line = _("{title} · added {day} · kept when rated") if film.is_kept else _("{title} · added {day}")
        lines.append(line.format(title=title, day=discord.utils.format_dt(film.added_at, "D")))
    if not listed.count:
        lines.append(
            _("Nothing here yet. Add a film with `/watchlist add`, or press **Watchlist** on a film's card.")
            if is_own
            else _("Nothing here yet.")
        )
    title = _("Your watchlist") if is_own else _("Watchlist")
    response = _render_page(interaction, title, "\n".join(lines), str(member_id), listed, server_id)
    if is_own and listed.films and response.view is not None:
        direct = format_direct_server(interaction, server_id)
        response.view.add_item(RemoveFilmMenu(listed.films, str(listed.page), direct))
    return Response("\n".join(filter(None, (notice, response.content))) or None, response.embeds, response.view)


async def render_server_watchlist(
    interaction: discord.Interaction[Any], server_id: int, page: int = 0
) -> Response:
    """Return a page of the films on most lists of the server's members, with their names."""
    repository = get_service(interaction, WatchlistService).repository
    wanted = await repository.get_server_page(server_id, page)
    names = await get_member_names(interaction, {member for film in wanted.films for member in film.members})
    description = "\n".join(_format_wanted_film(film, names) for film in wanted.films)
    if not wanted.count:
        description = _("No one has added a film to their watchlist yet. Add one with `/watchlist add`.")
    server = interaction.client.get_guild(server_id)
    title = _("Most wanted")
    if server is not None:
        title = _("Most wanted in {server}").format(server=escape_line(server.name, 100))
    return _render_page(interaction, title, description, SERVER, wanted, server_id)


async def require_visible_name(interaction: discord.Interaction[Any], member_id: int) -> str:
    """Return the member's name as lists show it. Raises PrivateWatchlistError if it is hidden from the reader."""
    names = await get_member_names(interaction, [member_id])
    if names.is_hidden(member_id) and member_id != interaction.user.id:
        raise PrivateWatchlistError
    return names.format(member_id)


def _format_wanted_film(film: WantedFilm, names: MemberNames) -> str:
    members = join_limited([names.format(member) for member in film.members], NAMES_LENGTH_LIMIT)
    count = f" · {len(film.members)}" if len(film.members) > 1 else ""
    return f"{format_bold_title(film, 80)}{count} · {members}"


def _render_page(
    interaction: discord.Interaction[Any],
    title: str,
    description: str,
    owner: str,
    listed: WatchlistPage[Any],
    server_id: int,
) -> Response:
    """Return the page with a menu that opens its films, and buttons to a random film and to the pages beside it.

    `owner` is a member's id or SERVER.
    """
    embed = discord.Embed(title=title, description=description, colour=COLOUR)
    direct = format_direct_server(interaction, server_id)
    buttons: list[Button] = []
    if listed.page > 0:
        buttons.append(WatchlistPageButton(owner, str(listed.page - 1), direct, _("Back")))
    if listed.page + 1 < listed.page_count:
        buttons.append(WatchlistPageButton(owner, str(listed.page + 1), direct, _("More")))
    if listed.count > 1 and owner != SERVER:
        buttons.append(RandomFilmButton(owner, direct))
    options = [film_option(film) for film in listed.films]
    view = create_list_view(interaction, options, *buttons, has_random=owner == SERVER)
    if listed.page_count > 1:
        message = ngettext(
            "{count} film · page {page} of {pages}", "{count} films · page {page} of {pages}", listed.count
        )
        footer = message.format(count=format_number(listed.count), page=listed.page + 1, pages=listed.page_count)
        embed.set_footer(text=footer)
    return with_mentions(Response(embeds=(embed,), view=view))


class WatchlistPageButton(
    Button, template=r"v1:watchlist:(?P<owner>[0-8]?\d{1,18}|server):(?P<page>\d{1,4})" + SERVER_ID_PATTERN
):
    """Shows another page of a member's or the server's list, after checking again that the reader may see it."""

    acknowledgement = Acknowledgement.EDIT_OWN_IF_BUSY

    def __init__(self, owner: str, page: str, server_id: str = "", label: str = "") -> None:
        self.owner, self.page, self.server_id = owner, int(page), server_id
        super().__init__(
            ui.Button(label=label or _("More"), custom_id=custom_id("watchlist", owner, page) + server_id)
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the page in place for the member who used the command, privately for others."""
        server_id = await require_server(interaction, self.server_id)
        if self.owner == SERVER:
            response = await render_server_watchlist(interaction, server_id, self.page)
        else:
            response = await render_watchlist(interaction, server_id, int(self.owner), self.page)
        await edit_or_respond(interaction, response, edit=can_edit_message(interaction))


class RandomFilmButton(Button, template=r"v1:watchlist-random:(?P<member_id>[0-8]?\d{1,18})" + SERVER_ID_PATTERN):
    """Opens a random film of a member's list."""

    def __init__(self, member_id: str, server_id: str = "") -> None:
        self.member_id, self.server_id = int(member_id), server_id
        super().__init__(
            ui.Button(label=_("Random film"), custom_id=custom_id("watchlist-random", member_id) + server_id)
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the film's card privately."""
        server_id = await require_server(interaction, self.server_id)
        await require_visible_name(interaction, self.member_id)
        film_id = await get_service(interaction, WatchlistService).pick_random_film(server_id, self.member_id)
        await show_film(interaction, film_id, edit=False)


class RemoveFilmMenu(Menu, template=r"v1:watchlist-remove:(?P<page>\d{1,4})" + SERVER_ID_PATTERN):
    """The films on a page of the member's own list: choosing one removes it."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, films: Sequence[WatchlistFilm], page: str, server_id: str = "") -> None:
        self.page, self.server_id = int(page), server_id
        super().__init__(
            ui.Select(
                custom_id=custom_id("watchlist-remove", page) + server_id,
                options=[film_option(film) for film in films],
                placeholder=_("Remove a film"),
            )
        )

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read the page and the server."""
        self.page, self.server_id = int(state["page"]), state["server_id"]

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Remove it and show the same page again, with a button that puts it back."""
        server_id = await require_server(interaction, self.server_id)
        member_id, film_id = interaction.user.id, self.item.values[0]
        title = next(option.label for option in self.item.options if option.value == film_id)
        was_listed = await get_service(interaction, WatchlistService).remove_film(server_id, member_id, film_id)
        notice = describe_removed(title, was_listed=was_listed)
        response = await render_watchlist(interaction, server_id, member_id, self.page, notice)
        if was_listed and response.view is not None:
            response.view.add_item(UndoRemovalButton(film_id, str(self.page), self.server_id))
        await edit_or_respond(interaction, response, edit=True)


class UndoRemovalButton(
    Button, template=r"v1:watchlist-undo:(?P<film_id>[a-z0-9-]+):(?P<page>\d{1,4})" + SERVER_ID_PATTERN
):
    """Puts a film that was removed back on the member's list, and shows the list."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, film_id: str, page: str, server_id: str = "") -> None:
        self.film_id, self.page, self.server_id = film_id, int(page), server_id
        super().__init__(
            ui.Button(label=_("Undo"), custom_id=custom_id("watchlist-undo", film_id, page) + server_id)
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Add it again."""
        server_id = await require_server(interaction, self.server_id)
        film = await require_film(interaction, self.film_id)
        notice = await add_film(interaction, server_id, film)
        response = await render_watchlist(interaction, server_id, interaction.user.id, self.page, notice)
        await edit_or_respond(interaction, response, edit=True)


async def render_added(
    interaction: discord.Interaction[Any], server_id: int, film: Film, *, is_kept: bool = False
) -> Response:
    """Add the film to the member's list; return the confirmation, with the button that removes it again."""
    content = await add_film(interaction, server_id, film, is_kept=is_kept)
    direct = format_direct_server(interaction, server_id)
    return Response(content, view=View(RemoveFromWatchlistButton(film.id, direct)))


class WatchlistButton(FilmButton, name="watch", label=gettext_noop("Watchlist"), state=SERVER_ID_PATTERN):
    """Adds the film to the list of the member who presses."""

    acknowledgement = Acknowledgement.REPLY

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Add it, and offer to remove it again."""
        server_id = await require_server(interaction, self.server_id)
        film = await require_film(interaction, self.film_id)
        await respond(interaction, await render_added(interaction, server_id, film), ephemeral=True)


class RemoveFromWatchlistButton(FilmButton, name="unwatch", label=gettext_noop("Remove"), state=SERVER_ID_PATTERN):
    """Removes the film from the list of the member who presses."""

    acknowledgement = Acknowledgement.EDIT

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Remove it."""
        server_id = await require_server(interaction, self.server_id)
        film = await require_film(interaction, self.film_id)
        response = await remove_film(interaction, server_id, film)
        await edit_or_respond(interaction, response, edit=True)


CARD_ACTION = CardAction("watchlist", 30, WatchlistButton, is_guild_only=True)
ITEMS = (
    WatchlistPageButton,
    RandomFilmButton,
    RemoveFilmMenu,
    UndoRemovalButton,
    WatchlistButton,
    RemoveFromWatchlistButton,
)
