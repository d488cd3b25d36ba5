"""Nominating: from the watchlist, by title, or from a film's card; supporting, withdrawing and striking."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

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
    acknowledge,
    custom_id,
    get_service,
    require_guild_id,
    respond,
)
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT
from bot.core.discord.error_handler import read_returned_input, return_input
from bot.core.discord.interactions import UnknownComponentError
from bot.core.discord.limits import MENU_OPTIONS_LIMIT
from bot.core.errors import InvalidInputError
from bot.core.text.formatting import clean_input, clean_line, escape_line, is_id, truncate
from bot.core.text.i18n import _
from bot.films.card import CardAddition, CardContext, CardSection, FilmButton
from bot.films.choice_views import Completion, find_or_ask
from bot.films.lists import film_option
from bot.films.local_titles import shown_title
from bot.films.models import Film
from bot.films.service import FilmService
from bot.films.views import FilmMenu, require_film
from bot.lists.service import ListService
from bot.members.context import get_member_names, with_mentions
from bot.moderation.automod import require_allowed_words
from bot.nights.choice_repository import NominationResult
from bot.nights.embeds import build_common_embed, build_nominations_embed
from bot.nights.host_views import ask_whose_choice, replaces_nominations
from bot.nights.models import (
    REASON_LIMIT,
    Answer,
    ListMismatchError,
    Night,
    NightSnapshot,
    NightState,
    Nomination,
    NominationsClosedError,
    NoNightError,
    NotYourTurnError,
)
from bot.nights.permissions import NotHostError, is_moderator, require_host
from bot.nights.service import NightEdit, NightService, fits_theme
from bot.watchlists.service import WatchlistService

_FILM, _REASON = "film", "reason"
TITLE_LENGTH_LIMIT = 100
COMMON_LIMIT = 50
"""Films on several watchlists of which those that fit the theme are offered."""


def describe_nominated(night: Night, result: NominationResult) -> str:
    """Return the reply to a member who nominated a film."""
    nomination = result.nomination
    title = escape_line(shown_title(nomination), 200)
    name = escape_line(night.name, 100)
    if result.is_new:
        sentence = _("**{title}** is nominated for **{name}**.").format(title=title, name=name)
    elif result.is_supported:
        sentence = _("**{title}** was already nominated, so I added your support.").format(title=title)
    else:
        sentence = _("You already nominated **{title}**.").format(title=title)
    if result.watched_at is not None:
        when = discord.utils.format_dt(result.watched_at, "D")
        sentence += " " + _("You watched it here on {when}.").format(when=when)
    return sentence


async def nominate(interaction: discord.Interaction[Any], night: Night, film: Film, reason: str = "") -> str:
    """Nominate the film for the night, or choose it in one's turn, and return the reply.

    The card is brought up to date. Raises what `NightService.nominate` and `choose_in_turn` raise, and
    InvalidInputError for words that are not allowed.
    """
    if reason:
        await require_allowed_words(interaction, reason)
    server_id = require_guild_id(interaction)
    nights = get_service(interaction, NightService)
    await _require_listed(interaction, night, film)
    if night.state is NightState.CHOOSING:
        await nights.choose_in_turn(server_id, night, interaction.user.id, film)
        interaction.client.dispatch("nights_changed", server_id)
        return _describe_film_set(night, film)
    result = await nights.nominate(server_id, night, interaction.user.id, film, reason)
    interaction.client.dispatch("nights_changed", server_id)
    return describe_nominated(night, result)


async def _require_listed(interaction: discord.Interaction[Any], night: Night, film: Film) -> None:
    """Raise ListMismatchError for a film that is not on the night's list; a list that was deleted binds nobody."""
    if night.list_id is None:
        return
    lists = get_service(interaction, ListService)
    listed = await lists.repository.list_film_ids(night.server_id, night.list_id)
    if listed and film.id not in listed:
        named = await lists.repository.get_page(night.server_id, night.list_id, interaction.user.id)
        raise ListMismatchError(escape_line(named.film_list.name, 60))


async def _require_nominating(interaction: discord.Interaction[Any], night_id: int) -> Night:
    """Return the night if the member can nominate a film for it, or choose it in their turn."""
    night = await get_service(interaction, NightService).get(require_guild_id(interaction), night_id)
    if night.state is NightState.CHOOSING and night.turn_member_id != interaction.user.id:
        raise NotYourTurnError
    if not night.takes_nominations and night.state is not NightState.CHOOSING:
        raise NominationsClosedError
    return night


