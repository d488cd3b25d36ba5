"""The interface of title look-up: what goes in, what comes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from bot.core.text.titles import with_year


@dataclass(frozen=True, slots=True)
class TitleEntry:
    """What look-up knows of a film. `also` are its further titles; `fame` is 0 to 100."""

    film_id: str
    title: str
    original_title: str
    year: int | None = None
    directors: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    fame: float = 0.0


class MatchKind(StrEnum):
    """By what a film was matched; the value is how a member is told."""

    EXACT = "the same title"
    FORGIVEN = "letters forgiven"
    PART = "a part of the title"
    INITIALS = "its initials"


class Match(NamedTuple):
    """A film found: `matched` is the title that the query came closest to, `score` is 0 to 100."""

    film_id: str
    title: str
    original_title: str
    year: int | None
    directors: tuple[str, ...]
    score: float
    matched: str
    kind: MatchKind

    @property
    def dated_title(self) -> str:
        """The title with its year."""
        return with_year(self.title, self.year)


class TitleIndex(Protocol):
    """Finds films by what somebody typed. Pure computation: no network, no database, never raises."""

    def search(self, text: str, limit: int = 25, year: int | None = None) -> list[Match]:
        """Give at most `limit` films, best first, none twice; `year` prefers films of that year."""
        ...

    def nearest(self, text: str, limit: int = 3) -> list[Match]:
        """Give the films whose titles are least unlike `text`, however unlike that is."""
        ...

    def popular(self, limit: int = 25, first: Sequence[str] = ()) -> list[Match]:
        """Give the films most asked for, for an empty query, those with the ids `first` before them."""
        ...

    def put(self, entry: TitleEntry) -> None:
        """Add the film, or replace what was known of it; found by the next search."""
        ...

    def discard(self, film_id: str) -> None:
        """Forget the film, if it is known."""
        ...

    def get(self, film_id: str) -> TitleEntry | None:
        """Give what is known of the film of that id."""
        ...

    def __len__(self) -> int:
        """Count the films."""
        ...
