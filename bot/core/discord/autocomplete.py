"""Autocomplete callbacks whose failures are logged."""

import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, cast

import discord
from discord import app_commands

from bot.core.discord.error_handler import describe_source, log_error

Choices = list[app_commands.Choice[str]]
CHOICES_LIMIT = 25
CHOICE_LENGTH_LIMIT = 100
"""Characters of an autocomplete choice's name, and of a menu option's label."""
Params = ParamSpec("Params")
Autocomplete = Callable[Params, Coroutine[Any, Any, Choices]]


def autocomplete(callback: Autocomplete[Params]) -> Autocomplete[Params]:
    """Return the autocomplete callback made safe: if it fails it offers nothing, and the failure is logged.

    Discord has no error reply for autocomplete. The callback may be a function of (interaction, current) or a
    cog's method.
    """

    @functools.wraps(callback)
    async def safe_callback(*args: Params.args, **kwargs: Params.kwargs) -> Choices:
        try:
            return unique_choices(await callback(*args, **kwargs))
        except Exception as error:
            *_, interaction, _current = args
            log_error(f"autocomplete of {describe_source(cast(discord.Interaction[Any], interaction))}", error)
            return []

    return safe_callback


def unique_choices(choices: Choices) -> Choices:
    """Return at most 25 choices, no value twice: Discord refuses the whole list otherwise."""
    return list({choice.value: choice for choice in reversed(choices)}.values())[::-1][:CHOICES_LIMIT]
