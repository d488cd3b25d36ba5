"""Which server a command in a direct message is about: a member's only one, or the one that they pick."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

import discord
from discord import ui

from bot.core.discord import (
    Acknowledgement,
    LayoutView,
    Menu,
    Response,
    View,
    custom_id,
    edit_or_respond,
    get_service,
    respond,
)
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT
from bot.core.discord.limits import MENU_OPTIONS_LIMIT
from bot.core.errors import MarqueeError
from bot.core.text.formatting import clean_line, truncate
from bot.core.text.i18n import _
from bot.members.service import MembershipService

Render = Callable[[discord.Interaction[Any], int, str], Awaitable[Response]]
"""Returns what a command answers for a server: `await render(interaction, server_id, argument)`."""


class NoServerError(MarqueeError):
    """A member who writes to the bot directly and uses it in no server, or not in the one that was named."""

    def __init__(self) -> None:
        super().__init__(_("Use this command in a server first. After that it works here, too."))


SERVER_ID_PATTERN = r"(?P<server_id>(?::\d{1,19})?)"
"""At the end of a custom_id's template: the server in a direct message, which is in none."""


def format_direct_server(interaction: discord.Interaction[Any], server_id: int) -> str:
    """Return what names the server at the end of a custom_id: in a direct message alone, which is in none."""
    return f":{server_id}" if interaction.guild_id is None else ""


async def list_own_servers(interaction: discord.Interaction[Any]) -> list[discord.Guild]:
    """Return the servers of the bot in which the member has left something, by name."""
    server_ids = await get_service(interaction, MembershipService).list_servers(interaction.user.id)
    servers = [server for id_ in server_ids if (server := interaction.client.get_guild(id_)) is not None]
    return sorted(servers, key=lambda server: (server.name.casefold(), server.id))


async def resolve_server(interaction: discord.Interaction[Any], view: str, argument: str = "") -> int | None:
    """Return the id of the server that a command is about: where it is used, or the member's only one.

    In a direct message of a member with several servers, reply with a menu of them and return None; choosing one
    shows what the function registered as `view` with `ServerMenu.add_view` renders, to which `argument` is passed.
    Raises NoServerError for a member without any.
    """
    if interaction.guild_id is not None:
        return interaction.guild_id
    servers = await list_own_servers(interaction)
    if not servers:
        raise NoServerError
    if len(servers) == 1:
        return servers[0].id
    menu = ServerMenu(view, argument, servers[:MENU_OPTIONS_LIMIT])
    await respond(interaction, Response(_("Which server?"), view=View(menu)), ephemeral=True)
    return None


async def require_server(interaction: discord.Interaction[Any], server_id: str) -> int:
    """Return the id of the server that a press is about: where it happened, or in a direct message the one named.

    `server_id` may begin with a colon, as at the end of a custom_id, or be empty. Raises NoServerError if it is no
    server of the member's.
    """
    if interaction.guild_id is not None:
        return interaction.guild_id
    servers = {server.id for server in await list_own_servers(interaction)}
    digits = server_id.removeprefix(":")
    if not digits.isdecimal() or int(digits) not in servers:
        raise NoServerError
    return int(digits)


class ServerMenu(Menu, template=r"(?s)v1:server:(?P<view>[a-z-]+):(?P<argument>.*)"):
    """A member's servers: choosing one shows there what the command in a direct message asked for."""

    acknowledgement = Acknowledgement.EDIT
    _views: ClassVar[dict[str, Render]] = {}

    def __init__(self, view: str, argument: str, servers: list[discord.Guild]) -> None:
        self.view_name, self.argument = view, argument
        options = [
            discord.SelectOption(
                label=truncate(clean_line(server.name), CHOICE_LENGTH_LIMIT) or str(server.id),
                value=str(server.id),
            )
            for server in servers
        ]
        super().__init__(
            ui.Select(
                custom_id=custom_id("server", view, argument), options=options, placeholder=_("Pick a server")
            )
        )

    @classmethod
    def add_view(cls, name: str, render: Render) -> None:
        """Let the menu show what `render` returns where `resolve_server` was called with that name."""
        cls._views[name] = render

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read the view and its argument."""
        self.view_name, self.argument = state["view"], state["argument"]

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show it in place of the menu, or below it."""
        server_id = await require_server(interaction, self.item.values[0])
        response = await self._views[self.view_name](interaction, server_id, self.argument)
        # Discord does not make a layout of a message that has content.
        await edit_or_respond(interaction, response, edit=not isinstance(response.view, LayoutView))
