"""Autocomplete whose failures are logged."""

import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, cast

import discord
from discord import app_commands

from bot.core.discord.error_handler import place, report

Choices = list[app_commands.Choice[str]]
Given = ParamSpec("Given")
Suggest = Callable[Given, Coroutine[Any, Any, Choices]]


def suggestions(suggest: Suggest[Given]) -> Suggest[Given]:
    """Make an autocomplete that offers nothing where it fails, and logs why; Discord has no error for it.

    It may be a function of the interaction and what is typed, or a cog's method.
    """

    @functools.wraps(suggest)
    async def safely(*given: Given.args, **named: Given.kwargs) -> Choices:
        try:
            return unique(await suggest(*given, **named))
        except Exception as error:
            *_, interaction, _typed = given
            report(f"autocomplete of {place(cast(discord.Interaction[Any], interaction))}", error)
            return []

    return safely


def unique(choices: Choices) -> Choices:
    """Give at most 25 choices, no value twice: Discord refuses the whole list otherwise."""
    return list({choice.value: choice for choice in reversed(choices)}.values())[::-1][:25]
