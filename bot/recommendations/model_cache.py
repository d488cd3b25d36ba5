"""Keeps each server's fitted model in memory, and fits it again in the background when its data has changed."""

import asyncio
import logging
import traceback
from collections import Counter
from dataclasses import dataclass
from functools import partial

from cachetools import LRUCache

from bot.core.discord.error_handler import log_errors
from bot.recommendations.adaptation import adapt_weights, is_adaptation_due
from bot.recommendations.crowd import build_crowd
from bot.recommendations.facts import Content, build_content
from bot.recommendations.models import DataVersion, RatingSet, TrainingData
from bot.recommendations.ranking_model import RankingModel
from bot.recommendations.reasons import compute_server_means
from bot.recommendations.repository import RecommendationRepository
from bot.recommendations.weights import SignalWeights, shipped_weights

log = logging.getLogger(__name__)
REFIT_WAIT = 0.25
"""Seconds that a request waits for a newer model before the previous one serves it."""
MAX_MODELS = 64
"""Models kept, those used last."""
LARGE_RATING_SETS = 1_000_000
"""Ratings in imported sets from which on all servers share one model."""
SHARED_MODEL = 0
"""The key of the shared model in place of a server's id."""


@dataclass(frozen=True, slots=True)
class _SharedData:
    """What all servers' models are fitted on: the films, and the rating sets that the operator imported."""

    content: Content
    rating_sets: tuple[RatingSet, ...]


@dataclass(slots=True)
class _Entry:
    """A model, the version of the data that it was fitted on, the fit in progress, whether the last fit failed."""

    model: RankingModel | None = None
    version: DataVersion | None = None
    fit: asyncio.Task[RankingModel] | None = None
    is_failing: bool = False


