"""Learns the titles of the films most asked for from the metadata source, so that autocomplete has them."""

import asyncio
import json
import logging
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from bot.core.database.key_value import CATALOGUE_VERSION, KeyValueRepository
from bot.films.metadata import Candidate, MetadataSource, SourceError
from bot.films.models import Film
from bot.films.service import FilmService
from bot.films.title_index import TitleIndexManager

log = logging.getLogger(__name__)
PROGRESS, CLAIM = "popular titles", "popular titles claimed at"
"""The names under which the database keeps how far it is, and when a process went on with it last."""
CLAIM_MAX_AGE = timedelta(minutes=5)
"""After this the process that learns the titles has ended, and another one goes on."""
RENEWED_AFTER = timedelta(days=90)
"""The titles are read again after this: new films are among them, and titles get corrected."""
PAGES_BETWEEN_LOGS = 50
REQUEST_INTERVAL = 0.25
"""Seconds between requests: far below what the source allows, so that members' look-ups never wait for this."""


@dataclass(frozen=True, slots=True)
class TitleProgress:
    """How far the titles are learnt: `page` of `page_count` is done; `film_count` films were new.

    `finished_at` (UTC, ISO 8601) is when the last page was done, None before that.
    """

    page: int = 0
    page_count: int | None = None
    film_count: int = 0
    finished_at: str | None = None

    def is_due(self, now: datetime) -> bool:
        """Return whether there are titles to learn, or those known are to be read again."""
        return self.finished_at is None or abs(now - datetime.fromisoformat(self.finished_at)) > RENEWED_AFTER


class PopularTitleService:
    """Adds the source's films with most votes to the catalogue, with nothing but what identifies them.

    Everything else about such a film is fetched when somebody opens it. The work is kept page by page: it goes on
    after a restart where it stopped, in one process of several.
    """

    def __init__(
        self,
        source: MetadataSource | None,
        films: FilmService,
        titles: TitleIndexManager,
        values: KeyValueRepository,
    ) -> None:
        self._source = source
        self._films = films
        self._titles = titles
        self._values = values

    async def get_progress(self) -> TitleProgress:
        """Return how far the titles are learnt."""
        stored = await self._values.get(PROGRESS)
        return TitleProgress(**json.loads(stored)) if stored is not None else TitleProgress()

    async def learn(self, now: datetime) -> None:
        """Learn the titles, if they are due and no other process does so; where the source fails, stop for now."""
        progress = await self.get_progress()
        if self._source is None or not progress.is_due(now):
            return
        if not await self._values.claim_job(CLAIM, now, CLAIM_MAX_AGE):
            return
        if progress.finished_at is not None:
            progress = TitleProgress()
        try:
            await self._read_pages(self._source, progress, now)
        except SourceError as error:
            log.warning("learning film titles from %s stops for a while: %s", self._source.name, error)

    async def _read_pages(self, source: MetadataSource, progress: TitleProgress, now: datetime) -> None:
        started = asyncio.get_running_loop().time()
        while progress.page_count is None or progress.page < progress.page_count:
            page = await source.list_popular(progress.page + 1)
            new_films = await self._list_new(source.name, page.candidates)
            await self._films.add_many(new_films)
            is_last = progress.page + 1 >= page.page_count
            moment = now + timedelta(seconds=asyncio.get_running_loop().time() - started)
            progress = TitleProgress(
                progress.page + 1,
                page.page_count,
                progress.film_count + len(new_films),
                moment.isoformat() if is_last else None,
            )
            await self._values.set(PROGRESS, json.dumps(asdict(progress)))
            await self._values.set(CLAIM, moment.isoformat())
            if progress.page % PAGES_BETWEEN_LOGS == 0 or is_last:
                log.info(
                    "film titles learnt from %s: page %d of %d, %d films are new",
                    source.name,
                    progress.page,
                    progress.page_count,
                    progress.film_count,
                )
            if not is_last:
                await asyncio.sleep(REQUEST_INTERVAL)
        if progress.film_count:
            # One index of all of them is quicker to search than one that grew film by film.
            await self._values.set(CATALOGUE_VERSION, uuid.uuid4().hex)
            await self._titles.refresh()

    async def _list_new(self, source: str, candidates: Iterable[Candidate]) -> list[Film]:
        """Return those of the candidates that the catalogue has not, as films to be added."""
        by_id = {candidate.source_id: candidate for candidate in candidates}
        known = await self._films.repository.find_film_ids(source, list(by_id))
        return [
            Film(
                id="",
                title=candidate.title,
                original_title=candidate.original_title,
                year=candidate.year,
                languages=(candidate.language,) if candidate.language else (),
                ids={source: source_id},
                fame=candidate.fame,
                source=source,
            )
            for source_id, candidate in by_id.items()
            if source_id not in known and not self._is_known(candidate)
        ]

    def _is_known(self, candidate: Candidate) -> bool:
        """Return whether a film of the catalogue has a title and the year, give or take one, of the candidate.

        Its director, which would tell for certain, is not on the page. A film that is left out here by mistake is
        still found by a search at the source.
        """
        entries = (
            entry
            for title in {candidate.title, candidate.original_title}
            for entry in self._films.index.find_by_title(title)
        )
        return any(
            entry.year is None or candidate.year is None or abs(entry.year - candidate.year) <= 1
            for entry in entries
        )
