"""The channels in which the marquee may announce picks, and what keeps it from doing so."""

import discord

from bot.core.discord.permissions import (
    UPDATED_CARD,
    describe_missing_permissions,
    list_missing_permissions,
)
from bot.core.text.formatting import join_list
from bot.core.text.i18n import _
from bot.picks.models import JobKind, Notice, NoticeKind, PickSettings, RefillMode

TOO_MANY_THREADS = 160006
"""Discord's error code for a channel that has as many threads as it may have."""
AnnouncementChannel = discord.TextChannel | discord.ForumChannel


class JobBlockedError(Exception):
    """A job can't be done until a moderator solves a problem; the notice tells them which."""

    def __init__(self, kind: NoticeKind, text: str) -> None:
        super().__init__(text)
        self.notice = Notice(kind, text)


def get_announcement_channel(guild: discord.Guild, channel_id: int) -> AnnouncementChannel:
    """Return the channel for announcements.

    Raises JobBlockedError if it does not exist or Marquee can't write there.
    """
    channel = guild.get_channel(channel_id)
    if not isinstance(channel, (discord.TextChannel, discord.ForumChannel)):
        raise JobBlockedError(
            NoticeKind.CHANNEL,
            _("The announcement channel is gone, so a pick wasn't announced. Choose another with `/pick rotate`."),
        )
    require_permissions(channel)
    return channel


def list_setting_problems(guild: discord.Guild | None, settings: PickSettings) -> list[str]:
    """Return sentences about settings of the marquee that can't be followed as things are."""
    channel_id, problems = settings.announcement_channel_id, []
    channel = guild.get_channel(channel_id) if guild is not None and channel_id is not None else None
    if guild is not None and isinstance(channel, AnnouncementChannel):
        if problem := describe_missing_permissions(channel, _list_needed(channel)):
            problems.append(problem)
        if settings.is_announcement_published and channel.type is not discord.ChannelType.news:
            problems.append(
                # Translators: “announcement channel” is Discord's word for channels that other servers can follow
                _("{channel} isn't an announcement channel, so picks aren't published.").format(
                    channel=channel.mention
                )
            )
        role_id = settings.announcement_role_id
        if role_id is not None and find_pingable_role(guild, channel, role_id) is None:
            problems.append(describe_unpingable_role())
    if settings.refill is RefillMode.POLL and channel_id is None:
        problems.append(describe_missing_poll_channel())
    return problems


def describe_unpingable_role() -> str:
    """Return that the role to be pinged can't be."""
    # Translators: “Mention @everyone, @here and All Roles” is Discord's permission
    return _(
        "I can't ping the announcement role. Let everyone mention it, allow me “Mention @everyone, @here and All "
        "Roles”, or choose another with `/pick rotate`."
    )


def describe_missing_poll_channel() -> str:
    """Return that a vote on the next pick can't be held."""
    return _("The vote has no channel. Choose one with `/pick rotate`.")


def _list_needed(channel: AnnouncementChannel | discord.Thread) -> list[str]:
    """Return the permissions that an announcement in the channel takes."""
    needed = [name for name in UPDATED_CARD if name != "send_messages" or not isinstance(channel, discord.Thread)]
    # A forum's posts are threads.
    return needed if isinstance(channel, discord.TextChannel) else [*needed, "send_messages_in_threads"]


def require_permissions(channel: AnnouncementChannel | discord.Thread) -> None:
    """Raise JobBlockedError if Marquee lacks a permission that it needs in the channel."""
    missing = list_missing_permissions(channel, _list_needed(channel))
    if missing:
        raise JobBlockedError(
            NoticeKind.PERMISSION,
            _("I can't post in {channel}, so a pick hasn't been announced. Allow me: {permissions}.").format(
                channel=channel.mention, permissions=join_list(missing)
            ),
        )


async def unarchive(channel: discord.TextChannel | discord.Thread) -> None:
    """Unarchive a thread, since nothing in an archived one can be edited."""
    if isinstance(channel, discord.Thread) and channel.archived:
        await channel.edit(archived=False)


def describe_refusal(kind: JobKind, error: discord.HTTPException) -> Notice:
    """Return the notice about a request of the job that Discord refused."""
    if error.code == TOO_MANY_THREADS:
        return Notice(
            NoticeKind.TOO_MANY_THREADS,
            _("The announcement channel has too many threads, so a pick hasn't been announced. Close some."),
        )
    text = _("Discord refused to let me post or change a pick: {error}.").format(error=error.text.rstrip("."))
    return Notice(NoticeKind.REFUSED, text)


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
    """Return the role, or None if it does not exist or can't be pinged by Marquee in the channel.

    @everyone is no role that a mention pings.
    """
    role = guild.get_role(role_id) if role_id is not None else None
    if (
        role is None
        or role.is_default()
        or not (role.mentionable or channel.permissions_for(guild.me).mention_everyone)
    ):
        return None
    return role
