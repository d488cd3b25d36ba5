"""The try page's turns: the simulated Discord does one thing at a time, and refuses what comes between."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import simcord
from simcord.backend.errors import SetupError


class Turns:
    """Lets what visitors do and what happens by itself wait for each other.

    A press that SimCord refuses because time is just moving on is never answered, and its page waits for that
    answer for ever.
    """

    def __init__(self, env: simcord.Env, page: simcord.Preview) -> None:
        self._env = env
        self._page = page
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._shown = len(env.http_requests)
        self._act: Callable[[str | None, Mapping[str, Any]], Awaitable[dict[str, Any]]] = page._action
        # SimCord has no hook for it: this is what its server calls for all that a visitor does.
        page._action = self._acted  # type: ignore[method-assign]

    async def _acted(self, context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
        self._waiting += 1
        try:
            async with self._turn:
                answer = await self._act(context_id, body)
                self._shown = len(self._env.http_requests)
                return answer
        finally:
            self._waiting -= 1

    async def take(self, work: Callable[[], Awaitable[object]]) -> None:
        """Do what happens by itself, and show visitors what the bot did then.

        While somebody waits to act it is not shown: their press would count for a page that is gone, and the
        answer to it shows everything anyhow.
        """
        async with self._turn:
            with contextlib.suppress(SetupError, TimeoutError):
                await work()
                if len(self._env.http_requests) > self._shown and not self._waiting:
                    await self._page.refresh()
                    self._shown = len(self._env.http_requests)
