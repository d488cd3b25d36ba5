"""Rating histories, training data, imported rating sets, and group sessions as plain values."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.text.folding import fold
from bot.core.text.i18n import _
from bot.recommendations.filters import RecommendationFilters

Rating = tuple[str, str, float]
"""A member key, a film id, stars from 0.5 to 5."""
DataVersion = tuple[object, ...]
"""Equal as long as the data that it stands for has not changed."""

MAX_GROUP_SIZE = 10
DEFAULT_LEAST_HAPPY_WEIGHT = 50
"""How much the least happy member counts, in percent, until somebody changes it."""


@dataclass(frozen=True, slots=True)
class RatingHistory:
    """What one member did in one server.

    `ratings` are stars (0.5 to 5) by film id, `seen` all films watched with or without stars, `dismissed` the
    films answered with "not for me".
    """

    ratings: Mapping[str, float] = field(default_factory=dict)
    seen: frozenset[str] = frozenset()
    dismissed: frozenset[str] = frozenset()

    @property
    def excluded(self) -> frozenset[str]:
        """The films not to recommend to the member."""
        return frozenset(self.seen | self.dismissed | self.ratings.keys())


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The ratings that a server's model is fitted on, and the member keys of the server's own members."""

    ratings: list[Rating]
    server_members: frozenset[str]


def member_key(member_id: int) -> str:
    """Return the key by which a crowd knows a member of the server that the model is for."""
    return str(member_id)


def other_server_member_key(member_id: int) -> str:
    """Return the key by which a crowd knows a member of another server, who agreed to share their ratings."""
    return f"elsewhere:{member_id}"


@dataclass(frozen=True, slots=True)
class RatingSet:
    """A rating set that an operator imported, in parallel arrays: one entry a rating, sorted by member, then film.

    `film_ids` are the films rated and `film` indexes them; `member` are the set's own member numbers (no names);
    `half_stars` are 1 to 10. Each pair of member and film occurs once.
    """

    name: str
    film_ids: tuple[str, ...]
    member: NDArray[np.uint32]
    film: NDArray[np.uint32]
    half_stars: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.member)

    @property
    def member_count(self) -> int:
        """The number of different members."""
        return int((np.diff(self.member) != 0).sum()) + 1 if len(self.member) else 0

    def count_raters(self) -> Counter[str]:
        """Return the number of raters by film id."""
        counts = np.bincount(self.film, minlength=len(self.film_ids))
        return Counter(dict(zip(self.film_ids, counts.tolist(), strict=True)))


def sort_rating_set(
    name: str,
    film_ids: tuple[str, ...],
    *,
    member: NDArray[np.uint32],
    film: NDArray[np.uint32],
    half_stars: NDArray[np.uint8],
) -> tuple[RatingSet, int]:
    """Return a rating set of unsorted parallel arrays, and how many ratings were dropped.

    Where a member rated a film several times, the last rating in the arrays stays.
    """
    order = np.lexsort((film, member))  # stable: of equal pairs the last in the arrays stays last
    member, film, half_stars = member[order], film[order], half_stars[order]
    is_last = np.ones(len(member), dtype=bool)
    is_last[:-1] = (member[1:] != member[:-1]) | (film[1:] != film[:-1])
    rating_set = RatingSet(name, film_ids, member[is_last], film[is_last], half_stars[is_last])
    return rating_set, int((~is_last).sum())


@dataclass(frozen=True, slots=True)
class FilmLookup:
    """Finds films of the catalogue by a source's id (`source, value`), or by folded title and year."""

    by_source_id: dict[tuple[str, str], str]
    by_title: dict[tuple[str, int], str]

    def find(self, source_ids: Mapping[str, str], title: str | None, year: int | None) -> str | None:
        """Return the id of the film with one of the source ids, else with that very title and year, or None."""
        for source, value in source_ids.items():
            if (film_id := self.by_source_id.get((source, value))) is not None:
                return film_id
        return None if title is None or year is None else self.by_title.get((fold(title), year))


@dataclass(frozen=True, slots=True)
class GroupSession:
    """A group of a server's members that looks for a film, and once chosen, the film.

    `least_happy_weight` is how much the least happy member counts, 0 to 100 percent.
    """

    id: int
    server_id: int
    members: tuple[int, ...]
    filters: RecommendationFilters
    least_happy_weight: int = DEFAULT_LEAST_HAPPY_WEIGHT
    film_id: str | None = None
    chosen_at: datetime | None = None


class GroupSessionGoneError(MarqueeError):
    """The group session was deleted."""

    def __init__(self) -> None:
        super().__init__(_("That list has expired. Use `/tonight` to start a new one."))


class GroupSessionClosedError(MarqueeError):
    """A film was chosen already for the group session."""

    def __init__(self) -> None:
        super().__init__(_("You already chose a film from that list. Use `/tonight` to start a new one."))


def check_group_size(members: Collection[object]) -> None:
    """Raise InvalidInputError unless there are 1 to MAX_GROUP_SIZE members."""
    if not 1 <= len(members) <= MAX_GROUP_SIZE:
        raise InvalidInputError(_("Choose 1 to {limit} members.").format(limit=MAX_GROUP_SIZE))
