"""Film nights: what one is, who comes, what is nominated, and the errors of planning and voting."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.core.errors import MarqueeError
from bot.core.jobs import Job
from bot.core.text.formatting import escape_line
from bot.core.text.i18n import _, ngettext
from bot.films.local_titles import FilmTitle
from bot.nights.ballots import BallotMethod
from bot.recommendations.filters import NO_FILTERS, RecommendationFilters

NAME_LIMIT, PLACE_LIMIT, THEME_LIMIT, REASON_LIMIT = 100, 100, 200, 200
"""Characters."""
DEFAULT_RUNTIME = 120
"""Minutes that a night lasts as long as its film, or the film's runtime, is not known."""
EVENT_MARGIN = timedelta(minutes=15)
"""How long after the film's end Discord's event ends."""
DEFAULT_NOMINATIONS_EACH = 2
MAX_NOMINATIONS_EACH = 10
NOMINEES_LIMIT = 20
"""Films on one ballot: each is a button, and a message has 25."""
OPEN_NIGHTS_LIMIT = 30
"""Nights to come that one server may have."""
MAX_REMINDERS = 3
DEFAULT_REMINDERS = (60,)
HISTORY_PAGE_SIZE = 8
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""When a night goes on whose turn belongs to nobody any more."""
MAX_POLL_TIMES = 10
LONGEST_POLL = timedelta(days=3)
"""How long members choose a day if the host names no end."""


class NightState(StrEnum):
    """Where a night stands: POLLING for its day, CHOOSING while it is a member's turn."""

    POLLING = "polling"
    NOMINATING = "nominating"
    VOTING = "voting"
    CHOOSING = "choosing"
    READY = "ready"
    RUNNING = "running"
    ENDED = "ended"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether the night is still to come."""
        return self in OPEN_STATES

    @property
    def is_deciding(self) -> bool:
        """Whether a ballot is open, or it is a member's turn."""
        return self in (NightState.VOTING, NightState.CHOOSING)


OPEN_STATES = (
    NightState.POLLING,
    NightState.NOMINATING,
    NightState.VOTING,
    NightState.CHOOSING,
    NightState.READY,
)
"""States of a night that is still to come."""


class Choosing(StrEnum):
    """How the film is chosen."""

    HOST = "host"
    BALLOT = "ballot"
    TURNS = "turns"
    SURPRISE = "surprise"


class Repeat(StrEnum):
    """How often a night is held again."""

    NEVER = "never"
    WEEK = "week"
    MONTH = "month"


class Answer(StrEnum):
    """Whether a member comes."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


class NightGoneError(MarqueeError):
    """A night that does not exist here."""

    def __init__(self) -> None:
        super().__init__(_("That film night was deleted. See the next one with `/night show`."))


class UnknownNightError(MarqueeError):
    """A name that no night to come has here."""

    def __init__(self, text: str) -> None:
        super().__init__(
            _("No film night is called “{text}”. Pick one from the list.").format(text=escape_line(text, 100))
        )


class NightOverError(MarqueeError):
    """A night that was held or cancelled."""

    def __init__(self) -> None:
        super().__init__(_("That film night is over. See the next one with `/night show`."))


class NightCancelledError(NightOverError):
    """A night that was cancelled."""

    def __init__(self) -> None:
        MarqueeError.__init__(self, _("That film night was cancelled. See the next one with `/night show`."))


class NightNotBegunError(MarqueeError):
    """Something that can only be said of a night that has begun."""

    def __init__(self) -> None:
        super().__init__(_("That film night hasn't started yet. Come back once it has."))


class NoNightError(MarqueeError):
    """A server that has no night to come."""

    def __init__(self) -> None:
        super().__init__(_("No film night is planned. A host can plan one with `/night plan`."))


class PrivateAttendanceError(MarqueeError):
    """A member who keeps their name out of lists, of whom somebody asks to which nights they came."""

    def __init__(self) -> None:
        super().__init__(_("That member keeps their name private here. Pick another member."))


class NominationsClosedError(MarqueeError):
    """A nomination for a night that takes none."""

    def __init__(self) -> None:
        super().__init__(_("Nominations are closed. See the film night with `/night show`."))


class NotYourTurnError(MarqueeError):
    """A member who wants to choose the film, or pass, when it is somebody else's turn."""

    def __init__(self) -> None:
        super().__init__(_("It isn't your turn to choose the film. See whose turn it is with `/night show`."))


class NotComingError(MarqueeError):
    """A vote in a blind round, which is among those who come, by a member who does not."""

    def __init__(self) -> None:
        super().__init__(_("Only members who are coming can vote here. Press “I'm coming” first."))


class PollClosedError(MarqueeError):
    """A vote for days outside of the time in which the poll is open."""

    def __init__(self) -> None:
        super().__init__(_("The day of this film night is set. See it with `/night show`."))


