"""Reports, decisions, blocks and log entries, and the rules for them on plain values."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from hashlib import blake2s
from typing import Any, NamedTuple, Self

from bot.core.errors import MarqueeError
from bot.core.paging import count_pages
from bot.core.text.formatting import format_count
from bot.core.text.i18n import _
from bot.members.server_settings import ServerSettings

DEFAULT_REPORT_THRESHOLD = 3
"""Reports that hide a text, unless the server has set another number; 0 hides nothing."""
REASON_LIMIT = 300
MAXIMUM_BLOCK_DAYS = 3_650
LOG_PAGE_SIZE = 10
LOG_BATCH_SIZE = 500
"""Entries of the log that are read at a time for its export."""
_LOGGED_REPORTS = re.compile(r"(\d{1,9}) reports?")


class AlreadyReportedError(MarqueeError):
    """A second report of one text by one member."""

    def __init__(self) -> None:
        super().__init__(_("You already reported this. The moderators will look at it."))


class AlreadyDecidedError(MarqueeError):
    """A decision after another one that leaves it nothing to change."""

    def __init__(self, noun: str) -> None:
        super().__init__(
            _("That reply has already been handled. See what's open with `/moderation queue`.")
            if noun == "reply"
            else _("That review has already been handled. See what's open with `/moderation queue`.")
        )


class CaseGoneError(MarqueeError):
    """A decision about a text that its author has deleted."""

    def __init__(self, noun: str) -> None:
        super().__init__(
            _("The author deleted that reply. See what's open with `/moderation queue`.")
            if noun == "reply"
            else _("The author deleted that review. See what's open with `/moderation queue`.")
        )


class TextChangedError(MarqueeError):
    """A text that differs from the one shown to the moderator who approves it."""

    def __init__(self, noun: str) -> None:
        super().__init__(
            _("The reply was edited after you opened it. Run `/moderation queue` to see it now.")
            if noun == "reply"
            else _("The review was edited after you opened it. Run `/moderation queue` to see it now.")
        )


class OwnContentError(MarqueeError):
    """A report of the member's own review or reply."""

    def __init__(self, noun: str) -> None:
        super().__init__(
            _("You can't report your own reply. You can edit or delete it.")
            if noun == "reply"
            else _("You can't report your own review. Use `/review edit` or `/review delete`.")
        )


class BlockedError(MarqueeError):
    """A member whom the moderators keep from reviewing, until `expires_at` or for good (None)."""

    def __init__(self, expires_at: datetime | None, reason: str) -> None:
        super().__init__(_("Moderators have blocked you from rating, reviewing and suggesting films here."))
        self.expires_at = expires_at
        self.reason = reason


class HiddenBy(StrEnum):
    """Who hid a review or a reply: enough reports, a moderator, or Marquee until a moderator has approved it."""

    REPORTS = "reports"
    MODERATOR = "moderator"
    PRE_MODERATION = "held"  # stored value, kept


class Reason(StrEnum):
    """Why a review or a reply is reported."""

    SPOILER = "spoiler"
    INSULT = "insult"
    HATE = "hate"
    SPAM = "spam"
    OTHER = "other"


class Action(StrEnum):
    """What an entry of the moderation log says was done.

    APPROVE is a RESTORE of a text that nobody has seen yet.
    """

    HIDE = "hide"
    RESTORE = "restore"
    APPROVE = "approve"
    DELETE = "delete"
    DISMISS = "dismiss"
    AUTO_HIDE = "auto hide"
    BLOCK = "block"
    UNBLOCK = "unblock"
    DELETE_LIST = "delete list"
    REMOVE_LISTED = "remove listed"
    CHANGE_PICK = "change pick"
    REMOVE_PICK = "remove pick"
    RESTORE_PICK = "restore pick"
    START_PICK = "start pick"
    END_PICK = "end pick"
    DISCONNECT = "disconnect"
    SETTINGS = "settings"


