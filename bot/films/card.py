"""The film card: everything the catalogue tells of one film."""

from collections.abc import Mapping, Sequence

import discord
from discord import app_commands

from bot.core.discord import COLOUR
from bot.core.text.countries import country_name, flag, language_name
from bot.core.text.escaping import escape, escape_line
from bot.core.text.formatting import (
    NO_BREAK_SPACE,
    clean_line,
    format_date,
    format_runtime,
    join_limited,
    truncate,
)
from bot.films.models import Film, Job
from bot.search.index import Match, MatchKind

CAST_ON_CARD = 6
CHOICE_LIMIT = 100
"""Characters of an autocomplete choice's name, and of a menu option's label."""
PEOPLE_ON_PAGE = 15
DESCRIPTION_LIMIT = 3_500
"""Characters, so that the cast and the offers beside them stay inside an embed's 6,000."""


def choice(match: Match) -> app_commands.Choice[str]:
    """Give an autocomplete choice: `Title (Year) · Director`, its value our film id."""
    parts = [match.dated_title, *match.directors[:1]]
    return app_commands.Choice(name=truncate(clean_line(" · ".join(parts)), CHOICE_LIMIT), value=match.film_id)


def card(film: Film, country: str | None, match: Match | None = None) -> discord.Embed:
    """Give the film's card.

    `country` is the one whose streaming services are shown (ISO 3166-1 alpha-2); `match` says by what the
    film was found, where it wasn't picked.
    """
    embed = discord.Embed(title=truncate(escape(clean_line(film.dated_title)), 256), colour=COLOUR)
    embed.description = described(_story(film), film)
    if film.cast:
        embed.add_field(name="Cast", value=_cast(film), inline=False)
    embed.add_field(name=_where_heading(country), value=_where(film, country), inline=False)
    if (told := matched_by(film, match)) is not None:
        embed.set_footer(text=told)
    return embed


def where_known(film: Film, country: str) -> discord.Embed:
    """Give what the catalogue itself knows of where the film streams in the country."""
    embed = discord.Embed(title=truncate(escape(clean_line(film.dated_title)), 256), colour=COLOUR)
    return embed.add_field(name=_where_heading(country), value=_where(film, country), inline=False)


def described(story: str, film: Film, more: Mapping[str, str] | None = None) -> str:
    """Give what it is about and the facts, with `more` of these by name, each "" where it is not known."""
    return truncate("\n\n".join(part for part in (story, _facts(film, more or {})) if part), DESCRIPTION_LIMIT)


def _facts(film: Film, more: Mapping[str, str]) -> str:
    """Give the facts in few lines: fields side by side become a long column on a phone."""
    lines = (
        ((_plural("Director", film.directors), _names(film.directors)),),
        (
            ("Runtime", format_runtime(film.runtime) if film.runtime else ""),
            ("Released", format_date(film.release_date).replace(" ", NO_BREAK_SPACE) if film.release_date else ""),
        ),
        ((_plural("Genre", film.genres), _names(film.genres)),),
        (
            (_plural("Country", film.countries), _names([country_name(code) for code in film.countries])),
            (_plural("Language", film.languages), _names([language_name(code) for code in film.languages])),
        ),
        tuple(more.items()),
    )
    return "\n".join(filter(None, (_side_by_side(line) for line in lines)))


def _side_by_side(facts: Sequence[tuple[str, str]]) -> str:
    """Give the facts that are known on one line, which ends, where it is too long for a phone, between two."""
    known = [(name, value) for name, value in facts if value]
    space = NO_BREAK_SPACE if len(known) > 1 else " "
    return " · ".join(f"**{name}**{space}{value}" for name, value in known)


def _plural(word: str, values: Sequence[str]) -> str:
    if len(values) == 1:
        return word
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def _story(film: Film) -> str:
    lines = []
    if clean_line(film.original_title) != clean_line(film.title):
        lines.append(f"*{escape_line(film.original_title, 256)}*")
    if film.logline:
        lines.append(escape_line(film.logline, 1_000))
    return "\n".join(lines)


def _names(names: Sequence[str]) -> str:
    return join_limited([escape_line(name, 100) for name in names], 500)


def _credit(name: str, role: str | None) -> str:
    return f"{escape_line(name, 80)} as {escape_line(role, 100)}" if role else escape_line(name, 80)


def _cast(film: Film) -> str:
    shown = [_credit(credit.name, credit.role) for credit in film.cast[:CAST_ON_CARD]]
    if (more := len(film.cast) - CAST_ON_CARD) > 0:
        shown.append(f"… and {more} more under **Cast**")
    return truncate("\n".join(shown), 1_024)


def _where_heading(country: str | None) -> str:
    return f"Where to stream in {country_name(country)} {flag(country)}" if country else "Where to stream"


def _where(film: Film, country: str | None) -> str:
    """Say where it streams in the country; with none set only what holds everywhere, and how to set one."""
    lines = []
    for item in film.availability:
        if item.covers(country):
            parts = [f"**{escape_line(item.service, 80)}**"]
            if country is None:
                parts.append("everywhere")
            if item.since:
                parts.append(f"since {format_date(item.since)}")
            lines.append(" · ".join([*parts, f"as of {format_date(item.as_of)}"]))
    if country is None:
        lines.append("No country set: `/me country` shows what streams in yours.")
    elif not lines:
        lines.append("Nothing known.")
    return join_limited(lines, 1_024, "\n")


def matched_by(film: Film, match: Match | None) -> str | None:
    """Say by which title the film was found, and whether letters were forgiven; None for its own."""
    if match is None or (match.kind is MatchKind.EXACT and match.matched == film.title):
        return None
    title = truncate(clean_line(match.matched), 150)
    return f"Matched by “{title}”" + ("" if match.kind is MatchKind.EXACT else f" · {match.kind.value}")


def full_cast(film: Film, page: int) -> tuple[discord.Embed, int]:
    """Give one page of everybody in the film, and how many pages there are."""
    pages = max(1, -(-len(film.cast) // PEOPLE_ON_PAGE))
    page = min(page, pages - 1)
    embed = discord.Embed(title=truncate(f"Cast of {escape(clean_line(film.dated_title))}", 256), colour=COLOUR)
    shown = film.cast[page * PEOPLE_ON_PAGE : (page + 1) * PEOPLE_ON_PAGE]
    embed.description = "\n".join(_credit(credit.name, credit.role) for credit in shown)
    if page == 0:
        crew = (
            (_plural("Director", film.directors), film.directors),
            (_plural("Writer", film.names(Job.WRITER)), film.names(Job.WRITER)),
            ("Music", film.names(Job.COMPOSER)),
            ("Production", film.production_companies),
        )
        for name, names in crew:
            if names:
                embed.add_field(name=name, value=_names(names))
    if pages > 1:
        embed.set_footer(text=f"Page {page + 1} of {pages}")
    return embed, pages
