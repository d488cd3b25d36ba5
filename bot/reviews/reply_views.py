"""What members do about one review: helpful votes, and replies, which they write, edit, delete and report."""

import re
from collections.abc import Mapping
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    Acknowledgement,
    Button,
    Menu,
    Modal,
    ModalValues,
    Response,
    View,
    acknowledge,
    custom_id,
    edit_or_respond,
    get_service,
    replace_items,
    require_guild_id,
    respond,
    use_member_language,
    use_reply_language,
)
from bot.core.discord.limits import MENU_OPTIONS_LIMIT
from bot.core.text.cldr import format_number
from bot.core.text.formatting import clean_input, clean_line, truncate
from bot.core.text.i18n import _, gettext_noop, ngettext
from bot.members.context import MemberNames, get_member_names, refresh_members, with_mentions
from bot.moderation.automod import require_allowed_words
from bot.moderation.embeds import describe_hidden
from bot.moderation.models import ContentRef
from bot.moderation.notifications import post_pre_moderation_notice
from bot.moderation.views import ReportButton
from bot.reviews.embeds import REVIEW_ROOM, build_whole_review_embed, format_reply, format_review
from bot.reviews.models import REPLY_LENGTH_LIMIT, Reply, ReplyResult, Review
from bot.reviews.service import ReplyService, ReviewService

_REPLY = "reply"
_SPOILER = re.compile(r"\|\|.+?\|\|", re.DOTALL)
"""What must not be in a menu's options, which can't hide it."""


class HelpfulButton(Button, template=r"v1:helpful:(?P<review_id>\d{1,18})"):
    """Says that a review helped; a second press takes that back."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, review_id: str, *, count: int = 0, emoji: str | None = None) -> None:
        self.review_id = int(review_id)
        label = _("Helpful ({count})").format(count=format_number(count)) if count else _("Helpful")
        super().__init__(ui.Button(label=label, emoji=emoji, custom_id=custom_id("helpful", review_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Count the vote or take it back, and show the new number to everybody."""
        reviews = get_service(interaction, ReviewService)
        votes = await reviews.toggle_helpful_vote(
            require_guild_id(interaction), self.review_id, interaction.user.id
        )
        if interaction.message is not None:
            use_reply_language(interaction, edit=True)
            emoji = str(self.item.emoji) if self.item.emoji is not None else None
            button = HelpfulButton(str(self.review_id), count=votes.count, emoji=emoji)
            view = replace_items(interaction.message, {str(self.item.custom_id): button})
            await interaction.edit_original_response(view=view)
        use_member_language(interaction)
        message = _("You marked this review helpful.") if votes.is_counted else _("You took your vote back.")
        await respond(interaction, Response(message), ephemeral=True)


class ReplyButton(Button, template=r"v1:reply:(?P<review_id>\d{1,18})"):
    """Opens the modal for a reply to the review."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, review_id: str) -> None:
        self.review_id = int(review_id)
        super().__init__(ui.Button(label=_("Reply"), custom_id=custom_id("reply", review_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the modal if the review is still there."""
        await get_service(interaction, ReviewService).get(require_guild_id(interaction), self.review_id)
        await interaction.response.send_modal(ReplyModal(str(self.review_id)))


