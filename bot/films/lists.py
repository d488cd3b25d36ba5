"""What is below every list of films: a menu that opens them, what features add, and a random one of them."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import ui

from bot.core.discord import Button, View, custom_id, get_service
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT
from bot.core.discord.limits import MENU_OPTIONS_LIMIT
from bot.core.errors import InvalidInputError
from bot.core.text.formatting import clean_line, truncate
from bot.core.text.i18n import _
from bot.films.card import FilmCard
from bot.films.local_titles import TitledFilm, shown_title
from bot.films.views import FilmMenu, show_film

_OPEN_MENU_ID = custom_id("open")


def film_option(film: TitledFilm) -> discord.SelectOption:
    """Return a menu option of a film, its title with the year."""
    label = truncate(clean_line(shown_title(film)), CHOICE_LENGTH_LIMIT)
    return discord.SelectOption(label=label, value=film.film_id)


def create_list_view(
    interaction: discord.Interaction[Any],
    options: Sequence[discord.SelectOption],
    *buttons: ui.Item[Any],
    has_random: bool = True,
) -> View:
    """Return the menus of the films shown, each film once, then `buttons`, then the one that opens any of them.

    What other features add, such as a menu to rate one, is left out in a direct message.
    """
    unique = list({option.value: option for option in options}.values())[:MENU_OPTIONS_LIMIT]
    view = View()
    if unique:
        view.add_item(FilmMenu(unique))
        if interaction.guild_id is not None:
            for create_menu in get_service(interaction, FilmCard).list_menus.values():
                view.add_item(create_menu(unique))
    for button in buttons:
        view.add_item(button)
    if has_random and len(unique) > 1:
        view.add_item(RandomShownButton())
    return view


class RandomShownButton(Button, template=r"v1:open-random"):
    """Opens one of the films in the menu above it, whichever chance chooses."""

    def __init__(self) -> None:
        super().__init__(ui.Button(label=_("Random film"), custom_id=custom_id("open-random")))

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read nothing: the message's menu has the films."""

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the film's card privately. Raises InvalidInputError if the message has no menu."""
        film_ids = _list_shown_films(interaction.message)
        if not film_ids:
            raise InvalidInputError(_("This button is out of date. Use the command again."))
        await show_film(interaction, secrets.choice(film_ids), edit=False)


def _list_shown_films(message: discord.Message | None) -> list[str]:
    """Return the ids of the films that the message's menu opens."""
    for row in message.components if message is not None else ():
        for component in getattr(row, "children", ()):
            if isinstance(component, discord.SelectMenu) and component.custom_id == _OPEN_MENU_ID:
                return [option.value for option in component.options]
    return []


ITEMS = (RandomShownButton,)
