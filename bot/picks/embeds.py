"""Embeds and sentences about picks, the programme, the settings and suggestions."""

from collections.abc import Sequence
from datetime import datetime

import discord

from bot.core.discord import COLOUR
from bot.core.text.cldr import format_date, format_decimal, format_number, weekday_name
from bot.core.text.formatting import escape_line, format_user_text, join_limited, truncate
from bot.core.text.i18n import _, gettext_noop, ngettext
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
from bot.picks.rotation import RotationInterval, to_local
from bot.picks.timeline import forecast

PROGRAMME_PAGE_SIZE = 8
PICKS_IN_FIELD = 3
REFILL_LABELS = {
    RefillMode.OFF: gettext_noop("Nothing, but tell the moderators"),
    RefillMode.BEST_RATED: gettext_noop("The best-rated film not featured yet"),
    RefillMode.MOST_WANTED: gettext_noop("The film on most watchlists"),
    RefillMode.POLL: gettext_noop("A vote between three films"),
}
SUGGESTION_STATES = {
    SuggestionState.OPEN: gettext_noop("waiting for a curator"),
    SuggestionState.ACCEPTED: gettext_noop("accepted"),
    SuggestionState.DECLINED: gettext_noop("declined"),
}


def format_title(film: Pick | Suggestion, limit: int = 120) -> str:
    """Return the film's title with its year, in bold."""
    return format_bold_title(film, limit)


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


def _find_end(pick: Pick, programme: Programme) -> datetime | None:
    """Return until when a current or past pick is on, None for one that is on until somebody starts the next."""
    if pick.state is not PickState.CURRENT and pick.ended_at is not None:
        return pick.ended_at
    return pick.ends_at or min(forecast(programme).values(), default=None)


def format_end(pick: Pick, programme: Programme) -> str:
    """Return until when a current or past pick is on, in the server's zone, by which curators plan."""
    ends_at = _find_end(pick, programme)
    zone = programme.settings.rotation.time_zone
    return format_when(ends_at, zone) if ends_at is not None else _("The next pick")


def format_end_for_readers(pick: Pick, programme: Programme) -> str:
    """Return until when a current or past pick is on, in each reader's own time."""
    ends_at = _find_end(pick, programme)
    if ends_at is None:
        return _("The next pick")
    return f"{discord.utils.format_dt(ends_at, 'F')} ({discord.utils.format_dt(ends_at, 'R')})"


def format_end_in_sentence(pick: Pick, programme: Programme) -> str:
    """Return until when a pick is on, as it stands in the middle of a sentence."""
    text = format_end(pick, programme)
    return _("the next pick") if text == _("The next pick") else text


def format_place(pick: Pick, programme: Programme) -> str:
    """Return when the pick starts, until when it is on, or its position in a queue that no rotation moves."""
    if pick.state is PickState.CURRENT:
        return _("featured until {end}").format(end=format_end_in_sentence(pick, programme))
    starts_at = forecast(programme).get(pick.id)
    if starts_at is not None:
        return format_when(starts_at, programme.settings.rotation.time_zone)
    place = [each.id for each in programme.queue].index(pick.id) + 1
    return _("number {place} in the queue").format(place=place)


def format_place_with_hint(pick: Pick, programme: Programme) -> str:
    """Return `format_place`, and how the pick gets on the marquee if no event starts it."""
    place = format_place(pick, programme)
    if pick.state is PickState.CURRENT or pick.id in forecast(programme):
        return place
    return _("{place} (start it with `/pick next`, or set a rotation with `/pick rotate`)").format(place=place)


