"""What a member asks for, the films it is asked of, and what a conversation remembers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.core.errors import MarqueeError


class TooManyQuestionsError(MarqueeError):
    """A member who asks faster than the limit and has to wait until `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__("more questions than the limit")
        self.until = until


class ConversationBusyError(MarqueeError):
    """So many of a server's questions wait that no further one is taken."""


class ConversationGoneError(MarqueeError):
    """A button of a conversation that is over and forgotten."""


class OthersConversationError(MarqueeError):
    """A button of another member's conversation."""


class TextKind(StrEnum):
    """What a text is."""

    REQUEST = "request"
    DESCRIPTION = "description"
    TITLE = "title"
    OFF_TOPIC = "off topic"


class Novelty(StrEnum):
    """How well known the films are to be."""

    UNSEEN = "unseen"
    OBSCURE = "obscure"
    CLASSIC = "classic"
    POPULAR = "popular"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for. A field that is empty, or None, asks for nothing.

    `genres` must all be there, of `any_genres`, `countries` and `languages` one; `people` are names as the
    catalogue writes them, all of whom took part (with `is_any_person` one of them). Years and runtimes (in
    minutes) include their bounds, except where a runtime was asked to be under or over one (`is_runtime_open`).
    `like` are ids of films to be similar to, `services` names of streaming services, one of which has the film.
    `group`: for more people than the member; `member_ids` are those of them who were mentioned.

    What only ranks films: `tones` (keys of TONE_GENRES), `novelty`, `is_highly_rated`, and `words` to be found in
    what a film is about. `not_words` must not be found there.
    """

    genres: tuple[str, ...] = ()
    any_genres: tuple[str, ...] = ()
    not_genres: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    not_countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    not_languages: tuple[str, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    runtime_min: int | None = None
    runtime_max: int | None = None
    is_runtime_open: bool = False
    people: tuple[str, ...] = ()
    is_any_person: bool = False
    not_people: tuple[str, ...] = ()
    like: tuple[str, ...] = ()
    not_films: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    group: bool = False
    member_ids: tuple[int, ...] = ()
    tones: tuple[str, ...] = ()
    not_tones: tuple[str, ...] = ()
    novelty: Novelty | None = None
    is_highly_rated: bool = False
    words: tuple[str, ...] = ()
    not_words: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is asked for."""
        return self == Request()

    def allows(self, film: "FilmDocument") -> bool:
        """Return whether the film meets every constraint that the catalogue can tell, services apart."""
        return not any(True for _ in self.unmet_fields(film))

    def unmet_fields(self, film: "FilmDocument") -> Iterator[str]:
        """Yield the fields whose constraint the film does not meet; what is unknown of it does not."""
        if not set(self.genres) <= set(film.genres):
            yield "genres"
        if self.any_genres and not set(self.any_genres) & set(film.genres):
            yield "any_genres"
        if set(self.not_genres) & set(film.genres):
            yield "not_genres"
        if self.countries and not set(self.countries) & set(film.countries):
            yield "countries"
        if set(self.not_countries) & set(film.countries):
            yield "not_countries"
        if self.languages and not set(self.languages) & set(film.languages):
            yield "languages"
        if self.not_languages and (not film.languages or film.languages[0] in self.not_languages):
            yield "not_languages"
        if not is_within(film.year, self.year_from, self.year_to):
            yield "years"
        if not is_within(film.runtime, *self.inclusive_runtimes):
            yield "runtime"
        people = film.people_set.intersection(self.people)
        if len(people) < (min(len(self.people), 1) if self.is_any_person else len(self.people)):
            yield "people"
        if set(self.not_people) & film.people_set:
            yield "not_people"
        if film.id in self.not_films or film.id in self.like:
            yield "not_films"

    @property
    def inclusive_runtimes(self) -> tuple[int | None, int | None]:
        """The least and the greatest runtime that meet the request."""
        margin = int(self.is_runtime_open)
        return (
            None if self.runtime_min is None else self.runtime_min + margin,
            None if self.runtime_max is None else self.runtime_max - margin,
        )

    def with_values(self, values: Mapping[str, Any]) -> "Request":
        """Return the request with these fields changed, by name."""
        return replace(self, **values)

    def without(self, part: "Part") -> "Request":
        """Return the request with one of its parts taken out."""
        value = getattr(self, part.field)
        changes: dict[str, Any]
        if isinstance(value, tuple):
            changes = {part.field: tuple(each for each in value if str(each) not in part.values)}
            return replace(self, **changes)
        changes = {part.field: _DEFAULTS[part.field]}
        if part.field in ("year_from", "year_to"):
            changes = {"year_from": None, "year_to": None}
        elif part.field in ("runtime_min", "runtime_max"):
            changes = {"runtime_min": None, "runtime_max": None, "is_runtime_open": False}
        elif part.field == "group":
            changes = {"group": False, "member_ids": ()}
        return replace(self, **changes)

    def parts(self) -> list["Part"]:
        """Return what was understood, part by part, in the order in which it is shown."""
        parts: list[Part] = []
        for name in _PART_FIELDS:
            value = getattr(self, name)
            if isinstance(value, tuple):
                together = name in ("any_genres", "countries", "languages", "services", "words")
                groups = [value] if together else [(each,) for each in value]
                parts += [Part(name, tuple(map(str, group))) for group in groups if group]
            elif value not in (None, False):
                is_second_bound = (name == "year_to" and self.year_from is not None) or (
                    name == "runtime_max" and self.runtime_min is not None
                )
                if not is_second_bound:
                    parts.append(Part(name, (str(value),)))
        return parts


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a request that can be taken out: the field, and which of its values."""

    field: str
    values: tuple[str, ...]


_DEFAULTS = {each.name: each.default for each in fields(Request)}
_PART_FIELDS = (
    "countries", "not_countries", "languages", "not_languages", "genres", "any_genres", "not_genres", "year_from",
    "year_to", "runtime_min", "runtime_max", "people", "not_people", "like", "services", "group", "tones",
    "not_tones",     "novelty", "is_highly_rated", "words", "not_words",
)  # fmt: skip
CONSTRAINT_FIELDS = (
    "genres", "any_genres", "not_genres", "countries", "not_countries", "languages", "not_languages", "year_from",
    "year_to", "runtime_min", "runtime_max", "people", "not_people", "services",
)  # fmt: skip
"""Fields that a film has to meet; the others rank."""


def is_within(value: int | None, least: int | None, greatest: int | None) -> bool:
    """Return whether the value is known and within the bounds, or there are none."""
    if least is None and greatest is None:
        return True
    return value is not None and (least is None or value >= least) and (greatest is None or value <= greatest)


@dataclass(frozen=True, slots=True)
class FilmDocument:
    """What is searched of one film.

    `directors`, `writers` and `cast` are names; `roles` those that the cast plays.

    `services` are the streaming services that the catalogue knows to have it for good.
    """

    id: str
    title: str
    year: int | None = None
    runtime: int | None = None
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    logline: str = ""
    keywords: tuple[str, ...] = ()
    directors: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    fame: float = 0.0
    other_titles: tuple[str, ...] = ()
    people_set: frozenset[str] = field(default=frozenset(), compare=False)

    def __post_init__(self) -> None:
        if not self.people_set:
            object.__setattr__(self, "people_set", frozenset((*self.directors, *self.writers, *self.cast)))


class ReasonKind(StrEnum):
    """Why a film is shown; each is true of the film, `values` say of what in it."""

    ABOUT = "about"
    PERSON = "person"
    LIKE_PERSON = "like person"
    LIKE_ABOUT = "like about"
    LIKE_GENRES = "like genres"
    FITS = "fits"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a film; `film` is the one that it is compared with."""

    kind: ReasonKind
    values: tuple[str, ...] = ()
    film: FilmDocument | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A film that answers a request; `stars` (0.5 to 5) are those predicted, if they can be."""

    film: FilmDocument
    score: float
    reason: Reason
    stars: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A yes/no question that splits films: `field` of a FilmDocument has `value`, or for years is before it."""

    field: str
    value: str


class Action(StrEnum):
    """What a member wants done, beyond being shown films."""

    NONE = ""
    WHY = "why"
    WATCH = "watch"
    ADD_TO_WATCHLIST = "add to watchlist"
    CARD = "card"
    MORE = "more"
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class Understood:
    """How a text was read: what it is, what it asks for, and the words that could not be made sense of."""

    kind: TextKind
    request: Request = field(default_factory=Request)
    not_understood: tuple[str, ...] = ()
    action: Action = Action.NONE
    chosen: int | None = None
    """Which of the films shown last is meant, counted from 0, for an action."""
    is_follow_up: bool = False
    is_foreign: bool = False
    """Whether the text is in another language than English, so that only names and genres could be read."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is remembered of a conversation: the request so far, its kind, what was shown last and ever."""

    request: Request = field(default_factory=Request)
    kind: TextKind = TextKind.REQUEST
    shown: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    answers: tuple[tuple[str, str, bool], ...] = ()
    """Questions answered: field, value, and whether it was yes."""
    focus: int = 0
    """Which of the films shown is `it`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: films, best first, and what can be said about them.

    `dropped` is the part without which `dropped_count` films fit, where none fits everything.
    """

    understood: Understood
    films: tuple[Suggestion, ...] = ()
    dropped: Part | None = None
    dropped_count: int = 0
    question: Question | None = None
    fit_count: int = 0
