"""Messages about moderation besides the replies: to a text's author, and to the server's log channel."""

import logging
from typing import Any

import discord

from bot.core.discord import get_service
from bot.core.text.escaping import escape_line, format_user_text
from bot.films.service import FilmService
from bot.members.repository import ServerSettingsRepository
from bot.moderation.models import Action, Case, HiddenBy

log = logging.getLogger(__name__)
_OUTCOMES = {
    Action.HIDE: "is hidden now",
    Action.RESTORE: "is shown again",
    Action.DELETE: "is deleted, stars and all",
    Action.DISMISS: "is shown again: the moderators found no problem with it",
}


async def notify_author(interaction: discord.Interaction[Any], case: Case, action: Action, reason: str) -> bool:
    """Send the author a direct message about the decision; return whether it arrived.

    `case` is the text as it was before the decision.
    """
    content = case.content
    film = await get_service(interaction, FilmService).repository.get(content.film_id)
    title = escape_line(film.dated_title, 200) if film is not None else "a film"
    server = escape_line(interaction.guild.name, 100) if interaction.guild is not None else "a server"
    what = "reply to a review" if content.ref.is_reply else "review"
    outcome = _OUTCOMES[action]
    if action is Action.DELETE and content.ref.is_reply:
        outcome = "is deleted"
    if action is Action.RESTORE and content.hidden_by is HiddenBy.PRE_MODERATION:
        outcome = "is shown now"
    lines = [f"Your {what} of **{title}** in {server} {outcome}."]
    if reason.strip():
        lines.append(f"The moderators' reason: {escape_line(reason, 300)}")
    if action is Action.DELETE and content.text:
        lines.append(f"What you wrote: {format_user_text(content.text, 900)}")
    try:
        channel = await interaction.client.create_dm(discord.Object(content.author_id))
        await channel.send("\n".join(lines))
    except discord.HTTPException as error:
        log.info("a direct message to an author failed: Discord says %d", error.status)
        return False
    return True


async def post_to_log_channel(interaction: discord.Interaction[Any], server_id: int, text: str) -> bool:
    """Post a line to the server's log channel; return False only if there is one and the post failed."""
    channel_id = (await get_service(interaction, ServerSettingsRepository).get(server_id)).log_channel_id
    if channel_id is None or interaction.guild is None:
        return True
    channel = interaction.guild.get_channel(channel_id)
    if not isinstance(channel, discord.abc.Messageable):
        return False
    try:
        await channel.send(text)
    except discord.HTTPException as error:
        log.warning("posting to the log channel of server %d failed: Discord says %d", server_id, error.status)
        return False
    return True


async def post_pre_moderation_notice(interaction: discord.Interaction[Any], server_id: int, noun: str) -> None:
    """Post to the log channel that a `noun` waits for approval which nobody reported."""
    notice = f"A {noun} posted anew by {interaction.user.mention} waits: `/moderation queue`."
    await post_to_log_channel(interaction, server_id, notice)