class _ReplyTextModal(Modal):
    """A modal with the text of a reply; `confirmation` is the sentence that says that it is saved."""

    confirmation: str

    def __init__(self, title: str, identifier: str, text: str = "") -> None:
        super().__init__(title=title, custom_id=identifier)
        field: ui.TextInput[Any] = ui.TextInput(
            custom_id=_REPLY,
            style=discord.TextStyle.paragraph,
            max_length=REPLY_LENGTH_LIMIT,
            default=text or None,
        )
        length = _("Up to {limit} characters").format(limit=REPLY_LENGTH_LIMIT)
        self.add_item(ui.Label(text=_("Your reply"), description=length, component=field))

    def get_text_to_return(self, values: ModalValues) -> str:
        """Return the reply as it was typed."""
        return str(values.get(_REPLY) or "")

    async def store(self, interaction: discord.Interaction[Any], server_id: int, text: str) -> ReplyResult:
        """Store the text; return the reply and whether moderators look first."""
        raise NotImplementedError

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Store the reply, then confirm it."""
        server_id = require_guild_id(interaction)
        text = clean_input(self.get_text_to_return(values))
        await acknowledge(interaction, ephemeral=True)
        await require_allowed_words(interaction, text)
        result = await self.store(interaction, server_id, text)
        hidden_by = result.reply.hidden_by
        sentences = [_(self.confirmation), *describe_hidden(hidden_by, "reply")]
        # A hidden reply is on no page where its author could edit or delete it.
        view = View(*(_list_own_buttons(result.reply) if hidden_by else ()))
        await respond(interaction, Response("\n".join(sentences), view=view), ephemeral=True)
        interaction.client.dispatch("replies_changed", result.reply.review_id)
        if result.needs_review:
            await post_pre_moderation_notice(interaction, server_id, "reply")


class ReplyModal(_ReplyTextModal):
    """A reply to a review."""

    template = re.compile(r"v1:replying:(?P<review_id>\d{1,18})")
    confirmation = gettext_noop("Posted your reply.")

    def __init__(self, review_id: str) -> None:
        self.review_id = int(review_id)
        super().__init__(_("Reply to the review"), custom_id("replying", review_id))

    async def store(self, interaction: discord.Interaction[Any], server_id: int, text: str) -> ReplyResult:
        """Store it under the review; return the result."""
        replies = get_service(interaction, ReplyService)
        return await replies.post(server_id, self.review_id, interaction.user.id, text)

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Store the reply, confirm it, and look up who is still in the server."""
        await super().handle_submit(interaction, values)
        await refresh_members(interaction)


class EditReplyButton(Button, template=r"v1:reply-edit:(?P<reply_id>\d{1,18})"):
    """Opens the modal with the member's own reply in it."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, reply_id: str) -> None:
        self.reply_id = int(reply_id)
        super().__init__(ui.Button(label=_("Edit"), custom_id=custom_id("reply-edit", reply_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the modal."""
        replies = get_service(interaction, ReplyService)
        reply = await replies.get_own(require_guild_id(interaction), self.reply_id, interaction.user.id)
        await interaction.response.send_modal(EditReplyModal(str(self.reply_id), reply.text))


class EditReplyModal(_ReplyTextModal):
    """The member's own reply, to be edited."""

    template = re.compile(r"v1:reply-editing:(?P<reply_id>\d{1,18})")
    confirmation = gettext_noop("Updated your reply.")

    def __init__(self, reply_id: str, text: str = "") -> None:
        self.reply_id = int(reply_id)
        super().__init__(_("Edit your reply"), custom_id("reply-editing", reply_id), text)

    async def store(self, interaction: discord.Interaction[Any], server_id: int, text: str) -> ReplyResult:
        """Store it in place of the previous text; return the result."""
        replies = get_service(interaction, ReplyService)
        return await replies.edit(server_id, self.reply_id, interaction.user.id, text)


