"""What members do about a review: read what it hides, say that it helped, reply, report."""

import re
from typing import Any

import discord
from discord import ui

from bot.films.moderation import Reason
from bot.films.reviews import REPLY_LIMIT
from bot.ui.base import COLOUR, Button, Form, FormValues, custom_id, server_of, services
from bot.ui.members import Names
from bot.ui.moderation_notes import post_to_log_channel
from bot.ui.presence import roll_call
from bot.ui.stars import stars_text
from bot.ui.text import prose, written
from bot.ui.words import refuse_words

REPLY, REASON = "reply", "reason"
REASONS = {
    Reason.SPOILER: "It spoils the film and isn't marked",
    Reason.INSULT: "It insults somebody",
    Reason.HATE: "It is hateful",
    Reason.SPAM: "It is advertising or nonsense",
    Reason.OTHER: "Something else",
}


class HelpfulButton(Button, template=r"v1:helpful:(?P<review_id>\d{1,18})"):
    """Says that a review helped."""

    def __init__(self, review_id: str, label: str = "Helpful") -> None:
        self.review_id = int(review_id)
        super().__init__(ui.Button(label=label, custom_id=custom_id("helpful", review_id)))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Count it, once for each member."""
        reviews = services(interaction).reviews
        server_id = server_of(interaction)
        new = await reviews.set_helpful(server_id, self.review_id, interaction.user.id)
        told = "Counted: the review helped." if new else "You have said before that it helped."
        await interaction.response.send_message(told, ephemeral=True)


class ShowButton(Button, template=r"v1:show:(?P<review_id>\d{1,18})"):
    """Shows the whole review, spoilers and all, to who pressed alone."""

    def __init__(self, review_id: str, label: str = "Show") -> None:
        self.review_id = int(review_id)
        super().__init__(ui.Button(label=label, custom_id=custom_id("show", review_id)))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show it privately, with all its replies as far as they fit."""
        review = await services(interaction).reviews.get(server_of(interaction), self.review_id)
        members = {review.member_id, *(reply.member_id for reply in review.replies)}
        names = await Names.of(interaction, members)
        shown = discord.Embed(colour=COLOUR, title=stars_text(review.stars))
        lines = [names.shown(review.member_id), prose(review.text, 1_200)]
        for reply in review.replies:
            line = f"↳ {names.shown(reply.member_id)}: {prose(reply.text, 640)}"
            if len("\n".join([*lines, line])) > 4_000:
                lines.append("…")
                break
            lines.append(line)
        shown.description = "\n".join(lines)
        await interaction.response.send_message(embed=shown, ephemeral=True)


class ReplyButton(Button, template=r"v1:reply:(?P<review_id>\d{1,18})"):
    """Opens the form of a reply."""

    def __init__(self, review_id: str) -> None:
        self.review_id = int(review_id)
        super().__init__(ui.Button(label="Reply", custom_id=custom_id("reply", review_id)))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form."""
        await services(interaction).reviews.get(server_of(interaction), self.review_id)
        await interaction.response.send_modal(ReplyForm(str(self.review_id)))


class ReplyForm(Form):
    """A reply to a review."""

    template = re.compile(r"v1:replying:(?P<review_id>\d{1,18})")

    def __init__(self, review_id: str) -> None:
        self.review_id = int(review_id)
        super().__init__(title="Reply to the review", custom_id=custom_id("replying", review_id))
        text: ui.TextInput[Any] = ui.TextInput(
            custom_id=REPLY, style=discord.TextStyle.paragraph, max_length=REPLY_LIMIT
        )
        self.add_item(ui.Label(text=f"Your reply (at most {REPLY_LIMIT} characters)", component=text))

    def typed(self, values: FormValues) -> str:
        """Give the reply as it was typed."""
        return str(values.get(REPLY) or "")

    async def submitted(self, interaction: discord.Interaction[Any], values: FormValues) -> None:
        """Store it, and only then say so."""
        server_id = server_of(interaction)
        text = written(self.typed(values))
        await interaction.response.defer(ephemeral=True, thinking=True)
        await refuse_words(interaction, text)
        await services(interaction).reviews.reply(server_id, self.review_id, interaction.user.id, text)
        await interaction.followup.send("Your reply is stored, under the review.", ephemeral=True)
        await roll_call(interaction)


class ReportButton(Button, template=r"v1:report:(?P<review_id>\d{1,18})"):
    """Opens the form of a report."""

    def __init__(self, review_id: str) -> None:
        self.review_id = int(review_id)
        super().__init__(ui.Button(label="Report", custom_id=custom_id("report", review_id)))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form."""
        await services(interaction).reviews.get(server_of(interaction), self.review_id)
        await interaction.response.send_modal(ReportForm(str(self.review_id)))


class ReportForm(Form):
    """Why a review is reported."""

    template = re.compile(r"v1:reporting:(?P<review_id>\d{1,18})")

    def __init__(self, review_id: str) -> None:
        self.review_id = int(review_id)
        super().__init__(title="Report the review", custom_id=custom_id("reporting", review_id))
        options = [discord.SelectOption(label=label, value=each.value) for each, label in REASONS.items()]
        menu: ui.Select[Any] = ui.Select(custom_id=REASON, options=options, required=True)
        self.add_item(
            ui.Label(
                text="What is wrong with it?",
                description="The moderators see how many reported it and why; its author never learns who did.",
                component=menu,
            )
        )

    async def submitted(self, interaction: discord.Interaction[Any], values: FormValues) -> None:
        """Store it, and only then say so."""
        found = services(interaction)
        review = await found.reviews.get(server_of(interaction), self.review_id)
        hidden = await found.moderation.report(review, interaction.user.id, Reason(values[REASON][0]))
        told = "Reported to the moderators."
        if hidden:
            told += " The review is hidden until they have decided."
        await interaction.response.send_message(told, ephemeral=True)
        if hidden:
            note = f"Reports hid a review by <@{review.member_id}>: `/moderation queue` has it."
            await post_to_log_channel(interaction, review.server_id, note)


ITEMS = (HelpfulButton, ShowButton, ReplyButton, ReportButton)
FORMS = (ReplyForm, ReportForm)
