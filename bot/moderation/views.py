"""The button and modal to report a text, the moderators' queue with its decisions, and the moderation log."""

import contextlib
import re
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    Acknowledgement,
    Button,
    Modal,
    ModalValues,
    Response,
    View,
    acknowledge,
    acknowledge_press,
    custom_id,
    edit_or_respond,
    get_public_locale,
    get_service,
    has_role,
    is_ephemeral,
    require_guild_id,
    respond,
    use_public_language,
)
from bot.core.errors import MarqueeError
from bot.core.text.i18n import _, gettext_noop, use_locale
from bot.films.service import FilmService
from bot.members.context import with_mentions
from bot.members.repository import ServerSettingsRepository
from bot.moderation.embeds import (
    REASON_LABELS,
    build_case_embed,
    build_empty_queue_embed,
    build_log_embed,
    describe_decision,
    describe_done,
    format_log_entry,
)
from bot.moderation.models import (
    REASON_LIMIT,
    Action,
    AlreadyDecidedError,
    Case,
    CaseGoneError,
    ContentRef,
    HiddenBy,
    Reason,
)
from bot.moderation.notifications import describe_log_problem, notify_author, post_to_log_channel
from bot.moderation.service import ModerationService

_REPORT_REASON_FIELD = "reason"
_REASON_FIELD = "reason"
_CONTENT_REF = r"(?:reply-)?\d{1,18}(?:\.[0-9a-f]{8}(?:\.\d{1,18})?)?"
_LABELS = {
    Action.HIDE: gettext_noop("Hide"),
    Action.RESTORE: gettext_noop("Restore"),
    Action.DELETE: gettext_noop("Delete"),
    Action.DISMISS: gettext_noop("Dismiss reports"),
}


class ReportModal(Modal):
    """Why a review or a reply is reported."""

    template = re.compile(r"v1:reporting:(?P<ref>(?:reply-)?\d{1,18})")

    def __init__(self, ref: str) -> None:
        self.ref = ContentRef.parse(ref)
        title = _("Report this reply") if self.ref.is_reply else _("Report this review")
        super().__init__(title=title, custom_id=custom_id("reporting", ref))
        options = [discord.SelectOption(label=_(label), value=each.value) for each, label in REASON_LABELS.items()]
        menu: ui.Select[Any] = ui.Select(custom_id=_REPORT_REASON_FIELD, options=options, required=True)
        self.add_item(
            ui.Label(
                text=_("What's wrong with it?"),
                description=_("Nobody sees who reported it, not even moderators."),
                component=menu,
            )
        )

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Store the report and confirm it. The log channel is told of a text's first and of one that hides it."""
        await acknowledge(interaction, ephemeral=True)
        moderation, server_id = get_service(interaction, ModerationService), require_guild_id(interaction)
        reason = Reason(values[_REPORT_REASON_FIELD][0])
        is_hidden = await moderation.report(server_id, self.ref, interaction.user.id, reason)
        message = _("Reported to the moderators.")
        if is_hidden:
            message = (
                _("Reported to the moderators. The reply is hidden until they decide.")
                if self.ref.is_reply
                else _("Reported to the moderators. The review is hidden until they decide.")
            )
        await respond(interaction, Response(message, is_ephemeral=True))
        case = await moderation.get_case(server_id, self.ref)
        use_public_language(interaction)
        if is_hidden:
            interaction.client.dispatch("reviews_changed", server_id, case.content.film_id)
            notice = (
                _("Reports hid a reply by {member}. Run `/moderation queue` to decide.")
                if self.ref.is_reply
                else _("Reports hid a review by {member}. Run `/moderation queue` to decide.")
            )
        elif sum(case.reasons.values()) == 1:  # later ones of the same text are in the queue, too
            notice = (
                # Translators: {reason} is what was chosen: “Spam”, “Hateful”
                _("A reply by {member} was reported: {reason}. Run `/moderation queue` to decide.")
                if self.ref.is_reply
                # Translators: {reason} is what was chosen: “Spam”, “Hateful”
                else _("A review by {member} was reported: {reason}. Run `/moderation queue` to decide.")
            )
        else:
            return
        notice = notice.format(member=f"<@{case.content.author_id}>", reason=_(REASON_LABELS[reason]))
        await post_to_log_channel(interaction, server_id, notice)


class NotModeratorError(MarqueeError):
    """A member who is no moderator of reviews."""

    def __init__(self) -> None:
        super().__init__(
            _("Only moderators can do that: you need the Manage Messages permission or the moderator role.")
        )


async def require_moderator(interaction: discord.Interaction[Any]) -> int:
    """Return the server's id. Raises NotModeratorError if the member is not a moderator of reviews now."""
    server_id = require_guild_id(interaction)
    if not interaction.permissions.manage_messages:
        role_id = (await get_service(interaction, ServerSettingsRepository).get(server_id)).moderator_role_id
        if not has_role(interaction, role_id):
            raise NotModeratorError
    return server_id


