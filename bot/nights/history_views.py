"""`/night history` and `/night stats`, and autocomplete of the nights to come."""

from typing import Any

import discord
from discord import app_commands, ui

from bot.core.discord import (
    COLOUR,
    Acknowledgement,
    Button,
    Choices,
    Response,
    View,
    autocomplete,
    can_edit_message,
    custom_id,
    edit_or_respond,
    get_service,
    require_guild_id,
)
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT
from bot.core.images.charts import LabelledBar, create_bar_chart
from bot.core.text.cldr import format_day_of_year, format_decimal
from bot.core.text.formatting import clean_line, escape_line, join_list, truncate
from bot.core.text.i18n import _, ngettext
from bot.films.lists import film_option
from bot.films.local_titles import shown_title
from bot.films.views import FilmMenu
from bot.members.context import MemberNames, get_member_names, with_mentions
from bot.nights.history_repository import NightHistoryRepository, NightStats, PastNight
from bot.nights.models import PrivateAttendanceError
from bot.nights.service import NightService
from bot.picks.rotation import to_local

STATS_IMAGE = "nights.png"
BARS_LIMIT = 8
MAX_STARS = 5.0


@autocomplete
async def suggest_nights(interaction: discord.Interaction[Any], current: str) -> Choices:
    """Return the nights to come whose name contains the text, out of memory."""
    query = current.strip().casefold()
    planned = get_service(interaction, NightService).cache.get(require_guild_id(interaction))
    if planned is None:
        return []
    return [
        app_commands.Choice(
            name=truncate(
                clean_line(f"{night.name} · {format_day_of_year(to_local(night.starts_at, planned.zone))}"),
                CHOICE_LENGTH_LIMIT,
            ),
            value=str(night.id),
        )
        for night in planned.nights
        if query in night.name.casefold()
    ]


async def render_history(
    interaction: discord.Interaction[Any], page: int = 0, partner_id: int | None = None
) -> Response:
    """Return a page of past nights, the last one if there are not so many.

    With a partner only of those to which both came: them, and the member who asks. Raises PrivateAttendanceError.
    """
    repository = get_service(interaction, NightHistoryRepository)
    partners = [partner_id] if partner_id is not None else []
    together = {interaction.user.id, *partners} if partners else set()
    history = await repository.get_history(require_guild_id(interaction), page, together=together)
    hosts = [each.host_id for each in history.nights if each.host_id is not None]
    names = await get_member_names(interaction, [*hosts, *partners])
    embed = discord.Embed(title=_("Past film nights"), colour=COLOUR)
    lines = [_format_past(night, names) for night in history.nights]
    if partner_id is None:
        embed.description = "\n\n".join(lines) or _("No film nights yet. A host can plan one with `/night plan`.")
    else:
        if names.is_hidden(partner_id) and partner_id != interaction.user.id:
            raise PrivateAttendanceError
        name = names.format(partner_id)
        # Translators: {name} is another member; a list of film nights to which both came follows
        head = ngettext(
            "You and {name} have been to {count} film night together.",
            "You and {name} have been to {count} film nights together.",
            history.count,
        ).format(name=name, count=history.count)
        if not history.count:
            # Translators: {name} is another member
            head = _("You and {name} haven't been to a film night together yet.").format(name=name)
        embed.description = "\n\n".join((head, *lines))
    if history.page_count > 1:
        embed.set_footer(
            text=ngettext(
                "{count} night · page {page} of {pages}", "{count} nights · page {page} of {pages}", history.count
            ).format(count=history.count, page=history.page + 1, pages=history.page_count)
        )
    view = View()
    watched = {night.film.film_id: film_option(night.film) for night in history.nights if night.film is not None}
    if watched:
        view.add_item(FilmMenu([*watched.values()]))
    partner = f":{partner_id}" if partner_id is not None else ""
    if history.page > 0:
        view.add_item(HistoryButton(str(history.page - 1), partner, _("Newer")))
    if history.page + 1 < history.page_count:
        view.add_item(HistoryButton(str(history.page + 1), partner, _("Older")))
    return with_mentions(Response(embeds=(embed,), view=view if view.children else None))


