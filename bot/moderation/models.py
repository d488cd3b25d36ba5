"""What reports, decisions, blocks and the log's entries are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2s
from typing import NamedTuple, Self

from bot.core.errors import MarqueeError
from bot.reviews.replies import ReplyGoneError
from bot.reviews.service import HiddenBy, Reply, Review, ReviewGoneError

REASON_LIMIT = 300
LONGEST_BLOCK = 3_650
"""Days."""
LOG_ON_PAGE = 10
DEFAULT_REPORT_THRESHOLD = 3
"""Reports that hide a review or a reply where the server has set no other number; 0 hides nothing."""


class AlreadyReportedError(MarqueeError):
    """A second report of one text by one member."""

    def __init__(self) -> None:
        super().__init__("You have reported that before. The moderators know.")


class AlreadyDecidedError(MarqueeError):
    """A decision after another one that leaves it nothing to change."""

    def __init__(self, noun: str) -> None:
        super().__init__(
            f"Somebody has decided about that {noun} meanwhile. `/moderation queue` shows what waits."
        )


class RewordedError(MarqueeError):
    """A text that reads otherwise than when the moderator who lets it through was shown it."""

    def __init__(self, noun: str) -> None:
        super().__init__(
            f"The {noun} has changed since you were shown it. `/moderation queue` shows it as it is now."
        )


class Subject(NamedTuple):
    """What is reported and decided about: a review, or a reply to one; `seen` names the wording shown."""

    id: int
    is_reply: bool = False
    seen: str = ""

    def __str__(self) -> str:
        return f"{'reply-' if self.is_reply else ''}{self.id}{f'.{self.seen}' if self.seen else ''}"

    @classmethod
    def of(cls, text: str) -> Self:
        """Give what `str` made a text of: an id, with `reply-` in front for a reply, and what was seen behind."""
        number, _, seen = text.removeprefix("reply-").partition(".")
        return cls(int(number), text.startswith("reply-"), seen)

    @property
    def noun(self) -> str:
        """What members call it."""
        return "reply" if self.is_reply else "review"

    def gone(self) -> MarqueeError:
        """Give the error that says it is no longer there."""
        return ReplyGoneError() if self.is_reply else ReviewGoneError()


class Reason(StrEnum):
    """Why a review or a reply is reported."""

    SPOILER = "spoiler"
    INSULT = "insult"
    HATE = "hate"
    SPAM = "spam"
    OTHER = "other"


class Action(StrEnum):
    """What the log tells of."""

    HIDE = "hide"
    RESTORE = "restore"
    DELETE = "delete"
    DISMISS = "dismiss"
    AUTO_HIDE = "auto hide"
    BLOCK = "block"
    UNBLOCK = "unblock"
    SETTINGS = "settings"


DECISIONS = (Action.HIDE, Action.RESTORE, Action.DELETE, Action.DISMISS)
"""What a moderator may decide about a reported review; DISMISS is “no problem”."""


def hidden_after(action: Action, before: HiddenBy | None) -> HiddenBy | None:
    """Give by whom a review is hidden once that was done; one deleted is out of sight as one hidden is."""
    match action:
        case Action.HIDE | Action.DELETE:
            return HiddenBy.MODERATOR
        case Action.AUTO_HIDE:
            return HiddenBy.REPORTS
        case Action.RESTORE:
            return None
        case Action.DISMISS if before is HiddenBy.REPORTS:
            # “No problem” brings back what reports alone had hidden, not what a moderator hid.
            return None
    return before


def taken_down(actions: Iterable[Action]) -> bool:
    """Tell whether what was done about a member's posts about a film, oldest first, left the last one hidden."""
    hidden: HiddenBy | None = None
    for action in actions:
        hidden = hidden_after(action, hidden)
    return hidden is not None


def may_wait(text: str | None, before: str | None, hidden: str | None) -> bool:
    """Tell whether there is a `text` where none was `before`, so that the log is to be asked of earlier ones."""
    return bool(text) and not before and not hidden


def waits(text: str | None, before: str | None, hidden: str | None, *, down: bool) -> bool:
    """Tell whether the moderators, who are not asked yet, are to look at a review or a reply before it is shown.

    `before` and `hidden` are how it was, `down` whether the author's last one about that film was taken down.
    """
    if hidden == HiddenBy.MODERATOR:
        return bool(text) and text != before
    return down and may_wait(text, before, hidden)


@dataclass(frozen=True, slots=True)
class Reported:
    """A reported review, with how many members gave each reason, and when the first did.

    Where it is a reply that is reported, `reply` is that, and `review` what it answers.
    """

    review: Review
    reasons: dict[Reason, int]
    since: datetime
    reply: Reply | None = None

    @property
    def subject(self) -> Subject:
        """What it is about."""
        return Subject(self.reply.id, is_reply=True) if self.reply is not None else Subject(self.review.id)

    @property
    def as_seen(self) -> Subject:
        """What it is about, as whoever is shown this sees it."""
        seen = blake2s(self.text.encode(errors="replace"), digest_size=4).hexdigest()
        return self.subject._replace(seen=seen)

    def check(self, subject: Subject, action: Action) -> None:
        """Raise AlreadyDecidedError where the action would change nothing any more.

        Raises RewordedError where it lets words through that are not those that were seen.
        """
        if action not in self.decisions:
            raise AlreadyDecidedError(subject.noun)
        if action in (Action.RESTORE, Action.DISMISS) and subject.seen not in ("", self.as_seen.seen):
            raise RewordedError(subject.noun)

    @property
    def member_id(self) -> int:
        """Who wrote it."""
        return (self.reply or self.review).member_id

    @property
    def text(self) -> str:
        """What they wrote."""
        return (self.reply or self.review).text

    @property
    def hidden_by(self) -> HiddenBy | None:
        """Who hid it."""
        return (self.reply or self.review).hidden_by

    @property
    def decisions(self) -> tuple[Action, ...]:
        """What may be decided about it, without what would change nothing."""
        idle = {
            None: {Action.RESTORE},
            HiddenBy.REPORTS: set[Action](),
            HiddenBy.MODERATOR: {Action.HIDE, Action.DISMISS},
            HiddenBy.HELD: {Action.DISMISS},
        }
        return tuple(action for action in DECISIONS if action not in idle[self.hidden_by])


@dataclass(frozen=True, slots=True)
class Block:
    """A member kept from reviewing, until a time or for good (None)."""

    member_id: int
    expires_at: datetime | None
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One thing that was done. `actor_id` is None for the bot itself, `member_id` where whom it was about has
    been forgotten at their wish."""

    action: Action
    actor_id: int | None
    member_id: int | None
    created_at: datetime
    film_id: str | None = None
    rating_id: int | None = None
    reason: str = ""
    id: int = 0
    reply_id: int | None = None


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of the log, latest first; `page` counts from 0."""

    entries: tuple[LogEntry, ...]
    count: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.count // LOG_ON_PAGE))
