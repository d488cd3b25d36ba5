"""Who may curate, and the channels in which the marquee may announce picks."""

from typing import Any

import discord

from bot.core.discord import get_service, require_guild_id
from bot.core.errors import MarqueeError
from bot.picks.models import JobKind, Notice
from bot.picks.service import PickService


class NotCuratorError(MarqueeError):
    """The member may not curate."""

    def __init__(self) -> None:
        super().__init__(
            "That is for curators: it takes the permission to manage the server, or the role that "
            "`/settings picks` names."
        )


async def require_curator(interaction: discord.Interaction[Any]) -> int:
    """Return the server's id. Raises NotCuratorError if the member may not curate now."""
    server_id = require_guild_id(interaction)
    if not await is_curator(interaction):
        raise NotCuratorError
    return server_id


async def is_curator(interaction: discord.Interaction[Any]) -> bool:
    """Return whether the member may curate now."""
    if interaction.permissions.manage_guild:
        return True
    settings = await get_service(interaction, PickService).repository.get_settings(require_guild_id(interaction))
    return _has_role(interaction, settings.curator_role_id)


def is_cached_curator(interaction: discord.Interaction[Any]) -> bool:
    """Return whether the member may curate, as far as the cache knows, for autocomplete, which must not wait."""
    if interaction.permissions.manage_guild:
        return True
    snapshot = get_service(interaction, PickService).cache.get(require_guild_id(interaction))
    return snapshot is not None and _has_role(interaction, snapshot.programme.settings.curator_role_id)


def _has_role(interaction: discord.Interaction[Any], role_id: int | None) -> bool:
    return role_id is not None and role_id in {role.id for role in getattr(interaction.user, "roles", ())}


TOO_MANY_THREADS = 160006
"""Discord's error code for a channel that has as many threads as it may have."""
AnnouncementChannel = discord.TextChannel | discord.ForumChannel
_PERMISSIONS = {
    "view_channel": "see it",
    "send_messages": "write there",
    "embed_links": "embed links",
    "attach_files": "attach files",
    "read_message_history": "read its history",
}


class JobBlockedError(Exception):
    """A job can't be done until a moderator solves a problem; the notice tells them which."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.notice = Notice(kind, text)


def get_announcement_channel(guild: discord.Guild, channel_id: int) -> AnnouncementChannel:
    """Return the channel for announcements.

    Raises JobBlockedError if it does not exist or Marquee can't write there.
    """
    channel = guild.get_channel(channel_id)
    if not isinstance(channel, (discord.TextChannel, discord.ForumChannel)):
        raise JobBlockedError(
            "channel",
            "The marquee's channel is gone, so a pick waits to be announced: `/pick rotate` names another.",
        )
    require_permissions(channel)
    return channel


def require_permissions(channel: AnnouncementChannel | discord.Thread) -> None:
    """Raise JobBlockedError if Marquee lacks a permission that it needs in the channel."""
    needed = dict(_PERMISSIONS)
    if isinstance(channel, discord.Thread):
        del needed["send_messages"]
    if not isinstance(channel, discord.TextChannel):  # a forum's posts are threads
        needed["send_messages_in_threads"] = "write in its threads"
    permissions = channel.permissions_for(channel.guild.me)
    missing = [description for name, description in needed.items() if not getattr(permissions, name)]
    if missing:
        raise JobBlockedError(
            "permission",
            f"Marquee can't post to {channel.mention}, so a pick waits to be announced. "
            f"It must be allowed to {', '.join(missing)}.",
        )


async def unarchive(channel: discord.TextChannel | discord.Thread) -> None:
    """Unarchive a thread, since nothing in an archived one can be edited."""
    if isinstance(channel, discord.Thread) and channel.archived:
        await channel.edit(archived=False)


def describe_refusal(kind: JobKind, error: discord.HTTPException) -> Notice:
    """Return the notice about a request of the job that Discord refused."""
    if error.code == TOO_MANY_THREADS:
        return Notice(
            "threads",
            "The marquee's channel has as many threads as it may have, so a pick waits to be announced.",
        )
    text = f"Discord refused what the marquee wanted to do ({kind.value}): {error.text.rstrip('.')}."
    return Notice("refused", text)


async def fetch_channel(guild: discord.Guild, channel_id: int) -> discord.abc.GuildChannel | discord.Thread | None:
    """Return the channel or thread of that id, an archived one too, or None if it does not exist."""
    channel = guild.get_channel_or_thread(channel_id)
    if channel is not None:
        return channel
    try:
        return await guild.fetch_channel(channel_id)
    except (discord.NotFound, discord.Forbidden, discord.InvalidData):
        return None


def find_pingable_role(
    guild: discord.Guild, channel: AnnouncementChannel, role_id: int | None
) -> discord.Role | None:
    """Return the role, or None if it does not exist or Marquee may not ping it in the channel."""
    role = guild.get_role(role_id) if role_id is not None else None
    if role is None or not (role.mentionable or channel.permissions_for(guild.me).mention_everyone):
        return None
    return role
