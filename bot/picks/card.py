"""The large card of a pick: what it is, why, until when, who goes."""

import asyncio
import contextlib
from collections.abc import Collection
from datetime import datetime
from typing import Any

import discord
from discord import ui

from bot.core.discord import COLOUR, Button, ServiceRegistry, View, custom_id, get_service, require_guild_id
from bot.core.errors import FilmGoneError
from bot.core.images.title_card import ATTACHMENT_URL, FILENAME
from bot.core.text.escaping import escape, escape_line, format_user_text
from bot.core.text.formatting import clean_line, join_limited, truncate
from bot.films.embeds import TMDB_NOTICE, create_film_title_card
from bot.films.metadata import Details
from bot.films.metadata_service import MetadataService
from bot.films.models import Film
from bot.films.service import FilmService
from bot.members.names import MemberNames, with_mentions
from bot.members.privacy_service import PrivacyService
from bot.picks.engagement import PickEngagementService
from bot.picks.models import Pick, Programme, State
from bot.picks.service import PickService
from bot.picks.timeline import forecast
from bot.picks.timing import told, told_there
from bot.reviews.embeds import summarise_stars
from bot.reviews.service import ReviewService
from bot.reviews.views import RateButton, ReviewsButton
from bot.watchlists.views import WatchlistButton

NOTE_SHOWN = 1_000
GOERS_SHOWN = 900
PATIENCE = 5.0
"""Seconds that a card waits for what a source online knows of its film."""


def when(moment: datetime, zone: str) -> str:
    """Give a time in the server's zone, and how far it is."""
    return f"{told(moment, zone)}, {discord.utils.format_dt(moment, 'R')}"


def when_there(moment: datetime, zone: str) -> str:
    """Give the same for a list that names the zone once."""
    return f"{told_there(moment, zone)}, {discord.utils.format_dt(moment, 'R')}"


def colour_of(guild: discord.Guild) -> discord.Colour:
    """Give the server's colour: that of Marquee's own role there, or Marquee's yellow where it has none."""
    colour = guild.me.colour if guild.me is not None else discord.Colour.default()
    return colour if colour.value else COLOUR


async def card(
    services: ServiceRegistry,
    guild: discord.Guild,
    pick: Pick,
    there: discord.Message | None = None,
    pinged: Collection[int] = (),
) -> dict[str, Any]:
    """Give the message with the pick's card; `there` is the message that it is to change, if any.

    A new message pings the roles `pinged`; one that is to be changed keeps those that it pinged. The picture is
    the film's poster where one is known, else a drawn title card. Raises FilmGoneError.
    """
    film = await services.get(FilmService).get(pick.film_id)
    if film is None:
        raise FilmGoneError
    known = await services.get(MetadataService).look(film)
    details = known.details if known is not None else None
    embed = await _embed(services, guild, pick, film)
    _tell(embed, guild, film, details)
    view = View(RateButton(film.id), ReviewsButton(film.id), WatchlistButton(film.id))
    if pick.state is State.CURRENT:
        view.add_item(GoingButton(str(pick.id)))
    message = _pinging({"embed": embed, "view": view}, pinged if there is None else there.raw_role_mentions)
    if details is not None and details.poster:
        embed.set_image(url=details.poster)
        # A drawn card from before the poster was known would stand beside it.
        return message if there is None else {**message, "attachments": []}
    embed.set_image(url=ATTACHMENT_URL)
    if there is None or FILENAME not in {each.filename for each in there.attachments}:
        # Drawing takes a good part of a second; the others' interactions go on meanwhile.
        drawn = await asyncio.to_thread(create_film_title_card, film, colour_of(guild))
        message["files" if there is None else "attachments"] = [drawn]
    return message


def _pinging(message: dict[str, Any], roles: Collection[int]) -> dict[str, Any]:
    """Give the message with the roles that it pings, and those whom its embed names and it doesn't ping, above."""
    # A change pings no role again, but one that it doesn't allow may lose its highlight.
    allowed = [discord.Object(role) for role in roles]
    mentions = discord.AllowedMentions(everyone=False, users=False, roles=allowed or False)
    return {**with_mentions(message, " ".join(f"<@&{role}>" for role in roles)), "allowed_mentions": mentions}


