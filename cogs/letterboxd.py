"""`/letterboxd`: members connect their accounts; new entries of theirs are taken, and posted in a channel."""

import logging

import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.client import Marquee
from bot.core.discord import Response, acknowledge, gettext_lazy, require_guild_id, respond
from bot.core.discord.error_handler import log_errors
from bot.core.discord.permissions import (
    describe_channel_problem,
    describe_missing_permissions,
    list_missing_permissions,
)
from bot.core.errors import ConflictingOptionsError
from bot.core.text.i18n import SOURCE_LOCALE, use_locale
from bot.imports import following_views
from bot.imports.following_models import LONGEST_SNOOZE_HOURS, Post
from bot.imports.following_service import Disconnected, FollowingService
from bot.members.models import Privacy
from bot.moderation.automod import require_allowed_words_in
from bot.moderation.notifications import send_to_log_channel
from bot.moderation.views import require_moderator
from bot.moderation.word_filter import RefusedWordsError

log = logging.getLogger(__name__)
Context = discord.Interaction[Marquee]
Hours = app_commands.Range[int, 0, LONGEST_SNOOZE_HOURS]
_CLEARABLE = [app_commands.Choice(name=gettext_lazy("The channel"), value="channel")]
POLL_SECONDS = 60
"""How often the bot looks for feeds whose time has come, and for entries to be posted."""


