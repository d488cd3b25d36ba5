"""Discord's scheduled event of a night: made, brought up to date and ended with it."""

import asyncio
from typing import Any

import discord

from bot.core.images.title_card import create_title_card
from bot.core.text.formatting import clean_line, escape_line_to_fit, truncate
from bot.core.text.i18n import _
from bot.films.card import create_film_title_card
from bot.films.local_titles import shown_title
from bot.films.service import FilmService
from bot.nights.embeds import describe_theme
from bot.nights.models import EVENT_MARGIN, NightJob, NightSnapshot, NightState
from bot.nights.permissions import may_create_events
from bot.nights.repository import NightRepository
from bot.picks.embeds import get_guild_colour

NAME_LIMIT, DESCRIPTION_LIMIT, LOCATION_LIMIT = 100, 1_000, 100
"""Characters that Discord takes of an event."""
UNKNOWN_EVENT = 10070


class NightEvents:
    """Keeps the events of nights, where Marquee is allowed to."""

    def __init__(self, nights: NightRepository, films: FilmService) -> None:
        self._nights = nights
        self._films = films

    async def sync(self, guild: discord.Guild, snapshot: NightSnapshot, _job: NightJob) -> None:
        """Bring the night's event up to date; a night to come without one gets it."""
        night = snapshot.night
        if not may_create_events(guild):
            return
        if night.event_id is not None:
            await self._update(guild, snapshot, night.event_id)
            return
        if (
            night.state is NightState.POLLING
            or not night.state.is_open
            or night.starts_at <= discord.utils.utcnow()
        ):
            return
        event = await self._find(guild, snapshot)
        if event is None:
            picture = await self._draw(guild, snapshot)
            event = await guild.create_scheduled_event(**_describe(guild, snapshot), image=picture)
        # A job that brings something up to date may be asked for, and done by another process, while it is done.
        if await self._nights.set_event(night.id, event.id, night.film_id) != event.id:
            await event.delete()

    async def list_interested(self, guild: discord.Guild, snapshot: NightSnapshot) -> list[int] | None:
        """Return the ids of the members who are interested in the night's event, or None if it has none."""
        if snapshot.night.event_id is None:
            return None
        try:
            event = await guild.fetch_scheduled_event(snapshot.night.event_id)
            return [user.id async for user in event.users() if not user.bot]
        except (discord.NotFound, discord.Forbidden):
            return None

    async def _find(self, guild: discord.Guild, snapshot: NightSnapshot) -> discord.ScheduledEvent | None:
        """Return the event that a process made which died before it could store it, or None."""
        wanted = _describe(guild, snapshot)
        taken = await self._nights.list_event_ids(guild.id)
        for event in await guild.fetch_scheduled_events():
            is_same = event.name == wanted["name"] and event.start_time == wanted["start_time"]
            if (
                is_same
                and event.id not in taken
                and event.creator_id == guild.me.id
                and event.status is discord.EventStatus.scheduled
            ):
                return event
        return None

    async def _update(self, guild: discord.Guild, snapshot: NightSnapshot, event_id: int) -> None:
        night = snapshot.night
        try:
            event = await guild.fetch_scheduled_event(event_id)
        except discord.NotFound:  # somebody deleted it, and does not want it back
            return
        is_scheduled = event.status is discord.EventStatus.scheduled
        if night.state is NightState.CANCELLED:
            if is_scheduled:
                await event.cancel()
            elif event.status is discord.EventStatus.active:
                await event.end()
        elif night.state is NightState.RUNNING and is_scheduled:
            await event.start()
        elif night.state is NightState.ENDED and event.status is discord.EventStatus.active:
            await event.end()
        elif (
            night.state.is_open
            and night.state is not NightState.POLLING
            and is_scheduled
            and night.starts_at > discord.utils.utcnow()
        ):
            fields = _describe(guild, snapshot)
            if night.film_id == night.event_film_id:
                await event.edit(**fields)
                return
            await event.edit(**fields, image=await self._draw(guild, snapshot))
            await self._nights.set_place_of(night.id, event_film_id=night.film_id)

    async def _draw(self, guild: discord.Guild, snapshot: NightSnapshot) -> bytes:
        """Return the event's picture: the film's title card, or the night's name drawn like one."""
        night = snapshot.night
        film = await self._films.repository.get(night.film_id) if night.film_id is not None else None
        colour = get_guild_colour(guild)
        if film is not None:
            file = await asyncio.to_thread(create_film_title_card, film, colour)
        else:
            facts = [clean_line(night.theme)] if night.theme else []
            file = await asyncio.to_thread(
                create_title_card, [night.name], fallback=_("Film night"), original_title=night.name, facts=facts,
                colour=colour,
            )  # fmt: skip
        return file.fp.read()


def _has_event(snapshot: NightSnapshot) -> bool:
    """Return whether the night is to come, on a day that is known."""
    night = snapshot.night
    is_set = night.state.is_open and night.state is not NightState.POLLING
    return is_set and night.starts_at > discord.utils.utcnow()


def _describe(guild: discord.Guild, snapshot: NightSnapshot) -> dict[str, Any]:
    """Return the event's fields, within Discord's limits."""
    night = snapshot.night
    lines = []
    if snapshot.film is not None:
        lines.append(escape_line_to_fit(shown_title(snapshot.film), 300))
    if theme := describe_theme(night):
        lines.append(_("Theme: {theme}").format(theme=theme))
    if night.message_id is not None:
        lines.append(f"https://discord.com/channels/{guild.id}/{night.channel_id}/{night.message_id}")
    fields: dict[str, Any] = {
        "name": truncate(clean_line(night.name), NAME_LIMIT),
        "description": truncate("\n".join(lines), DESCRIPTION_LIMIT),
        "start_time": night.starts_at,
        "end_time": night.ends_at + EVENT_MARGIN,
        "privacy_level": discord.PrivacyLevel.guild_only,
    }
    channel = guild.get_channel(night.voice_channel_id) if night.voice_channel_id is not None else None
    if isinstance(channel, (discord.VoiceChannel, discord.StageChannel)):
        return {**fields, "channel": channel}
    location = clean_line(night.place) or f"#{getattr(guild.get_channel(night.channel_id), 'name', 'films')}"
    return {
        **fields, "entity_type": discord.EntityType.external, "location": truncate(location, LOCATION_LIMIT),
    }  # fmt: skip
