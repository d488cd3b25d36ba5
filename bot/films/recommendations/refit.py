"""Keeps a fitted model at hand and fits a new one in the background, without a hiccup for who asks meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.films.recommendations.crowd import Rating
from bot.films.recommendations.facts import FilmFacts
from bot.films.recommendations.model import Model


@dataclass(frozen=True, slots=True)
class Learning:
    """What a model is fitted on; `home` are the members whose means may be told, None for all."""

    ratings: Iterable[Rating]
    films: Sequence[FilmFacts]
    home: frozenset[str] | None = None


class ModelKeeper:
    """Gives the model of the moment. `load` fetches what to learn from; `every` changes make a refit due."""

    def __init__(self, load: Callable[[], Awaitable[Learning]], every: int = 50) -> None:
        self._load = load
        self._every = every
        self._changes = 0
        self._model: Model | None = None
        self._fitting: asyncio.Task[Model] | None = None

    async def model(self) -> Model:
        """Give the fitted model, at once where there is one; the first call waits for the first fit."""
        return self._model if self._model is not None else await self.refit()

    async def refit(self) -> Model:
        """Fit anew in a thread and give the new model; calls during a fit join it.

        Raises what loading or fitting raises; the model of before stays in use then.
        """
        if self._fitting is None or self._fitting.done():
            self._fitting = asyncio.create_task(self._fit())
        return await asyncio.shield(self._fitting)

    def changed(self) -> None:
        """Count a rating that came, changed or went; once enough have, a refit begins in the background."""
        self._changes += 1
        busy = self._fitting is not None and not self._fitting.done()
        if self._changes >= self._every and self._model is not None and not busy:
            self._fitting = asyncio.create_task(self._fit())

    async def close(self) -> None:
        """Wait for a fit under way, so that nothing outlives the program; its failure is nobody's any more."""
        if self._fitting is not None:
            await asyncio.gather(self._fitting, return_exceptions=True)

    async def _fit(self) -> Model:
        counted = self._changes
        learning = await self._load()
        model = await asyncio.to_thread(Model.fit, learning.ratings, learning.films, learning.home)
        self._model, self._changes = model, self._changes - counted
        return model
