"""What members do about a review: say that it helped, and read what it hides."""

from typing import Any

import discord
from discord import ui

from bot.core.discord import COLOUR, Button, View, custom_id, get_service, require_guild_id
from bot.core.text.escaping import format_user_text
from bot.members.names import get_member_names, with_mentions
from bot.reviews.reply_views import menus, reply_line
from bot.reviews.service import ReviewService
from bot.reviews.stars_embeds import stars_text


class HelpfulButton(Button, template=r"v1:helpful:(?P<review_id>\d{1,18})"):
    """Says that a review helped."""

    def __init__(self, review_id: str, label: str = "Helpful") -> None:
        self.review_id = int(review_id)
        super().__init__(ui.Button(label=label, custom_id=custom_id("helpful", review_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Count it, once for each member."""
        reviews = get_service(interaction, ReviewService)
        server_id = require_guild_id(interaction)
        new = await reviews.set_helpful(server_id, self.review_id, interaction.user.id)
        told = "Counted: the review helped." if new else "You have said before that it helped."
        await interaction.response.send_message(told, ephemeral=True)


class ShowButton(Button, template=r"v1:show:(?P<review_id>\d{1,18})"):
    """Shows the whole review, spoilers and all, to who pressed alone."""

    def __init__(self, review_id: str, label: str = "Show") -> None:
        self.review_id = int(review_id)
        super().__init__(ui.Button(label=label, custom_id=custom_id("show", review_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show it privately, with all its replies as far as they fit."""
        review = await get_service(interaction, ReviewService).get(require_guild_id(interaction), self.review_id)
        members = {review.member_id, *(reply.member_id for reply in review.replies)}
        names = await get_member_names(interaction, members)
        shown = discord.Embed(colour=COLOUR, title=stars_text(review.stars))
        lines = [names.format(review.member_id), format_user_text(review.text, 1_200)]
        for reply in review.replies:
            line = reply_line(reply, names, 640)
            if len("\n".join([*lines, line])) > 4_000:
                lines.append("…")
                break
            lines.append(line)
        shown.description = "\n".join(lines)
        message = with_mentions({"embed": shown, "view": View(*menus(review))})
        await interaction.response.send_message(**message, ephemeral=True)


ITEMS = (HelpfulButton, ShowButton)
