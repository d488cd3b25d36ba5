"""Choosing the day of a night from its poll, and letting one's turn to choose the film go by."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import discord
from discord import ui
from discord.utils import format_dt

from bot.core.discord import (
    Acknowledgement,
    Button,
    Menu,
    Response,
    View,
    custom_id,
    edit_or_respond,
    get_service,
    require_guild_id,
    respond,
)
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT
from bot.core.text.formatting import escape_line, truncate
from bot.core.text.i18n import _
from bot.nights.models import Night, NightState, PollClosedError
from bot.nights.service import NightService
from bot.picks.dates import format_time_without_zone


def _render_days(night: Night, zone: str, chosen: Collection[datetime]) -> Response:
    """Return the member's own days, with the menu that changes them."""
    lines = [_("Which can you make? Pick as many as you like; nobody sees who picked what.")]
    lines += [
        f"{number}. {format_dt(each, 'F')}{' ✓' if each in chosen else ''}"
        for number, each in enumerate(night.poll_times, start=1)
    ]
    if night.poll_closes_at is not None:
        lines.append(_("You can change it until {time}.").format(time=format_dt(night.poll_closes_at, "f")))
    options = [
        discord.SelectOption(
            # The number says which day above it is, which Discord shows in the reader's own time.
            label=truncate(f"{number}. {format_time_without_zone(each, zone)}", CHOICE_LENGTH_LIMIT),
            value=str(int(each.timestamp())),
            description=zone,
            default=each in chosen,
        )
        for number, each in enumerate(night.poll_times, start=1)
    ]
    return Response("\n".join(lines), view=View(DayMenu(night.id, options)), is_ephemeral=True)


class DayButton(Button, template=r"v1:night-days:(?P<night_id>\d{1,18})"):
    """Opens the member's own days."""

    def __init__(self, night_id: str) -> None:
        self.night_id = int(night_id)
        item = custom_id("night-days", night_id)
        super().__init__(
            ui.Button(label=_("Choose days"), style=discord.ButtonStyle.primary, custom_id=item, row=0)
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the days, for the member alone. Raises PollClosedError."""
        nights, server_id = get_service(interaction, NightService), require_guild_id(interaction)
        night = await nights.get(server_id, self.night_id)
        if night.state is not NightState.POLLING:
            raise PollClosedError
        chosen = await nights.repository.get_days(server_id, night.id, interaction.user.id)
        response = _render_days(night, await nights.get_zone(server_id), chosen)
        await respond(interaction, response, ephemeral=True)


class DayMenu(Menu, template=r"v1:night-day:(?P<night_id>\d{1,18})"):
    """The days and times of a poll; those chosen are the ones that the member can make."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, night_id: int, options: list[discord.SelectOption]) -> None:
        self.night_id = night_id
        item = custom_id("night-day", night_id)
        super().__init__(
            ui.Select(
                custom_id=item,
                options=options,
                placeholder=_("The days you can make"),
                min_values=0,
                max_values=len(options),
            )
        )

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read the night."""
        self.night_id = int(state["night_id"])

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store the days and show them."""
        nights, server_id = get_service(interaction, NightService), require_guild_id(interaction)
        times = [datetime.fromtimestamp(int(value), UTC) for value in self.item.values if value.isdecimal()]
        chosen = await nights.vote_days(server_id, self.night_id, interaction.user.id, times)
        interaction.client.dispatch("nights_changed", server_id)
        night = await nights.get(server_id, self.night_id)
        response = _render_days(night, await nights.get_zone(server_id), chosen)
        await edit_or_respond(interaction, response, edit=True)


class PassButton(Button, template=r"v1:night-pass:(?P<night_id>\d{1,18})"):
    """Lets the turn of the member who presses go to the next."""

    acknowledgement = Acknowledgement.REPLY

    def __init__(self, night_id: str) -> None:
        self.night_id = int(night_id)
        super().__init__(ui.Button(label=_("Pass"), custom_id=custom_id("night-pass", night_id), row=1))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store it. Raises NotYourTurnError."""
        nights, server_id = get_service(interaction, NightService), require_guild_id(interaction)
        await nights.pass_turn(server_id, self.night_id, interaction.user.id)
        interaction.client.dispatch("nights_changed", server_id)
        night = await nights.get(server_id, self.night_id)
        content = _("You passed. Someone else chooses the film for **{name}**.")
        if night.state is not NightState.CHOOSING:
            content = _("No film was chosen for **{name}**. A host can pick one with `/night edit`.")
        name = escape_line(night.name, 100)
        await respond(interaction, Response(content.format(name=name)), ephemeral=True)


ITEMS = (DayButton, DayMenu, PassButton)
