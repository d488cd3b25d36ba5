"""Autocomplete of picks, series and time zones, out of memory; picks and series only for curators."""

from typing import Any

import discord
from discord import app_commands

from bot.core.discord import Choices, autocomplete, get_service, require_guild_id
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT
from bot.core.text.formatting import clean_line, truncate, with_year
from bot.picks.models import ProgrammeSnapshot
from bot.picks.permissions import is_cached_curator
from bot.picks.rotation import find_zones, to_local
from bot.picks.service import PickService

Interaction = discord.Interaction[Any]


@autocomplete
async def suggest_picks(interaction: Interaction, current: str) -> Choices:
    """Return the current and planned picks whose title contains the text."""
    return _list_picks(interaction, current, with_current=True)


@autocomplete
async def suggest_planned_picks(interaction: Interaction, current: str) -> Choices:
    """Return the planned picks whose title contains the text."""
    return _list_picks(interaction, current, with_current=False)


@autocomplete
async def suggest_series(interaction: Interaction, current: str) -> Choices:
    """Return the open series whose name contains the text."""
    snapshot = _get_snapshot(interaction)
    if snapshot is None:
        return []
    query = current.strip().casefold()
    return [
        app_commands.Choice(name=truncate(clean_line(series.name), CHOICE_LENGTH_LIMIT), value=str(series.id))
        for series in snapshot.series
        if not series.is_closed and query in series.name.casefold()
    ]


@autocomplete
async def suggest_time_zones(_: Interaction, current: str) -> Choices:
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
    query = text.strip().casefold()
    choices = []
    for pick in programme.picks if with_current else programme.planned:
        at = pick.starts_at or pick.started_at
        if pick is programme.current:
            place = "now"
        elif at is not None:
            place = f"{to_local(at, programme.settings.rotation.time_zone):%d %b %H:%M}"
        else:
            place = f"queue {programme.queue.index(pick) + 1}"
        name = clean_line(f"{with_year(pick.title, pick.year)} · {place}")
        if query in name.casefold():
            choices.append(app_commands.Choice(name=truncate(name, CHOICE_LENGTH_LIMIT), value=str(pick.id)))
    return choices
