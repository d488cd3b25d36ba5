"""Lists as Discord shows them, with what the reader has seen of each."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Self

import discord
from discord import app_commands, ui

from bot.core.discord import (
    COLOUR,
    Acknowledgement,
    Button,
    Choices,
    Menu,
    Response,
    View,
    autocomplete,
    can_edit_message,
    custom_id,
    edit_or_respond,
    get_public_locale,
    get_service,
    require_guild_id,
    respond,
    use_public_language,
)
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT, CHOICES_LIMIT
from bot.core.discord.limits import MENU_OPTIONS_LIMIT
from bot.core.discord.questions import KeepButton
from bot.core.text.folding import find_titles
from bot.core.text.formatting import clean_line, escape_line, join_limited, truncate
from bot.core.text.i18n import _, ngettext, use_locale
from bot.films.choice_views import Completion
from bot.films.embeds import format_bold_title
from bot.films.lists import film_option
from bot.films.local_titles import shown_title
from bot.films.models import Film
from bot.films.views import LABEL_LIMIT, FilmMenu, require_film
from bot.lists.models import FilmList, ListGoneError, ListPage, ListProgress
from bot.lists.service import ListService
from bot.members.context import MemberNames, get_member_names, with_mentions
from bot.moderation.embeds import describe_action
from bot.moderation.models import Action
from bot.moderation.notifications import post_own_action

BAR_LENGTH = 10
"""Blocks of the bar that shows how much of a list somebody has seen."""


@autocomplete
async def suggest_lists(interaction: discord.Interaction[Any], current: str) -> Choices:
    """Return the server's lists that fit what is typed, out of memory."""
    server_id = require_guild_id(interaction)
    lists = get_service(interaction, ListService).cache.get(server_id) or ()
    readable = [each for each in lists if each.is_readable_by(interaction.user.id)]
    return [
        app_commands.Choice(name=truncate(clean_line(each.name), CHOICE_LENGTH_LIMIT), value=str(each.id))
        for each in find_titles(current, readable, lambda each: (each.name,))
    ]


@autocomplete
async def suggest_listed_films(interaction: discord.Interaction[Any], current: str) -> Choices:
    """Return the films on the list that was chosen before which fit what is typed; none before one is chosen."""
    lists, name = get_service(interaction, ListService), interaction.namespace.list
    try:
        film_list = await lists.find(require_guild_id(interaction), str(name or ""), interaction.user.id)
    except ListGoneError:
        return []
    return [
        app_commands.Choice(name=truncate(clean_line(shown_title(film)), CHOICE_LENGTH_LIMIT), value=film.film_id)
        for film in (await lists.find_listed(film_list, current))[:CHOICES_LIMIT]
    ]


def is_moderator(interaction: discord.Interaction[Any]) -> bool:
    """Return whether the member may change lists that are not theirs."""
    return interaction.permissions.manage_messages or interaction.permissions.manage_guild


def format_bar(seen: int, count: int) -> str:
    """Return how much of a list has been seen as a bar of ten blocks; full only if nothing is left."""
    blocks = seen * BAR_LENGTH // count if count else 0
    return "▰" * blocks + "▱" * (BAR_LENGTH - blocks)


def format_progress(seen: int, count: int) -> str:
    """Return how many of a list's films have been seen, in words."""
    return ngettext("{seen} of {count} seen", "{seen} of {count} seen", count).format(seen=seen, count=count)


async def render_lists(interaction: discord.Interaction[Any]) -> Response:
    """Return all lists that the member may read, with how many of their films they have seen."""
    member_id = interaction.user.id
    service = get_service(interaction, ListService)
    listed = await service.repository.list_progress(require_guild_id(interaction), member_id)
    owners = [each.film_list.member_id for each in listed if each.film_list.member_id is not None]
    names = await get_member_names(interaction, owners)
    shown = [each for each in listed if each.film_list.is_readable_by(member_id)]
    embed = discord.Embed(title=_("Lists"), colour=COLOUR)
    for is_shared, heading in ((True, _("Anyone can add to these")), (False, _("Members' own"))):
        lines = [_format_list(each, names) for each in shown if each.film_list.is_shared is is_shared]
        if lines:
            embed.add_field(name=heading, value=join_limited(lines, 1_000, "\n"), inline=False)
    if not shown:
        embed.description = _("No lists yet. Create one with `/list create`.")
    view = View(*ListMenu.create_all([each.film_list for each in shown]))
    return with_mentions(Response(embeds=(embed,), view=view if view.children else None, is_ephemeral=True))


