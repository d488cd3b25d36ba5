"""Planning the marquee, what members do with picks, and programmes kept in memory for autocomplete."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from bot.core.caches import SnapshotCache
from bot.core.errors import InvalidInputError
from bot.core.tasks import Foreground
from bot.core.text.cldr import format_date
from bot.core.text.folding import fold
from bot.core.text.formatting import clean_input, escape_line, has_visible_text, is_id, is_none, with_year
from bot.core.text.i18n import _
from bot.films.local_titles import known_title, list_titles
from bot.members.server_settings import SettingChanges
from bot.picks.dates import parse_moment
from bot.picks.engagement_repository import PickEngagementRepository
from bot.picks.models import (
    MAX_DURATION_DAYS,
    NOTE_LIMIT,
    REASON_LIMIT,
    SERIES_NAME_LIMIT,
    AmbiguousPickError,
    DayTakenError,
    NewPick,
    NothingPlannedError,
    Pick,
    PickChange,
    PickDraft,
    PickGoneError,
    PickSettings,
    PickState,
    Programme,
    Series,
    SeriesError,
    Suggestion,
    SuggestionState,
    UnknownPickError,
)
from bot.picks.repository import Check, PickRepository
from bot.picks.rotation import to_local
from bot.picks.timeline import find_next_pick, find_pick_on_day
from bot.reviews.models import clean_limited_text


class PickService:
    """Plans the marquee. The caller checks who may curate. `now` returns the current time."""

    def __init__(self, repository: PickRepository, now: Callable[[], datetime], foreground: Foreground) -> None:
        self.repository = repository
        self._now = now
        self.cache = SnapshotCache(repository.get_snapshot, now, foreground, name="a server's programme")
        """Programmes in memory; every change here refreshes them."""

    async def preload(self, server_ids: Collection[int]) -> None:
        """Read the programmes of those of the servers that have one into the cache."""
        active = await self.repository.list_active_servers()
        await self.cache.preload(server_id for server_id in active if server_id in server_ids)

    async def change_settings(
        self, server_id: int, changes: SettingChanges, *, actor_id: int | None = None
    ) -> PickSettings:
        """Store these fields of the server's settings, and return the marquee's settings.

        `actor_id` is who does it, as for all changes here, None for the bot itself. The next rotation is computed
        again if its rule is among them.
        """
        settings = await self.repository.change_settings(server_id, changes, self._now(), actor_id=actor_id)
        await self.cache.refresh(server_id)
        return settings

    async def get_pick(self, server_id: int, pick_id: int) -> Pick:
        """Return the pick, a past one too. Raises PickGoneError."""
        pick = await self.repository.find_pick(server_id, pick_id)
        if pick is None:
            raise PickGoneError
        return pick

    async def parse_start(self, server_id: int, text: str) -> datetime | None:
        """Return the UTC time of a typed day, or None for an empty text. Raises InvalidInputError."""
        if not text.strip():
            return None
        settings = await self.repository.get_settings(server_id)
        return parse_moment(text, settings.rotation, self._now())

    async def parse_draft(
        self, server_id: int, *, note: str, start: str, duration_days: int | None, series: str
    ) -> PickDraft:
        """Return what was typed about a pick to be planned, checked. `start` and `series` may be empty.

        Raises InvalidInputError, SeriesError.
        """
        starts_at = await self.parse_start(server_id, start)
        series_id = await self.find_series_id(server_id, series) if series else None
        note = _clean_note(clean_input(note))
        _check_duration(duration_days)
        return PickDraft(note, starts_at, duration_days, series_id)

    async def add(self, server_id: int, new: NewPick) -> Pick:
        """Plan a pick and return it.

        Raises InvalidInputError, DayTakenError, SeriesError, FilmGoneError, QueueFullError.
        """
        new = replace(new, note=_clean_note(new.note))
        _check_duration(new.duration_days)
        if new.series_id is not None:
            await self._get_open_series(server_id, new.series_id)
        pick = await self.repository.add(server_id, new, _check_day_is_free(new.starts_at))
        await self.cache.refresh(server_id)
        return pick

    async def parse_change(
        self, server_id: int, *, note: str | None, duration_days: int | None, series: str | None
    ) -> PickChange:
        """Return a change of a pick as it was typed; the note or series “none” removes what was set.

        Raises InvalidInputError if nothing is to be changed, SeriesError if there is no such series.
        """
        is_series_removed = series is not None and is_none(series)
        series_id = None
        if series is not None and not is_series_removed:
            series_id = await self.find_series_id(server_id, series)
        if note is not None:
            note = "" if is_none(note) else clean_input(note)
        return PickChange(
            note=note, duration_days=duration_days, series_id=series_id, is_series_removed=is_series_removed
        )

    async def edit(self, server_id: int, pick_id: int, change: PickChange, *, actor_id: int | None = None) -> Pick:
        """Change a planned or current pick and return it. Raises PickGoneError, InvalidInputError, SeriesError."""
        pick = await self.get_planned(server_id, pick_id)
        if change.note is not None:
            pick = replace(pick, note=_clean_note(change.note))
        if change.duration_days is not None:
            duration_days = change.duration_days or None
            _check_duration(duration_days)
            pick = replace(pick, duration_days=duration_days)
        if change.series_id is not None:
            pick = replace(pick, series=await self._get_open_series(server_id, change.series_id))
        elif change.is_series_removed:
            pick = replace(pick, series=None)
        await self.repository.update(pick, lambda _: None, self._now(), actor_id=actor_id)
        await self.cache.refresh(server_id)
        return await self.get_pick(server_id, pick_id)

    async def move(
        self, server_id: int, pick_id: int, *, starts_at: datetime | None = None, position: int | None = None,
        actor_id: int | None = None,
    ) -> Pick:  # fmt: skip
        """Move a planned pick to a day, or to a position in the queue, from 1, and return it.

        Raises PickGoneError, DayTakenError, and InvalidInputError for a pick that is current.
        """
        pick = await self.get_planned(server_id, pick_id)
        if pick.state is PickState.CURRENT:
            raise InvalidInputError(
                _("That film is featured now, so you can't move it. Use `/pick remove` to end it.")
            )
        if (starts_at is None) == (position is None):
            raise InvalidInputError(_("Enter either a day or a place in the queue."))
        if position is not None:
            if position < 1:
                raise InvalidInputError(_("Enter a place of 1 or more."))
            await self.repository.move_in_queue(pick, position, self._now(), actor_id=actor_id)
        else:
            pick = replace(pick, starts_at=starts_at)
            check = _check_day_is_free(starts_at, pick_id)
            await self.repository.update(pick, check, self._now(), actor_id=actor_id)
        await self.cache.refresh(server_id)
        return await self.get_pick(server_id, pick_id)

    async def swap(
        self, server_id: int, pick_id: int, other_id: int, *, starts_at: datetime, actor_id: int | None = None
    ) -> tuple[Pick, Pick]:
        """Give a pick the day that another has, and that one its day or place in the queue; return both.

        Raises PickGoneError, DayTakenError, and InvalidInputError for a pick that is current.
        """
        pick = await self.get_planned(server_id, pick_id)
        queue = [each.id for each in (await self.repository.get_programme(server_id)).queue]
        position = queue.index(pick_id) + 1 if pick_id in queue else len(queue) + 1
        await self.move(server_id, other_id, position=position, actor_id=actor_id)
        moved = await self.move(server_id, pick_id, starts_at=starts_at, actor_id=actor_id)
        if pick.starts_at is not None:
            await self.move(server_id, other_id, starts_at=pick.starts_at, actor_id=actor_id)
        return moved, await self.get_planned(server_id, other_id)

    async def remove(self, server_id: int, pick_id: int, *, actor_id: int | None = None) -> Pick:
        """Remove a planned pick, or end the current one, and return it as it was. Raises PickGoneError."""
        pick = await self.get_planned(server_id, pick_id)
        await self.repository.remove(pick, self._now(), actor_id=actor_id)
        await self.cache.refresh(server_id)
        return pick

    async def restore(self, server_id: int, pick_id: int, *, actor_id: int | None = None) -> Pick:
        """Plan a pick again that was removed lately and return it; one whose day is over goes into the queue.

        Raises PickGoneError, DayTakenError, QueueFullError.
        """
        pick, now = await self.get_pick(server_id, pick_id), self._now()
        if pick.starts_at is not None and pick.starts_at <= now:
            pick = replace(pick, starts_at=None)
        check = _check_day_is_free(pick.starts_at, pick_id)
        await self.repository.restore(pick, check, now, actor_id=actor_id)
        await self.cache.refresh(server_id)
        return await self.get_pick(server_id, pick_id)

    async def start_next(self, server_id: int, *, actor_id: int | None = None) -> Pick:
        """Start the pick that would start next and return it. Raises NothingPlannedError."""
        pick = find_next_pick(await self.repository.get_programme(server_id), self._now())
        if pick is None:
            raise NothingPlannedError
        return await self.start(server_id, pick.id, actor_id=actor_id)

    async def start(self, server_id: int, pick_id: int, *, actor_id: int | None = None) -> Pick:
        """Start a planned pick now and return it. Raises PickGoneError."""
        pick = await self.repository.start(server_id, pick_id, self._now(), actor_id=actor_id)
        await self.cache.refresh(server_id)
        return pick

    async def create_series(self, server_id: int, name: str) -> Series:
        """Create a series and return it. Raises InvalidInputError, SeriesError."""
        series = await self.repository.create_series(server_id, _clean_series_name(name))
        await self.cache.refresh(server_id)
        return series

    async def rename_series(self, server_id: int, series_id: int, name: str) -> Series:
        """Rename an open series and return it. Raises InvalidInputError, SeriesError."""
        series = replace(await self._get_open_series(server_id, series_id), name=_clean_series_name(name))
        await self.repository.update_series(server_id, series)
        await self.cache.refresh(server_id)
        return series

    async def close_series(self, server_id: int, series_id: int) -> Series:
        """Close a series to more picks and return it; those planned in it stay. Raises SeriesError."""
        series = replace(await self._get_open_series(server_id, series_id), is_closed=True)
        await self.repository.update_series(server_id, series)
        await self.cache.refresh(server_id)
        return series

    async def reopen_series(self, server_id: int, series_id: int) -> Series:
        """Let a closed series take picks again and return it; an open one stays as it is. Raises SeriesError."""
        series = replace(await self._get_series(server_id, series_id), is_closed=False)
        await self.repository.update_series(server_id, series)
        await self.cache.refresh(server_id)
        return series

    async def find_pick_id(self, server_id: int, text: str) -> int:
        """Return the id that an autocomplete choice carries, or of the only pick whose title was typed.

        Raises UnknownPickError, AmbiguousPickError.
        """
        text = text.strip()
        if is_id(text) and await self.repository.find_pick(server_id, int(text)) is not None:
            return int(text)
        programme = await self.repository.get_programme(server_id)
        title = fold(text)
        matches = [
            pick
            for pick in programme.picks
            if title in map(fold, list_titles(pick, pick.title, known_title(pick.film_id, pick.title)))
        ]
        if not matches:
            raise UnknownPickError(text)
        if len(matches) > 1:
            raise AmbiguousPickError(text)
        return matches[0].id

    async def find_series_id(self, server_id: int, text: str) -> int:
        """Return the id that an autocomplete choice carries, or of the series whose name was typed.

        Raises SeriesError.
        """
        text = text.strip()
        for series in await self.repository.list_series(server_id):
            if text == str(series.id) or fold(text) == fold(series.name):
                return series.id
        sentence = _("No series is called “{text}”. Pick one from the list, or use `/pick series create`.")
        raise SeriesError(sentence.format(text=escape_line(text, 100)))

    async def get_planned(self, server_id: int, pick_id: int) -> Pick:
        """Return a planned or current pick. Raises PickGoneError."""
        pick = await self.get_pick(server_id, pick_id)
        if pick.state not in (PickState.PLANNED, PickState.CURRENT):
            raise PickGoneError
        return pick

    async def _get_open_series(self, server_id: int, series_id: int) -> Series:
        """Return a series that takes picks. Raises SeriesError."""
        series = await self._get_series(server_id, series_id)
        if series.is_closed:
            raise SeriesError(
                _("The series “{name}” is closed. Reopen it with `/pick series reopen`.").format(
                    name=escape_line(series.name)
                )
            )
        return series

    async def _get_series(self, server_id: int, series_id: int) -> Series:
        """Return the series. Raises SeriesError."""
        for series in await self.repository.list_series(server_id):
            if series.id == series_id:
                return series
        raise SeriesError(_("That series is gone. Create one with `/pick series create`."))


def _clean_note(text: str) -> str:
    """Return the note without space around it. Raises InvalidInputError if it is too long."""
    try:
        return clean_limited_text(text, NOTE_LIMIT)
    except InvalidInputError as error:
        raise InvalidInputError(_("The note is too long. {error}").format(error=error)) from None


def clean_reason(text: str) -> str:
    """Return why a film is suggested, as it is stored. Raises InvalidInputError if it is too long."""
    try:
        return clean_limited_text(clean_input(text), REASON_LIMIT)
    except InvalidInputError as error:
        raise InvalidInputError(_("The reason is too long. {error}").format(error=error)) from None


def _check_duration(days: int | None) -> None:
    """Raise InvalidInputError if a pick can't stay so long."""
    if days is not None and not 1 <= days <= MAX_DURATION_DAYS:
        raise InvalidInputError(
            _("Enter 1 to {limit} days, or leave it out to feature the film until the next one.").format(
                limit=MAX_DURATION_DAYS
            )
        )


