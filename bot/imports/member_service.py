"""Members' imports: reads a file, shows what it would bring, takes it in the background, and undoes it.

Reading and matching run in slices of a few milliseconds on the event loop rather than in a thread, which would
keep members' commands waiting for Python's lock. Between slices, and between batches that are stored, they give
way to what members wait for.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select

from bot.core.discord.error_handler import log_errors
from bot.core.tasks import BackgroundTasks, Foreground
from bot.films.local_titles import shown_title
from bot.films.metadata import SourceError
from bot.films.service import FilmService
from bot.imports.apply_repository import FILMS_PER_BATCH, ApplyRepository
from bot.imports.film_matcher import FilmMatcher
from bot.imports.formats.reader import read_history
from bot.imports.history import UTC_ZONE, FilmHistory, History, Service
from bot.imports.matching import CANDIDATES_LIMIT
from bot.imports.member_repository import MemberImportRepository
from bot.imports.models import (
    DEFAULT_COUNTING,
    IMPORTS_PER_DAY,
    PREVIEW_LIFETIME,
    UNDO_PERIOD,
    FilmState,
    Import,
    ImportCounting,
    ImportGoneError,
    ImportRunningError,
    ImportState,
    NothingToRepairError,
    Preview,
    Progress,
    StagedFilm,
    TooManyImportsError,
)
from bot.imports.plan import Choices, Conflict, plan_film, without_own_entries
from bot.imports.source_search import SourceSearch
from bot.members.repository import ServerSettingsRepository
from bot.moderation.models import BlockedError

log = logging.getLogger(__name__)
SHOWN_FILMS = 5
"""Doubtful and unknown films that a preview names."""
HISTORY_LIMIT = 10
FILMS_LIMIT = 100_000
"""More films than an import can have."""
UNDECIDED = (FilmState.DOUBTFUL, FilmState.UNKNOWN)
SEARCHES_PER_IMPORT, SEARCH_BATCH = 1_000, 20
"""Films of one import that the metadata source is asked about, and how many before those found are taken."""
SEARCH_PAUSE = 0.25
"""Seconds between two films that the source is asked about: members' own look-ups come first."""
SEARCH_RETRIES, SEARCH_RETRY_DELAY = 5, 60.0
"""How often the source is asked again after it could not answer, and seconds before the first time, then doubled.
After that the next start, or the nightly job, goes on."""
CONCURRENT_IMPORTS = 2
"""Imports that are read or taken at the same time; others wait for their turn."""


