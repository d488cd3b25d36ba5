"""Films as a source online knows them: kept with an age, shown at once, refreshed behind."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from collections.abc import Collection as AnyCollection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from bot.core.tasks import BackgroundTasks, SingleFlight
from bot.films.ingestion import Adoption
from bot.films.metadata import Candidate, Collection, Fetched, Known
from bot.films.metadata_source import CachePolicy, DetailsSource, SourceError, SourceGoneError
from bot.films.models import Film
from bot.search.engine import TitleIndex

log = logging.getLogger(__name__)
Now = Callable[[], datetime]
RENEWED_AT_ONCE = 500
"""Films that came from the source and are fetched anew in one night, before they would have to go."""


class DetailsStore(Protocol):
    """Where what was fetched is kept."""

    async def get(self, film_id: str) -> Known | None:
        """Give what is kept of the film, or None."""
        ...

    async def put(self, film_id: str, known: Known) -> None:
        """Keep the details and offers; ids of the source go with the film."""
        ...

    async def fresh(self, film_ids: AnyCollection[str], details: datetime, streaming: datetime) -> set[str]:
        """Give those of the films whose details and offers were fetched at these times or later.

        A film that the source does not know has no offers to be fetched.
        """
        ...

    async def collection(self, collection_id: str) -> tuple[Collection, datetime] | None:
        """Give the collection and when it was fetched, or None."""
        ...

    async def put_collection(self, collection: Collection, at: datetime) -> None:
        """Keep the collection."""
        ...

    async def film_with(self, source: str, value: str) -> str | None:
        """Give the film of ours with that id at the source, or None."""
        ...

    async def delete_before(self, moment: datetime) -> int:
        """Delete everything fetched earlier; give how many films that were."""
        ...


class MetadataService:
    """Answers from what is kept, and asks the source where that is missing or old.

    Without a source nothing is known and nobody waits. Nothing here raises because the source can't answer.
    """

    def __init__(
        self,
        source: DetailsSource | None,
        store: DetailsStore,
        adoption: Adoption,
        cache_policy: CachePolicy,
        now: Now,
    ) -> None:
        self.source = source
        self._cache_policy = cache_policy
        self._store = store
        self._adoption = adoption
        self._now = now
        self._fetching: SingleFlight[str, Known | None] = SingleFlight()
        self._background = BackgroundTasks()

    @property
    def enabled(self) -> bool:
        """Whether there is a source to ask."""
        return self.source is not None

    def now(self) -> datetime:
        """Give the present moment."""
        return self._now()

    def stale_since(self, known: Known) -> datetime | None:
        """Return when the offers were fetched where they are stale by now, else None."""
        return known.offers_fetched_at if self._is_streaming_stale(known) else None

    async def look(self, film: Film) -> Known | None:
        """Give what is kept of the film, at once; what is stale is refreshed behind."""
        if self.source is None:
            return None
        known = await self._store.get(film.id)
        if known is not None and self._stale(known):
            self._ask_behind(film)
        return known

    async def look_ahead(self, film_ids: Sequence[str], most: int, patience: float) -> bool:
        """Ask behind for the first `most` of the films whose offers are stale or missing.

        Waits `patience` seconds for the answers at most. Tells whether the offers of all of them are known now.
        """
        if self.source is None:
            return True
        now = self._now()
        fresh = await self._store.fresh(
            film_ids, now - self._cache_policy.details_max_age, now - self._cache_policy.streaming_max_age
        )
        missing = [film_id for film_id in film_ids if film_id not in fresh]
        films = [await self._adoption.get(film_id) for film_id in missing[:most]]
        tasks = [self._ask_behind(film) for film in films if film is not None]
        pending = (await asyncio.wait(tasks, timeout=patience))[1] if tasks else ()
        return not pending and len(missing) <= most

    def _ask_behind(self, film: Film) -> asyncio.Task[Known | None]:
        task = self._background.start(self.fetch(film), name="refresh metadata")
        task.add_done_callback(_log_failure)
        return task

    async def fetch(self, film: Film, max_age: timedelta | None = None) -> Known | None:
        """Give what the source knows of the film, asked anew where what is kept is stale or missing.

        Offers older than `max_age` are stale; None stands for the cache policy's age.
        """
        if self.source is None:
            return None
        source = self.source
        return await self._fetching.run(film.id, lambda: self._refreshed(source, film, max_age))

    def _stale(self, known: Known, max_age: timedelta | None = None) -> bool:
        return self._are_details_stale(known.fetched_at) or (
            known.details is not None and self._is_streaming_stale(known, max_age)
        )

    def _are_details_stale(self, fetched_at: datetime) -> bool:
        return self._now() - fetched_at > self._cache_policy.details_max_age

    def _is_streaming_stale(self, known: Known, max_age: timedelta | None = None) -> bool:
        max_age = self._cache_policy.streaming_max_age if max_age is None else max_age
        return known.offers_fetched_at is None or self._now() - known.offers_fetched_at >= max_age

    async def _refreshed(self, source: DetailsSource, film: Film, max_age: timedelta | None) -> Known | None:
        known = await self._store.get(film.id)
        if known is not None and not self._stale(known, max_age):
            return await self._with_collection(source, film.id, known)
        try:
            if known is not None and known.details is not None and not self._are_details_stale(known.fetched_at):
                streaming = await source.fetch_streaming(known.details.source_id)
                fresh = replace(known, streaming=streaming, offers_fetched_at=self._now())
            else:
                fresh = await self._details(source, film, known)
        except SourceError as error:
            log.warning("%s: kept as it was known: %s", film.id, error)
            return known
        await self._store.put(film.id, fresh)
        return await self._with_collection(source, film.id, fresh)

    async def _details(self, source: DetailsSource, film: Film, known: Known | None) -> Known:
        """Ask for everything; a film that the source merged is found anew by its IMDb id."""
        kept_id = known.details.source_id if known is not None and known.details is not None else None
        source_id = kept_id or film.ids.get(source.name)
        fetched: Fetched | None = None
        if source_id is not None:
            try:
                fetched = await source.fetch_film(source_id)
            except SourceGoneError:
                log.warning("%s: %s no longer has it as %s", film.id, source.name, source_id)
        if fetched is None:
            fetched = await self._found_anew(source, film, source_id)
        now = self._now()
        adopted = film.source == source.name
        if fetched is None:
            if adopted:
                await self._adoption.bare(film)
            return Known(None, now)
        if adopted:
            await self._adoption.refresh(film, fetched.film)
        return Known(fetched.details, now, fetched.streaming, now)

    async def _found_anew(self, source: DetailsSource, film: Film, lost: str | None) -> Fetched | None:
        """Look the film up by its IMDb id, or title, year and director; None where the source has it no more."""
        try:
            other = await self._adoption.found_by(source, film)
            return await source.fetch_film(other) if other is not None and other != lost else None
        except SourceGoneError:
            return None

    async def _with_collection(self, source: DetailsSource, film_id: str, known: Known) -> Known:
        """Give it with its collection's films, asked for once a week for all of them."""
        named = known.details.collection if known.details is not None else None
        if named is None:
            return known
        kept = await self._store.collection(named.source_id)
        if kept is not None and not self._are_details_stale(kept[1]):
            return replace(known, collection=kept[0])
        try:
            collection = await source.fetch_collection(named.source_id)
        except SourceError as error:
            log.warning("%s: its collection is not known: %s", film_id, error)
            return replace(known, collection=kept[0] if kept else None)
        await self._store.put_collection(collection, self._now())
        return replace(known, collection=collection)

    async def search(self, text: str, year: int | None, index: TitleIndex) -> list[Candidate]:
        """Give what the source finds for `text`, or for it with its words corrected by what `index` knows."""
        if self.source is None:
            return []
        better = index.correct_spelling(text)
        try:
            found = await self.source.search_films(text, year)
            if not found and better != text:
                found = await self.source.search_films(better, year)
        except SourceError as error:
            log.warning("a search went unanswered: %s", error)
            return []
        return found

    async def adopt(self, source_id: str) -> Film | None:
        """Give the film that the source knows by that id as one of ours, added where it is new.

        None where the source can't answer.
        """
        source = self.source
        if source is None:
            return None
        if (ours := await self._store.film_with(source.name, source_id)) is not None:
            return await self._adoption.get(ours)
        try:
            fetched = await source.fetch_film(source_id)
        except SourceError as error:
            log.warning("%s %s can't be added: %s", source.name, source_id, error)
            return None
        film = await self._adoption.adopt(fetched.film)
        now = self._now()
        await self._store.put(film.id, Known(fetched.details, now, fetched.streaming, now))
        return film

    async def tidy(self) -> int:
        """Delete what was fetched too long ago; give how many films that were."""
        now = self._now()
        for film in (await self._adoption.older_than(now - self._cache_policy.renew_after))[:RENEWED_AT_ONCE]:
            await self.fetch(film)
        before = now - self._cache_policy.delete_after
        for film in await self._adoption.older_than(before):
            await self._adoption.bare(film)
        return await self._store.delete_before(before)

    async def close(self) -> None:
        """End what is refreshed behind."""
        await self._background.close()
        await self._fetching.close()


def _log_failure(task: asyncio.Task[Known | None]) -> None:
    """Log why what was fetched in the background could not be stored: nobody may be waiting for it."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("what was asked for behind could not be kept", exc_info=error)