class BallotClosedError(MarqueeError):
    """A vote outside of the time in which the ballot is open."""

    def __init__(self) -> None:
        super().__init__(_("Voting is over. See the film night with `/night show`."))


class NominationLimitError(MarqueeError):
    """A member who has nominated as many films as they may."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            # Translators: “Nominations” is the button of that name on the night's card
            ngettext(
                "You've nominated {limit} film for this night, which is the limit. Withdraw it or support another "
                "with “Nominations” on the night's card.",
                "You've nominated {limit} films for this night, which is the limit. Withdraw one or support "
                "another with “Nominations” on the night's card.",
                limit,
            ).format(limit=limit)
        )
        self.limit = limit


class NomineesFullError(MarqueeError):
    """A night with as many films as fit on its ballot."""

    def __init__(self) -> None:
        super().__init__(
            _("The ballot is full with {limit} films. Support one of them instead.").format(limit=NOMINEES_LIMIT)
        )


class NominationGoneError(MarqueeError):
    """A nomination that was withdrawn or struck."""

    def __init__(self) -> None:
        super().__init__(_("That nomination was withdrawn. See the others with `/night show`."))


class StruckError(MarqueeError):
    """A film that moderators struck from this night, with the reason that they typed."""

    def __init__(self, reason: str) -> None:
        super().__init__(_("A moderator removed that film from this night. Nominate another."))
        self.reason = reason


class ThemeMismatchError(MarqueeError):
    """A film that does not fit the theme's filters."""

    def __init__(self, filters: RecommendationFilters) -> None:
        super().__init__(_("That film doesn't fit the night's theme. Nominate another."))
        self.filters = filters


class ListMismatchError(MarqueeError):
    """A film that is not on the list from which a night's film is chosen."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _("This night's film comes from the list {name}. Nominate one of its films.").format(name=name)
        )


class TooManyNightsError(MarqueeError):
    """A server with as many nights to come as it may have."""

    def __init__(self) -> None:
        super().__init__(
            _("This server already has {limit} planned nights. Cancel one first with `/night cancel`.").format(
                limit=OPEN_NIGHTS_LIMIT
            )
        )


@dataclass(frozen=True, slots=True)
class Night:
    """A film night.

    `reminders` are minutes before the start. `host_id` is None once the host deleted their data. `seed` stays
    secret until the ballot is counted; its hash is shown from the start. `channel_id` is where the card is, and
    `message_id` the card, None until it is posted. `place` is free words or a link; with a `voice_channel_id` the
    night is held there. `runtime` is the chosen film's, in minutes. `event_film_id` is the film in the picture of
    Discord's event. `old_channel_id` and `old_message_id` are the card before the night was moved elsewhere.
    `ballot_message_id` is the message that opened the ballot, or told of the turn, until that is over.
    `problem` is why Marquee can't post, or "".

    `poll_times` are the days and times that members choose from until `poll_closes_at`, until when the start is
    the first of them. `turn_member_id` is whose turn it is, or was, to choose the film. With a
    `list_id` it is chosen from that list. `clock_minutes` are the minutes after local midnight at which a night
    repeats, also after one for which the clocks left that time out; None where they are those of its start.
    """

    id: int
    server_id: int
    name: str
    host_id: int | None
    starts_at: datetime
    channel_id: int
    seed: str
    state: NightState = NightState.NOMINATING
    place: str = ""
    voice_channel_id: int | None = None
    theme: str = ""
    filters: RecommendationFilters = NO_FILTERS
    choosing: Choosing = Choosing.BALLOT
    method: BallotMethod = BallotMethod.SCHULZE
    nominations_each: int = DEFAULT_NOMINATIONS_EACH
    nominations_close_at: datetime | None = None
    ballot_closes_at: datetime | None = None
    poll_times: tuple[datetime, ...] = ()
    poll_closes_at: datetime | None = None
    turn_member_id: int | None = None
    list_id: int | None = None
    clock_minutes: int | None = None
    reminders: tuple[int, ...] = DEFAULT_REMINDERS
    repeat: Repeat = Repeat.NEVER
    has_carry_over: bool = False
    is_weighted: bool = False
    film_id: str | None = None
    runtime: int | None = None
    message_id: int | None = None
    thread_id: int | None = None
    ballot_message_id: int | None = None
    event_id: int | None = None
    event_film_id: str | None = None
    old_channel_id: int | None = None
    old_message_id: int | None = None
    problem: str = ""
    version: int = 1

    @property
    def ends_at(self) -> datetime:
        """When the film is over."""
        return self.starts_at + timedelta(minutes=self.runtime or DEFAULT_RUNTIME)

    @property
    def next_at(self) -> datetime | None:
        """When the state changes next by itself, or None if it never does."""
        if self.state is NightState.POLLING:
            return self.poll_closes_at or self.starts_at
        if self.state is NightState.NOMINATING:
            return self.nominations_close_at or self.starts_at
        if self.state is NightState.CHOOSING and self.turn_member_id is None:
            return AT_ONCE
        if self.state in (NightState.VOTING, NightState.CHOOSING):
            return self.ballot_closes_at or self.starts_at
        if self.state is NightState.READY:
            return self.starts_at
        return self.ends_at if self.state is NightState.RUNNING else None

    @property
    def takes_nominations(self) -> bool:
        """Whether members can nominate films."""
        states = (NightState.POLLING, NightState.NOMINATING)
        return self.choosing is Choosing.BALLOT and self.film_id is None and self.state in states

    @property
    def state_after_poll(self) -> NightState:
        """What follows once the day is known."""
        is_decided = self.choosing is Choosing.HOST or self.film_id is not None
        return NightState.READY if is_decided else NightState.NOMINATING

    def require_open(self) -> None:
        """Raise NightOverError if the night is not still to come, NightCancelledError if it was cancelled."""
        if self.state is NightState.CANCELLED:
            raise NightCancelledError
        if not self.state.is_open:
            raise NightOverError


@dataclass(frozen=True, slots=True)
class Rsvp:
    """A member's answer. `is_direct` asks for reminders by direct message, `is_from_event` is an event's.

    `has_attended` is whether they were there: True, False, or None if they did not say. `predicted_stars` is what
    they were expected to give the film. `has_passed` is whether they let their turn to choose the film go by.
    """

    member_id: int
    answer: Answer
    is_direct: bool = False
    is_from_event: bool = False
    has_attended: bool | None = None
    predicted_stars: float | None = None
    has_passed: bool = False


@dataclass(frozen=True, slots=True)
class Attendance:
    """What saying who was there led to: the night, and whether the member's diary changed."""

    night: Night
    is_diary_changed: bool