def format_planned(pick: Pick, programme: Programme) -> str:
    """Return the reply to a pick that was planned, with the film's other places in the programme."""
    others = [other for other in programme.picks if other.film_id == pick.film_id and other.id != pick.id]
    place, title = format_place_with_hint(pick, programme), format_title(pick)
    if pick.id in forecast(programme):
        # Translators: {time} is a day and time
        sentence = _("Planned {title} for {time}.").format(title=title, time=place)
    else:
        sentence = _("Planned: {title}, {place}.").format(title=title, place=place)
    if not others:
        return sentence
    if len(others) == 1:
        also = _("It's also planned: {places}.").format(places=format_place(others[0], programme))
    else:
        # Translators: how many times a film is planned besides
        also = ngettext(
            "It's also planned {count} more time.", "It's also planned {count} more times.", len(others)
        )
        also = also.format(count=len(others))
    return f"{sentence} {also}"


def format_moved(pick: Pick, programme: Programme) -> str:
    """Return the reply to a pick that was moved."""
    place, title = format_place_with_hint(pick, programme), format_title(pick)
    if pick.id in forecast(programme):
        # Translators: {time} is a day and time
        return _("Moved {title} to {time}.").format(title=title, time=place)
    return _("Moved {title}, {place}.").format(title=title, place=place)


# Embeds.


def build_programme_embed(programme: Programme, past: Sequence[Pick], page: int, page_count: int) -> discord.Embed:
    """Return a page of the programme; the first one also shows what was on last, and what is on."""
    zone = programme.settings.rotation.time_zone
    embed = discord.Embed(title=_("Planned films"), colour=COLOUR)
    if page == 0 and past:
        lines = [
            _("{title} · until {time}").format(
                title=format_title(pick), time=format_when_without_zone(pick.ended_at, zone)
            )
            for pick in past
            if pick.ended_at is not None
        ]
        embed.add_field(name=_("Past"), value="\n".join(lines), inline=False)
    current = programme.current
    if page == 0 and current is not None:
        value = format_title(current)
        if current.started_at is not None:
            since = format_when_without_zone(current.started_at, zone)
            value = _("{title} · since {time}").format(title=value, time=since)
        embed.add_field(name=_("Now"), value=value, inline=False)
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
            else _("when you start it with `/pick next`"),
        ]
        if pick.duration_days:
            days = ngettext("for {count} day", "for {count} days", pick.duration_days)
            parts.append(days.format(count=pick.duration_days))
        if pick.series is not None:
            parts.append(escape_line(pick.series.name, 40))
        lines.append(" · ".join(parts))
    for start in range(0, len(lines), PICKS_IN_FIELD):
        name = _("Coming up ({count})").format(count=len(coming)) if start == 0 else "\u200b"
        embed.add_field(name=name, value="\n".join(lines[start : start + PICKS_IN_FIELD]), inline=False)
    if not coming:
        embed.add_field(
            name=_("Coming up"), value=_("Nothing is planned. Use `/pick add` to plan a film."), inline=False
        )
    footer = [_("Times are in {zone}").format(zone=zone)]
    if page_count > 1:
        footer.append(_("Page {page} of {pages}").format(page=page + 1, pages=page_count))
    embed.set_footer(text=truncate(" · ".join(footer), 256))
    return embed


def build_history_embed(history: PickHistory, zone: str) -> discord.Embed:
    """Return a page of past picks with the server's stars."""
    embed = discord.Embed(title=_("Featured before"), colour=COLOUR)
    lines = []
    for pick in history.picks:
        stars = history.stars.get(pick.film_id)
        stars_text = (
            f"★ {format_decimal(stars.average)} ({format_number(stars.rating_count)})"
            if stars is not None
            else _("not rated")
        )
        parts = [format_title(pick, 80), stars_text]
        if pick.started_at is not None and pick.ended_at is not None:
            start, end = (format_date(to_local(each, zone)) for each in (pick.started_at, pick.ended_at))
            parts.append(_("{start} to {end}").format(start=start, end=end) if start != end else start)
        if pick.series is not None:
            parts.append(escape_line(pick.series.name, 60))
        lines.append(" · ".join(parts))
    embed.description = "\n".join(lines) or _("No film has been featured yet.")
    if history.page_count > 1:
        picks = ngettext("{count} pick", "{count} picks", history.total_count)
        pages = _("Page {page} of {pages}").format(page=history.page + 1, pages=history.page_count)
        embed.set_footer(text=f"{picks.format(count=format_number(history.total_count))} · {pages}")
    return embed


