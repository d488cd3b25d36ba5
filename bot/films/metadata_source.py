"""The interface of an online source, its errors, and how long what it says is kept."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bot.films.metadata import Candidate, Collection, Fetched
from bot.films.offers import Streaming, StreamingService


class SourceError(Exception):
    """An online source could not answer; the message is for the log and holds nothing that a member typed."""


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


class DetailsSource(Protocol):
    """An online source. Every method raises SourceError where it can't answer."""

    name: str
    """Its name in `Film.ids` and `Film.source`."""

    async def fetch_film(self, source_id: str) -> Fetched:
        """Return everything about the film of that id there."""
        ...

    async def fetch_streaming(self, source_id: str) -> Streaming:
        """Return the film's offers alone."""
        ...

    async def find_by_imdb_id(self, imdb_id: str) -> str | None:
        """Return the source's id of the film with that IMDb id, or None."""
        ...

    async def search_films(self, title: str, year: int | None = None) -> list[Candidate]:
        """Return the films that the title may mean, likeliest first."""
        ...

    async def fetch_collection(self, collection_id: str) -> Collection:
        """Return a collection with its films."""
        ...

    async def fetch_streaming_services(self) -> list[StreamingService]:
        """Return all streaming services."""
        ...
