"""What a source online is asked, and what can go wrong. None of it reaches a member as an error."""

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