class DeleteReplyButton(Button, template=r"v1:reply-delete:(?P<reply_id>\d{1,18})"):
    """Asks whether the member wants to delete their own reply."""

    def __init__(self, reply_id: str) -> None:
        self.reply_id = int(reply_id)
        style = discord.ButtonStyle.danger
        super().__init__(ui.Button(label=_("Delete"), style=style, custom_id=custom_id("reply-delete", reply_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Ask below the reply, which stays to be read."""
        replies = get_service(interaction, ReplyService)
        await replies.get_own(require_guild_id(interaction), self.reply_id, interaction.user.id)
        view = View(ConfirmReplyDeletionButton(str(self.reply_id)))
        await respond(interaction, Response(_("Delete this reply?"), view=view), ephemeral=True)


class ConfirmReplyDeletionButton(Button, template=r"v1:reply-delete-yes:(?P<reply_id>\d{1,18})"):
    """Deletes the member's own reply."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, reply_id: str) -> None:
        self.reply_id = int(reply_id)
        style = discord.ButtonStyle.danger
        identifier = custom_id("reply-delete-yes", reply_id)
        super().__init__(ui.Button(label=_("Delete"), style=style, custom_id=identifier))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Delete it, then confirm it in place of the question."""
        replies = get_service(interaction, ReplyService)
        deleted = await replies.delete(require_guild_id(interaction), self.reply_id, interaction.user.id)
        interaction.client.dispatch("replies_changed", deleted.review_id)
        await edit_or_respond(interaction, Response(_("Deleted your reply."), view=View()), edit=True)


def _list_own_buttons(reply: Reply) -> tuple[ui.Item[Any], ...]:
    """Return the buttons for what its author can do about a reply."""
    return EditReplyButton(str(reply.id)), DeleteReplyButton(str(reply.id))


class RepliesMenu(Menu, template=r"v1:replies:(?P<review_id>\d{1,18}):(?P<first>\d{1,2})"):
    """The replies to a review from the one with the index `first`, each to be edited, deleted or reported."""

    def __init__(self, review: Review, first: int) -> None:
        options = [
            discord.SelectOption(
                label=truncate(f"{number} · {clean_line(_SPOILER.sub(_('(spoiler)'), reply.text))}", 100),
                value=str(reply.id),
            )
            for number, reply in enumerate(review.replies[first : first + MENU_OPTIONS_LIMIT], start=first + 1)
        ]
        menu: ui.Select[Any] = ui.Select(
            placeholder=_("Edit, delete or report a reply"),
            options=options,
            custom_id=custom_id("replies", review.id, first),
        )
        super().__init__(menu)

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read nothing: the chosen value names the reply."""

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the reply with what this member can do about it."""
        reply = await get_service(interaction, ReplyService).get(
            require_guild_id(interaction), int(self.item.values[0])
        )
        names = await get_member_names(interaction, [reply.member_id])
        buttons: tuple[ui.Item[Any], ...] = (ReportButton(str(ContentRef(reply.id, is_reply=True))),)
        if reply.member_id == interaction.user.id:
            buttons = _list_own_buttons(reply)
        await respond(
            interaction, Response(format_reply(reply, names, 1_500), view=View(*buttons), is_ephemeral=True)
        )


def create_reply_menus(review: Review) -> list[RepliesMenu]:
    """Return the menus that list all replies to the review."""
    return [RepliesMenu(review, first) for first in range(0, len(review.replies), MENU_OPTIONS_LIMIT)]


def describe_replies(count: int) -> str:
    """Return how many replies a review has."""
    return ngettext("{count} reply", "{count} replies", count).format(count=count)


def get_show_label(review: Review) -> str | None:
    """Return the label of the button that shows the whole review, or None if the page has all of it."""
    if review.is_spoiler:
        return _("Show spoilers")
    if review.replies:
        return describe_replies(len(review.replies))
    return _("Show all") if len(format_review(review, MemberNames({}))) > REVIEW_ROOM else None


class ShowButton(Button, template=r"v1:show:(?P<review_id>\d{1,18})"):
    """Shows a whole review, spoilers and all."""

    def __init__(self, review_id: str, label: str = "Show") -> None:
        self.review_id = int(review_id)
        super().__init__(ui.Button(label=label, custom_id=custom_id("show", review_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show it privately, with as many replies as fit and menus of all of them."""
        review = await get_service(interaction, ReviewService).get(require_guild_id(interaction), self.review_id)
        names = await get_member_names(
            interaction, {review.member_id, *(reply.member_id for reply in review.replies)}
        )
        embed = build_whole_review_embed(review, names)
        response = with_mentions(Response(embeds=(embed,), view=View(*create_reply_menus(review))))
        await respond(interaction, response, ephemeral=True)


ITEMS = (
    HelpfulButton,
    ReplyButton,
    RepliesMenu,
    ShowButton,
    EditReplyButton,
    DeleteReplyButton,
    ConfirmReplyDeletionButton,
)
MODALS = (ReplyModal, EditReplyModal)
