"""Reports: how members tell the moderators of a review or a reply."""

import re
from typing import Any

import discord
from discord import ui

from bot.core.discord import Button, Modal, ModalValues, custom_id, get_service, require_guild_id
from bot.moderation.models import Reason, Subject
from bot.moderation.notifications import post_to_log_channel
from bot.moderation.service import ModerationService

REASON = "reason"
REASONS = {
    Reason.SPOILER: "It spoils the film and isn't marked",
    Reason.INSULT: "It insults somebody",
    Reason.HATE: "It is hateful",
    Reason.SPAM: "It is advertising or nonsense",
    Reason.OTHER: "Something else",
}


class ReportButton(Button, template=r"v1:report:(?P<subject>(?:reply-)?\d{1,18})"):
    """Opens the form of a report."""

    def __init__(self, subject: str) -> None:
        self.subject = Subject.of(subject)
        super().__init__(ui.Button(label="Report", custom_id=custom_id("report", subject)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form, if it is still there to be read and somebody else's."""
        moderation, server_id = get_service(interaction, ModerationService), require_guild_id(interaction)
        await moderation.check_reportable(server_id, self.subject, interaction.user.id)
        await interaction.response.send_modal(ReportForm(str(self.subject)))


class ReportForm(Modal):
    """Why a review or a reply is reported."""

    template = re.compile(r"v1:reporting:(?P<subject>(?:reply-)?\d{1,18})")

    def __init__(self, subject: str) -> None:
        self.subject = Subject.of(subject)
        super().__init__(title=f"Report the {self.subject.noun}", custom_id=custom_id("reporting", subject))
        options = [discord.SelectOption(label=label, value=each.value) for each, label in REASONS.items()]
        menu: ui.Select[Any] = ui.Select(custom_id=REASON, options=options, required=True)
        self.add_item(
            ui.Label(
                text="What is wrong with it?",
                description="The moderators see how many reported it and why; its author never learns who did.",
                component=menu,
            )
        )

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Store it, and only then say so."""
        moderation, server_id = get_service(interaction, ModerationService), require_guild_id(interaction)
        reason = Reason(values[REASON][0])
        hidden = await moderation.report(server_id, self.subject, interaction.user.id, reason)
        told = "Reported to the moderators."
        if hidden:
            told += f" The {self.subject.noun} is hidden until they have decided."
        await interaction.response.send_message(told, ephemeral=True)
        if hidden:
            author = (await moderation.reported(server_id, self.subject)).member_id
            note = f"Reports hid a {self.subject.noun} by <@{author}>: `/moderation queue` has it."
            await post_to_log_channel(interaction, server_id, note)


ITEMS = (ReportButton,)
FORMS = (ReportForm,)
