"""Diaries page by page, and what members do with an entry of their own: open, correct or delete it."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Self

import discord
from discord import ui

from bot.core.discord import (
    Acknowledgement,
    Button,
    Menu,
    Modal,
    ModalValues,
    Response,
    View,
    acknowledge_press,
    can_edit_message,
    custom_id,
    edit_or_respond,
    get_service,
    respond,
)
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT
from bot.core.discord.error_handler import get_error_message
from bot.core.errors import InvalidInputError
from bot.core.text.cldr import format_date
from bot.core.text.formatting import clean_line, truncate
from bot.core.text.i18n import _
from bot.films.lists import create_list_view, film_option
from bot.films.local_titles import known_title, shown_title
from bot.films.views import CardButton, require_film
from bot.members.context import get_member_names, with_mentions
from bot.members.server_choice import SERVER_ID_PATTERN, format_direct_server, require_server
from bot.reviews.diary import (
    DiaryPage,
    Viewing,
    ViewingGoneError,
    describe_typed_days,
    format_day_as_typed,
    require_released,
)
from bot.reviews.embeds import build_diary_embed, format_viewing
from bot.reviews.rating_views import DAY_LENGTH_LIMIT, RateButton
from bot.reviews.service import DiaryService, ReviewService
from bot.reviews.star_emojis import show_stars
from bot.reviews.stars import format_stars

_WATCHED, _REWATCH = "watched", "rewatch"


async def render_diary(
    interaction: discord.Interaction[Any], server_id: int, member_id: int, page: int = 0
) -> Response:
    """Return the response with a page of a member's diary. Raises PrivateDiaryError for who may not read it."""
    diary_page = await get_service(interaction, DiaryService).get_page(
        server_id, member_id, page, reader_id=interaction.user.id
    )
    is_own, owner = member_id == interaction.user.id, None
    if not is_own:
        owner = (await get_member_names(interaction, [member_id])).format(member_id)
    direct = format_direct_server(interaction, server_id)
    buttons = []
    if diary_page.page > 0:
        buttons.append(DiaryButton(str(member_id), str(diary_page.page - 1), direct, _("Newer")))
    if diary_page.page + 1 < diary_page.page_count:
        buttons.append(DiaryButton(str(member_id), str(diary_page.page + 1), direct, _("Older")))
    options = [film_option(viewing) for viewing in diary_page.viewings]
    view = create_list_view(interaction, options, *buttons)
    if options and is_own:
        view.add_item(_create_entry_menu(diary_page))
    return with_mentions(Response(embeds=(build_diary_embed(diary_page, owner=owner),), view=view))


def _create_entry_menu(page: DiaryPage) -> Menu:
    """Return the menu of the page's entries, for their member."""
    options = [
        discord.SelectOption(label=_get_label(viewing), value=str(viewing.id), description=_describe_day(viewing))
        for viewing in page.viewings
    ]
    return ViewingMenu(options)


def _get_label(viewing: Viewing) -> str:
    return truncate(clean_line(shown_title(viewing)), CHOICE_LENGTH_LIMIT)


def _describe_day(viewing: Viewing) -> str:
    parts = [format_date(viewing.watched_on) if viewing.watched_on else _("No date")]
    if viewing.half_stars:
        parts.append(format_stars(viewing.half_stars))
    return " · ".join(parts)


class DiaryButton(
    Button, template=r"v1:diary:(?P<member_id>[0-8]?\d{1,18}):(?P<page>\d{1,5})" + SERVER_ID_PATTERN
):
    """Shows another page of a diary; whether this member may read it is checked again."""

    acknowledgement = Acknowledgement.EDIT_OWN_IF_BUSY

    def __init__(self, member_id: str, page: str, server_id: str = "", label: str = "") -> None:
        self.member_id, self.page, self.server_id = int(member_id), int(page), server_id
        identifier = custom_id("diary", member_id, self.page) + server_id
        super().__init__(ui.Button(label=label or _("Older"), custom_id=identifier))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page for the member whose command it was, show it privately to others."""
        server_id = await require_server(interaction, self.server_id)
        response = await render_diary(interaction, server_id, self.member_id, self.page)
        await edit_or_respond(interaction, response, edit=can_edit_message(interaction))


class ViewingMenu(Menu, template=r"v1:viewings"):
    """The entries of a page of the member's own diary."""

    def __init__(self, options: list[discord.SelectOption]) -> None:
        placeholder = _("Change an entry")
        super().__init__(ui.Select(custom_id=custom_id("viewings"), options=options, placeholder=placeholder))

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read nothing: the chosen value names the entry."""

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the entry with what can be done about it."""
        viewing_id = int(self.item.values[0])
        server_id = await _require_viewing_server(interaction, viewing_id)
        viewing = await get_service(interaction, DiaryService).get_own_viewing(
            server_id, interaction.user.id, viewing_id
        )
        await respond(interaction, _render_viewing(interaction, viewing), ephemeral=True)


