"""Recommendation filters as options of commands: their choices, and how they are parsed."""

from collections.abc import Mapping
from typing import Any

from discord import app_commands

from bot.core.text.countries import parse_country, parse_language
from bot.films.models import parse_genre
from bot.recommendations.filters import RecommendationFilters
from bot.recommendations.filters_text import MOODS, SURPRISES
from bot.recommendations.moods import Mood

MOOD_CHOICES = [app_commands.Choice(name=name, value=mood.value) for mood, name in MOODS.items()]
DECADE_CHOICES = [app_commands.Choice(name=f"{year}s", value=year) for year in range(2020, 1880, -10)]
SURPRISE_CHOICES = [app_commands.Choice(name=name, value=value) for value, name in SURPRISES.items()]
Minutes = app_commands.Range[int, 1, 999]


def parse_filters(options: Mapping[str, Any]) -> RecommendationFilters:
    """Return the filters of a command's options by name. Raises InvalidInputError for what is no choice."""
    genre, mood, language, country = (options.get(name) for name in ("genre", "mood", "language", "country"))
    return RecommendationFilters(
        genre=parse_genre(genre),
        mood=Mood(mood) if mood is not None else None,
        max_minutes=options.get("max_minutes"),
        decade=options.get("decade"),
        language=parse_language(language) if language else None,
        country=parse_country(country) if country else None,
        surprise=options.get("surprise") or 0.0,
        on_services=bool(options.get("only_my_services")),
    )
