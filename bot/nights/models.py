"""Film nights: what one is, who comes, what is nominated, and the errors of planning and voting."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.jobs import Job
from bot.core.text.i18n import _
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


class NightState(StrEnum):
    """Where a night stands."""

    NOMINATING = "nominating"
    VOTING = "voting"
    READY = "ready"
    RUNNING = "running"
    ENDED = "ended"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether the night is still to come."""
        return self in OPEN_STATES


OPEN_STATES = (NightState.NOMINATING, NightState.VOTING, NightState.READY)
"""States of a night that is still to come."""


class Choosing(StrEnum):
    """How the film is chosen."""

    HOST = "host"
    BALLOT = "ballot"


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
        super().__init__(_("That film night is gone. `/night show` lists those to come."))


class NightOverError(MarqueeError):
    """A night that was held or cancelled."""

    def __init__(self) -> None:
        super().__init__(_("That film night is over. `/night show` lists those to come."))


class NightNotBegunError(MarqueeError):
    """Something that can only be said of a night that has begun."""

    def __init__(self) -> None:
        super().__init__(_("That film night has not begun yet."))


class NoNightError(MarqueeError):
    """A server that has no night to come."""

    def __init__(self) -> None:
        super().__init__(_("No film night is planned. A host can plan one with `/night plan`."))


class NominationsClosedError(MarqueeError):
    """A nomination for a night that takes none."""

    def __init__(self) -> None:
        super().__init__(_("Nominations for this night are closed."))


class BallotClosedError(MarqueeError):
    """A vote outside of the time in which the ballot is open."""

    def __init__(self) -> None:
        super().__init__(_("The ballot of this night is not open."))


class NominationLimitError(MarqueeError):
    """A member who has nominated as many films as they may."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            _(
                "You have used your {limit} nominations for this night. Withdraw one to make room, or support "
                "somebody else's."
            ).format(limit=limit)
        )
        self.limit = limit


class NomineesFullError(MarqueeError):
    """A night with as many films as fit on its ballot."""

    def __init__(self) -> None:
        super().__init__(
            _("{limit} films are nominated, as many as fit on a ballot. Support one of them instead.").format(
                limit=NOMINEES_LIMIT
            )
        )


class NominationGoneError(MarqueeError):
    """A nomination that was withdrawn or struck."""

    def __init__(self) -> None:
        super().__init__(_("That nomination was withdrawn. `/night show` has those that are left."))


class StruckError(MarqueeError):
    """A film that moderators struck from this night."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            _("A moderator took that film off this night: {reason}").format(reason=reason)
            if reason
            else _("A moderator took that film off this night.")
        )


class ThemeMismatchError(MarqueeError):
    """A film that does not fit the night's theme."""

    def __init__(self, theme: str) -> None:
        super().__init__(
            _("That film does not fit the night's theme: {theme}. Nominate another.").format(theme=theme)
        )


class TooManyNightsError(MarqueeError):
    """A server with as many nights to come as it may have."""

    def __init__(self) -> None:
        super().__init__(
            _("{limit} nights are planned already. Cancel one first with `/night cancel`.").format(
                limit=OPEN_NIGHTS_LIMIT
            )
        )


@dataclass(frozen=True, slots=True)
class Night:
    """A film night.

    `reminders` are minutes before the start. `host_id` is None once the host deleted their data. `seed` stays
    secret until the ballot is counted; its hash is shown from the start. `channel_id` is where the card is, and
    `message_id` the card, None until it is posted. `place` is free words or a link; with a `voice_channel_id` the
    night is held there. `runtime` is the chosen film's, in minutes. `problem` is why Marquee can't post, or "".
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
    reminders: tuple[int, ...] = DEFAULT_REMINDERS
    repeat: Repeat = Repeat.NEVER
    has_carry_over: bool = False
    is_weighted: bool = False
    film_id: str | None = None
    runtime: int | None = None
    message_id: int | None = None
    thread_id: int | None = None
    event_id: int | None = None
    problem: str = ""
    version: int = 1

    @property
    def ends_at(self) -> datetime:
        """When the film is over."""
        return self.starts_at + timedelta(minutes=self.runtime or DEFAULT_RUNTIME)

    @property
    def next_at(self) -> datetime | None:
        """When the state changes next by itself, or None if it never does."""
        if self.state is NightState.NOMINATING:
            return self.nominations_close_at or self.starts_at
        if self.state is NightState.VOTING:
            return self.ballot_closes_at or self.starts_at
        if self.state is NightState.READY:
            return self.starts_at
        return self.ends_at if self.state is NightState.RUNNING else None

    def require_open(self) -> None:
        """Raise NightOverError if the night is not still to come."""
        if not self.state.is_open:
            raise NightOverError


@dataclass(frozen=True, slots=True)
class Rsvp:
    """A member's answer. `is_direct` asks for reminders by direct message, `is_from_event` is an event's.

    `has_attended` is whether they were there: True, False, or None if they did not say. `predicted_stars` is what
    they were expected to give the film.
    """

    member_id: int
    answer: Answer
    is_direct: bool = False
    is_from_event: bool = False
    has_attended: bool | None = None
    predicted_stars: float | None = None


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

    @property
    def is_struck(self) -> bool:
        """Whether a moderator took it off the night."""
        return self.strike_reason is not None


@dataclass(frozen=True, slots=True)
class NightSnapshot:
    """A night with what belongs to it, as of one moment; `film_title` is the chosen film's, with its year."""

    night: Night
    rsvps: tuple[Rsvp, ...] = ()
    nominations: tuple[Nomination, ...] = ()
    film_title: str | None = None

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
    REFRESH = "refresh"
    EVENT = "event"
    OPEN_BALLOT = "ballot"
    RESULT = "result"
    REMIND = "remind"
    REMIND_DIRECTLY = "direct"
    START = "start"
    RATE = "rate"
    SUMMARY = "summary"


