"""Polls on what comes next, as Discord's own polls."""

from datetime import timedelta

import discord

from bot.core.text.formatting import clean_line, truncate, with_year
from bot.films.service import FilmService
from bot.picks.channels import JobBlockedError, fetch_channel, get_announcement_channel
from bot.picks.message_search import find_poll
from bot.picks.models import Job, Notice, Poll
from bot.picks.repository import PickRepository
from bot.picks.scheduler_service import PickScheduler

QUESTION = "What comes on the marquee next?"
ANSWER_LIMIT = 55
COUNTING_TIME = timedelta(minutes=10)
"""How long after a poll's end Discord may take to count it."""
COUNT_RETRY_DELAY = timedelta(minutes=1)


class PickPolls:
    """Opens and counts polls."""

    def __init__(self, *, scheduler: PickScheduler, repository: PickRepository, films: FilmService) -> None:
        self._scheduler = scheduler
        self._repository = repository
        self._films = films

    async def open(self, guild: discord.Guild, job: Job) -> None:
        """Post the poll, unless its time is over. Raises JobBlockedError."""
        poll = await self._scheduler.repository.find_poll(guild.id, job.subject_id)
        settings = await self._repository.get_settings(guild.id)
        if poll is None or poll.ends_at <= discord.utils.utcnow():
            await self._scheduler.repository.settle_job(job)
            return
        if settings.announcement_channel_id is None:
            raise JobBlockedError("channel", "The marquee has no channel for a vote: `/pick rotate` names one.")
        channel = get_announcement_channel(guild, settings.announcement_channel_id)
        if isinstance(channel, discord.ForumChannel):
            raise JobBlockedError(
                "vote", "A forum takes no votes: `/pick rotate` names another channel or another way to refill."
            )
        if not channel.permissions_for(guild.me).send_polls:
            text = f"Marquee may not create polls in {channel.mention}, so a vote waits."
            raise JobBlockedError("permission", text)
        message = await find_poll(channel, QUESTION, job.first_claimed_at) if job.is_reclaimed else None
        if message is None:
            message = await channel.send(poll=await self._build_poll(poll), nonce=f"vote-{poll.id}")
        # Discord's polls last whole hours: one that is opened late ends later than planned.
        ends_at = message.poll.expires_at if message.poll is not None else None
        await self._scheduler.repository.settle_opened_poll(
            job, channel_id=channel.id, message_id=message.id, ends_at=ends_at or poll.ends_at
        )

    async def _build_poll(self, poll: Poll) -> discord.Poll:
        hours = max(1, round((poll.ends_at - discord.utils.utcnow()) / timedelta(hours=1)))
        discord_poll = discord.Poll(question=QUESTION, duration=timedelta(hours=hours))
        for film_id in poll.film_ids:
            film = await self._films.repository.get(film_id)
            title = with_year(film.title, film.year) if film is not None else film_id
            discord_poll.add_answer(text=truncate(clean_line(title), ANSWER_LIMIT))
        return discord_poll

    async def count(self, guild: discord.Guild, job: Job) -> None:
        """Count the poll and start the winner; of several, the one named first."""
        poll = await self._scheduler.repository.find_poll(guild.id, job.subject_id)
        discord_poll = await _fetch_poll(guild, poll) if poll is not None else None
        if poll is None or discord_poll is None:
            text = "The vote on the next pick is gone, so nothing comes on: `/pick add` plans a film."
            await self._scheduler.add_notice(guild.id, Notice("vote", text))
            await self._scheduler.repository.settle_job(job)
            return
        if not discord_poll.is_finalised() and discord.utils.utcnow() < poll.ends_at + COUNTING_TIME:
            await self._scheduler.postpone_job(job, COUNT_RETRY_DELAY)
            return
        votes = [answer.vote_count for answer in discord_poll.answers]
        await self._scheduler.settle_counted_poll(job, poll.film_ids[votes.index(max(votes))])
        await self._scheduler.repository.clear_notices(guild.id, ("vote", "empty"))


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
