"""Announces picks in Discord, with polls and retrospectives, each once.

Each job is claimed in the database first. If a process dies between its claim and storing that the job is done,
nobody can know whether Discord has the message. Whoever claims the job again therefore searches the channel for
the message, and sends only what is not there, with the same nonce, by which Discord knows a message it got a
moment ago.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

import discord

from bot.core.discord import Response, View, custom_id
from bot.core.discord.error_handler import log_error
from bot.core.text.cldr import format_number
from bot.core.text.formatting import clean_line, escape_line_to_fit, format_user_text, truncate
from bot.core.text.i18n import _, gettext_noop
from bot.films.local_titles import known_title
from bot.films.models import FilmGoneError
from bot.films.service import FilmService
from bot.members.context import MemberNames, with_mentions
from bot.members.repository import ServerSettingsRepository
from bot.members.service import PrivacyService
from bot.picks.card import PickCard
from bot.picks.channels import (
    TOO_MANY_THREADS,
    AnnouncementChannel,
    JobBlockedError,
    describe_missing_poll_channel,
    describe_refusal,
    describe_unpingable_role,
    fetch_channel,
    find_pingable_role,
    get_announcement_channel,
    require_permissions,
    unarchive,
)
from bot.picks.embeds import get_guild_colour
from bot.picks.engagement_repository import PickEngagementRepository
from bot.picks.models import (
    Announcement,
    JobKind,
    Notice,
    NoticeKind,
    Pick,
    PickGoneError,
    PickJob,
    PickState,
    Poll,
)
from bot.picks.repository import PickRepository
from bot.picks.scheduler_service import PickScheduler
from bot.picks.service import PickService
from bot.reviews.embeds import STARS_IMAGE_URL, create_star_histogram, summarise_stars
from bot.reviews.rating_views import RateButton
from bot.reviews.service import ReviewService
from bot.reviews.star_emojis import show_stars
from bot.reviews.views import ReviewsButton

log = logging.getLogger(__name__)
QUESTION = gettext_noop("What should be featured next?")
ANSWER_LIMIT = 55
COUNTING_TIME = timedelta(minutes=10)
"""How long after a poll's end Discord may take to count it."""
COUNT_RETRY_DELAY = timedelta(minutes=1)
CLOCK_TOLERANCE = timedelta(minutes=2)
"""How far Discord's clock and ours may differ."""
MESSAGES_SEARCHED = 200
JOB_TIMEOUT = 60.0
"""Seconds that a job may take: less than its claim holds."""
TOO_MANY_PINS, HAS_THREAD, ALREADY_PUBLISHED = 30003, 160004, 40033
"""Discord's error codes: a channel full of pins, a message that has a thread, one that is published."""
SERVER_ERROR = 500
SOLVED_BY_ANNOUNCING = (
    NoticeKind.CHANNEL,
    NoticeKind.PERMISSION,
    NoticeKind.REFUSED,
    NoticeKind.TOO_MANY_THREADS,
    NoticeKind.EMPTY_QUEUE,
)
"""Kinds of notices that are obsolete once a pick could be announced."""
RETROSPECTIVE_MAX_AGE = timedelta(days=7)
"""How long after a pick's end its retrospective may still be posted, if nothing could be posted before."""
WEEK: Literal[10080] = 10080
"""Minutes after which an idle thread is archived."""


