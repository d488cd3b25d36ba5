"""What curators do to the programme: each checked, stored, told, with what was typed given back where it fails."""

from typing import Any

import discord

from bot.core.discord import Choices, get_service, require_guild_id
from bot.core.errors import InvalidInputError
from bot.core.text.escaping import escape_line
from bot.core.text.formatting import clean_input, join_limited
from bot.films.views import autocomplete_hint, resolve_film
from bot.picks import list_views as lists
from bot.picks.card import until, when
from bot.picks.list_views import dated, title_of
from bot.picks.models import NewPick, Pick, PickGoneError, PickSettings, Programme, SeriesError, State
from bot.picks.permissions import giving_back, hand_back, known_curator, require_curator, tell_troubles
from bot.picks.service import PickService, checked_days, checked_note
from bot.picks.timeline import forecast

NONE = "none"
ID_DIGITS = 18
ALREADY_SHOWN = 600
"""Characters about when a film is on besides."""
Context = discord.Interaction[Any]


async def told(interaction: Context, sentence: str, **more: Any) -> None:
    """Answer a curator privately, wake the clock, and tell what went wrong since."""
    await interaction.response.send_message(sentence, ephemeral=True, **more)
    interaction.client.dispatch("marquee_changed", require_guild_id(interaction))
    await tell_troubles(interaction)


def _options(typed: dict[str, Any], **renamed: str) -> dict[str, Any]:
    """Give what was typed under the names that the command's options have in Discord."""
    return {renamed.get(name, name): value for name, value in typed.items()}


async def add(interaction: Context, film: str, **typed: Any) -> None:
    """Plan a film, as typed: `note`, `starts`, `days`, `series`."""
    server_id = await require_curator(interaction)
    options = _options(typed, starts="from", days="for_days")
    async with giving_back(interaction, film=film, **options):
        picks = get_service(interaction, PickService)
        starts = await picks.when(server_id, typed["starts"] or "")
        series = await series_id(interaction, typed["series"]) if typed["series"] else None
        note = clean_input(typed["note"] or "")
        checked_note(note)
        checked_days(typed["days"])
        found = await resolve_film(interaction, film, "")
        if found is None:
            told_them = autocomplete_hint("Nothing is planned")
            await hand_back(interaction, told_them, film=film, **options)
            return
        new = NewPick(found.id, interaction.user.id, note, starts, typed["days"], series)
        pick = await picks.add(server_id, new)
        plan = await picks.programme(server_id)
        sentence = f"Planned: {title_of(pick)}, {_when(plan, pick)}."
        await told(interaction, " ".join(filter(None, (sentence, _already(plan, pick)))))


async def edit(interaction: Context, pick: str, **typed: Any) -> None:
    """Change a pick's `note`, `days` or `series`; “none” and 0 take them away."""
    server_id = await require_curator(interaction)
    async with giving_back(interaction, pick=pick, **_options(typed, days="for_days")):
        changes: dict[str, Any] = {}
        if typed["note"] is not None:
            changes["note"] = "" if typed["note"].strip().lower() == NONE else clean_input(typed["note"])
        if typed["days"] is not None:
            changes["duration_days"] = typed["days"] or None
        if typed["series"] is not None:
            if typed["series"].strip().lower() == NONE:
                changes["series"] = None
            else:
                changes["series_id"] = await series_id(interaction, typed["series"])
        if not changes:
            raise InvalidInputError("Say what to change: the note, the days or the series.")
        found = await get_service(interaction, PickService).edit(
            server_id, await pick_id(interaction, pick), **changes
        )
        plan = await get_service(interaction, PickService).programme(server_id)
        await told(interaction, f"Changed: {title_of(found)}, {_when(plan, found)}.")


async def move(interaction: Context, pick: str, **typed: Any) -> None:
    """Give a pick a day, `starts`, or a place in the queue, `position`."""
    server_id = await require_curator(interaction)
    async with giving_back(interaction, pick=pick, **_options(typed, starts="to_day", position="to_place")):
        picks = get_service(interaction, PickService)
        starts = await picks.when(server_id, typed["starts"] or "")
        found = await picks.move(
            server_id, await pick_id(interaction, pick), starts=starts, position=typed["position"]
        )
        plan = await picks.programme(server_id)
        await told(interaction, f"Moved: {title_of(found)}, {_when(plan, found)}.")