class NominateButton(Button, template=r"v1:night-nominate:(?P<night_id>\d{1,18})"):
    """Offers the member's watchlist, or a form for any film."""

    acknowledgement = Acknowledgement.REPLY

    def __init__(self, night_id: str, label: str = "") -> None:
        self.night_id = int(night_id)
        item = custom_id("night-nominate", night_id)
        label = label or _("Nominate")
        super().__init__(ui.Button(label=label, style=discord.ButtonStyle.primary, custom_id=item, row=1))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show what can be nominated, for the member alone."""
        night = await _require_nominating(interaction, self.night_id)
        view, content = View(), _("Which film? Type its title, or use `/night nominate`.")
        for menu in await _create_menus(interaction, night):
            view.add_item(menu)
            content = _("Which film? Pick one from a list, or type a title.")
        view.add_item(TypeTitleButton(str(night.id)))
        await respond(interaction, Response(content, view=view), ephemeral=True)


async def _create_menus(interaction: discord.Interaction[Any], night: Night) -> list[ui.Item[Any]]:
    """Return menus of the films that the member is likely to nominate: the night's list, or their watchlist.

    Of a list those that they have not seen come first.
    """
    server_id, member_id = require_guild_id(interaction), interaction.user.id
    if night.list_id is not None:
        unseen = await get_service(interaction, ListService).repository.list_unseen(
            server_id, night.list_id, member_id, MENU_OPTIONS_LIMIT
        )
        if unseen:
            options = await _list_options(interaction, unseen)
            return [WatchlistMenu(night.id, options, _("Films on the list you haven't seen"))]
    listed = await get_service(interaction, WatchlistService).repository.list_film_ids(server_id, member_id)
    options = await _list_options(interaction, listed[:MENU_OPTIONS_LIMIT])
    return [WatchlistMenu(night.id, options)] if options else []


async def _list_options(
    interaction: discord.Interaction[Any], film_ids: Sequence[str]
) -> list[discord.SelectOption]:
    films = get_service(interaction, FilmService)
    options = []
    for film_id in film_ids:
        film = await films.repository.get(film_id)
        if film is not None:
            label = truncate(clean_line(film.shown_title), CHOICE_LENGTH_LIMIT)
            options.append(discord.SelectOption(label=label, value=film_id))
    return options


class WatchlistMenu(Menu, template=r"v1:night-from:(?P<night_id>\d{1,18})"):
    """The latest films on the member's watchlist: choosing one nominates it."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, night_id: int, options: list[discord.SelectOption], placeholder: str = "") -> None:
        self.night_id = night_id
        item = custom_id("night-from", night_id)
        placeholder = placeholder or _("Your watchlist")
        super().__init__(ui.Select(custom_id=item, options=options, placeholder=placeholder))

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read the night."""
        self.night_id = int(state["night_id"])

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Nominate the film."""
        night = await _require_nominating(interaction, self.night_id)
        film = await require_film(interaction, self.item.values[0])
        content = await nominate(interaction, night, film)
        await interaction.edit_original_response(content=content, view=None)


class CommonButton(Button, template=r"v1:night-common:(?P<night_id>\d{1,18})"):
    """Shows the films that are on the watchlists of those who come."""

    acknowledgement = Acknowledgement.REPLY

    def __init__(self, night_id: str) -> None:
        self.night_id = int(night_id)
        item = custom_id("night-common", night_id)
        super().__init__(ui.Button(label=_("On our watchlists"), custom_id=item, row=1))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show them, for the member alone, those on everybody's list first, with a menu that nominates one."""
        server_id = require_guild_id(interaction)
        snapshot = await get_service(interaction, NightService).repository.get_snapshot(server_id, self.night_id)
        coming = set(snapshot.list_members(Answer.YES)) | {interaction.user.id}
        nominated = {each.film_id for each in snapshot.nominations}
        listed = await get_service(interaction, WatchlistService).repository.list_common_films(
            server_id, coming, COMMON_LIMIT
        )
        night = snapshot.night
        films = get_service(interaction, FilmService)
        offered = [
            each
            for each in listed
            if (film := await films.repository.get(each.film_id)) is not None and fits_theme(night.filters, film)
        ][:MENU_OPTIONS_LIMIT]
        if not offered:
            content = _(
                "No two of you coming have the same film on your watchlists. Add yours with `/watchlist add`."
            )
            await respond(interaction, Response(content), ephemeral=True)
            return
        options = [
            discord.SelectOption(
                label=truncate(clean_line(shown_title(each)), CHOICE_LENGTH_LIMIT),
                value=each.film_id,
                description=_("Nominated") if each.film_id in nominated else None,
            )
            for each in offered
        ]
        is_their_turn = night.state is NightState.CHOOSING and night.turn_member_id == interaction.user.id
        view = (
            View(WatchlistMenu(night.id, options, _("Nominate one")))
            if (night.takes_nominations or is_their_turn)
            else None
        )
        embed = build_common_embed(offered, len(coming))
        await respond(interaction, Response(embeds=(embed,), view=view), ephemeral=True)


