"""What members are told of a night in the channel or directly: that it begins soon, is moved, or is cancelled."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import discord

from bot.core.discord import Response
from bot.core.text.formatting import escape_line
from bot.core.text.i18n import _
from bot.films.local_titles import shown_title
from bot.nights.embeds import describe_missing_film, describe_place
from bot.nights.models import Night, NightSnapshot, NightState


class NightLink(discord.ui.Button[Any]):
    """A link to a night's card, for direct messages, by which a reminder is found again."""

    def __init__(self, server_id: int, night: Night) -> None:
        url = f"https://discord.com/channels/{server_id}/{night.channel_id}"
        if night.message_id is not None:
            url += f"/{night.message_id}"
        super().__init__(label=_("Open the night"), url=url)


def list_button_urls(message: discord.Message) -> set[str]:
    """Return the addresses of the message's link buttons."""
    children = [child for row in message.components for child in getattr(row, "children", [])]
    return {child.url for child in children if getattr(child, "url", None)}


def lacks_film(night: Night) -> bool:
    """Return whether a host has to choose the night's film."""
    return night.state is NightState.READY and night.film_id is None


def remind_response(snapshot: NightSnapshot, member_ids: Sequence[int]) -> Response:
    """Return the reminder that mentions these members."""
    night = snapshot.night
    when = discord.utils.format_dt(night.starts_at, "R")
    name = escape_line(night.name, 100)
    if snapshot.film is not None:
        title = escape_line(shown_title(snapshot.film), 200)
        text = _("**{name}** starts {when}: **{title}**.").format(name=name, when=when, title=title)
    else:
        text = _("**{name}** starts {when}.").format(name=name, when=when)
        if lacks_film(night):
            text += " " + describe_missing_film()
    if place := describe_place(night):
        text += " " + _("Where: {place}").format(place=place)
    return mention_members(text, member_ids)


def mention_members(text: str, member_ids: Sequence[int]) -> Response:
    """Return a message with the text that mentions these members, and nobody else."""
    mentions = " ".join(f"<@{member_id}>" for member_id in member_ids)
    users = [discord.Object(member_id) for member_id in member_ids]
    return Response(
        "\n".join(filter(None, (text, mentions))),
        allowed_mentions=discord.AllowedMentions(everyone=False, roles=False, users=users),
    )


def describe_move(night: Night, before: datetime) -> str:
    """Return that the night was moved from the start that it had before."""
    old, new = (discord.utils.format_dt(each, "F") for each in (before, night.starts_at))
    # Translators: {name} is a film night, {before} and {when} a day and time
    text = _("**{name}** is moved from {before} to {when}.")
    return text.format(name=escape_line(night.name, 100), before=old, when=new)


def describe_set_day(night: Night) -> str:
    """Return that a host chose the day before the poll for it had closed."""
    when = discord.utils.format_dt(night.starts_at, "F")
    # Translators: members were voting on the day of the film night {name}; {when} is a day and time
    return _("The day is set: **{name}** is on {when}.").format(name=escape_line(night.name, 100), when=when)


def describe_cancellation(night: Night) -> str:
    """Return that the night was cancelled."""
    when = discord.utils.format_dt(night.starts_at, "F")
    # Translators: {name} is a film night, {when} a day and time
    return _("**{name}** on {when} is cancelled.").format(name=escape_line(night.name, 100), when=when)


def describe_ballot(snapshot: NightSnapshot) -> str:
    """Return until when members vote, or that they no longer can."""
    night = snapshot.night
    name = escape_line(night.name, 100)
    if night.state is not NightState.VOTING:
        return _("Voting for **{name}** is over.").format(name=name)
    until = discord.utils.format_dt(night.ballot_closes_at or night.starts_at, "F")
    return _("Voting for **{name}** is open until {time}. {count} films are nominated.").format(
        name=name, time=until, count=len(snapshot.standing)
    )
