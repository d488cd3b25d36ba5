"""Recommendation filters as options of commands, in a custom_id and in words."""

from dataclasses import replace

from discord import app_commands

from bot.core.discord.components import CUSTOM_ID_LIMIT
from bot.core.discord.localisation import format_decade, gettext_lazy, lazy_decade
from bot.core.text.cldr import country_name, language_name
from bot.core.text.countries import parse_country, parse_language
from bot.core.text.formatting import escape_line, format_runtime
from bot.core.text.i18n import _, gettext_noop
from bot.films.models import parse_genre
from bot.recommendations.filters import RecommendationFilters
from bot.recommendations.moods import Mood

MOODS = {
    Mood.COSY: gettext_noop("Cosy"),
    Mood.LAUGH: gettext_noop("Laugh"),
    Mood.CRY: gettext_noop("Cry"),
    Mood.THRILL: gettext_noop("Be thrilled"),
    Mood.SCARE: gettext_noop("Be scared"),
    Mood.THINK: gettext_noop("Think"),
    Mood.WONDER: gettext_noop("Wonder"),
    Mood.CLASSIC: gettext_noop("A classic"),
}
SURPRISES = {0.5: gettext_noop("A little"), 1.0: gettext_noop("A lot")}
MOOD_CHOICES = [app_commands.Choice(name=gettext_lazy(name), value=mood.value) for mood, name in MOODS.items()]
DECADE_CHOICES = [app_commands.Choice(name=lazy_decade(year), value=year) for year in range(2020, 1880, -10)]
SURPRISE_CHOICES = [app_commands.Choice(name=gettext_lazy(name), value=value) for value, name in SURPRISES.items()]
Minutes = app_commands.Range[int, 1, 999]
PACKED_PATTERN = r"[^:,]*(?:,[^:,]*){6,7}"
"""A pattern of what `pack_filters` returns; buttons from before services could be chosen have one part less."""
PACKED_LIMIT = CUSTOM_ID_LIMIT - 20


def parse_filters(
    *,
    genre: str | None = None,
    mood: str | None = None,
    max_minutes: int | None = None,
    decade: int | None = None,
    language: str | None = None,
    country: str | None = None,
    surprise: float | None = None,
    only_my_services: bool = False,
) -> RecommendationFilters:
    """Return the filters that a command's options mean. Raises InvalidInputError for an unknown value."""
    return RecommendationFilters(
        genre=parse_genre(genre),
        mood=Mood(mood) if mood is not None else None,
        max_minutes=max_minutes,
        decade=decade,
        language=parse_language(language) if language else None,
        country=parse_country(country) if country else None,
        surprise=surprise or 0.0,
        on_services=only_my_services,
    )


def pack_filters(filters: RecommendationFilters) -> str:
    """Return the filters as part of a custom_id, at most PACKED_LIMIT characters for a genre of the catalogue."""
    values = (
        filters.genre, filters.mood, filters.max_minutes, filters.decade, filters.language, filters.country,
        round(100 * filters.surprise) or None, "s" if filters.on_services else None,
    )  # fmt: skip
    return ",".join("" if value is None else str(value) for value in values)


def unpack_filters(packed: str) -> RecommendationFilters:
    """Return the filters of a custom_id. Raises ValueError for anything that `pack_filters` does not return."""
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
    return " · ".join(part for part, _fewer in list_removable_filters(filters))


def list_removable_filters(filters: RecommendationFilters) -> list[tuple[str, RecommendationFilters]]:
    """Return each filter in words, with the filters without it."""
    parts = (
        (escape_line(_(filters.genre), 40) if filters.genre else "", replace(filters, genre=None)),
        (_(MOODS[filters.mood]) if filters.mood else "", replace(filters, mood=None)),
        (_describe_length(filters.max_minutes), replace(filters, max_minutes=None)),
        (format_decade(filters.decade) if filters.decade else "", replace(filters, decade=None)),
        (
            _("in {language}").format(language=language_name(filters.language)) if filters.language else "",
            replace(filters, language=None),
        ),
        (
            _("made in {country}").format(country=country_name(filters.country)) if filters.country else "",
            replace(filters, country=None),
        ),
        (_("lesser known") if filters.surprise else "", replace(filters, surprise=0.0)),
        (_("on your services") if filters.on_services else "", replace(filters, on_services=False)),
    )
    return [(part, fewer) for part, fewer in parts if part]


def _describe_length(minutes: int | None) -> str:
    return _("up to {runtime}").format(runtime=format_runtime(minutes)) if minutes else ""