def _format_list(progress: ListProgress, names: MemberNames) -> str:
    film_list = progress.film_list
    parts = [f"**{escape_line(film_list.name, 60)}**", format_progress(progress.seen_count, film_list.film_count)]
    if not film_list.is_shared and film_list.member_id is not None:
        parts.append(names.format(film_list.member_id))
    return " · ".join(parts)


async def render_list(interaction: discord.Interaction[Any], list_id: int, page: int = 0) -> Response:
    """Return a page of the list as the member sees it. Raises ListGoneError."""
    member_id = interaction.user.id
    repository = get_service(interaction, ListService).repository
    listed = await repository.get_page(require_guild_id(interaction), list_id, member_id, page)
    film_list = listed.film_list
    people = {each.member_id for each in listed.entries if each.member_id is not None}
    people |= {film_list.member_id} if film_list.member_id is not None else set()
    names = await get_member_names(interaction, people)
    if not film_list.is_readable_by(member_id):
        raise ListGoneError
    lines = []
    for entry in listed.entries:
        mark = "✓" if entry.is_seen else "◦" if entry.is_seen_here else "·"
        line = f"{mark} {format_bold_title(entry, 100)}"
        if film_list.is_shared and entry.member_id is not None:
            line += f" · {names.format(entry.member_id)}"
        lines.append(line)
    embed = discord.Embed(title=escape_line(film_list.name, 100), colour=COLOUR)
    if film_list.film_count:
        bar = format_bar(listed.seen_count, film_list.film_count)
        progress = _("You've seen {seen} of {count} · the server has seen {here}").format(
            seen=listed.seen_count, count=film_list.film_count, here=listed.seen_here_count
        )
        embed.description = "\n".join((f"{bar} {progress}", "", *lines))
        embed.set_footer(text=_("✓ you've seen it · ◦ someone here has"))
    else:
        embed.description = _("Nothing here yet. Add a film with `/list add`.")
    view = View()
    if listed.entries:
        options = [film_option(each) for each in listed.entries]
        view.add_item(FilmMenu(options))
        view.add_item(ShareListButton(str(list_id), str(listed.page)))
    if listed.page > 0:
        view.add_item(ListPageButton(str(list_id), str(listed.page - 1), _("Back")))
    if listed.page + 1 < listed.page_count:
        view.add_item(ListPageButton(str(list_id), str(listed.page + 1), _("More")))
    return with_mentions(Response(embeds=(embed,), view=view if view.children else None))


def _build_shared_embed(listed: ListPage, names: MemberNames) -> discord.Embed:
    """Return a page of the list for everybody: without what its reader has seen."""
    film_list = listed.film_list
    lines = []
    if not film_list.is_shared and film_list.member_id is not None:
        lines.append(names.format(film_list.member_id))
    lines += [f"· {format_bold_title(entry, 100)}" for entry in listed.entries]
    count = film_list.film_count
    embed = discord.Embed(title=escape_line(film_list.name, 100), description="\n".join(lines), colour=COLOUR)
    pages = ngettext(
        "{count} film · page {page} of {pages}", "{count} films · page {page} of {pages}", count
    ).format(count=count, page=listed.page + 1, pages=listed.page_count)
    embed.set_footer(
        text=pages
        if listed.page_count > 1
        else ngettext("{count} film", "{count} films", count).format(count=count)
    )
    return embed