@dataclass(frozen=True, slots=True)
class Nomination:
    """A film that members nominated for a night.

    `member_id` is None for one carried over, or whose member deleted their data; `supporters` never include that
    member. `strike_reason` is None unless a moderator struck it.
    """

    id: int
    night_id: int
    film_id: str
    title: str
    year: int | None
    member_id: int | None
    reason: str = ""
    supporters: tuple[int, ...] = ()
    strike_reason: str | None = None
    is_carried_over: bool = False
    runtime: int | None = None
    created_at: datetime | None = None

    @property
    def is_struck(self) -> bool:
        """Whether a moderator took it off the night."""
        return self.strike_reason is not None


@dataclass(frozen=True, slots=True)
class BlindAnswers:
    """What a member answered in a blind round: the films they would watch, and those they would not."""

    accepted: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NightSnapshot:
    """A night with what belongs to it, as of one moment.

    `film` names the chosen film, `day_voters` says how many have chosen days that they can make.
    """

    night: Night
    rsvps: tuple[Rsvp, ...] = ()
    nominations: tuple[Nomination, ...] = ()
    day_voters: int = 0
    film: FilmTitle | None = None

    @property
    def standing(self) -> tuple[Nomination, ...]:
        """The nominations that were not struck."""
        return tuple(each for each in self.nominations if not each.is_struck)

    def list_members(self, answer: Answer) -> list[int]:
        """Return the members with that answer, in the order in which they gave it."""
        return [rsvp.member_id for rsvp in self.rsvps if rsvp.answer is answer]


class NightJobKind(StrEnum):
    """What has to be done in Discord for a night. The values are stored."""

    ANNOUNCE = "announce"
    MOVED = "moved"
    CANCELLED = "cancelled"
    DAY = "day"
    TURN = "turn"
    SURPRISE = "surprise"
    REFRESH = "refresh"
    EVENT = "event"
    OPEN_BALLOT = "ballot"
    RESULT = "result"
    REMIND = "remind"
    REMIND_DIRECTLY = "direct"
    START = "start"
    RETIRE = "retire"
    RATE = "rate"
    SUMMARY = "summary"


REPEATABLE_JOBS = (NightJobKind.REFRESH, NightJobKind.EVENT, NightJobKind.RETIRE)
"""Jobs that bring something up to date, and are done as often as something changes."""


class NightJobName(str):
    """A job's kind with its parameters, as it is stored: `remind:60`, `direct:60:<member id>`, `result`."""

    __slots__ = ()

    @property
    def kind(self) -> NightJobKind:
        """What is to be done."""
        return NightJobKind(self.partition(":")[0])

    @property
    def parameters(self) -> tuple[int, ...]:
        """The numbers after the kind."""
        return tuple(int(part) for part in self.split(":")[1:])


NightJob = Job[NightJobName]
"""A claimed job about a night."""


def name_job(kind: NightJobKind, *parameters: int) -> NightJobName:
    """Return the stored name of a job of that kind."""
    return NightJobName(":".join((kind.value, *map(str, parameters))))
