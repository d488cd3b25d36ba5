"""Buttons, menus and views whose state is in their custom_id, and where a press happened."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar, Self, TypeVar, cast

import discord
from discord import app_commands, ui

from bot.core.discord.error_handler import answer_error
from bot.core.discord.interactions import check_member_menu, check_menu, check_text
from bot.core.discord.response import acknowledge_press, is_busy, take_turn, use_reply_language

COLOUR = discord.Colour(0xE0A82E)
"""Marquee's own colour, the yellow of marquee lamps."""
CUSTOM_ID_LIMIT = 100
CUSTOM_ID_VERSION = "v1"
BaseItem = TypeVar("BaseItem", bound=ui.Item[Any])
Service = TypeVar("Service")


def custom_id(name: str, *state: object) -> str:
    """Return `v1:name:state…`, the last part truncated to Discord's limit of 100 characters."""
    return ":".join((CUSTOM_ID_VERSION, name, *map(str, state)))[:CUSTOM_ID_LIMIT]


class Acknowledgement(Enum):
    """How a press is acknowledged before it is handled.

    Discord waits three seconds for it, and a write may wait longer for a slow disk or a lock: whatever writes is
    acknowledged first. What only reads replies at once, unless so many use the bot that it has to wait.
    """

    NONE = "on_press opens a modal, replies at once without reading anything, or acknowledges by itself"
    REPLY = "a private reply follows"
    EDIT = "the message that was pressed changes"
    REPLY_IF_BUSY = "a private reply follows; acknowledged only while others work"
    EDIT_IF_BUSY = "the message that was pressed changes; acknowledged only while others work"
    EDIT_OWN_IF_BUSY = "like EDIT_IF_BUSY for the member whose message it is, like REPLY_IF_BUSY for others"
    """Texts are in the language of that reply from the start."""


class PersistentItem(ui.DynamicItem[BaseItem], template="^$"):
    """A dynamic item that works after a restart and answers its failures; discord.py only logs them."""

    acknowledgement: ClassVar[Acknowledgement] = Acknowledgement.REPLY_IF_BUSY
    """What is sent to Discord before `on_press` is called."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Return what `is_allowed` does, False if it or the check of what was sent raises, or the bot stops.

        What they raise is answered.
        """
        if not interaction.client.in_flight.begin(interaction):
            return False
        try:
            check_text(interaction)
            self.check_choice()
            return await self.is_allowed(interaction)
        except Exception as error:
            await answer_error(interaction, error)
            return False

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Acknowledge the press, call `on_press` and answer what it raises."""
        try:
            await self._acknowledge(interaction)
            await self.on_press(interaction)
        except Exception as error:
            await answer_error(interaction, error)

    async def _acknowledge(self, interaction: discord.Interaction[Any]) -> None:
        match self.acknowledgement:
            case Acknowledgement.NONE:
                return
            case Acknowledgement.REPLY | Acknowledgement.EDIT:
                is_needed = True
            case _:
                is_needed = is_busy(interaction)
        edit = self.acknowledgement in (Acknowledgement.EDIT, Acknowledgement.EDIT_IF_BUSY) or (
            self.acknowledgement is Acknowledgement.EDIT_OWN_IF_BUSY and can_edit_message(interaction)
        )
        if is_needed:
            await acknowledge_press(interaction, edit=edit)
        else:
            await take_turn(interaction)
        if self.acknowledgement is Acknowledgement.EDIT_OWN_IF_BUSY:
            use_reply_language(interaction, edit=edit)

    async def is_allowed(self, interaction: discord.Interaction[Any]) -> bool:
        """Return whether this member may use the item; checked at every press. An error says why not."""
        return True

    def check_choice(self) -> None:
        """Raise InvalidInputError for a choice that was not offered; does nothing for a button."""

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Handle a press of the button, or a choice in the menu."""
        raise NotImplementedError

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the item built from its custom_id. An error while its state is read is answered and goes on."""
        try:
            return cls.from_state(item, **match.groupdict())
        except Exception as error:
            await answer_error(interaction, error)
            raise

    @classmethod
    def from_state(cls, item: ui.Item[Any], **state: str) -> Self:
        """Return the item built around the one in the message, with the named groups of its template as state."""
        built = cls.__new__(cls)
        PersistentItem.__init__(built, cast(BaseItem, item))
        built.load_state(state)
        return built

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read the named groups of the template; does nothing for an item without state."""


