"""Messages that follow a moderator's decision: to the review's author, and to the server's log channel."""

import logging
from typing import Any

import discord

from bot.core.discord import get_service
from bot.core.text.escaping import escape_line, format_user_text
from bot.films.service import FilmService
from bot.members.server_settings_repository import ServerSettingsRepository
from bot.moderation.models import Action, Reported
from bot.reviews.service import HiddenBy

log = logging.getLogger(__name__)
_WHAT = {
    Action.HIDE: "is hidden now",
    Action.RESTORE: "is shown again",
    Action.DELETE: "is deleted, stars and all",
    Action.DISMISS: "is shown again: the moderators found no problem with it",
}


async def tell_author(
    interaction: discord.Interaction[Any], reported: Reported, action: Action, reason: str
) -> bool:
    """Tell the author of a review or a reply what became of it; tell whether they could be told."""
    film = await get_service(interaction, FilmService).get(reported.review.film_id)
    title = escape_line(film.dated_title, 200) if film is not None else "a film"
    server = escape_line(interaction.guild.name, 100) if interaction.guild is not None else "a server"
    what = "reply to a review" if reported.subject.is_reply else "review"
    became = "is deleted" if action is Action.DELETE and reported.subject.is_reply else _WHAT[action]
    if action is Action.RESTORE and reported.hidden_by is HiddenBy.HELD:
        became = "is shown now"
    lines = [f"Your {what} of **{title}** in {server} {became}."]
    if reason.strip():
        lines.append(f"The moderators' reason: {escape_line(reason, 300)}")
    if action is Action.DELETE and reported.text:
        lines.append(f"What you wrote: {format_user_text(reported.text, 900)}")
    try:
        channel = await interaction.client.create_dm(discord.Object(reported.member_id))
        await channel.send("\n".join(lines))
    except discord.HTTPException as error:
        log.info("an author could not be told: Discord says %d", error.status)
        return False
    return True


async def post_to_log_channel(interaction: discord.Interaction[Any], server_id: int, text: str) -> bool:
    """Post a line to the server's log channel; tell whether it arrived, or there is none to post to."""
    channel_id = (await get_service(interaction, ServerSettingsRepository).get(server_id)).log_channel_id
    if channel_id is None or interaction.guild is None:
        return True
    channel = interaction.guild.get_channel(channel_id)
    if not isinstance(channel, discord.abc.Messageable):
        return False
    try:
        await channel.send(text)
    except discord.HTTPException as error:
        log.warning("the log channel of server %d can't be written to: Discord says %d", server_id, error.status)
        return False
    return True
