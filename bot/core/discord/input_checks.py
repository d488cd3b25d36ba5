"""Refuses what only a modified client sends, before anything is done with it."""

from collections.abc import Iterable, Mapping
from typing import Any

import discord
from discord import ui

from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.text.i18n import _

ID_LIMIT = 2**63
"""The first whole number that neither database stores as an id."""
_CHECKED_KEYS = ("options", "components", "component", "value", "values", "custom_id")


class UnknownComponentError(MarqueeError):
    """A button, menu or form that this version of Marquee does not have; `noun` is which of them it is."""

    def __init__(self, noun: str) -> None:
        messages = {
            "button": _("This button is out of date. Use the command again."),
            "menu": _("This menu is out of date. Use the command again."),
            "form": _("This form is out of date. Open it again."),
        }
        super().__init__(messages[noun])


def check_text(interaction: discord.Interaction[Any]) -> None:
    """Raise InvalidInputError if the interaction has a text with half of a surrogate pair, or with a NUL.

    No database stores the first and PostgreSQL not the second, and no client of Discord's sends them.
    """
    if not _is_storable(interaction.data):
        raise InvalidInputError(_("Your text has a broken character in it. Remove it and try again."))


def _is_storable(value: Any) -> bool:
    if isinstance(value, str):
        return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, Mapping):
        return all(_is_storable(value[key]) for key in _CHECKED_KEYS if key in value)
    return not isinstance(value, list) or all(map(_is_storable, value))


def repair_text(text: str) -> str:
    """Return the text with a question mark in the place of each half of a surrogate pair and each NUL."""
    return text.encode(errors="replace").decode().replace("\0", "?")


def check_menu(menu: ui.Select[Any]) -> None:
    """Raise InvalidInputError if something was chosen that the menu does not offer, or too little was."""
    offered = {option.value for option in menu.options}
    if len(menu.values) < menu.min_values or not offered.issuperset(menu.values):
        raise InvalidInputError(_("Pick one of the choices in the menu."))


def check_member_menu(menu: ui.UserSelect[Any]) -> None:
    """Raise InvalidInputError if something else than members was chosen, or an id that no database stores."""
    if not all(isinstance(each, discord.Member | discord.User) and each.id < ID_LIMIT for each in menu.values):
        raise InvalidInputError(_("Pick members of this server in the menu."))


def check_form(items: Iterable[ui.Item[Any]], values: Mapping[str, Any]) -> None:
    """Raise InvalidInputError if something was chosen that the form's menus do not offer, or nothing that must be.

    `values` is what was entered, by each field's custom_id.
    """
    for item in items:
        if isinstance(item, ui.Select | ui.RadioGroup):
            value = values.get(item.custom_id)
            chosen = value if isinstance(value, list) else [] if value is None else [value]
            offered = {option.value for option in item.options}
            if not offered.issuperset(chosen) or (item.required and not chosen):
                raise InvalidInputError(_("Pick one of the choices in the form."))
