"""Announces picks in Discord, and does the other jobs that follow from the marquee, each once.

Each job is claimed in the database first. If a process dies between its claim and storing that the job is done,
nobody can know whether Discord has the message. Whoever claims the job again therefore searches the channel for
the message, and sends only what is not there, with the same nonce, by which Discord knows a message it got a
moment ago.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Literal

import discord

from bot.core.discord.error_handler import log_error
from bot.core.text.formatting import clean_line, truncate
from bot.films.models import FilmGoneError
from bot.members.server_settings_repository import ServerSettingsRepository
from bot.picks.card import PickCard
from bot.picks.channels import (
    TOO_MANY_THREADS,
    AnnouncementChannel,
    JobBlockedError,
    describe_refusal,
    fetch_channel,
    find_pingable_role,
    get_announcement_channel,
    require_permissions,
    unarchive,
)
from bot.picks.message_search import find_announcement, has_retrospective
from bot.picks.models import Announcement, Job, JobKind, Notice, Pick, PickGoneError, PickState
from bot.picks.polls import PickPolls
from bot.picks.retrospectives import Retrospectives
from bot.picks.scheduler_service import PickScheduler
from bot.picks.service import PickService

log = logging.getLogger(__name__)
JOB_TIMEOUT = 60.0
"""Seconds that a job may take: less than its claim holds."""
TOO_MANY_PINS, HAS_THREAD = 30003, 160004
"""Discord's error codes for a channel that is full of pins, and for a message that has a thread already."""
SERVER_ERROR = 500
SOLVED_BY_ANNOUNCING = ("channel", "permission", "refused", "threads", "empty")
"""Kinds of notices that are obsolete once a pick could be announced."""
RETROSPECTIVE_MAX_AGE = timedelta(days=7)
"""How long after a pick's end its retrospective may still be posted, if nothing could be posted before."""
WEEK: Literal[10080] = 10080
"""Minutes after which an idle thread is archived."""