async def fetch(services: ServiceRegistry, film_id: str) -> None:
    """Let the film's poster and texts be fetched where they are missing or old, if that is quick."""
    film = await services.get(FilmService).get(film_id)
    if film is not None and services.get(MetadataService).enabled:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await services.get(MetadataService).fetch(film)


async def _embed(services: ServiceRegistry, guild: discord.Guild, pick: Pick, film: Film) -> discord.Embed:
    programme = await services.get(PickService).programme(guild.id)
    goers = await services.get(PickEngagementService).goers(pick.id)
    names = MemberNames(await services.get(PrivacyService).list_privacy(goers))
    stars = await services.get(ReviewService).repository.get_film_stars(guild.id, film.id)
    on = pick.state is State.CURRENT
    embed = discord.Embed(title=truncate(escape(clean_line(film.dated_title)), 256), colour=colour_of(guild))
    head = "On the marquee" if on else "Was on the marquee"
    embed.set_author(name=truncate(f"{head} · {clean_line(pick.series.name)}" if pick.series else head, 256))
    if pick.note:
        embed.add_field(name="Why", value=format_user_text(pick.note, NOTE_SHOWN), inline=False)
    embed.add_field(name="Until", value=until(pick, programme), inline=False)
    embed.add_field(name="Stars here", value=summarise_stars(stars), inline=False)
    if goers:
        who = join_limited([names.format(member) for member in goers], GOERS_SHOWN)
        embed.add_field(name=f"{'Going' if on else 'Went'}: {len(goers)}", value=who, inline=False)
    return embed


def _tell(embed: discord.Embed, guild: discord.Guild, film: Film, details: Details | None) -> None:
    """Say what the film is about, in the server's language where it is known online, and by whom it is known."""
    lines = (
        [f"*{escape_line(film.original_title, 200)}*"]
        if clean_line(film.original_title) != clean_line(film.title)
        else []
    )
    story = film.logline
    if details is not None:
        story = details.text(str(guild.preferred_locale)).overview or story or details.text("en").overview
        embed.set_footer(text=TMDB_NOTICE)
    if story:
        lines.append(escape_line(story, 800))
    embed.description = "\n".join(lines) or None


def until(pick: Pick, programme: Programme) -> str:
    """Say until when the pick is on."""
    zone = programme.settings.rotation.zone
    if pick.state is not State.CURRENT and pick.ended_at is not None:
        return when(pick.ended_at, zone)
    ends = pick.ends_at or min(forecast(programme).values(), default=None)
    return when(ends, zone) if ends is not None else "The next pick comes on"


class GoingButton(Button, template=r"v1:going:(?P<pick_id>\d{1,18})"):
    """“I'm in”: puts who presses on the list of those who plan to watch, and takes them off again."""

    def __init__(self, pick_id: str) -> None:
        self.pick_id = int(pick_id)
        button: ui.Button[Any] = ui.Button(
            label="I'm in", style=discord.ButtonStyle.success, custom_id=custom_id("going", pick_id)
        )
        super().__init__(button)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Change the list, and the card with it."""
        server_id = require_guild_id(interaction)
        going = await get_service(interaction, PickEngagementService).set_going(
            server_id, self.pick_id, interaction.user.id
        )
        pick = await get_service(interaction, PickService).get(server_id, self.pick_id)
        if interaction.guild is not None and interaction.message is not None:
            shown = await card(interaction.client.services.registry, interaction.guild, pick, interaction.message)
            await interaction.response.edit_message(**shown)
        title = escape_line(pick.title, 200)
        told_them = f"You're in for **{title}**." if going else f"You're off the list for **{title}**."
        await interaction.followup.send(told_them, ephemeral=True)
        # This may be another copy of the card than the announcement.
        interaction.client.dispatch("marquee_shown_anew", server_id, pick.film_id)


ITEMS = (GoingButton,)
