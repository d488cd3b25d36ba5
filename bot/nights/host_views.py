"""What hosts are told and asked: what they changed, whether to cancel a night, and who chooses its film."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    Acknowledgement,
    Button,
    Response,
    View,
    custom_id,
    edit_or_respond,
    get_service,
    require_guild_id,
)
from bot.core.text.formatting import escape_line, join_list
from bot.core.text.i18n import _, ngettext
from bot.films.models import Film
from bot.films.views import require_film
from bot.nights.embeds import REPEAT_LABELS, describe_place, describe_reminders, describe_theme
from bot.nights.models import Answer, Choosing, Night, NightOverError, NightSnapshot, NightState, Repeat
from bot.nights.permissions import require_host
from bot.nights.service import NightEdit, NightService


def describe_plan(night: Night, missing: Sequence[str]) -> str:
    """Return the reply to a host who planned the night. `missing` are the permissions its channel lacks."""
    name, channel = escape_line(night.name, 100), f"<#{night.channel_id}>"
    if missing:
        return _(
            "**{name}** is planned, but I can't post its card in {channel}. Allow me: {missing}. "
            "I'll post it once I can."
        ).format(name=name, channel=channel, missing=join_list(missing))
    if night.state is NightState.POLLING:
        return _describe_poll(night)
    when = discord.utils.format_dt(night.starts_at, "F")
    return _("**{name}** is planned for {when}. Its card is in {channel}.").format(
        name=name, when=when, channel=channel
    )


def describe_default_zone() -> str:
    """Return that nobody has chosen the server's time zone, and how to."""
    return _("Times are in UTC. Set the server's time zone with `/pick rotate zone:`.")


def describe_changes(before: Night, after: Night, film_title: str | None = None) -> str:
    """Return what a host changed about a night; `film_title` is the film's, if they chose one."""
    name, when = escape_line(after.name, 100), discord.utils.format_dt(after.starts_at, "F")
    if after.channel_id != before.channel_id:
        first = describe_plan(after, ())
    elif after.poll_times != before.poll_times:
        first = _describe_poll(after)
    elif after.starts_at != before.starts_at or before.state is NightState.POLLING is not after.state:
        first = _("Updated. **{name}** starts {when}.").format(name=name, when=when)
    else:
        first = _("Updated **{name}**.").format(name=name)
    lines = [first]
    if film_title is not None:
        title = escape_line(film_title, 200)
        lines.append(_("The film for **{name}** is **{title}**.").format(name=name, title=title))
    if (after.place, after.voice_channel_id) != (before.place, before.voice_channel_id):
        place = describe_place(after)
        lines.append(_("Where: {place}").format(place=place) if place else _("Removed the place."))
    if after.theme != before.theme:
        theme = describe_theme(after)
        lines.append(_("Theme: {theme}").format(theme=theme) if theme else _("Removed the theme."))
    lines += _describe_closing(before, after)
    if after.reminders != before.reminders:
        lines.append(describe_reminders(after))
    if after.repeat is not before.repeat:
        lines.append(_(REPEAT_LABELS[after.repeat]))
    return "\n".join(lines)


def _describe_poll(night: Night) -> str:
    until = discord.utils.format_dt(night.poll_closes_at or night.starts_at, "F")
    return _("Members choose a day for **{name}** until {time}. Its card is in {channel}.").format(
        name=escape_line(night.name, 100), time=until, channel=f"<#{night.channel_id}>"
    )


def _describe_closing(before: Night, after: Night) -> list[str]:
    """Return when nominations and the ballot close now, where that was changed or moved with the start."""
    nominations, ballot = after.nominations_close_at, after.ballot_closes_at
    lines: list[str] = []
    if after.film_id is not None:
        return lines
    if nominations is not None and nominations != before.nominations_close_at:
        if after.takes_nominations:
            lines.append(_("Nominations close {time}.").format(time=discord.utils.format_dt(nominations, "F")))
        elif after.choosing is Choosing.TURNS and after.state is NightState.NOMINATING:
            when = discord.utils.format_dt(nominations, "R")
            lines.append(_("You'll see whose turn it is {time}.").format(time=when))
    if after.choosing is Choosing.BALLOT and ballot is not None and ballot != before.ballot_closes_at:
        lines.append(_("Voting ends {time}.").format(time=discord.utils.format_dt(ballot, "F")))
    return lines


def ask_what_to_cancel(snapshot: NightSnapshot) -> Response:
    """Return the question whether the night is cancelled; of those that repeat one, or all of them."""
    night = snapshot.night
    name, when = escape_line(night.name, 100), discord.utils.format_dt(night.starts_at, "F")
    night_id = str(night.id)
    if night.repeat is not Repeat.NEVER:
        # Translators: {name} is a film night that repeats, {when} a day and time
        text = _("**{name}** repeats. Cancel only the night on {when}, or all coming nights?")
        buttons = [
            CancelButton(night_id, "one"),
            CancelButton(night_id, "all", _("All coming nights")),
        ]
    else:
        # Translators: {name} is a film night, {when} a day and time
        text = _("Cancel **{name}** on {when}?")
        buttons = [CancelButton(night_id, "all")]
    facts = []
    if coming := len(snapshot.list_members(Answer.YES)):
        facts.append(f"{_('Coming')} ({coming})")
    if nominated := len(snapshot.standing):
        facts.append(_("Nominated ({count})").format(count=nominated))
    lines = [text.format(name=name, when=when), " · ".join(facts)]
    view = View(*buttons, KeepNightButton(night_id))
    return Response("\n".join(filter(None, lines)), view=view, is_ephemeral=True)


