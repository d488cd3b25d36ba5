"""Replies to reviews: writing one, and what its author and others may do about it."""

import re
from collections.abc import Mapping
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    Button,
    Menu,
    Modal,
    ModalValues,
    View,
    custom_id,
    get_service,
    require_guild_id,
)
from bot.core.text.escaping import format_user_text
from bot.core.text.formatting import clean_input, clean_line, truncate
from bot.members.context import refresh_members
from bot.members.names import MemberNames, get_member_names
from bot.moderation.automod import refuse_words
from bot.moderation.models import Subject
from bot.reviews.held_notices import author_told, tell_moderators
from bot.reviews.replies import Replied, ReplyService
from bot.reviews.report_views import ReportButton
from bot.reviews.service import REPLY_LIMIT, Reply, Review, ReviewService

REPLY = "reply"
OPTIONS = 25
"""As many as Discord lets a menu have."""
SPOILER = re.compile(r"\|\|.+?\|\|", re.DOTALL)
"""What a menu, which hides nothing, must not show."""


def reply_line(reply: Reply, names: MemberNames, room: int, *, spoiler: bool = False) -> str:
    """Give the reply on a line of its own, its text in at most `room` characters."""
    edited = " (edited)" if reply.edited_at else ""
    text = format_user_text(" ".join(reply.text.split()), room, spoiler=spoiler)
    return f"↳ {names.format(reply.member_id)}{edited}: {text}"


