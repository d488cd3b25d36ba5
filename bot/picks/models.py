"""Picks, series, suggestions, polls, jobs, and the errors of planning them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.jobs import Job
from bot.core.paging import count_pages
from bot.core.text.formatting import escape_line
from bot.core.text.i18n import _
from bot.members.server_settings import ServerSettings, or_default
from bot.picks.rotation import Rotation, RotationInterval

ROTATION_SETTINGS = frozenset(
    ("rotation_interval", "time_zone", "rotation_time", "rotation_weekday", "rotation_day")
)
"""The fields of `ServerSettings` that are the rule of rotations."""
NOTE_LIMIT = 500
REASON_LIMIT = 300
SERIES_NAME_LIMIT = 80
MAX_DURATION_DAYS = 366
PLANNED_LIMIT = 200
"""Planned picks that one server may have."""
HISTORY_PAGE_SIZE = 8


class PickGoneError(MarqueeError):
    """The pick does not exist, or is no longer planned."""

    def __init__(self) -> None:
        super().__init__(_("That pick isn't planned anymore. Use `/pick list` to see what is."))


class UnknownPickError(PickGoneError):
    """A title that no planned or current pick has."""

    def __init__(self, text: str) -> None:
        sentence = _("No planned film is called “{text}”. Pick one from the list.")
        MarqueeError.__init__(self, sentence.format(text=escape_line(text, 100)))


class AmbiguousPickError(PickGoneError):
    """A title that several planned picks have."""

    def __init__(self, text: str) -> None:
        sentence = _("Several planned films are called “{text}”. Pick one from the list.")
        MarqueeError.__init__(self, sentence.format(text=escape_line(text, 100)))


class PickNotCurrentError(PickGoneError):
    """The pick is no longer on the marquee."""

    def __init__(self) -> None:
        MarqueeError.__init__(self, _("That film isn't featured anymore. Use `/featured` to see what is."))


class NothingPlannedError(MarqueeError):
    """There is no planned pick to start."""

    def __init__(self) -> None:
        super().__init__(_("Nothing is planned. Use `/pick add` to plan a film."))


class DayTakenError(MarqueeError):
    """Another pick is planned for that day."""

    def __init__(self, title: str, day: str, pick_id: int) -> None:
        self.title, self.pick_id = title, pick_id
        super().__init__(
            _("{title} is already planned for {day}. Choose another day, or move it with `/pick move`.").format(
                title=escape_line(title), day=day
            )
        )


class QueueFullError(MarqueeError):
    """The server has as many planned picks as it may have."""

    def __init__(self) -> None:
        super().__init__(
            _("This server already has {limit} planned picks. Remove one with `/pick remove` first.").format(
                limit=PLANNED_LIMIT
            )
        )


class SeriesError(MarqueeError):
    """The series does not exist, is closed, or has a name that is taken."""


class FeaturedNowError(MarqueeError):
    """A suggestion of the film that is featured at the moment."""

    def __init__(self) -> None:
        super().__init__(_("That film is featured right now. See it with `/featured`."))


class AlreadySuggestedError(MarqueeError):
    """The member has an open suggestion of the same film."""

    def __init__(self) -> None:
        super().__init__(_("You already suggested that film. See what happens to it with `/suggestions`."))


class SuggestionDecidedError(MarqueeError):
    """The suggestion does not exist, or has been decided."""

    def __init__(self) -> None:
        super().__init__(_("That suggestion was already decided. Use `/suggestions` to see the open ones."))


class RefillMode(StrEnum):
    """What happens when a rotation finds the queue empty."""

    OFF = "off"
    BEST_RATED = "best"
    MOST_WANTED = "wanted"
    POLL = "vote"  # stored value, kept


class PickState(StrEnum):
    """Whether a pick is still to come, current, over, or missed: its time passed before it could be shown."""

    PLANNED = "planned"
    CURRENT = "current"
    PAST = "past"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class PickSettings:
    """A server's settings for its marquee, with the defaults of those that are not set.

    `poll_hours` is how long a vote lasts, None for as long as the rotation leaves, a day at most.
    `is_announcement_published` says whether announcements go on to the servers that follow the channel.
    """

    rotation: Rotation = field(default_factory=Rotation)
    announcement_channel_id: int | None = None
    has_announcement_thread: bool = False
    announcement_role_id: int | None = None
    has_retrospective: bool = True
    refill: RefillMode = RefillMode.OFF
    poll_hours: int | None = None
    is_announcement_published: bool = False
    curator_role_id: int | None = None
    next_rotation_at: datetime | None = None

    @classmethod
    def from_server_settings(cls, settings: ServerSettings, next_rotation_at: datetime | None) -> "PickSettings":
        """Return the marquee's part of a server's settings."""
        rotation, defaults = Rotation(), cls()
        return cls(
            rotation=Rotation(
                interval=RotationInterval(or_default(settings.rotation_interval, rotation.interval)),
                time_zone=or_default(settings.time_zone, rotation.time_zone),
                minutes=or_default(settings.rotation_time, rotation.minutes),
                weekday=or_default(settings.rotation_weekday, rotation.weekday),
                month_day=or_default(settings.rotation_day, rotation.month_day),
            ),
            announcement_channel_id=settings.announcement_channel_id,
            has_announcement_thread=or_default(settings.has_announcement_thread, defaults.has_announcement_thread),
            announcement_role_id=settings.announcement_role_id,
            has_retrospective=or_default(settings.has_retrospective, defaults.has_retrospective),
            refill=RefillMode(or_default(settings.refill, defaults.refill)),
            poll_hours=settings.poll_hours,
            is_announcement_published=bool(settings.is_announcement_published),
            curator_role_id=settings.curator_role_id,
            next_rotation_at=next_rotation_at,
        )


@dataclass(frozen=True, slots=True)
class Series:
    """A named group of picks. A closed one takes no more picks."""

    id: int
    name: str
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Announcement:
    """Where a pick was announced: the message, and the thread under it if there is one."""

    channel_id: int
    message_id: int
    thread_id: int | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """A film for the marquee.

    A pick with `starts_at` starts at that time, one without when its turn in the queue comes. It stays
    `duration_days`, or until the next pick if that is None. `ends_at` is when a current pick with a duration ends.
    """

    id: int
    server_id: int
    film_id: str
    title: str
    year: int | None
    note: str = ""
    state: PickState = PickState.PLANNED
    position: int = 0
    starts_at: datetime | None = None
    duration_days: int | None = None
    series: Series | None = None
    curator_id: int | None = None
    started_at: datetime | None = None
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    announcement: Announcement | None = None


@dataclass(frozen=True, slots=True)
class NewPick:
    """A pick to be planned."""

    film_id: str
    curator_id: int | None
    note: str = ""
    starts_at: datetime | None = None
    duration_days: int | None = None
    series_id: int | None = None


@dataclass(frozen=True, slots=True)
class PickDraft:
    """What a curator typed about a pick to be planned, checked, before its film is known."""

    note: str = ""
    starts_at: datetime | None = None
    duration_days: int | None = None
    series_id: int | None = None

    def for_film(self, film_id: str, curator_id: int | None) -> NewPick:
        """Return the pick of that film, planned by that member."""
        return NewPick(film_id, curator_id, self.note, self.starts_at, self.duration_days, self.series_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PickChange:
    """What a curator changes about a pick; None leaves it as it is.

    The note "" and the duration 0 remove what was set, `is_series_removed` takes the pick out of its series.
    Raises InvalidInputError if nothing is changed.
    """

    note: str | None = None
    duration_days: int | None = None
    series_id: int | None = None
    is_series_removed: bool = False

    def __post_init__(self) -> None:
        """Refuse a change without content."""
        changes = (self.note, self.duration_days, self.series_id)
        if all(change is None for change in changes) and not self.is_series_removed:
            raise InvalidInputError(_("Choose what to change: the note, the days or the series."))


@dataclass(frozen=True, slots=True)
class Programme:
    """A server's current and planned picks: dated ones by their time, the queue in its order."""

    settings: PickSettings
    current: Pick | None = None
    dated: tuple[Pick, ...] = ()
    queue: tuple[Pick, ...] = ()

    @property
    def planned(self) -> tuple[Pick, ...]:
        """All planned picks, the dated ones first."""
        return (*self.dated, *self.queue)

    @property
    def picks(self) -> tuple[Pick, ...]:
        """The current pick, then all planned ones."""
        return self.planned if self.current is None else (self.current, *self.planned)


