"""Autocomplete of stars, and of the films that a member has rated."""

from typing import Any

import discord
from discord import app_commands

from bot.core.discord import Choices, autocomplete, get_service
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT, CHOICES_LIMIT
from bot.core.errors import InvalidInputError
from bot.core.text.folding import find_titles
from bot.core.text.formatting import clean_line, truncate
from bot.films.local_titles import list_titles, shown_title
from bot.reviews.service import ReviewService
from bot.reviews.stars import (
    MAX_HALF_STARS,
    MIN_HALF_STARS,
    format_stars,
    format_stars_in_words,
    parse_stars,
)

Interaction = discord.Interaction[Any]


@autocomplete
async def suggest_stars(_interaction: Interaction, current: str) -> Choices:
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


@autocomplete
async def suggest_rated_films(interaction: Interaction, current: str) -> Choices:
    """Return the films that the member has rated here and that fit what is typed, those rated last first."""
    if interaction.guild_id is None:
        return []
    rated = await get_service(interaction, ReviewService).list_rated_films(
        interaction.guild_id, interaction.user.id
    )
    found = find_titles(current, rated, lambda film: list_titles(film, film.original_title), CHOICES_LIMIT)
    return [
        app_commands.Choice(
            name=truncate(
                clean_line(f"{shown_title(film)} · {format_stars(film.half_stars)}"),
                CHOICE_LENGTH_LIMIT,
            ),
            value=film.film_id,
        )
        for film in found
    ]
