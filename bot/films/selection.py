"""The film that a command is to do something with: named beyond doubt, or asked about."""

from typing import Any

import discord

from bot.core.discord import get_service, show
from bot.core.text.escaping import escape_line
from bot.films.metadata_service import MetadataService
from bot.films.metadata_views import reader_of
from bot.films.models import Film
from bot.films.service import FilmService
from bot.films.views import message_of


async def chosen_film(
    interaction: discord.Interaction[Any],
    text: str,
    rest: str = "If it is, its buttons do the rest; if not, pick another.",
) -> Film | None:
    """Give the film picked or meant beyond doubt; else show privately what it may be, and give None.

    What changes something of a member's must not go to a film that merely sounds alike. `rest` says how to go on.
    """
    lookup = await get_service(interaction, FilmService).find(text)
    if lookup.film is not None and not lookup.guessed:
        return lookup.film
    known = await get_service(interaction, MetadataService).look(lookup.film) if lookup.film is not None else None
    content = await message_of(interaction, lookup, await reader_of(interaction), known)
    if lookup.film is not None:
        asked = escape_line(text, 100)
        content["content"] = f"“{asked}” may be this film. {rest}".rstrip()
    await show(interaction, replace=False, **content)
    return None


def pick_offered(nothing: str) -> str:
    """Say that nothing is done yet and how to name the film, where its card has no button for it."""
    return f"{nothing} yet: pick the film from the list that is offered while you type."
