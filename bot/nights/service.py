"""Planning film nights, nominating, voting, and the scheduler that moves nights forward."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.caches import SnapshotCache
from bot.core.errors import InvalidInputError
from bot.core.scheduler import REFRESH_DELAY, Scheduler
from bot.core.tasks import Foreground
from bot.core.text.cldr import format_number
from bot.core.text.folding import fold
from bot.core.text.formatting import clean_input, clean_line, is_id, is_none
from bot.core.text.i18n import _, gettext_noop
from bot.core.text.time_words import list_typed_examples
from bot.films.models import Film
from bot.members.repository import ServerSettingsRepository
from bot.nights.ballots import BallotMethod
from bot.nights.choice_repository import ChoiceRepository, NominationResult
from bot.nights.models import (
    DEFAULT_NOMINATIONS_EACH,
    DEFAULT_REMINDERS,
    MAX_NOMINATIONS_EACH,
    MAX_POLL_TIMES,
    NAME_LIMIT,
    PLACE_LIMIT,
    REASON_LIMIT,
    THEME_LIMIT,
    Answer,
    Attendance,
    BlindAnswers,
    Choosing,
    Night,
    NightGoneError,
    NightJob,
    NightOverError,
    NightState,
    Nomination,
    NoNightError,
    Repeat,
    Rsvp,
    ThemeMismatchError,
    UnknownNightError,
)
from bot.nights.planning import NightChange, check_times, parse_reminders, start_poll, with_default_times
from bot.nights.repository import NightRepository
from bot.nights.scheduler_repository import DEFAULT_ZONE, NightSchedulerRepository
from bot.nights.transactions import new_seed
from bot.picks.dates import UnreadableMomentError, find_skipped_time, parse_moment, split_moments
from bot.picks.rotation import Rotation
from bot.recommendations.filters import NO_FILTERS, RecommendationFilters

DEFAULT_MINUTES = 20 * 60
"""Minutes after midnight at which a night starts whose day alone is named."""
"""What a host types to remove a night's place or theme."""
_NAME_TOO_LONG = gettext_noop("The name is too long. {error}")
_PLACE_TOO_LONG = gettext_noop("The place is too long. {error}")
_THEME_TOO_LONG = gettext_noop("The theme is too long. {error}")
_REASON_TOO_LONG = gettext_noop("The reason is too long. {error}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NightDraft:
    """What a host typed for a new night; times are words in the server's zone, "" for the default.

    Several starts are a poll for the day. With a film the host chooses, whatever `choosing` says.
    """

    name: str
    starts: str
    channel_id: int
    host_id: int
    place: str = ""
    voice_channel_id: int | None = None
    theme: str = ""
    filters: RecommendationFilters = NO_FILTERS
    film_id: str | None = None
    list_id: int | None = None
    poll_closes: str = ""
    choosing: Choosing = Choosing.BALLOT
    method: BallotMethod = BallotMethod.SCHULZE
    nominations_each: int = DEFAULT_NOMINATIONS_EACH
    nominations_close: str = ""
    ballot_closes: str = ""
    reminders: str | None = None
    repeat: Repeat = Repeat.NEVER
    has_carry_over: bool = False
    is_weighted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NightEdit:
    """What a host typed to change a night; None leaves it as it is."""

    name: str | None = None
    starts: str | None = None
    nominations_close: str | None = None
    ballot_closes: str | None = None
    place: str | None = None
    voice_channel_id: int | None = None
    theme: str | None = None
    channel_id: int | None = None
    film_id: str | None = None
    reminders: str | None = None
    repeat: Repeat | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it leaves everything as it is."""
        return self == NightEdit()


@dataclass(frozen=True, slots=True)
class PlannedNights:
    """A server's nights to come or running, the next first, and its time zone."""

    nights: Sequence[Night]
    zone: str


class NightService:
    """Plans and changes nights. `now` returns the current time. Reads that need no rule are the repository's."""

    def __init__(
        self,
        repository: NightRepository,
        choices: ChoiceRepository,
        server_settings: ServerSettingsRepository,
        now: Callable[[], datetime],
        foreground: Foreground,
    ) -> None:
        self.repository = repository
        self.choices = choices
        self._server_settings = server_settings
        self._now = now
        self.cache: SnapshotCache[PlannedNights] = SnapshotCache(
            self._read_planned, now, foreground, name="a server's film nights"
        )
        """Nights to come in memory; changes here refresh them."""

    async def _read_planned(self, server_id: int) -> PlannedNights:
        return PlannedNights(await self.repository.list_open(server_id), await self.get_zone(server_id))

    async def preload(self, server_ids: Collection[int]) -> None:
        """Read the nights of those of the servers that have one to come into the cache."""
        active = await self.repository.list_active_servers()
        await self.cache.preload(server_id for server_id in active if server_id in server_ids)

    async def get_zone(self, server_id: int) -> str:
        """Return the server's time zone."""
        return (await self._server_settings.get(server_id)).time_zone or DEFAULT_ZONE

    async def has_zone(self, server_id: int) -> bool:
        """Return whether somebody chose the server's time zone."""
        return (await self._server_settings.get(server_id)).time_zone is not None

    async def plan(self, server_id: int, draft: NightDraft) -> Night:
        """Store a new night and return it.

        Raises InvalidInputError, TooManyNightsError, FilmGoneError.
        """
        now, zone = self._now(), await self.get_zone(server_id)
        times = parse_moments(draft.starts, zone, now)
        if len(times) == 1 and draft.poll_closes.strip():
            raise InvalidInputError(_("Enter at least two days for a poll, separated by commas."))
        choosing = draft.choosing if draft.film_id is None else Choosing.HOST
        if not 1 <= draft.nominations_each <= MAX_NOMINATIONS_EACH:
            raise InvalidInputError(
                _("Let each member nominate 1 to {limit} films.").format(limit=MAX_NOMINATIONS_EACH)
            )
        night = Night(
            id=0,
            server_id=server_id,
            name=_clean_name(draft.name),
            host_id=draft.host_id,
            starts_at=times[0],
            channel_id=draft.channel_id,
            seed=new_seed(),
            state=NightState.READY if choosing is Choosing.HOST else NightState.NOMINATING,
            place=_clean_removable(draft.place, PLACE_LIMIT, _PLACE_TOO_LONG),
            voice_channel_id=draft.voice_channel_id,
            theme=_clean_removable(draft.theme, THEME_LIMIT, _THEME_TOO_LONG),
            filters=draft.filters,
            choosing=choosing,
            method=draft.method,
            nominations_each=draft.nominations_each,
            nominations_close_at=_parse_optional(draft.nominations_close, zone, now),
            ballot_closes_at=_parse_optional(draft.ballot_closes, zone, now),
            reminders=DEFAULT_REMINDERS if draft.reminders is None else parse_reminders(draft.reminders),
            repeat=draft.repeat,
            has_carry_over=draft.has_carry_over,
            is_weighted=draft.is_weighted,
            film_id=draft.film_id,
            list_id=draft.list_id,
            clock_minutes=_find_skipped_time(draft.starts, times, zone),
        )
        if len(times) > 1:
            night = start_poll(night, times, now, _parse_optional(draft.poll_closes, zone, now))
        elif choosing is not Choosing.HOST:
            night = _with_times(night, now)
        check_times(night, now)
        night = await self.repository.add(night, now)
        await self.cache.refresh(server_id)
        return night

    async def edit(self, server_id: int, night_id: int, edit: NightEdit) -> Night:
        """Change a night to come, move everything that follows from it, and return it.

        Raises NightGoneError, NightOverError, InvalidInputError, FilmGoneError.
        """
        now, zone = self._now(), await self.get_zone(server_id)
        times = parse_moments(edit.starts, zone, now) if edit.starts is not None and edit.starts.strip() else ()
        change = NightChange(
            name=_clean_name(edit.name) if edit.name is not None else None,
            starts_at=times[0] if len(times) == 1 else None,
            clock_minutes=_find_skipped_time(edit.starts or "", times, zone),
            poll_times=times if len(times) > 1 else None,
            nominations_close_at=_parse_optional(edit.nominations_close, zone, now),
            ballot_closes_at=_parse_optional(edit.ballot_closes, zone, now),
            place=(_clean_removable(edit.place, PLACE_LIMIT, _PLACE_TOO_LONG) if edit.place is not None else None),
            voice_channel_id=edit.voice_channel_id,
            theme=(_clean_removable(edit.theme, THEME_LIMIT, _THEME_TOO_LONG) if edit.theme is not None else None),
            channel_id=edit.channel_id,
            film_id=edit.film_id,
            reminders=parse_reminders(edit.reminders) if edit.reminders is not None else None,
            repeat=edit.repeat,
        )
        night = await self.repository.change(server_id, night_id, change, now)
        await self.cache.refresh(server_id)
        return night

    async def cancel(self, server_id: int, night_id: int) -> Night:
        """Cancel a night and return it. Raises NightGoneError, NightOverError."""
        night = await self.repository.cancel(server_id, night_id, self._now())
        await self.cache.refresh(server_id)
        return night

    async def skip(self, server_id: int, night_id: int) -> Night:
        """Cancel one night of those that repeat, and return the next one.

        Raises NightGoneError, NightOverError.
        """
        zone = await self.get_zone(server_id)
        following = await self.repository.skip(server_id, night_id, zone, self._now())
        await self.cache.refresh(server_id)
        return following

    async def get(self, server_id: int, night_id: int) -> Night:
        """Return the night. Raises NightGoneError."""
        night = await self.repository.find(server_id, night_id)
        if night is None:
            raise NightGoneError
        return night

    async def find(self, server_id: int, text: str | None) -> Night:
        """Return the night to come that the text names, by its id or its name; without a text the next one.

        Raises NoNightError, UnknownNightError, and NightOverError for one that is no longer to come.
        """
        planned = await self.repository.list_open(server_id)
        if text is None or not text.strip():
            if not planned:
                raise NoNightError
            return planned[0]
        text = text.strip()
        name = fold(text)
        for night in planned:
            if text == str(night.id) or name == fold(night.name):
                return night
        if is_id(text) and await self.repository.find(server_id, int(text)) is not None:
            raise NightOverError
        raise UnknownNightError(text)

    async def answer(self, server_id: int, night_id: int, member_id: int, answer: Answer) -> Rsvp:
        """Store whether the member comes. Raises NightGoneError, NightOverError."""
        return await self.repository.answer(server_id, night_id, member_id, answer, self._now())

    async def set_interest(self, server_id: int, event_id: int, member_id: int, *, is_interested: bool) -> bool:
        """Store whether the member is interested in Discord's event; return whether that changed who comes."""
        planned = self.cache.get(server_id)
        nights = planned.nights if planned is not None else ()
        if all(night.event_id != event_id for night in nights):
            nights = tuple(await self.repository.list_open(server_id))  # its event may be newer than the cache
        night = next((each for each in nights if each.event_id == event_id), None)
        return night is not None and await self.repository.set_interest(
            server_id, night.id, member_id, self._now(), is_interested=is_interested
        )

    async def set_attendance(
        self, server_id: int, night_id: int, member_id: int, *, has_attended: bool
    ) -> Attendance:
        """Store whether the member was at a night that has begun.

        Who was there has its film in their diary. Raises NightGoneError, NightNotBegunError.
        """
        zone = await self.get_zone(server_id)
        return await self.repository.set_attendance(
            server_id, night_id, member_id, self._now(), zone, has_attended=has_attended
        )

    async def nominate(
        self, server_id: int, night: Night, member_id: int, film: Film, reason: str = ""
    ) -> NominationResult:
        """Nominate the film for the night, or support it if somebody has.

        Raises ThemeMismatchError and what `ChoiceRepository.nominate` raises.
        """
        if not fits_theme(night.filters, film):
            raise ThemeMismatchError(night.filters)
        reason = _clean_text(reason, REASON_LIMIT, _REASON_TOO_LONG)
        return await self.choices.nominate(server_id, night.id, member_id, film.id, reason, self._now())

    async def vote_days(
        self, server_id: int, night_id: int, member_id: int, times: Collection[datetime]
    ) -> tuple[datetime, ...]:
        """Store which days and times the member can make, and return them.

        Raises NightGoneError, PollClosedError.
        """
        return await self.repository.vote_days(server_id, night_id, member_id, times, self._now())

    async def choose_in_turn(self, server_id: int, night: Night, member_id: int, film: Film) -> Night:
        """Store the film that the member chooses in their turn, and return the night.

        Raises ThemeMismatchError, NightGoneError, NotYourTurnError, FilmGoneError.
        """
        if not fits_theme(night.filters, film):
            raise ThemeMismatchError(night.filters)
        return await self.repository.choose_in_turn(server_id, night.id, member_id, film.id, self._now())

    async def pass_turn(self, server_id: int, night_id: int, member_id: int) -> None:
        """Let the member's turn go to the next. Raises NightGoneError, NotYourTurnError."""
        await self.repository.pass_turn(server_id, night_id, member_id, self._now())

    async def release_turns(self, server_id: int, member_id: int) -> bool:
        """Let the turns of a member who has left go to the next ones; return whether they had any."""
        return await self.repository.release_turns(server_id, member_id, self._now())

    async def support(self, server_id: int, night_id: int, nomination_id: int, member_id: int) -> bool:
        """Support a nomination, or take that back; return whether the member supports it now.

        Raises NightGoneError, NominationsClosedError, NominationGoneError.
        """
        return await self.choices.support(server_id, night_id, nomination_id, member_id, self._now())

    async def withdraw(self, server_id: int, night_id: int, nomination_id: int, member_id: int) -> bool:
        """Withdraw the member's nomination; return whether it stays because somebody supports it.

        Raises NightGoneError, NominationsClosedError, NominationGoneError.
        """
        return await self.choices.withdraw(server_id, night_id, nomination_id, member_id, self._now())

    async def strike(self, server_id: int, night_id: int, nomination_id: int, reason: str) -> Nomination:
        """Take a film off the night and return its nomination.

        Raises InvalidInputError, NightGoneError, NightOverError, NominationGoneError.
        """
        reason = _clean_text(reason, REASON_LIMIT, _REASON_TOO_LONG)
        return await self.choices.strike(server_id, night_id, nomination_id, reason, self._now())

    async def press_choice(self, server_id: int, night_id: int, member_id: int, film_id: str) -> tuple[str, ...]:
        """Store the press of a film's button on the member's ballot, and return what is on it then.

        A ranked film, or one approved, is taken off again; any other comes last, or is the only one where each
        member has one vote. Raises NightGoneError, BallotClosedError.
        """

        def change(before: tuple[str, ...], night: Night) -> tuple[str, ...]:
            if film_id in before:
                return tuple(each for each in before if each != film_id)
            return (film_id,) if night.method is BallotMethod.ONE_VOTE else (*before, film_id)

        return await self.choices.change_ballot(server_id, night_id, member_id, change, self._now())

    async def answer_blindly(
        self, server_id: int, night_id: int, member_id: int, film_id: str, *, accepts: bool
    ) -> BlindAnswers:
        """Store the answer of a blind round, and return all of the member's.

        Raises NightGoneError, BallotClosedError, NotComingError, NominationGoneError.
        """
        return await self.choices.answer_blindly(
            server_id, night_id, member_id, film_id, self._now(), accepts=accepts
        )

    async def clear_ballot(self, server_id: int, night_id: int, member_id: int) -> None:
        """Delete the member's ballot. Raises NightGoneError, BallotClosedError."""
        await self.choices.change_ballot(server_id, night_id, member_id, lambda *_: (), self._now())

    async def request_refresh(self, server_id: int, night_id: int) -> None:
        """Have the night's card brought up to date soon; requests until then are one refresh."""
        await self.repository.enqueue_refresh(server_id, night_id, self._now() + REFRESH_DELAY)


class NightScheduler(Scheduler[NightSchedulerRepository, NightJob]):
    """Moves nights forward and hands out jobs."""


def fits_theme(filters: RecommendationFilters, film: Film) -> bool:
    """Return whether nothing that is known of the film speaks against the theme's filters."""
    return not (
        (filters.genre is not None and bool(film.genres) and filters.genre not in film.genres)
        or (filters.country is not None and bool(film.countries) and filters.country not in film.countries)
        or (filters.decade is not None and film.year is not None and film.year // 10 * 10 != filters.decade)
        or (filters.max_minutes is not None and film.runtime is not None and film.runtime > filters.max_minutes)
    )


def parse_moments(text: str, zone: str, now: datetime) -> tuple[datetime, ...]:
    """Return the typed days and times in their order, up to MAX_POLL_TIMES, with `,`, `;` or “or” between them.

    Raises InvalidInputError.
    """
    parts = split_moments(text)
    if not any(part.strip(" ,") for part in parts):
        # Translators: {example} is a day and a time in the reader's language: “Friday 8pm”
        sentence = _("Enter a day and time, like {example}.")
        raise InvalidInputError(sentence.format(example=list_typed_examples()[0]))
    times = sorted({moment for part in parts for moment in _parse_part(part, zone, now)})
    if len(times) > MAX_POLL_TIMES:
        raise InvalidInputError(_("Enter up to {limit} days and times.").format(limit=MAX_POLL_TIMES))
    return tuple(times)


def _parse_part(text: str, zone: str, now: datetime) -> list[datetime]:
    """Return the days and times between commas, which may also belong to a single day: Dec 4, 2026."""
    try:
        return [_parse_moment(text, zone, now)]
    except UnreadableMomentError:
        parts = [part for part in text.split(",") if part.strip()]
        if len(parts) < 2:
            raise
    return [_parse_moment(part, zone, now) for part in parts]


def _with_times(night: Night, now: datetime) -> Night:
    """Return the night with the times that the host did not name; those that they named stay, to be checked."""
    filled = with_default_times(night, now)
    if night.ballot_closes_at is not None:
        filled = replace(filled, ballot_closes_at=night.ballot_closes_at)
    if night.nominations_close_at is not None and night.choosing is not Choosing.SURPRISE:
        filled = replace(filled, nominations_close_at=night.nominations_close_at)
    return filled


def _parse_moment(text: str, zone: str, now: datetime) -> datetime:
    return parse_moment(text, Rotation(time_zone=zone, minutes=DEFAULT_MINUTES), now)


def _find_skipped_time(text: str, times: Sequence[datetime], zone: str) -> int | None:
    """Return the time of day typed for the only start, where the clocks leave it out on that day."""
    return find_skipped_time(text, times[0], zone) if len(times) == 1 else None


def _parse_optional(text: str | None, zone: str, now: datetime) -> datetime | None:
    return _parse_moment(text, zone, now) if text is not None and text.strip() else None


def _clean_text(text: str, limit: int, too_long: str) -> str:
    """Return the text on one line. Raises InvalidInputError, with the message `too_long`, beyond `limit`."""
    text = clean_line(clean_input(text))
    if len(text) > limit:
        error = _("That's {length} characters. Shorten it to {limit}.").format(
            length=format_number(len(text)), limit=limit
        )
        raise InvalidInputError(_(too_long).format(error=error))
    return text


def _clean_removable(text: str, limit: int, too_long: str) -> str:
    """Return the text on one line, "" for “none”. Raises InvalidInputError as `_clean_text` does."""
    return "" if is_none(text) else _clean_text(text, limit, too_long)


def _clean_name(text: str) -> str:
    name = _clean_text(text, NAME_LIMIT, _NAME_TOO_LONG)
    if not name:
        raise InvalidInputError(_("Give the night a name."))
    return name