class Button(PersistentItem[ui.Button[Any]], template="^$"):
    """A button that carries its state in its custom_id and works whichever process posted it."""

    @classmethod
    def from_state(cls, item: ui.Item[Any], **state: str) -> Self:
        """Return the button built from the named groups of its template, with the label it has in the message."""
        build: Callable[..., Self] = cls
        button = build(**state)
        if isinstance(item, ui.Button):
            button.item.label = item.label
        return button


class Menu(PersistentItem[ui.Select[Any]], template="^$"):
    """A menu that carries its state in its custom_id; `self.item.values` are the values chosen."""

    def check_choice(self) -> None:
        """Raise InvalidInputError for a choice that the menu in the message does not offer."""
        check_menu(self.item)

    def with_selected(self, value: str) -> list[discord.SelectOption]:
        """Return copies of the options with the one of that value selected."""
        return [
            discord.SelectOption(
                label=option.label,
                value=option.value,
                description=option.description,
                default=option.value == value,
            )
            for option in self.item.options
        ]


class MemberMenu(PersistentItem[ui.UserSelect[Any]], template="^$"):
    """A menu of members that carries its state in its custom_id; `self.item.values` are the members chosen."""

    def check_choice(self) -> None:
        """Raise InvalidInputError for a choice that is no member."""
        check_member_menu(self.item)


class View(ui.View):
    """Buttons and menus that carry their own state.

    It is stopped from the start: discord.py would keep the view of a private message in memory for 15 minutes.
    """

    def __init__(self, *items: ui.Item[Any]) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)
        self.stop()


def replace_items(message: discord.Message, replacements: Mapping[str, ui.Item[Any] | None]) -> View:
    """Return the message's buttons and menus, some replaced by their custom_id; None leaves one out."""
    view = View()
    for item in ui.View.from_message(message, timeout=None).children:
        item_id = getattr(item, "custom_id", None)
        new = replacements.get(item_id, item) if item_id is not None else item
        if new is not None:
            new.row = item.row
            view.add_item(new)
    return view


class LayoutView(ui.LayoutView):
    """A message of texts with buttons between them that carry their own state, stopped like `View`."""

    def __init__(self, *items: ui.Item[Any]) -> None:
        super().__init__(timeout=None)
        self.add_item(ui.Container(*items, accent_colour=COLOUR))
        self.stop()


class ServiceRegistry:
    """The bot's services, each found by its class.

    It keeps `bot.core` free of features: a view names the class of the service it needs and gets it typed.
    """

    def __init__(self, *services: object) -> None:
        self._services = {type(service): service for service in services}

    def get(self, kind: type[Service]) -> Service:
        """Return the service of exactly that class. Raises KeyError if the bot has none."""
        return cast(Service, self._services[kind])


def get_service(interaction: discord.Interaction[Any], kind: type[Service]) -> Service:
    """Return the service of that class from the bot that received the interaction."""
    registry: ServiceRegistry = interaction.client.services.registry
    return registry.get(kind)


def require_guild_id(interaction: discord.Interaction[Any]) -> int:
    """Return the id of the server the interaction happened in. Raises NoPrivateMessage in a direct message."""
    if interaction.guild_id is None:
        raise app_commands.NoPrivateMessage
    return interaction.guild_id


def has_role(interaction: discord.Interaction[Any], role_id: int | None) -> bool:
    """Return whether the member who acts has that role; nobody has None."""
    return role_id is not None and role_id in {role.id for role in getattr(interaction.user, "roles", ())}


def is_command_author(interaction: discord.Interaction[Any]) -> bool:
    """Return whether the member who pressed is the one whose command created the message."""
    message = interaction.message
    metadata = message.interaction_metadata if message is not None else None
    return metadata is not None and metadata.user.id == interaction.user.id


def is_ephemeral(interaction: discord.Interaction[Any]) -> bool:
    """Return whether the message that was pressed is visible to this member only."""
    return interaction.message is not None and interaction.message.flags.ephemeral


def can_edit_message(interaction: discord.Interaction[Any]) -> bool:
    """Return whether a press may change the message: it is the member's own, or nobody else sees it."""
    return is_command_author(interaction) or is_ephemeral(interaction)


def utcnow() -> datetime:
    """Return the current time in UTC, by the simulated clock if Discord is simulated.

    The function is looked up at every call, because a simulation replaces it.
    """
    return discord.utils.utcnow()
