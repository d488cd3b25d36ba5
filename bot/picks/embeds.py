"""Embeds and sentences about picks, the programme, the settings and suggestions."""

from collections.abc import Sequence
from datetime import datetime

import discord

from bot.core.discord import COLOUR
from bot.core.text.escaping import escape_line, format_user_text
from bot.core.text.formatting import join_limited, truncate
from bot.films.embeds import format_bold_title
from bot.picks.dates import format_time, format_time_without_zone
from bot.picks.models import (
    Pick,
    PickHistory,
    PickSettings,
    PickState,
    Programme,
    RefillMode,
    Suggestion,
    SuggestionState,
)
from bot.picks.rotation import WEEKDAYS, RotationInterval, to_local
from bot.picks.timeline import forecast

PROGRAMME_PAGE_SIZE = 8
PICKS_IN_FIELD = 3
OTHER_PLACES_LIMIT = 600
"""Characters about when a planned film is on besides."""
REFILL_LABELS = {
    RefillMode.OFF: "nothing; the moderators are told",
    RefillMode.BEST_RATED: "the best rated here that was not featured",
    RefillMode.MOST_WANTED: "what most have on their watchlists",
    RefillMode.POLL: "a vote among three",
}
SUGGESTION_STATES = {
    SuggestionState.OPEN: "waits for the moderators",
    SuggestionState.ACCEPTED: "taken: it is in the programme",
    SuggestionState.DECLINED: "declined",
}


def format_title(film: Pick | Suggestion, limit: int = 120) -> str:
    """Return the film's title with its year, in bold."""
    return format_bold_title(film.title, film.year, limit)


def format_when(moment: datetime, zone: str) -> str:
    """Return the time in the server's zone, and how far away it is."""
    return f"{format_time(moment, zone)}, {discord.utils.format_dt(moment, 'R')}"


def format_when_without_zone(moment: datetime, zone: str) -> str:
    """Return the same without the zone's name, for lists that name the zone once."""
    return f"{format_time_without_zone(moment, zone)}, {discord.utils.format_dt(moment, 'R')}"


def get_guild_colour(guild: discord.Guild) -> discord.Colour:
    """Return the colour of Marquee's own role in the server, or Marquee's yellow if it has none."""
    colour = guild.me.colour if guild.me is not None else discord.Colour.default()
    return colour if colour.value else COLOUR


# When a pick is on, in words.


def format_end(pick: Pick, programme: Programme) -> str:
    """Return until when a current or past pick is on."""
    zone = programme.settings.rotation.time_zone
    if pick.state is not PickState.CURRENT and pick.ended_at is not None:
        return format_when(pick.ended_at, zone)
    ends_at = pick.ends_at or min(forecast(programme).values(), default=None)
    return format_when(ends_at, zone) if ends_at is not None else "The next pick comes on"


def format_end_in_sentence(pick: Pick, programme: Programme) -> str:
    """Return until when a pick is on, as it stands in the middle of a sentence."""
    text = format_end(pick, programme)
    return text[0].lower() + text[1:] if text.startswith("The") else text


def format_place(pick: Pick, programme: Programme) -> str:
    """Return when the pick starts, until when it is on, or its position in a queue that no rotation moves."""
    if pick.state is PickState.CURRENT:
        return f"on until {format_end_in_sentence(pick, programme)}"
    starts_at = forecast(programme).get(pick.id)
    if starts_at is not None:
        return format_when(starts_at, programme.settings.rotation.time_zone)
    return f"number {[each.id for each in programme.queue].index(pick.id) + 1} in the queue"


def format_place_with_hint(pick: Pick, programme: Programme) -> str:
    """Return `format_place`, and how the pick gets on the marquee if no event starts it."""
    place = format_place(pick, programme)
    if pick.state is PickState.CURRENT or pick.id in forecast(programme):
        return place
    return f"{place}; `/pick next` brings it on, or `/pick rotate` says when"


def format_planned(pick: Pick, programme: Programme) -> str:
    """Return the reply to a pick that was planned, with the film's other places in the programme."""
    others = [
        format_place(other, programme)
        for other in programme.picks
        if other.film_id == pick.film_id and other.id != pick.id
    ]
    sentence = f"Planned: {format_title(pick)}, {format_place_with_hint(pick, programme)}."
    if not others:
        return sentence
    return f"{sentence} It was planned already: {join_limited(others, OTHER_PLACES_LIMIT, '; ')}."


# Embeds.