def describe_nomination(night: Night, reason: str) -> Completion:
    """Return how to nominate a film for the night once it is known which one."""
    return Completion("night-nominate", str(night.id), reason)


async def _complete_nomination(
    interaction: discord.Interaction[Any], film: Film, completion: Completion
) -> Response | None:
    """Nominate the film that a member chose."""
    night = await _require_nominating(interaction, _parse_night_id(completion))
    return Response(await nominate(interaction, night, film, completion.typed))


def describe_film_choice(night: Night) -> Completion:
    """Return how to make a film the night's once it is known which one."""
    return Completion("night-film", str(night.id))


async def _complete_film(
    interaction: discord.Interaction[Any], film: Film, completion: Completion
) -> Response | None:
    """Make the film that a host chose the one of their night."""
    nights, server_id = get_service(interaction, NightService), require_guild_id(interaction)
    night = await nights.get(server_id, _parse_night_id(completion))
    await require_host(interaction, night)
    snapshot = await nights.repository.get_snapshot(server_id, night.id)
    if replaces_nominations(snapshot):
        return ask_whose_choice(snapshot, film)
    night = await nights.edit(server_id, night.id, NightEdit(film_id=film.id))
    interaction.client.dispatch("nights_changed", server_id)
    return Response(_describe_film_set(night, film))


def _describe_film_set(night: Night, film: Film) -> str:
    return _("**{title}** is the film for **{name}**.").format(
        title=escape_line(film.shown_title, 200), name=escape_line(night.name, 100)
    )


def _parse_night_id(completion: Completion) -> int:
    if not is_id(completion.details):
        raise UnknownComponentError("menu")
    return int(completion.details)


COMPLETIONS = {"night-nominate": _complete_nomination, "night-film": _complete_film}
"""What is done with a film that a member chooses where a command's text left it open."""


class TypeTitleButton(Button, template=r"v1:night-type:(?P<night_id>\d{1,18})"):
    """Opens a form for a title and a reason."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, night_id: str) -> None:
        self.night_id = int(night_id)
        super().__init__(ui.Button(label=_("Type a title"), custom_id=custom_id("night-type", night_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form."""
        await interaction.response.send_modal(NominationModal(str(self.night_id)))