DECISIONS = (Action.HIDE, Action.RESTORE, Action.DELETE, Action.DISMISS)
"""What a moderator can decide about a review or a reply; DISMISS is “no problem”."""
_POINTLESS_DECISIONS = {
    None: {Action.RESTORE},
    HiddenBy.REPORTS: set[Action](),
    HiddenBy.MODERATOR: {Action.HIDE, Action.DISMISS},
    HiddenBy.PRE_MODERATION: {Action.DISMISS},
}
"""Decisions that would change nothing, by who has hidden the text."""


class ContentRef(NamedTuple):
    """Which review or reply is reported or decided about.

    `text_hash` is the hash of the text a moderator was shown, "" if none was shown, `decision_id` the entry of
    the log with the last decision then, 0 without one, None where it is not known.
    """

    id: int
    is_reply: bool = False
    text_hash: str = ""
    decision_id: int | None = None

    def __str__(self) -> str:
        parts = [f"{'reply-' if self.is_reply else ''}{self.id}", self.text_hash]
        if self.decision_id is not None:
            parts.append(str(self.decision_id))
        return ".".join(filter(None, parts))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the reference that `str` made into text: `reply-` for a reply, the id, the hash, the decision."""
        number, text_hash, decision, *_ = *text.removeprefix("reply-").split("."), "", ""
        return cls(int(number), text.startswith("reply-"), text_hash, int(decision) if decision else None)

    @property
    def noun(self) -> str:
        """What members call it."""
        return "reply" if self.is_reply else "review"


class PostKey(NamedTuple):
    """Server, member and film: a member has one rating of a film in a server."""

    server_id: int
    member_id: int
    film_id: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A text and who wrote it."""

    member_id: int
    text: str


@dataclass(frozen=True, slots=True)
class ReportableContent:
    """A review, or a reply to one, with what moderators need to decide about it.

    For a reply `review` is what it answers and `replies` is the reply alone; for a review `replies` are those
    that members can read, oldest first. `stars` are the review's, as members read them (`★★★½`). `updated_at` is
    when the text was last changed. Members can read it if neither it nor what it answers is hidden.
    """

    ref: ContentRef
    film_id: str
    review_id: int
    review: Quote
    stars: str
    is_spoiler: bool
    updated_at: datetime
    replies: tuple[Quote, ...] = ()
    hidden_by: HiddenBy | None = None
    is_readable: bool = True

    @property
    def author_id(self) -> int:
        """The member who wrote it."""
        return self._own_quote.member_id

    @property
    def text(self) -> str:
        """What they wrote, "" for a rating without a review."""
        return self._own_quote.text

    @property
    def _own_quote(self) -> Quote:
        return self.replies[0] if self.ref.is_reply else self.review


@dataclass(frozen=True, slots=True)
class Case:
    """A review or a reply with its undecided reports: how many members gave each reason, and since when.

    Without reports `since` is when the text was last changed. `decision_id` is the entry of the log with the last
    decision about it, 0 without one.
    """

    content: ReportableContent
    reasons: dict[Reason, int]
    since: datetime
    decision_id: int = 0

    @property
    def shown_ref(self) -> ContentRef:
        """The reference to it for buttons, with a hash of the text as it is shown now, and the last decision."""
        text_hash = blake2s(self.content.text.encode(errors="replace"), digest_size=4).hexdigest()
        return self.content.ref._replace(text_hash=text_hash, decision_id=self.decision_id)

    @property
    def decisions(self) -> tuple[Action, ...]:
        """What can be decided about it, without what would change nothing."""
        pointless = _POINTLESS_DECISIONS[self.content.hidden_by]
        return tuple(action for action in DECISIONS if action not in pointless)

    @property
    def needs_approval(self) -> bool:
        """Whether nobody has seen the text yet, so that to restore it is to approve it."""
        return self.content.hidden_by is HiddenBy.PRE_MODERATION

    def check_decision(self, ref: ContentRef, action: Action) -> None:
        """Raise AlreadyDecidedError if somebody has decided since, or the action would change nothing any more.

        Raises TextChangedError if it would approve a text other than the one that `ref` says was shown.
        """
        if action not in self.decisions or ref.decision_id not in (None, self.decision_id):
            raise AlreadyDecidedError(ref.noun)
        if action in (Action.RESTORE, Action.DISMISS) and ref.text_hash not in ("", self.shown_ref.text_hash):
            raise TextChangedError(ref.noun)


