"""Embeds and sentences about picks, the programme, the settings and suggestions."""

from collections.abc import Sequence
from datetime import datetime

import discord

from bot.core.discord import COLOUR
from bot.core.text.cldr import format_date, format_day_and_time, format_decimal, format_number, weekday_name
from bot.core.text.formatting import clean_line, escape_line, format_user_text, join_limited, truncate
from bot.core.text.i18n import _, gettext_noop, ngettext
from bot.films.embeds import format_bold_title
from bot.films.local_titles import shown_title
from bot.moderation.embeds import formats_setting
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
from bot.picks.rotation import Rotation, RotationInterval, to_local
from bot.picks.timeline import forecast

PROGRAMME_PAGE_SIZE = 8
PICKS_IN_FIELD = 3
REFILL_LABELS = {
    RefillMode.OFF: gettext_noop("Nothing, but tell the moderators"),
    RefillMode.BEST_RATED: gettext_noop("The best-rated film not featured yet"),
    RefillMode.MOST_WANTED: gettext_noop("The film on most watchlists"),
    RefillMode.POLL: gettext_noop("A vote between three films"),
}
ROTATION_LABELS = {
    RotationInterval.OFF: gettext_noop("Only when a curator says so"),
    RotationInterval.DAY: gettext_noop("Every day"),
    RotationInterval.WEEK: gettext_noop("Every week"),
    RotationInterval.MONTH: gettext_noop("Every month"),
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


def format_restored(pick: Pick, programme: Programme) -> str:
    """Return the reply to a pick that is planned again after it was removed."""
    # Translators: {place} is a day and time, or “number 2 in the queue”
    sentence = _("Put {title} back: {place}.")
    return sentence.format(title=format_title(pick), place=format_place(pick, programme))


def format_moved(pick: Pick, programme: Programme) -> str:
    """Return the reply to a pick that was moved."""
    place, title = format_place_with_hint(pick, programme), format_title(pick)
    if pick.id in forecast(programme):
        # Translators: {time} is a day and time
        return _("Moved {title} to {time}.").format(title=title, time=place)
    return _("Moved {title}: {place}.").format(title=title, place=place)


# Embeds.


def list_coming(programme: Programme) -> list[Pick]:
    """Return the planned picks in the order in which they come; those that no rotation starts are last."""
    starts = forecast(programme)
    return sorted(
        programme.planned,
        key=lambda pick: (pick.id not in starts, starts.get(pick.id, pick.starts_at), pick.position),
    )


def format_choice(pick: Pick, programme: Programme) -> str:
    """Return the pick's title and where it is in the programme, on one line without markdown."""
    at = pick.starts_at or pick.started_at
    if programme.current is not None and pick.id == programme.current.id:
        place = _("now")
    elif at is not None:
        place = format_day_and_time(to_local(at, programme.settings.rotation.time_zone))
    else:
        place = _("number {place} in the queue").format(
            place=[each.id for each in programme.queue].index(pick.id) + 1
        )
    return clean_line(f"{shown_title(pick)} · {place}")


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
    coming = list_coming(programme)
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


def _format_clock(minutes: int) -> str:
    """Return the time of day so many minutes after midnight: `20:00`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _describe_thread(*, is_on: bool) -> str:
    return _("Discussion thread: yes") if is_on else _("Discussion thread: no")


def _describe_retrospective(*, is_on: bool) -> str:
    return _("Looks back when a pick ends: yes") if is_on else _("Looks back when a pick ends: no")


def _format_poll_hours(hours: int) -> str:
    return ngettext("Votes last {count} hour", "Votes last {count} hours", hours).format(count=hours)


def build_settings_embed(settings: PickSettings) -> discord.Embed:
    """Return the marquee's settings."""
    rotation = settings.rotation
    at = _format_clock(rotation.minutes)
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
        _describe_thread(is_on=settings.has_announcement_thread),
        _("Pings {role}").format(role=f"<@&{role}>") if role else _("Pings nobody"),
        _describe_retrospective(is_on=settings.has_retrospective),
        _("When the queue is empty: {choice}").format(choice=_(REFILL_LABELS[settings.refill])),
    ]
    if settings.poll_hours is not None:
        lines.append(_format_poll_hours(settings.poll_hours))
    return discord.Embed(title=_("Pick settings"), colour=COLOUR, description="\n".join(filter(None, lines)))


# What the moderation log says about the settings.


@formats_setting("rotation_interval")
def _describe_rotation_interval(value: str | None) -> str:
    # Translators: how often the featured film changes: “Every week”
    sentence = _("Picks change: {choice}")
    return sentence.format(choice=_(ROTATION_LABELS[RotationInterval(value or RotationInterval.OFF)]))


@formats_setting("rotation_time")
def _describe_rotation_time(value: str | None) -> str:
    # Translators: the time of day at which the featured film changes
    sentence = _("Time of the change: {time}")
    return sentence.format(time=_format_clock(int(value) if value else Rotation().minutes))


@formats_setting("rotation_weekday")
def _describe_rotation_weekday(value: str | None) -> str:
    # Translators: the day on which the featured film changes: “Friday”, or “31” of a month
    sentence = _("Day of the change: {day}")
    return sentence.format(day=weekday_name(int(value) if value else Rotation().weekday))


@formats_setting("rotation_day")
def _describe_rotation_day(value: str | None) -> str:
    return _("Day of the change: {day}").format(day=value or Rotation().month_day)


@formats_setting("time_zone")
def _describe_time_zone(value: str | None) -> str:
    return _("Time zone: {zone}").format(zone=value or Rotation().time_zone)


@formats_setting("announcement_channel_id")
def _describe_announcement_channel(value: str | None) -> str:
    return _("Announced in {channel}").format(channel=f"<#{value}>") if value else _("Not announced anywhere")


@formats_setting("announcement_role_id")
def _describe_announcement_role(value: str | None) -> str:
    return _("Pings {role}").format(role=f"<@&{value}>") if value else _("Pings nobody")


@formats_setting("has_announcement_thread")
def _describe_announcement_thread(value: str | None) -> str:
    return _describe_thread(is_on=value == str(True))


@formats_setting("has_retrospective")
def _describe_retrospective_change(value: str | None) -> str:
    return _describe_retrospective(is_on=value != str(False))


@formats_setting("refill")
def _describe_refill(value: str | None) -> str:
    label = REFILL_LABELS[RefillMode(value or RefillMode.OFF)]
    return _("When the queue is empty: {choice}").format(choice=_(label))


@formats_setting("poll_hours")
def _describe_poll_hours(value: str | None) -> str:
    if value is None:
        return _("Votes last until picks change, a day at most")
    return _format_poll_hours(int(value))


@formats_setting("is_announcement_published")
def _describe_publishing(value: str | None) -> str:
    return _("Published to following servers") if value == str(True) else _("Not published to following servers")


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
