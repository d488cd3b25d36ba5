"""A member's film history as another service exported it: plain values, whatever the format of the file.

Stars are counted in halves as everywhere (`bot.reviews.stars`). The day of a viewing differs from the day on which
it was logged: services keep both.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.core.tasks import Steps
from bot.core.text.folding import fold

UTC_ZONE = ZoneInfo("UTC")
REVIEW_LIMIT, TITLE_LIMIT, TAGS_LIMIT, TAG_LIMIT = 20_000, 300, 30, 60
"""Characters of a review, a title and a tag, and tags of a viewing: more is cut."""


Result = TypeVar("Result")


def run_at_once(steps: Steps[Result]) -> Result:
    """Return the result of work without a pause."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            result: Result = stop.value
            return result


class Service(StrEnum):
    """Where a file comes from."""

    LETTERBOXD = "letterboxd"
    IMDB = "imdb"
    TRAKT = "trakt"
    SIMKL = "simkl"
    MOVIELENS = "movielens"
    TV_TIME = "tv_time"
    MARQUEE = "marquee"
    PLAIN = "csv"
    LETTERBOXD_FEED = "letterboxd_feed"


class Kind(StrEnum):
    """What a history has, and what a member chooses to take of it."""

    RATINGS = "ratings"
    DIARY = "diary"
    REVIEWS = "reviews"
    WATCHLIST = "watchlist"
    LIKES = "likes"
    LISTS = "lists"


DEFAULT_KINDS = frozenset(Kind) - {Kind.LISTS}
"""What is taken unless the member chooses otherwise. Films of lists would join the watchlist."""


class Problem(StrEnum):
    """Why a row, or a part of it, could not be taken."""

    NO_TITLE = "no title"
    RATING = "no rating"
    DAY = "no day"
    ROW = "columns"
    NOT_A_FILM = "no film"
    TOO_LONG = "too long"


@dataclass(frozen=True, slots=True)
class NamedFilm:
    """What a file says of a film. `ids` are by source: "imdb", "tmdb", or "marquee" for our own."""

    title: str
    year: int | None = None
    ids: Mapping[str, str] = field(default_factory=dict, hash=False)
    directors: tuple[str, ...] = ()
    original_title: str = ""

    @property
    def key(self) -> Hashable:
        """What is the same for all rows about this film in one file."""
        for source in ("marquee", "imdb", "tmdb"):
            if source in self.ids:
                return source, self.ids[source]
        return fold(self.title) or self.title, self.year

    def combine(self, other: "NamedFilm") -> "NamedFilm":
        """Return the film with what only `other` knows of it."""
        return replace(
            self,
            title=self.title or other.title,
            year=self.year if self.year is not None else other.year,
            ids={**other.ids, **self.ids},
            directors=self.directors or other.directors,
            original_title=self.original_title or other.original_title,
        )


@dataclass(frozen=True, slots=True)
class ImportedViewing:
    """One time the member saw the film; `watched_on` is None where the day is not known."""

    watched_on: date | None = None
    logged_on: date | None = None
    half_stars: int | None = None
    is_rewatch: bool = False
    tags: tuple[str, ...] = ()

    def combine(self, other: "ImportedViewing") -> "ImportedViewing":
        """Return the viewing with what only `other` knows of it."""
        return ImportedViewing(
            watched_on=self.watched_on,
            logged_on=self.logged_on or other.logged_on,
            half_stars=self.half_stars or other.half_stars,
            is_rewatch=self.is_rewatch or other.is_rewatch,
            tags=self.tags or other.tags,
        )


@dataclass(frozen=True, slots=True)
class ImportedReview:
    """A review; `watched_on` is the day of the viewing that it is about."""

    text: str
    is_spoiler: bool = False
    watched_on: date | None = None
    written_on: date | None = None