class PickPolls:
    """Opens and counts polls."""

    def __init__(self, *, scheduler: PickScheduler, repository: PickRepository, films: FilmService) -> None:
        self._scheduler = scheduler
        self._repository = repository
        self._films = films

    async def open(self, guild: discord.Guild, job: PickJob) -> None:
        """Post the poll, unless its time is over. Raises JobBlockedError."""
        poll = await self._scheduler.repository.find_poll(guild.id, job.subject_id)
        settings = await self._repository.get_settings(guild.id)
        if poll is None or poll.ends_at <= discord.utils.utcnow():
            await self._scheduler.repository.settle_job(job)
            return
        if settings.announcement_channel_id is None:
            raise JobBlockedError(NoticeKind.CHANNEL, describe_missing_poll_channel())
        channel = get_announcement_channel(guild, settings.announcement_channel_id)
        if isinstance(channel, discord.ForumChannel):
            raise JobBlockedError(
                NoticeKind.POLL,
                _(
                    "Forum channels can't have votes. "
                    "Choose another channel, or another way to fill the queue, with `/pick rotate`."
                ),
            )
        if not channel.permissions_for(guild.me).send_polls:
            text = _("I can't start a vote in {channel}. Allow me: Create Polls.").format(channel=channel.mention)
            raise JobBlockedError(NoticeKind.PERMISSION, text)
        message = await find_poll(channel, _(QUESTION), job.first_claimed_at) if job.is_reclaimed else None
        if message is None:
            message = await channel.send(poll=await self._build_poll(poll), nonce=f"vote-{poll.id}")
        # Discord's polls last whole hours: one that is opened late ends later than planned.
        ends_at = message.poll.expires_at if message.poll is not None else None
        await self._scheduler.repository.settle_opened_poll(
            job, channel_id=channel.id, message_id=message.id, ends_at=ends_at or poll.ends_at
        )

    async def _build_poll(self, poll: Poll) -> discord.Poll:
        hours = max(1, round((poll.ends_at - discord.utils.utcnow()) / timedelta(hours=1)))
        discord_poll = discord.Poll(question=_(QUESTION), duration=timedelta(hours=hours))
        for film_id in poll.film_ids:
            film = await self._films.repository.get(film_id)
            title = film.shown_title if film is not None else film_id
            discord_poll.add_answer(text=truncate(clean_line(title), ANSWER_LIMIT))
        return discord_poll

    async def count(self, guild: discord.Guild, job: PickJob) -> None:
        """Count the poll and start the winner; of several, the one named first."""
        poll = await self._scheduler.repository.find_poll(guild.id, job.subject_id)
        discord_poll = await _fetch_poll(guild, poll) if poll is not None else None
        if poll is None or discord_poll is None:
            text = _("The vote on the next pick was deleted. Plan a film with `/pick add`.")
            await self._scheduler.add_notice(guild.id, Notice(NoticeKind.POLL, text))
            await self._scheduler.repository.settle_job(job)
            return
        if not discord_poll.is_finalised() and discord.utils.utcnow() < poll.ends_at + COUNTING_TIME:
            await self._scheduler.postpone_job(job, COUNT_RETRY_DELAY)
            return
        votes = [answer.vote_count for answer in discord_poll.answers]
        await self._scheduler.settle_counted_poll(job, poll.film_ids[votes.index(max(votes))])
        await self._scheduler.repository.clear_notices(guild.id, (NoticeKind.POLL, NoticeKind.EMPTY_QUEUE))


async def _fetch_poll(guild: discord.Guild, poll: Poll) -> discord.Poll | None:
    """Return Discord's poll with its votes, or None if its message is gone."""
    if poll.channel_id is None or poll.message_id is None:
        return None
    channel = await fetch_channel(guild, poll.channel_id)
    if not isinstance(channel, discord.TextChannel):
        return None
    try:
        return (await channel.fetch_message(poll.message_id)).poll
    except (discord.NotFound, discord.Forbidden):
        return None


def format_heading(pick: Pick) -> str:
    """Return the title of the pick's retrospective, by which an earlier one is found."""
    title = escape_line_to_fit(known_title(pick.film_id, pick.title), 230)
    return _("Looking back at {title}").format(title=title)


