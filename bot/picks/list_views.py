"""What was on, what is, and what comes; and what holds for it."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands, ui

from bot.core.discord import (
    COLOUR,
    Button,
    Choices,
    View,
    custom_id,
    get_service,
    is_command_author,
    is_ephemeral,
    require_guild_id,
    show,
)
from bot.core.text.escaping import escape_line
from bot.core.text.formatting import clean_line, truncate, with_year
from bot.picks.card import when, when_there
from bot.picks.engagement import PickEngagementService
from bot.picks.models import Pick, PickSettings, Programme, Refill, Series
from bot.picks.permissions import require_curator
from bot.picks.rotation import WEEKDAYS, Every, local
from bot.picks.service import PickService
from bot.picks.timeline import forecast

COMING_ON_PAGE = 8
REFILLS = {
    Refill.OFF: "nothing; the moderators are told",
    Refill.BEST: "the best rated here that was not featured",
    Refill.WANTED: "what most have on their watchlists",
    Refill.VOTE: "a vote among three",
}


def dated(pick: Pick) -> str:
    """Give the pick's title with its year."""
    return with_year(pick.title, pick.year)


def title_of(pick: Pick, limit: int = 120) -> str:
    """Give the pick's title with its year, in bold."""
    return f"**{escape_line(dated(pick), limit)}**"


