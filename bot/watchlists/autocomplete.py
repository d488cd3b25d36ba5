"""Autocomplete of the films on a member's own watchlist."""

from typing import Any

import discord
from discord import app_commands

from bot.core.discord import Choices, autocomplete, get_service
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT, CHOICES_LIMIT
from bot.core.text.formatting import clean_line, truncate
from bot.films.local_titles import shown_title
from bot.films.models import ListedTitle
from bot.members.server_choice import list_own_servers
from bot.watchlists.service import WatchlistService


@autocomplete
async def suggest_listed_films(interaction: discord.Interaction[Any], current: str) -> Choices:
    """Return the films on the member's list that fit what is typed; in a direct message those of all servers."""
    server_ids = [interaction.guild_id] if interaction.guild_id is not None else []
    if not server_ids:
        server_ids = [server.id for server in await list_own_servers(interaction)]
    watchlists = get_service(interaction, WatchlistService)
    listed: list[ListedTitle] = []
    for server_id in server_ids:
        listed += await watchlists.find_listed(server_id, interaction.user.id, current, CHOICES_LIMIT)
    return [
        app_commands.Choice(name=truncate(clean_line(shown_title(film)), CHOICE_LENGTH_LIMIT), value=film.film_id)
        for film in listed
    ]