class ReplyButton(Button, template=r"v1:reply:(?P<review_id>\d{1,18})"):
    """Opens the form of a reply."""

    def __init__(self, review_id: str) -> None:
        self.review_id = int(review_id)
        super().__init__(ui.Button(label="Reply", custom_id=custom_id("reply", review_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form."""
        await get_service(interaction, ReviewService).get(require_guild_id(interaction), self.review_id)
        await interaction.response.send_modal(ReplyForm(str(self.review_id)))


class _TextForm(Modal):
    """A form with the text of a reply. `done` is what became of one that was sent in."""

    done: str
    done_and_shown: str

    def __init__(self, title: str, identity: str, text: str = "") -> None:
        super().__init__(title=title, custom_id=identity)
        field: ui.TextInput[Any] = ui.TextInput(
            custom_id=REPLY, style=discord.TextStyle.paragraph, max_length=REPLY_LIMIT, default=text or None
        )
        self.add_item(ui.Label(text=f"Your reply (at most {REPLY_LIMIT} characters)", component=field))

    def get_input(self, values: ModalValues) -> str:
        """Give the reply as it was typed."""
        return str(values.get(REPLY) or "")

    async def store(self, interaction: discord.Interaction[Any], server_id: int, text: str) -> Replied:
        """Store the text."""
        raise NotImplementedError

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Store it, and only then say so."""
        server_id = require_guild_id(interaction)
        text = clean_input(self.get_input(values))
        await interaction.response.defer(ephemeral=True, thinking=True)
        await refuse_words(interaction, text)
        replied = await self.store(interaction, server_id, text)
        hidden = replied.reply.hidden_by
        told = [f"Your reply is {self.done if hidden else self.done_and_shown}.", *author_told(hidden, "reply")]
        # No page shows what is hidden, so that its author could change it or take it back there.
        view = View(*(_own_buttons(replied.reply) if hidden else ()))
        await interaction.followup.send("\n".join(told), view=view, ephemeral=True)
        if replied.held:
            await tell_moderators(interaction, server_id, "reply")


class ReplyForm(_TextForm):
    """A reply to a review."""

    template = re.compile(r"v1:replying:(?P<review_id>\d{1,18})")
    done, done_and_shown = "stored", "stored, under the review"

    def __init__(self, review_id: str) -> None:
        self.review_id = int(review_id)
        super().__init__("Reply to the review", custom_id("replying", review_id))

    async def store(self, interaction: discord.Interaction[Any], server_id: int, text: str) -> Replied:
        """Store it under the review."""
        return await get_service(interaction, ReplyService).post(
            server_id, self.review_id, interaction.user.id, text
        )

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Store it, say so, and look up who is still there."""
        await super().handle_submit(interaction, values)
        await refresh_members(interaction)


class RepliesMenu(Menu, template=r"v1:replies:(?P<review_id>\d{1,18}):(?P<first>\d{1,2})"):
    """A review's replies, to choose one and do something about it."""

    def __init__(self, review: Review, first: int) -> None:
        shown = review.replies[first : first + OPTIONS]
        options = [
            discord.SelectOption(
                label=truncate(f"{number} · {clean_line(SPOILER.sub('(spoiler)', reply.text))}", 100),
                value=str(reply.id),
            )
            for number, reply in enumerate(shown, start=first + 1)
        ]
        menu: ui.Select[Any] = ui.Select(
            placeholder="Edit, delete or report a reply",
            options=options,
            custom_id=custom_id("replies", review.id, first),
        )
        super().__init__(menu)

    def load_state(self, state: Mapping[str, str]) -> None:
        """Keep nothing: what was chosen names the reply."""

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the reply with what this member may do about it."""
        reply = await get_service(interaction, ReplyService).get(
            require_guild_id(interaction), int(self.item.values[0])
        )
        names = await get_member_names(interaction, [reply.member_id])
        buttons: list[ui.Item[Any]] = [ReportButton(str(Subject(reply.id, is_reply=True)))]
        if reply.member_id == interaction.user.id:
            buttons = _own_buttons(reply)
        await interaction.response.send_message(
            reply_line(reply, names, 1_500), view=View(*buttons), ephemeral=True
        )


def menus(review: Review) -> list[RepliesMenu]:
    """Give the menus that hold all of the review's replies."""
    return [RepliesMenu(review, first) for first in range(0, len(review.replies), OPTIONS)]


class EditReplyButton(Button, template=r"v1:reply-edit:(?P<reply_id>\d{1,18})"):
    """Opens the form with the member's own reply in it."""

    def __init__(self, reply_id: str) -> None:
        self.reply_id = int(reply_id)
        super().__init__(ui.Button(label="Edit", custom_id=custom_id("reply-edit", reply_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form."""
        found = get_service(interaction, ReplyService)
        reply = await found.own(require_guild_id(interaction), self.reply_id, interaction.user.id)
        await interaction.response.send_modal(EditReplyForm(str(self.reply_id), reply.text))


class EditReplyForm(_TextForm):
    """The member's own reply, to be changed."""

    template = re.compile(r"v1:reply-editing:(?P<reply_id>\d{1,18})")
    done = done_and_shown = "changed"

    def __init__(self, reply_id: str, text: str = "") -> None:
        self.reply_id = int(reply_id)
        super().__init__("Edit your reply", custom_id("reply-editing", reply_id), text)

    async def store(self, interaction: discord.Interaction[Any], server_id: int, text: str) -> Replied:
        """Store it in place of what it said."""
        return await get_service(interaction, ReplyService).edit(
            server_id, self.reply_id, interaction.user.id, text
        )


class DeleteReplyButton(Button, template=r"v1:reply-delete:(?P<reply_id>\d{1,18})"):
    """Deletes the member's own reply."""

    def __init__(self, reply_id: str) -> None:
        self.reply_id = int(reply_id)
        style = discord.ButtonStyle.danger
        super().__init__(ui.Button(label="Delete", style=style, custom_id=custom_id("reply-delete", reply_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Delete it, and only then say so."""
        await get_service(interaction, ReplyService).delete(
            require_guild_id(interaction), self.reply_id, interaction.user.id
        )
        await interaction.response.send_message("Your reply is deleted.", ephemeral=True)


def _own_buttons(reply: Reply) -> list[ui.Item[Any]]:
    """Give what its author may do about a reply."""
    return [EditReplyButton(str(reply.id)), DeleteReplyButton(str(reply.id))]


ITEMS = (ReplyButton, RepliesMenu, EditReplyButton, DeleteReplyButton)
FORMS = (ReplyForm, EditReplyForm)