@app_commands.guild_only()
class LetterboxdCog(
    commands.GroupCog, name="letterboxd", description=gettext_lazy("Follow Letterboxd diaries in this server")
):
    """`/letterboxd`, and the tasks that read feeds and post what is new."""

    def __init__(self, bot: Marquee) -> None:
        self.bot = bot
        self.following: FollowingService = bot.services.following
        self._closed: set[int] = set()
        """Servers whose moderators were told that Marquee can't post in their channel."""

    async def cog_unload(self) -> None:
        """Stop the tasks."""
        self.read_feeds.cancel()
        self.post_entries.cancel()

    @app_commands.command(description=gettext_lazy("Connect your Letterboxd account"))
    @app_commands.describe(
        user=gettext_lazy("Your name on Letterboxd, or the address of your profile"),
        reviews=gettext_lazy("Publish your new reviews here, too (default: no)"),
    )
    async def connect(
        self, interaction: Context, user: app_commands.Range[str, 1, 100], reviews: bool = False
    ) -> None:
        """Follow the member's diary from now on."""
        await acknowledge(interaction, ephemeral=True)
        server_id = require_guild_id(interaction)
        account = await self.following.connect(server_id, interaction.user.id, user, takes_reviews=reviews)
        channel_id, _until = await self.following.get_settings(server_id)
        content = following_views.describe_connected(account, channel_id)
        await respond(interaction, Response(content, is_ephemeral=True))

    @app_commands.command(description=gettext_lazy("Disconnect your Letterboxd account"))
    @app_commands.describe(member=gettext_lazy("For moderators: whose account to disconnect"))
    async def disconnect(self, interaction: Context, member: discord.Member | None = None) -> None:
        """Follow the member's diary no more."""
        await acknowledge(interaction, ephemeral=True)
        server_id = require_guild_id(interaction)
        if member is not None and member.id != interaction.user.id:
            await require_moderator(interaction)
        member_id = member.id if member is not None else interaction.user.id
        await self.following.disconnect(server_id, member_id, actor_id=interaction.user.id)
        content = following_views.describe_disconnected(member_id if member_id != interaction.user.id else None)
        await respond(interaction, Response(content, is_ephemeral=True))

    @app_commands.command(description=gettext_lazy("See which account is connected, and where entries are posted"))
    async def status(self, interaction: Context) -> None:
        """Show the member's account and the server's channel."""
        await acknowledge(interaction, ephemeral=True)
        server_id = require_guild_id(interaction)
        account = await self.following.repository.get(server_id, interaction.user.id)
        if account is None:
            self.following.require_enabled()
        content = following_views.describe_account(account, *await self.following.get_settings(server_id))
        await respond(interaction, Response(content, is_ephemeral=True))

    @app_commands.command(description=gettext_lazy("For moderators: post connected members' new entries"))
    @app_commands.describe(
        channel=gettext_lazy("Where to post them (leave empty to see the setting)"),
        clear=gettext_lazy("A setting to clear"),
    )
    @app_commands.choices(clear=_CLEARABLE)
    async def channel(
        self, interaction: Context, channel: discord.TextChannel | None = None, clear: str | None = None
    ) -> None:
        """Set the channel in which entries are posted, stop posting, or see where it is done."""
        await acknowledge(interaction, ephemeral=True)
        await require_moderator(interaction)
        self.following.require_enabled()
        server_id = require_guild_id(interaction)
        if channel is not None and (problem := describe_missing_permissions(channel)):
            await respond(interaction, Response(problem, is_ephemeral=True))
            return
        if channel is not None and clear is not None:
            raise ConflictingOptionsError("channel", "clear")
        if channel is not None or clear is not None:
            channel_id = channel.id if channel is not None else None
            await self.following.set_channel(server_id, channel_id, actor_id=interaction.user.id)
        await self._show_channel(interaction, server_id)

    @app_commands.command(description=gettext_lazy("For moderators: pause posting for a while"))
    @app_commands.describe(hours=gettext_lazy("For how many hours (0 to resume now)"))
    async def snooze(self, interaction: Context, hours: Hours) -> None:
        """Post nothing for some hours."""
        await acknowledge(interaction, ephemeral=True)
        await require_moderator(interaction)
        self.following.require_enabled()
        server_id = require_guild_id(interaction)
        await self.following.snooze(server_id, hours, actor_id=interaction.user.id)
        await self._show_channel(interaction, server_id)

    async def _show_channel(self, interaction: Context, server_id: int) -> None:
        """Reply to a moderator where entries are posted, and what Marquee lacks to post them there."""
        channel_id, until = await self.following.get_settings(server_id)
        guild = interaction.guild
        if guild is not None and channel_id is not None and guild.get_channel(channel_id) is None:
            channel_id = None  # it was deleted
        described = following_views.describe_channel(channel_id, until, is_for_moderator=True)
        content = "\n".join(filter(None, (described, describe_channel_problem(interaction, channel_id))))
        await respond(interaction, Response(content, is_ephemeral=True))

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Begin to read feeds, and to post what waits."""
        if self.following.is_enabled:
            for loop in (self.read_feeds, self.post_entries):
                if not loop.is_running():
                    loop.start()

    @tasks.loop(seconds=POLL_SECONDS)
    async def read_feeds(self) -> None:
        """Read the feeds whose time has come."""
        with log_errors("reading Letterboxd feeds"):
            for gone in await self.following.poll(self._is_served, self._check_words):
                await self._tell(gone)

    @tasks.loop(seconds=POLL_SECONDS)
    async def post_entries(self) -> None:
        """Post the entries that wait, oldest first."""
        with log_errors("posting Letterboxd entries"):
            for server_id in await self.following.list_posting_servers():
                channel = await self._find_channel(server_id)
                while channel is not None and (post := await self.following.claim_post(server_id)) is not None:
                    await self._post(post, channel)

    def _is_served(self, server_id: int) -> bool:
        return self.bot.get_guild(server_id) is not None

    async def _check_words(self, server_id: int, text: str) -> None:
        guild = self.bot.get_guild(server_id)
        if guild is not None:
            await require_allowed_words_in(self.bot, guild, self.bot.services.server_settings, text)

    async def _find_channel(self, server_id: int) -> discord.TextChannel | None:
        """Return where the server's entries are posted, None where Marquee can't post: they wait until it can.

        The server's log channel is told once what is missing.
        """
        guild = self.bot.get_guild(server_id)
        channel_id, _until = await self.following.get_settings(server_id)
        channel = guild.get_channel(channel_id) if guild is not None and channel_id is not None else None
        if guild is None or channel_id is None:
            return None
        if isinstance(channel, discord.TextChannel) and not list_missing_permissions(channel):
            self._closed.discard(server_id)
            return channel
        if server_id not in self._closed:
            self._closed.add(server_id)
            log.info("Letterboxd entries of server %d wait: their channel is gone or closed", server_id)
            with use_locale(self.bot.services.languages.get_for(guild)):
                problem = describe_missing_permissions(channel) if channel is not None else ""
                notice = problem or following_views.describe_channel(None, None, is_for_moderator=True)
            await send_to_log_channel(guild, self.bot.services.server_settings, notice)
        return None

    async def _post(self, post: Post, channel: discord.TextChannel) -> None:
        """Post one entry. What the server refuses is left out; a member who hides their name is not named."""
        privacy: Privacy = await self.bot.services.privacy.get_privacy(post.member_id)
        if privacy.is_name_hidden:
            return
        review = post.review
        try:
            await self._check_words(post.server_id, review)
        except RefusedWordsError:
            review = ""
        with use_locale(self.bot.services.languages.get_for(channel.guild)):
            response = following_views.render_post(post, f"<@{post.member_id}>", review=review)
        try:
            await channel.send(**response.as_message())
        except discord.HTTPException as error:
            log.warning("posting a Letterboxd entry failed: Discord says %d", error.status)

    async def _tell(self, gone: Disconnected) -> None:
        """Tell a member that their account was disconnected."""
        guild = self.bot.get_guild(gone.server_id)
        locale = await self.bot.services.preferences.get_locale(gone.member_id) or SOURCE_LOCALE
        with use_locale(locale):
            text = following_views.describe_gone_account(gone.username, guild.name if guild is not None else "")
        try:
            channel = await self.bot.create_dm(discord.Object(gone.member_id))
            await channel.send(text)
        except discord.HTTPException as error:
            log.info("a direct message about Letterboxd failed: Discord says %d", error.status)


async def setup(bot: Marquee) -> None:
    """Add the cog."""
    await bot.add_cog(LetterboxdCog(bot))
