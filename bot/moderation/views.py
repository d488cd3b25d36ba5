"""The moderators' side of reviews: what was reported, what to do about it, what was done."""

import contextlib
import csv
import io
import re
from collections.abc import Iterable
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    COLOUR,
    Button,
    Modal,
    ModalValues,
    View,
    custom_id,
    get_service,
    is_ephemeral,
    require_guild_id,
    show,
)
from bot.core.errors import MarqueeError
from bot.core.text.escaping import escape_line, escape_line_to_fit, format_user_text
from bot.core.text.formatting import with_year
from bot.films.models import Film
from bot.films.service import FilmService
from bot.members.names import with_mentions
from bot.members.server_settings_repository import ServerSettingsRepository
from bot.moderation.models import REASON_LIMIT, Action, LogEntry, Reason, Reported, Subject
from bot.moderation.notifications import post_to_log_channel, tell_author
from bot.moderation.service import ModerationService
from bot.reviews.service import HiddenBy
from bot.reviews.stars_embeds import stars_text

REASON = "reason"
SUBJECT = r"(?:reply-)?\d{1,18}(?:\.[0-9a-f]{8})?"
LABELS = {
    Action.HIDE: "Hide",
    Action.RESTORE: "Restore",
    Action.DELETE: "Delete",
    Action.DISMISS: "No problem",
}
DONE = {
    Action.HIDE: "hid a {noun}",
    Action.RESTORE: "restored a {noun}",
    Action.DELETE: "deleted a {noun}",
    Action.DISMISS: "found no problem with a {noun}",
    Action.AUTO_HIDE: "hid a {noun} after reports",
    Action.BLOCK: "blocked a member",
    Action.UNBLOCK: "unblocked a member",
    Action.SETTINGS: "changed settings",
}
_HIDDEN = {
    HiddenBy.REPORTS: "hidden after reports",
    HiddenBy.MODERATOR: "hidden by a moderator",
    HiddenBy.HELD: "held until a moderator decides",
}
_LOG_COLUMNS = ("id", "at", "action", "actor_id", "member_id", "film_id", "rating_id", "reply_id", "reason")


class NotModeratorError(MarqueeError):
    """Somebody who may not moderate reviews."""

    def __init__(self) -> None:
        super().__init__(
            "That is for moderators: it takes the permission to manage messages, or the role that "
            "`/settings reviews` names."
        )


async def require_moderator(interaction: discord.Interaction[Any]) -> int:
    """Give the server's id. Raises NotModeratorError where the member may not moderate reviews now."""
    server_id = require_guild_id(interaction)
    if not interaction.permissions.manage_messages:
        role_id = (await get_service(interaction, ServerSettingsRepository).get(server_id)).moderator_role_id
        if role_id is None or role_id not in {role.id for role in getattr(interaction.user, "roles", ())}:
            raise NotModeratorError
    return server_id


async def queue(interaction: discord.Interaction[Any], place: int = 0, *, hidden: bool = False) -> dict[str, Any]:
    """Give the message with one of the reviews and replies that wait for a decision, or that are hidden."""
    server_id = require_guild_id(interaction)
    waiting = await (
        get_service(interaction, ModerationService).hidden(server_id)
        if hidden
        else get_service(interaction, ModerationService).queue(server_id)
    )
    if not waiting:
        embed = discord.Embed(title="Nothing is hidden" if hidden else "Nothing waits", colour=COLOUR)
        embed.description = f"No review or reply {'is hidden' if hidden else 'waits for a decision'}."
        return with_mentions({"embed": embed, "view": View()})
    place = min(place, len(waiting) - 1)
    reported = waiting[place]
    film = await get_service(interaction, FilmService).get(reported.review.film_id)
    embed = reported_card(reported, film)
    embed.set_footer(text=f"{place + 1} of {len(waiting)} that {'are hidden' if hidden else 'wait'}")
    view = View(*(DecisionButton(action.value, str(reported.as_seen)) for action in reported.decisions))
    if len(waiting) > 1:
        view.add_item(NextButton(str((place + 1) % len(waiting)), ":hidden" if hidden else None))
    return with_mentions({"embed": embed, "view": view})