@dataclass(slots=True)
class FilmHistory:
    """Everything a file says about one film."""

    film: NamedFilm
    half_stars: int | None = None
    rated_on: date | None = None
    viewings: list[ImportedViewing] = field(default_factory=list)
    reviews: list[ImportedReview] = field(default_factory=list)
    is_on_watchlist: bool = False
    watchlisted_on: date | None = None
    is_liked: bool = False
    is_listed: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to take."""
        marks = self.is_on_watchlist or self.is_liked or self.is_listed
        return not (self.half_stars or self.viewings or self.reviews or marks)

    def count(self) -> Counter[Kind]:
        """Return how many entries of each kind there are."""
        return Counter(
            {
                Kind.RATINGS: int(self.half_stars is not None),
                Kind.DIARY: len(self.viewings),
                Kind.REVIEWS: len(self.reviews),
                Kind.WATCHLIST: int(self.is_on_watchlist),
                Kind.LIKES: int(self.is_liked),
                Kind.LISTS: int(self.is_listed),
            }
        )


@dataclass(slots=True)
class History:
    """What a file holds: its films in the file's order, and what could not be read of it."""

    service: Service
    films: list[FilmHistory]
    problems: Counter[Problem] = field(default_factory=Counter)

    def count(self) -> Counter[Kind]:
        """Return how many entries of each kind there are."""
        return sum((film.count() for film in self.films), Counter())


class HistoryBuilder:
    """Puts the rows of a file, or of several files of one export, together film by film.

    Days of moments are those in the `zone`.

    The same viewing may be in several files of an export: each file is a `group`, and a day has as many viewings
    as the group that has most of them.
    """

    def __init__(self, zone: ZoneInfo = UTC_ZONE) -> None:
        self.zone = zone
        self._films: dict[Hashable, FilmHistory] = {}
        self._viewings: dict[Hashable, dict[str, list[ImportedViewing]]] = defaultdict(lambda: defaultdict(list))
        self.problems: Counter[Problem] = Counter()

    @property
    def film_count(self) -> int:
        """How many films there are so far."""
        return len(self._films)

    def add_film(self, film: NamedFilm) -> FilmHistory:
        """Return the film's history, to be filled in."""
        history = self._films.get(film.key)
        if history is None:
            history = self._films[film.key] = FilmHistory(film)
        elif history.film != film:
            history.film = history.film.combine(film)
        return history

    def add_viewing(self, film: NamedFilm, viewing: ImportedViewing, group: str) -> None:
        """Add a viewing."""
        self.add_film(film)
        self._viewings[film.key][group].append(viewing)

    def add_review(self, film: NamedFilm, review: ImportedReview) -> None:
        """Add a review, once."""
        reviews = self.add_film(film).reviews
        if review.text and all(each.text != review.text for each in reviews):
            reviews.append(review)

    def build(self, service: Service) -> History:
        """Return the history. A rating that only viewings have is the film's."""
        return run_at_once(self.build_in_steps(service))

    def build_in_steps(self, service: Service) -> Steps[History]:
        """Return the history, film by film with a pause after each."""
        films = []
        for key, history in self._films.items():
            yield
            history.viewings = merge_viewings(list(self._viewings[key].values())) if key in self._viewings else []
            if service is Service.TRAKT:  # which marks no viewing as one more
                history.viewings = [
                    replace(each, is_rewatch=number > 0) for number, each in enumerate(history.viewings)
                ]
            rated = [viewing for viewing in history.viewings if viewing.half_stars]
            if history.half_stars is None and rated:
                latest = max(rated, key=lambda each: (each.watched_on or date.min, each.logged_on or date.min))
                history.half_stars = latest.half_stars
                history.rated_on = latest.watched_on or latest.logged_on
            if not history.is_empty:
                films.append(history)
        return History(service, films, self.problems)


def merge_viewings(groups: list[list[ImportedViewing]]) -> list[ImportedViewing]:
    """Return the viewings of all groups, oldest first; those of one day in several groups are the same ones.

    A viewing without a day is dropped where there is one with a day: it only says that the film was seen.
    """
    by_day: dict[date | None, list[ImportedViewing]] = {}
    for group in groups:
        of_group: dict[date | None, list[ImportedViewing]] = defaultdict(list)
        for viewing in group:
            of_group[viewing.watched_on].append(viewing)
        for day, viewings in of_group.items():
            merged = by_day.setdefault(day, [])
            for number, viewing in enumerate(viewings):
                if number < len(merged):
                    merged[number] = merged[number].combine(viewing)
                else:
                    merged.append(viewing)
    undated = by_day.pop(None, [])
    dated = [viewing for day in sorted(filter(None, by_day)) for viewing in by_day[day]]
    return dated or undated[:1]