class NominationModal(Modal):
    """A film's title and why it should be watched."""

    template = re.compile(r"v1:night-nomination:(?P<night_id>\d{1,18})")

    def __init__(self, night_id: str, *, title: str = "", reason: str = "") -> None:
        self.night_id = int(night_id)
        super().__init__(title=_("Nominate a film"), custom_id=custom_id("night-nomination", night_id))
        title_input: ui.TextInput[Any] = ui.TextInput(
            custom_id=_FILM,
            max_length=TITLE_LENGTH_LIMIT,
            placeholder="burning 2018",
            default=title[:TITLE_LENGTH_LIMIT] or None,
        )
        reason_input: ui.TextInput[Any] = ui.TextInput(
            custom_id=_REASON, max_length=REASON_LIMIT, required=False, default=reason[:REASON_LIMIT] or None
        )
        self.add_item(ui.Label(text=_("Title"), component=title_input))
        self.add_item(ui.Label(text=_("Why"), component=reason_input))

    def get_text_to_return(self, values: ModalValues) -> str:
        """Return what was typed."""
        return "\n".join(str(values.get(name) or "") for name in (_FILM, _REASON)).strip()

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Nominate the film if it is clear which one is meant, else show what the title may mean."""
        await acknowledge(interaction, ephemeral=True)
        night = await _require_nominating(interaction, self.night_id)
        text = clean_line(str(values.get(_FILM) or ""))
        if not text:
            raise InvalidInputError(_("Type the film's title."))
        reason = clean_input(str(values.get(_REASON) or ""))
        returned = return_input("", self.get_text_to_return(values))
        retry = replace(returned, view=View(RetypeTitleButton(str(night.id))))
        film = await find_or_ask(interaction, text, describe_nomination(night, reason), retry)
        if film is not None:
            content = await nominate(interaction, night, film, reason)
            await respond(interaction, Response(content), ephemeral=True)


class RetypeTitleButton(Button, template=r"v1:night-retype:(?P<night_id>\d{1,18})"):
    """Opens the form again with the title and the reason that the message gives back."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, night_id: str) -> None:
        self.night_id = int(night_id)
        style = discord.ButtonStyle.primary
        super().__init__(ui.Button(label=_("Fix it"), style=style, custom_id=custom_id("night-retype", night_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form."""
        title, _newline, reason = (read_returned_input(interaction.message) or "").partition("\n")
        modal = NominationModal(str(self.night_id), title=title, reason=reason)
        await interaction.response.send_modal(modal)


class FilmNominateButton(FilmButton, name="night-film", label="Nominate"):
    """Nominates the card's film for the next night that takes nominations."""

    acknowledgement = Acknowledgement.REPLY

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Nominate it."""
        planned = await get_service(interaction, NightService).repository.list_open(require_guild_id(interaction))
        night = next((each for each in planned if each.takes_nominations), None)
        if night is None:
            raise NominationsClosedError if planned else NoNightError
        film = await require_film(interaction, self.film_id)
        await respond(interaction, Response(await nominate(interaction, night, film)), ephemeral=True)


async def _render_nominate_button(context: CardContext) -> CardAddition | None:
    """Return the button if a night here takes nominations, as far as the cache knows."""
    server_id = context.interaction.guild_id
    if server_id is None:
        return None
    planned = get_service(context.interaction, NightService).cache.get(server_id)
    if planned is None or not any(night.takes_nominations for night in planned.nights):
        return None
    return CardAddition(items=(FilmNominateButton(context.film.id),))


CARD_SECTION = CardSection("night-film", 55, _render_nominate_button)


async def render_nominations(interaction: discord.Interaction[Any], night_id: int) -> Response:
    """Return the night's nominations with what this member may do about them. Raises NightGoneError."""
    nights, server_id = get_service(interaction, NightService), require_guild_id(interaction)
    snapshot = await nights.repository.get_snapshot(server_id, night_id)
    members = [each.member_id for each in snapshot.nominations if each.member_id is not None]
    names = await get_member_names(interaction, members)
    view = View(*_list_menus(interaction, snapshot))
    embed = build_nominations_embed(snapshot, names)
    return with_mentions(Response(embeds=(embed,), view=view if view.children else None))


def _list_menus(interaction: discord.Interaction[Any], snapshot: NightSnapshot) -> list[ui.Item[Any]]:
    night, member_id = snapshot.night, interaction.user.id
    others = [each for each in snapshot.standing if each.member_id != member_id]
    own = [each for each in snapshot.standing if each.member_id == member_id]
    menus: list[ui.Item[Any]] = []
    if night.takes_nominations and others:
        menus.append(SupportMenu(night.id, _nomination_options(others, member_id)))
    if night.takes_nominations and own:
        menus.append(WithdrawMenu(night.id, _nomination_options(own)))
    if night.state.is_open and is_moderator(interaction) and snapshot.standing:
        menus.append(StrikeMenu(night.id, _nomination_options(snapshot.standing)))
    if snapshot.standing:
        menus.append(FilmMenu([film_option(each) for each in snapshot.standing[:MENU_OPTIONS_LIMIT]]))
    return menus


def _nomination_options(
    nominations: Sequence[Nomination], supporter: int | None = None
) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(
            label=truncate(clean_line(shown_title(each)), CHOICE_LENGTH_LIMIT),
            value=str(each.id),
            description=_("You support it") if supporter in each.supporters else None,
        )
        for each in nominations[:MENU_OPTIONS_LIMIT]
    ]


class _NominationMenu(Menu, template="^$"):
    """A menu of a night's nominations."""

    night_id: int

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read the night."""
        self.night_id = int(state["night_id"])

    async def show_nominations(self, interaction: discord.Interaction[Any], content: str) -> None:
        """Have the card brought up to date, and show the list as it is now with a sentence above it."""
        interaction.client.dispatch("nights_changed", require_guild_id(interaction))
        response = await render_nominations(interaction, self.night_id)
        parts = response.as_edit()
        parts["content"] = "\n".join(filter(None, (content, response.content)))
        await interaction.edit_original_response(**parts)


class SupportMenu(_NominationMenu, template=r"v1:night-support:(?P<night_id>\d{1,18})"):
    """Supports a film that somebody else nominated, or takes the support back."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, night_id: int, options: list[discord.SelectOption]) -> None:
        self.night_id = night_id
        item = custom_id("night-support", night_id)
        super().__init__(ui.Select(custom_id=item, options=options, placeholder=_("Support a film")))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store it and show the list."""
        nights = get_service(interaction, NightService)
        is_supporting = await nights.support(
            require_guild_id(interaction), self.night_id, int(self.item.values[0]), interaction.user.id
        )
        sentence = _("You support it.") if is_supporting else _("You no longer support it.")
        await self.show_nominations(interaction, sentence)


class WithdrawMenu(_NominationMenu, template=r"v1:night-withdraw:(?P<night_id>\d{1,18})"):
    """Withdraws one of the member's own nominations."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, night_id: int, options: list[discord.SelectOption]) -> None:
        self.night_id = night_id
        item = custom_id("night-withdraw", night_id)
        super().__init__(ui.Select(custom_id=item, options=options, placeholder=_("Withdraw a nomination")))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store it and show the list."""
        nights = get_service(interaction, NightService)
        is_kept = await nights.withdraw(
            require_guild_id(interaction), self.night_id, int(self.item.values[0]), interaction.user.id
        )
        sentence = (
            _("Withdrawn. It stays on the list, because someone else supports it.") if is_kept else _("Withdrawn.")
        )
        await self.show_nominations(interaction, sentence)


class StrikeMenu(_NominationMenu, template=r"v1:night-strike:(?P<night_id>\d{1,18})"):
    """Opens the form in which a moderator strikes a nomination."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, night_id: int, options: list[discord.SelectOption]) -> None:
        self.night_id = night_id
        item = custom_id("night-strike", night_id)
        super().__init__(ui.Select(custom_id=item, options=options, placeholder=_("Remove a film (moderators)")))

    async def is_allowed(self, interaction: discord.Interaction[Any]) -> bool:
        """Return True. Raises NotHostError if the member is no moderator."""
        if not is_moderator(interaction):
            raise NotHostError
        return True

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form."""
        await interaction.response.send_modal(StrikeModal(str(self.night_id), self.item.values[0]))


class StrikeModal(Modal):
    """Why a moderator takes a film off a night."""

    template = re.compile(r"v1:night-strike-why:(?P<night_id>\d{1,18}):(?P<nomination_id>\d{1,18})")

    def __init__(self, night_id: str, nomination_id: str) -> None:
        self.night_id, self.nomination_id = int(night_id), int(nomination_id)
        item = custom_id("night-strike-why", night_id, nomination_id)
        super().__init__(title=_("Remove a nomination"), custom_id=item)
        reason: ui.TextInput[Any] = ui.TextInput(custom_id=_REASON, max_length=REASON_LIMIT)
        self.add_item(ui.Label(text=_("Why"), description=_("Everyone can see it."), component=reason))

    def get_text_to_return(self, values: ModalValues) -> str:
        """Return the reason as it was typed."""
        return str(values.get(_REASON) or "")

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Strike the nomination. Raises NotHostError if the member is no moderator."""
        await acknowledge(interaction, ephemeral=True)
        if not is_moderator(interaction):
            raise NotHostError
        server_id = require_guild_id(interaction)
        nomination = await get_service(interaction, NightService).strike(
            server_id, self.night_id, self.nomination_id, clean_input(self.get_text_to_return(values))
        )
        interaction.client.dispatch("nights_changed", server_id)
        title = escape_line(shown_title(nomination), 200)
        await respond(
            interaction, Response(_("Removed **{title}** from this night.").format(title=title)), ephemeral=True
        )


class NominationsButton(Button, template=r"v1:night-nominations:(?P<night_id>\d{1,18})"):
    """Shows the nominations, with menus to support, withdraw and strike them."""

    def __init__(self, night_id: str) -> None:
        self.night_id = int(night_id)
        item = custom_id("night-nominations", night_id)
        super().__init__(ui.Button(label=_("Nominations"), custom_id=item, row=1))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show them, for the member alone."""
        await respond(interaction, await render_nominations(interaction, self.night_id), ephemeral=True)


ITEMS = (
    NominateButton,
    WatchlistMenu,
    CommonButton,
    TypeTitleButton,
    RetypeTitleButton,
    FilmNominateButton,
    SupportMenu,
    WithdrawMenu,
    StrikeMenu,
    NominationsButton,
)
MODALS = (NominationModal, StrikeModal)
