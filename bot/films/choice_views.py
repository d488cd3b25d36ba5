"""Asks which film is meant where a command's text leaves it open: choosing one does what the command was to do."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import discord
from discord import ui

from bot.core.discord import (
    Acknowledgement,
    Button,
    LayoutView,
    Menu,
    Response,
    View,
    acknowledge_press,
    can_edit_message,
    custom_id,
    edit_or_respond,
    respond,
    use_reply_language,
)
from bot.core.discord.components import CUSTOM_ID_LIMIT
from bot.core.discord.error_handler import read_returned_input, return_input
from bot.core.discord.interactions import UnknownComponentError
from bot.core.discord.limits import MENU_OPTIONS_LIMIT
from bot.core.text.formatting import escape_line
from bot.core.text.i18n import _
from bot.films.card import describe_alternatives, describe_match
from bot.films.models import Film, Lookup
from bot.films.views import match_option, render_no_film, require_chosen_film, resolve_lookup

COMPONENTS_LIMIT = 40
"""Components of a layout, each button and text counted."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What a command does once it is known which film is meant.

    `command` is the name under which `FilmChoiceMenu.add_completion` registered what to do. `details` are the rest
    of what the command was told, short and without a colon; `typed` is a text too long for that, which the
    question shows.
    """

    command: str
    details: str = ""
    typed: str = ""


Complete = Callable[[discord.Interaction[Any], Film, Completion], Awaitable[Response | None]]
"""Does it and returns the confirmation, which takes the place of the question; None if it has replied itself."""


async def find_or_ask(
    interaction: discord.Interaction[Any], text: str, completion: Completion, retry: Response | None = None
) -> Film | None:
    """Return the film that was picked or named beyond doubt; otherwise reply privately and return None.

    The reply has a menu of the films that match, in which choosing one completes the command. Where none does, it
    says so, and `retry` follows.
    """
    lookup = await resolve_lookup(interaction, text)
    if (film := get_clear_film(lookup)) is not None:
        return film
    if has_choice(lookup):
        await respond(interaction, render_question(lookup, completion))
        return None
    await respond(interaction, render_no_film(interaction, lookup))
    if retry is not None:
        await respond(interaction, retry, ephemeral=True)
    return None


def get_clear_film(lookup: Lookup) -> Film | None:
    """Return the film if it was picked or named beyond doubt."""
    return None if lookup.is_guess else lookup.film


def has_choice(lookup: Lookup) -> bool:
    """Return whether there are films that may be meant."""
    return bool(_list_options(lookup))


def render_question(lookup: Lookup, completion: Completion) -> Response:
    """Return the question which film is meant, with the menu that completes the command."""
    question = _("Which film do you mean? These match “{text}”.").format(text=escape_line(lookup.text, 100))
    command, details, options = completion.command, completion.details, _list_options(lookup)
    item: Menu | Button = FilmChoiceMenu(command, details, options)
    if (
        len(options) == 1 and len(custom_id("chosen", command, details, options[0].value)) < CUSTOM_ID_LIMIT
    ):  # which cuts
        # Translators: {title} is the only film that is like what was typed; the answer is a button “Yes”
        question = _("Did you mean **{title}**?").format(title=escape_line(options[0].label, 200))
        item = FilmChoiceButton(command, details, options[0].value)
    return replace(return_input(question, completion.typed), view=View(item), is_ephemeral=True)


def _list_options(lookup: Lookup) -> list[discord.SelectOption]:
    """Return the films that may be meant, the likeliest first, each once."""
    matches = (lookup.match, *lookup.others) if lookup.match is not None else lookup.others
    unique = {match.film_id: match for match in reversed(matches)}
    return [match_option(match) for match in [*reversed(unique.values())][:MENU_OPTIONS_LIMIT]]


class FilmChoiceMenu(Menu, template=r"v1:choose:(?P<command>[a-z-]+):(?P<details>[^:]{0,70})"):
    """The films that may be meant: choosing one completes the command."""

    acknowledgement = Acknowledgement.EDIT
    _completions: ClassVar[dict[str, Complete]] = {}

    def __init__(self, command: str, details: str, options: list[discord.SelectOption]) -> None:
        self.command, self.details = command, details
        item = custom_id("choose", command, details)
        super().__init__(ui.Select(custom_id=item, options=options, placeholder=_("Pick a film")))

    @classmethod
    def add_completion(cls, command: str, complete: Complete) -> None:
        """Let the menu do what `complete` does where `find_or_ask` was called with that command."""
        cls._completions[command] = complete

    @classmethod
    async def complete(
        cls, interaction: discord.Interaction[Any], film: Film, completion: Completion
    ) -> Response | None:
        """Do what was registered for the command. Raises UnknownComponentError where nothing was."""
        complete = cls._completions.get(completion.command)
        if complete is None:
            raise UnknownComponentError("menu")
        return await complete(interaction, film, completion)

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read the command and its details."""
        self.command, self.details = state["command"], state["details"]

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Do it, and confirm it in the place of the question."""
        await _complete(interaction, self.item.values[0], self.command, self.details)


class FilmChoiceButton(
    Button, template=r"v1:chosen:(?P<command>[a-z-]+):(?P<details>[^:]{0,70}):(?P<film_id>[a-z0-9-]+)"
):
    """The only film that may be meant: pressing completes the command."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, command: str, details: str, film_id: str) -> None:
        self.command, self.details, self.film_id = command, details, film_id
        item = custom_id("chosen", command, details, film_id)
        super().__init__(ui.Button(label=_("Yes"), style=discord.ButtonStyle.primary, custom_id=item))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Do it, and confirm it in the place of the question."""
        await _complete(interaction, self.film_id, self.command, self.details)


async def _complete(interaction: discord.Interaction[Any], film_id: str, command: str, details: str) -> None:
    """Complete the command with the film, and put the confirmation in the place of the question."""
    typed = read_returned_input(interaction.message) or ""
    film = await require_chosen_film(interaction, film_id)
    response = await FilmChoiceMenu.complete(interaction, film, Completion(command, details, typed))
    if response is not None:
        if response.view is None:
            response = replace(response, view=View())
        await edit_or_respond(interaction, response, edit=True)


class OtherFilmMenu(Menu, template=r"v1:instead:(?P<command>[a-z-]+):(?P<details>[^:]{0,70})"):
    """The films that may be meant, below what was shown of the likeliest: choosing one shows the same of that one.

    Completions are those of `FilmChoiceMenu`.
    """

    acknowledgement = Acknowledgement.NONE

    def __init__(self, command: str, details: str, options: list[discord.SelectOption]) -> None:
        self.command, self.details = command, details
        item = custom_id("instead", command, details)
        super().__init__(ui.Select(custom_id=item, options=options, placeholder=_("Pick the film you meant")))

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read the command and its details."""
        self.command, self.details = state["command"], state["details"]

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show it in place for the member who used the command, privately for others."""
        edit = can_edit_message(interaction)
        await acknowledge_press(interaction, edit=edit)
        use_reply_language(interaction, edit=edit)
        film = await require_chosen_film(interaction, self.item.values[0])
        response = await FilmChoiceMenu.complete(interaction, film, Completion(self.command, self.details))
        if response is not None:
            menu = OtherFilmMenu(self.command, self.details, self.with_selected(film.id))
            await interaction.edit_original_response(**_with_menu(response, None, menu).as_edit())


def add_alternatives(response: Response, lookup: Lookup, film: Film, completion: Completion) -> Response:
    """Return the response about a film with what else the text may have meant, where it is only a guess.

    For commands that merely show something: one that changes something asks first (`find_or_ask`).
    """
    if not lookup.is_guess or lookup.match is None:
        return response
    others = lookup.others
    options = [match_option(match, is_selected=match.film_id == film.id) for match in (lookup.match, *others)]
    menu = OtherFilmMenu(completion.command, completion.details, options[:MENU_OPTIONS_LIMIT])
    return _with_menu(response, describe_alternatives(lookup) or describe_match(film, lookup), menu)


def _with_menu(response: Response, sentence: str | None, menu: Menu) -> Response:
    if isinstance(response.view, ui.LayoutView):
        (container,) = response.view.children
        items = [*container.children] if isinstance(container, ui.Container) else []
        above: list[ui.Item[Any]] = [ui.TextDisplay(sentence)] if sentence else []
        row: ui.ActionRow[Any] = ui.ActionRow(menu)
        added = len(above) + 2  # the row, and the menu in it
        if sum(1 for _item in response.view.walk_children()) + added > COMPONENTS_LIMIT:
            items = _move_accessories(items)
        return replace(response, view=LayoutView(*above, *items, row))
    view = response.view or View()
    view.add_item(menu)
    return replace(response, content="\n".join(filter(None, (sentence, response.content))) or None, view=view)


def _move_accessories(items: Sequence[ui.Item[Any]]) -> list[ui.Item[Any]]:
    """Return the items with each section's button first in the row of buttons below it: one component fewer."""
    moved: list[ui.Item[Any]] = []
    opener: list[ui.Item[Any]] = []
    for item in items:
        if isinstance(item, ui.Section):
            moved += item.children
            opener = [item.accessory]
        elif isinstance(item, ui.ActionRow) and opener:
            moved.append(ui.ActionRow(*opener, *item.children))
            opener = []
        else:
            moved.append(item)
    return moved


ITEMS = (FilmChoiceMenu, FilmChoiceButton, OtherFilmMenu)