async def remove(interaction: Context, pick: str) -> None:
    """Take a pick out of the programme, or off the marquee."""
    server_id = await require_curator(interaction)
    async with giving_back(interaction, pick=pick):
        found = await get_service(interaction, PickService).remove(server_id, await pick_id(interaction, pick))
        where = "off the marquee" if found.state is State.CURRENT else "out of the programme"
        await told(interaction, f"{title_of(found)} is {where}.")


async def bring_next(interaction: Context) -> None:
    """Bring the next pick on now."""
    server_id = await require_curator(interaction)
    picks = get_service(interaction, PickService)
    pick = await picks.bring_next(server_id)
    ends = _until(await picks.programme(server_id), pick)
    await told(interaction, f"On the marquee now: {title_of(pick)}, until {ends}.")


async def change_series(interaction: Context, what: str, series: str, name: str) -> None:
    """Create, rename or close a series."""
    server_id = await require_curator(interaction)
    async with giving_back(interaction, series=series, name=name):
        picks = get_service(interaction, PickService)
        if what == "create":
            changed = await picks.create_series(server_id, name)
            sentence = "There is a series **{}** now; `/pick add` and `/pick edit` put films into it."
        elif what == "rename":
            changed = await picks.rename_series(server_id, await series_id(interaction, series), name)
            sentence = "The series is called **{}** now."
        else:
            changed = await picks.close_series(server_id, await series_id(interaction, series))
            sentence = "The series **{}** takes no more films; those planned in it stay."
        await told(interaction, sentence.format(escape_line(changed.name, 100)))


async def pick_id(interaction: Context, text: str) -> int:
    """Give the id of the pick that was chosen, or whose title was typed. Raises PickGoneError."""
    if _is_id(text):
        return int(text)
    plan = await get_service(interaction, PickService).programme(require_guild_id(interaction))
    every = [*plan.planned, *([plan.current] if plan.current is not None else [])]
    asked = text.strip().casefold()
    meant = [pick for pick in every if asked in (pick.title.casefold(), dated(pick).casefold())]
    if len(meant) != 1:
        raise PickGoneError
    return meant[0].id


async def series_id(interaction: Context, text: str) -> int:
    """Give the id of the series that was chosen, or whose name was typed. Raises SeriesError."""
    if _is_id(text):
        return int(text)
    every = await get_service(interaction, PickService).series(require_guild_id(interaction))
    asked = " ".join(text.split()).casefold()
    for series in every:
        if series.name.casefold() == asked:
            return series.id
    raise SeriesError("There is no series of that name. `/pick series create` makes one.")


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= ID_DIGITS


def _when(plan: Programme, pick: Pick) -> str:
    """Say when the pick comes on, or until when it is."""
    place = _place(plan, pick)
    if pick.state is State.CURRENT or pick.id in forecast(plan):
        return place
    return f"{place}; `/pick next` brings it on, or `/pick rotate` says when"


def _already(plan: Programme, pick: Pick) -> str:
    """Say when else the pick's film is on; nothing where it is planned this once."""
    places = [_place(plan, other) for other in plan.of_film(pick.film_id) if other.id != pick.id]
    return f"It was planned already: {join_limited(places, ALREADY_SHOWN, '; ')}." if places else ""


def _place(plan: Programme, pick: Pick) -> str:
    """Give when the pick comes on, until when it is, or its place in a queue that nothing brings on."""
    if pick.state is State.CURRENT:
        return f"on until {_until(plan, pick)}"
    at = forecast(plan).get(pick.id)
    if at is not None:
        return when(at, plan.settings.rotation.zone)
    return f"number {[each.id for each in plan.queue].index(pick.id) + 1} in the queue"


def _until(plan: Programme, pick: Pick) -> str:
    shown = until(pick, plan)
    return shown[0].lower() + shown[1:] if shown.startswith("The") else shown


def choices(interaction: Context, current: str, *, with_current: bool) -> Choices:
    """Offer planned picks, out of memory, to who may curate, nothing to others."""
    outlook = get_service(interaction, PickService).outlooks.of(require_guild_id(interaction))
    if outlook is None or not known_curator(interaction):
        return []
    return lists.choices(outlook.programme, current, with_current=with_current)


def series_choices(interaction: Context, current: str) -> Choices:
    """Offer series, out of memory, to who may curate, nothing to others."""
    outlook = get_service(interaction, PickService).outlooks.of(require_guild_id(interaction))
    if outlook is None or not known_curator(interaction):
        return []
    return lists.series_choices(outlook.series, current)


async def settings_now(interaction: Context, **changes: Any) -> PickSettings:
    """Change what holds for the marquee and give all of it."""
    server_id = await require_curator(interaction)
    return await get_service(interaction, PickService).change_settings(server_id, **changes)
