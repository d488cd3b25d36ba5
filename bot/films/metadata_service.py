"""Films as a metadata source knows them: cached with an age, shown at once, refreshed in the background."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.tasks import BackgroundTasks, SingleFlight
from bot.films.deduplication import is_same_film, match_people
from bot.films.metadata import (
    CachedMetadata,
    CachePolicy,
    Candidate,
    FetchedFilm,
    MetadataSource,
    Part,
    SourceError,
    SourceGoneError,
)
from bot.films.metadata_repository import MetadataRepository
from bot.films.models import Film
from bot.films.repository import PersonRepository
from bot.films.service import FilmService

log = logging.getLogger(__name__)
RENEWALS_PER_NIGHT = 500
"""Films that came from the source and are fetched again in one night, before they would have to be deleted."""
CANDIDATES_COMPARED = 3
"""Films of a search at the source that are fetched to be compared with one of ours."""


class MetadataService:
    """Answers from the cache, and asks the source if something is missing or stale.

    Without a source (None) nothing is known and nobody waits. No method raises because the source can't answer.
    A film that only the source knows is ingested: it joins the catalogue, with the source as its `Film.source`.
    """

    def __init__(
        self,
        source: MetadataSource | None,
        repository: MetadataRepository,
        films: FilmService,
        people: PersonRepository,
        cache_policy: CachePolicy,
        now: Callable[[], datetime],
    ) -> None:
        self.source = source
        self.now = now
        self._repository = repository
        self._films = films
        self._people = people
        self._cache_policy = cache_policy
        self._fetching: SingleFlight[str, CachedMetadata | None] = SingleFlight()
        self._background = BackgroundTasks()

    @property
    def is_enabled(self) -> bool:
        """Whether there is a source to ask."""
        return self.source is not None

    def get_stale_fetch_time(self, metadata: CachedMetadata) -> datetime | None:
        """Return when the offers were fetched if they are stale by now, else None."""
        return metadata.offers_fetched_at if self._are_offers_stale(metadata) else None

    def is_title_only(self, film: Film, metadata: CachedMetadata | None) -> bool:
        """Return whether nothing but its title is known of the film, so that a card waits for the source."""
        return self.source is not None and metadata is None and film.source == self.source.name

    async def reload(self, film: Film) -> Film:
        """Return the film as it is stored now; refreshing its metadata updates one that came from the source."""
        return await self._films.repository.get(film.id) or film

    async def get_cached(self, film: Film) -> CachedMetadata | None:
        """Return what is cached of the film, at once; stale metadata is refreshed in the background."""
        if self.source is None:
            return None
        metadata = await self._repository.get(film.id)
        if metadata is not None and self._is_stale(metadata):
            self._refresh_in_background(film)
        return metadata

    async def refresh(self, film: Film, max_age: timedelta | None = None) -> CachedMetadata | None:
        """Return what the source knows of the film, fetched again if the cache is missing or stale.

        Offers older than `max_age` count as stale; None stands for the cache policy's age. If the source can't
        answer, the cached metadata is returned however old it is.
        """
        source = self.source
        if source is None:
            return None
        return await self._fetching.run(film.id, lambda: self._refresh(source, film, max_age))

    async def refresh_offers(self, film_ids: Sequence[str], limit: int, max_wait: float) -> bool:
        """Refresh in the background the first `limit` of the films whose offers are stale or missing.

        Waits at most `max_wait` seconds for them. Returns whether the offers of all the films are fresh now.
        """
        if self.source is None:
            return True
        now = self.now()
        fresh = await self._repository.list_fresh(
            film_ids,
            details_after=now - self._cache_policy.details_max_age,
            offers_after=now - self._cache_policy.streaming_max_age,
        )
        missing = [film_id for film_id in film_ids if film_id not in fresh]
        films = [await self._films.repository.get(film_id) for film_id in missing[:limit]]
        tasks = [self._refresh_in_background(film) for film in films if film is not None]
        pending = (await asyncio.wait(tasks, timeout=max_wait))[1] if tasks else ()
        return not pending and len(missing) <= limit

    def _refresh_in_background(self, film: Film) -> asyncio.Task[CachedMetadata | None]:
        task = self._background.start(self.refresh(film), name="refresh metadata")
        task.add_done_callback(_log_failure)
        return task

    def _is_stale(self, metadata: CachedMetadata, max_age: timedelta | None = None) -> bool:
        return self._are_details_stale(metadata.fetched_at) or (
            metadata.details is not None and self._are_offers_stale(metadata, max_age)
        )

    def _are_details_stale(self, fetched_at: datetime) -> bool:
        return self._get_age(fetched_at) > self._cache_policy.details_max_age

    def _are_offers_stale(self, metadata: CachedMetadata, max_age: timedelta | None = None) -> bool:
        max_age = self._cache_policy.streaming_max_age if max_age is None else max_age
        return metadata.offers_fetched_at is None or self._get_age(metadata.offers_fetched_at) >= max_age

    def _get_age(self, fetched_at: datetime) -> timedelta:
        """Return how far the time is from now; it lies ahead where the clock was set back."""
        return abs(self.now() - fetched_at)

    async def _refresh(
        self, source: MetadataSource, film: Film, max_age: timedelta | None
    ) -> CachedMetadata | None:
        cached = await self._repository.get(film.id)
        if cached is not None and not self._is_stale(cached, max_age):
            return await self._add_collection(source, film.id, cached)
        try:
            if (
                cached is not None
                and cached.details is not None
                and not self._are_details_stale(cached.fetched_at)
            ):
                streaming = await source.fetch_streaming(cached.details.source_id)
                metadata = replace(cached, streaming=streaming, offers_fetched_at=self.now())
            else:
                metadata = await self._fetch(source, film, cached)
        except SourceError as error:
            log.warning("%s: metadata stays as it is: %s", film.id, error)
            return cached
        await self._repository.save(film.id, metadata)
        return await self._add_collection(source, film.id, metadata)

    async def _fetch(self, source: MetadataSource, film: Film, cached: CachedMetadata | None) -> CachedMetadata:
        """Return everything about the film, fetched anew; the film itself is updated if it came from the source.

        A film that the source no longer has under its id, because it merged it with another, is searched again.
        """
        cached_id = cached.details.source_id if cached is not None and cached.details is not None else None
        source_id = cached_id or film.ids.get(source.name)
        fetched: FetchedFilm | None = None
        if source_id is not None:
            try:
                fetched = await source.fetch_film(source_id)
            except SourceGoneError:
                log.warning("%s: %s no longer has it as %s", film.id, source.name, source_id)
        if fetched is None:
            try:
                new_id = await _find_source_id(source, film)
                if new_id is not None and new_id != source_id:
                    fetched = await source.fetch_film(new_id)
            except SourceGoneError:
                pass  # neither under the id that the search returned
        is_ingested = film.source == source.name
        if fetched is None:
            if is_ingested:
                await self._strip(film)
            return CachedMetadata(None, self.now())
        if is_ingested:
            filled = fetched.fill_film(film)
            identified = await self._people.identify(source.name, filled.credits)
            await self._films.update(replace(filled, id=film.id, fame=film.fame, credits=identified))
        else:
            await self._link_people(source.name, film, fetched.film)
        return self._cache(fetched, cached)

    async def _link_people(self, source: str, film: Film, fetched: Film) -> None:
        """Remember the source's ids of the people who made a film of the catalogue's own."""
        ours = {(credit.person_id, credit.name) for credit in film.credits if credit.person_id}
        theirs = {(credit.source_id, credit.name) for credit in fetched.credits if credit.source_id is not None}
        if matches := match_people(ours, theirs):
            await self._people.link(source, matches)

    def _cache(self, fetched: FetchedFilm, cached: CachedMetadata | None = None) -> CachedMetadata:
        """Return the answer as it is cached, with the parts that it lacks as they were `cached` before."""
        now = self.now()
        details = fetched.fill_details(cached.details if cached is not None else None)
        if Part.OFFERS not in fetched.missing:
            return CachedMetadata(details, now, fetched.streaming, now)
        if cached is None:
            return CachedMetadata(details, now)
        return CachedMetadata(details, now, cached.streaming, cached.offers_fetched_at)

    async def _add_collection(
        self, source: MetadataSource, film_id: str, metadata: CachedMetadata
    ) -> CachedMetadata:
        """Return the metadata with its collection's films, which are fetched once for all of them while fresh."""
        named = metadata.details.collection if metadata.details is not None else None
        if named is None:
            return metadata
        cached = await self._repository.get_collection(named.source_id)
        if cached is not None and not self._are_details_stale(cached.fetched_at):
            return replace(metadata, collection=cached.collection)
        try:
            collection = await source.fetch_collection(named.source_id)
        except SourceError as error:
            log.warning("%s: its collection can't be fetched: %s", film_id, error)
            return replace(metadata, collection=cached.collection if cached else None)
        await self._repository.save_collection(collection, self.now())
        return replace(metadata, collection=collection)

    async def search(self, text: str, year: int | None) -> list[Candidate]:
        """Return the films that the source finds for `text`, else without the year, else with corrected spelling.

        Raises SourceError if the source can't answer.
        """
        if self.source is None:
            return []
        candidates = await self.source.search_films(text, year)
        if not candidates and year is not None:
            candidates = await self.source.search_films(text)
        corrected = self._films.index.correct_spelling(text)
        if not candidates and corrected != text:
            candidates = await self.source.search_films(corrected, year)
        return candidates

    async def find_by_ids(self, ids: Mapping[str, str]) -> str | None:
        """Return the source's id of the film that has one of these ids (by source), or None.

        Raises SourceError if the source can't answer.
        """
        if self.source is None:
            return None
        if (own_id := ids.get(self.source.name)) is not None:
            return own_id
        for other in ("imdb", "wikidata"):
            if (value := ids.get(other)) is not None:
                return await self.source.find_by_id(other, value)
        return None

    async def ingest(self, source_id: str) -> Film | None:
        """Return the catalogue's film of that id at the source; a film that is new is added to the catalogue.

        It is one of ours already if its id at the source, its IMDb id, or title, year and director are the same.
        None if the source can't answer. Raises SourceGoneError if it has no film of that id.
        """
        source = self.source
        if source is None:
            return None
        repository = self._films.repository
        if (film_id := await repository.find_by_ids({source.name: source_id})) is not None:
            return await repository.get(film_id)
        try:
            fetched = await source.fetch_film(source_id)
        except SourceGoneError:
            raise
        except SourceError as error:
            log.warning("%s %s can't be added: %s", source.name, source_id, error)
            return None
        film = await self._films.find_same(fetched.film)
        if film is None:
            identified = await self._people.identify(source.name, fetched.film.credits)
            film = await self._films.add(replace(fetched.film, credits=identified))
        else:
            await self._link_people(source.name, film, fetched.film)
            for source_name, value in fetched.film.ids.items():
                if source_name not in film.ids:
                    await repository.add_source_id(film.id, source_name, value)
        await self._repository.save(film.id, self._cache(fetched))
        return film

    async def delete_expired(self) -> int:
        """Delete what the cache policy no longer allows to keep; return the number of films that lose details.

        Before that, films that came from the source are fetched again. What can't be fetched is stripped.
        """
        now = self.now()
        for film in (await self._list_ingested_before(now - self._cache_policy.renew_after))[:RENEWALS_PER_NIGHT]:
            await self.refresh(film)
        expiry = now - self._cache_policy.delete_after
        for film in await self._list_ingested_before(expiry):
            await self._strip(film)
        return await self._repository.delete_before(expiry)

    async def _list_ingested_before(self, moment: datetime) -> list[Film]:
        film_ids = await self._repository.list_ingested_before(moment)
        films = [await self._films.repository.get(film_id) for film_id in film_ids]
        return [film for film in films if film is not None]

    async def _strip(self, film: Film) -> None:
        """Delete everything about a film except what identifies it, so that reviews of it stay readable."""
        identity = Film(film.id, film.title, film.original_title, film.year, ids=film.ids, source=film.source)
        await self._films.repository.save_many([identity])

    async def close(self) -> None:
        """Cancel what is being refreshed."""
        await self._background.close()
        await self._fetching.close()


async def _find_source_id(source: MetadataSource, film: Film) -> str | None:
    """Return the film's id at the source by its IMDb id, else by title, year and director; None if it has none."""
    if (imdb_id := film.ids.get("imdb")) is not None:
        source_id = await source.find_by_id("imdb", imdb_id)
        if source_id is not None:
            return source_id
    if film.year is None or not film.directors:
        return None
    for candidate in (await source.search_films(film.title, film.year))[:CANDIDATES_COMPARED]:
        if candidate.year == film.year and is_same_film(film, (await source.fetch_film(candidate.source_id)).film):
            return candidate.source_id
    return None


def _log_failure(task: asyncio.Task[CachedMetadata | None]) -> None:
    """Log why metadata fetched in the background could not be stored: nobody may be waiting for it."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("metadata could not be refreshed", exc_info=error)