async def _require_viewing_server(interaction: discord.Interaction[Any], viewing_id: int) -> int:
    """Return the id of the server of an entry of the member's own diary, in direct messages too.

    Raises ViewingGoneError, NoServerError.
    """
    if interaction.guild_id is not None:
        return interaction.guild_id
    repository = get_service(interaction, DiaryService).repository
    server_id = await repository.find_server(interaction.user.id, viewing_id)
    if server_id is None:
        raise ViewingGoneError
    return await require_server(interaction, str(server_id))


def _render_viewing(interaction: discord.Interaction[Any], viewing: Viewing) -> Response:
    view = View(CardButton(viewing.film_id), EditViewingButton(str(viewing.id)))
    if interaction.guild_id is not None:
        view.add_item(RateButton(viewing.film_id))
    view.add_item(DeleteViewingButton(str(viewing.id)))
    return Response(format_viewing(viewing), view=view, is_ephemeral=True)


class EditViewingButton(Button, template=r"v1:viewing-edit:(?P<viewing_id>\d{1,18})"):
    """Opens the form with the day of a viewing."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, viewing_id: str) -> None:
        self.viewing_id = int(viewing_id)
        identifier = custom_id("viewing-edit", viewing_id)
        super().__init__(ui.Button(label=_("Change date"), custom_id=identifier))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form."""
        server_id = await _require_viewing_server(interaction, self.viewing_id)
        viewing = await get_service(interaction, DiaryService).get_own_viewing(
            server_id, interaction.user.id, self.viewing_id
        )
        await interaction.response.send_modal(ViewingModal(str(viewing.id), viewing, str(interaction.locale)))


class ViewingModal(Modal):
    """The day of a viewing, and whether it was a rewatch, filled in with what is stored or, in `day`, typed."""

    template = re.compile(r"v1:viewing:(?P<viewing_id>\d{1,18})")

    def __init__(
        self, viewing_id: str, viewing: Viewing | None = None, locale: str = "en-US", day: str | None = None
    ) -> None:
        self.viewing_id = int(viewing_id)
        title = _("Change the date") if viewing is None else known_title(viewing.film_id, viewing.title)
        super().__init__(title=title, custom_id=custom_id("viewing", viewing_id))
        if day is None:
            day = format_day_as_typed(viewing.watched_on if viewing is not None else None, locale)
        watched: ui.TextInput[Any] = ui.TextInput(
            custom_id=_WATCHED,
            required=False,
            max_length=DAY_LENGTH_LIMIT,
            placeholder=describe_typed_days(),
            default=day or None,
        )
        is_rewatch = viewing is not None and viewing.is_rewatch
        self.add_item(
            ui.Label(text=_("Watched on"), description=_("Leave empty if you don't remember"), component=watched)
        )
        rewatch: ui.Checkbox[Any] = ui.Checkbox(custom_id=_REWATCH, default=is_rewatch)
        self.add_item(ui.Label(text=_("Rewatch"), description=_("You've seen it before"), component=rewatch))

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Store the change and show the entry; a day that can't be read opens the form again with it."""
        await acknowledge_press(interaction, edit=True)
        server_id, member_id = await _require_viewing_server(interaction, self.viewing_id), interaction.user.id
        diary, typed = get_service(interaction, DiaryService), str(values.get(_WATCHED) or "").strip()
        watched = await diary.get_own_viewing(server_id, member_id, self.viewing_id)
        try:
            day: date | None = await diary.parse_day(server_id, typed, str(interaction.locale))
            require_released(day, known_title(watched.film_id, watched.title), watched.year)
        except InvalidInputError as error:
            view = View(FixViewingButton(str(self.viewing_id), typed))
            response = Response(f"⚠ {get_error_message(error)}", view=view)
            await edit_or_respond(interaction, response, edit=True)
            return
        await diary.change_viewing(
            server_id, member_id, self.viewing_id, watched_on=day, is_rewatch=bool(values.get(_REWATCH))
        )
        viewing = await diary.get_own_viewing(server_id, member_id, self.viewing_id)
        await edit_or_respond(interaction, _render_viewing(interaction, viewing), edit=True)