class ShareListButton(Button, template=r"v1:list-share:(?P<list_id>\d{1,18}):(?P<page>\d{1,4})"):
    """Posts a page of a list to the channel."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, list_id: str, page: str) -> None:
        self.list_id, self.page = int(list_id), int(page)
        super().__init__(ui.Button(label=_("Share here"), custom_id=custom_id("list-share", list_id, page)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Post it, with the menu that opens its films. Raises ListGoneError."""
        repository, member_id = get_service(interaction, ListService).repository, interaction.user.id
        listed = await repository.get_page(require_guild_id(interaction), self.list_id, member_id, self.page)
        film_list = listed.film_list
        if not film_list.is_readable_by(member_id):
            raise ListGoneError
        use_public_language(interaction)
        names = await get_member_names(interaction, [film_list.member_id] if film_list.member_id else [])
        options = [film_option(each) for each in listed.entries]
        view = View(FilmMenu(options)) if options else None
        response = with_mentions(Response(embeds=(_build_shared_embed(listed, names),), view=view))
        await respond(interaction, response, ephemeral=False)


class ListMenu(Menu, template=r"v1:lists:(?P<number>\d)"):
    """Lists to open, each beside the overview; a server's lists take up to four menus."""

    def __init__(self, number: int, options: list[discord.SelectOption]) -> None:
        select: ui.Select[Any] = ui.Select(
            custom_id=custom_id("lists", number), options=options, placeholder=_("Open a list")
        )
        super().__init__(select)

    @classmethod
    def create_all(cls, lists: Sequence[FilmList]) -> list[Self]:
        """Return the menus of these lists."""
        options = [
            discord.SelectOption(label=truncate(clean_line(each.name), CHOICE_LENGTH_LIMIT), value=str(each.id))
            for each in lists
        ]
        starts = range(0, len(options), MENU_OPTIONS_LIMIT)
        return [cls(number, options[start : start + MENU_OPTIONS_LIMIT]) for number, start in enumerate(starts)]

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read nothing: the chosen value names the list."""

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the first page of the list privately."""
        await respond(interaction, await render_list(interaction, int(self.item.values[0])), ephemeral=True)