def _format_past(night: PastNight, names: MemberNames) -> str:
    lines = [f"**{escape_line(night.name, 80)}** · {discord.utils.format_dt(night.starts_at, 'D')}"]
    parts = [escape_line(shown_title(night.film), 80) if night.film is not None else _("No film")]
    if night.average is not None:
        parts.append(f"★ {format_decimal(night.average)} ({len(night.half_stars)})")
    lines.append(" · ".join(parts))
    people = [ngettext("{count} came", "{count} came", night.attendees).format(count=night.attendees)]
    if night.host_id is not None:
        people.append(_("Host: {name}").format(name=names.format(night.host_id)))
    lines.append(" · ".join(people))
    return "\n".join(lines)


class HistoryButton(Button, template=r"v1:night-history:(?P<page>\d{1,5})(?P<partner>:\d{1,20})?"):
    """Shows another page of past nights, of those with a partner if there is one."""

    acknowledgement = Acknowledgement.EDIT_OWN_IF_BUSY

    def __init__(self, page: str, partner: str | None = None, label: str = "…") -> None:
        self.page = int(page)
        self.partner_id = int(partner.removeprefix(":")) if partner else None
        super().__init__(ui.Button(label=label, custom_id=custom_id("night-history", page) + (partner or "")))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page for the member whose command it was, and show it privately to others."""
        response = await render_history(interaction, self.page, self.partner_id)
        await edit_or_respond(interaction, response, edit=can_edit_message(interaction))


async def render_stats(interaction: discord.Interaction[Any]) -> Response:
    """Return what the server's nights add up to, with a picture of the best rated ones."""
    stats = await get_service(interaction, NightHistoryRepository).get_stats(require_guild_id(interaction))
    members = {member for counted in (stats.hosts, stats.winners, stats.regulars) for member, _count in counted}
    names = await get_member_names(interaction, members)
    embed = discord.Embed(title=_("Film night statistics"), colour=COLOUR)
    if not stats.count:
        embed.description = _("No film nights yet. A host can plan one with `/night plan`.")
        return Response(embeds=(embed,))
    nights = ngettext("{count} night", "{count} nights", stats.count).format(count=stats.count)
    films = ngettext("{count} film", "{count} films", stats.film_count).format(count=stats.film_count)
    embed.description = f"{nights} · {films}"
    counted = (
        (_("Hosts"), stats.hosts),
        (_("Winning nominations"), stats.winners),
        (_("Regulars"), stats.regulars),
    )
    for title, members_counted in counted:
        lines = [
            f"{names.format(member)} · {count}" for member, count in members_counted if not names.is_hidden(member)
        ]
        if lines:
            embed.add_field(name=title, value="\n".join(lines))
    for title, night in ((_("Best night"), stats.best), (_("Worst night"), stats.worst)):
        if night is not None:
            embed.add_field(
                name=title, value=_format_past(night, MemberNames({})).rpartition("\n")[0], inline=False
            )
    files: tuple[discord.File, ...] = ()
    if stats.rated:
        files = (_create_chart(stats),)
        embed.set_image(url=f"attachment://{STATS_IMAGE}")
    return with_mentions(Response(embeds=(embed,), files=files))


def _create_chart(stats: NightStats) -> discord.File:
    bars = [
        LabelledBar(clean_line(shown_title(night.film) if night.film else night.name), night.average or 0.0)
        for night in stats.rated[:BARS_LIMIT]
    ]
    films = join_list(f"{bar.label} {format_decimal(bar.value)}" for bar in bars)
    description = _("Average rating of each film: {films}").format(films=films)
    return create_bar_chart(bars, maximum=MAX_STARS, filename=STATS_IMAGE, description=description, digits=1)


ITEMS = (HistoryButton,)