class MemberImportService:
    """Everything members do with imports. `now` returns the current time."""

    def __init__(
        self,
        repository: MemberImportRepository,
        apply: ApplyRepository,
        films: FilmService,
        server_settings: ServerSettingsRepository,
        source_search: SourceSearch,
        foreground: Foreground,
        now: Callable[[], datetime],
    ) -> None:
        self.repository = repository
        self._foreground = foreground
        self._matcher = FilmMatcher(repository, films, foreground)
        self._source_search = source_search
        self._apply = apply
        self._films = films
        self._server_settings = server_settings
        self._now = now
        self._background = BackgroundTasks()
        self._running: dict[int, asyncio.Task[None]] = {}
        self._searching: dict[int, asyncio.Task[None]] = {}
        self._guessing: dict[int, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(CONCURRENT_IMPORTS)
        self._search_turn = asyncio.Semaphore(1)

    async def close(self) -> None:
        """Stop what is under way; it goes on with the next start."""
        await self._background.close()

    async def prepare(self, server_id: int, member_id: int, content: bytes, name: str) -> Preview:
        """Read a file, find its films in the catalogue, and return what taking it would do.

        Raises UnreadableFileError, TooManyImportsError, ImportRunningError.
        """
        now = self._now()
        day = timedelta(days=1)  # what is later than in a day was read before the clock was set back
        if await self.repository.count_between(member_id, now - day, now + day) >= IMPORTS_PER_DAY:
            raise TooManyImportsError
        if any(each.state is ImportState.RUNNING for each in await self.list_imports(server_id, member_id)):
            raise ImportRunningError
        async with self._turns:
            time_zone = (await self._server_settings.get(server_id)).time_zone
            zone = ZoneInfo(time_zone) if time_zone is not None else UTC_ZONE
            with self._foreground.left():
                history = await self._foreground.run_in_slices(read_history(content, name, zone))
                import_ = await self._stage(server_id, member_id, history)
        if await self.repository.list_unsearched(import_.id, 1):
            self._launch_guesses(import_)
        return await self.get_preview(import_.id, member_id)

    async def _stage(self, server_id: int, member_id: int, history: History) -> Import:
        """Store a history as an import that waits to be taken. Raises ImportGoneError."""
        import_id = await self.repository.add(
            server_id, member_id, history.service, len(history.films), self._now()
        )
        staged, histories = await self._matcher.match(history.films)
        result = Counter({"listed": sum(film.is_listed for film in history.films)})
        for start in range(0, len(staged), FILMS_PER_BATCH):
            begun, batch = time.perf_counter(), slice(start, start + FILMS_PER_BATCH)
            await self.repository.add_films(import_id, member_id, staged[batch], histories[batch])
            result += await self._compare(server_id, member_id, staged[batch], histories[batch])
            await self._foreground.give_way(time.perf_counter() - begun)
        result.update({f"problem.{problem}": count for problem, count in history.problems.items()})
        import_ = await self.require(import_id, member_id)
        await self.repository.set_result(import_, ImportState.READY, result, self._now())
        return import_

    async def take_history(
        self, server_id: int, member_id: int, history: History
    ) -> tuple[Import, Counter[FilmState]]:
        """Take a member's history over at once, for an operator; return the import and its films' states.

        Raises BlockedError, ImportGoneError.
        """
        await self._apply.require_unblocked(server_id, member_id, self._now())
        import_ = await self._stage(server_id, member_id, history)
        await self.repository.set_result(
            import_, ImportState.RUNNING, Counter(), self._now(), only_from=(ImportState.READY,)
        )
        await self._take(import_)
        return await self.require(import_.id, member_id), await self.repository.count_films(import_.id)

    async def find_films(self, content: bytes, name: str) -> tuple[list[str], list[str]]:
        """Return the ids of a file's films that are surely known, in their order, and the titles of all others.

        Nothing is stored. Raises UnreadableFileError.
        """
        async with self._turns:
            with self._foreground.left():
                history = await self._foreground.run_in_slices(read_history(content, name))
                staged, _histories = await self._matcher.match(history.films)
        known = [each.film_id for each in staged if each.state is FilmState.SURE and each.film_id is not None]
        return known, [each.film.title for each in staged if each.state is not FilmState.SURE]

    async def take_entries(
        self, server_id: int, member_id: int, entries: Sequence[FilmHistory], *, required: Select[Any]
    ) -> list[str | None]:
        """Take over what a member's feed brought, without what they entered here; return the films' ids.

        All entries of a month are one import in the member's history. Raises BlockedError, and ImportGoneError if
        `required` selects nothing any more.
        """
        now = self._now()
        await self._apply.require_unblocked(server_id, member_id, now)
        matches = await self._matcher.find_matches(entries)
        film_ids = [match.film_id for match in matches]
        stored = await self.repository.read_stored(server_id, member_id, list(filter(None, film_ids)))
        taken = [
            history if match.film_id is None else without_own_entries(history, stored[match.film_id])
            for match, history in zip(matches, entries, strict=True)
        ]
        kept = [(match, history) for match, history in zip(matches, taken, strict=True) if not history.is_empty]
        if not kept:
            return film_ids
        staged, histories = await self._matcher.merge(
            [history for _, history in kept], [match for match, _ in kept]
        )
        import_ = await self.repository.find_feed_import(server_id, member_id, now - UNDO_PERIOD)
        if import_ is None:
            choices, state = Choices(conflict=Conflict.TAKE), ImportState.DONE
            import_id = await self.repository.add(
                server_id,
                member_id,
                Service.LETTERBOXD_FEED,
                0,
                now,
                state=state,
                choices=choices,
                required=required,
            )
            import_ = await self.require(import_id, member_id)
        first = await self.repository.get_last_number(import_.id) + 1
        staged = [replace(each, number=first + each.number) for each in staged]
        await self.repository.add_films(import_.id, member_id, staged, histories)
        await self._take_films(import_, (ImportState.DONE,))
        self._launch_search(import_)
        return film_ids

    async def _compare(
        self, server_id: int, member_id: int, staged: Sequence[StagedFilm], histories: Sequence[FilmHistory]
    ) -> Counter[str]:
        """Return how much of these films is new here, and how much is here already."""
        ids = [each.film_id for each in staged if each.film_id is not None]
        stored = await self.repository.read_stored(server_id, member_id, ids) if ids else {}
        counts: Counter[str] = Counter()
        everything = replace(Choices(), conflict=Conflict.TAKE)
        for each, history in zip(staged, histories, strict=True):
            if each.film_id is None:
                continue
            plan = plan_film(history, stored[each.film_id], everything)
            counts.update({f"new.{kind}": count for kind, count in plan.count().items()})
            counts.update({f"known.{kind}": count for kind, count in plan.known.items()})
            if plan.is_differing:
                counts["differing"] += 1
                counts["new.ratings"] -= 1
        return counts

    async def require(self, import_id: int, member_id: int) -> Import:
        """Return the member's import. Raises ImportGoneError."""
        import_ = await self.repository.get(import_id, member_id)
        if import_ is None:
            raise ImportGoneError
        return import_

    async def list_imports(self, server_id: int, member_id: int) -> list[Import]:
        """Return the member's imports in the server, the latest first."""
        return await self.repository.list_of_member(server_id, member_id, HISTORY_LIMIT)

    async def get_preview(self, import_id: int, member_id: int) -> Preview:
        """Return what taking a file that was read would do. Raises ImportGoneError."""
        import_ = await self.require(import_id, member_id)
        if import_.state is not ImportState.READY:
            raise ImportGoneError
        doubtful, unknown = [
            await self.repository.list_films(import_id, (state,), SHOWN_FILMS)
            for state in (FilmState.DOUBTFUL, FilmState.UNKNOWN)
        ]
        counts = await self.repository.count_films(import_id)
        return Preview(import_, counts, tuple(doubtful), tuple(unknown), import_id in self._guessing)

    async def choose(self, import_id: int, member_id: int, choices: Choices) -> Preview:
        """Store what the member wants of a file, and return the preview again. Raises ImportGoneError."""
        import_ = await self.require(import_id, member_id)
        if import_.state is not ImportState.READY:
            raise ImportGoneError
        await self.repository.set_choices(import_, choices)
        return await self.get_preview(import_id, member_id)

    async def start(self, import_id: int, member_id: int) -> Import:
        """Begin to take a file that was read. Raises ImportGoneError, ImportRunningError, BlockedError."""
        import_ = await self.require(import_id, member_id)
        others = await self.list_imports(import_.server_id, member_id)
        if any(each.state is ImportState.RUNNING for each in others):
            raise ImportRunningError
        await self._apply.require_unblocked(import_.server_id, member_id, self._now())
        if not await self.repository.set_result(
            import_, ImportState.RUNNING, Counter(), self._now(), only_from=(ImportState.READY,)
        ):
            raise ImportGoneError
        self._launch(import_)
        return import_

    async def discard(self, import_id: int, member_id: int) -> None:
        """Delete a file that was read and not taken. Raises ImportGoneError."""
        import_ = await self.require(import_id, member_id)
        if import_.state not in (ImportState.READY, ImportState.READING):
            raise ImportGoneError
        await self.repository.delete(import_)

    async def undo(self, import_id: int, member_id: int) -> Import:
        """Begin to take back what an import brought, also one that is under way. Raises ImportGoneError."""
        import_ = await self.require(import_id, member_id)
        is_running = import_.state is ImportState.RUNNING
        if not is_running and not import_.can_be_undone(self._now()):
            raise ImportGoneError
        states = (ImportState.RUNNING, ImportState.DONE)
        if not await self.repository.set_state(import_, ImportState.UNDOING, self._now(), only_from=states):
            raise ImportGoneError
        if (search := self._searching.get(import_id)) is not None:
            search.cancel()
        if tasks := [task for task in (search, self._running.get(import_id)) if task is not None]:
            await asyncio.wait(tasks)
        self._launch(import_)
        return import_

    async def get_progress(self, import_id: int, member_id: int) -> Progress:
        """Return how far an import is. Raises ImportGoneError."""
        import_ = await self.require(import_id, member_id)
        counts = await self.repository.count_films(import_id)
        done, waiting = counts[FilmState.APPLIED], counts[FilmState.SURE]
        return Progress(import_.state, done, done + waiting)

    async def wait(self, import_id: int, seconds: float) -> bool:
        """Wait at most so long for what is under way; return whether it is done."""
        task = self._running.get(import_id) or self._searching.get(import_id)
        if task is None:
            return True
        done, _ = await asyncio.wait([task], timeout=seconds)
        return bool(done) and import_id not in self._searching

    def is_searching(self, import_id: int) -> bool:
        """Return whether the metadata source is being asked about films of the import."""
        return import_id in self._searching

    async def count_left_to_search(self, import_id: int) -> int:
        """Return how many films the metadata source is yet to be asked about, 0 where nobody asks it now."""
        if import_id not in self._searching:
            return 0
        left = len(await self.repository.list_to_search(import_id, SEARCHES_PER_IMPORT))
        return min(left, SEARCHES_PER_IMPORT - await self.repository.count_searched(import_id))

    async def resume(self, is_served: Callable[[int], bool]) -> int:
        """Go on with what a restart interrupted in the servers that this process serves; return how many."""
        unfinished = [each for each in await self.repository.list_unfinished() if is_served(each.server_id)]
        for import_ in unfinished:
            self._launch(import_)
        await self.resume_searches(is_served)
        return len(unfinished)

    async def resume_searches(self, is_served: Callable[[int], bool]) -> None:
        """Ask the metadata source about films that it was not asked about yet, or could not answer for."""
        if self._source_search.is_enabled:
            for import_ in await self.repository.list_searchable():
                if is_served(import_.server_id):
                    self._launch_search(import_)

    async def find_repairable(self, server_id: int, member_id: int) -> int:
        """Return the id of the member's latest import with films to decide about. Raises NothingToRepairError."""
        for import_ in await self.list_imports(server_id, member_id):
            if import_.state is ImportState.DONE:
                counts = await self.repository.count_films(import_.id)
                if counts[FilmState.DOUBTFUL] or counts[FilmState.UNKNOWN]:
                    return import_.id
        raise NothingToRepairError

    async def get_undecided(self, import_: Import, after: int) -> tuple[StagedFilm, FilmHistory, int] | None:
        """Return the next film to decide about, what the file says of it, and how many there are to go.

        Those like it in the catalogue are searched now, if they were not before.
        """
        if import_.state is not ImportState.DONE:
            raise ImportGoneError
        found = await self.repository.list_histories(import_.id, UNDECIDED, 1, after)
        if not found:
            return None
        ((staged, history),) = found
        counts = await self.repository.count_films(import_.id)
        if not staged.candidates:
            match = self._matcher.find_similar(staged)
            staged = replace(staged, candidates=match.candidates)
            if match.candidates:
                state = FilmState.DOUBTFUL
                await self.repository.set_film(import_, staged.number, state, candidates=match.candidates)
        return staged, history, sum(counts[state] for state in UNDECIDED)

    def get_title(self, film_id: str) -> str | None:
        """Return title, year and director of a film of the catalogue, or None."""
        entry = self._films.index.get(film_id)
        if entry is None:
            return None
        return " · ".join(filter(None, (shown_title(entry), *entry.directors[:1])))

    async def resolve(self, import_id: int, member_id: int, number: int, index: int) -> None:
        """Take a film over as the candidate of that index. Raises ImportGoneError, BlockedError."""
        import_ = await self.require(import_id, member_id)
        staged = await self.repository.get_film(import_id, number)
        if import_.state is not ImportState.DONE or staged is None or index >= len(staged.candidates):
            raise ImportGoneError
        film_id = staged.candidates[index]
        if await self.repository.set_film(import_, number, FilmState.SURE, film_id):
            await self._take_films(import_, (ImportState.DONE,))

    async def set_candidates(self, import_id: int, member_id: int, number: int, text: str) -> bool:
        """Let the films that a text may mean be those that a film may be; return whether there are any.

        Raises ImportGoneError.
        """
        import_ = await self.require(import_id, member_id)
        lookup = await self._films.lookup(text)
        found = [lookup.film.id] if lookup.film is not None else []
        found += [match.film_id for match in lookup.others]
        candidates = [film_id for film_id in dict.fromkeys(found) if self._films.index.get(film_id)]
        if not candidates:
            return False
        candidates = candidates[:CANDIDATES_LIMIT]
        return await self.repository.set_film(import_, number, FilmState.DOUBTFUL, candidates=candidates)

    async def skip(self, import_id: int, member_id: int, number: int) -> None:
        """Ask about a film no more. Raises ImportGoneError."""
        import_ = await self.require(import_id, member_id)
        await self.repository.set_film(import_, number, FilmState.SKIPPED)

    async def list_leftovers(self, import_: Import) -> list[FilmHistory]:
        """Return the films that were not taken, with what the file says about each."""
        states = (*UNDECIDED, FilmState.SKIPPED)
        return [history for _, history in await self.repository.list_histories(import_.id, states, FILMS_LIMIT)]

    def start_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Start work that nobody waits for; it ends when the service closes."""

        async def run() -> None:
            with log_errors("an import's background work"):
                await work

        self._background.start(run(), name="import")

    def _launch(self, import_: Import) -> None:
        if import_.id not in self._running:
            task = self._background.start(self._work(import_), name=f"import {import_.id}")
            self._running[import_.id] = task
            task.add_done_callback(lambda _: self._running.pop(import_.id, None))

    def _launch_guesses(self, import_: Import) -> None:
        task = self._background.start(self._find_guesses(import_), name=f"guesses of import {import_.id}")
        self._guessing[import_.id] = task
        task.add_done_callback(lambda _: self._guessing.pop(import_.id, None))

    async def _find_guesses(self, import_: Import) -> None:
        with log_errors(f"looking for films like those of import {import_.id}"):
            await self._matcher.find_guesses(import_)

    async def wait_for_guesses(self, import_id: int) -> bool:
        """Wait until films like all those that weren't found are known; return whether there were any left."""
        task = self._guessing.get(import_id)
        if task is None:
            return False
        await asyncio.wait([task])
        return True

    def _launch_search(self, import_: Import) -> None:
        if import_.id not in self._searching and self._source_search.is_enabled:
            task = self._background.start(self._search(import_), name=f"search for films of import {import_.id}")
            self._searching[import_.id] = task
            task.add_done_callback(lambda _: self._searching.pop(import_.id, None))

    async def _search(self, import_: Import) -> None:
        """Ask the metadata source about films that the catalogue lacks, one import after the other.

        A batch that was found is taken before the next one is asked about.
        """
        with log_errors(f"looking for films of import {import_.id}"):
            async with self._search_turn:
                delay = SEARCH_RETRY_DELAY
                for _ in range(SEARCH_RETRIES):
                    try:
                        await self._search_films(import_)
                    except SourceError as error:
                        log.info("import %d waits for the metadata source: %s", import_.id, error)
                        await asyncio.sleep(delay)
                        delay *= 2
                    else:
                        return

    async def _search_films(self, import_: Import) -> None:
        """Ask about the films that were not asked about yet. Raises SourceError."""
        while batch := await self.repository.list_to_search(import_.id, SEARCH_BATCH):
            if await self.repository.count_searched(import_.id) >= SEARCHES_PER_IMPORT:
                return
            try:
                for staged in batch:
                    film_id = await self._source_search.find(staged.film)
                    await self.repository.set_searched(import_, staged.number, film_id, self._now())
                    await asyncio.sleep(SEARCH_PAUSE)
            finally:
                is_wanted = await self._take_films(import_, (ImportState.DONE,))
            if not is_wanted:
                return

    async def _work(self, import_: Import) -> None:
        """Take the import, or take it back, as its state says."""
        with log_errors(f"import {import_.id}"):
            async with self._turns:
                current = await self.repository.get(import_.id, import_.member_id)
                if current is not None and current.state is ImportState.UNDOING:
                    has_more = True
                    while has_more:
                        begun = time.perf_counter()
                        has_more = await self._apply.undo(current, self._now())
                        await self._foreground.give_way(time.perf_counter() - begun)
                elif current is not None:
                    await self._take(current)

    async def _take(self, import_: Import) -> None:
        """Take the import to its end, unless it is stopped."""
        try:
            if not await self._take_films(import_, (ImportState.RUNNING,)):
                return
        except BlockedError:
            log.info("import %d ends early: its member was blocked", import_.id)
        if await self.repository.set_state(
            import_, ImportState.DONE, self._now(), only_from=(ImportState.RUNNING,)
        ):
            self._launch_search(import_)

    async def _take_films(self, import_: Import, states: Collection[ImportState]) -> bool:
        """Take the sure films, batch by batch; return False if the import leaves these states meanwhile."""
        counting = await self.get_counting(import_.server_id)
        begun = time.perf_counter()
        while batch := await self.repository.list_histories(import_.id, (FilmState.SURE,), FILMS_PER_BATCH):
            if not await self._apply.apply(import_, batch, counting, self._now(), states=states):
                return False
            await self._foreground.give_way(time.perf_counter() - begun)
            begun = time.perf_counter()
        return True

    async def get_counting(self, server_id: int) -> ImportCounting:
        """Return which imported ratings count in the server."""
        stored = (await self._server_settings.get(server_id)).import_counting
        return ImportCounting(stored) if stored is not None else DEFAULT_COUNTING

    async def recount(self, server_id: int) -> ImportCounting:
        """Count the server's imported ratings by its rule, which was changed, and return the rule."""
        counting = await self.get_counting(server_id)
        await self._apply.recount(server_id, counting)
        return counting

    async def recount_film(self, server_id: int, film_id: str) -> None:
        """Count imported ratings of a film that was rated, or no longer is, in the server itself."""
        if await self._apply.has_imported_ratings(server_id, film_id):
            await self._apply.recount(server_id, await self.get_counting(server_id), film_id)

    async def delete_expired(self) -> int:
        """Delete files that were read and never taken, and what undoing needs once its time is over."""
        now = self._now()
        return await self.repository.delete_expired(
            previews_before=now - PREVIEW_LIFETIME, undo_before=now - UNDO_PERIOD
        )
