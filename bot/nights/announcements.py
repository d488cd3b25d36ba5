"""Does what is due for nights in Discord, each thing once: cards, ballots, results, reminders, stars, summaries.

As with picks, a job is claimed in the database first. Whoever claims a job again, since the process that had it
died, searches the channel for the message and sends only what is not there.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
from discord.utils import MISSING

from bot.core.discord import Response, View, custom_id
from bot.core.discord.error_handler import log_error
from bot.core.discord.permissions import UPDATED_CARD, describe_missing_permissions, list_missing_permissions
from bot.core.text.formatting import clean_line, escape_line, truncate
from bot.core.text.i18n import _, get_locale, use_locale
from bot.films.local_titles import shown_title
from bot.films.models import FilmGoneError
from bot.lists.service import ListService
from bot.members.context import MemberNames, with_mentions
from bot.members.repository import PreferenceRepository, ServerSettingsRepository
from bot.members.service import PrivacyService
from bot.moderation.notifications import send_to_log_channel
from bot.nights.ballot_views import VoteButton
from bot.nights.count_views import CountButton, with_shown_titles
from bot.nights.embeds import (
    build_result_embed,
    build_summary_embed,
    create_result_chart,
    describe_days,
    describe_draw,
    describe_missing_film,
    describe_place,
)
from bot.nights.events import NightEvents
from bot.nights.history_repository import NightHistoryRepository
from bot.nights.models import (
    Answer,
    Choosing,
    Night,
    NightGoneError,
    NightJob,
    NightJobKind,
    NightSnapshot,
    NightState,
    Rsvp,
)
from bot.nights.nomination_views import NominateButton
from bot.nights.notifications import (
    NightLink,
    describe_ballot,
    describe_cancellation,
    describe_move,
    describe_set_day,
    lacks_film,
    list_button_urls,
    mention_members,
    remind_response,
)
from bot.nights.permissions import NightChannel
from bot.nights.poll_views import PassButton
from bot.nights.repository import NightRepository
from bot.nights.service import NightScheduler
from bot.nights.surprises import SurpriseFinder
from bot.nights.views import NightButton, NightCard, create_rating_view
from bot.picks.announcements import HAS_THREAD, SERVER_ERROR, iterate_own_messages, list_button_ids
from bot.recommendations.service import RecommendationService

log = logging.getLogger(__name__)
JOB_TIMEOUT = 60.0
"""Seconds that a job may take: less than its claim lasts."""
RATING_MAX_AGE, SUMMARY_MAX_AGE = timedelta(days=2), timedelta(days=7)
"""How long after a film's end members may still be asked for stars, and read a summary, if Marquee was away."""
MENTIONS_IN_MESSAGE = 60  # with more a reminder would be too long for a message
NONCE_LIMIT = 25
CHANNEL_GONE, NOT_ALLOWED = "channel", "permission"
"""What keeps Marquee from posting, as a night stores it."""