class FixViewingButton(Button, template=r"(?s)v1:viewing-fix:(?P<viewing_id>\d{1,18}):(?P<day>.*)"):
    """Opens the form again with the day that could not be read."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, viewing_id: str, day: str) -> None:
        self.viewing_id = int(viewing_id)
        self.day = day
        button: ui.Button[Any] = ui.Button(
            label=_("Fix it"),
            style=discord.ButtonStyle.primary,
            custom_id=custom_id("viewing-fix", viewing_id, day),
        )
        super().__init__(button)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form."""
        server_id = await _require_viewing_server(interaction, self.viewing_id)
        viewing = await get_service(interaction, DiaryService).get_own_viewing(
            server_id, interaction.user.id, self.viewing_id
        )
        modal = ViewingModal(str(viewing.id), viewing, str(interaction.locale), self.day)
        await interaction.response.send_modal(modal)


class DeleteViewingButton(Button, template=r"v1:viewing-delete:(?P<viewing_id>\d{1,18})"):
    """Deletes an entry of the member's own diary, and offers to undo it."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, viewing_id: str) -> None:
        self.viewing_id = int(viewing_id)
        button: ui.Button[Any] = ui.Button(
            label=_("Delete entry"),
            style=discord.ButtonStyle.danger,
            custom_id=custom_id("viewing-delete", viewing_id),
        )
        super().__init__(button)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Delete it, and show so in its place."""
        server_id = await _require_viewing_server(interaction, self.viewing_id)
        viewing = await get_service(interaction, DiaryService).delete_viewing(
            server_id, interaction.user.id, self.viewing_id
        )
        content = _("Deleted from your diary: {entry}").format(entry=format_viewing(viewing))
        reviews = get_service(interaction, ReviewService).repository
        if (rating := await reviews.get_own(server_id, interaction.user.id, viewing.film_id)) is not None:
            kept = _("Your rating stays: {stars}.").format(stars=show_stars(rating.half_stars))
            content = f"{content}\n{kept}"
        direct = format_direct_server(interaction, server_id)
        view = View(RestoreViewingButton.from_viewing(viewing, direct))
        await edit_or_respond(interaction, Response(content, view=view), edit=True)


class RestoreViewingButton(
    Button,
    template=(
        r"v1:viewing-undo:(?P<film_id>[a-z0-9-]+):(?P<day>-|\d{4}-\d\d-\d\d):(?P<stars>\d|10):(?P<rewatch>[01])"
        + SERVER_ID_PATTERN
    ),
):
    """Puts an entry back into the member's diary; `stars` are its half-stars, 0 for none."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, film_id: str, day: str, stars: str, rewatch: str, server_id: str = "") -> None:
        self.film_id, self.server_id = film_id, server_id
        self.watched_on = date.fromisoformat(day) if day != "-" else None
        self.half_stars = int(stars) or None
        self.is_rewatch = rewatch == "1"
        identifier = custom_id("viewing-undo", film_id, day, stars, rewatch) + server_id
        super().__init__(ui.Button(label=_("Undo"), custom_id=identifier))

    @classmethod
    def from_viewing(cls, viewing: Viewing, server_id: str) -> Self:
        """Return the button that puts back the viewing, which was just deleted.

        `server_id` is what names its server in a direct message.
        """
        day = viewing.watched_on.isoformat() if viewing.watched_on is not None else "-"
        return cls(viewing.film_id, day, str(viewing.half_stars or 0), str(int(viewing.is_rewatch)), server_id)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Add it again, and show it."""
        server_id, member_id = await require_server(interaction, self.server_id), interaction.user.id
        await require_film(interaction, self.film_id)
        diary = get_service(interaction, DiaryService)
        viewing_id = await diary.restore_viewing(
            server_id,
            member_id,
            self.film_id,
            watched_on=self.watched_on,
            half_stars=self.half_stars,
            is_rewatch=self.is_rewatch,
        )
        viewing = await diary.get_own_viewing(server_id, member_id, viewing_id)
        await edit_or_respond(interaction, _render_viewing(interaction, viewing), edit=True)


ITEMS = (
    DiaryButton,
    ViewingMenu,
    EditViewingButton,
    FixViewingButton,
    DeleteViewingButton,
    RestoreViewingButton,
)
MODALS = (ViewingModal,)
