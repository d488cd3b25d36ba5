"""The title card drawn for a film without a poster."""

import discord

from bot.core.images.title_card import create_title_card
from bot.core.text.formatting import clean_line, format_runtime, truncate
from bot.films.models import Film


def create_film_title_card(film: Film, colour: discord.Colour) -> discord.File:
    """Return the film's title card as PNG: its title, its original title, year, directors and runtime."""
    facts = [str(film.year)] if film.year else []
    facts += [truncate(clean_line(name), 40) for name in film.directors[:2]]
    if film.runtime:
        facts.append(format_runtime(film.runtime))
    return create_title_card(
        film.titles, fallback=film.id, original_title=film.original_title, facts=facts, colour=colour
    )