class NightBlockedError(Exception):
    """A job can't be done until somebody solves the problem, CHANNEL_GONE or NOT_ALLOWED."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def describe_problem(guild: discord.Guild, night: Night) -> str:
    """Return what keeps Marquee from posting about the night and what to do, "" if nothing does."""
    if not night.problem:
        return ""
    channel = guild.get_channel(night.channel_id)
    if not isinstance(channel, discord.TextChannel):
        return _("The film night's channel was deleted. Choose another with `/night edit`.")
    return describe_missing_permissions(channel, UPDATED_CARD)


class NightAnnouncer:
    """Does the jobs that are due. One that can't be done is tried again later."""

    def __init__(
        self,
        *,
        scheduler: NightScheduler,
        nights: NightRepository,
        history: NightHistoryRepository,
        card: NightCard,
        events: NightEvents,
        privacy: PrivacyService,
        recommendations: RecommendationService,
        lists: ListService,
        server_settings: ServerSettingsRepository,
        preferences: PreferenceRepository,
    ) -> None:
        self._scheduler = scheduler
        self._preferences = preferences
        self._nights = nights
        self._history = history
        self._card = card
        self._events = events
        self._privacy = privacy
        self._recommendations = recommendations
        self._surprises = SurpriseFinder(scheduler.repository, recommendations, lists)
        self._server_settings = server_settings
        self._handlers: dict[NightJobKind, Callable[[discord.Guild, NightSnapshot, NightJob], Awaitable[None]]] = {
            NightJobKind.ANNOUNCE: self._announce,
            NightJobKind.REFRESH: self._refresh,
            NightJobKind.EVENT: self._events.sync,
            NightJobKind.MOVED: self._tell_of_move,
            NightJobKind.CANCELLED: self._tell_of_cancellation,
            NightJobKind.DAY: self._announce_day,
            NightJobKind.TURN: self._announce_turn,
            NightJobKind.SURPRISE: self._choose_surprise,
            NightJobKind.OPEN_BALLOT: self._open_ballot,
            NightJobKind.RESULT: self._post_result,
            NightJobKind.REMIND_DIRECTLY: self._remind_directly,
            NightJobKind.START: self._start,
            NightJobKind.RETIRE: self._retire,
            NightJobKind.RATE: self._ask_for_stars,
            NightJobKind.SUMMARY: self._summarise,
        }

    async def run_due_jobs(self, guild: discord.Guild) -> None:
        """Do all jobs that are due for a server."""
        while (job := await self._scheduler.claim_job(guild.id)) is not None:
            try:
                async with asyncio.timeout(JOB_TIMEOUT):
                    await self._do(guild, job)
            except NightBlockedError as error:
                await self._note_problem(guild, job, error.problem)
                await self._scheduler.postpone_job(job)
            except (NightGoneError, FilmGoneError):
                await self._scheduler.repository.settle_job(job)
            except discord.HTTPException as error:
                # After a refusal nothing was sent. After an error of Discord's own nobody knows: the claim lapses.
                if error.status >= SERVER_ERROR:
                    log_error(f"job {job.kind.kind.value} of a night", error)
                    continue
                log.warning("job %s was refused: Discord says %d", job.kind.kind.value, error.code)
                await self._scheduler.postpone_job(job)
            except Exception as error:
                # Nobody knows whether it was done. The claim lapses, and whoever claims it again finds out.
                log_error(f"job {job.kind.kind.value} of a night", error)

    async def _do(self, guild: discord.Guild, job: NightJob) -> None:
        snapshot = await self._nights.get_snapshot(guild.id, job.subject_id)
        if job.kind.kind is NightJobKind.REMIND:
            await self._remind(guild, snapshot, job)  # settles by itself, with what follows
            return
        await self._handlers[job.kind.kind](guild, snapshot, job)
        await self._scheduler.repository.settle_job(job)

    async def _note_problem(self, guild: discord.Guild, job: NightJob, problem: str) -> None:
        """Store the problem, and tell the moderators of it once."""
        night = await self._nights.find(guild.id, job.subject_id)
        if night is None or night.problem == problem:
            return
        await self._nights.set_place_of(night.id, problem=problem)
        name = escape_line(night.name, 100)
        text = f"⚠ **{name}**: {describe_problem(guild, replace(night, problem=problem))}"
        await send_to_log_channel(guild, self._server_settings, text)

    def _get_channel(self, guild: discord.Guild, night: Night) -> NightChannel:
        """Return the night's channel. Raises NightBlockedError if it is gone or Marquee can't post there."""
        channel = guild.get_channel(night.channel_id)
        if not isinstance(channel, discord.TextChannel):
            raise NightBlockedError(CHANNEL_GONE)
        if list_missing_permissions(channel, UPDATED_CARD):
            raise NightBlockedError(NOT_ALLOWED)
        return channel

    async def _post(
        self,
        guild: discord.Guild,
        night: Night,
        job: NightJob,
        response: Response,
        markers: Collection[str],
        mark: str,
    ) -> discord.Message:
        """Send the message unless a process that died has sent it; `markers` are custom_ids of which
        only it has one."""
        channel = self._get_channel(guild, night)
        message = None
        if job.is_reclaimed:
            async for each in iterate_own_messages(channel, guild.me.id, job.first_claimed_at):
                if not list_button_ids(each).isdisjoint(markers):
                    message = each
                    break
        if message is None:
            nonce = f"n{night.id}-{mark}"[:NONCE_LIMIT]
            message = await channel.send(nonce=nonce, **response.as_message())
        if night.problem:
            await self._nights.set_place_of(night.id, problem="")
        return message

    async def _post_marked(
        self,
        guild: discord.Guild,
        night: Night,
        job: NightJob,
        response: Response,
        mark: str,
        *items: discord.ui.Item[Any],
    ) -> discord.Message:
        """Send the message with a button that opens the night, by whose mark it is found again."""
        response = replace(response, view=_create_view(night, mark, *items))
        markers = (custom_id("night-show", night.id, mark),)
        return await self._post(guild, night, job, response, markers, mark)

    # The card.

    async def _announce(self, guild: discord.Guild, snapshot: NightSnapshot, job: NightJob) -> None:
        night = snapshot.night
        if night.message_id is not None:
            if job.is_reclaimed:  # whoever posted it may have died before it was pinned
                await self._pin(self._get_channel(guild, night).get_partial_message(night.message_id))
            return
        if not (night.state.is_open or night.state is NightState.RUNNING):
            return
        response = await self._card.render(guild, snapshot)
        # A card that was posted while members chose a day has other buttons.
        markers = (custom_id("night-rsvp", night.id, Answer.YES.value), custom_id("night-days", night.id))
        message = await self._post(guild, night, job, response, markers, f"card{night.version}")
        await self._nights.set_card(night.id, message.channel.id, message.id)
        await self._nights.enqueue_event(guild.id, night.id, self._scheduler.now())  # it links to the card
        await self._pin(message)

    async def _pin(self, message: discord.Message | discord.PartialMessage) -> None:
        try:
            await message.pin()
        except discord.HTTPException as error:
            log.info("a night's card can't be pinned: Discord says %d", error.status)

    async def _refresh(self, guild: discord.Guild, snapshot: NightSnapshot, _job: NightJob) -> None:
        night = snapshot.night
        channel = guild.get_channel(night.channel_id)
        if not isinstance(channel, discord.TextChannel):
            return
        if night.ballot_message_id is not None and not night.state.is_deciding:
            await self._edit_ballot_message(channel, snapshot)
            await self._nights.set_place_of(night.id, ballot_message_id=None)
        if night.message_id is None:
            return
        try:
            message = await channel.fetch_message(night.message_id)
            await message.edit(**(await self._card.render(guild, snapshot, message)).as_edit())
            if night.state in (NightState.ENDED, NightState.CANCELLED) and message.pinned:
                await message.unpin()
        except discord.NotFound:
            await self._nights.set_card(night.id, night.channel_id, None)
        except discord.Forbidden as error:
            log.info("a night's card can no longer be edited: Discord says %d", error.status)

    async def _edit_ballot_message(self, channel: discord.TextChannel, snapshot: NightSnapshot) -> None:
        """Bring the message that opened the ballot, or a turn, up to date; after it, it can't be pressed."""
        night = snapshot.night
        if night.ballot_message_id is None:
            return
        items = (VoteButton(str(night.id)),) if night.state is NightState.VOTING else ()
        view = _create_view(night, "ballot", *items)
        try:
            # What told a member of their turn was for them, and stays.
            content = MISSING if night.choosing is Choosing.TURNS else describe_ballot(snapshot)
            await channel.get_partial_message(night.ballot_message_id).edit(content=content, view=view)
        except (discord.NotFound, discord.Forbidden) as error:
            log.info("the message about a ballot can't be edited: Discord says %d", error.code)

    async def _retire(self, guild: discord.Guild, snapshot: NightSnapshot, _job: NightJob) -> None:
        """Delete the card that is left in the channel from which the night was moved."""
        night = snapshot.night
        channel = guild.get_channel(night.old_channel_id) if night.old_channel_id is not None else None
        if isinstance(channel, discord.TextChannel) and night.old_message_id is not None:
            try:
                await channel.get_partial_message(night.old_message_id).delete()
            except (discord.NotFound, discord.Forbidden) as error:
                log.info("a night's old card can't be deleted: Discord says %d", error.code)

    # Choosing the day and the film.

    async def _announce_day(self, guild: discord.Guild, snapshot: NightSnapshot, job: NightJob) -> None:
        night = snapshot.night
        name = escape_line(night.name, 100)
        if job.kind.parameters:  # a host chose it
            voters = await self._nights.list_day_voters(night.id)
            await self._tell(guild, snapshot, job, lambda: describe_set_day(night), f"day{night.version}", voters)
            return
        if night.state is NightState.CANCELLED:
            text = _("**{name}** is cancelled: its days passed before one was chosen.").format(name=name)
        else:
            counts = await self._scheduler.repository.count_days(guild.id, night)
            when = discord.utils.format_dt(night.starts_at, "F")
            if any(count for _day, count in counts):
                text = _("**{name}** is on {when}. How many can make each day:").format(name=name, when=when)
                text += "\n" + describe_days(counts)
            else:
                # Translators: members were asked which days they can make; {name} is a film night
                text = _(
                    "Nobody chose a day for **{name}**, so it's on the first one: {when}. "
                    "A host can move it with `/night edit`."
                ).format(name=name, when=when)
        await self._post_marked(guild, night, job, Response(text), "day")

    async def _announce_turn(self, guild: discord.Guild, snapshot: NightSnapshot, job: NightJob) -> None:
        """Tell the member whose turn it is, directly if they keep their name out of lists."""
        night, (member_id,) = snapshot.night, job.kind.parameters
        if night.state is not NightState.CHOOSING or night.turn_member_id != member_id:
            return
        channel = guild.get_channel(night.channel_id)
        if isinstance(channel, discord.TextChannel) and not job.is_reclaimed:  # else it may be this turn's
            await self._edit_ballot_message(channel, snapshot)  # the turn before is over
        name, until = escape_line(night.name, 100), night.ballot_closes_at or night.starts_at
        text = _("{member} It's your turn to choose the film for **{name}**, until {time}.")
        names = MemberNames(await self._privacy.list_privacy([member_id]))
        is_hidden = names.is_hidden(member_id)
        mention = "" if is_hidden else f"<@{member_id}>"
        text = text.format(member=mention, name=name, time=discord.utils.format_dt(until, "F")).strip()
        if is_hidden:
            await self._send_directly(guild, night, member_id, job, Response(text), f"t{member_id}")
            return
        users = [discord.Object(member_id)]
        mentions = discord.AllowedMentions(everyone=False, roles=False, users=users)
        buttons = (NominateButton(str(night.id), _("Choose the film")), PassButton(str(night.id)))
        response = Response(text, allowed_mentions=mentions)
        message = await self._post_marked(guild, night, job, response, f"turn{member_id}", *buttons)
        await self._nights.set_place_of(night.id, ballot_message_id=message.id)

    async def _choose_surprise(self, guild: discord.Guild, snapshot: NightSnapshot, _job: NightJob) -> None:
        """Choose the film that those who come should like best, of those that no night here had."""
        snapshot = await self._sync_interest(guild, snapshot)
        night = snapshot.night
        if not night.state.is_open and night.state is not NightState.RUNNING:
            return
        film_id = None
        if night.film_id is None:
            film_id = await self._surprises.find(snapshot)
        await self._scheduler.repository.set_surprise(guild.id, night.id, film_id, self._scheduler.now())

    async def _open_ballot(self, guild: discord.Guild, snapshot: NightSnapshot, job: NightJob) -> None:
        await self._sync_interest(guild, snapshot)
        night = snapshot.night
        if night.state is not NightState.VOTING or night.ballot_closes_at is None:
            return
        response = Response(describe_ballot(snapshot))
        message = await self._post_marked(guild, night, job, response, "ballot", VoteButton(str(night.id)))
        await self._nights.set_place_of(night.id, ballot_message_id=message.id)

    async def _post_result(self, guild: discord.Guild, snapshot: NightSnapshot, job: NightJob) -> None:
        night = snapshot.night
        if night.state not in (NightState.READY, NightState.RUNNING):
            return
        box = await self._nights.get_ballot_box(guild.id, night.id)
        name = escape_line(night.name, 100)
        items: tuple[CountButton, ...] = ()
        if box is not None:
            count, box = box.count(), with_shown_titles(box, snapshot.standing)
            items = (CountButton(str(night.id)),)
            if any(count.votes.values()):
                chart = await asyncio.to_thread(create_result_chart, box, count)
                response = Response(embeds=(build_result_embed(night, box, count),), files=(chart,))
            else:
                response = Response(describe_draw(night, box, count))
        elif snapshot.film is not None:
            title = escape_line(shown_title(snapshot.film), 200)
            response = Response(_("The film for **{name}** is **{title}**.").format(name=name, title=title))
        elif night.choosing is not Choosing.BALLOT:
            text = _("No film was chosen for **{name}**. A host can pick one with `/night edit`.")
            response = Response(text.format(name=name))
        else:
            text = _("Nobody nominated a film for **{name}**. A host can pick one with `/night edit`.")
            response = Response(text.format(name=name))
        await self._post_marked(guild, night, job, response, "result", *items)

    # Reminders, and what else those who come have to know.

    async def _tell_of_move(self, guild: discord.Guild, snapshot: NightSnapshot, job: NightJob) -> None:
        version, seconds = job.kind.parameters
        night, before = snapshot.night, datetime.fromtimestamp(seconds, UTC)
        channel = guild.get_channel(night.channel_id)
        if night.state is NightState.VOTING and isinstance(channel, discord.TextChannel):
            await self._edit_ballot_message(channel, snapshot)
        if night.state.is_open and night.starts_at != before:
            await self._tell(guild, snapshot, job, lambda: describe_move(night, before), f"moved{version}")

    async def _tell_of_cancellation(self, guild: discord.Guild, snapshot: NightSnapshot, job: NightJob) -> None:
        night = snapshot.night
        if night.state is NightState.CANCELLED:
            await self._tell(guild, snapshot, job, lambda: describe_cancellation(night), "cancelled")

    async def _tell(
        self,
        guild: discord.Guild,
        snapshot: NightSnapshot,
        job: NightJob,
        describe: Callable[[], str],
        mark: str,
        others: Sequence[int] = (),
    ) -> None:
        """Tell those who come, or may, and the others where each is reminded; without any nothing is posted.

        `describe` returns the text in the language that is used when it is called.
        """
        snapshot = await self._sync_interest(guild, snapshot)
        night = snapshot.night
        coming = [rsvp for rsvp in snapshot.rsvps if rsvp.answer is not Answer.NO]
        direct, mentioned = await self._split_recipients(coming, others)
        try:
            self._get_channel(guild, night)
        except NightBlockedError:
            direct, mentioned = [*direct, *mentioned], []
        for start in range(0, len(mentioned), MENTIONS_IN_MESSAGE):
            response = mention_members(describe(), mentioned[start : start + MENTIONS_IN_MESSAGE])
            await self._post_marked(guild, night, job, response, f"{mark}p{start}")
        locales = await self._preferences.list_locales(direct)
        for member_id in direct:
            with use_locale(locales.get(member_id, get_locale())):
                await self._send_directly(
                    guild, night, member_id, job, Response(describe()), f"{mark}d{member_id}"
                )

    async def _split_recipients(
        self, rsvps: Sequence[Rsvp], others: Sequence[int] = ()
    ) -> tuple[list[int], list[int]]:
        """Return who of them, and of the others, is written to directly, and who is mentioned in the channel.

        Who keeps their name out of lists is never mentioned.
        """
        members = list(dict.fromkeys((*(rsvp.member_id for rsvp in rsvps), *others)))
        names = MemberNames(await self._privacy.list_privacy(members))
        wanted = {each.member_id for each in rsvps if each.is_direct}
        direct = [each for each in members if each in wanted or names.is_hidden(each)]
        return direct, [each for each in members if each not in direct]

    async def _sync_interest(self, guild: discord.Guild, snapshot: NightSnapshot) -> NightSnapshot:
        """Return the snapshot with those who are interested in Discord's event counted as coming."""
        interested = await self._events.list_interested(guild, snapshot)
        if interested is None:
            return snapshot
        night_id = snapshot.night.id
        await self._nights.sync_event_users(guild.id, night_id, interested, self._scheduler.now())
        return await self._nights.get_snapshot(guild.id, night_id)

    async def _remind(self, guild: discord.Guild, snapshot: NightSnapshot, job: NightJob) -> None:
        """Remind those who come in the channel, and store a job for each who is reminded directly.

        The host is reminded, too, of a night whose film is still missing.
        Who keeps their name out of lists is never mentioned. Where nothing can be posted, everybody is reminded
        directly.
        """
        snapshot = await self._sync_interest(guild, snapshot)
        night = snapshot.night
        if not night.state.is_open:
            await self._scheduler.repository.settle_job(job)
            return
        coming = [rsvp for rsvp in snapshot.rsvps if rsvp.answer is Answer.YES]
        hosts = [night.host_id] if night.host_id is not None and lacks_film(night) else []
        direct, mentioned = await self._split_recipients(coming, hosts)
        try:
            self._get_channel(guild, night)
        except NightBlockedError as error:
            await self._note_problem(guild, job, error.problem)
            direct, mentioned = [*direct, *mentioned], []
        (minutes,) = job.kind.parameters
        for start in range(0, len(mentioned), MENTIONS_IN_MESSAGE):
            members = mentioned[start : start + MENTIONS_IN_MESSAGE]
            mark = f"r{minutes}v{night.version}p{start}"
            await self._post_marked(guild, night, job, remind_response(snapshot, members), mark)
        await self._scheduler.repository.settle_reminder(job, direct, self._scheduler.now())

    async def _remind_directly(self, guild: discord.Guild, snapshot: NightSnapshot, job: NightJob) -> None:
        minutes, member_id = job.kind.parameters
        night = snapshot.night
        is_missed_host = member_id == night.host_id and lacks_film(night)
        if not night.state.is_open or not (is_missed_host or member_id in snapshot.list_members(Answer.YES)):
            return
        mark = f"d{minutes}"
        locale = (await self._preferences.list_locales([member_id])).get(member_id, get_locale())
        with use_locale(locale):
            await self._send_directly(guild, night, member_id, job, remind_response(snapshot, []), mark)

    async def _send_directly(
        self, guild: discord.Guild, night: Night, member_id: int, job: NightJob, response: Response, mark: str
    ) -> None:
        """Send the member a message with a link to the night, unless a process that died has sent it."""
        try:
            member = await guild.fetch_member(member_id)
            channel = await member.create_dm()
            button = NightLink(guild.id, night)
            if job.is_reclaimed:
                async for each in iterate_own_messages(channel, guild.me.id, job.first_claimed_at):
                    if button.url in list_button_urls(each):
                        return
            response = replace(response, view=View(button))
            await channel.send(nonce=f"n{night.id}-{mark}"[:NONCE_LIMIT], **response.as_message())
        except (discord.NotFound, discord.Forbidden) as error:  # they left, or take no direct messages
            log.info("a member can't be written to: Discord says %d", error.status)

    # The film and after it.

    async def _start(self, guild: discord.Guild, snapshot: NightSnapshot, job: NightJob) -> None:
        snapshot = await self._sync_interest(guild, snapshot)
        night = snapshot.night
        if night.state is not NightState.RUNNING:
            return
        name = escape_line(night.name, 100)
        if snapshot.film is not None:
            title = escape_line(shown_title(snapshot.film), 200)
            text = _("**{name}** starts now: **{title}**. Enjoy the film!").format(name=name, title=title)
        else:
            text = _("**{name}** starts now.").format(name=name)
            text += "\n" + describe_missing_film()
        if place := describe_place(night):
            text += "\n" + _("Where: {place}").format(place=place)
        await self._post_marked(guild, night, job, Response(text), "start")

    async def _ask_for_stars(self, guild: discord.Guild, snapshot: NightSnapshot, job: NightJob) -> None:
        """Ask those who came for their stars, with a thread to talk, and keep what was predicted for them."""
        night = snapshot.night
        if night.film_id is None or snapshot.film is None:
            return
        if self._scheduler.now() > night.ends_at + RATING_MAX_AGE:
            return
        coming = snapshot.list_members(Answer.YES)
        predictions = await self._recommendations.predict_stars(guild.id, coming, [night.film_id])
        stars = {
            member_id: each.stars[night.film_id]
            for member_id, each in predictions.items()
            if night.film_id in each.stars
        }
        await self._scheduler.repository.store_predictions(night.id, stars)
        title = escape_line(shown_title(snapshot.film), 200)
        text = _(
            "How was **{title}**? Rate it below, and it's in your diary as watched today. "
            "Press **Rate** to add a review, and talk about it in the thread."
        ).format(title=title)
        response = Response(text, view=create_rating_view(night, night.film_id))
        markers = (custom_id("night-stars", night.id, 1),)
        message = await self._post(guild, night, job, response, markers, "rate")
        if night.thread_id is None:
            await self._open_thread(message, night, shown_title(snapshot.film))

    async def _open_thread(self, message: discord.Message, night: Night, title: str) -> None:
        name = truncate(clean_line(_("Spoilers: {title}").format(title=title)), 100)
        try:
            thread_id = (await message.create_thread(name=name)).id
        except discord.HTTPException as error:
            if error.code != HAS_THREAD:
                log.info("a night has no thread: Discord says %d", error.code)
                return
            thread_id = message.id  # opened by a process that died before it could store it
        await self._nights.set_place_of(night.id, thread_id=thread_id)

    async def _summarise(self, guild: discord.Guild, snapshot: NightSnapshot, job: NightJob) -> None:
        night = snapshot.night
        if self._scheduler.now() > night.ends_at + SUMMARY_MAX_AGE or snapshot.film is None:
            return
        rated = await self._history.list_ratings(guild.id, night.id)
        if not rated:
            return
        names = MemberNames(await self._privacy.list_privacy(each.member_id for each in rated))
        embed = build_summary_embed(snapshot, rated, names)
        await self._post_marked(guild, night, job, with_mentions(Response(embeds=(embed,))), "summary")


def _create_view(night: Night, mark: str, *items: discord.ui.Item[Any]) -> View:
    """Return the items in one row with the button that opens the night."""
    for item in items:
        item.row = 0  # on a card they stand below its answers
    return View(*items, NightButton(str(night.id), mark))
