"""Autocomplete of stars."""

from typing import Any

import discord
from discord import app_commands

from bot.core.discord import Choices, autocomplete
from bot.core.errors import InvalidInputError
from bot.reviews.stars import (
    MAX_HALF_STARS,
    MIN_HALF_STARS,
    format_stars,
    format_stars_in_words,
    parse_stars,
)


@autocomplete
async def suggest_stars(_: discord.Interaction[Any], current: str) -> Choices:
    """Return all stars, those nearest to what is typed first, or five first if it means none."""
    nearest = list(range(MAX_HALF_STARS, MIN_HALF_STARS - 1, -1))
    try:
        typed = parse_stars(current)
    except InvalidInputError:
        pass
    else:
        nearest.sort(key=lambda half_stars: (abs(half_stars - typed), -half_stars))
    return [
        app_commands.Choice(
            name=f"{format_stars(half_stars)} · {format_stars_in_words(half_stars)}", value=f"{half_stars / 2:g}"
        )
        for half_stars in nearest
    ]
