"""Genres as options of commands."""

from discord import app_commands

from bot.core.discord import Choices
from bot.core.errors import InvalidInputError
from bot.films.models import GENRES


def genre_choices(current: str) -> Choices:
    """Give the genres that hold what is typed."""
    asked = current.strip().lower()
    return [app_commands.Choice(name=genre, value=genre) for genre in GENRES if asked in genre.lower()]


def known_genre(typed: str | None) -> str | None:
    """Give the genre as the catalogue writes it. Raises InvalidInputError for one that it has not."""
    if typed is None or not typed.strip():
        return None
    for genre in GENRES:
        if genre.lower() == typed.strip().lower():
            return genre
    raise InvalidInputError("The catalogue has no such genre. Pick one of those offered while you type.")
