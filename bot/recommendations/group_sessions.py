"""Evenings together: who watches, what was chosen, and who gave way before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.errors import InvalidInputError, MarqueeError
from bot.recommendations.filters import Wishes
from bot.recommendations.groups import MOST_MEMBERS

USUAL_WEIGHT = 50
"""What the least happy member counts, in hundredths, until somebody moves it."""
KEPT_OPEN = timedelta(days=2)
"""How long a list that nobody chose from is kept."""


class EveningGoneError(MarqueeError):
    """A list for an evening that is no longer kept."""

    def __init__(self) -> None:
        super().__init__("That evening's list is no longer kept. `/tonight` makes a new one.")


class EveningOverError(MarqueeError):
    """An evening for which a film was chosen already."""

    def __init__(self) -> None:
        super().__init__("A film was chosen for that evening already. `/tonight` makes a new list.")


@dataclass(frozen=True, slots=True)
class Evening:
    """A group in a server. `weight` is what the least happy counts, 0 to 100; `film_id` once one was chosen."""

    id: int
    server_id: int
    members: tuple[int, ...]
    wishes: Wishes
    weight: int = USUAL_WEIGHT
    film_id: str | None = None
    chosen: datetime | None = None


class EveningStore(Protocol):
    """Where evenings are kept."""

    async def add(self, evening: Evening, now: datetime) -> Evening:
        """Store it and give it with its id."""
        ...

    async def get(self, server_id: int, evening_id: int) -> Evening | None:
        """Give the server's evening of that id, or None."""
        ...

    async def change(self, evening: Evening) -> bool:
        """Store its members and weight; tell whether it was there and nothing chosen."""
        ...

    async def choose(self, evening: Evening, burdens: Mapping[int, float]) -> bool:
        """Store its film and what each member carries from it; tell whether nothing was chosen before."""
        ...

    async def burdens(self, server_id: int, member_ids: Sequence[int]) -> dict[int, float]:
        """Give what each carries from the latest evening they took part in, 0 for none."""
        ...

    async def forget_open(self, before: datetime) -> None:
        """Delete evenings made before that time for which nothing was chosen."""
        ...


class Evenings:
    """Keeps evenings. `now` gives the time."""

    def __init__(self, store: EveningStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    async def begin(self, server_id: int, members: Sequence[int], wishes: Wishes) -> Evening:
        """Store a new evening. Raises InvalidInputError for no member or too many."""
        now = self._now()
        await self._store.forget_open(now - KEPT_OPEN)
        return await self._store.add(Evening(0, server_id, _checked(members), wishes), now)

    async def get(self, server_id: int, evening_id: int) -> Evening:
        """Give an evening that is still open. Raises EveningGoneError, EveningOverError."""
        evening = await self._store.get(server_id, evening_id)
        if evening is None or not evening.members:  # whoever deletes their data leaves their evenings
            raise EveningGoneError
        if evening.chosen is not None:
            raise EveningOverError
        return evening

    async def set_members(self, evening: Evening, members: Sequence[int]) -> Evening:
        """Store who takes part. Raises InvalidInputError, EveningOverError."""
        return await self._changed(replace(evening, members=_checked(members)))

    async def set_weight(self, evening: Evening, weight: int) -> Evening:
        """Store what the least happy counts. Raises InvalidInputError, EveningOverError."""
        if not 0 <= weight <= 100:
            raise InvalidInputError("The weight is 0 to 100.")
        return await self._changed(replace(evening, weight=weight))

    async def choose(self, evening: Evening, film_id: str, burdens: Mapping[int, float]) -> None:
        """Store what is watched and what each member carries from it. Raises EveningOverError."""
        chosen = replace(evening, film_id=film_id, chosen=self._now())
        if not await self._store.choose(chosen, burdens):
            raise EveningOverError

    async def burdens(self, server_id: int, members: Sequence[int]) -> dict[int, float]:
        """Give how far each member was outvoted before, 0 for never."""
        return await self._store.burdens(server_id, members)

    async def _changed(self, evening: Evening) -> Evening:
        if not await self._store.change(evening):
            raise EveningOverError
        return evening


def _checked(members: Sequence[int]) -> tuple[int, ...]:
    kept = tuple(dict.fromkeys(members))
    if not 1 <= len(kept) <= MOST_MEMBERS:
        raise InvalidInputError(f"A group is 1 to {MOST_MEMBERS} members.")
    return kept
