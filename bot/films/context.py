"""Films as buttons and menus name them."""

from typing import Any

import discord

from bot.core.discord import get_service
from bot.core.errors import FilmGoneError
from bot.films.models import Film
from bot.films.service import FilmService


async def require_film(interaction: discord.Interaction[Any], film_id: str) -> Film:
    """Return the film of that id. Raises FilmGoneError if the catalogue no longer has it."""
    film = await get_service(interaction, FilmService).get(film_id)
    if film is None:
        raise FilmGoneError
    return film
