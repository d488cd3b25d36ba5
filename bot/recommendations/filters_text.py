"""Recommendation filters in words, and packed into a custom_id."""

from bot.core.discord.components import CUSTOM_ID_LIMIT
from bot.core.text.countries import country_name, language_name
from bot.core.text.escaping import escape_line
from bot.core.text.formatting import format_runtime
from bot.recommendations.filters import RecommendationFilters
from bot.recommendations.moods import Mood

PACKED = r"[^:,]*(?:,[^:,]*){6,7}"
"""A pattern of what `pack_filters` returns, or returned before services could be asked for."""
LONGEST = CUSTOM_ID_LIMIT - 20
MOODS = {
    Mood.COSY: "Cosy",
    Mood.LAUGH: "Laugh",
    Mood.CRY: "Cry",
    Mood.THRILL: "Be thrilled",
    Mood.SCARE: "Be scared",
    Mood.THINK: "Think",
    Mood.WONDER: "Wonder",
    Mood.CLASSIC: "A classic",
}
SURPRISES = {0.5: "A little", 1.0: "A lot"}


def pack_filters(filters: RecommendationFilters) -> str:
    """Return the filters as they stand in a custom_id; at most LONGEST characters where the genre is one."""
    values = (
        filters.genre, filters.mood, filters.max_minutes, filters.decade, filters.language, filters.country,
        round(100 * filters.surprise) or None, "s" if filters.on_services else None,
    )  # fmt: skip
    return ",".join("" if value is None else str(value) for value in values)


def unpack_filters(packed: str) -> RecommendationFilters:
    """Return the filters of a custom_id. Raises ValueError where they were never packed."""
    genre, mood, minutes, decade, language, country, surprise, *more = packed.split(",")
    return RecommendationFilters(
        genre=genre or None,
        mood=Mood(mood) if mood else None,
        max_minutes=int(minutes) if minutes else None,
        decade=int(decade) if decade else None,
        language=language or None,
        country=country or None,
        surprise=int(surprise) / 100 if surprise else 0.0,
        on_services=more == ["s"],
    )


def describe_filters(filters: RecommendationFilters) -> str:
    """Return the filters in words, "" for none."""
    parts = (
        escape_line(filters.genre, 40) if filters.genre else "",
        f"mood: {MOODS[filters.mood].lower()}" if filters.mood else "",
        f"at most {format_runtime(filters.max_minutes)}" if filters.max_minutes else "",
        f"from the {filters.decade}s" if filters.decade else "",
        f"in {language_name(filters.language)}" if filters.language else "",
        f"made in {country_name(filters.country)}" if filters.country else "",
        "off the beaten track" if filters.surprise else "",
        "on your services" if filters.on_services else "",
    )
    return " · ".join(part for part in parts if part)