def reported_card(reported: Reported, film: Film | None) -> discord.Embed:
    """Give a reported review with everything that a decision needs."""
    review = reported.review
    title = escape_line(film.dated_title, 200) if film is not None else "a film that is gone"
    embed = discord.Embed(title=f"{stars_text(review.stars)} · {title}"[:256], colour=COLOUR)
    lines = [f"by <@{review.member_id}>", format_user_text(review.text, 1_200) or "(no text)"]
    answers = review.replies[-5:] if reported.reply is None else (reported.reply,)
    lines += [f"↳ <@{reply.member_id}>: {format_user_text(reply.text, 330)}" for reply in answers]
    held = reported.hidden_by is HiddenBy.HELD and not reported.reasons
    if reported.reply is not None:
        lines.append(f"**The reply is what {'waits' if held else 'was reported'}.**")
    embed.description = "\n".join(lines)
    earlier = f"no report: an earlier {reported.subject.noun} of theirs was taken down"
    reasons = earlier if held else reasons_text(reported.reasons)
    embed.add_field(name="Reported for", value=reasons, inline=False)
    marks = [_HIDDEN[reported.hidden_by] if reported.hidden_by is not None else "shown"]
    if review.is_spoiler:
        marks.append("marked as a spoiler")
    embed.add_field(name="Now", value=", ".join(marks))
    embed.add_field(
        name="First report" if reported.reasons else "Posted", value=discord.utils.format_dt(reported.since, "R")
    )
    return embed


def reasons_text(reasons: dict[Reason, int]) -> str:
    """Say how many members gave each reason."""
    ordered = sorted(reasons.items(), key=lambda item: -item[1])
    return ", ".join(f"{reason.value}: {members}" for reason, members in ordered) or "no report waits any more"


class _ModeratorButton(Button, template="^$"):
    """A button that asks at every press whether the member may moderate."""

    async def is_allowed(self, interaction: discord.Interaction[Any]) -> bool:
        """Raise NotModeratorError for who may not."""
        await require_moderator(interaction)
        return True


class NextButton(_ModeratorButton, template=r"v1:queue:(?P<place>\d{1,3})(?P<hidden>:hidden)?"):
    """The next review that waits, or that is hidden."""

    def __init__(self, place: str, hidden: str | None = None) -> None:
        self.place = int(place)
        self.hidden = hidden is not None
        super().__init__(ui.Button(label="Next", row=1, custom_id=custom_id("queue", place) + (hidden or "")))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show it in this message, which is who pressed's own."""
        message = await queue(interaction, self.place, hidden=self.hidden)
        await show(interaction, replace=is_ephemeral(interaction), **message)


class DecisionButton(
    _ModeratorButton,
    template=rf"v1:decide:(?P<action>hide|restore|delete|dismiss):(?P<subject>{SUBJECT})",
):
    """Opens the form with the reason for a decision."""

    def __init__(self, action: str, subject: str) -> None:
        self.action = Action(action)
        self.subject = Subject.of(subject)
        danger = self.action is Action.DELETE
        style = discord.ButtonStyle.danger if danger else discord.ButtonStyle.secondary
        button: ui.Button[Any] = ui.Button(
            label=LABELS[self.action], style=style, custom_id=custom_id("decide", action, subject)
        )
        super().__init__(button)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form, if what it is about is still there, in this server, and as it was when shown."""
        found = await get_service(interaction, ModerationService).reported(
            require_guild_id(interaction), self.subject
        )
        found.check(self.subject, self.action)
        await interaction.response.send_modal(DecisionForm(self.action.value, str(self.subject)))


class DecisionForm(Modal):
    """The reason for a decision, which the author is told."""

    template = re.compile(rf"v1:deciding:(?P<action>hide|restore|delete|dismiss):(?P<subject>{SUBJECT})")

    def __init__(self, action: str, subject: str) -> None:
        self.action = Action(action)
        self.subject = Subject.of(subject)
        super().__init__(title=LABELS[self.action], custom_id=custom_id("deciding", action, subject))
        text: ui.TextInput[Any] = ui.TextInput(
            custom_id=REASON, required=False, max_length=REASON_LIMIT, style=discord.TextStyle.paragraph
        )
        told = "The log keeps it."
        if self.action is not Action.DISMISS:
            told = "Its author is told by direct message; the log keeps it."
        self.add_item(ui.Label(text="Reason (optional)", description=told, component=text))

    def get_input(self, values: ModalValues) -> str:
        """Give the reason as it was typed."""
        return str(values.get(REASON) or "")

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Do it, and only then say so; then tell the author and the log channel."""
        server_id = await require_moderator(interaction)
        # The queue is private; where a forged press came from another message, that message stays as it is.
        await interaction.response.defer(ephemeral=True, thinking=not is_ephemeral(interaction))
        before = await get_service(interaction, ModerationService).decide(
            server_id, self.subject, self.action, actor_id=interaction.user.id, reason=self.get_input(values)
        )
        with contextlib.suppress(discord.NotFound):  # who decides may have dismissed the queue meanwhile
            await interaction.edit_original_response(**await queue(interaction))
        interaction.client.dispatch("pick_card_outdated", server_id, before.review.film_id)
        what = DONE[self.action].format(noun=self.subject.noun)
        done = [f"Done: you {what}."]
        if worth_telling(self.action, before):
            told = await tell_author(interaction, before, self.action, self.get_input(values))
            done.append("Its author was told." if told else "Its author takes no direct messages.")
        note = f"{interaction.user.mention} {what} by <@{before.member_id}>."
        if not await post_to_log_channel(interaction, server_id, note):
            done.append("The log channel could not be written to; `/settings reviews` sets another.")
        await interaction.followup.send(" ".join(done), ephemeral=True)


