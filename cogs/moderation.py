"""`/moderation`: the queue of reports, blocks and the log, for moderators of reviews."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import Response, respond
from bot.core.errors import InvalidInputError
from bot.core.text.escaping import escape_line
from bot.moderation import views
from bot.moderation.embeds import create_log_file
from bot.moderation.models import MAXIMUM_BLOCK_DAYS, REASON_LIMIT
from bot.moderation.notifications import post_to_log_channel
from bot.moderation.service import ModerationService

Context = discord.Interaction[Marquee]
Days = app_commands.Range[int, 1, MAXIMUM_BLOCK_DAYS]
ReasonText = app_commands.Range[str, 0, REASON_LIMIT]


@app_commands.guild_only()
class ModerationCog(commands.GroupCog, name="moderation", description="Reviews, for moderators."):
    """Commands for moderators of reviews; every command and press checks that the member is one."""

    def __init__(self, moderation: ModerationService) -> None:
        self.moderation = moderation

    @app_commands.command()
    @app_commands.describe(hidden="See what is hidden instead, to restore or delete it")
    async def queue(self, interaction: Context, hidden: bool = False) -> None:
        """See the reviews and replies that members reported, and decide about them."""
        await views.require_moderator(interaction)
        await respond(interaction, await views.render_queue(interaction, hidden=hidden), ephemeral=True)

    @app_commands.command()
    @app_commands.describe(
        member="Who", days="For how long; until unblocked where left out", reason="They are told"
    )
    async def block(
        self, interaction: Context, member: discord.User, days: Days | None = None, reason: ReasonText = ""
    ) -> None:
        """Keep a member from rating, reviewing and replying."""
        server_id = await views.require_moderator(interaction)
        if member.bot:
            raise InvalidInputError("Bots don't rate, review or reply, so there is nothing to block.")
        block = await self.moderation.block(
            server_id, member.id, actor_id=interaction.user.id, days=days, reason=reason
        )
        until = (
            discord.utils.format_dt(block.expires_at, "R") if block.expires_at else "when somebody unblocks them"
        )
        message = f"{member.mention} is blocked from reviewing; it ends {until}."
        await respond(interaction, Response(message, is_ephemeral=True))
        reason_given = f" Reason: {escape_line(block.reason, 300)}" if block.reason else ""
        notice = f"{interaction.user.mention} blocked {member.mention}; it ends {until}.{reason_given}"
        await post_to_log_channel(interaction, server_id, notice)

    @app_commands.command()
    @app_commands.describe(member="Who", reason="The log keeps it")
    async def unblock(self, interaction: Context, member: discord.User, reason: ReasonText = "") -> None:
        """Let a member rate and review again."""
        server_id = await views.require_moderator(interaction)
        was_blocked = await self.moderation.unblock(
            server_id, member.id, actor_id=interaction.user.id, reason=reason
        )
        message = f"{member.mention} may review again." if was_blocked else f"{member.mention} is not blocked."
        await respond(interaction, Response(message, is_ephemeral=True))
        if was_blocked:
            await post_to_log_channel(
                interaction, server_id, f"{interaction.user.mention} unblocked {member.mention}."
            )

    @app_commands.command()
    @app_commands.describe(export="Get all of it as a CSV file")
    async def log(self, interaction: Context, export: bool = False) -> None:
        """See who did what when to what; nobody can change it."""
        server_id = await views.require_moderator(interaction)
        if export:
            await interaction.response.defer(ephemeral=True, thinking=True)
            file = await create_log_file(self.moderation.repository.iter_log(server_id))
            too_long = Response("It is more than fits into a message. Ask whoever runs the bot for it.")
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