def build_settings_embed(settings: PickSettings) -> discord.Embed:
    """Return the marquee's settings."""
    rotation = settings.rotation
    at = f"{rotation.minutes // 60:02}:{rotation.minutes % 60:02}"
    rule = {
        RotationInterval.OFF: _("Picks don't change on their own. Set it with `/pick rotate every:`."),
        RotationInterval.DAY: _("A new pick every day at {time}.").format(time=at),
        RotationInterval.WEEK: _("A new pick every {weekday} at {time}.").format(
            weekday=weekday_name(rotation.weekday), time=at
        ),
        RotationInterval.MONTH: _("A new pick on day {day} of every month at {time}.").format(
            day=rotation.month_day, time=at
        ),
    }[rotation.interval]
    lines = [rule, _("Time zone: {zone}").format(zone=rotation.time_zone)]
    if settings.next_rotation_at is not None:
        next_time = format_when(settings.next_rotation_at, rotation.time_zone)
        lines.append(_("Next: {time}").format(time=next_time))
    channel, role = settings.announcement_channel_id, settings.announcement_role_id
    lines += [
        _("Announced in {channel}").format(channel=f"<#{channel}>") if channel else _("Not announced anywhere"),
        _("Published to following servers") if settings.is_announcement_published else "",
        _("Discussion thread: yes") if settings.has_announcement_thread else _("Discussion thread: no"),
        _("Pings {role}").format(role=f"<@&{role}>") if role else _("Pings nobody"),
        _("Looks back when a pick ends: yes")
        if settings.has_retrospective
        else _("Looks back when a pick ends: no"),
        _("When the queue is empty: {choice}").format(choice=_(REFILL_LABELS[settings.refill])),
    ]
    if settings.poll_hours is not None:
        hours = ngettext("Votes last {count} hour", "Votes last {count} hours", settings.poll_hours)
        lines.append(hours.format(count=settings.poll_hours))
    return discord.Embed(title=_("Pick settings"), colour=COLOUR, description="\n".join(filter(None, lines)))


def build_open_suggestion_embed(suggestions: Sequence[Suggestion], index: int) -> discord.Embed:
    """Return the open suggestion of that index, for curators to decide."""
    embed = discord.Embed(title=_("Suggestions"), colour=COLOUR)
    if not suggestions:
        embed.description = _("No open suggestions.")
        return embed
    suggestion = suggestions[index]
    when = discord.utils.format_dt(suggestion.created_at, "R")
    lines = [
        format_title(suggestion),
        _("Suggested by {member} {time}").format(member=f"<@{suggestion.member_id}>", time=when),
    ]
    if suggestion.supporter_ids:
        members = join_limited([f"<@{member_id}>" for member_id in suggestion.supporter_ids], 600)
        lines.append(_("Also wanted by {members}").format(members=members))
    if suggestion.reason:
        lines.append(format_user_text(suggestion.reason, 700))
    embed.description = "\n".join(lines)
    embed.set_footer(text=_("{number} of {total} open").format(number=index + 1, total=len(suggestions)))
    return embed


def build_own_suggestions_embed(suggestions: Sequence[Suggestion]) -> discord.Embed:
    """Return a member's own suggestions and how they were decided."""
    lines = [f"{format_title(each)} · {_(SUGGESTION_STATES[each.state])}" for each in suggestions]
    description = "\n".join(lines) or _("Nothing here yet. Suggest a film with `/suggest`.")
    return discord.Embed(title=_("Your suggestions"), colour=COLOUR, description=description)
