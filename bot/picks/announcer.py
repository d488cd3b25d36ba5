"""Does in Discord what follows from the marquee: announces, closes, looks back, votes. Each once.

What is sent is claimed in the database first. Where a process dies between its claim and its note that it is
done, nobody can know whether Discord has the message. Whoever takes the claim over therefore looks for it among
the channel's messages, and sends only what is not there, under the same nonce, by which Discord knows a message
that it got a moment ago.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

import discord

from bot.core.discord import ServiceRegistry
from bot.core.discord.error_handler import log_error
from bot.core.errors import FilmGoneError
from bot.core.text.formatting import clean_line, truncate
from bot.moderation.service import ModerationService
from bot.picks.card import card, fetch
from bot.picks.channels import TOO_MANY_THREADS, Trouble, awake, channel_of, ping_of, place_of, refused, require
from bot.picks.message_search import announcement_of, retrospect_of
from bot.picks.models import Errand, Pick, PickGoneError, Posted, State, Task
from bot.picks.retrospect import retrospect
from bot.picks.scheduler import PickScheduler
from bot.picks.service import PickService
from bot.picks.voting import count, hold

log = logging.getLogger(__name__)
LONGEST = 60.0
"""Seconds that an errand may take: less than its claim holds."""
TOO_MANY_PINS, HAS_THREAD = 30003, 160004
SERVER_ERROR = 500
ANNOUNCED = ("channel", "permission", "refused", "threads", "empty")
"""What is no trouble any more once a pick could be announced."""
LOOKED_BACK_WITHIN = timedelta(days=7)
"""How long after its end a pick may still be looked back on, where nothing could be posted before."""
WEEK: Literal[10080] = 10080
"""Minutes after which an idle thread is put away."""


class Announcer:
    """Does errands. One that can't be done is told to the moderators and tried again later."""

    def __init__(self, services: ServiceRegistry) -> None:
        self._services = services
        self._errands: dict[Errand, Callable[[discord.Guild, Task], Awaitable[None]]] = {
            Errand.ANNOUNCE: self._announce,
            Errand.CLOSE: self._close,
            Errand.REFRESH: self._close,
            Errand.RETROSPECT: self._retrospect,
            Errand.VOTE: self._vote,
            Errand.COUNT: self._count,
        }

    async def run(self, guild: discord.Guild) -> None:
        """Do all that is due for a server."""
        while (task := await self._services.get(PickScheduler).claim(guild.id)) is not None:
            try:
                async with asyncio.timeout(LONGEST):
                    await self._errands[task.kind](guild, task)
            except Trouble as trouble:
                await self._services.get(PickScheduler).notice(guild.id, trouble.kind, trouble.text)
                await self._services.get(PickScheduler).postpone(task)
            except (PickGoneError, FilmGoneError):
                await self._services.get(PickScheduler).settle(task)
            except discord.HTTPException as refusal:
                await self._refused(guild, task, refusal)
            except Exception as error:
                # Whether it was done nobody knows; the claim runs out, and whoever takes it over has a look.
                log_error(f"errand {task.kind.value} of a marquee", error)
        await self._tell(guild)

    async def _refused(self, guild: discord.Guild, task: Task, refusal: discord.HTTPException) -> None:
        """Tell the moderators of a refusal and try again later: it is an answer, nothing was sent.

        An error of Discord's own is none: the claim runs out.
        """
        if refusal.status >= SERVER_ERROR:
            log_error(f"errand {task.kind.value} of a marquee", refusal)
            return
        log.warning("errand %s was refused: Discord says %d", task.kind.value, refusal.code)
        # That a card changes a little later, as after too many edits of an old message, is nothing to mend.
        if task.kind is not Errand.REFRESH:
            kind, text = refused(task.kind, refusal)
            await self._services.get(PickScheduler).notice(guild.id, kind, text)
        await self._services.get(PickScheduler).postpone(task)

    async def _announce(self, guild: discord.Guild, task: Task) -> None:
        clock = self._services.get(PickScheduler)
        pick = await self._services.get(PickService).get(guild.id, task.subject_id)
        settings = await self._services.get(PickService).settings(guild.id)
        if pick.state is not State.CURRENT or settings.channel_id is None:
            await clock.settle(task)
            return
        posted = pick.posted
        if posted is None:
            place = place_of(guild, settings.channel_id)
            posted = await announcement_of(place, pick, task.since) if task.again else None
            posted = posted or await self._send(guild, place, pick, task)
            await clock.posted(task, posted)
            await clock.mended(guild.id, *ANNOUNCED)
        if settings.thread and posted.thread_id is None:
            posted = replace(posted, thread_id=await self._discuss(guild, posted, pick))
            await clock.posted(task, posted)
        await self._pin(guild, posted, pinned=True)
        await clock.settle(task)

    async def _send(
        self, guild: discord.Guild, place: discord.TextChannel | discord.ForumChannel, pick: Pick, task: Task
    ) -> Posted:
        settings = await self._services.get(PickService).settings(guild.id)
        role = ping_of(guild, place, settings.role_id)
        if settings.role_id is not None and role is None:
            text = "The role that the marquee pings is gone, or closed to Marquee: `/pick rotate` names another."
            await self._services.get(PickScheduler).notice(guild.id, "role", text)
        await fetch(self._services, pick.film_id)
        message = await card(self._services, guild, pick, pinged=() if role is None else (role.id,))
        if isinstance(place, discord.ForumChannel):
            title = truncate(clean_line(pick.title), 100)
            made = await place.create_thread(name=title, **message)
            return Posted(made.thread.id, made.message.id, made.thread.id)
        sent = await place.send(nonce=f"pick-{pick.id}", **message)
        return Posted(place.id, sent.id)

    async def _discuss(self, guild: discord.Guild, posted: Posted, pick: Pick) -> int | None:
        """Open a thread under the announcement; give its id, None where that can't be."""
        channel = await channel_of(guild, posted.channel_id)
        if not isinstance(channel, discord.TextChannel):
            return posted.thread_id
        try:
            message = channel.get_partial_message(posted.message_id)
            thread = await message.create_thread(
                name=truncate(clean_line(pick.title), 100), auto_archive_duration=WEEK
            )
        except discord.HTTPException as error:
            if error.code == HAS_THREAD:  # opened by a process that died before it could note it
                return posted.message_id
            why = (
                "has as many threads as it may have"
                if error.code == TOO_MANY_THREADS
                else "lets Marquee open none"
            )
            text = f"A pick was announced without its thread: {channel.mention} {why}."
            await self._services.get(PickScheduler).notice(guild.id, "thread", text)
            return None
        await self._services.get(PickScheduler).mended(guild.id, "thread")
        return thread.id

    async def _pin(self, guild: discord.Guild, posted: Posted, *, pinned: bool) -> None:
        channel = await channel_of(guild, posted.channel_id)
        if not isinstance(channel, (discord.TextChannel, discord.Thread)):
            return
        message = channel.get_partial_message(posted.message_id)
        try:
            await (message.pin() if pinned else message.unpin())
        except discord.NotFound:
            return
        except discord.HTTPException as error:
            why = "has as many pins as it may have" if error.code == TOO_MANY_PINS else "lets Marquee pin nothing"
            what = "pinned" if pinned else "unpinned"
            text = f"The marquee's announcement could not be {what}: {channel.mention} {why}."
            await self._services.get(PickScheduler).notice(guild.id, "pin", text)
        else:
            await self._services.get(PickScheduler).mended(guild.id, "pin")

    async def _close(self, guild: discord.Guild, task: Task) -> None:
        """Bring an announcement up to date; one whose pick is over is unpinned too."""
        pick = await self._services.get(PickService).get(guild.id, task.subject_id)
        channel = await channel_of(guild, pick.posted.channel_id) if pick.posted is not None else None
        if pick.posted is not None and isinstance(channel, (discord.TextChannel, discord.Thread)):
            try:
                await awake(channel)
                if pick.state is not State.CURRENT:
                    await self._pin(guild, pick.posted, pinned=False)
                there = await channel.fetch_message(pick.posted.message_id)
                await there.edit(**await card(self._services, guild, pick, there))
            except (discord.NotFound, discord.Forbidden) as error:
                log.info("an announcement is no longer there to be changed: Discord says %d", error.status)
        await self._services.get(PickScheduler).settle(task)

    async def _retrospect(self, guild: discord.Guild, task: Task) -> None:
        pick = await self._services.get(PickService).get(guild.id, task.subject_id)
        late = pick.ended_at is not None and discord.utils.utcnow() > pick.ended_at + LOOKED_BACK_WITHIN
        if pick.posted is not None and not late:
            place = await channel_of(guild, pick.posted.thread_id or pick.posted.channel_id)
            message = await retrospect(self._services, guild, pick)
            if message is not None and isinstance(place, (discord.TextChannel, discord.Thread)):
                require(place)
                if not (task.again and await retrospect_of(place, pick, task.since)):
                    beside = place.id == pick.posted.channel_id
                    answers: Any = _reference(pick.posted) if beside else None
                    await place.send(reference=answers, nonce=f"back-{pick.id}", **message)
        await self._services.get(PickScheduler).settle(task)

    async def _vote(self, guild: discord.Guild, task: Task) -> None:
        await hold(self._services, guild, task)

    async def _count(self, guild: discord.Guild, task: Task) -> None:
        await count(self._services, guild, task)

    async def _tell(self, guild: discord.Guild) -> None:
        """Tell the moderators' log channel what went wrong, once; without one the next command does."""
        channel_id = (await self._services.get(ModerationService).settings(guild.id)).log_channel
        channel = guild.get_channel(channel_id) if channel_id is not None else None
        if not isinstance(channel, discord.TextChannel):
            return
        for kind, text in await self._services.get(PickScheduler).untold(guild.id):
            try:
                await channel.send(f"⚠ {text}")
            except discord.HTTPException as error:
                log.info("a log channel can't be written to: Discord says %d", error.status)
                return
            await self._services.get(PickScheduler).told(guild.id, kind)


def _reference(posted: Posted) -> discord.MessageReference:
    """Return the reference to an announcement."""
    return discord.MessageReference(
        message_id=posted.message_id, channel_id=posted.channel_id, fail_if_not_exists=False
    )
