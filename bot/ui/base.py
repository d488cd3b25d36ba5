"""What every button, menu, form and autocomplete builds on: state in the custom_id, failures told once."""

import functools
import re
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, Self, TypeVar, cast

import discord
from discord import app_commands, ui

from bot.errors import answer, place, report
from bot.films.alerts import Alerts
from bot.films.catalogue import Catalogue
from bot.films.online.service import Online
from bot.films.people import People
from bot.films.preferences import Preferences
from bot.films.subscriptions import Subscriptions

CUSTOM_ID_LIMIT = 100
VERSION = "v1"
COLOUR = discord.Colour(0xE0A82E)
"""Marquee's own: the warm yellow of its lamps."""
BaseItem = TypeVar("BaseItem", bound=ui.Item[Any])


class UiServices(Protocol):
    """What buttons, menus and forms may call: those of the bot's services that are domain objects."""

    @property
    def catalogue(self) -> Catalogue:
        """Films."""
        ...

    @property
    def people(self) -> People:
        """Those who make them."""
        ...

    @property
    def preferences(self) -> Preferences:
        """Settings of servers and members."""
        ...

    @property
    def online(self) -> Online:
        """What a source online knows of films."""
        ...

    @property
    def subscriptions(self) -> Subscriptions:
        """What members subscribe to."""
        ...

    @property
    def alerts(self) -> Alerts:
        """What members wait for."""
        ...


def services(interaction: discord.Interaction[Any]) -> UiServices:
    """Give the services of the bot that received the interaction."""
    return cast(UiServices, interaction.client.services)


async def country_of(interaction: discord.Interaction[Any]) -> str | None:
    """Give the country that holds for the member who acts, or None where none is set."""
    found = await services(interaction).preferences.country(interaction.user.id, interaction.guild_id)
    return found[0] if found else None


class MarqueeView(ui.View):
    """A view whose failures are answered. Without a timeout: its items carry their state themselves."""

    def __init__(self, *items: ui.Item[Any]) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, item: ui.Item[Any], /
    ) -> None:
        """Answer the failure."""
        await answer(interaction, error)


class MarqueeModal(ui.Modal):
    """A form whose failures are answered."""

    async def on_error(  # type: ignore[override]  # discord.py's own Modal narrows it so
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        """Answer the failure."""
        await answer(interaction, error)


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
        """Build the item from the named groups of its template."""
        raise NotImplementedError


class Button(_Pressed[ui.Button[Any]], template="^$"):
    """A button that carries its state in its custom_id and works whichever process posted it."""

    @classmethod
    def from_state(cls, item: ui.Item[Any], **state: str) -> Self:
        """Build the button from the named groups of its template."""
        build: Callable[..., Self] = cls
        return build(**state)


class Menu(_Pressed[ui.Select[Any]], template="^$"):
    """A menu that carries its state in its custom_id; `self.item.values` are what was chosen."""


def custom_id(name: str, *state: object) -> str:
    """Give `v1:name:state…`, the last part cut where Discord's limit asks for it."""
    return ":".join((VERSION, name, *map(str, state)))[:CUSTOM_ID_LIMIT]


Choices = list[app_commands.Choice[str]]
Suggest = Callable[[Any, discord.Interaction[Any], str], Coroutine[Any, Any, Choices]]


def suggestions(suggest: Suggest) -> Suggest:
    """Make an autocomplete that offers nothing where it fails, and logs why; Discord has no error for it."""

    @functools.wraps(suggest)
    async def safely(cog: Any, interaction: discord.Interaction[Any], current: str) -> Choices:
        try:
            return unique(await suggest(cog, interaction, current))
        except Exception as error:
            report(f"autocomplete of {place(interaction)}", error)
            return []

    return safely


def unique(choices: Choices) -> Choices:
    """Give at most 25 choices, no value twice: Discord refuses the whole list otherwise."""
    return list({choice.value: choice for choice in reversed(choices)}.values())[::-1][:25]


def is_owner(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether the member who presses is the one whose command brought the message about."""
    message = interaction.message
    metadata = message.interaction_metadata if message is not None else None
    return metadata is not None and metadata.user.id == interaction.user.id


async def show(interaction: discord.Interaction[Any], *, replace: bool, **content: Any) -> None:
    """Change the message that was pressed, where `replace` says so, else answer privately beside it."""
    if replace:
        await interaction.response.edit_message(**content)
    else:
        await interaction.response.send_message(
            ephemeral=True, **{k: v for k, v in content.items() if v is not None}
        )


def is_private(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether the message that was pressed is one that only this member sees."""
    return interaction.message is not None and interaction.message.flags.ephemeral