class ListPageButton(Button, template=r"v1:list:(?P<list_id>\d{1,18}):(?P<page>\d{1,4})"):
    """Shows another page of a list."""

    acknowledgement = Acknowledgement.EDIT_OWN_IF_BUSY

    def __init__(self, list_id: str, page: str, label: str = "…") -> None:
        self.list_id, self.page = int(list_id), int(page)
        super().__init__(ui.Button(label=label, custom_id=custom_id("list", list_id, page)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page for the member whose command it was, and show it privately to others."""
        response = await render_list(interaction, self.list_id, self.page)
        await edit_or_respond(interaction, response, edit=can_edit_message(interaction))


def render_delete_question(interaction: discord.Interaction[Any], film_list: FilmList) -> Response:
    """Return the question whether to delete the list, with its owner where that is somebody else."""
    question = _("Delete the empty list **{name}**?")
    if film_list.film_count:
        question = ngettext(
            "Delete the list **{name}** with {count} film?", "Delete the list **{name}** with {count} films?",
            film_list.film_count,
        )  # fmt: skip
    lines = [question.format(name=escape_line(film_list.name, 60), count=film_list.film_count)]
    if film_list.member_id not in (None, interaction.user.id):
        lines.append(f"-# <@{film_list.member_id}>")
    list_id = str(film_list.id)
    return Response("\n".join(lines), view=View(DeleteListButton(list_id), KeepButton()))


class DeleteListButton(Button, template=r"v1:list-delete:(?P<list_id>\d{1,18})"):
    """Deletes a list, once the member has confirmed it."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, list_id: str) -> None:
        self.list_id = int(list_id)
        style = discord.ButtonStyle.danger
        super().__init__(ui.Button(label=_("Delete"), style=style, custom_id=custom_id("list-delete", list_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Delete it, and confirm it in place of the question. Raises ListGoneError, NotYourListError."""
        film_list = await get_service(interaction, ListService).delete(
            require_guild_id(interaction),
            self.list_id,
            interaction.user.id,
            is_moderator=is_moderator(interaction),
        )
        content = _("Deleted the list **{name}**.").format(name=escape_line(film_list.name, 60))
        await edit_or_respond(interaction, Response(content, view=View()), edit=True)
        if film_list.member_id not in (None, interaction.user.id):
            with use_locale(get_public_locale(interaction)):
                done = describe_action(Action.DELETE_LIST, interaction.user.mention, is_reply=False)
            notice = f"{done} · <@{film_list.member_id}> · {escape_line(film_list.name, 60)}"
            await post_own_action(interaction, film_list.server_id, notice)


async def add_film(interaction: discord.Interaction[Any], film_list: FilmList, film: Film) -> Response:
    """Add the film to the list, and return the confirmation. Raises what `ListRepository.add_film` raises."""
    lists = get_service(interaction, ListService)
    is_new = await lists.add_film(film_list.server_id, film_list.id, interaction.user.id, film.id)
    sentence = _("Added **{title}** to **{name}**.") if is_new else _("**{title}** is already on **{name}**.")
    return _confirm(sentence, film_list, film, create_open_button(film_list))


async def remove_film(interaction: discord.Interaction[Any], film_list: FilmList, film: Film) -> Response:
    """Remove the film from the list, and return the confirmation. Raises ListGoneError, NotYourListError."""
    added_at = await get_service(interaction, ListService).remove_film(
        film_list.server_id,
        film_list.id,
        interaction.user.id,
        film.id,
        is_moderator=is_moderator(interaction),
    )
    if added_at is None:
        return _confirm(_("**{title}** isn't on **{name}**."), film_list, film, create_open_button(film_list))
    buttons: list[Button] = [create_open_button(film_list)]
    if film_list.is_shared or film_list.member_id == interaction.user.id:  # who could add it again
        buttons.insert(0, UndoListRemovalButton(str(film_list.id), str(int(added_at.timestamp())), film.id))
    return _confirm(_("Removed **{title}** from **{name}**."), film_list, film, *buttons)


def _confirm(sentence: str, film_list: FilmList, film: Film, *buttons: Button) -> Response:
    title, name = escape_line(film.shown_title, 200), escape_line(film_list.name, 60)
    return Response(sentence.format(title=title, name=name), view=View(*buttons))


def create_open_button(film_list: FilmList) -> ListPageButton:
    """Return a button of the list's name that opens it."""
    return ListPageButton(str(film_list.id), "0", truncate(clean_line(film_list.name), LABEL_LIMIT))


class UndoListRemovalButton(
    Button, template=r"v1:list-back:(?P<list_id>\d{1,18}):(?P<seconds>\d{1,11}):(?P<film_id>[a-z0-9-]+)"
):
    """Puts a film back where it was on a list; `seconds` since 1970 are when it was added."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, list_id: str, seconds: str, film_id: str) -> None:
        self.list_id, self.seconds, self.film_id = int(list_id), int(seconds), film_id
        item = custom_id("list-back", list_id, seconds, film_id)
        super().__init__(ui.Button(label=_("Undo"), custom_id=item))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Put it back, and confirm it. Raises what `ListRepository.add_film` raises."""
        film, lists = await require_film(interaction, self.film_id), get_service(interaction, ListService)
        server_id = require_guild_id(interaction)
        film_list = await lists.find(server_id, str(self.list_id), interaction.user.id)
        added_at = datetime.fromtimestamp(self.seconds, UTC)
        await lists.add_film(server_id, film_list.id, interaction.user.id, film.id, added_at=added_at)
        sentence = _("Added **{title}** to **{name}**.")
        response = _confirm(sentence, film_list, film, create_open_button(film_list))
        await edit_or_respond(interaction, response, edit=True)


async def _complete_addition(
    interaction: discord.Interaction[Any], film: Film, completion: Completion
) -> Response:
    """Add the film that a member chose to their list."""
    return await add_film(interaction, await _find_list(interaction, completion), film)


async def _complete_removal(interaction: discord.Interaction[Any], film: Film, completion: Completion) -> Response:
    """Remove the film that a member chose from the list."""
    return await remove_film(interaction, await _find_list(interaction, completion), film)


async def _find_list(interaction: discord.Interaction[Any], completion: Completion) -> FilmList:
    lists, server_id = get_service(interaction, ListService), require_guild_id(interaction)
    return await lists.find(server_id, completion.details, interaction.user.id)


COMPLETIONS = {"list-add": _complete_addition, "list-remove": _complete_removal}
"""What is done with a film that a member chooses where a command's text left it open."""
ITEMS = (ListMenu, ListPageButton, DeleteListButton, ShareListButton, UndoListRemovalButton)
