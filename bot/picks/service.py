"""Planning the marquee: what moderators add, move, change, take away, and bring on now."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from bot.core.errors import InvalidInputError
from bot.core.text.formatting import has_visible_text
from bot.picks.models import (
    MOST_DAYS,
    NOTE_LIMIT,
    SERIES_LIMIT,
    DayTakenError,
    NewPick,
    NothingNextError,
    Pick,
    PickGoneError,
    PickSettings,
    Programme,
    Series,
    SeriesError,
    State,
)
from bot.picks.programme_cache import Outlook, Outlooks
from bot.picks.rotation import local
from bot.picks.timeline import next_up, starting_on
from bot.picks.timing import parse_when
from bot.reviews.models import check_length

Check = Callable[[Programme], None]
Change = Callable[[PickSettings], PickSettings]
_RULE = ("every", "zone", "at", "weekday", "day")


class PickStore(Protocol):
    """Where picks are kept. Each change sees the programme as it is when it is stored."""

    async def settings(self, server_id: int) -> PickSettings:
        """Give what holds for the server's marquee."""
        ...

    async def change_settings(self, server_id: int, change: Change) -> PickSettings:
        """Store what `change` makes of the marquee's settings, if that is anything else, and give it."""
        ...

    async def programme(self, server_id: int) -> Programme:
        """Give what is on and what is planned."""
        ...

    async def outlook(self, server_id: int) -> Outlook:
        """Give what is on and planned, and the series."""
        ...

    async def planning(self) -> list[int]:
        """Give the servers in which something is on, planned, or in a series."""
        ...

    async def get(self, server_id: int, pick_id: int) -> Pick | None:
        """Give the server's pick of that id, or None."""
        ...

    async def add(self, server_id: int, new: NewPick, check: Check) -> Pick:
        """Store it at the end of the queue. Raises FilmGoneError, QueueFullError, and what `check` raises."""
        ...

    async def change(self, pick: Pick, check: Check, now: datetime) -> None:
        """Store a planned or current pick anew. Raises PickGoneError, and what `check` raises."""
        ...

    async def place(self, server_id: int, pick_id: int, position: int) -> None:
        """Put a planned pick into the queue at that place, from 1. Raises PickGoneError."""
        ...

    async def remove(self, server_id: int, pick_id: int, now: datetime) -> None:
        """Delete a planned pick, or end the current one. Raises PickGoneError."""
        ...

    async def bring_on(self, server_id: int, pick_id: int, now: datetime) -> Pick:
        """Put a planned pick on the marquee. Raises PickGoneError."""
        ...

    async def series(self, server_id: int) -> list[Series]:
        """Give the server's series, newest first."""
        ...

    async def create_series(self, server_id: int, name: str) -> Series:
        """Store a series. Raises SeriesError where the name is taken."""
        ...

    async def change_series(self, server_id: int, series: Series) -> None:
        """Store a series anew. Raises SeriesError where it is gone or the name is taken."""
        ...