class Announcer:
    """Does the jobs that are due. One that can't be done is reported to the moderators and tried again later."""

    def __init__(
        self,
        *,
        scheduler: PickScheduler,
        picks: PickService,
        server_settings: ServerSettingsRepository,
        card: PickCard,
        retrospectives: Retrospectives,
        polls: PickPolls,
    ) -> None:
        self._scheduler = scheduler
        self._picks = picks
        self._server_settings = server_settings
        self._card = card
        self._retrospectives = retrospectives
        self._handlers: dict[JobKind, Callable[[discord.Guild, Job], Awaitable[None]]] = {
            JobKind.ANNOUNCE: self._announce,
            JobKind.CLOSE: self._update_announcement,
            JobKind.REFRESH: self._update_announcement,
            JobKind.RETROSPECT: self._post_retrospective,
            JobKind.OPEN_POLL: polls.open,
            JobKind.COUNT_POLL: polls.count,
        }

    async def run_due_jobs(self, guild: discord.Guild) -> None:
        """Do all jobs that are due for a server, then send the moderators what they must know."""
        while (job := await self._scheduler.claim_job(guild.id)) is not None:
            try:
                async with asyncio.timeout(JOB_TIMEOUT):
                    await self._handlers[job.kind](guild, job)
            except JobBlockedError as error:
                await self._scheduler.add_notice(guild.id, error.notice)
                await self._scheduler.postpone_job(job)
            except (PickGoneError, FilmGoneError):
                await self._scheduler.repository.settle_job(job)
            except discord.HTTPException as error:
                await self._handle_refusal(guild, job, error)
            except Exception as error:
                # Nobody knows whether it was done. The claim lapses, and whoever claims the job again finds out.
                log_error(f"job {job.kind.value} of a marquee", error)
        await self._send_pending_notices(guild)

    async def _handle_refusal(self, guild: discord.Guild, job: Job, error: discord.HTTPException) -> None:
        """Report a refusal and try again later: after it nothing was sent.

        After an error of Discord's own nobody knows; the claim lapses.
        """
        if error.status >= SERVER_ERROR:
            log_error(f"job {job.kind.value} of a marquee", error)
            return
        log.warning("job %s was refused: Discord says %d", job.kind.value, error.code)
        # A card that changes a little later, as after too many edits of an old message, is nothing to report.
        if job.kind is not JobKind.REFRESH:
            await self._scheduler.add_notice(guild.id, describe_refusal(job.kind, error))
        await self._scheduler.postpone_job(job)

    async def _announce(self, guild: discord.Guild, job: Job) -> None:
        pick = await self._picks.get_pick(guild.id, job.subject_id)
        settings = await self._picks.repository.get_settings(guild.id)
        if pick.state is not PickState.CURRENT or settings.announcement_channel_id is None:
            await self._scheduler.repository.settle_job(job)
            return
        announcement = pick.announcement
        if announcement is None:
            channel = get_announcement_channel(guild, settings.announcement_channel_id)
            if job.is_reclaimed:
                announcement = await find_announcement(channel, pick, job.first_claimed_at)
            if announcement is None:
                announcement = await self._send_announcement(guild, channel, pick, settings.announcement_role_id)
            await self._scheduler.repository.set_announcement(pick.id, announcement)
            await self._scheduler.repository.clear_notices(guild.id, SOLVED_BY_ANNOUNCING)
        if settings.has_announcement_thread and announcement.thread_id is None:
            announcement = replace(announcement, thread_id=await self._open_thread(guild, announcement, pick))
            await self._scheduler.repository.set_announcement(pick.id, announcement)
        await self._set_pinned(guild, announcement, pinned=True)
        await self._scheduler.repository.settle_job(job)

    async def _send_announcement(
        self, guild: discord.Guild, channel: AnnouncementChannel, pick: Pick, role_id: int | None
    ) -> Announcement:
        role = find_pingable_role(guild, channel, role_id)
        if role_id is not None and role is None:
            text = "The role that the marquee pings is gone, or closed to Marquee: `/pick rotate` names another."
            await self._scheduler.add_notice(guild.id, Notice("role", text))
        await self._card.fetch_metadata(pick.film_id)
        response = await self._card.render(guild, pick, pinged_roles=() if role is None else (role.id,))
        if isinstance(channel, discord.ForumChannel):
            title = truncate(clean_line(pick.title), 100)
            post = await channel.create_thread(name=title, **response.as_message())
            return Announcement(post.thread.id, post.message.id, post.thread.id)
        message = await channel.send(nonce=f"pick-{pick.id}", **response.as_message())
        return Announcement(channel.id, message.id)

    async def _open_thread(self, guild: discord.Guild, announcement: Announcement, pick: Pick) -> int | None:
        """Open a thread under the announcement and return its id, or None if that can't be done."""
        channel = await fetch_channel(guild, announcement.channel_id)
        if not isinstance(channel, discord.TextChannel):
            return announcement.thread_id
        try:
            message = channel.get_partial_message(announcement.message_id)
            thread = await message.create_thread(
                name=truncate(clean_line(pick.title), 100), auto_archive_duration=WEEK
            )
        except discord.HTTPException as error:
            if error.code == HAS_THREAD:  # opened by a process that died before it could store it
                return announcement.message_id
            why = (
                "has as many threads as it may have"
                if error.code == TOO_MANY_THREADS
                else "lets Marquee open none"
            )
            text = f"A pick was announced without its thread: {channel.mention} {why}."
            await self._scheduler.add_notice(guild.id, Notice("thread", text))
            return None
        await self._scheduler.repository.clear_notices(guild.id, ("thread",))
        return thread.id

    async def _set_pinned(self, guild: discord.Guild, announcement: Announcement, *, pinned: bool) -> None:
        channel = await fetch_channel(guild, announcement.channel_id)
        if not isinstance(channel, (discord.TextChannel, discord.Thread)):
            return
        message = channel.get_partial_message(announcement.message_id)
        try:
            await (message.pin() if pinned else message.unpin())
        except discord.NotFound:
            return
        except discord.HTTPException as error:
            why = "has as many pins as it may have" if error.code == TOO_MANY_PINS else "lets Marquee pin nothing"
            what = "pinned" if pinned else "unpinned"
            text = f"The marquee's announcement could not be {what}: {channel.mention} {why}."
            await self._scheduler.add_notice(guild.id, Notice("pin", text))
        else:
            await self._scheduler.repository.clear_notices(guild.id, ("pin",))

    async def _update_announcement(self, guild: discord.Guild, job: Job) -> None:
        """Bring an announcement up to date; that of a pick that has ended is unpinned too."""
        pick = await self._picks.get_pick(guild.id, job.subject_id)
        announcement = pick.announcement
        channel = await fetch_channel(guild, announcement.channel_id) if announcement is not None else None
        if announcement is not None and isinstance(channel, (discord.TextChannel, discord.Thread)):
            try:
                await unarchive(channel)
                if pick.state is not PickState.CURRENT:
                    await self._set_pinned(guild, announcement, pinned=False)
                message = await channel.fetch_message(announcement.message_id)
                response = await self._card.render(guild, pick, message)
                await message.edit(**response.as_edit())
            except (discord.NotFound, discord.Forbidden) as error:
                log.info("an announcement can no longer be edited: Discord says %d", error.status)
        await self._scheduler.repository.settle_job(job)

    async def _post_retrospective(self, guild: discord.Guild, job: Job) -> None:
        """Post the retrospective in the announcement's thread, or as a reply to it."""
        pick = await self._picks.get_pick(guild.id, job.subject_id)
        announcement = pick.announcement
        is_late = pick.ended_at is not None and discord.utils.utcnow() > pick.ended_at + RETROSPECTIVE_MAX_AGE
        if announcement is not None and not is_late:
            channel = await fetch_channel(guild, announcement.thread_id or announcement.channel_id)
            response = await self._retrospectives.render(guild, pick)
            if response is not None and isinstance(channel, (discord.TextChannel, discord.Thread)):
                require_permissions(channel)
                if not (job.is_reclaimed and await has_retrospective(channel, pick, job.first_claimed_at)):
                    message = response.as_message()
                    if channel.id == announcement.channel_id:
                        message["reference"] = discord.MessageReference(
                            message_id=announcement.message_id, channel_id=channel.id, fail_if_not_exists=False
                        )
                    await channel.send(nonce=f"back-{pick.id}", **message)
        await self._scheduler.repository.settle_job(job)

    async def _send_pending_notices(self, guild: discord.Guild) -> None:
        """Send notices to the moderators' log channel; without one the next command shows them."""
        channel_id = (await self._server_settings.get(guild.id)).log_channel_id
        channel = guild.get_channel(channel_id) if channel_id is not None else None
        if not isinstance(channel, discord.TextChannel):
            return
        for notice in await self._scheduler.repository.list_pending_notices(guild.id):
            try:
                await channel.send(f"⚠ {notice.text}")
            except discord.HTTPException as error:
                log.info("a log channel can't be written to: Discord says %d", error.status)
                return
            await self._scheduler.repository.mark_delivered(guild.id, notice)