class CancelButton(Button, template=r"v1:night-cancel:(?P<night_id>\d{1,18}):(?P<extent>one|all)"):
    """Cancels a night, or one night of those that repeat."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, night_id: str, extent: str, label: str = "") -> None:
        self.night_id = int(night_id)
        self.is_one = extent == "one"
        label = label or (_("Only this night") if self.is_one else _("Cancel the night"))
        style = discord.ButtonStyle.secondary if self.is_one else discord.ButtonStyle.danger
        item = custom_id("night-cancel", night_id, extent)
        super().__init__(ui.Button(label=label, style=style, custom_id=item))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Cancel it; say so in place of the question if somebody has. Raises NotHostError, NightGoneError."""
        nights, server_id = get_service(interaction, NightService), require_guild_id(interaction)
        night = await nights.get(server_id, self.night_id)
        await require_host(interaction, night)
        name = escape_line(night.name, 100)
        try:
            if self.is_one:
                following = await nights.skip(server_id, night.id)
                when = discord.utils.format_dt(following.starts_at, "F")
                content = _("This **{name}** is cancelled. The next one is on {when}.").format(
                    name=name, when=when
                )
            else:
                await nights.cancel(server_id, night.id)
                content = _("**{name}** is cancelled.").format(name=name)
        except NightOverError as error:
            content = str(error)
        interaction.client.dispatch("nights_changed", server_id)
        await edit_or_respond(interaction, Response(content, view=View()), edit=True)


class KeepNightButton(Button, template=r"v1:night-keep:(?P<night_id>\d{1,18})"):
    """Closes a question about a night, which stays as it is."""

    acknowledgement = Acknowledgement.EDIT_IF_BUSY

    def __init__(self, night_id: str, label: str = "") -> None:
        self.night_id = int(night_id)
        super().__init__(ui.Button(label=label or _("Keep it"), custom_id=custom_id("night-keep", night_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Say when the night starts. Raises NightGoneError."""
        night = await get_service(interaction, NightService).get(require_guild_id(interaction), self.night_id)
        when = discord.utils.format_dt(night.starts_at, "R")
        content = _("**{name}** starts {when}.").format(name=escape_line(night.name, 100), when=when)
        await edit_or_respond(interaction, Response(content, view=View()), edit=True)


def replaces_nominations(snapshot: NightSnapshot) -> bool:
    """Return whether films are nominated that a host's own choice would set aside."""
    night = snapshot.night
    return bool(snapshot.standing) and (night.takes_nominations or night.state is NightState.VOTING)


def ask_whose_choice(snapshot: NightSnapshot, film: Film, done: str = "") -> Response:
    """Return the question whether the host chooses the film though others are nominated.

    `done` is what else they changed.
    """
    night, count = snapshot.night, len(snapshot.standing)
    question = ngettext(
        "{count} film is nominated for **{name}**. Choose **{title}** yourself instead?",
        "{count} films are nominated for **{name}**. Choose **{title}** yourself instead?",
        count,
    ).format(count=count, name=escape_line(night.name, 100), title=escape_line(film.shown_title, 200))
    night_id = str(night.id)
    # Translators: a button: the members' nominations and votes decide, not the host
    keep = KeepNightButton(night_id, _("Let members vote"))
    content = "\n".join(filter(None, (done, question)))
    return Response(content, view=View(ChooseFilmButton(night_id, film.id), keep), is_ephemeral=True)


class ChooseFilmButton(Button, template=r"v1:night-set-film:(?P<night_id>\d{1,18}):(?P<film_id>[a-z0-9-]+)"):
    """Makes a film the night's, whatever is nominated."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, night_id: str, film_id: str) -> None:
        self.night_id, self.film_id = int(night_id), film_id
        style = discord.ButtonStyle.danger
        item = custom_id("night-set-film", night_id, film_id)
        super().__init__(ui.Button(label=_("Choose the film"), style=style, custom_id=item))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Choose it. Raises NotHostError, NightGoneError, NightOverError, FilmGoneError."""
        nights, server_id = get_service(interaction, NightService), require_guild_id(interaction)
        night = await nights.get(server_id, self.night_id)
        await require_host(interaction, night)
        film = await require_film(interaction, self.film_id)
        night = await nights.edit(server_id, night.id, NightEdit(film_id=film.id))
        interaction.client.dispatch("nights_changed", server_id)
        content = _("The film for **{name}** is **{title}**.").format(
            name=escape_line(night.name, 100), title=escape_line(film.shown_title, 200)
        )
        await edit_or_respond(interaction, Response(content, view=View()), edit=True)


ITEMS = (CancelButton, KeepNightButton, ChooseFilmButton)