class ReportButton(Button, template=r"v1:report:(?P<ref>(?:reply-)?\d{1,18})"):
    """Opens the modal in which a review or a reply is reported."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, ref: str) -> None:
        self.ref = ContentRef.parse(ref)
        super().__init__(ui.Button(label=_("Report"), custom_id=custom_id("report", ref)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the modal if the text is still readable and somebody else's."""
        moderation, server_id = get_service(interaction, ModerationService), require_guild_id(interaction)
        await moderation.check_reportable(server_id, self.ref, interaction.user.id)
        await interaction.response.send_modal(ReportModal(str(self.ref)))


async def render_queue(interaction: discord.Interaction[Any], index: int = 0, *, hidden: bool = False) -> Response:
    """Return the response with one case of the queue, or with `hidden` one of the hidden texts."""
    server_id = require_guild_id(interaction)
    repository = get_service(interaction, ModerationService).repository
    cases = await (repository.list_hidden(server_id) if hidden else repository.list_queue(server_id))
    if not cases:
        return Response(embeds=(build_empty_queue_embed(hidden=hidden),), view=View())
    index = min(index, len(cases) - 1)
    case = cases[index]
    film = await get_service(interaction, FilmService).repository.get(case.content.film_id)
    place = _("{number} of {total} hidden") if hidden else _("{number} of {total} pending")
    embed = build_case_embed(case, film, place.format(number=index + 1, total=len(cases)))
    view = View()
    for action in case.decisions:
        button = DecisionButton(action.value, str(case.shown_ref), ":hidden" if hidden else None)
        if action is Action.RESTORE and case.needs_approval:
            button.item.label = _("Approve")
        view.add_item(button)
    if len(cases) > 1:
        view.add_item(NextButton(str((index + 1) % len(cases)), ":hidden" if hidden else None))
    return with_mentions(Response(embeds=(embed,), view=view))


class _ModeratorButton(Button, template="^$"):
    """A button that checks at every press whether the member is a moderator."""

    async def is_allowed(self, interaction: discord.Interaction[Any]) -> bool:
        """Return True. Raises NotModeratorError for others."""
        await require_moderator(interaction)
        return True


class NextButton(_ModeratorButton, template=r"v1:queue:(?P<index>\d{1,3})(?P<hidden>:hidden)?"):
    """Shows the next case of the queue, or the next hidden text."""

    acknowledgement = Acknowledgement.EDIT_IF_BUSY

    def __init__(self, index: str, hidden: str | None = None) -> None:
        self.index = int(index)
        self.hidden = hidden is not None
        super().__init__(ui.Button(label=_("Next"), row=1, custom_id=custom_id("queue", index) + (hidden or "")))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show it in the same message, which only this moderator sees."""
        response = await render_queue(interaction, self.index, hidden=self.hidden)
        await edit_or_respond(interaction, response, edit=is_ephemeral(interaction))


class DecisionButton(
    _ModeratorButton,
    template=rf"v1:decide:(?P<action>hide|restore|delete|dismiss):(?P<ref>{_CONTENT_REF})(?P<hidden>:hidden)?",
):
    """Opens the modal for the reason of a decision, in the queue or, with `hidden`, among what is hidden."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, action: str, ref: str, hidden: str | None = None) -> None:
        self.action = Action(action)
        self.ref = ContentRef.parse(ref)
        self.hidden = hidden
        is_danger = self.action is Action.DELETE
        style = discord.ButtonStyle.danger if is_danger else discord.ButtonStyle.secondary
        button: ui.Button[Any] = ui.Button(
            label=_(_LABELS[self.action]), style=style, custom_id=custom_id("decide", action, ref) + (hidden or "")
        )
        super().__init__(button)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the modal if the text is still there and as it was shown, else show what is in the queue now."""
        server_id = require_guild_id(interaction)
        moderation = get_service(interaction, ModerationService)
        case = await moderation.repository.get_case(server_id, self.ref)
        try:
            if case is None:
                raise CaseGoneError(self.ref.noun)
            case.check_decision(self.ref, self.action)
        except MarqueeError as error:
            response = await render_queue(interaction, hidden=self.hidden is not None)
            await edit_or_respond(interaction, response, edit=is_ephemeral(interaction))
            raise await _explain(interaction, self.ref, error) from error
        modal = DecisionModal(self.action.value, str(self.ref), self.hidden)
        if self.action is Action.RESTORE and case.needs_approval:
            modal.title = _("Approve")
        await interaction.response.send_modal(modal)


class DecisionModal(Modal):
    """The reason for a decision, which the author gets to read."""

    template = re.compile(
        rf"v1:deciding:(?P<action>hide|restore|delete|dismiss):(?P<ref>{_CONTENT_REF})(?P<hidden>:hidden)?"
    )

    def __init__(self, action: str, ref: str, hidden: str | None = None) -> None:
        self.action = Action(action)
        self.ref = ContentRef.parse(ref)
        self.hidden = hidden is not None
        item = custom_id("deciding", action, ref) + (hidden or "")
        super().__init__(title=_(_LABELS[self.action]), custom_id=item)
        text: ui.TextInput[Any] = ui.TextInput(
            custom_id=_REASON_FIELD, required=False, max_length=REASON_LIMIT, style=discord.TextStyle.paragraph
        )
        description = _("Saved in the moderation log.")
        if self.action is not Action.DISMISS:
            description = _("Sent to the author and saved in the moderation log.")
        self.add_item(ui.Label(text=_("Reason (optional)"), description=description, component=text))

    def get_text_to_return(self, values: ModalValues) -> str:
        """Return the reason as it was typed."""
        return str(values.get(_REASON_FIELD) or "")

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Carry out the decision, notify the author and the log channel, then confirm it."""
        server_id = await require_moderator(interaction)
        # The queue is private; where a forged press came from another message, that message stays as it is.
        await acknowledge_press(interaction, edit=is_ephemeral(interaction))
        reason = self.get_text_to_return(values)
        moderation = get_service(interaction, ModerationService)
        try:
            case = await moderation.decide(
                server_id, self.ref, self.action, actor_id=interaction.user.id, reason=reason
            )
        except MarqueeError as error:
            await self._show_queue(interaction)
            if isinstance(error, type(moderation.repository.get_gone_error(self.ref))):
                error = CaseGoneError(self.ref.noun)
            raise await _explain(interaction, self.ref, error) from error
        interaction.client.dispatch("reviews_changed", server_id, case.content.film_id)
        done_action = self.action
        if done_action is Action.RESTORE and case.needs_approval:
            done_action = Action.APPROVE
        sentences = [describe_done(done_action, is_reply=self.ref.is_reply)]
        if affects_author(self.action, case):
            was_notified = await notify_author(interaction, case, self.action, reason)
            sentences.append(
                _("I told the author by direct message.")
                if was_notified
                else _("The author doesn't accept my direct messages.")
            )
        with use_locale(get_public_locale(interaction)):
            notice = describe_decision(
                done_action, case, interaction.user.mention, get_service(interaction, FilmService), reason
            )
        if not await post_to_log_channel(interaction, server_id, notice):
            sentences.append(describe_log_problem())
        await self._show_queue(interaction)
        await interaction.followup.send(" ".join(sentences), ephemeral=True)

    async def _show_queue(self, interaction: discord.Interaction[Any]) -> None:
        """Show what is to be decided now, in the place of what was."""
        with contextlib.suppress(discord.NotFound):  # the moderator may have dismissed the queue meanwhile
            response = await render_queue(interaction, hidden=self.hidden)
            await interaction.edit_original_response(**response.as_edit())


