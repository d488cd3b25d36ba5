"""What a source online is asked, and what can go wrong. None of it reaches a member as an error."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bot.films.metadata import Candidate, Collection, Fetched
from bot.films.offers import Streaming, StreamingService


class SourceError(Exception):
    """A source online could not answer; the message is for the log and holds nothing that was typed."""


class SourceUnavailableError(SourceError):
    """The source is down, too slow, limits us, or its answer can't be read."""


class SourceRefusedError(SourceError):
    """The source does not take our key."""


class SourceGoneError(SourceError):
    """The source no longer has, or never had, what was asked for."""


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
    """A source online. Every method raises SourceError where it can't answer."""

    name: str
    """Its name in `Film.ids` and `Film.source`."""

    async def fetch(self, source_id: str) -> Fetched:
        """Give everything about the film of that id there."""
        ...

    async def streaming(self, source_id: str) -> Streaming:
        """Give its offers alone."""
        ...

    async def find(self, imdb_id: str) -> str | None:
        """Give the id there of the film with that IMDb id, or None."""
        ...

    async def search(self, text: str, year: int | None = None) -> list[Candidate]:
        """Give the films that `text` may mean, likeliest first."""
        ...

    async def collection(self, collection_id: str) -> Collection:
        """Give a collection with its films."""
        ...

    async def services(self) -> list[StreamingService]:
        """Give all streaming services."""
        ...
