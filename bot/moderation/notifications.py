"""Messages about moderation besides the replies: to a text's author, and to the server's log channel."""

import logging
from typing import Any

import discord

from bot.core.discord import Response, get_public_locale, get_service, respond, use_member_language
from bot.core.text.formatting import escape_line, format_user_text
from bot.core.text.i18n import _, gettext_noop, use_locale
from bot.films.service import FilmService
from bot.members.repository import ServerSettingsRepository
from bot.members.service import PreferenceService
from bot.moderation.models import Action, Case, HiddenBy

log = logging.getLogger(__name__)
_OUTCOMES = {
    Action.HIDE: (
        gettext_noop("A moderator hid your review of {title} in {server}."),
        gettext_noop("A moderator hid your reply to a review of {title} in {server}."),
    ),
    Action.RESTORE: (
        gettext_noop("Your review of {title} in {server} is visible again."),
        gettext_noop("Your reply to a review of {title} in {server} is visible again."),
    ),
    Action.DELETE: (
        gettext_noop("A moderator deleted your rating and review of {title} in {server}."),
        gettext_noop("A moderator deleted your reply to a review of {title} in {server}."),
    ),
    Action.DISMISS: (
        gettext_noop("A moderator checked your review of {title} in {server}. It's visible again."),
        gettext_noop("A moderator checked your reply to a review of {title} in {server}. It's visible again."),
    ),
}
_APPROVED = (
    gettext_noop("A moderator approved your review of {title} in {server}. It's visible now."),
    gettext_noop("A moderator approved your reply to a review of {title} in {server}. It's visible now."),
)
"""What a decision means to the author, of a review and of a reply."""


async def notify_author(interaction: discord.Interaction[Any], case: Case, action: Action, reason: str) -> bool:
    """Send the author a direct message about the decision; return whether it arrived.

    `case` is the text as it was before the decision.
    """
    content = case.content
    preferences = get_service(interaction, PreferenceService)
    locale = await preferences.get_locale(content.author_id) or get_public_locale(interaction)
    film = await get_service(interaction, FilmService).repository.get(content.film_id)
    with use_locale(locale):
        title = f"**{escape_line(film.shown_title, 200)}**" if film is not None else _("a film")
        server = escape_line(interaction.guild.name, 100) if interaction.guild is not None else _("a server")
        is_approval = action is Action.RESTORE and content.hidden_by is HiddenBy.PRE_MODERATION
        sentences = _APPROVED if is_approval else _OUTCOMES[action]
        lines = [_(sentences[content.ref.is_reply]).format(title=title, server=server)]
        if reason.strip():
            lines.append(_("Reason: {reason}").format(reason=escape_line(reason, 300)))
        if action is Action.DELETE and content.text:
            lines.append(_("Your text: {text}").format(text=format_user_text(content.text, 900)))
    try:
        channel = await interaction.client.create_dm(discord.Object(content.author_id))
        await channel.send("\n".join(lines))
    except discord.HTTPException as error:
        log.info("a direct message to an author failed: Discord says %d", error.status)
        return False
    return True


async def post_to_log_channel(interaction: discord.Interaction[Any], server_id: int, text: str) -> bool:
    """Post a line to the server's log channel; return False only if there is one and the post failed."""
    if interaction.guild is None:
        return True
    return await send_to_log_channel(interaction.guild, get_service(interaction, ServerSettingsRepository), text)


async def send_to_log_channel(guild: discord.Guild, settings: ServerSettingsRepository, text: str) -> bool:
    """Post a line to the log channel of a server, as `post_to_log_channel` does where no member has acted."""
    channel_id = (await settings.get(guild.id)).log_channel_id
    if channel_id is None:
        return True
    channel = guild.get_channel(channel_id)
    if not isinstance(channel, discord.abc.Messageable):
        return False
    try:
        await channel.send(text)
    except discord.HTTPException as error:
        log.warning("posting to the log channel of server %d failed: Discord says %d", guild.id, error.status)
        return False
    return True


async def post_own_action(interaction: discord.Interaction[Any], server_id: int, text: str) -> None:
    """Post what the moderator has done to the server's log channel; tell them privately if that fails."""
    if not await post_to_log_channel(interaction, server_id, text):
        use_member_language(interaction)
        await respond(interaction, Response(describe_log_problem(), is_ephemeral=True))


def describe_log_problem() -> str:
    """Return the sentence to a moderator for a log channel that Marquee can't post in."""
    return _("I can't post in the log channel. Choose another with `/settings reviews`.")


async def post_pre_moderation_notice(interaction: discord.Interaction[Any], server_id: int, noun: str) -> None:
    """Post to the log channel that a `noun` which nobody reported needs approval."""
    with use_locale(get_public_locale(interaction)):
        notice = (
            _("A reply by {member} needs approval. Run `/moderation queue`.")
            if noun == "reply"
            else _("A review by {member} needs approval. Run `/moderation queue`.")
        )
    await post_to_log_channel(interaction, server_id, notice.format(member=interaction.user.mention))
