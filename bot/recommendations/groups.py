"""Films for an evening together: a list that leaves nobody out."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.core.errors import InvalidInputError
from bot.recommendations.content import Content, Floats, Ints
from bot.recommendations.filters import NO_WISHES, Wishes, allowed
from bot.recommendations.model import Asked, Model

MOST_MEMBERS = 10
SOFTNESS = 0.5
"""Stars by which the soft minimum looks past the least happy guest; chosen on seeds 121 to 124."""
SHORTLIST = 300
"""Films most to the group's taste together, among which the evening's are chosen by predicted stars."""
HISTORY_DECAY = 0.5
"""What is left of an evening's burden after the next."""
SCORE_SHARE = 0.8
"""Stars that a standard deviation of the group's mean score is worth beside predicted stars."""


@dataclass(frozen=True, slots=True)
class Guest:
    """A member of the group: ratings, what they refused, and how far they were outvoted before (0: never)."""

    name: str
    own: Mapping[str, float]
    refused: Collection[str] = ()
    burden: float = 0.0


@dataclass(frozen=True, slots=True)
class GroupPick:
    """A film for the group: each guest's predicted stars, who has seen it, and who would like it least."""

    film_id: str
    score: float
    stars: dict[str, float]
    seen_by: tuple[str, ...]
    least_happy: str


@dataclass(frozen=True, slots=True)
class GroupTaste:
    """A group worked out once: each guest's answer, the group's mean score of every film.

    `rows` are the films that may be picked, those most to the group's taste first.
    """

    content: Content
    guests: tuple[Guest, ...]
    asked: tuple[Asked, ...]
    taste: Floats
    rows: Ints

    def only(self, film_ids: Collection[str]) -> "GroupTaste":
        """Give the same with no other films to pick from: every film stands where it stood."""
        kept = [row for row in self.rows if self.content.ids[row] in film_ids]
        return replace(self, rows=np.array(kept, dtype=np.int64))


def taste_of_group(model: Model, guests: Sequence[Guest], wishes: Wishes = NO_WISHES) -> GroupTaste:
    """Work out the group; may be picked what nobody refused and not everybody has seen.

    Raises InvalidInputError for no guest, or more than MOST_MEMBERS.
    """
    if not 1 <= len(guests) <= MOST_MEMBERS:
        raise InvalidInputError(f"A group is 1 to {MOST_MEMBERS} members.")
    asked = tuple(model.ask(guest.own, guest.refused, guest.name) for guest in guests)
    seen_by_all = set.intersection(*(set(guest.own) for guest in guests))
    refused = {film for guest in guests for film in guest.refused}
    may = np.flatnonzero(allowed(model.content, wishes, seen_by_all | refused))
    taste = np.mean([standard(one.score) for one in asked], axis=0)
    return GroupTaste(model.content, tuple(guests), asked, taste, may[np.lexsort((may, -taste[may]))])


def for_group(
    model: Model, guests: Sequence[Guest], count: int = 5, least_happy: float = 0.5, wishes: Wishes = NO_WISHES
) -> list[GroupPick]:
    """Give films that nobody refused and not everybody has seen, best first; see `picks_of`."""
    return picks_of(taste_of_group(model, guests, wishes), count, least_happy)


def picks_of(group: GroupTaste, count: int = 5, least_happy: float = 0.5) -> list[GroupPick]:
    """Give the group's films, best first.

    `least_happy` from 0 to 1 weighs the least happy guest's predicted stars against the guests' mean, in which
    a guest outvoted before counts 1 + burden times (Masthoff: Group modeling, 2004).
    """
    guests, short = group.guests, group.rows[:SHORTLIST]
    stars = np.array([one.stars[short] for one in group.asked])
    burdens = np.array([guest.burden for guest in guests])
    score = blend(stars, least_happy, burdens) + SCORE_SHARE * group.taste[short]
    picks = []
    for at in np.lexsort((short, -score))[:count]:
        film = group.content.ids[short[at]]
        picks.append(
            GroupPick(
                film_id=film,
                score=float(score[at]),
                stars={guest.name: float(stars[row, at]) for row, guest in enumerate(guests)},
                seen_by=tuple(guest.name for guest in guests if film in guest.own),
                least_happy=guests[int(np.argmin(stars[:, at]))].name,
            )
        )
    return picks


def blend(stars: Floats, least_happy: float, burden: Floats) -> Floats:
    """Give each film's worth to the group from guests x films predicted stars.

    The least happy guest is a soft minimum, -t log mean exp(-stars / t): predictions err by more than guests
    differ, and a hard minimum would follow a single guest's errors.
    """
    part = min(max(least_happy, 0.0), 1.0)
    share = (1 + burden) / float((1 + burden).sum())
    # A guest outvoted before counts more among the least happy too: their stars look lower by what they gave up.
    felt = stars - burden[:, None] / 2
    worst = -SOFTNESS * np.log(np.exp(-felt / SOFTNESS).mean(axis=0)) + float(burden.min()) / 2
    return np.asarray((1 - part) * (share @ stars) + part * worst)


def burdens_after(pick: GroupPick, before: Mapping[str, float]) -> dict[str, float]:
    """Give each guest's burden after the group watched `pick`: what is left, plus stars below the mean."""
    mean = sum(pick.stars.values()) / len(pick.stars)
    return {
        name: HISTORY_DECAY * before.get(name, 0.0) + max(0.0, mean - stars) for name, stars in pick.stars.items()
    }


def standard(score: Floats) -> Floats:
    """Give the score with mean 0 and standard deviation 1, or zeros where it does not vary."""
    spread = float(score.std()) if len(score) else 0.0
    return (score - score.mean()) / spread if spread > 1e-9 else np.zeros(len(score))