class Retrospectives:
    """Renders retrospectives."""

    def __init__(
        self, *, engagement: PickEngagementRepository, reviews: ReviewService, privacy: PrivacyService
    ) -> None:
        self._engagement = engagement
        self._reviews = reviews
        self._privacy = privacy

    async def render(self, guild: discord.Guild, pick: Pick) -> Response | None:
        """Return the message with what the server thought of the pick, or None if nobody rated it."""
        stars = await self._reviews.repository.get_film_stars(guild.id, pick.film_id)
        if not stars.totals.rating_count:
            return None
        review = await self._engagement.find_most_helpful_review(guild.id, pick.film_id)
        disagreement = await self._engagement.find_disagreement(guild.id, pick.film_id)
        member_ids = {review.member_id} if review is not None else set()
        if disagreement is not None:
            member_ids |= {disagreement.highest_member_id, disagreement.lowest_member_id}
        names = MemberNames(await self._privacy.list_privacy(member_ids))
        embed = discord.Embed(
            title=format_heading(pick), colour=get_guild_colour(guild), description=summarise_stars(stars)
        )
        if review is not None:
            author = f"{names.format(review.member_id)} · {show_stars(review.half_stars)}"
            helpful = ""
            if review.helpful_count:
                helpful = " · " + _("Helpful ({count})").format(count=format_number(review.helpful_count))
            text = format_user_text(review.text, 800, spoiler=review.is_spoiler)
            embed.add_field(name=_("Most helpful review"), value=f"{author}{helpful}\n{text}", inline=False)
        if disagreement is not None:
            highest = show_stars(disagreement.highest_half_stars)
            lowest = show_stars(disagreement.lowest_half_stars)
            value = _("{member} gave {stars}, {other} gave {other_stars}.").format(
                member=names.format(disagreement.highest_member_id),
                stars=highest,
                other=names.format(disagreement.lowest_member_id),
                other_stars=lowest,
            )
            embed.add_field(name=_("Biggest disagreement"), value=value, inline=False)
        embed.set_image(url=STARS_IMAGE_URL)
        view = View(RateButton(pick.film_id), ReviewsButton(pick.film_id))
        histogram = create_star_histogram(stars.totals)
        files = (histogram,) if histogram is not None else ()
        return with_mentions(Response(embeds=(embed,), files=files, view=view))


async def find_announcement(channel: AnnouncementChannel, pick: Pick, since: datetime) -> Announcement | None:
    """Return the announcement of the pick sent since that time, found by the pick's button, or None."""
    marker = custom_id("going", pick.id)
    if isinstance(channel, discord.ForumChannel):
        for thread in channel.threads:
            is_own = thread.owner_id == channel.guild.me.id
            if is_own and thread.created_at and thread.created_at >= since - CLOCK_TOLERANCE:
                async for message in iterate_own_messages(thread, channel.guild.me.id, since):
                    if marker in list_button_ids(message):
                        return Announcement(thread.id, message.id, thread.id)
        return None
    async for message in iterate_own_messages(channel, channel.guild.me.id, since):
        if marker in list_button_ids(message):
            return Announcement(channel.id, message.id, message.thread.id if message.thread else None)
    return None


async def has_retrospective(
    channel: discord.TextChannel | discord.Thread, pick: Pick, since: datetime
) -> bool:  # fmt: skip
    """Return whether the pick's retrospective was sent since that time, found by its title."""
    heading = format_heading(pick)
    async for message in iterate_own_messages(channel, channel.guild.me.id, since):
        if any(embed.title == heading for embed in message.embeds):
            return True
    return False


async def find_poll(channel: discord.TextChannel, question: str, since: datetime) -> discord.Message | None:
    """Return the message with the poll of that question sent since that time, or None."""
    async for message in iterate_own_messages(channel, channel.guild.me.id, since):
        if message.poll is not None and message.poll.question == question:
            return message
    return None


def list_button_ids(message: discord.Message) -> set[str]:
    """Return the custom_ids of the message's buttons."""
    children: list[Any] = [child for row in message.components for child in getattr(row, "children", [])]
    return {child.custom_id for child in children if getattr(child, "custom_id", None)}


