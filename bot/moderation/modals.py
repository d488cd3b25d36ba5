"""The modal in which members report a review or a reply."""

import re
from typing import Any

import discord
from discord import ui

from bot.core.discord import Modal, ModalValues, Response, custom_id, get_service, require_guild_id, respond
from bot.moderation.models import ContentRef, Reason
from bot.moderation.notifications import post_to_log_channel
from bot.moderation.service import ModerationService

_REASON_FIELD = "reason"
_REASON_LABELS = {
    Reason.SPOILER: "It spoils the film and isn't marked",
    Reason.INSULT: "It insults somebody",
    Reason.HATE: "It is hateful",
    Reason.SPAM: "It is advertising or nonsense",
    Reason.OTHER: "Something else",
}


class ReportModal(Modal):
    """Why a review or a reply is reported."""

    template = re.compile(r"v1:reporting:(?P<ref>(?:reply-)?\d{1,18})")

    def __init__(self, ref: str) -> None:
        self.ref = ContentRef.parse(ref)
        super().__init__(title=f"Report the {self.ref.noun}", custom_id=custom_id("reporting", ref))
        options = [discord.SelectOption(label=label, value=each.value) for each, label in _REASON_LABELS.items()]
        menu: ui.Select[Any] = ui.Select(custom_id=_REASON_FIELD, options=options, required=True)
        self.add_item(
            ui.Label(
                text="What is wrong with it?",
                description="The moderators see how many reported it and why; its author never learns who did.",
                component=menu,
            )
        )

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Store the report, then confirm it; post to the log channel if it has hidden the text."""
        moderation, server_id = get_service(interaction, ModerationService), require_guild_id(interaction)
        reason = Reason(values[_REASON_FIELD][0])
        is_hidden = await moderation.report(server_id, self.ref, interaction.user.id, reason)
        message = "Reported to the moderators."
        if is_hidden:
            message += f" The {self.ref.noun} is hidden until they have decided."
        await respond(interaction, Response(message, is_ephemeral=True))
        if is_hidden:
            author_id = (await moderation.get_case(server_id, self.ref)).content.author_id
            notice = f"Reports hid a {self.ref.noun} by <@{author_id}>: `/moderation queue` has it."
            await post_to_log_channel(interaction, server_id, notice)