def apply_action(action: Action, hidden_by: HiddenBy | None) -> HiddenBy | None:
    """Return who hides a text after the action; a deleted text counts as hidden by a moderator."""
    match action:
        case Action.HIDE | Action.DELETE:
            return HiddenBy.MODERATOR
        case Action.AUTO_HIDE:
            return HiddenBy.REPORTS
        case Action.RESTORE | Action.APPROVE:
            return None
        case Action.DISMISS if hidden_by is HiddenBy.REPORTS:
            # “No problem” brings back what reports alone had hidden, not what a moderator hid.
            return None
    return hidden_by


def is_taken_down(actions: Iterable[Action]) -> bool:
    """Return whether these actions about a member's posts about a film, oldest first, left the last one hidden."""
    hidden_by: HiddenBy | None = None
    for action in actions:
        hidden_by = apply_action(action, hidden_by)
    return hidden_by is not None


@dataclass(frozen=True, slots=True)
class Block:
    """A member kept from rating and reviewing, until a time or for good (None)."""

    member_id: int
    expires_at: datetime | None
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One thing that was done.

    `actor_id` is None for the bot itself, `member_id` if the member it was about had their data deleted.
    `expires_at` is when a block ends, None for one without an end. The reason of what was done to a list is the
    list's name.
    """

    action: Action
    actor_id: int | None
    member_id: int | None
    created_at: datetime
    film_id: str | None = None
    rating_id: int | None = None
    reason: str = ""
    id: int = 0
    reply_id: int | None = None
    expires_at: datetime | None = None


def find_changes(before: ServerSettings, after: ServerSettings) -> dict[str, Any]:
    """Return the settings that differ, with their new values, by the name of their field."""
    names = [each.name for each in fields(ServerSettings)]
    return {name: getattr(after, name) for name in names if getattr(after, name) != getattr(before, name)}


def format_logged_settings(changes: Mapping[str, Any]) -> str:
    """Return what the log keeps of changed settings: `log channel: 9, blocked words: 2 words`.

    The text is the same in every language; `parse_logged_settings` reads it.
    """
    parts = []
    for name, value in changes.items():
        if isinstance(value, tuple):
            value = format_count(len(value), "word" if name == "word_filter" else "channel")
        parts.append(f"{_get_logged_name(name)}: {'none' if value is None else value}")
    return ", ".join(parts)


def parse_logged_settings(text: str) -> dict[str, str | None] | None:
    """Return the new values by the name of their setting, None for one that was taken back.

    Of words and channels it is their number. None if the text is none that `format_logged_settings` returned.
    """
    names = {_get_logged_name(each.name): each.name for each in fields(ServerSettings)}
    changes: dict[str, str | None] = {}
    for part in text.split(", "):
        label, separator, value = part.partition(": ")
        name = names.get(label)
        if not separator or name is None:
            return None
        if name in ("word_filter", "conversation_channel_ids"):
            value = value.partition(" ")[0]
        changes[name] = None if value == "none" else value
    return changes


def _get_logged_name(name: str) -> str:
    """Return what the log calls a setting: `log channel` for `log_channel_id`."""
    return "blocked words" if name == "word_filter" else name.removesuffix("_id").replace("_", " ")


def format_logged_reports(count: int) -> str:
    """Return what the log keeps of the number of reports that hid a text; `parse_logged_reports` reads it."""
    return format_count(count, "report")


def parse_logged_reports(text: str) -> int | None:
    """Return the number of reports that hid a text, None if it is not known."""
    match = _LOGGED_REPORTS.fullmatch(text)
    return int(match[1]) if match is not None else None


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of the log, latest entry first. `page` counts from 0, `entry_count` is of the whole log."""

    entries: tuple[LogEntry, ...]
    entry_count: int
    page: int

    @property
    def page_count(self) -> int:
        """How many pages there are, at least one."""
        return count_pages(self.entry_count, LOG_PAGE_SIZE)
