"""What an import changes about one film, decided on plain values: what is here, in the file, and chosen.

Planning the same file twice changes nothing the second time, and the order of several files does not matter.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

from bot.imports.history import (
    DEFAULT_KINDS,
    FilmHistory,
    ImportedReview,
    ImportedViewing,
    Kind,
    NamedFilm,
    merge_viewings,
)

SAME_VIEWING_DAYS = 1
"""Days between an entry here and one elsewhere that tell of the same viewing."""


class Conflict(StrEnum):
    """Whose stars stay where a film is rated here and, differently, in the file."""

    KEEP = "keep"
    TAKE = "take"
    NEWEST = "newest"


class ListMeaning(StrEnum):
    """What a list of films without anything else stands for."""

    WATCHLIST = "watchlist"
    SEEN = "seen"
    LIKES = "likes"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a member wants of a file."""

    kinds: frozenset[Kind] = DEFAULT_KINDS
    conflict: Conflict = Conflict.KEEP
    lists_as: ListMeaning = ListMeaning.WATCHLIST

    def to_json(self) -> dict[str, Any]:
        """Return the choices as they are stored."""
        return {"kinds": sorted(self.kinds), "conflict": self.conflict, "lists_as": self.lists_as}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Choices":
        """Return stored choices."""
        return cls(
            frozenset(map(Kind, stored["kinds"])), Conflict(stored["conflict"]), ListMeaning(stored["lists_as"])
        )


@dataclass(frozen=True, slots=True)
class StoredViewing:
    """A viewing in the member's diary here."""

    id: int
    watched_on: date | None
    import_id: int | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredFilm:
    """What is stored here of a film for the member; `is_rating_imported` says that they didn't rate it here."""

    half_stars: int | None = None
    rated_at: datetime | None = None
    viewings: tuple[StoredViewing, ...] = ()
    is_on_watchlist: bool = False
    is_liked: bool = False
    reviews: frozenset[str] = frozenset()
    is_rating_imported: bool = False


@dataclass(slots=True)
class FilmPlan:
    """What is to be stored of a film.

    `half_stars` is the rating to set, None to leave it. `dated` pairs imported viewings that had no day with one.
    `known` counts what is here already, `differing` says that the film is rated otherwise here.
    """

    half_stars: int | None = None
    rated_on: date | None = None
    viewings: list[ImportedViewing] = field(default_factory=list)
    dated: list[tuple[StoredViewing, ImportedViewing]] = field(default_factory=list)
    reviews: list[ImportedReview] = field(default_factory=list)
    is_watchlisted: bool = False
    watchlisted_on: date | None = None
    is_liked: bool = False
    known: Counter[Kind] = field(default_factory=Counter)
    is_differing: bool = False

    def count(self) -> Counter[Kind]:
        """Return how many entries of each kind are to be stored."""
        return Counter(
            {
                Kind.RATINGS: int(self.half_stars is not None),
                Kind.DIARY: len(self.viewings) + len(self.dated),
                Kind.REVIEWS: len(self.reviews),
                Kind.WATCHLIST: int(self.is_watchlisted),
                Kind.LIKES: int(self.is_liked),
            }
        )


def plan_film(history: FilmHistory, stored: StoredFilm, choices: Choices) -> FilmPlan:
    """Return what the file's history of a film changes."""
    history = _with_list(history, choices)
    plan = FilmPlan()
    if Kind.RATINGS in choices.kinds and history.half_stars is not None:
        _plan_rating(plan, history, stored, choices.conflict)
    if Kind.DIARY in choices.kinds:
        has_rating = stored.half_stars is not None or plan.half_stars is not None
        viewings = [
            each if has_rating or each.half_stars is None else replace(each, half_stars=None)
            for each in history.viewings
        ]
        _plan_viewings(plan, viewings, stored)
    if Kind.REVIEWS in choices.kinds:
        plan.reviews = [review for review in history.reviews if review.text not in stored.reviews]
        plan.known[Kind.REVIEWS] = len(history.reviews) - len(plan.reviews)
    if Kind.WATCHLIST in choices.kinds and history.is_on_watchlist:
        plan.is_watchlisted, plan.watchlisted_on = not stored.is_on_watchlist, history.watchlisted_on
        plan.known[Kind.WATCHLIST] = int(stored.is_on_watchlist)
    if Kind.LIKES in choices.kinds and history.is_liked:
        plan.is_liked = not stored.is_liked
        plan.known[Kind.LIKES] = int(stored.is_liked)
    return plan


def _with_list(history: FilmHistory, choices: Choices) -> FilmHistory:
    """Return the history with a place on a list turned into what the member says it means."""
    if not history.is_listed or Kind.LISTS not in choices.kinds:
        return history
    match choices.lists_as:
        case ListMeaning.WATCHLIST:
            return replace(history, is_on_watchlist=True)
        case ListMeaning.LIKES:
            return replace(history, is_liked=True)
        case ListMeaning.SEEN:
            return replace(history, viewings=merge_viewings([history.viewings, [ImportedViewing()]]))


