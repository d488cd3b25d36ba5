"""Where the marquee may write, and what keeps it from writing there."""

import discord

from bot.picks.models import Errand

TOO_MANY_THREADS = 160006
Place = discord.TextChannel | discord.ForumChannel
_NEEDED = {
    "view_channel": "see it",
    "send_messages": "write there",
    "embed_links": "embed links",
    "attach_files": "attach files",
    "read_message_history": "read its history",
}


class Trouble(Exception):  # noqa: N818  # it is told to moderators, not raised to a member
    """What keeps an errand from being done, for moderators to mend; `kind` names it."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text


def place_of(guild: discord.Guild, channel_id: int) -> Place:
    """Give the channel for announcements. Raises Trouble where it is gone or can't be written to."""
    channel = guild.get_channel(channel_id)
    if not isinstance(channel, (discord.TextChannel, discord.ForumChannel)):
        raise Trouble(
            "channel",
            "The marquee's channel is gone, so a pick waits to be announced: `/pick rotate` names another.",
        )
    require(channel)
    return channel


def require(channel: Place | discord.Thread) -> None:
    """Raise Trouble where Marquee lacks a permission it needs in the channel."""
    permissions = channel.permissions_for(channel.guild.me)
    lacking = [told for name, told in _needed(channel).items() if not getattr(permissions, name)]
    if lacking:
        raise Trouble(
            "permission",
            f"Marquee can't post to {channel.mention}, so a pick waits to be announced. "
            f"It must be allowed to {', '.join(lacking)}.",
        )


def _needed(channel: Place | discord.Thread) -> dict[str, str]:
    """Give the permissions that are needed: writing in a thread takes another one, and a forum's post is one."""
    in_threads = {"send_messages_in_threads": "write in its threads"}
    if isinstance(channel, discord.Thread):
        return {name: told for name, told in _NEEDED.items() if name != "send_messages"} | in_threads
    return _NEEDED | in_threads if isinstance(channel, discord.ForumChannel) else _NEEDED


async def awake(channel: discord.TextChannel | discord.Thread) -> None:
    """Take a thread that nobody wrote in for long out of the archive: nothing in there can be changed."""
    if isinstance(channel, discord.Thread) and channel.archived:
        await channel.edit(archived=False)


def refused(errand: Errand, refusal: discord.HTTPException) -> tuple[str, str]:
    """Give the kind of trouble that Discord's refusal is, and what the moderators are told of it."""
    if refusal.code == TOO_MANY_THREADS:
        return (
            "threads",
            "The marquee's channel has as many threads as it may have, so a pick waits to be announced.",
        )
    text = f"Discord refused what the marquee wanted to do ({errand.value}): {refusal.text.rstrip('.')}."
    return "refused", text


async def channel_of(guild: discord.Guild, channel_id: int) -> discord.abc.GuildChannel | discord.Thread | None:
    """Give the channel or thread of that id, archived ones too, or None where it is gone."""
    found = guild.get_channel_or_thread(channel_id)
    if found is not None:
        return found
    try:
        return await guild.fetch_channel(channel_id)
    except (discord.NotFound, discord.Forbidden, discord.InvalidData):
        return None


def ping_of(guild: discord.Guild, place: Place, role_id: int | None) -> discord.Role | None:
    """Give the role to ping, or None where there is none that Marquee may ping."""
    role = guild.get_role(role_id) if role_id is not None else None
    if role is None or not (role.mentionable or place.permissions_for(guild.me).mention_everyone):
        return None
    return role
