"""Autocomplete whose failures are logged."""

import functools
from collections.abc import Callable, Coroutine
from typing import Any

import discord
from discord import app_commands

from bot.errors import place, report

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
