"""What several commands offer while somebody types, for `@app_commands.autocomplete(film=films)`."""

from typing import Any

import discord
from discord import app_commands

from bot.core.discord import Choices, autocomplete, get_service
from bot.core.text.countries import country_name, find_countries, find_languages, flag, language_name
from bot.films.card import choice
from bot.films.genres import genre_choices
from bot.films.service import FilmService

Interaction = discord.Interaction[Any]


@autocomplete
async def films(interaction: Interaction, current: str) -> Choices:
    """Offer films, out of memory."""
    matches = get_service(interaction, FilmService).suggest(current, server_id=interaction.guild_id)
    return [choice(match) for match in matches]


@autocomplete
async def genres(interaction: Interaction, current: str) -> Choices:
    """Offer the catalogue's genres."""
    return genre_choices(current)


@autocomplete
async def languages(interaction: Interaction, current: str) -> Choices:
    """Offer languages."""
    return [app_commands.Choice(name=language_name(code), value=code) for code in find_languages(current)]


@autocomplete
async def countries(interaction: Interaction, current: str) -> Choices:
    """Offer countries."""
    return [app_commands.Choice(name=country_name(code), value=code) for code in find_countries(current)]


@autocomplete
async def flagged_countries(interaction: Interaction, current: str) -> Choices:
    """Offer countries with their flags."""
    return flagged(current)


def flagged(current: str, limit: int = 25) -> Choices:
    """Give at most `limit` countries with their flags that what is typed may mean."""
    return [
        app_commands.Choice(name=f"{flag(code)} {country_name(code)}", value=code)
        for code in find_countries(current, limit)
    ]