def _clean_series_name(text: str) -> str:
    """Return the name with single spaces. Raises InvalidInputError if it is invisible, empty or too long."""
    name = " ".join(text.split())
    if not has_visible_text(name):
        name = ""
    if not 1 <= len(name) <= SERIES_NAME_LIMIT:
        raise InvalidInputError(_("Enter a name of 1 to {limit} characters.").format(limit=SERIES_NAME_LIMIT))
    return name


def _check_day_is_free(starts_at: datetime | None, pick_id: int | None = None) -> Check:
    """Return a check that raises DayTakenError if another pick starts on the day of `starts_at`."""

    def check(programme: Programme) -> None:
        if starts_at is None:
            return
        zone = programme.settings.rotation.time_zone
        others = (pick for pick in programme.dated if pick.id != pick_id)
        other = find_pick_on_day(starts_at, others, zone)
        if other is not None:
            day = to_local(starts_at, zone)
            title = with_year(known_title(other.film_id, other.title), other.year)
            raise DayTakenError(title, format_date(day), other.id)

    return check


class PickEngagementService:
    """Takes RSVPs, suggestions and decisions about them. `now` returns the current time."""

    def __init__(self, repository: PickEngagementRepository, now: Callable[[], datetime]) -> None:
        self.repository = repository
        self._now = now

    async def toggle_rsvp(self, server_id: int, pick_id: int, member_id: int) -> bool:
        """Add the member to the current pick's RSVPs, or remove them, and return whether they are on the list now.

        Raises PickNotCurrentError.
        """
        return await self.repository.toggle_rsvp(server_id, pick_id, member_id, self._now())

    async def suggest(self, server_id: int, member_id: int, film_id: str, reason: str = "") -> Suggestion:
        """Store a suggestion and return it.

        Raises InvalidInputError, AlreadySuggestedError, FilmGoneError, BlockedError.
        """
        reason = clean_reason(reason)
        return await self.repository.add_suggestion(server_id, member_id, film_id, reason=reason, now=self._now())

    async def decide(self, server_id: int, suggestion_id: int, decision: SuggestionState) -> Suggestion:
        """Accept or decline a suggestion and return it.

        An accepted film goes to the end of the queue. Raises SuggestionDecidedError, QueueFullError.
        """
        return await self.repository.decide(server_id, suggestion_id, decision, self._now())

    async def undo_decision(self, server_id: int, suggestion_id: int, pick_id: int | None) -> Suggestion:
        """Open a suggestion again that was decided lately, take its pick out of the programme, and return it.

        Raises SuggestionDecidedError, PickGoneError.
        """
        return await self.repository.undo_decision(server_id, suggestion_id, pick_id, self._now())
