"""Autocomplete of picks, series and time zones, out of memory; picks and series only for curators."""

from typing import Any

import discord
from discord import app_commands

from bot.core.discord import Choices, autocomplete, get_service, require_guild_id
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT
from bot.core.text.folding import find_titles
from bot.core.text.formatting import clean_line, truncate
from bot.films.local_titles import list_titles
from bot.picks.embeds import format_choice
from bot.picks.models import ProgrammeSnapshot
from bot.picks.permissions import is_cached_curator
from bot.picks.rotation import find_zones
from bot.picks.service import PickService

Interaction = discord.Interaction[Any]


@autocomplete
async def suggest_picks(interaction: Interaction, current: str) -> Choices:
    """Return the current and planned picks that fit the text."""
    return _list_picks(interaction, current, with_current=True)


@autocomplete
async def suggest_planned_picks(interaction: Interaction, current: str) -> Choices:
    """Return the planned picks that fit the text."""
    return _list_picks(interaction, current, with_current=False)


@autocomplete
async def suggest_series(interaction: Interaction, current: str) -> Choices:
    """Return the open series that fit the text."""
    return _list_series(interaction, current, is_closed=False)


@autocomplete
async def suggest_closed_series(interaction: Interaction, current: str) -> Choices:
    """Return the closed series that fit the text."""
    return _list_series(interaction, current, is_closed=True)


def _list_series(interaction: Interaction, current: str, *, is_closed: bool) -> Choices:
    snapshot = _get_snapshot(interaction)
    if snapshot is None:
        return []
    series = [each for each in snapshot.series if each.is_closed is is_closed]
    return [
        app_commands.Choice(name=truncate(clean_line(each.name), CHOICE_LENGTH_LIMIT), value=str(each.id))
        for each in find_titles(current, series, lambda each: (each.name,))
    ]


@autocomplete
async def suggest_time_zones(_interaction: Interaction, current: str) -> Choices:
    """Return the time zones whose name contains the text."""
    return [app_commands.Choice(name=name, value=name) for name in find_zones(current)]


def _get_snapshot(interaction: Interaction) -> ProgrammeSnapshot | None:
    """Return the server's cached programme if the member may curate."""
    snapshot = get_service(interaction, PickService).cache.get(require_guild_id(interaction))
    return snapshot if is_cached_curator(interaction) else None


def _list_picks(interaction: Interaction, text: str, *, with_current: bool) -> Choices:
    snapshot = _get_snapshot(interaction)
    if snapshot is None:
        return []
    programme = snapshot.programme
    choices = []
    picks = programme.picks if with_current else programme.planned
    for pick in find_titles(text, picks, list_titles):
        name = truncate(format_choice(pick, programme), CHOICE_LENGTH_LIMIT)
        choices.append(app_commands.Choice(name=name, value=str(pick.id)))
    return choices