REPEATABLE_JOBS = (NightJobKind.REFRESH, NightJobKind.EVENT)
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


@dataclass(frozen=True, slots=True)
class NightChange:
    """What a host changes about a night; None leaves it as it is."""

    name: str | None = None
    starts_at: datetime | None = None
    nominations_close_at: datetime | None = None
    ballot_closes_at: datetime | None = None
    place: str | None = None
    voice_channel_id: int | None = None
    theme: str | None = None
    channel_id: int | None = None
    film_id: str | None = None
    runtime: int | None = None
    reminders: tuple[int, ...] | None = None
    repeat: Repeat | None = None

    def apply(self, night: Night, now: datetime) -> Night:
        """Return the night with the change.

        Where the start moves, the ends of nominations and ballot move with it, unless they are named or past.
        Raises NightOverError, InvalidInputError.
        """
        night.require_open()
        changed = night
        if self.starts_at is not None:
            shift = self.starts_at - night.starts_at
            changed = replace(
                changed,
                starts_at=self.starts_at,
                nominations_close_at=_shift(night.nominations_close_at, shift, now),
                ballot_closes_at=_shift(night.ballot_closes_at, shift, now),
            )
        simple = {
            name: value
            for name in (
                "name", "place", "voice_channel_id", "theme", "channel_id", "reminders", "repeat",
                "nominations_close_at", "ballot_closes_at",
            )
            if (value := getattr(self, name)) is not None
        }  # fmt: skip
        changed = replace(changed, **simple, version=night.version + 1)
        if self.place is not None and self.voice_channel_id is None:
            changed = replace(changed, voice_channel_id=None)
        if self.channel_id is not None and self.channel_id != night.channel_id:
            changed = replace(changed, message_id=None, thread_id=None, problem="")
        if self.film_id is not None:
            changed = replace(
                changed, film_id=self.film_id, runtime=self.runtime, choosing=Choosing.HOST, state=NightState.READY
            )
        check_times(changed, now)
        return changed


def _shift(moment: datetime | None, shift: timedelta, now: datetime) -> datetime | None:
    """Return the moment moved by the shift; one that has passed stays, and none moves into the past."""
    if moment is None or moment <= now:
        return moment
    return max(moment + shift, now)


def check_times(night: Night, now: datetime) -> None:
    """Raise InvalidInputError unless nominations close, then the ballot, then the night starts, all to come."""
    if night.starts_at <= now:
        raise InvalidInputError(_("That start is past. Give a day and time still to come."))
    if night.choosing is not Choosing.BALLOT or night.state is NightState.READY:
        return
    closes = night.ballot_closes_at or night.starts_at
    if closes > night.starts_at:
        raise InvalidInputError(_("The ballot has to close before the night starts."))
    if night.nominations_close_at is not None and night.nominations_close_at >= closes:
        raise InvalidInputError(_("Nominations have to close before the ballot does."))


def choose_default_times(now: datetime, starts_at: datetime) -> tuple[datetime, datetime]:
    """Return when nominations and the ballot close if the host names no times.

    The ballot closes an hour before the start, and is open for the day before that; a night that is near gives
    both half of the time that is left.
    """
    ballot = starts_at - timedelta(hours=1)
    if ballot <= now + timedelta(hours=1):
        ballot = now + (starts_at - now) * 3 / 4
    nominations = ballot - timedelta(days=1)
    if nominations <= now + timedelta(hours=1):
        nominations = now + (ballot - now) / 2
    return nominations.replace(microsecond=0), ballot.replace(microsecond=0)


def parse_reminders(text: str) -> tuple[int, ...]:
    """Return typed reminders in minutes before the start, the earliest first: `1d, 2h, 30`, or `none`.

    Raises InvalidInputError for anything else, for more than MAX_REMINDERS, and for more than two weeks.
    """
    text = text.strip().lower()
    if text in ("", "none", "0"):
        return ()
    minutes = set()
    for part in text.replace(";", ",").split(","):
        word = part.strip().replace(" ", "")
        unit = word.lstrip("0123456789")
        number = word[: len(word) - len(unit)]
        factor = _UNITS.get(unit)
        if not number or factor is None or len(number) > 5 or not 1 <= int(number) * factor <= 14 * 24 * 60:
            raise InvalidInputError(
                _("Reminders are written like 1d, 2h, 30m: how long before the start, at most two weeks.")
            )
        minutes.add(int(number) * factor)
    if len(minutes) > MAX_REMINDERS:
        raise InvalidInputError(_("At most {limit} reminders fit a night.").format(limit=MAX_REMINDERS))
    return tuple(sorted(minutes, reverse=True))


_UNITS = {"": 1, "m": 1, "min": 1, "minutes": 1, "h": 60, "hour": 60, "hours": 60, "d": 1_440, "day": 1_440,
          "days": 1_440}  # fmt: skip