class PickService:
    """Plans the marquee. Who may is the caller's to check. `now` gives the time."""

    def __init__(self, store: PickStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self.outlooks = Outlooks(store.outlook, now)
        """What is planned, in memory; every change here brings it up to date."""

    async def warm(self, server_ids: Collection[int]) -> None:
        """Read into memory what those of the servers plan that plan anything."""
        await self.outlooks.warm(each for each in await self._store.planning() if each in server_ids)

    async def settings(self, server_id: int) -> PickSettings:
        """Give what holds for the server's marquee."""
        return await self._store.settings(server_id)

    async def change_settings(self, server_id: int, **changes: Any) -> PickSettings:
        """Change some of what holds, by name, the rotation's parts too; give all that holds now.

        The next rotation is reckoned anew where its rule changes.
        """
        rule = {name: changes.pop(name) for name in _RULE if name in changes}

        def change(before: PickSettings) -> PickSettings:
            settings = replace(before, **changes)
            if not rule:
                return settings
            rotation = replace(before.rotation, **rule)
            return replace(settings, rotation=rotation, next_at=rotation.next_after(self._now()))

        settings = await self._store.change_settings(server_id, change)
        await self.outlooks.renew(server_id)
        return settings

    async def programme(self, server_id: int) -> Programme:
        """Give what is on and what is planned."""
        return await self._store.programme(server_id)

    async def get(self, server_id: int, pick_id: int) -> Pick:
        """Give one pick, past ones too. Raises PickGoneError."""
        found = await self._store.get(server_id, pick_id)
        if found is None:
            raise PickGoneError
        return found

    async def planned(self, server_id: int, pick_id: int) -> Pick:
        """Give a planned or current pick. Raises PickGoneError."""
        pick = await self.get(server_id, pick_id)
        if pick.state not in (State.PLANNED, State.CURRENT):
            raise PickGoneError
        return pick

    async def when(self, server_id: int, text: str) -> datetime | None:
        """Give the UTC time of a day as typed, None for an empty text. Raises InvalidInputError."""
        if not text.strip():
            return None
        settings = await self._store.settings(server_id)
        return parse_when(text, settings.rotation, self._now())

    async def add(self, server_id: int, new: NewPick) -> Pick:
        """Plan a pick.

        Raises InvalidInputError, DayTakenError, SeriesError, FilmGoneError, QueueFullError.
        """
        new = replace(new, note=checked_note(new.note))
        checked_days(new.duration_days)
        if new.series_id is not None:
            await self.open_series(server_id, new.series_id)
        pick = await self._store.add(server_id, new, _free(new.starts_at))
        await self.outlooks.renew(server_id)
        return pick

    async def edit(self, server_id: int, pick_id: int, **changes: Any) -> Pick:
        """Change a planned or current pick's note, days or series, by name; give it as it is now.

        Raises PickGoneError, InvalidInputError, SeriesError.
        """
        pick = await self.planned(server_id, pick_id)
        if "note" in changes:
            changes["note"] = checked_note(changes["note"])
        checked_days(changes.get("duration_days"))
        if (series_id := changes.pop("series_id", None)) is not None:
            changes["series"] = await self.open_series(server_id, series_id)
        pick = replace(pick, **changes)
        await self._store.change(pick, lambda _: None, self._now())
        await self.outlooks.renew(server_id)
        return await self.get(server_id, pick_id)

    async def move(
        self, server_id: int, pick_id: int, *, starts: datetime | None = None, position: int | None = None
    ) -> Pick:
        """Give a planned pick a day, or a place in the queue, from 1; give it as it is now.

        Raises PickGoneError, DayTakenError, and InvalidInputError for one that is on already.
        """
        pick = await self.planned(server_id, pick_id)
        if pick.state is State.CURRENT:
            raise InvalidInputError("That pick is on the marquee now. `/pick remove` takes it off.")
        if (starts is None) == (position is None):
            raise InvalidInputError("Say either a day to move it to or a place in the queue.")
        if position is not None:
            if position < 1:
                raise InvalidInputError("Places in the queue count from 1.")
            await self._store.place(server_id, pick_id, position)
        else:
            await self._store.change(replace(pick, starts_at=starts), _free(starts, pick_id), self._now())
        await self.outlooks.renew(server_id)
        return await self.get(server_id, pick_id)

    async def remove(self, server_id: int, pick_id: int) -> Pick:
        """Take a planned pick out, or the current one off; give it as it was. Raises PickGoneError."""
        pick = await self.planned(server_id, pick_id)
        await self._store.remove(server_id, pick_id, self._now())
        await self.outlooks.renew(server_id)
        return pick

    async def bring_next(self, server_id: int) -> Pick:
        """Put on what would come on next. Raises NothingNextError."""
        first = next_up(await self._store.programme(server_id), self._now())
        if first is None:
            raise NothingNextError
        return await self.bring_on(server_id, first.id)

    async def bring_on(self, server_id: int, pick_id: int) -> Pick:
        """Put a planned pick on now. Raises PickGoneError."""
        pick = await self._store.bring_on(server_id, pick_id, self._now())
        await self.outlooks.renew(server_id)
        return pick

    async def series(self, server_id: int) -> list[Series]:
        """Give the server's series, newest first."""
        return await self._store.series(server_id)

    async def open_series(self, server_id: int, series_id: int) -> Series:
        """Give a series that takes picks. Raises SeriesError."""
        for series in await self._store.series(server_id):
            if series.id == series_id:
                if series.is_closed:
                    raise SeriesError(f"The series “{series.name}” is closed.")
                return series
        raise SeriesError("There is no such series. `/pick series create` makes one.")

    async def create_series(self, server_id: int, name: str) -> Series:
        """Make a series. Raises InvalidInputError, SeriesError."""
        series = await self._store.create_series(server_id, _name(name))
        await self.outlooks.renew(server_id)
        return series

    async def rename_series(self, server_id: int, series_id: int, name: str) -> Series:
        """Give an open series another name. Raises InvalidInputError, SeriesError."""
        series = replace(await self.open_series(server_id, series_id), name=_name(name))
        await self._store.change_series(server_id, series)
        await self.outlooks.renew(server_id)
        return series

    async def close_series(self, server_id: int, series_id: int) -> Series:
        """Take no more picks into a series; those planned in it stay. Raises SeriesError."""
        series = replace(await self.open_series(server_id, series_id), is_closed=True)
        await self._store.change_series(server_id, series)
        await self.outlooks.renew(server_id)
        return series


def checked_note(text: str) -> str:
    """Give the note without space around it. Raises InvalidInputError where it is too long."""
    try:
        return check_length(text, NOTE_LIMIT)
    except InvalidInputError as error:
        raise InvalidInputError(f"The note is too long. {error}") from None


def checked_days(days: int | None) -> None:
    """Raise InvalidInputError where a pick can't stay so long."""
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise InvalidInputError(f"A pick stays 1 to {MOST_DAYS} days, or until the next one where you say none.")


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not has_visible_text(name):
        name = ""
    if not 1 <= len(name) <= SERIES_LIMIT:
        raise InvalidInputError(f"A series' name has 1 to {SERIES_LIMIT} characters; that has {len(name)}.")
    return name


def _free(starts: datetime | None, pick_id: int | None = None) -> Check:
    """Give what raises DayTakenError where another pick is planned for the day on which this one starts."""

    def check(programme: Programme) -> None:
        if starts is None:
            return
        zone = programme.settings.rotation.zone
        other = starting_on(starts, (each for each in programme.dated if each.id != pick_id), zone)
        if other is not None:
            day = local(starts, zone)
            raise DayTakenError(other.title, f"{day.day} {day:%B %Y}")

    return check