def worth_telling(action: Action, before: Reported) -> bool:
    """Tell whether a decision changes anything for the author."""
    return action is not Action.DISMISS or before.hidden_by is HiddenBy.REPORTS


async def log_card(interaction: discord.Interaction[Any], number: int = 0) -> dict[str, Any]:
    """Give the message with a page of the log."""
    page = await get_service(interaction, ModerationService).log(require_guild_id(interaction), number)
    embed = discord.Embed(title="Moderation log", colour=COLOUR)
    embed.description = (
        "\n".join(log_line(entry, get_service(interaction, FilmService)) for entry in page.entries)
        or "Nothing was done yet."
    )
    view = View()
    if page.page > 0:
        view.add_item(LogButton(str(page.page - 1), "Later"))
    if page.page + 1 < page.pages:
        view.add_item(LogButton(str(page.page + 1), "Earlier"))
    if page.count:
        entries = "1 entry" if page.count == 1 else f"{page.count:,} entries"
        embed.set_footer(text=f"{entries} · page {page.page + 1} of {page.pages}")
    return with_mentions({"embed": embed, "view": view})


def log_line(entry: LogEntry, catalogue: FilmService) -> str:
    """Say who did what when to whom, and why."""
    who = f"<@{entry.actor_id}>" if entry.actor_id is not None else "Marquee"
    done = DONE[entry.action].format(noun="reply" if entry.reply_id is not None else "review")
    told = f"{discord.utils.format_dt(entry.created_at, 'f')} · {who} {done}"
    if entry.action is not Action.SETTINGS:
        told += f": <@{entry.member_id}>" if entry.member_id is not None else ": somebody whose data are deleted"
    if entry.film_id is not None:
        known = catalogue.index.get(entry.film_id)
        told += (
            f", **{escape_line_to_fit(with_year(known.title, known.year), 80)}**"
            if known
            else f", `{entry.film_id}`"
        )
    return f"{told}. {escape_line_to_fit(entry.reason, 150)}".rstrip()


class LogButton(_ModeratorButton, template=r"v1:log:(?P<page>\d{1,6})"):
    """Another page of the log."""

    def __init__(self, page: str, label: str = "Earlier") -> None:
        self.page = int(page)
        super().__init__(ui.Button(label=label, custom_id=custom_id("log", self.page)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page in this message, which is who pressed's own."""
        await show(interaction, replace=is_ephemeral(interaction), **await log_card(interaction, self.page))


def log_file(entries: Iterable[LogEntry]) -> discord.File:
    """Give the whole log as CSV, oldest entry last as it is shown."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(_LOG_COLUMNS)
    for entry in entries:
        rows.writerow(
            (
                entry.id, entry.created_at.isoformat(), entry.action.value, entry.actor_id or "",
                entry.member_id or "", entry.film_id or "", entry.rating_id or "",
                entry.reply_id or "", entry.reason,
            )
        )  # fmt: skip
    file = io.BytesIO(text.getvalue().encode())
    return discord.File(file, "moderation-log.csv", description="The moderation log")


ITEMS = (NextButton, DecisionButton, LogButton)
FORMS = (DecisionForm,)
