"""Every server's model, at hand and fitted anew in the background when what it learns from has changed."""

import asyncio
import logging
import traceback
from collections import Counter, OrderedDict
from dataclasses import dataclass
from functools import partial

from bot.recommendations.content import Content, content_of
from bot.recommendations.model import Model
from bot.recommendations.rating_history import Changes, FactSource, Lesson, TasteStore
from bot.recommendations.rating_sets import RatingsSet, crowd_with_sets
from bot.recommendations.reasons import home_of

log = logging.getLogger(__name__)
PATIENCE = 0.25
"""Seconds that a question waits for a newer model; a large one is asked as it was until then."""
MOST_MODELS = 64
"""Models kept at hand, those asked last."""
LARGE = 1_000_000
"""Ratings in sets from outside from which on servers no longer have models of their own."""
EVERYBODY = 0
"""Stands where a server's id would, for the model that all share."""
STALE: Changes = ("stale",)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What all servers' models stand on: the films, and ratings sets that the operator imported."""

    content: Content
    sets: tuple[RatingsSet, ...]


@dataclass(slots=True)
class _Kept:
    """A server's model, what it was fitted on, the fit under way, and whether the last one failed."""

    model: Model | None = None
    changes: Changes = STALE
    fitting: asyncio.Task[Model] | None = None
    failing: bool = False


class Models:
    """Gives the model of each server. Fits run in a thread; a failed one leaves the model of before in use."""

    def __init__(self, tastes: TasteStore, facts: FactSource) -> None:
        self._tastes = tastes
        self._facts = facts
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._ground: asyncio.Task[_Ground] | None = None
        self._stood_on: Changes | None = None

    async def of(self, server_id: int) -> Model:
        """Give the server's model; waits for a fit where there is none yet, and a moment for a newer one.

        Raises what loading or fitting raises where there is no model at all.
        """
        stands_on = await self._tastes.ground()
        if self._stood_on is not None and self._stood_on != stands_on:
            self.catalogue_changed()
        self._stood_on = stands_on
        try:
            outside = sum(len(each) for each in (await self._stand()).sets)
        except Exception as error:
            before = (self._kept[each] for each in (server_id, EVERYBODY) if each in self._kept)
            standing = next((kept for kept in before if kept.model is not None), None)
            if standing is None or standing.model is None:
                raise
            _note(standing, error)
            return standing.model
        # A large set from outside outweighs any server: all share its one model, with what is theirs folded in.
        alone = outside < LARGE
        kept = self._kept_for(server_id if alone else EVERYBODY)
        changes = await self._tastes.changes(server_id) if alone else ()
        if kept.model is not None and kept.changes == changes and kept.fitting is None:
            return kept.model
        if kept.fitting is None:
            kept.fitting = asyncio.create_task(self._fit(server_id if alone else EVERYBODY, kept))
            kept.fitting.add_done_callback(partial(_look_at, kept))
        fitting = kept.fitting
        if kept.model is None:
            return await asyncio.shield(fitting)
        await asyncio.wait([fitting], timeout=PATIENCE)
        return kept.model

    def _kept_for(self, server_id: int) -> _Kept:
        kept = self._kept.setdefault(server_id, _Kept())
        self._kept.move_to_end(server_id)
        while len(self._kept) > MOST_MODELS:
            self._kept.popitem(last=False)
        return kept

    def catalogue_changed(self) -> None:
        """Read films and ratings sets anew for the next fit of each server."""
        self._ground = None
        for kept in self._kept.values():
            kept.changes = STALE

    async def close(self) -> None:
        """Wait for fits under way, so that nothing outlives the program; their failure is nobody's any more."""
        tasks = [kept.fitting for kept in self._kept.values() if kept.fitting is not None]
        await asyncio.gather(*tasks, *([self._ground] if self._ground else []), return_exceptions=True)

    async def _fit(self, server_id: int, kept: _Kept) -> Model:
        try:
            changes: Changes = ()
            lesson = Lesson([], frozenset())
            if server_id != EVERYBODY:
                changes = await self._tastes.changes(server_id)
                lesson = await self._tastes.lesson(server_id)
            ground = await self._stand()
            kept.model = await asyncio.to_thread(_fitted, ground, lesson)
            kept.changes = changes
            return kept.model
        finally:
            kept.fitting = None

    async def _stand(self) -> _Ground:
        if self._ground is None:
            self._ground = asyncio.create_task(self._load())
        loading = self._ground
        try:
            return await asyncio.shield(loading)
        except BaseException:
            if self._ground is loading:
                self._ground = None
            raise

    async def _load(self) -> _Ground:
        sets = tuple(await self._facts.sets())
        raters: Counter[str] = Counter()
        for each in sets:
            raters.update(each.raters())
        facts = await self._facts.facts(raters or None)
        return _Ground(await asyncio.to_thread(content_of, facts), sets)


def _fitted(ground: _Ground, lesson: Lesson) -> Model:
    crowd = crowd_with_sets(ground.sets, lesson.ratings, ground.content)
    return Model(ground.content, crowd, home_of(crowd, lesson.home))


def _look_at(kept: _Kept, task: asyncio.Task[Model]) -> None:
    """Note how a fit ended, which nobody may be waiting for."""
    if not task.cancelled():
        _note(kept, task.exception())


def _note(kept: _Kept, error: BaseException | None) -> None:
    """Log a failure once, however many questions try again; not its own text, which may hold what was learnt."""
    if error is not None and not kept.failing:
        log.error(
            "a recommender could not be fitted, questions are answered by the one of before: %s in\n%s",
            type(error).__name__,
            "".join(traceback.format_tb(error.__traceback__)),
        )
    elif error is None and kept.failing:
        log.info("the recommender could be fitted again")
    kept.failing = error is not None
