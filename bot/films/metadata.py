"""What a metadata source knows of a film beyond the catalogue. It stays apart from the catalogue's own facts."""

import re
from collections.abc import Container
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from bot.core.text.folding import fold, transliterate
from bot.core.text.i18n import list_locale_keys
from bot.films.models import Film

_WITH_ADS = re.compile(r"\b(?:standard |basic )?(?:with ads|ad supported)$")
STILLS_LIMIT = 10


class OfferKind(StrEnum):
    """What watching takes; the values are shown to members, in the order of a card."""

    SUBSCRIPTION = "Subscription"
    FREE = "Free"
    ADS = "With ads"
    RENT = "Rent"
    BUY = "Buy"


INCLUDED = frozenset({OfferKind.SUBSCRIPTION, OfferKind.FREE, OfferKind.ADS})
"""Offers that cost nothing beyond the subscription."""


def service_key(name: str) -> str:
    """Return a service's name in the form that is compared: `Netflix Standard with Ads` is `netflix`."""
    folded = transliterate(fold(name.replace("+", " plus ")))
    return _WITH_ADS.sub("", folded).strip() or folded


@dataclass(frozen=True, slots=True)
class CountryOffers:
    """The offers in one country: services by kind of offer, in the source's order."""

    services: dict[OfferKind, tuple[str, ...]] = field(default_factory=dict)
    link: str = ""

    def get_included(self) -> dict[str, str]:
        """Return the names, by key, of the services that show the film without a further payment."""
        included: dict[str, str] = {}
        for offer in OfferKind:
            for name in self.services.get(offer, ()) if offer in INCLUDED else ():
                included.setdefault(service_key(name), name)
        return included

    def list_included(self, keys: Container[str]) -> tuple[str, ...]:
        """Return the names of those services with these keys that show the film without a further payment."""
        return tuple(name for key, name in self.get_included().items() if key in keys)


@dataclass(frozen=True, slots=True)
class StreamingOffers:
    """Offers by country (ISO 3166-1 alpha-2); a country without any is absent."""

    countries: dict[str, CountryOffers] = field(default_factory=dict)

    def get_country(self, country: str) -> CountryOffers:
        """Return the offers in that country."""
        return self.countries.get(country, CountryOffers())


@dataclass(frozen=True, slots=True)
class StreamingService:
    """A service, with its position in each country's order (lower comes first) and its id at the source."""

    name: str
    display_priorities: dict[str, int] = field(default_factory=dict)
    source_id: int | None = None


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """A film's texts in one language; an empty one is not known."""

    title: str = ""
    overview: str = ""
    tagline: str = ""

    def fill(self, other: "LocalizedText") -> "LocalizedText":
        """Return these texts, with the other's in place of those that are not known."""
        return LocalizedText(
            self.title or other.title, self.overview or other.overview, self.tagline or other.tagline
        )


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

    def get_position(self, source_id: str) -> int | None:
        """Return the position, from 1, of the film with that id at the source, or None if it is not in it."""
        return next((number for number, part in enumerate(self.parts, 1) if part.source_id == source_id), None)


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """What a source knows of a person; `photo` is a URL."""

    photo: str | None = None
    born: date | None = None
    died: date | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """What `source` knows of a film, under the id `source_id` there.

    `texts` are by language (ISO 639-1, or with a country as in `pt-BR`), `certifications` by country; `poster`,
    `stills` and `trailer` are URLs. `collection` has its name only, without its films.
    """

    source: str
    source_id: str
    texts: dict[str, LocalizedText] = field(default_factory=dict)
    poster: str | None = None
    stills: tuple[str, ...] = ()
    trailer: str | None = None
    certifications: dict[str, str] = field(default_factory=dict)
    collection: Collection | None = None

    def get_text(self, language: str) -> LocalizedText:
        """Return the texts in that language (`pt-BR`, `de`), each empty if the source has none.

        A region reads its own texts, then those of its neighbours, then any in the language.
        """
        found = LocalizedText()
        for key in list_locale_keys(language):
            found = found.fill(self.texts.get(key, LocalizedText()))
        return found


class Part(StrEnum):
    """A part of what a source says of a film, which may be missing from an answer that has others."""

    CREDITS = "credits"
    TITLES = "titles"
    IDS = "ids"
    TEXTS = "texts"
    POSTER = "poster"
    STILLS = "stills"
    TRAILER = "trailer"
    CERTIFICATIONS = "certifications"
    COLLECTION = "collection"
    OFFERS = "offers"


