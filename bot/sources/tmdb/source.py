"""TMDB as a source of details."""

import asyncio
import logging

from bot.films.metadata import Candidate, Collection, Fetched
from bot.films.metadata_source import SourceError, SourceRefusedError, SourceUnavailableError
from bot.films.offers import Streaming, StreamingService
from bot.sources.tmdb import parse, requests
from bot.sources.tmdb.client import API, TmdbClient

log = logging.getLogger(__name__)
START_LIMIT = 4.0
"""Seconds that a start waits to hear whether the key is good."""


class TmdbSource:
    """Asks TMDB and gives domain objects. Every method raises SourceError where TMDB can't answer."""

    name = parse.NAME

    def __init__(self, client: TmdbClient, *, reached: bool = True) -> None:
        self._client = client
        self.reached = reached
        """Whether TMDB took the key when the source was opened; where not, it couldn't be asked."""

    async def fetch(self, source_id: str) -> Fetched:
        """Give everything about the film of that id."""
        body = await self._client.get(*requests.details(source_id))
        film, details = parse.film(body), parse.details(body)
        if film is None or details is None:
            raise SourceUnavailableError("an answer without a film in it")
        for part in requests.DETAILS:
            # A part that is missing says nothing; taken for empty it would erase what is known.
            if not isinstance(body.get(part), dict):
                raise SourceUnavailableError(f"an answer without its {part}")
        return Fetched(film, details, parse.streaming(body["watch/providers"]))

    async def streaming(self, source_id: str) -> Streaming:
        """Give the film's offers alone."""
        body = await self._client.get(*requests.providers(source_id))
        if not isinstance(body.get("results"), dict):
            raise SourceUnavailableError("an answer without offers in it")
        return parse.streaming(body)

    async def find(self, imdb_id: str) -> str | None:
        """Give TMDB's id of the film with that IMDb id, or None."""
        found = parse.candidates(await self._client.get(*requests.find(imdb_id)), "movie_results")
        return found[0].source_id if found else None

    async def search(self, text: str, year: int | None = None) -> list[Candidate]:
        """Give the films that `text` may mean, in TMDB's order."""
        return parse.candidates(await self._client.get(*requests.search(text, year)))

    async def collection(self, collection_id: str) -> Collection:
        """Give the collection with its films."""
        found = parse.collection(await self._client.get(*requests.collection(collection_id)))
        if found is None:
            raise SourceUnavailableError("an answer without a collection in it")
        return found

    async def services(self) -> list[StreamingService]:
        """Give all streaming services."""
        return parse.services(await self._client.get(*requests.services()))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


async def open_source(token: str | None, base: str = API) -> TmdbSource | None:
    """Give the source, or None without a key that TMDB takes; why is logged in one sentence.

    Where TMDB can't be reached just now the source is given all the same.
    """
    if token is None:
        return None
    if not (token.isascii() and token.isprintable() and " " not in token):
        log.error("TMDB_TOKEN is not a key: copy it anew from TMDB's settings; going on without TMDB.")
        return None
    client, reached = TmdbClient(token, base), True
    try:
        async with asyncio.timeout(START_LIMIT):
            await client.get(*requests.check())
    except SourceRefusedError:
        await client.close()
        log.error("TMDB does not take TMDB_TOKEN: copy the key anew from TMDB's settings; going on without TMDB.")
        return None
    except (SourceError, TimeoutError) as error:
        reached = False
        log.warning("TMDB can't be asked about TMDB_TOKEN just now: %s", error or "no answer in time")
    return TmdbSource(client, reached=reached)