def build_programme_embed(programme: Programme, past: Sequence[Pick], page: int, page_count: int) -> discord.Embed:
    """Return a page of the programme; the first one also shows what was on last, and what is on."""
    zone = programme.settings.rotation.time_zone
    embed = discord.Embed(title="The marquee's programme", colour=COLOUR)
    if page == 0 and past:
        lines = [
            f"{format_title(pick)} · until {format_when_without_zone(pick.ended_at, zone)}"
            for pick in past
            if pick.ended_at is not None
        ]
        embed.add_field(name="Past", value="\n".join(lines), inline=False)
    current = programme.current
    if page == 0 and current is not None:
        since = ""
        if current.started_at is not None:
            since = f" · since {format_when_without_zone(current.started_at, zone)}"
        embed.add_field(name="Now", value=format_title(current) + since, inline=False)
    starts = forecast(programme)
    coming = sorted(
        programme.planned,
        key=lambda pick: (pick.id not in starts, starts.get(pick.id, pick.starts_at), pick.position),
    )
    first = page * PROGRAMME_PAGE_SIZE
    lines = []
    for number, pick in enumerate(coming[first : first + PROGRAMME_PAGE_SIZE], start=first + 1):
        starts_at = starts.get(pick.id)
        parts = [
            f"{number}. {format_title(pick, 80)}",
            format_when_without_zone(starts_at, zone)
            if starts_at is not None
            else "when `/pick next` brings it on",
        ]
        if pick.duration_days:
            parts.append("for 1 day" if pick.duration_days == 1 else f"for {pick.duration_days} days")
        if pick.series is not None:
            parts.append(escape_line(pick.series.name, 40))
        lines.append(" · ".join(parts))
    for start in range(0, len(lines), PICKS_IN_FIELD):
        name = f"Coming: {len(coming)}" if start == 0 else "\u200b"
        embed.add_field(name=name, value="\n".join(lines[start : start + PICKS_IN_FIELD]), inline=False)
    if not coming:
        embed.add_field(name="Coming", value="Nothing is planned. `/pick add` plans a film.", inline=False)
    pages = f" · page {page + 1} of {page_count}" if page_count > 1 else ""
    embed.set_footer(text=truncate(f"Times are in {zone}{pages}", 256))
    return embed


def build_history_embed(history: PickHistory, zone: str) -> discord.Embed:
    """Return a page of past picks with the server's stars."""
    embed = discord.Embed(title="What was on the marquee", colour=COLOUR)
    lines = []
    for pick in history.picks:
        stars = history.stars.get(pick.film_id)
        stars_text = f"★ {stars.average:.1f} ({stars.rating_count:,})" if stars is not None else "not rated"
        parts = [format_title(pick, 80), stars_text]
        if pick.started_at is not None and pick.ended_at is not None:
            start, end = to_local(pick.started_at, zone), to_local(pick.ended_at, zone)
            parts.append(f"{start:%d %b %Y} to {end:%d %b %Y}")
        if pick.series is not None:
            parts.append(escape_line(pick.series.name, 60))
        lines.append(" · ".join(parts))
    embed.description = "\n".join(lines) or "Nothing was on the marquee yet."
    if history.page_count > 1:
        embed.set_footer(text=f"{history.total_count:,} picks · page {history.page + 1} of {history.page_count}")
    return embed


def build_settings_embed(settings: PickSettings) -> discord.Embed:
    """Return the marquee's settings."""
    rotation = settings.rotation
    at = f"{rotation.minutes // 60:02}:{rotation.minutes % 60:02}"
    rule = {
        RotationInterval.OFF: "It does not rotate by itself; `/pick rotate every:` sets that.",
        RotationInterval.DAY: f"It rotates every day at {at}.",
        RotationInterval.WEEK: f"It rotates every {WEEKDAYS[rotation.weekday]} at {at}.",
        RotationInterval.MONTH: (
            f"It rotates on day {rotation.month_day} of every month at {at} (on the last where it is shorter)."
        ),
    }[rotation.interval]
    lines = [rule, f"Time zone: {rotation.time_zone}"]
    if settings.next_rotation_at is not None:
        lines.append(f"Next: {format_when(settings.next_rotation_at, rotation.time_zone)}")
    lines.append(
        f"Announced in: <#{settings.announcement_channel_id}>"
        if settings.announcement_channel_id
        else "Announced nowhere yet."
    )
    lines.append(
        "Each gets a thread for discussion."
        if settings.has_announcement_thread
        else "Without a thread for discussion."
    )
    lines.append(
        f"Pings: <@&{settings.announcement_role_id}>" if settings.announcement_role_id else "Pings nobody."
    )
    lines.append(f"Looks back when a pick ends: {'yes' if settings.has_retrospective else 'no'}")
    lines.append(f"When the queue is empty: {REFILL_LABELS[settings.refill]}.")
    return discord.Embed(title="How the marquee rotates", colour=COLOUR, description="\n".join(lines))


def build_open_suggestion_embed(suggestions: Sequence[Suggestion], index: int) -> discord.Embed:
    """Return the open suggestion of that index, for curators to decide."""
    embed = discord.Embed(title="Suggestions", colour=COLOUR)
    if not suggestions:
        embed.description = "No suggestion waits."
        return embed
    suggestion = suggestions[index]
    lines = [
        format_title(suggestion),
        f"by <@{suggestion.member_id}>, {discord.utils.format_dt(suggestion.created_at, 'R')}",
    ]
    if suggestion.reason:
        lines.append(format_user_text(suggestion.reason, 700))
    embed.description = "\n".join(lines)
    embed.set_footer(text=f"{index + 1} of {len(suggestions)} that wait")
    return embed


def build_own_suggestions_embed(suggestions: Sequence[Suggestion]) -> discord.Embed:
    """Return a member's own suggestions and how they were decided."""
    lines = [f"{format_title(each)} · {SUGGESTION_STATES[each.state]}" for each in suggestions]
    description = "\n".join(lines) or "Nothing yet. `/pick suggest` suggests a film."
    return discord.Embed(title="What you suggested", colour=COLOUR, description=description)