def _plan_rating(plan: FilmPlan, history: FilmHistory, stored: StoredFilm, conflict: Conflict) -> None:
    if stored.half_stars == history.half_stars:
        plan.known[Kind.RATINGS] = 1
        return
    if stored.half_stars is not None:
        plan.is_differing = True
        rated_on = stored.rated_at.date() if stored.rated_at is not None else date.min
        is_newer = history.rated_on is not None and history.rated_on > rated_on
        if conflict is Conflict.KEEP or (conflict is Conflict.NEWEST and not is_newer):
            return
    plan.half_stars, plan.rated_on = history.half_stars, history.rated_on


def _plan_viewings(plan: FilmPlan, viewings: list[ImportedViewing], stored: StoredFilm) -> None:
    """Plan the viewings: a day has as many afterwards as it had here or has in the file, whichever is more.

    A viewing without a day only says that the film was seen: it is added where there is none at all, and an
    imported one gets its day from a later file.
    """
    counts = Counter(each.watched_on for each in stored.viewings)
    undated = [each for each in stored.viewings if each.watched_on is None and each.import_id is not None]
    seen: dict[date, int] = defaultdict(int)
    for viewing in viewings:
        if viewing.watched_on is None:
            if stored.viewings:
                plan.known[Kind.DIARY] += 1
            elif not plan.viewings:
                plan.viewings.append(viewing)
            continue
        seen[viewing.watched_on] += 1
        if seen[viewing.watched_on] <= counts[viewing.watched_on]:
            plan.known[Kind.DIARY] += 1
        elif undated:
            plan.dated.append((undated.pop(), viewing))
        else:
            plan.viewings.append(viewing)


def without_own_entries(history: FilmHistory, stored: StoredFilm) -> FilmHistory:
    """Return what a feed says about a film without what the member entered here themselves.

    Whoever enters a film here and elsewhere rarely gives the very same day, or none; their stars from here stay.
    """
    own = [each for each in stored.viewings if each.import_id is None]
    is_rated_here = stored.half_stars is not None and not stored.is_rating_imported
    return replace(
        history,
        half_stars=None if is_rated_here else history.half_stars,
        viewings=[each for each in history.viewings if not any(_is_same_viewing(each, here) for here in own)],
    )


def _is_same_viewing(viewing: ImportedViewing, own: StoredViewing) -> bool:
    day = viewing.watched_on or viewing.logged_on
    own_day = own.watched_on or (own.created_at.date() if own.created_at is not None else None)
    return day is not None and own_day is not None and abs((day - own_day).days) <= SAME_VIEWING_DAYS


def merge_histories(first: FilmHistory, second: FilmHistory) -> FilmHistory:
    """Return both as one: a file may have one film under two titles."""
    is_rated_later = first.half_stars is None or (second.rated_on or date.min) > (first.rated_on or date.min)
    rated = second if second.half_stars is not None and is_rated_later else first
    texts = {review.text for review in first.reviews}
    return FilmHistory(
        film=first.film.combine(second.film),
        half_stars=rated.half_stars,
        rated_on=rated.rated_on,
        viewings=merge_viewings([first.viewings, second.viewings]),
        reviews=[*first.reviews, *(review for review in second.reviews if review.text not in texts)],
        is_on_watchlist=first.is_on_watchlist or second.is_on_watchlist,
        watchlisted_on=first.watchlisted_on or second.watchlisted_on,
        is_liked=first.is_liked or second.is_liked,
        is_listed=first.is_listed or second.is_listed,
    )


def start_of(day: date | None, otherwise: datetime) -> datetime:
    """Return the first moment of a day in UTC, or `otherwise` where the day is not known."""
    return datetime.combine(day, time(), UTC) if day is not None else otherwise


def history_to_json(history: FilmHistory) -> dict[str, Any]:
    """Return what a file says about a film as it is stored until it is applied, without what is empty."""
    values: dict[str, Any] = {
        "stars": history.half_stars,
        "rated": _text(history.rated_on),
        "viewings": [
            [_text(each.watched_on), _text(each.logged_on), each.half_stars, each.is_rewatch, list(each.tags)]
            for each in history.viewings
        ],
        "reviews": [
            [each.text, each.is_spoiler, _text(each.watched_on), _text(each.written_on)]
            for each in history.reviews
        ],
        "watchlist": history.is_on_watchlist,
        "watchlisted": _text(history.watchlisted_on),
        "liked": history.is_liked,
        "listed": history.is_listed,
    }
    return {name: value for name, value in values.items() if value}


def history_from_json(film: NamedFilm, stored: Mapping[str, Any]) -> FilmHistory:
    """Return a stored history of that film."""
    return FilmHistory(
        film=film,
        half_stars=stored.get("stars"),
        rated_on=_day(stored.get("rated")),
        viewings=[
            ImportedViewing(_day(watched), _day(logged), stars, is_rewatch, tuple(tags))
            for watched, logged, stars, is_rewatch, tags in stored.get("viewings", ())
        ],
        reviews=[
            ImportedReview(text, is_spoiler, _day(watched), _day(written))
            for text, is_spoiler, watched, written in stored.get("reviews", ())
        ],
        is_on_watchlist=stored.get("watchlist", False),
        watchlisted_on=_day(stored.get("watchlisted")),
        is_liked=stored.get("liked", False),
        is_listed=stored.get("listed", False),
    )


def _text(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
