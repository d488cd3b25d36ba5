"""What a pick is, and what a server's moderators decide about its marquee."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.core.errors import MarqueeError
from bot.picks.rotation import Rotation

NOTE_LIMIT = 500
WHY_LIMIT = 300
SERIES_LIMIT = 80
MOST_DAYS = 366
QUEUE_LIMIT = 200
HISTORY_ON_PAGE = 8


class PickGoneError(MarqueeError):
    """A pick that is no longer there."""

    def __init__(self) -> None:
        super().__init__("That pick is no longer planned. `/pick list` shows those that are.")


class PickOverError(PickGoneError):
    """A pick that is no longer on."""

    def __init__(self) -> None:
        MarqueeError.__init__(self, "That pick is not on the marquee any more. `/featured` shows what is.")


class NothingNextError(MarqueeError):
    """Nothing to bring on."""

    def __init__(self) -> None:
        super().__init__("Nothing is planned. `/pick add` plans a film.")


class DayTakenError(MarqueeError):
    """A second pick for one day."""

    def __init__(self, title: str, day: str) -> None:
        super().__init__(
            f"{title} is planned for {day} already. Choose another day, or move that one with `/pick move`."
        )


class QueueFullError(MarqueeError):
    """As many planned picks as one server may have."""

    def __init__(self) -> None:
        super().__init__(f"{QUEUE_LIMIT} picks are planned, and that is the limit. `/pick remove` makes room.")


class SeriesError(MarqueeError):
    """A series that is not there, is closed, or whose name is taken."""


class AlreadySuggestedError(MarqueeError):
    """A second suggestion of one film while the first waits."""

    def __init__(self) -> None:
        super().__init__("That film is suggested already and waits for the moderators.")


class SuggestionGoneError(MarqueeError):
    """A suggestion that has been decided."""

    def __init__(self) -> None:
        super().__init__("That suggestion has been decided already. `/pick suggestions` shows those that wait.")


class Refill(StrEnum):
    """What is done when a rotation finds the queue empty."""

    OFF = "off"
    BEST = "best"
    WANTED = "wanted"
    VOTE = "vote"


class State(StrEnum):
    """Where a pick is. A missed one's time was over before it could be shown."""

    PLANNED = "planned"
    CURRENT = "current"
    PAST = "past"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class PickSettings:
    """What holds for a server's marquee; `next_at` is when it rotates next."""

    rotation: Rotation = field(default_factory=Rotation)
    channel_id: int | None = None
    thread: bool = False
    role_id: int | None = None
    retrospect: bool = True
    refill: Refill = Refill.OFF
    curator_role: int | None = None
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Picks that belong together."""

    id: int
    name: str
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a pick was announced: the message, and the thread beside it."""

    channel_id: int
    message_id: int
    thread_id: int | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """A film for the marquee.

    One with `starts_at` comes on then, one without when its turn in the queue comes. `duration_days` is how long
    it stays; None is until the next one. `ends_at` is when it goes, for one that is on.
    """

    id: int
    server_id: int
    film_id: str
    title: str
    year: int | None
    note: str = ""
    state: State = State.PLANNED
    position: int = 0
    starts_at: datetime | None = None
    duration_days: int | None = None
    series: Series | None = None
    curator_id: int | None = None
    started_at: datetime | None = None
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    posted: Posted | None = None


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
class Programme:
    """A server's marquee: what is on and what is planned, dated picks by time, the queue in order."""

    settings: PickSettings
    current: Pick | None = None
    dated: tuple[Pick, ...] = ()
    queue: tuple[Pick, ...] = ()

    @property
    def planned(self) -> tuple[Pick, ...]:
        """All that is still to come."""
        return (*self.dated, *self.queue)

    def of_film(self, film_id: str) -> tuple[Pick, ...]:
        """Give the film's picks: the one that is on, then those still to come."""
        on = () if self.current is None else (self.current,)
        return tuple(pick for pick in (*on, *self.planned) if pick.film_id == film_id)


@dataclass(frozen=True, slots=True)
class History:
    """A page of past picks, latest first, each with the server's average stars and how many gave them."""

    picks: tuple[Pick, ...]
    stars: Mapping[str, tuple[float, int]]
    count: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.count // HISTORY_ON_PAGE))


class Decision(StrEnum):
    """What became of a suggestion."""

    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A film that a member would like to see on the marquee."""

    id: int
    server_id: int
    member_id: int
    film_id: str
    title: str
    year: int | None
    reason: str
    created_at: datetime
    decision: Decision = Decision.OPEN


class Errand(StrEnum):
    """What is to be done in Discord after the marquee has changed."""

    ANNOUNCE = "announce"
    CLOSE = "close"
    RETROSPECT = "retrospect"
    REFRESH = "refresh"
    VOTE = "vote"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Task:
    """One errand, claimed. `subject_id` is a pick's id, or a vote's; `again` is set where an earlier claim of it
    was never settled, so that it may have been done."""

    id: int
    server_id: int
    kind: Errand
    subject_id: int
    token: str
    since: datetime
    again: bool = False


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote among films on what comes next."""

    id: int
    server_id: int
    film_ids: tuple[str, ...]
    ends_at: datetime
    channel_id: int | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two members' half-stars that lie furthest apart."""

    high_member: int
    high: int
    low_member: int
    low: int