async def programme(interaction: discord.Interaction[Any], page: int = 0) -> dict[str, Any]:
    """Give the message with what was on last, what is on, and a page of what comes."""
    server_id = require_guild_id(interaction)
    plan = await get_service(interaction, PickService).programme(server_id)
    zone = plan.settings.rotation.zone
    embed = discord.Embed(title="The marquee's programme", colour=COLOUR)
    past = (await get_service(interaction, PickEngagementService).history(server_id)).picks[:3]
    if past and page == 0:
        lines = [
            f"{title_of(pick)} · until {when_there(pick.ended_at, zone)}"
            for pick in past
            if pick.ended_at is not None
        ]
        embed.add_field(name="Past", value="\n".join(lines), inline=False)
    if plan.current is not None and page == 0:
        began = (
            f" · since {when_there(plan.current.started_at, zone)}" if plan.current.started_at is not None else ""
        )
        embed.add_field(name="Now", value=title_of(plan.current) + began, inline=False)
    times = forecast(plan)
    coming = sorted(
        plan.planned, key=lambda pick: (pick.id not in times, times.get(pick.id, pick.starts_at), pick.position)
    )
    pages = max(1, -(-len(coming) // COMING_ON_PAGE))
    page = min(page, pages - 1)
    shown = coming[page * COMING_ON_PAGE : (page + 1) * COMING_ON_PAGE]
    lines = [_coming(number, pick, plan) for number, pick in enumerate(shown, start=page * COMING_ON_PAGE + 1)]
    for start in range(0, len(lines), 3):
        name = f"Coming: {len(coming)}" if start == 0 else "\u200b"
        embed.add_field(name=name, value="\n".join(lines[start : start + 3]), inline=False)
    if not coming:
        embed.add_field(name="Coming", value="Nothing is planned. `/pick add` plans a film.", inline=False)
    embed.set_footer(
        text=truncate(f"Times are in {zone}" + (f" · page {page + 1} of {pages}" if pages > 1 else ""), 256)
    )
    view = View()
    if page > 0:
        view.add_item(ProgrammeButton(str(page - 1), "Back"))
    if page + 1 < pages:
        view.add_item(ProgrammeButton(str(page + 1), "More"))
    return {"embed": embed, "view": view}


def _coming(number: int, pick: Pick, plan: Programme) -> str:
    at = forecast(plan).get(pick.id)
    zone = plan.settings.rotation.zone
    parts = [
        f"{number}. {title_of(pick, 80)}",
        when_there(at, zone) if at is not None else "when `/pick next` brings it on",
    ]
    if pick.duration_days:
        parts.append("for 1 day" if pick.duration_days == 1 else f"for {pick.duration_days} days")
    if pick.series is not None:
        parts.append(escape_line(pick.series.name, 40))
    return " · ".join(parts)


def choices(plan: Programme, current: str, *, with_current: bool) -> Choices:
    """Give an autocomplete's choices of planned picks whose title holds what was typed."""
    picks = [plan.current] if with_current and plan.current is not None else []
    picks += plan.planned
    found = []
    for pick in picks:
        at = pick.starts_at or pick.started_at
        where = (
            f"{local(at, plan.settings.rotation.zone):%d %b %H:%M}"
            if at is not None
            else f"queue {plan.queue.index(pick) + 1}"
        )
        name = clean_line(f"{dated(pick)} · {'now' if pick is plan.current else where}")
        if current.strip().casefold() in name.casefold():
            found.append(app_commands.Choice(name=truncate(name, 100), value=str(pick.id)))
    return found


def series_choices(every: Sequence[Series], current: str) -> Choices:
    """Give an autocomplete's choices of series that take picks."""
    asked = current.strip().casefold()
    return [
        app_commands.Choice(name=truncate(clean_line(each.name), 100), value=str(each.id))
        for each in every
        if not each.is_closed and asked in each.name.casefold()
    ]


def settings_card(settings: PickSettings) -> discord.Embed:
    """Show what holds for the marquee."""
    rotation = settings.rotation
    at = f"{rotation.at // 60:02}:{rotation.at % 60:02}"
    rule = {
        Every.OFF: "It does not rotate by itself; `/pick rotate every:` sets that.",
        Every.DAY: f"It rotates every day at {at}.",
        Every.WEEK: f"It rotates every {WEEKDAYS[rotation.weekday]} at {at}.",
        Every.MONTH: f"It rotates on day {rotation.day} of every month at {at} (on the last where it is shorter).",
    }[rotation.every]
    lines = [rule, f"Time zone: {rotation.zone}"]
    if settings.next_at is not None:
        lines.append(f"Next: {when(settings.next_at, rotation.zone)}")
    lines.append(f"Announced in: <#{settings.channel_id}>" if settings.channel_id else "Announced nowhere yet.")
    lines.append("Each gets a thread for discussion." if settings.thread else "Without a thread for discussion.")
    lines.append(f"Pings: <@&{settings.role_id}>" if settings.role_id else "Pings nobody.")
    lines.append(f"Looks back when a pick ends: {'yes' if settings.retrospect else 'no'}")
    lines.append(f"When the queue is empty: {REFILLS[settings.refill]}.")
    embed = discord.Embed(title="How the marquee rotates", colour=COLOUR)
    embed.description = "\n".join(lines)
    return embed


async def history(interaction: discord.Interaction[Any], page: int = 0) -> dict[str, Any]:
    """Give the message with a page of what was featured, with the server's stars."""
    server_id = require_guild_id(interaction)
    past = await get_service(interaction, PickEngagementService).history(server_id, page)
    zone = (await get_service(interaction, PickService).settings(server_id)).rotation.zone
    embed = discord.Embed(title="What was on the marquee", colour=COLOUR)
    lines = []
    for pick in past.picks:
        stars = past.stars.get(pick.film_id)
        told_stars = f"★ {stars[0]:.1f} ({stars[1]:,})" if stars is not None else "not rated"
        parts = [title_of(pick, 80), told_stars]
        if pick.started_at is not None and pick.ended_at is not None:
            parts.append(f"{local(pick.started_at, zone):%d %b %Y} to {local(pick.ended_at, zone):%d %b %Y}")
        if pick.series is not None:
            parts.append(escape_line(pick.series.name, 60))
        lines.append(" · ".join(parts))
    embed.description = "\n".join(lines) or "Nothing was on the marquee yet."
    view = View()
    if past.page > 0:
        view.add_item(HistoryButton(str(past.page - 1), "Later"))
    if past.page + 1 < past.pages:
        view.add_item(HistoryButton(str(past.page + 1), "Earlier"))
    if past.pages > 1:
        embed.set_footer(text=f"{past.count:,} picks · page {past.page + 1} of {past.pages}")
    return {"embed": embed, "view": view}


class ProgrammeButton(Button, template=r"v1:programme:(?P<page>\d{1,4})"):
    """Another page of what comes, for curators."""

    def __init__(self, page: str, label: str = "More") -> None:
        self.page = int(page)
        super().__init__(ui.Button(label=label, custom_id=custom_id("programme", self.page)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page; the list is private, so the message is who pressed's own."""
        await require_curator(interaction)
        await interaction.response.edit_message(**await programme(interaction, self.page))


class HistoryButton(Button, template=r"v1:featured:(?P<page>\d{1,5})"):
    """Another page of what was featured."""

    def __init__(self, page: str, label: str = "Earlier") -> None:
        self.page = int(page)
        super().__init__(ui.Button(label=label, custom_id=custom_id("featured", self.page)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page for the member who asked, show it privately to others."""
        replace = is_command_author(interaction) or is_ephemeral(interaction)
        await show(interaction, replace=replace, **await history(interaction, self.page))


ITEMS = (ProgrammeButton, HistoryButton)
