"""Autocomplete that several commands share: `@app_commands.autocomplete(film=suggest_films)`."""

from typing import Any

import discord
from discord import app_commands

from bot.core.discord import Choices, autocomplete, get_service
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT
from bot.core.text.cldr import country_name, flag, language_name
from bot.core.text.countries import find_countries, find_languages
from bot.core.text.formatting import clean_line, truncate
from bot.core.text.i18n import _, ngettext
from bot.films.models import GENRES, Person
from bot.films.service import FilmService
from bot.search.index import Match

Interaction = discord.Interaction[Any]


@autocomplete
async def suggest_films(interaction: Interaction, current: str) -> Choices:
    """Return the films that fit what is typed, from memory."""
    matches = get_service(interaction, FilmService).suggest(current, server_id=interaction.guild_id)
    return [film_choice(match) for match in matches]


@autocomplete
async def suggest_genres(interaction: Interaction, current: str) -> Choices:
    """Return the genres that contain what is typed."""
    typed = current.strip().lower()
    return [
        app_commands.Choice(name=_(genre), value=genre)
        for genre in GENRES
        if typed in genre.lower() or typed in _(genre).lower()
    ]


@autocomplete
async def suggest_languages(interaction: Interaction, current: str) -> Choices:
    """Return the languages that fit what is typed."""
    return [app_commands.Choice(name=language_name(code), value=code) for code in find_languages(current)]


@autocomplete
async def suggest_countries(interaction: Interaction, current: str) -> Choices:
    """Return the countries that fit what is typed."""
    return [app_commands.Choice(name=country_name(code), value=code) for code in find_countries(current)]


@autocomplete
async def suggest_countries_with_flags(interaction: Interaction, current: str) -> Choices:
    """Return the countries that fit what is typed, with their flags."""
    return list_countries_with_flags(current)


def list_countries_with_flags(current: str, limit: int = 25) -> Choices:
    """Return choices of at most `limit` countries that what is typed may mean, with their flags."""
    return [
        app_commands.Choice(name=f"{flag(code)} {country_name(code)}", value=code)
        for code in find_countries(current, limit)
    ]


def film_choice(match: Match) -> app_commands.Choice[str]:
    """Return a choice of a film, `Title (Year) · Director`; its value is the film's id.

    Where it was found by a title that is not shown, that one takes the director's place.
    """
    detail = match.other_title or next(iter(match.directors), "")
    name = " · ".join(filter(None, (match.dated_title, detail)))
    return app_commands.Choice(name=truncate(clean_line(name), CHOICE_LENGTH_LIMIT), value=match.film_id)


def person_choice(person: Person) -> app_commands.Choice[str]:
    """Return a choice of a person with the number of their films; its value is the person's id."""
    films = ngettext("{count} film", "{count} films", person.film_count).format(count=person.film_count)
    return app_commands.Choice(
        name=truncate(f"{clean_line(person.name)} · {films}", CHOICE_LENGTH_LIMIT), value=person.id
    )
