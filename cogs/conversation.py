"""`/ask`, and answers to messages that mention the bot or are sent to it directly."""

import re

import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.client import Marquee
from bot.conversation import views
from bot.conversation.service import Asker
from bot.core.discord import Response, acknowledge, gettext_lazy, respond, user_installable
from bot.core.discord.error_handler import get_error_message, log_errors
from bot.core.discord.interactions import repair_text
from bot.core.errors import MarqueeError
from bot.core.text.i18n import SOURCE_LOCALE, use_locale
from bot.members.context import refresh_members

Context = discord.Interaction[Marquee]
TEXT_LIMIT = 2_000
Question = app_commands.Range[str, 1, TEXT_LIMIT]
CLEANUP_MINUTES = 30
"""How often conversations that are over are deleted."""


class ConversationCog(commands.Cog, name="Conversation"):
    """Answers requests in plain words."""

    def __init__(self, bot: Marquee) -> None:
        self.bot = bot
        self.conversation = bot.services.conversation
        self._answer_services = views.AnswerServices(
            bot.services.films, bot.services.watchlists, bot.services.preferences
        )

    async def cog_load(self) -> None:
        """Begin to delete conversations that are over."""
        if self.bot.services.has_nightly_jobs:
            self.forget_old.start()

    async def cog_unload(self) -> None:
        """Stop deleting."""
        self.forget_old.cancel()

    @tasks.loop(minutes=CLEANUP_MINUTES)
    async def forget_old(self) -> None:
        """Delete conversations that are over."""
        with log_errors("forgetting conversations"):
            await self.conversation.forget_old()

    @user_installable
    @app_commands.command(
        description=gettext_lazy("Ask for a film in your own words, or describe one you half remember")
    )
    @app_commands.describe(
        question=gettext_lazy("Like “a Korean thriller under 2 hours” or “like Oldboy but funnier”")
    )
    async def ask(self, interaction: Context, question: Question) -> None:
        """Answer privately, with stars predicted for the member."""
        await acknowledge(interaction, ephemeral=True)
        answer = await self.conversation.ask(question, views.get_asker(interaction))
        await respond(interaction, await views.render_for(interaction, answer, is_public=False), ephemeral=True)
        await refresh_members(interaction)

    @commands.Cog.listener("on_message")
    async def answer_message(self, message: discord.Message) -> None:
        """Answer a message that mentions the bot or is sent to it directly; no other is looked at."""
        me = self.bot.user
        if me is None or message.author.bot or message.webhook_id is not None:
            return
        if message.guild is not None and all(user.id != me.id for user in message.mentions):
            return
        if not await self._listens(message):
            return
        services = self.bot.services
        if message.guild is not None:
            locale = services.languages.get_for(message.guild)
        else:
            locale = await services.preferences.get_locale(message.author.id) or SOURCE_LOCALE
        with log_errors("answering a message"), use_locale(locale):
            await self._answer(message, me.id)

    async def _listens(self, message: discord.Message) -> bool:
        """Return whether moderators let the bot answer where the message was sent."""
        if message.guild is None:
            return True
        settings = await self.bot.services.server_settings.get(message.guild.id)
        if settings.is_conversation_off:
            return False
        parent_id = message.channel.parent_id if isinstance(message.channel, discord.Thread) else None
        chosen = settings.conversation_channel_ids or ()
        return not chosen or message.channel.id in chosen or parent_id in chosen

    async def _answer(self, message: discord.Message, my_id: int) -> None:
        content = repair_text(message.content[:TEXT_LIMIT])
        text = re.sub(rf"<@!?{my_id}>", " ", content).strip()
        others = tuple(user.id for user in message.mentions if not user.bot and user.id != message.author.id)
        server_id = message.guild.id if message.guild is not None else None
        asker = Asker(message.author.id, message.channel.id, server_id, others)
        try:
            answer = await self.conversation.ask(text, asker)
            setting = views.Setting(is_public=message.guild is not None, is_in_server=message.guild is not None)
            response = await views.render_answer(answer, asker, self._answer_services, setting)
        except MarqueeError as error:
            response = Response(get_error_message(error))
        try:
            await message.reply(**response.as_message(), mention_author=False, silent=True)
        except (discord.Forbidden, discord.NotFound):
            return  # the bot may not write there, or the message is gone


async def setup(bot: Marquee) -> None:
    """Add the cog and its buttons."""
    bot.add_dynamic_items(*views.ITEMS)
    await bot.add_cog(ConversationCog(bot))


async def teardown(bot: Marquee) -> None:
    """Remove the buttons again."""
    bot.remove_dynamic_items(*views.ITEMS)