@dataclass(frozen=True, slots=True)
class ProgrammeSnapshot:
    """A server's programme and its series, as they were when they were read."""

    programme: Programme
    series: tuple[Series, ...] = ()


@dataclass(frozen=True, slots=True)
class AverageStars:
    """A film's average in a server, in stars with one decimal, and how many members rated it."""

    average: float
    rating_count: int


@dataclass(frozen=True, slots=True)
class PickHistory:
    """A page of past picks, latest first, with the server's stars by film id. Films nobody rated are left out."""

    picks: tuple[Pick, ...]
    stars: Mapping[str, AverageStars]
    total_count: int
    page: int

    @property
    def page_count(self) -> int:
        """How many pages there are, at least one."""
        return count_pages(self.total_count, HISTORY_PAGE_SIZE)


class SuggestionState(StrEnum):
    """Whether a suggestion is open, or how it was decided."""

    OPEN = "open"
    ACCEPTED = "taken"  # stored value, kept
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A film that a member would like to see on the marquee; `supporter_ids` suggested it, too.

    `pick_id` is the pick that a suggestion just accepted became.
    """

    id: int
    server_id: int
    member_id: int
    film_id: str
    title: str
    year: int | None
    reason: str
    created_at: datetime
    state: SuggestionState = SuggestionState.OPEN
    supporter_ids: tuple[int, ...] = ()
    pick_id: int | None = None


class JobKind(StrEnum):
    """What has to be done in Discord after the marquee has changed."""

    ANNOUNCE = "announce"
    CLOSE = "close"
    RETROSPECT = "retrospect"
    REFRESH = "refresh"
    OPEN_POLL = "vote"  # stored value, kept
    COUNT_POLL = "count"


PickJob = Job[JobKind]
"""A claimed job about a pick, or a poll."""


class NoticeKind(StrEnum):
    """What a notice is about. The values are stored: they stay, also where a name became clearer."""

    CHANNEL = "channel"
    PERMISSION = "permission"
    REFUSED = "refused"
    TOO_MANY_THREADS = "threads"
    EMPTY_QUEUE = "empty"
    POLL = "vote"
    ROLE = "role"
    THREAD = "thread"
    PIN = "pin"
    PUBLISH = "publish"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that moderators must know; a server has one of each kind at a time."""

    kind: NoticeKind
    text: str


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll among films on what comes next."""

    id: int
    server_id: int
    film_ids: tuple[str, ...]
    ends_at: datetime
    channel_id: int | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """The members whose ratings of a film lie furthest apart."""

    highest_member_id: int
    highest_half_stars: int
    lowest_member_id: int
    lowest_half_stars: int
