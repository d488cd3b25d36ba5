"""TMDB as an online source of films' details and offers."""

import asyncio
import logging

from bot.films.metadata import (
    Candidate,
    Collection,
    FetchedFilm,
    PersonDetails,
    PopularPage,
    SourceError,
    SourceRefusedError,
    SourceUnavailableError,
    StreamingOffers,
    StreamingService,
)
from bot.sources.tmdb import endpoints, parse
from bot.sources.tmdb.client import BASE_URL, TmdbClient
from bot.sources.tmdb.parse import (
    parse_collection,
    parse_details,
    parse_film,
    parse_missing_parts,
    parse_person,
    parse_popular_page,
    parse_search_results,
    parse_streaming,
    parse_streaming_services,
)

log = logging.getLogger(__name__)
KEY_CHECK_TIMEOUT = 4.0
"""Seconds that a start waits to learn whether TMDB accepts the key."""


class TmdbSource:
    """Asks TMDB and returns models. Every method raises SourceError where TMDB can't answer."""

    name = parse.SOURCE_NAME

    def __init__(self, client: TmdbClient, *, is_key_checked: bool = True) -> None:
        self.client = client
        self.is_key_checked = is_key_checked
        """Whether TMDB accepted the key when the source was opened; False where it couldn't be asked then."""

    async def fetch_film(self, source_id: str) -> FetchedFilm:
        """Return what TMDB's answer has about the film of that id: each appended part may be missing."""
        body = await self.client.get(*endpoints.movie_details(source_id))
        film, details = parse_film(body), parse_details(body)
        if film is None or details is None:
            raise SourceUnavailableError("an answer without a film in it")
        return FetchedFilm(
            film, details, parse_streaming(body.get("watch/providers") or {}), parse_missing_parts(body)
        )

    async def fetch_streaming(self, source_id: str) -> StreamingOffers:
        """Return the film's offers alone."""
        body = await self.client.get(*endpoints.movie_watch_providers(source_id))
        if not isinstance(body.get("results"), dict):
            raise SourceUnavailableError("an answer without offers in it")
        return parse_streaming(body)

    async def find_by_id(self, source: str, value: str) -> str | None:
        """Return TMDB's id of the film with that IMDb or Wikidata id, or None."""
        body = await self.client.get(*endpoints.find_by_id(source, value))
        results = parse_search_results(body, "movie_results")
        return results[0].source_id if results else None

    async def search_films(self, title: str, year: int | None = None) -> list[Candidate]:
        """Return the films that the title may mean, in TMDB's order."""
        return parse_search_results(await self.client.get(*endpoints.search_movies(title, year)))

    async def list_popular(self, page: int) -> PopularPage:
        """Return that page, from 1, of TMDB's films, those with most votes first."""
        result = parse_popular_page(await self.client.get(*endpoints.discover_movies(page)))
        if not result.page_count:
            raise SourceUnavailableError("an answer without pages of films in it")
        return result

    async def fetch_collection(self, collection_id: str) -> Collection:
        """Return the collection with its films."""
        collection = parse_collection(await self.client.get(*endpoints.collection(collection_id)))
        if collection is None:
            raise SourceUnavailableError("an answer without a collection in it")
        return collection

    async def fetch_person(self, source_id: str) -> PersonDetails:
        """Return the person's photo and years, as far as TMDB has them."""
        return parse_person(await self.client.get(*endpoints.person_details(source_id)))

    async def fetch_streaming_services(self) -> list[StreamingService]:
        """Return all streaming services."""
        return parse_streaming_services(await self.client.get(*endpoints.watch_providers()))

    async def close(self) -> None:
        """Close the connections."""
        await self.client.close()


async def open_tmdb(token: str | None, base_url: str = BASE_URL) -> TmdbSource | None:
    """Return the source, or None without a key that TMDB accepts; the reason is logged in one sentence.

    Where TMDB can't be reached at the moment the source is returned all the same.
    """
    if token is None:
        return None
    if not (token.isascii() and token.isprintable() and " " not in token):
        log.error("TMDB_TOKEN is not a key: copy it again from TMDB's settings. Starting without TMDB.")
        return None
    client, is_key_checked = TmdbClient(token, base_url), True
    try:
        async with asyncio.timeout(KEY_CHECK_TIMEOUT):
            await client.get(*endpoints.authentication())
    except SourceRefusedError:
        await client.close()
        log.error("TMDB does not take TMDB_TOKEN: copy the key again from TMDB's settings. Starting without TMDB.")
        return None
    except (SourceError, TimeoutError) as error:
        is_key_checked = False
        log.warning("TMDB can't be asked about TMDB_TOKEN just now: %s", error or "no answer in time")
    return TmdbSource(client, is_key_checked=is_key_checked)