class ModelCache:
    """The models of all servers. Fits run in a thread; after one that fails the previous model stays in use."""

    def __init__(self, repository: RecommendationRepository, *, adapts_weights: bool = True) -> None:
        self._repository = repository
        self._adapts_weights = adapts_weights
        self._adaptations: dict[int, asyncio.Task[None]] = {}
        self._adapting = asyncio.Lock()
        self._entries: LRUCache[int, _Entry] = LRUCache(MAX_MODELS)
        self._shared_data: asyncio.Task[_SharedData] | None = None
        self._shared_version: DataVersion | None = None
        self._reloads = 0

    async def get(self, server_id: int) -> RankingModel:
        """Return the server's model; wait for the first fit, and for at most REFIT_WAIT seconds for a newer one.

        Raises whatever loading or fitting raises where there is no previous model.
        """
        shared_version = await self._repository.get_shared_data_version()
        if self._shared_version is not None and self._shared_version != shared_version:
            self.reload_shared_data()
        self._shared_version = shared_version
        try:
            shared_data = await self._load_shared_data()
        except Exception as error:
            for key in (server_id, SHARED_MODEL):
                previous = self._entries.get(key)
                if previous is not None and previous.model is not None:
                    _log_outcome(previous, error)
                    return previous.model
            raise
        # Large rating sets outweigh any server: all share their one model, and ratings are folded in.
        key = server_id if sum(map(len, shared_data.rating_sets)) < LARGE_RATING_SETS else SHARED_MODEL
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = _Entry()
        version = await self._get_version(key)
        if entry.model is not None and entry.version == version and entry.fit is None:
            return entry.model
        if entry.fit is None:
            entry.fit = asyncio.create_task(self._fit(key, entry))
            entry.fit.add_done_callback(partial(_log_fit, entry))
        fit = entry.fit
        if entry.model is None:
            return await asyncio.shield(fit)
        await asyncio.wait([fit], timeout=REFIT_WAIT)
        return entry.model

    def reload_shared_data(self) -> None:
        """Read films and rating sets again before the next request, and then fit every model again."""
        self._shared_data = None
        self._reloads += 1

    async def close(self) -> None:
        """Wait for fits in progress, so that nothing outlives the program; their failures no longer matter."""
        fits = [entry.fit for entry in self._entries.values() if entry.fit is not None]
        shared = [self._shared_data] if self._shared_data else []
        await asyncio.gather(*fits, *shared, *self._adaptations.values(), return_exceptions=True)

    async def _get_version(self, key: int) -> DataVersion:
        """Return the version of all that the model is fitted on."""
        own = () if key == SHARED_MODEL else await self._repository.get_training_data_version(key)
        return (self._reloads, *own)

    async def _fit(self, key: int, entry: _Entry) -> RankingModel:
        try:
            version = await self._get_version(key)
            training_data = TrainingData([], frozenset())
            if key != SHARED_MODEL:
                training_data = await self._repository.get_training_data(key)
            shared_data = await self._load_shared_data()
            adaptation = await self._repository.get_adaptation(key) if self._adapts_weights else None
            weights = adaptation.weights if adaptation is not None and adaptation.is_kept else None
            model = await asyncio.to_thread(_fit_model, shared_data, training_data, weights)
            entry.model, entry.version = model, version
            if (
                self._adapts_weights
                and key not in self._adaptations
                and is_adaptation_due(model.crowd, adaptation)
            ):
                task = asyncio.create_task(self._adapt(key, entry, model))
                self._adaptations[key] = task
                task.add_done_callback(lambda _task: self._adaptations.pop(key, None))
            return model
        finally:
            entry.fit = None

    async def _adapt(self, key: int, entry: _Entry, model: RankingModel) -> None:
        """Learn the weights for the model's crowd in a thread, one model after another, and use them if kept."""
        with log_errors("adapting recommendations"):
            async with self._adapting:
                adaptation = await asyncio.to_thread(adapt_weights, model.content, model.crowd, shipped_weights())
            if adaptation is None:
                return
            await self._repository.save_adaptation(key, adaptation)
            log.info(
                "recommendations were adapted to %d members: %+.3f NDCG@10 (error %.3f) for members held out, %s",
                adaptation.member_count,
                adaptation.gain,
                adaptation.error,
                "kept" if adaptation.is_kept else "so the shipped weights stay",
            )
            if entry.model is model:
                entry.model = model.with_weights(adaptation.weights if adaptation.is_kept else shipped_weights())

    async def _load_shared_data(self) -> _SharedData:
        """Return the shared data, read once for all who wait for it."""
        if self._shared_data is None:
            self._shared_data = asyncio.create_task(self._read_shared_data())
        loading = self._shared_data
        try:
            return await asyncio.shield(loading)
        except BaseException:
            if self._shared_data is loading:
                self._shared_data = None
            raise

    async def _read_shared_data(self) -> _SharedData:
        rating_sets = tuple(await self._repository.list_rating_sets())
        rater_counts: Counter[str] = Counter()
        for rating_set in rating_sets:
            rater_counts.update(rating_set.count_raters())
        facts = await self._repository.list_film_facts(rater_counts or None)
        return _SharedData(await asyncio.to_thread(build_content, facts), rating_sets)


def _fit_model(
    shared_data: _SharedData, training_data: TrainingData, weights: SignalWeights | None
) -> RankingModel:
    crowd = build_crowd(training_data.ratings, shared_data.content, shared_data.rating_sets)
    means = compute_server_means(crowd, training_data.server_members)
    return RankingModel(shared_data.content, crowd, means, weights)


def _log_fit(entry: _Entry, task: asyncio.Task[RankingModel]) -> None:
    """Log how a fit ended that nobody may be waiting for."""
    if not task.cancelled():
        _log_outcome(entry, task.exception())


def _log_outcome(entry: _Entry, error: BaseException | None) -> None:
    """Log a failure once, however many requests try again; without the error's text, which may hold ratings."""
    if error is not None and not entry.is_failing:
        log.error(
            "a recommendation model could not be fitted, the previous one stays in use: %s in\n%s",
            type(error).__name__,
            "".join(traceback.format_tb(error.__traceback__)),
        )
    elif error is None and entry.is_failing:
        log.info("a recommendation model could be fitted again")
    entry.is_failing = error is not None
