"""A vote on what comes next, by Discord's own poll."""

from datetime import timedelta

import discord

from bot.core.discord import ServiceRegistry
from bot.core.text.formatting import clean_line, truncate, with_year
from bot.films.service import FilmService
from bot.picks.channels import Trouble, channel_of, place_of
from bot.picks.message_search import vote_in
from bot.picks.models import Task, Vote
from bot.picks.scheduler import PickScheduler
from bot.picks.service import PickService

QUESTION = "What comes on the marquee next?"
ANSWER_LIMIT = 55
COUNTED_WITHIN = timedelta(minutes=10)
"""How long after its end a vote may take to be counted by Discord."""
AGAIN_SOON = timedelta(minutes=1)


async def hold(services: ServiceRegistry, guild: discord.Guild, task: Task) -> None:
    """Call the vote. Raises Trouble where it can't be."""
    vote = await services.get(PickScheduler).vote(guild.id, task.subject_id)
    settings = await services.get(PickService).settings(guild.id)
    if vote is None or vote.ends_at <= discord.utils.utcnow():
        await services.get(PickScheduler).settle(task)
        return
    if settings.channel_id is None:
        raise Trouble("channel", "The marquee has no channel for a vote: `/pick rotate` names one.")
    place = place_of(guild, settings.channel_id)
    if isinstance(place, discord.ForumChannel):
        raise Trouble(
            "vote", "A forum takes no votes: `/pick rotate` names another channel or another way to refill."
        )
    if not place.permissions_for(guild.me).send_polls:
        raise Trouble("permission", f"Marquee may not create polls in {place.mention}, so a vote waits.")
    message = await vote_in(place, QUESTION, task.since) if task.again else None
    if message is None:
        hours = max(1, round((vote.ends_at - discord.utils.utcnow()) / timedelta(hours=1)))
        poll = discord.Poll(question=QUESTION, duration=timedelta(hours=hours))
        for film_id in vote.film_ids:
            film = await services.get(FilmService).get(film_id)
            poll.add_answer(
                text=truncate(clean_line(with_year(film.title, film.year) if film else film_id), ANSWER_LIMIT)
            )
        message = await place.send(poll=poll, nonce=f"vote-{vote.id}")
    # Discord's polls last whole hours: one that is held late ends later than it was to.
    ends = message.poll.expires_at if message.poll is not None else None
    await services.get(PickScheduler).vote_posted(task, place.id, message.id, ends or vote.ends_at)


async def count(services: ServiceRegistry, guild: discord.Guild, task: Task) -> None:
    """Count the vote and bring the winner on; of several, the one named first."""
    vote = await services.get(PickScheduler).vote(guild.id, task.subject_id)
    poll = await _poll(guild, vote) if vote is not None else None
    if vote is None or poll is None:
        text = "The vote on the next pick is gone, so nothing comes on: `/pick add` plans a film."
        await services.get(PickScheduler).notice(guild.id, "vote", text)
        await services.get(PickScheduler).settle(task)
        return
    if not poll.is_finalised() and discord.utils.utcnow() < vote.ends_at + COUNTED_WITHIN:
        await services.get(PickScheduler).postpone(task, AGAIN_SOON)
        return
    votes = [answer.vote_count for answer in poll.answers]
    await services.get(PickScheduler).elect(task, vote.film_ids[votes.index(max(votes))])
    await services.get(PickScheduler).mended(guild.id, "vote", "empty")


async def _poll(guild: discord.Guild, vote: Vote) -> discord.Poll | None:
    if vote.channel_id is None or vote.message_id is None:
        return None
    channel = await channel_of(guild, vote.channel_id)
    if not isinstance(channel, discord.TextChannel):
        return None
    try:
        return (await channel.fetch_message(vote.message_id)).poll
    except (discord.NotFound, discord.Forbidden):
        return None
