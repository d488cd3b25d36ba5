"""Where a button, menu or form is used: the bot's services, the server, who can see the message, the time."""

from datetime import datetime
from typing import Any, TypeVar, cast

import discord
from discord import app_commands

Service = TypeVar("Service")


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