async def iterate_own_messages(
    channel: discord.TextChannel | discord.Thread | discord.DMChannel, author_id: int, since: datetime
) -> AsyncIterator[discord.Message]:
    """Yield the messages that Marquee sent to the channel since that time, the oldest first."""
    after = since - CLOCK_TOLERANCE
    async for message in channel.history(limit=MESSAGES_SEARCHED, after=after, oldest_first=True):
        if message.author.id == author_id:
            yield message


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
        self._handlers: dict[JobKind, Callable[[discord.Guild, PickJob], Awaitable[None]]] = {
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

    async def _handle_refusal(self, guild: discord.Guild, job: PickJob, error: discord.HTTPException) -> None:
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

    async def _announce(self, guild: discord.Guild, job: PickJob) -> None:
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
            if settings.is_announcement_published:
                await self._publish(guild, announcement)
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
            text = describe_unpingable_role()
            await self._scheduler.add_notice(guild.id, Notice(NoticeKind.ROLE, text))
        await self._card.fetch_metadata(pick.film_id)
        response = await self._card.render(guild, pick, pinged_roles=() if role is None else (role.id,))
        if isinstance(channel, discord.ForumChannel):
            title = truncate(clean_line(known_title(pick.film_id, pick.title)), 100)
            post = await channel.create_thread(name=title, **response.as_message())
            return Announcement(post.thread.id, post.message.id, post.thread.id)
        message = await channel.send(nonce=f"pick-{pick.id}", **response.as_message())
        return Announcement(channel.id, message.id)

    async def _publish(self, guild: discord.Guild, announcement: Announcement) -> None:
        """Publish the announcement to the servers that follow the channel, if it is an announcement channel."""
        channel = await fetch_channel(guild, announcement.channel_id)
        if not isinstance(channel, discord.TextChannel) or not channel.is_news():
            return
        try:
            await channel.get_partial_message(announcement.message_id).publish()
        except discord.HTTPException as error:
            if error.code == ALREADY_PUBLISHED:
                return
            text = _("I couldn't publish a pick in {channel}: {error}.")
            text = text.format(channel=channel.mention, error=error.text.rstrip("."))
            await self._scheduler.add_notice(guild.id, Notice(NoticeKind.PUBLISH, text))
        else:
            await self._scheduler.repository.clear_notices(guild.id, (NoticeKind.PUBLISH,))

    async def _open_thread(self, guild: discord.Guild, announcement: Announcement, pick: Pick) -> int | None:
        """Open a thread under the announcement and return its id, or None if that can't be done."""
        channel = await fetch_channel(guild, announcement.channel_id)
        if not isinstance(channel, discord.TextChannel):
            return announcement.thread_id
        try:
            message = channel.get_partial_message(announcement.message_id)
            thread = await message.create_thread(
                name=truncate(clean_line(known_title(pick.film_id, pick.title)), 100),
                auto_archive_duration=WEEK,
            )
        except discord.HTTPException as error:
            if error.code == HAS_THREAD:  # opened by a process that died before it could store it
                return announcement.message_id
            text = (
                _("I couldn't open a thread in {channel}: it has too many. Close some.")
                if error.code == TOO_MANY_THREADS
                else _("I couldn't open a thread in {channel}. Allow me: Create Public Threads.")
            ).format(channel=channel.mention)
            await self._scheduler.add_notice(guild.id, Notice(NoticeKind.THREAD, text))
            return None
        await self._scheduler.repository.clear_notices(guild.id, (NoticeKind.THREAD,))
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
            text = (
                _("I couldn't pin the pick in {channel}: it has too many pins. Unpin some.")
                if error.code == TOO_MANY_PINS
                else _("I couldn't pin or unpin the pick in {channel}. Allow me: Pin Messages.")
            ).format(channel=channel.mention)
            await self._scheduler.add_notice(guild.id, Notice(NoticeKind.PIN, text))
        else:
            await self._scheduler.repository.clear_notices(guild.id, (NoticeKind.PIN,))

    async def _update_announcement(self, guild: discord.Guild, job: PickJob) -> None:
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

    async def _post_retrospective(self, guild: discord.Guild, job: PickJob) -> None:
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
