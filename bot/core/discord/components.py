"""Buttons and menus that carry their state in their custom_id and answer their failures."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Self, TypeVar, cast

import discord
from discord import ui

from bot.core.discord.error_handler import answer

CUSTOM_ID_LIMIT = 100
VERSION = "v1"
BaseItem = TypeVar("BaseItem", bound=ui.Item[Any])


class _Pressed(ui.DynamicItem[BaseItem], template="^$"):
    """A dynamic item whose failures are answered; discord.py itself would swallow them."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Ask `allowed`, and answer where that fails."""
        try:
            return await self.allowed(interaction)
        except Exception as error:
            await answer(interaction, error)
            return False

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Call `pressed`, and answer where that fails."""
        try:
            await self.pressed(interaction)
        except Exception as error:
            await answer(interaction, error)

    async def allowed(self, interaction: discord.Interaction[Any]) -> bool:
        """Tell whether this member may press it; checked at every press. Raise to say why not."""
        return True

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Do what it is for."""
        raise NotImplementedError

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Build the item from its custom_id; state that can't be read is answered, not swallowed."""
        try:
            return cls.from_state(item, **match.groupdict())
        except Exception as error:
            await answer(interaction, error)
            raise

    @classmethod
    def from_state(cls, item: ui.Item[Any], **state: str) -> Self:
        """Take the item over as it stands in the message, and what the named groups of its template say."""
        taken = cls.__new__(cls)
        _Pressed.__init__(taken, cast(BaseItem, item))
        taken.take(state)
        return taken

    def take(self, state: Mapping[str, str]) -> None:
        """Keep what the custom_id says; nothing where it only names the item."""


class Button(_Pressed[ui.Button[Any]], template="^$"):
    """A button that carries its state in its custom_id and works whichever process posted it."""

    @classmethod
    def from_state(cls, item: ui.Item[Any], **state: str) -> Self:
        """Build the button from the named groups of its template, labelled as it is in the message."""
        build: Callable[..., Self] = cls
        button = build(**state)
        if isinstance(item, ui.Button):
            button.item.label = item.label
        return button


class Menu(_Pressed[ui.Select[Any]], template="^$"):
    """A menu that carries its state in its custom_id; `self.item.values` are what was chosen."""

    def marked(self, chosen: str) -> list[discord.SelectOption]:
        """Give the options anew, with the chosen one marked."""
        return [
            discord.SelectOption(
                label=o.label, value=o.value, description=o.description, default=o.value == chosen
            )
            for o in self.item.options
        ]


class MemberMenu(_Pressed[ui.UserSelect[Any]], template="^$"):
    """A menu of members that carries its state in its custom_id; `self.item.values` are who was chosen."""


def custom_id(name: str, *state: object) -> str:
    """Give `v1:name:state…`, the last part cut where Discord's limit asks for it."""
    return ":".join((VERSION, name, *map(str, state)))[:CUSTOM_ID_LIMIT]