_DETAILS_FIELDS = (Part.POSTER, Part.STILLS, Part.TRAILER, Part.CERTIFICATIONS, Part.COLLECTION)
"""Parts that are each the field of `Details` with their name."""


@dataclass(frozen=True, slots=True)
class FetchedFilm:
    """One answer of a source: the film as the source has it (without an id of ours), its details, its offers.

    The answer says nothing of the `missing` parts: they are empty here, and what was known of them stays true.
    """

    film: Film
    details: Details
    streaming: StreamingOffers
    missing: frozenset[Part] = frozenset()

    def fill_film(self, known: Film) -> Film:
        """Return the film with the missing parts of the one known before."""
        return replace(
            self.film,
            credits=known.credits if Part.CREDITS in self.missing else self.film.credits,
            other_titles=known.other_titles if Part.TITLES in self.missing else self.film.other_titles,
            ids=known.ids | self.film.ids if Part.IDS in self.missing else self.film.ids,
        )

    def fill_details(self, known: Details | None) -> Details:
        """Return the details with the missing parts of those known before."""
        if known is None:
            return self.details
        kept: dict[str, Any] = {
            part.value: getattr(known, part.value) for part in _DETAILS_FIELDS if part in self.missing
        }
        if Part.TEXTS in self.missing:
            kept["texts"] = known.texts | {
                language: text.fill(known.texts.get(language, LocalizedText()))
                for language, text in self.details.texts.items()
            }
        return replace(self.details, **kept)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A film that a search at a source returned.

    `fame` is on the scale of `Film.fame`, `language` (ISO 639-1) the one it was made in.
    """

    source_id: str
    title: str
    original_title: str
    year: int | None
    fame: float = 0.0
    language: str | None = None


@dataclass(frozen=True, slots=True)
class PopularPage:
    """One page of a source's films, those with most votes first; there are `page_count` of them."""

    candidates: tuple[Candidate, ...]
    page_count: int


@dataclass(frozen=True, slots=True)
class CachedMetadata:
    """What is cached of a film, and when it was fetched.

    `details` is None if the source was asked and does not know the film. `offers_fetched_at` is the time of
    `streaming`, `fetched_at` that of everything else.
    """

    details: Details | None
    fetched_at: datetime
    streaming: StreamingOffers | None = None
    offers_fetched_at: datetime | None = None
    collection: Collection | None = None


@dataclass(frozen=True, slots=True)
class CachedCollection:
    """A collection with its films, and when it was fetched."""

    collection: Collection
    fetched_at: datetime


class SourceError(Exception):
    """A source could not answer; the message is for the log and contains nothing that a member typed."""


class SourceUnavailableError(SourceError):
    """The source is down, too slow or limiting requests, or its answer can't be read."""


class SourceRefusedError(SourceError):
    """The source rejects the key."""


class SourceGoneError(SourceError):
    """The source does not have, or no longer has, what was requested."""


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """How long what a source said may be kept, and how old it may be before the source is asked again.

    Details older than `details_max_age` and offers older than `streaming_max_age` are stale. A film that came from
    the source alone is fetched again from `renew_after` on; whatever is older than `delete_after` is deleted.
    """

    details_max_age: timedelta
    streaming_max_age: timedelta
    renew_after: timedelta
    delete_after: timedelta


class MetadataSource(Protocol):
    """A metadata source. Every method raises SourceError if it can't answer."""

    name: str
    """Its name in `Film.ids` and `Film.source`."""

    async def fetch_film(self, source_id: str) -> FetchedFilm:
        """Return everything about the film of that id there."""
        ...

    async def fetch_streaming(self, source_id: str) -> StreamingOffers:
        """Return the film's offers alone."""
        ...

    async def find_by_id(self, source: str, value: str) -> str | None:
        """Return this source's id of the film with that id at another source ("imdb", "wikidata"), or None."""
        ...

    async def search_films(self, title: str, year: int | None = None) -> list[Candidate]:
        """Return the films that the title may mean, likeliest first."""
        ...

    async def list_popular(self, page: int) -> PopularPage:
        """Return that page, from 1, of the source's films, those with most votes first."""
        ...

    async def fetch_collection(self, collection_id: str) -> Collection:
        """Return a collection with its films."""
        ...

    async def fetch_person(self, source_id: str) -> PersonDetails:
        """Return what the source knows of the person of that id."""
        ...

    async def fetch_streaming_services(self) -> list[StreamingService]:
        """Return all streaming services."""
        ...
