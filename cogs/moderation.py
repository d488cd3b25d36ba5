"""`/moderation`: the queue of reports, blocks and the log, for moderators of reviews."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import Response, acknowledge, acknowledge_if_busy, respond, use_public_language
from bot.core.discord.localisation import gettext_lazy
from bot.core.errors import InvalidInputError
from bot.core.text.formatting import escape_line
from bot.core.text.i18n import _
from bot.moderation import views
from bot.moderation.embeds import create_log_file, describe_action
from bot.moderation.models import MAXIMUM_BLOCK_DAYS, REASON_LIMIT, Action
from bot.moderation.notifications import post_own_action
from bot.moderation.service import ModerationService

Context = discord.Interaction[Marquee]
Days = app_commands.Range[int, 1, MAXIMUM_BLOCK_DAYS]
ReasonText = app_commands.Range[str, 0, REASON_LIMIT]


@app_commands.guild_only()
@app_commands.default_permissions(manage_messages=True)
class ModerationCog(
    commands.GroupCog, name="moderation", description=gettext_lazy("Handle reports and blocked members")
):
    """Commands for moderators of reviews; every command and press checks that the member is one."""

    def __init__(self, moderation: ModerationService) -> None:
        self.moderation = moderation

    @app_commands.command(description=gettext_lazy("Review reported reviews and replies"))
    @app_commands.describe(hidden=gettext_lazy("See hidden reviews and replies instead"))
    async def queue(self, interaction: Context, hidden: bool = False) -> None:
        """Show the first of what members reported, or of what is hidden."""
        await acknowledge_if_busy(interaction, ephemeral=True)
        await views.require_moderator(interaction)
        await respond(interaction, await views.render_queue(interaction, hidden=hidden), ephemeral=True)

    @app_commands.command(description=gettext_lazy("Block a member from rating, reviewing and suggesting films"))
    @app_commands.describe(
        member=gettext_lazy("Who to block"),
        days=gettext_lazy("How many days (default: until you unblock them)"),
        reason=gettext_lazy("Why (the member sees it when they try to post)"),
    )
    async def block(
        self, interaction: Context, member: discord.User, days: Days | None = None, reason: ReasonText = ""
    ) -> None:
        """Keep a member from rating, reviewing and replying."""
        await acknowledge(interaction, ephemeral=True)
        server_id = await views.require_moderator(interaction)
        if member.bot:
            raise InvalidInputError(_("You can't block a bot. Pick a member."))
        block, before = await self.moderation.block(
            server_id, member.id, actor_id=interaction.user.id, days=days, reason=reason
        )
        if block.expires_at is not None:
            ends = discord.utils.format_dt(block.expires_at, "R")
            message = _("Blocked {member}. The block ends {time}.")
            message = message.format(member=member.mention, time=ends)
        else:
            message = _("Blocked {member} until a moderator unblocks them.").format(member=member.mention)
        if before is not None and before.expires_at is not None:
            # Translators: {time} is a day and time; the block that was just made counts instead
            replaced = _("They were already blocked until {time}. The new block replaces that one.")
            message += " " + replaced.format(time=discord.utils.format_dt(before.expires_at, "f"))
        elif before is not None:
            message += " " + _("They were already blocked, with no end date. The new block replaces that one.")
        await respond(interaction, Response(message, is_ephemeral=True))
        use_public_language(interaction)
        notice = [describe_action(Action.BLOCK, interaction.user.mention, is_reply=False), member.mention]
        if block.expires_at is not None:
            notice.append(_("until {time}").format(time=discord.utils.format_dt(block.expires_at, "f")))
        if block.reason:
            notice.append(escape_line(block.reason, 300))
        await post_own_action(interaction, server_id, " · ".join(notice))

    @app_commands.command(description=gettext_lazy("Let a blocked member post again"))
    @app_commands.describe(
        member=gettext_lazy("Who to unblock"), reason=gettext_lazy("Saved in the moderation log")
    )
    async def unblock(self, interaction: Context, member: discord.User, reason: ReasonText = "") -> None:
        """Let a member rate and review again."""
        await acknowledge(interaction, ephemeral=True)
        server_id = await views.require_moderator(interaction)
        was_blocked = await self.moderation.unblock(
            server_id, member.id, actor_id=interaction.user.id, reason=reason
        )
        message = _("Unblocked {member}.") if was_blocked else _("{member} isn't blocked.")
        await respond(interaction, Response(message.format(member=member.mention), is_ephemeral=True))
        if was_blocked:
            use_public_language(interaction)
            done = describe_action(Action.UNBLOCK, interaction.user.mention, is_reply=False)
            parts = (done, member.mention, escape_line(reason, 300))
            await post_own_action(interaction, server_id, " · ".join(filter(None, parts)))

    @app_commands.command(description=gettext_lazy("See what moderators did"))
    @app_commands.describe(export=gettext_lazy("Get the whole log as a CSV file"))
    async def log(self, interaction: Context, export: bool = False) -> None:
        """Show who did what when to what; nobody can change it."""
        await acknowledge_if_busy(interaction, ephemeral=True)
        server_id = await views.require_moderator(interaction)
        if export:
            await acknowledge(interaction, ephemeral=True)
            file = await create_log_file(self.moderation.repository.iter_log(server_id))
            too_long = Response(_("The log is too large to send here. Ask the owner of this bot for it."))
            await respond(interaction, Response(files=(file,)) if file else too_long, ephemeral=True)
            return
        await respond(interaction, await views.render_log(interaction), ephemeral=True)


async def setup(bot: Marquee) -> None:
    """Add the cog and what its messages hold."""
    bot.add_dynamic_items(*views.ITEMS)
    bot.add_modals(*views.MODALS)
    await bot.add_cog(ModerationCog(bot.services.moderation))


async def teardown(bot: Marquee) -> None:
    """Remove the buttons again."""
    bot.remove_dynamic_items(*views.ITEMS)
    bot.remove_modals(*views.MODALS)