async def _explain(interaction: discord.Interaction[Any], ref: ContentRef, error: MarqueeError) -> MarqueeError:
    """Return the error for a moderator whose decision came too late, which says who decided what instead."""
    if not isinstance(error, AlreadyDecidedError | CaseGoneError):
        return error
    repository = get_service(interaction, ModerationService).repository
    entry = await repository.find_last_decision(require_guild_id(interaction), ref)
    if entry is None or (isinstance(error, CaseGoneError) and entry.action is not Action.DELETE):
        return error
    # Translators: {entry} is a line of the moderation log: when, who, what, about whom
    sentence = _("Already handled: {entry}")
    return MarqueeError(sentence.format(entry=format_log_entry(entry, get_service(interaction, FilmService))))


def affects_author(action: Action, case: Case) -> bool:
    """Return whether the decision changes anything for the author of the case as it was before."""
    return action is not Action.DISMISS or case.content.hidden_by is HiddenBy.REPORTS


async def render_log(interaction: discord.Interaction[Any], page: int = 0) -> Response:
    """Return the response with a page of the moderation log."""
    server_id = require_guild_id(interaction)
    log_page = await get_service(interaction, ModerationService).repository.get_log_page(server_id, page)
    view = View()
    if log_page.page > 0:
        view.add_item(LogButton(str(log_page.page - 1), _("Newer")))
    if log_page.page + 1 < log_page.page_count:
        view.add_item(LogButton(str(log_page.page + 1), _("Older")))
    embed = build_log_embed(log_page, get_service(interaction, FilmService))
    return with_mentions(Response(embeds=(embed,), view=view))


class LogButton(_ModeratorButton, template=r"v1:log:(?P<page>\d{1,6})"):
    """Shows another page of the moderation log."""

    acknowledgement = Acknowledgement.EDIT_IF_BUSY

    def __init__(self, page: str, label: str = "Older") -> None:
        self.page = int(page)
        super().__init__(ui.Button(label=label, custom_id=custom_id("log", self.page)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show it in the same message, which only this moderator sees."""
        response = await render_log(interaction, self.page)
        await edit_or_respond(interaction, response, edit=is_ephemeral(interaction))


ITEMS = (ReportButton, NextButton, DecisionButton, LogButton)
MODALS = (ReportModal, DecisionModal)
