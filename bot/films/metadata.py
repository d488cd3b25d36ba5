"""What a source online tells of a film beyond the catalogue. It stays apart from the catalogue's own facts."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.films.models import Film
from bot.films.offers import Streaming

STILLS = 10


@dataclass(frozen=True, slots=True)
class LocalText:
    """A film's texts in one language; an empty one is not known."""

    title: str = ""
    overview: str = ""
    tagline: str = ""


@dataclass(frozen=True, slots=True)
class CollectionPart:
    """One film of a collection, by its id at the source."""

    source_id: str
    title: str
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """Films that belong together, in the order of their release."""

    source_id: str
    name: str
    parts: tuple[CollectionPart, ...] = ()

    def place(self, source_id: str) -> int | None:
        """Give the place, from 1, of the film with that id at the source."""
        return next((at for at, part in enumerate(self.parts, 1) if part.source_id == source_id), None)


@dataclass(frozen=True, slots=True)
class Details:
    """What `source` tells of a film, which it knows as `source_id`.

    `texts` are by language (ISO 639-1, or with a country as in `pt-BR`), `certifications` by country; pictures
    and the trailer are addresses. `collection` names it only, without its films.
    """

    source: str
    source_id: str
    texts: dict[str, LocalText] = field(default_factory=dict)
    poster: str | None = None
    stills: tuple[str, ...] = ()
    trailer: str | None = None
    certifications: dict[str, str] = field(default_factory=dict)
    collection: Collection | None = None

    def text(self, language: str) -> LocalText:
        """Give the texts in that language (`pt-BR`, `de`), each empty where the source has none."""
        exact, base = self.texts.get(language, LocalText()), self.texts.get(language.split("-")[0], LocalText())
        return LocalText(exact.title or base.title, exact.overview or base.overview, exact.tagline or base.tagline)


@dataclass(frozen=True, slots=True)
class Fetched:
    """One answer of a source: the film as the source has it (without an id of ours), its details, its offers."""

    film: Film
    details: Details
    streaming: Streaming


@dataclass(frozen=True, slots=True)
class Candidate:
    """A film that a search at a source came to."""

    source_id: str
    title: str
    original_title: str
    year: int | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of a film: when it was fetched, and what it was.

    `details` is None where the source was asked and does not know the film; `offers_fetched_at` tells the age of
    the offers, `fetched_at` that of everything else.
    """

    details: Details | None
    fetched_at: datetime
    streaming: Streaming | None = None
    offers_fetched_at: datetime | None = None
    collection: Collection | None = None
