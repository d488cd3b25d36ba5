"""Members' imports as they are stored, the rule by which they count, and what can go wrong with one."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.errors import MarqueeError
from bot.imports.history import Kind, NamedFilm, Problem, Service
from bot.imports.plan import Choices

UNDO_PERIOD = timedelta(days=30)
PREVIEW_LIFETIME = timedelta(days=1)
"""How long a file that was read and not taken is kept."""
IMPORTS_PER_DAY = 10
"""Files that a member may have read within a day."""


class ImportState(StrEnum):
    """How far an import is."""

    READING = "reading"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class FilmState(StrEnum):
    """What is to become of one film of an import."""

    SURE = "sure"
    DOUBTFUL = "doubtful"
    UNKNOWN = "unknown"
    APPLIED = "applied"
    SKIPPED = "skipped"


class ImportCounting(StrEnum):
    """Which imported ratings count in a server's charts and for its recommendations.

    RATED_HERE: those of films that a member has rated in the server itself.
    """

    AT_ONCE = "at_once"
    RATED_HERE = "rated_here"
    NEVER = "never"


DEFAULT_COUNTING = ImportCounting.RATED_HERE


class ImportGoneError(MarqueeError):
    """An import that is not there for this member, or no longer in the state that the button needs."""


class ImportRunningError(MarqueeError):
    """A member who has an import under way already."""


class TooManyImportsError(MarqueeError):
    """A member who imported as many files within a day as one may."""


class PrivateReviewGoneError(MarqueeError):
    """An imported review that is not there for this member, or that they have published."""


class NothingToRepairError(MarqueeError):
    """No film of the import needs a decision."""


@dataclass(frozen=True, slots=True)
class Import:
    """One file of a member's in a server. `result` counts what was stored of each kind."""

    id: int
    server_id: int
    member_id: int
    service: Service
    state: ImportState
    choices: Choices
    film_count: int
    created_at: datetime
    updated_at: datetime
    result: Mapping[str, int] = field(default_factory=dict)

    def can_be_undone(self, now: datetime) -> bool:
        """Return whether the member may undo it."""
        return self.state is ImportState.DONE and now < self.updated_at + UNDO_PERIOD


@dataclass(frozen=True, slots=True)
class StagedFilm:
    """One film of an import: `number` is its place in the file, `candidates` are those it may be.

    `is_searched` says whether similar titles were looked for, where that very title is unknown.
    """

    number: int
    state: FilmState
    film: NamedFilm
    film_id: str | None = None
    candidates: tuple[str, ...] = ()
    is_searched: bool = True


@dataclass(frozen=True, slots=True)
class Preview:
    """What taking a file would do. `doubtful` and `unknown` are the first of the films in that state.

    `is_guessing` says that films like others of the unknown ones are being looked for.
    """

    import_: Import
    film_counts: Counter[FilmState]
    doubtful: tuple[StagedFilm, ...]
    unknown: tuple[StagedFilm, ...]
    is_guessing: bool = False

    def count_new(self, kind: Kind) -> int:
        """Return how many entries of that kind are new here."""
        return self.import_.result.get(f"new.{kind}", 0)

    def count_known(self, kind: Kind) -> int:
        """Return how many entries of that kind are here already."""
        return self.import_.result.get(f"known.{kind}", 0)

    @property
    def differing_count(self) -> int:
        """How many films are rated otherwise here."""
        return self.import_.result.get("differing", 0)

    @property
    def listed_count(self) -> int:
        """How many films are on lists that may mean several things."""
        return self.import_.result.get("listed", 0)

    def count_problems(self, problem: Problem) -> int:
        """Return how many rows, or parts of them, have that problem."""
        return self.import_.result.get(f"problem.{problem}", 0)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: films done, of how many."""

    state: ImportState
    done: int
    total: int
