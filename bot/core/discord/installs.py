"""Where commands can be used: in the bot's servers, and by members who added the app to their own account."""

from typing import Any, TypeVar

import discord
from discord import app_commands

Command = TypeVar("Command")


def user_installable(command: Command) -> Command:
    """Let members who added the app use the command in any server and any direct message."""
    command = app_commands.allowed_installs(guilds=True, users=True)(command)
    return app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(command)


def leave_out_other_server(interaction: discord.Interaction[Any]) -> None:
    """Let an interaction in a server that the bot is not in count as one outside of servers.

    A member who added the app to their own account can use it there. Nothing is kept for such a server, and none
    of its members' reviews exist.
    """
    if interaction.guild_id is not None and interaction.client.get_guild(interaction.guild_id) is None:
        interaction.guild_id = None


def is_direct_message(interaction: discord.Interaction[Any]) -> bool:
    """Return whether the interaction is in the member's direct messages with the bot, where nobody reads along."""
    return interaction.guild_id is None and bool(interaction.context.dm_channel)
